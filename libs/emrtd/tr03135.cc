#include "libs/emrtd/tr03135.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/emrtd/data_group_integrity.h"

namespace gatehouse::emrtd {
namespace {

using State = Tr03135State;
using Report = PassiveAuthenticationReport;

Tr03135Check FromSignature(std::string id, SignatureState state, std::string reason) {
  switch (state) {
    case SignatureState::kValid:
      return {std::move(id), State::kSuccessful, ""};
    case SignatureState::kInvalid:
      return {std::move(id), State::kFailed, std::move(reason)};
    case SignatureState::kUndetermined:
      break;
  }
  return {std::move(id), State::kUndetermined, std::move(reason)};
}

// TR-03135 section 5.6.4.3.4 looks at the time of checking alone; the reading of Doc 9303 stands in the detail.
Tr03135Check FromValidity(std::string id, ValidityState at_check, std::string detail) {
  if (at_check == ValidityState::kValid) return {std::move(id), State::kSuccessful, ""};
  if (at_check == ValidityState::kUndetermined) return {std::move(id), State::kUndetermined, "certificate not known"};
  return {std::move(id), State::kFailed, absl::StrCat(std::string(ToWord(at_check)), std::move(detail))};
}

Tr03135Check DocumentSignerValidity(const Report& report) {
  return FromValidity("document_signer_validity", report.dsc_validity_at_check,
                      absl::StrCat(" at the time of checking; at the time of signing ",
                                   std::string(ToWord(report.dsc_validity_at_signing))));
}

Tr03135Check CountrySignerValidity(const Report& report) {
  if (report.authority == nullptr) {
    return {"country_signer_validity", State::kUndetermined, "no country certificate is known for the signer"};
  }
  return FromValidity("country_signer_validity", report.csca_validity_at_check, " at the time of checking");
}

Tr03135Check Revocation(const Report& report) {
  constexpr char kId[] = "document_signer_revocation";
  switch (report.revocation) {
    case RevocationState::kGood:
      return {kId, State::kSuccessful, ""};
    case RevocationState::kRevoked:
      return {kId, State::kFailed, "revoked"};
    case RevocationState::kUndetermined:
      return {kId, State::kUndetermined, "the revocation list is not current"};
    case RevocationState::kNoCrl:
      break;
  }
  return {kId, State::kUndetermined, "no revocation list of the issuer"};
}

Tr03135Check TrustStatus(const Report& report) {
  constexpr char kId[] = "document_signer_trust_status";
  if (report.chain == ChainState::kInvalid) return {kId, State::kFailed, "not trusted: " + report.chain_reason};
  if (report.revocation == RevocationState::kRevoked) return {kId, State::kFailed, "not trusted: revoked"};
  if (report.chain == ChainState::kValid) return {kId, State::kSuccessful, "trusted"};
  return {kId, State::kUndetermined, report.chain_reason};
}

bool IsComDiscrepancy(Defect defect) {
  static constexpr std::array<Defect, 4> kDiscrepancies = {Defect::kComMalformed, Defect::kComVersionDiffers,
                                                           Defect::kDataGroupHiddenByCom, Defect::kDataGroupOnlyInCom};
  return std::find(kDiscrepancies.begin(), kDiscrepancies.end(), defect) != kDiscrepancies.end();
}

Tr03135Check ComAgainstSecurityObject(const Report& report) {
  constexpr char kId[] = "com_against_security_object";
  if (!report.com_compared) return {kId, State::kUndetermined, "EF.COM or EF.SOD was not read"};
  std::vector<std::string> discrepancies;
  for (const Finding& finding : report.findings) {
    if (!IsComDiscrepancy(finding.defect)) continue;
    discrepancies.push_back(absl::StrCat(std::string(ToWord(finding.defect)), " ", finding.evidence));
  }
  if (discrepancies.empty()) return {kId, State::kSuccessful, ""};
  return {kId, State::kFailed, absl::StrJoin(discrepancies, "; ")};
}

// A digest that fits an object nobody is known to have signed says nothing, and must not look as if it did.
Tr03135Check Integrity(const Report& report, const DataGroupResult& result) {
  std::string id = absl::StrCat("data_group_", result.number, "_integrity");
  const std::string word(ToWord(result.state));
  switch (result.state) {
    case DataGroupState::kIdentical:
      if (report.sod_signature == SignatureState::kValid) return {std::move(id), State::kSuccessful, word};
      return {std::move(id), State::kUndetermined, word + ", but the security object is not authentic"};
    case DataGroupState::kNotIdentical:
    case DataGroupState::kNonConformance:
      return {std::move(id), State::kFailed, word};
    case DataGroupState::kPresent:
      return {std::move(id), State::kUndetermined, word + ", not read"};
    case DataGroupState::kNotPresent:
      return {std::move(id), State::kNotSupported, word};
    case DataGroupState::kAborted:
      break;
  }
  return {std::move(id), State::kAborted, word};
}

Tr03135Check IssuingState(const Report& report) {
  constexpr char kId[] = "issuing_state_against_document_signer";
  switch (report.country_match) {
    case CountryState::kMatch:
      return {kId, State::kSuccessful, ""};
    case CountryState::kMismatch:
      return {kId, State::kFailed, absl::StrCat(report.issuing_state, " against ", report.signer->subject.country())};
    case CountryState::kUndetermined:
      break;
  }
  return {kId, State::kUndetermined, "issuing state or signer is not known"};
}

// Duty by EF.SOD, never by EF.COM: the file is there if the issuer signed it.
Tr03135Check NotDoneUnlessListed(const Report& report, std::string id, int data_group, std::string_view protocol) {
  const bool authentic = report.sod_signature == SignatureState::kValid;
  if (authentic && !report.data_groups.empty() && StateOf(report, data_group) == DataGroupState::kNotPresent) {
    return {std::move(id), State::kNotSupported, absl::StrCat("EF.SOD lists no DG", data_group)};
  }
  return {std::move(id), State::kUndetermined, absl::StrCat("NOT_DONE: ", std::string(protocol), " is not built")};
}

Tr03135Check NotDone(std::string id, std::string_view reason) {
  return {std::move(id), State::kUndetermined, absl::StrCat("NOT_DONE: ", std::string(reason))};
}

}  // namespace

std::string_view ToWord(Tr03135State state) {
  static constexpr std::array<std::string_view, 5> kWords = {"successful", "failed", "undetermined", "not_supported",
                                                             "aborted"};
  return kWords[static_cast<size_t>(state)];
}

std::vector<Tr03135Check> Tr03135Checks(const PassiveAuthenticationReport& report) {
  std::vector<Tr03135Check> checks = {
      FromSignature("security_object_signature", report.sod_signature, report.sod_signature_reason),
      FromSignature("document_signer_signature", report.dsc_signature, report.chain_reason),
      DocumentSignerValidity(report),
      CountrySignerValidity(report),
      Revocation(report),
      TrustStatus(report),
      ComAgainstSecurityObject(report),
      IssuingState(report),
  };
  for (const DataGroupResult& result : report.data_groups) checks.push_back(Integrity(report, result));
  checks.push_back(NotDoneUnlessListed(report, "active_authentication", 15, "active authentication"));
  checks.push_back(NotDoneUnlessListed(report, "chip_authentication", 14, "chip authentication"));
  checks.push_back(NotDone("pace_chip_authentication_mapping", "PACE is not built"));
  checks.push_back(NotDone("basic_access_control", "the chip was read elsewhere"));
  checks.push_back(NotDone("pace", "the chip was read elsewhere"));
  checks.push_back(NotDone("terminal_authentication", "terminal authentication is not built"));
  checks.push_back(NotDone("data_group_2_against_portrait", "faces are not compared"));
  checks.push_back(NotDone("infrared_readability", "no scan of the data page is judged"));
  checks.push_back(NotDone("spectral_checks", "no scan of the data page is judged"));
  return checks;
}

Tr03135State Combine(const std::vector<Tr03135Check>& checks) {
  const auto any = [&](State state) {
    return std::any_of(checks.begin(), checks.end(), [&](const Tr03135Check& check) { return check.state == state; });
  };
  if (any(State::kFailed)) return State::kFailed;
  if (any(State::kAborted)) return State::kAborted;
  if (any(State::kUndetermined) || !any(State::kSuccessful)) return State::kUndetermined;
  return State::kSuccessful;
}

}  // namespace gatehouse::emrtd
