#include "services/document/seal_checks.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/emrtd/seals/dtc.h"
#include "libs/emrtd/seals/verify_presented.h"
#include "libs/mrz/states.h"

namespace gatehouse::document {
namespace {

namespace seals = emrtd::seals;
using emrtd::Tr03135Check;
using emrtd::Tr03135State;

struct Outcome {
  Tr03135State state = Tr03135State::kUndetermined;
  std::string detail;
};

Outcome OfSignature(emrtd::SignatureState state, const std::string& reason) {
  if (state == emrtd::SignatureState::kValid) return {Tr03135State::kSuccessful, ""};
  if (state == emrtd::SignatureState::kInvalid) return {Tr03135State::kFailed, reason};
  return {Tr03135State::kUndetermined, reason};
}

Outcome OfValidity(emrtd::ValidityState at_check, emrtd::ValidityState at_signing) {
  if (at_check == emrtd::ValidityState::kValid) return {Tr03135State::kSuccessful, ""};
  if (at_check == emrtd::ValidityState::kUndetermined) return {Tr03135State::kUndetermined, "certificate not known"};
  return {Tr03135State::kFailed, absl::StrCat(std::string(emrtd::ToWord(at_check)), " at the time of checking; ",
                                              std::string(emrtd::ToWord(at_signing)), " at the time of signing")};
}

Outcome OfRevocation(emrtd::RevocationState state) {
  switch (state) {
    case emrtd::RevocationState::kGood:
      return {Tr03135State::kSuccessful, ""};
    case emrtd::RevocationState::kRevoked:
      return {Tr03135State::kFailed, "revoked"};
    case emrtd::RevocationState::kUndetermined:
      return {Tr03135State::kUndetermined, "no revocation list in force speaks for the signer"};
    case emrtd::RevocationState::kNoCrl:
      break;
  }
  return {Tr03135State::kUndetermined, "no revocation list of the issuer"};
}

Outcome OfTrust(const seals::SealReport& report) {
  if (report.chain == seals::ChainState::kInvalid || report.revocation == emrtd::RevocationState::kRevoked) {
    return {Tr03135State::kFailed, "not trusted: " + report.reason};
  }
  if (report.chain == seals::ChainState::kValid) return {Tr03135State::kSuccessful, "trusted"};
  return {Tr03135State::kUndetermined, std::string(seals::ToWord(report.chain))};
}

Outcome OfCountry(emrtd::CountryState state) {
  if (state == emrtd::CountryState::kMatch) return {Tr03135State::kSuccessful, ""};
  if (state == emrtd::CountryState::kMismatch) return {Tr03135State::kFailed, "seal, signer and document disagree"};
  return {Tr03135State::kUndetermined, "seal or signer names no country"};
}

// The worst of the findings between two defects of the enumeration.
Outcome OfFindings(const seals::Findings& findings, seals::Defect first, seals::Defect last) {
  Outcome outcome{Tr03135State::kSuccessful, ""};
  for (const seals::Finding& finding : findings) {
    if (finding.defect < first || finding.defect > last) continue;
    if (seals::SeverityOf(finding.defect) == emrtd::Severity::kFatal) outcome.state = Tr03135State::kFailed;
    absl::StrAppend(&outcome.detail, outcome.detail.empty() ? "" : "; ", std::string(seals::ToWord(finding.defect)));
  }
  return outcome;
}

Outcome OfZoneDigits(const seals::SealReport& report) {
  if (report.zone == seals::ZoneState::kValid) return {Tr03135State::kSuccessful, ""};
  if (report.zone == seals::ZoneState::kInvalid) return {Tr03135State::kFailed, "a check digit is wrong"};
  return {Tr03135State::kNotSupported, "the seal holds no machine-readable zone"};
}

bool HasFinding(const seals::Findings& findings, seals::Defect defect) {
  return std::any_of(findings.begin(), findings.end(), [&](const auto& finding) { return finding.defect == defect; });
}

// The passport number of a visa's seal, or the zone of the document's own, against the document.
Outcome OfDocument(const SealFinding& finding, const SealStandards& standards) {
  if (!standards.zone || standards.zone->format() == mrz::Format::kUnknown) {
    return {Tr03135State::kNotSupported, "no zone of the document was read to compare"};
  }
  const seals::Feature* passport = finding.seal->Find("passport_number");
  if (passport != nullptr && !passport->value.Reveal().empty()) {
    std::string number;
    for (const char c : passport->value.Reveal()) {
      if (c != '<' && c != ' ') number.push_back(c);
    }
    if (number == standards.zone->document_number()) return {Tr03135State::kSuccessful, "the passport numbers agree"};
    return {Tr03135State::kFailed, "the seal names another passport"};
  }
  if (finding.report.zone == seals::ZoneState::kAbsent) {
    return {Tr03135State::kNotSupported, "the seal holds nothing to compare"};
  }
  if (HasFinding(finding.report.findings, seals::Defect::kDocumentZoneDiffers)) {
    return {Tr03135State::kFailed, "the zone in the seal is not the one of the document"};
  }
  return {Tr03135State::kSuccessful, "the zone in the seal is the one of the document"};
}

emrtd::CheckEvidence EvidenceOf(std::string_view rule, const seals::SealReport& report) {
  emrtd::CheckEvidence evidence{.rule = rule};
  if (report.signer) evidence.certificates.push_back({"seal_signer", report.signer});
  if (report.authority) evidence.certificates.push_back({"country_authority", report.authority});
  return evidence;
}

}  // namespace

SealFinding VerifyPresentedSeal(std::string_view presented, const SealStandards& standards) {
  seals::SealInput input{.trust = &standards.trust,
                         .countries = mrz::CertificateCountries,
                         .check_time = standards.check_time,
                         .document_is_passport = true};
  if (standards.zone && standards.zone->format() != mrz::Format::kUnknown) {
    input.document_zone = base::Redacted<std::string>(std::string(standards.zone->text()));
    input.document_issuing_state = std::string(standards.zone->issuing_state());
  }
  absl::StatusOr<seals::VerifiedSeal> verified = seals::VerifyPresented(presented, input);
  if (!verified.ok()) return {.unread = std::string(verified.status().message())};
  return {.seal = std::move(verified->seal), .report = std::move(verified->report)};
}

std::vector<Tr03135Check> SealChecks(int number, const SealFinding& finding, const SealStandards& standards) {
  std::vector<Tr03135Check> checks;
  const auto add = [&](std::string_view what, Outcome outcome, std::string_view rule) {
    checks.push_back({absl::StrCat("seal_", number, "_", std::string(what)), outcome.state, std::move(outcome.detail),
                      emrtd::CheckGroup::kSeal, EvidenceOf(rule, finding.report)});
  };
  if (!finding.seal) {
    add("readability", {Tr03135State::kFailed, finding.unread}, "TR-03135 section 5.9.1.1");
    return checks;
  }
  const seals::SealReport& report = finding.report;
  using seals::Defect;
  add("readability", {Tr03135State::kSuccessful, std::string(seals::ToWord(finding.seal->kind))},
      "TR-03135 section 5.9.1.1");
  add("structure", OfFindings(report.findings, Defect::kReferenceLengthDecimal, Defect::kDtcOptionalPart),
      "TR-03135 section 5.9.1.2.1");
  add("semantics", OfFindings(report.findings, Defect::kDefinitionUnknown, Defect::kFeatureRepeated),
      "TR-03135 section 5.9.1.2.2");
  add("mrz_check_digits", OfZoneDigits(report), "TR-03135 section 5.9.1.2.3");
  add("signer_signature", OfSignature(report.signer_signature, report.reason), "TR-03135 section 5.9.1.3.1");
  add("signer_validity", OfValidity(report.signer_validity_at_check, report.signer_validity_at_signing),
      "TR-03135 section 5.9.1.3.2");
  add("signer_revocation", OfRevocation(report.revocation), "TR-03135 section 5.9.1.3.4");
  add("signer_trust_status", OfTrust(report), "TR-03135 section 5.9.1.3.4");
  add("signature", OfSignature(report.signature, report.reason), "TR-03135 section 5.9.1.4.1");
  add("country", OfCountry(report.country_match), "TR-03135 section 5.9.1.5");
  add("against_document", OfDocument(finding, standards), "TR-03135 sections 5.7.4.3 and 5.7.7");
  const bool is_credential = finding.seal->kind == seals::Kind::kDtcVc;
  if (is_credential && finding.seal->document_type != seals::DtcTypeWord(seals::DtcType::kEmrtdBound)) {
    checks.push_back(emrtd::NotDone(absl::StrCat("seal_", number, "_dtc_signer"), emrtd::CheckGroup::kSeal,
                                    "the signature of the DTC signer is not checked"));
  }
  // As a whole, so that a fatal finding no single check stands for is never lost.
  Outcome whole{Tr03135State::kSuccessful, std::string(emrtd::ToWord(report.overall))};
  if (report.overall == emrtd::Overall::kInvalid) whole.state = Tr03135State::kFailed;
  if (report.overall == emrtd::Overall::kUndetermined) whole.state = Tr03135State::kUndetermined;
  if (whole.state != Tr03135State::kSuccessful && !report.reason.empty()) whole.detail = report.reason;
  add("as_a_whole", whole, "Doc 9303-13 section 3");
  return checks;
}

}  // namespace gatehouse::document
