// Notices from a signed bundle in a file, for verdicts without a server.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/document/notice_index.h"
#include "tools/gatehouse/context.h"

namespace gatehouse::cli {

struct LocalNotices {
  LocalNotices(std::vector<document::NoticePtr> notices, std::string digest)
      : index(std::move(notices)), version(std::move(digest)) {}
  const document::NoticeIndex index;
  const std::string version;  // SHA-256 of the bundle
};

// Of the bundle, signed by one of `issuers` (files of certificates) as of `time`; never null. A notice that is left out
// is told on `context.err`.
absl::StatusOr<std::unique_ptr<const LocalNotices>> ReadLocalNotices(Context& context, const std::string& bundle,
                                                                     const std::vector<std::string>& issuers,
                                                                     absl::Time time);

}  // namespace gatehouse::cli
