// Wire messages to domain values and back, with every check of a field.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "gatehouse/document/v1/document.pb.h"
#include "services/document/document.h"

namespace gatehouse::document {

// Nothing for the unspecified one.
std::optional<emrtd::Tr03135State> StateFromProto(v1::CheckState state);

void ToProto(const mrz::ParsedMrz& zone, absl::Time check_time, v1::Mrz* out);
// The report's texts are moved into the message: give it away where it is not needed any more.
void ToProto(Report report, absl::Time check_time, v1::DocumentReport* out);

}  // namespace gatehouse::document
