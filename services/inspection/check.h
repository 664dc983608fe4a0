// A check of an inspection and its result. Only kSuccessful is good news; a check that did not run is kNotDone with its
// reason, and what that means is policy (policy.h). It never means "clear".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace gatehouse::inspection {

enum class CheckStatus : uint8_t { kSuccessful, kFailed, kUndetermined, kNotSupported, kAborted, kNotDone };

// Every check this version knows. Each inspection reports each of them once, in this order.
inline constexpr std::string_view kMrz = "mrz";                      // the printed zone reads and its digits agree
inline constexpr std::string_view kChip = "chip";                    // passive authentication
inline constexpr std::string_view kMrzChipMatch = "mrz_chip_match";  // printed zone against DG1
inline constexpr std::string_view kRevocation = "revocation";        // of the document signer
inline constexpr std::string_view kDocumentValidity = "document_validity";  // expiry against today
inline constexpr std::string_view kFraudNotices = "fraud_notices";          // told of documents like this one
inline constexpr std::string_view kDocumentVerdict = "document_verdict";    // over every check of the document
inline constexpr std::string_view kDocumentList = "document_list";          // stolen, lost and revoked documents
inline constexpr std::string_view kNominalList = "nominal_list";            // wanted and listed persons
inline constexpr std::string_view kHistory = "history";                     // earlier crossings
inline constexpr std::string_view kBiometric = "biometric";                 // the bearer against the document
inline constexpr std::string_view kAllChecks[] = {
    kMrz,          kChip,        kMrzChipMatch, kRevocation, kDocumentValidity, kFraudNotices, kDocumentVerdict,
    kDocumentList, kNominalList, kHistory,      kBiometric};

struct Check {
  std::string id;
  CheckStatus status = CheckStatus::kNotDone;
  std::string reason;  // a sentence an officer understands; never a number or name from the document
  absl::Duration duration;
  std::string data_version;                // of the data that was used, where there is any
  std::optional<absl::Duration> data_age;  // of the oldest of it
};

}  // namespace gatehouse::inspection
