// Wire messages to domain values and back, with every check of a field.
#pragma once

#include "absl/status/statusor.h"
#include "gatehouse/document/v1/document.pb.h"
#include "services/document/document.h"
#include "services/document/trust.h"

namespace gatehouse::document {

// A chip that says it has more files than any chip holds is a malformed
// request.
inline constexpr int kMaxChipFiles = 32;
inline constexpr size_t kMaxMrzBytes = 4096;

// Views into `input`, which must outlive the result. INVALID_ARGUMENT with
// field violations.
absl::StatusOr<Presented> FromProto(const v1::DocumentInput& input);

void ToProto(const mrz::ParsedMrz& zone, absl::Time check_time, v1::Mrz* out);
void ToProto(const Report& report, absl::Time check_time, v1::DocumentReport* out);
void ToProto(const TrustImportResult& result, v1::TrustImportResult* out);
void ToProto(const TrustEntry& entry, v1::TrustEntry* out);

}  // namespace gatehouse::document
