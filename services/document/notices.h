// The notices of the service: kept in the repository, and an immutable index of them that verification uses, switched
// by one pointer. A replica that shares the repository picks up by Refresh() what another one imported.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "services/document/last_asked.h"
#include "services/document/notice_import.h"
#include "services/document/notice_index.h"
#include "services/document/ports.h"

namespace gatehouse::document {

inline constexpr size_t kMaxNoticeNoteBytes = 1024;

// What is kept now. The images of its notices have no content.
struct NoticesHeld {
  NoticesHeld(std::vector<NoticePtr> notices, NoticeOrigins from, std::set<std::string> lost, int64_t number)
      : index(std::make_shared<const NoticeIndex>(std::move(notices), lost.size())),
        origins(std::move(from)),
        unreadable(std::move(lost)),
        import_number(number) {}

  std::shared_ptr<const NoticeIndex> index;  // never null
  NoticeOrigins origins;
  std::set<std::string> unreadable;  // ids of kept notices that cannot be read, as far as they can
  int64_t import_number;             // of the newest import; 0: none
  std::string lost;                  // why some that were kept may not be here; empty: all are
  std::string doubt;                 // why there may be others by now; empty: there were none a moment ago

  // Why there may be others; empty: these are all.
  const std::string& may_lack() const { return lost.empty() ? doubt : lost; }
};
using NoticesHeldPtr = std::shared_ptr<const NoticesHeld>;

// Thread-safe. Imports come one after another; verification goes on meanwhile.
class Notices {
 public:
  struct Deps {
    NoticeRepository& repository;
    base::Clock& clock;
    base::Random& random;
    std::vector<pki::CertificatePtr> issuers;  // whose notices are taken; empty: nobody's
  };
  explicit Notices(Deps deps);

  // Loads what the repository has that this process has not. Called at start and from time to time. Fewer notices than
  // the store says it holds stop nothing: what is there is used, nothing is cleared by it or built on it. While the
  // repository has not answered for kMaxUnasked, or has an import that could not be loaded, what is held has a doubt.
  // DEADLINE_EXCEEDED also when an import of this process takes longer than the thread has time.
  absl::Status Refresh();

  struct ImportOutcome {
    NoticeImport made;  // its number is 0 when no notice was good and nothing was kept
    std::vector<NoticeRefusal> refused;
  };
  // Takes a signed bundle: its good notices at once and together, in the place of those with their ids; a notice that
  // the bundle does not name stays. One person is enough: a notice can make an officer look, and nothing valid. Durable
  // on return. FAILED_PRECONDITION when nobody's notices are taken; else errors as ReadSignedNotices, CheckBundleNumber
  // and PlanNotices.
  absl::StatusOr<ImportOutcome> Import(const std::string& file_name, const std::string& bundle, const std::string& note,
                                       const std::string& imported_by, const Asked<ImportOutcome>& asked = {});

  // DATA_LOSS while a kept notice cannot be read. The others are used; a check in which none of them fits is open.
  absl::Status damage() const;
  // Never null.
  NoticesHeldPtr held() const;
  // With its images. NOT_FOUND.
  absl::StatusOr<KeptNotice> Load(const std::string& id) const;
  absl::StatusOr<std::vector<NoticeImport>> Imports() const { return deps_.repository.Imports(); }

 private:
  absl::Status RefreshLocked();
  // `newer`: that there is an import which was not loaded is known.
  absl::Status TakeNewer(bool& newer);
  void Believe();
  void Doubt(const absl::Status& why, bool newer);

  const Deps deps_;
  std::timed_mutex change_mutex_;  // one import or refresh at a time
  mutable std::mutex mutex_;
  NoticesHeldPtr held_;
  LastAsked last_asked_;
};

}  // namespace gatehouse::document
