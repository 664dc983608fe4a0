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

Tr03135Check FromDigest(const Report& report) {
  constexpr char kId[] = "security_object_digest";
  switch (report.sod_digest) {
    case SignatureState::kValid:
      return {kId, State::kSuccessful, ""};
    case SignatureState::kInvalid:
      return {kId, State::kFailed, "the signed digest is not the one of the content"};
    case SignatureState::kUndetermined:
      break;
  }
  return {kId, State::kUndetermined, report.sod_signature_reason};
}

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

// TR-03135-1 section 5.8.2.1.6.
bool ValidityIsKnownToBeWrong(const Report& report, ValidityState at_check) {
  return at_check == ValidityState::kUndetermined && HasDeviation(report, pki::DeviationType::kValidityPeriodIncorrect);
}
constexpr char kKnownValidity[] = "the validity period is known to be incorrect";

Tr03135Check DocumentSignerValidity(const Report& report) {
  if (ValidityIsKnownToBeWrong(report, report.dsc_validity_at_check)) {
    return {"document_signer_validity", State::kNotSupported, kKnownValidity};
  }
  return FromValidity("document_signer_validity", report.dsc_validity_at_check,
                      absl::StrCat(" at the time of checking; at the time of signing ",
                                   std::string(ToWord(report.dsc_validity_at_signing))));
}

Tr03135Check CountrySignerValidity(const Report& report) {
  if (report.authority == nullptr) {
    return {"country_signer_validity", State::kUndetermined, "no country certificate is known for the signer"};
  }
  if (ValidityIsKnownToBeWrong(report, report.csca_validity_at_check)) {
    return {"country_signer_validity", State::kNotSupported, kKnownValidity};
  }
  return FromValidity("country_signer_validity", report.csca_validity_at_check, " at the time of checking");
}

std::string WhyUndetermined(const Report& report) {
  for (const Finding& finding : report.findings) {
    switch (finding.defect) {
      case Defect::kCrlStale:
      case Defect::kCrlNotYetInForce:
      case Defect::kCrlOfAnotherKey:
      case Defect::kCrlMissing:
        return finding.evidence;
      default:
        break;
    }
  }
  return "no revocation list in force speaks for the signer";
}

Tr03135Check Revocation(const Report& report) {
  constexpr char kId[] = "document_signer_revocation";
  switch (report.revocation) {
    case RevocationState::kGood:
      return {kId, State::kSuccessful, ""};
    case RevocationState::kRevoked:
      return {kId, State::kFailed, "revoked"};
    case RevocationState::kUndetermined:
      return {kId, State::kUndetermined, WhyUndetermined(report)};
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
    if (finding.excused || !IsComDiscrepancy(finding.defect)) continue;
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
      if (result.known_deviation) return {std::move(id), State::kUndetermined, word + ", a known deviation"};
      return {std::move(id), State::kFailed, word};
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

// Which certificates and lists a check rests on, by what it looks at.
struct Basis {
  std::string_view rule;
  bool signer = false;
  bool authority = false;
  bool crl = false;
  bool trust_store = false;
};

CheckEvidence EvidenceOf(const Report& report, const Basis& basis) {
  CheckEvidence evidence{.rule = basis.rule};
  if (basis.signer && report.signer) evidence.certificates.push_back({"document_signer", report.signer});
  if (basis.authority && report.authority) evidence.certificates.push_back({"country_authority", report.authority});
  if (basis.crl && report.crl) {
    evidence.lists.push_back({.kind = "crl",
                              .issuer = report.crl->issuer.text(),
                              .version = pki::ToHex(report.crl->fingerprint.bytes()),
                              .this_update = report.crl->this_update,
                              .next_update = report.crl->next_update});
  }
  if (basis.trust_store) evidence.lists.push_back({.kind = "trust_store", .version = report.trust_store_version});
  return evidence;
}

bool IsAbout(Defect defect, std::string_view id) {
  struct Row {
    std::string_view id;
    Defect first, last;
  };
  // Findings stand in the order of the enumeration: EF.SOD, the signer and its chain, EF.COM and data groups.
  static constexpr Row kRows[] = {
      {"security_object_signature", Defect::kSecurityObjectMalformed, Defect::kSignerIdentifierEncoding},
      {"document_signer_signature", Defect::kSignerCertificateLookedUp, Defect::kWeakDigest},
      {"document_signer_validity", Defect::kSignerPrivateKeyUsagePeriod, Defect::kSignerPrivateKeyUsagePeriod},
      {"country_signer_validity", Defect::kAuthorityPrivateKeyUsagePeriod, Defect::kAuthorityNotValidAtSigning},
      {"issuing_state_against_document_signer", Defect::kDocumentTypeNotListed, Defect::kCountryWrittenLowerCase},
      {"document_signer_revocation", Defect::kCrlBadlySigned, Defect::kRevocationDateInFuture},
      {"com_against_security_object", Defect::kComMalformed, Defect::kDataGroupOnlyInCom},
  };
  for (const Row& row : kRows) {
    if (row.id == id) return row.first <= defect && defect <= row.last;
  }
  return false;
}

// Whether a deviation that a list names bears on the check.
bool IsAbout(const KnownDeviation& known, std::string_view id) {
  using Type = pki::DeviationType;
  struct Row {
    Type type;
    std::string_view id;
  };
  static constexpr Row kRows[] = {
      {Type::kSignerSignatureWrong, "document_signer_signature"},
      {Type::kSignerEncoding, "document_signer_signature"},
      {Type::kSignerReplaced, "document_signer_signature"},
      {Type::kSignerMalformed, "document_signer_signature"},
      {Type::kAuthorityEncoding, "document_signer_trust_status"},
      {Type::kUnknownDocument, "document_signer_trust_status"},
      {Type::kSignerRevoked, "document_signer_revocation"},
      {Type::kValidityPeriodIncorrect, "document_signer_validity"},
      {Type::kValidityPeriodIncorrect, "country_signer_validity"},
      {Type::kSecurityObjectSignatureWrong, "security_object_signature"},
      {Type::kSecurityObjectInvalid, "security_object_signature"},
      {Type::kWrongSignerIdentifier, "security_object_signature"},
      {Type::kComInconsistent, "com_against_security_object"},
      {Type::kIssuingCountry, "issuing_state_against_document_signer"},
      {Type::kActiveAuthenticationKeyCompromised, "active_authentication"},
      {Type::kChipAuthenticationKeyCompromised, "chip_authentication"},
  };
  for (const int number : known.data_groups) {
    if (id == absl::StrCat("data_group_", number, "_integrity")) return true;
  }
  return std::any_of(std::begin(kRows), std::end(kRows),
                     [&](const Row& row) { return row.type == known.type && row.id == id; });
}

void AddDeviations(const Report& report, Tr03135Check& check) {
  for (const KnownDeviation& known : report.deviations) {
    if (!IsAbout(known, check.id)) continue;
    check.evidence.deviations.emplace_back(pki::ToWord(known.type));
    check.evidence.lists.push_back({.kind = known.of_defect_list ? "defect_list" : "deviation_list",
                                    .issuer = known.list,
                                    .version = known.list_version});
  }
}

void AddFindings(const Report& report, Tr03135Check& check) {
  AddDeviations(report, check);
  for (const Finding& finding : report.findings) {
    if (IsAbout(finding.defect, check.id)) check.evidence.deviations.emplace_back(ToWord(finding.defect));
  }
}

}  // namespace

std::string_view ToWord(Tr03135State state) {
  static constexpr std::array<std::string_view, 5> kWords = {"successful", "failed", "undetermined", "not_supported",
                                                             "aborted"};
  return kWords[static_cast<size_t>(state)];
}

Tr03135Check NotDone(std::string id, CheckGroup group, std::string_view reason) {
  return {std::move(id), State::kUndetermined, absl::StrCat(std::string(kNotDonePrefix), std::string(reason)), group};
}

std::vector<Tr03135Check> Tr03135Checks(const PassiveAuthenticationReport& report) {
  std::vector<Tr03135Check> checks;
  checks.reserve(9 + report.data_groups.size());
  const auto add = [&](Tr03135Check check, const Basis& basis) {
    check.evidence = EvidenceOf(report, basis);
    AddFindings(report, check);
    checks.push_back(std::move(check));
  };
  add(FromDigest(report), {.rule = "RFC 5652 section 5.4, Doc 9303-11 section 5.1"});
  add(FromSignature("security_object_signature", report.sod_signature, report.sod_signature_reason),
      {.rule = "Doc 9303-11 section 5.1", .signer = true});
  if (!report.signature_algorithm.empty()) {
    checks.back().evidence.facts.push_back({"signature_algorithm", report.signature_algorithm});
  }
  add(FromSignature("document_signer_signature", report.dsc_signature, report.chain_reason),
      {.rule = "Doc 9303-12 section 6", .signer = true, .authority = true, .trust_store = true});
  add(DocumentSignerValidity(report), {.rule = "TR-03135 section 5.6.4.3.4, Doc 9303-12 section 5", .signer = true});
  checks.back().evidence.facts.push_back({"at_signing", std::string(ToWord(report.dsc_validity_at_signing))});
  checks.back().evidence.facts.push_back({"at_check", std::string(ToWord(report.dsc_validity_at_check))});
  add(CountrySignerValidity(report), {.rule = "TR-03135 section 5.6.4.3.4", .authority = true});
  add(Revocation(report),
      {.rule = "Doc 9303-12 section 7.1.4", .signer = true, .authority = true, .crl = true, .trust_store = true});
  add(TrustStatus(report),
      {.rule = "TR-03135 section 5.6.4.3", .signer = true, .authority = true, .trust_store = true});
  add(ComAgainstSecurityObject(report), {.rule = "Doc 9303-10 section 4.6.1"});
  add(IssuingState(report), {.rule = "Doc 9303-12 section 7.1.1", .signer = true});
  for (const DataGroupResult& result : report.data_groups) {
    add(Integrity(report, result), {.rule = "Doc 9303-11 section 5.1"});
    checks.back().evidence.facts.push_back({"digest_algorithm", report.digest_algorithm});
  }
  return checks;
}

Tr03135State Combine(std::span<const Tr03135State> states) {
  const auto any = [&](State state) { return std::find(states.begin(), states.end(), state) != states.end(); };
  if (any(State::kFailed)) return State::kFailed;
  if (any(State::kAborted)) return State::kAborted;
  if (any(State::kUndetermined) || !any(State::kSuccessful)) return State::kUndetermined;
  return State::kSuccessful;
}

}  // namespace gatehouse::emrtd
