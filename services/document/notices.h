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
#include "services/document/notice_import.h"
#include "services/document/notice_index.h"
#include "services/document/ports.h"

namespace gatehouse::document {

inline constexpr size_t kMaxNoticeNoteBytes = 1024;

// What is kept now. The images of its notices have no content.
struct NoticesHeld {
  NoticesHeld(std::vector<NoticePtr> notices, NoticeOrigins from, std::set<std::string> lost, int64_t number)
      : index(std::move(notices), lost.size()),
        origins(std::move(from)),
        unreadable(std::move(lost)),
        import_number(number) {}

  const NoticeIndex index;
  const NoticeOrigins origins;
  const std::set<std::string> unreadable;  // ids of kept notices that cannot be read, as far as they can
  const int64_t import_number;             // of the newest import; 0: none
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

  // Loads what the repository has that this process has not. Called at start and from time to time.
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

  const Deps deps_;
  std::mutex change_mutex_;  // one import or refresh at a time
  mutable std::mutex mutex_;
  NoticesHeldPtr held_;
};

}  // namespace gatehouse::document
