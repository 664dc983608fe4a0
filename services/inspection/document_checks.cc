#include "services/inspection/document_checks.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace gatehouse::inspection {
namespace {

Check Result(std::string_view id, CheckStatus status, std::string reason) {
  return {.id = std::string(id), .status = status, .reason = std::move(reason)};
}

Check NoChip(std::string_view id) {
  return Result(id, CheckStatus::kNotSupported, "no chip was read from this document");
}

void AddTrustData(const DocumentFindings& findings, absl::Time now, Check& check) {
  check.data_version = findings.trust_version;
  if (findings.trust_time) check.data_age = std::max(absl::ZeroDuration(), now - *findings.trust_time);
}

CheckStatus StatusOf(ChipVerdict verdict) {
  switch (verdict) {
    case ChipVerdict::kValid:
    case ChipVerdict::kValidWithDefect:
    case ChipVerdict::kValidWithWarning:
      return CheckStatus::kSuccessful;
    // Genuine when it was signed; whether an expired signer still vouches is for the policy and the officer.
    case ChipVerdict::kValidExpiredChain:
    case ChipVerdict::kUndetermined:
      return CheckStatus::kUndetermined;
    case ChipVerdict::kInvalid:
      return CheckStatus::kFailed;
  }
  return CheckStatus::kUndetermined;
}

// Signed data on a copied chip are as genuine as on the original.
void ApplyProof(const DocumentFindings& findings, Check& check) {
  if (check.status == CheckStatus::kFailed) return;
  if (findings.proof == ChipProof::kSuspectedCopy) {
    check.status = CheckStatus::kFailed;
    check.reason = "the chip could not prove that it is no copy of another";
  } else if (findings.proof == ChipProof::kOpen && check.status == CheckStatus::kSuccessful) {
    check.status = CheckStatus::kUndetermined;
    check.reason = absl::StrCat("the data are genuine; whether the chip is a copy is open",
                                findings.proof_reason.empty() ? "" : ": ", findings.proof_reason);
  }
}

absl::CivilDay LastDay(const base::PartialDate& date) {
  if (date.complete()) return date.ToCivilDay();
  const absl::CivilMonth month(date.year, date.month == 0 ? 12 : date.month);
  return absl::CivilDay(month + 1) - 1;
}

}  // namespace

Check CheckMrz(const MrzReading* printed) {
  if (printed == nullptr) return Result(kMrz, CheckStatus::kNotDone, "no machine-readable zone was read");
  if (printed->valid) return Result(kMrz, CheckStatus::kSuccessful, "the printed zone reads and its digits agree");
  return Result(kMrz, CheckStatus::kFailed,
                printed->defects.empty() ? "the printed zone is not valid" : absl::StrJoin(printed->defects, "; "));
}

Check CheckChip(const DocumentAnswer& answer, bool chip_given, absl::Time now) {
  if (!chip_given) return NoChip(kChip);
  if (answer.findings == nullptr) return Result(kChip, CheckStatus::kNotDone, answer.missing);
  if (!answer.findings->chip_read) {
    return Result(kChip, CheckStatus::kUndetermined, "the chip gave nothing that could be verified");
  }
  Check check = Result(kChip, StatusOf(answer.findings->chip), answer.findings->chip_summary);
  ApplyProof(*answer.findings, check);
  AddTrustData(*answer.findings, now, check);
  return check;
}

Check CheckMrzChipMatch(const DocumentAnswer& answer, bool chip_given) {
  if (!chip_given) return NoChip(kMrzChipMatch);
  if (answer.findings == nullptr) return Result(kMrzChipMatch, CheckStatus::kNotDone, answer.missing);
  const auto& printed = answer.findings->printed;
  const auto& chip = answer.findings->chip_mrz;
  if (!chip) return Result(kMrzChipMatch, CheckStatus::kUndetermined, "the chip gave no data page to compare");
  if (!printed) return Result(kMrzChipMatch, CheckStatus::kNotDone, "no printed zone was read to compare");
  if (printed->fields.empty() || printed->fields.size() != chip->fields.size()) {
    return Result(kMrzChipMatch, CheckStatus::kUndetermined, "the two zones cannot be compared field by field");
  }
  std::vector<std::string> different;
  for (size_t i = 0; i < printed->fields.size(); ++i) {
    if (!(printed->fields[i].value == chip->fields[i].value)) different.push_back(printed->fields[i].name);
  }
  if (different.empty()) {
    return Result(kMrzChipMatch, CheckStatus::kSuccessful, "the chip says what is printed");
  }
  return Result(kMrzChipMatch, CheckStatus::kFailed,
                absl::StrCat("chip and print differ in: ", absl::StrJoin(different, ", ")));
}

Check CheckRevocation(const DocumentAnswer& answer, bool chip_given, absl::Time now) {
  if (!chip_given) return NoChip(kRevocation);
  if (answer.findings == nullptr) return Result(kRevocation, CheckStatus::kNotDone, answer.missing);
  if (!answer.findings->chip_read) {
    return Result(kRevocation, CheckStatus::kUndetermined, "the chip gave no signer to look up");
  }
  Check check = Result(kRevocation, CheckStatus::kUndetermined, "");
  switch (answer.findings->revocation) {
    case Revocation::kGood:
      check.status = CheckStatus::kSuccessful;
      check.reason = "the signer of the chip is not revoked";
      break;
    case Revocation::kRevoked:
      check.status = CheckStatus::kFailed;
      check.reason = "the signer of the chip was revoked by its State";
      break;
    case Revocation::kNoList:
      check.reason = "no revocation list of the issuing State is loaded";
      break;
    case Revocation::kUndetermined:
      check.reason =
          "no revocation list in force speaks for the signer: out of date, of another key, or the signer is not known";
      break;
  }
  AddTrustData(*answer.findings, now, check);
  return check;
}

Check CheckFraudNotices(const DocumentAnswer& answer) {
  if (answer.findings == nullptr) return Result(kFraudNotices, CheckStatus::kNotDone, answer.missing);
  return Result(kFraudNotices, answer.findings->notices, answer.findings->notices_reason);
}

Check CheckDocumentVerdict(const DocumentAnswer& answer) {
  if (answer.findings == nullptr) return Result(kDocumentVerdict, CheckStatus::kNotDone, answer.missing);
  return Result(kDocumentVerdict, answer.findings->verdict, answer.findings->verdict_reason);
}

Check CheckDocumentValidity(const base::Identity& identity, absl::CivilDay today) {
  const base::PartialDate& expiry = identity.expiry_date;
  if (expiry.year == 0) {
    return Result(kDocumentValidity, CheckStatus::kUndetermined, "no expiry date is known");
  }
  const absl::CivilDay last = LastDay(expiry);
  if (last >= today) return Result(kDocumentValidity, CheckStatus::kSuccessful, "the document has not expired");
  const int64_t days = today - last;
  return Result(kDocumentValidity, CheckStatus::kFailed,
                absl::StrCat("the document expired ", days, days == 1 ? " day ago" : " days ago"));
}

}  // namespace gatehouse::inspection
