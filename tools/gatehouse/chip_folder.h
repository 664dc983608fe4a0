// A folder of one document, as it was presented. Any subset will do:
//   mrz.txt                                 the printed zone
//   EF.COM.bin EF.SOD.bin EF.DG1.bin ...    files of the chip; as others name them too: EF_COM.bin, SOD.bin, DG1.dat,
//                                           Datagroup1.bin
//   seal-1.bin seal-2.bin ...               seals, as ReadSeal() takes them
//   reading.json                            what reader and chip said to each other: DocumentInput in the JSON mapping
//   of
//                                           protobuf, with access, active_authentication, visual_zone and visa_mrz
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "gatehouse/document/v1/document.pb.h"

namespace gatehouse::cli {

inline constexpr size_t kMaxChipFileBytes = 4 * 1024 * 1024;

// NOT_FOUND when the folder is missing or holds neither mrz.txt nor a file of a chip; INVALID_ARGUMENT when
// reading.json is no such thing, or two files are of one name. A file over the limit is passed on cut to one byte over
// it, so that the check says "too large" and the others still run.
absl::StatusOr<gatehouse::document::v1::DocumentInput> ReadChipFolder(const std::string& folder);

// The other way; makes the folder. INVALID_ARGUMENT when it cannot be written.
absl::Status WriteChipFolder(const gatehouse::document::v1::DocumentInput& input, const std::string& folder);

}  // namespace gatehouse::cli
