// A folder of one document: mrz.txt and the files of its chip, EF.COM.bin EF.SOD.bin EF.DG1.bin ... Any subset will do.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "gatehouse/document/v1/document.pb.h"

namespace gatehouse::cli {

inline constexpr size_t kMaxChipFileBytes = 4 * 1024 * 1024;

// NOT_FOUND when the folder is missing or holds neither mrz.txt nor a file of a chip. A file over the limit is passed
// on cut to one byte over it, so that the check says "too large" and the others still run.
absl::StatusOr<gatehouse::document::v1::DocumentInput> ReadChipFolder(const std::string& folder);

}  // namespace gatehouse::cli
