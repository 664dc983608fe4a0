// An import of notices, and from a bundle to it: which notices of the bundle are new, and which replace one that is
// kept.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/document/notice.h"
#include "services/document/notice_file.h"

namespace gatehouse::document {

// Where a notice is from.
struct NoticeOrigin {
  int64_t import_number = 0;  // the import that gave it its content
  // Subject of the certificate that vouches for it: a notice is replaced under the same one only, so that no publisher
  // silences another. Renewing the certificate keeps the subject.
  std::string issuer;
};
using NoticeOrigins = std::map<std::string, NoticeOrigin, std::less<>>;  // by id

// Who imported what, when, and who had signed it.
struct NoticeImport {
  int64_t number = 0;  // from 1, without a gap
  std::string import_id;
  std::string imported_by;
  absl::Time time;
  std::string note;  // where it is from, in the importer's words
  std::string file_name;
  std::string sha256;         // of the bundle, hex
  std::string publisher;      // as the bundle says
  int64_t bundle_number = 0;  // likewise; 0: imported before bundles were numbered
  std::string signer;         // subject and serial number of the certificate that signed
  std::string issuer;         // subject of the certificate by which the signer is taken
  int32_t added = 0, replaced = 0, refused = 0;
};

// A notice as it is kept.
struct KeptNotice {
  Notice notice;
  NoticeOrigin origin;
  // It cannot be read: of the notice only the id is known, as far as that can be read.
  bool unreadable = false;
};

struct NoticePlan {
  std::vector<const Notice*> taken;    // of the bundle
  std::vector<NoticeRefusal> refused;  // those of the bundle, and whose id is in use under another issuer
};

// FAILED_PRECONDITION when `imports` has a later bundle of the publisher, under the same issuer as `made`, or another
// one of its number: whoever has an old bundle could undo what the publisher has told since. The same bundle may come
// again.
absl::Status CheckBundleNumber(const std::vector<NoticeImport>& imports, const NoticeImport& made);

// What of `bundle` is taken beside what is `kept`; counts it in `made`, whose issuer is set. RESOURCE_EXHAUSTED when
// more than kMaxNotices would be kept.
absl::StatusOr<NoticePlan> PlanNotices(const NoticeOrigins& kept, const NoticeBundle& bundle, NoticeImport& made);

}  // namespace gatehouse::document
