#include "libs/emrtd/deviations.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/emrtd/data_group_integrity.h"
#include "libs/emrtd/document_of_zone.h"
#include "libs/emrtd/lds/data_groups.h"

namespace gatehouse::emrtd {
namespace {

using pki::DeviationDescription;
using pki::DeviationType;
using Report = PassiveAuthenticationReport;

constexpr int kSecurityObjectAsDataGroup = 20, kComAsDataGroup = 21;  // Datagroup of Doc 9303-12 section 10.2

// What an effect did, in words; empty when there was nothing to change.
using Changes = std::vector<std::string>;

void Undetermine(SignatureState& state, std::string_view check, Changes& changes) {
  if (state != SignatureState::kInvalid) return;
  state = SignatureState::kUndetermined;
  changes.push_back(absl::StrCat(std::string(check), " invalid to undetermined"));
}

void Undetermine(ValidityState& state, std::string_view check, Changes& changes) {
  if (state != ValidityState::kExpired && state != ValidityState::kNotYetValid) return;
  changes.push_back(absl::StrCat(std::string(check), " ", std::string(ToWord(state)), " to undetermined"));
  state = ValidityState::kUndetermined;
}

void Undetermine(ChainState& state, Changes& changes) {
  if (state != ChainState::kInvalid) return;
  state = ChainState::kUndetermined;
  changes.emplace_back("chain invalid to undetermined");
}

void Undetermine(CountryState& state, Changes& changes) {
  if (state != CountryState::kMismatch) return;
  state = CountryState::kUndetermined;
  changes.emplace_back("country_match mismatch to undetermined");
}

void Excuse(std::initializer_list<Defect> defects, Report& report, Changes& changes) {
  for (Finding& finding : report.findings) {
    if (finding.excused || std::find(defects.begin(), defects.end(), finding.defect) == defects.end()) continue;
    finding.excused = true;
    changes.push_back(absl::StrCat(std::string(ToWord(finding.defect)), " excused"));
  }
}

void ExcuseDigest(int number, Report& report, Changes& changes) {
  for (DataGroupResult& result : report.data_groups) {
    if (result.number != number || result.state != DataGroupState::kNotIdentical || result.known_deviation) continue;
    result.known_deviation = true;
    changes.push_back(absl::StrCat("data_group_", number, "_integrity failed to undetermined"));
  }
}

// The signer's certificate is refused for what it is, not for who signed it.
bool IsUnfit(const pki::Certificate& signer) {
  return pki::RoleOf(signer) != pki::CertificateRole::kDocumentSigner || !signer.unknown_critical_extensions.empty() ||
         (signer.key_usage && !signer.key_usage->digital_signature);
}

void SignerSignature(const DeviationDescription&, Report& report, Changes& changes) {
  if (report.dsc_signature != SignatureState::kInvalid) return;
  Undetermine(report.dsc_signature, "dsc_signature", changes);
  if (report.signer != nullptr && !IsUnfit(*report.signer)) Undetermine(report.chain, changes);
}

void SignerValidity(Report& report, Changes& changes) {
  Undetermine(report.dsc_validity_at_check, "dsc_validity_at_check", changes);
  Undetermine(report.dsc_validity_at_signing, "dsc_validity_at_signing", changes);
}

void AuthorityValidity(Report& report, Changes& changes) {
  Undetermine(report.csca_validity_at_check, "csca_validity_at_check", changes);
  Excuse({Defect::kAuthorityNotValidAtSigning}, report, changes);
}

// CertificateBodyField of Doc 9303-12 section 10.2.
constexpr int kFieldGeneric = 0, kFieldIssuer = 4, kFieldValidity = 5, kFieldSubject = 6;

bool Has(const Report& report, Defect defect) {
  return std::any_of(report.findings.begin(), report.findings.end(),
                     [&](const Finding& finding) { return finding.defect == defect; });
}

void SignerEncoding(const DeviationDescription& description, Report& report, Changes& changes) {
  if (report.signer != nullptr && !report.signer->violation.ok()) {
    Undetermine(report.dsc_signature, "dsc_signature", changes);
    Undetermine(report.chain, changes);
  }
  const int field = description.parameter.value_or(kFieldGeneric);
  const bool of_body = description.extension.empty();
  if (of_body && (field == kFieldIssuer || field == kFieldSubject)) Undetermine(report.country_match, changes);
  if (of_body && field == kFieldValidity) SignerValidity(report, changes);
  if (of_body && field == kFieldPublicKey && Has(report, Defect::kPublicKeyOnOtherCurve)) {
    changes.emplace_back("sod_signature invalid to valid, by a key on another curve");
  }
  if (description.extension == "2.5.29.15" && report.signer != nullptr && IsUnfit(*report.signer)) {
    Undetermine(report.chain, changes);  // keyUsage
  }
  if (description.extension == "2.5.29.16") Excuse({Defect::kSignerPrivateKeyUsagePeriod}, report, changes);
  if (description.extension == "2.23.136.1.1.6.2") Excuse({Defect::kDocumentTypeNotListed}, report, changes);
}

void AuthorityEncoding(const DeviationDescription& description, Report& report, Changes& changes) {
  // The signer's signature fits, and what is wrong is the authority above it.
  if (report.dsc_signature == SignatureState::kValid && report.signer != nullptr && !IsUnfit(*report.signer)) {
    Undetermine(report.chain, changes);
  }
  if (description.extension.empty() && description.parameter == kFieldValidity) AuthorityValidity(report, changes);
  if (description.extension == "2.5.29.16") Excuse({Defect::kAuthorityPrivateKeyUsagePeriod}, report, changes);
}

void Validity(const DeviationDescription& description, Report& report, Changes& changes) {
  const int whose = description.parameter.value_or(-1);  // 0 the authority's, 1 the signer's, 2 both
  if (whose == 1 || whose == 2) SignerValidity(report, changes);
  if (whose == 0 || whose == 2) AuthorityValidity(report, changes);
}

void SecurityObjectSignature(const DeviationDescription&, Report& report, Changes& changes) {
  Undetermine(report.sod_signature, "sod_signature", changes);
}

void DigestWrong(const DeviationDescription& description, Report& report, Changes& changes) {
  for (const int number : description.data_groups) ExcuseDigest(number, report, changes);
}

void ComInconsistent(const DeviationDescription&, Report& report, Changes& changes) {
  Excuse({Defect::kComMalformed, Defect::kComTrailingBytes, Defect::kComVersion, Defect::kComVersionDiffers,
          Defect::kDataGroupHiddenByCom, Defect::kDataGroupOnlyInCom},
         report, changes);
}

void SecurityObjectInvalid(const DeviationDescription& description, Report& report, Changes& changes) {
  constexpr int kEncodingFailure = 3, kDataGroupDigestsInvalid = 4;
  const int fault = description.parameter.value_or(0);
  if (fault == kDataGroupDigestsInvalid) {
    for (const DataGroupResult& result : std::vector<DataGroupResult>(report.data_groups)) {
      ExcuseDigest(result.number, report, changes);
    }
    return;
  }
  Undetermine(report.sod_signature, "sod_signature", changes);
  if (fault == kEncodingFailure) {
    Excuse({Defect::kSecurityObjectMalformed, Defect::kLdsSecurityObjectMalformed}, report, changes);
  }
}

void DataGroupMalformed(const DeviationDescription& description, Report& report, Changes& changes) {
  for (const int number : description.data_groups) {
    if (number == kComAsDataGroup) ComInconsistent(description, report, changes);
    if (number != kSecurityObjectAsDataGroup) continue;
    Undetermine(report.sod_signature, "sod_signature", changes);
    Excuse({Defect::kSecurityObjectMalformed, Defect::kLdsSecurityObjectMalformed}, report, changes);
  }
}

// Table 5.54 of TR-03135-1.
void SignerRevoked(const DeviationDescription& description, Report& report, Changes& changes) {
  constexpr int kOnHold = 1, kInadequate = 5, kProprietary = 32;
  const int code = description.parameter.value_or(0);
  const bool open = code == kOnHold || code == kInadequate || code >= kProprietary;
  const RevocationState state = open ? RevocationState::kUndetermined : RevocationState::kRevoked;
  if (report.revocation == RevocationState::kRevoked || report.revocation == state) return;
  changes.push_back(absl::StrCat("revocation ", std::string(ToWord(report.revocation)), " to ",
                                 std::string(ToWord(state)), ", status code ", code));
  report.revocation = state;
}

void WrongSignerIdentifier(const DeviationDescription& description, Report& report, Changes& changes) {
  // Only when the certificate that was taken is the one the list names instead.
  if (report.signer == nullptr || !description.signer.Names(*report.signer)) return;
  Excuse({Defect::kWrongSignerIdentifier}, report, changes);
}

void SignerMalformed(const DeviationDescription&, Report& report, Changes& changes) {
  Undetermine(report.dsc_signature, "dsc_signature", changes);
  Undetermine(report.chain, changes);
  Excuse({Defect::kSignerCertificateMalformed, Defect::kPublicKeyRefused}, report, changes);
}

// TR-03129-2 section 7.3.3: with a general defect of unknown meaning the chip should not be used.
void UnknownDocumentDefect(const DeviationDescription&, Report& report, Changes& changes) {
  if (report.chain != ChainState::kValid) return;
  report.chain = ChainState::kUndetermined;
  report.chain_reason = "the defect list names a general defect of unknown meaning";
  changes.emplace_back("chain valid to undetermined");
}

// Informs whoever makes that check: active and chip authentication, the zones, access to the chip.
void Nothing(const DeviationDescription&, Report&, Changes&) {}

struct Effect {
  DeviationType type;
  void (*apply)(const DeviationDescription&, Report&, Changes&);
  // For evidence: the checks it bears on, and what may become of them.
  std::string_view checks;
};
constexpr Effect kEffects[] = {
    {DeviationType::kUnknown, Nothing, "none: the type is not known"},
    {DeviationType::kCertificateOrKey, Nothing, "none: too general"},
    {DeviationType::kSignerSignatureWrong, SignerSignature, "signer's signature and chain: failed to undetermined"},
    {DeviationType::kSignerEncoding, SignerEncoding, "the check of the field named: failed to undetermined"},
    {DeviationType::kAuthorityEncoding, AuthorityEncoding, "chain, authority's validity: failed to undetermined"},
    {DeviationType::kActiveAuthenticationKeyCompromised, Nothing, "active authentication: to failed"},
    {DeviationType::kLds, Nothing, "none: too general"},
    {DeviationType::kDataGroupMalformed, DataGroupMalformed, "reading of the data group: a known defect"},
    {DeviationType::kDataGroupDigestWrong, DigestWrong, "data group integrity: failed to undetermined"},
    {DeviationType::kSecurityObjectSignatureWrong, SecurityObjectSignature,
     "security object signature: failed to undetermined"},
    {DeviationType::kComInconsistent, ComInconsistent, "EF.COM against EF.SOD: a known defect"},
    {DeviationType::kMrz, Nothing, "none: too general"},
    {DeviationType::kMrzWrongData, Nothing, "zone against DG1 and the page: failed to undetermined"},
    {DeviationType::kMrzWrongCheckDigit, Nothing, "check digit of the field: failed to undetermined"},
    {DeviationType::kChip, Nothing, "access to the chip: failed to not supported"},
    {DeviationType::kNationalUse, Nothing, "none: for the issuing state"},
    {DeviationType::kSignerRevoked, SignerRevoked, "revocation and trust: to failed or undetermined"},
    {DeviationType::kSignerReplaced, SignerMalformed, "signer's signature and chain: failed to undetermined"},
    {DeviationType::kChipAuthenticationKeyCompromised, Nothing, "chip authentication: to failed"},
    {DeviationType::kAuthenticationProtocolFailure, Nothing, "the protocol named: failed to undetermined"},
    {DeviationType::kValidityPeriodIncorrect, Validity, "validity of the certificate named: failed to not supported"},
    {DeviationType::kSecurityObjectInvalid, SecurityObjectInvalid, "security object signature: failed to undetermined"},
    {DeviationType::kWrongSignerIdentifier, WrongSignerIdentifier, "signer identifier: a known defect"},
    {DeviationType::kIssuingCountry, Nothing, "issuing state: compared with the country the list gives"},
    {DeviationType::kCardSecurityMalformed, Nothing, "EF.CardSecurity: failed to undetermined"},
    {DeviationType::kChipSecurityMalformed, Nothing, "EF.ChipSecurity: failed to undetermined"},
    {DeviationType::kPowerDownRequired, Nothing, "none: for the reader"},
    {DeviationType::kSignerMalformed, SignerMalformed, "signer's signature and chain: failed to undetermined"},
    {DeviationType::kEidApplication, Nothing, "none: of the eID application"},
    {DeviationType::kUnknownDocument, UnknownDocumentDefect, "chain: to undetermined"},
};

const Effect& EffectOf(DeviationType type) {
  const auto* found =
      std::find_if(std::begin(kEffects), std::end(kEffects), [&](const Effect& effect) { return effect.type == type; });
  return found == std::end(kEffects) ? kEffects[0] : *found;
}

// The country that the list puts in the place of the one in the certificate.
void CorrectCountry(const PassiveAuthenticationInput& input, const DeviationDescription& description, Report& report,
                    Changes& changes) {
  if (report.country_match == CountryState::kMatch || report.issuing_state.empty()) return;
  const auto allowed = input.countries(report.issuing_state);
  const bool agrees = std::find(allowed.begin(), allowed.end(), description.country) != allowed.end();
  const CountryState corrected = agrees ? CountryState::kMatch : CountryState::kMismatch;
  if (corrected == report.country_match) return;
  changes.push_back(absl::StrCat("country_match ", std::string(ToWord(report.country_match)), " to ",
                                 std::string(ToWord(corrected)), " with ", description.country));
  report.country_match = corrected;
}

}  // namespace

pki::DocumentFacts FactsOf(const PassiveAuthenticationInput& input, const pki::Certificate* signer,
                           std::optional<absl::Time> signing_time) {
  const DocumentOfZone zone = ReadDocumentOfZone(input);
  pki::DocumentFacts facts{.signer = signer,
                           .document_code = zone.document_code,
                           .document_number = zone.document_number,
                           .issued = signing_time};
  const auto countries = input.countries(zone.issuing_state);
  if (!countries.empty()) facts.country = std::string(countries.front());
  return facts;
}

void ApplyDeviations(const PassiveAuthenticationInput& input, const pki::CertificatePtr& signer, Report& report) {
  if (input.deviations == nullptr || input.deviations->empty()) return;
  const bool replaced = signer != nullptr && report.signer != nullptr && !pki::Equal(signer->der, report.signer->der);
  for (const pki::DeviationMatch& match : input.deviations->Find(FactsOf(input, signer.get(), report.signing_time))) {
    const DeviationDescription& description = *match.description;
    const Effect& effect = EffectOf(description.type);
    Changes changes;
    if (replaced && description.type == DeviationType::kSignerReplaced) {
      changes.emplace_back("signer's certificate replaced by the one that the list gives");
    } else {
      effect.apply(description, report, changes);
    }
    if (description.type == DeviationType::kIssuingCountry) CorrectCountry(input, description, report, changes);
    KnownDeviation known{.type = description.type,
                         .oid = description.oid,
                         .of_defect_list = match.list->source == pki::DeviationSource::kDefectList,
                         .list = match.list_name,
                         .list_version = pki::ToHex(match.list->fingerprint.bytes()),
                         .parameter = description.parameter,
                         .data_groups = description.data_groups,
                         .checks = std::string(effect.checks),
                         .changed = absl::StrJoin(changes, "; ")};
    report.findings.push_back(
        {changes.empty() ? Defect::kDeviationListed : Defect::kDeviationApplied,
         absl::StrCat(std::string(pki::ToWord(known.type)), " ", known.oid, " of list ",
                      known.list_version.substr(0, 16), changes.empty() ? "" : ": ", known.changed)});
    report.deviations.push_back(std::move(known));
  }
}

bool HasDeviation(const PassiveAuthenticationReport& report, pki::DeviationType type) {
  return std::any_of(report.deviations.begin(), report.deviations.end(),
                     [&](const KnownDeviation& known) { return known.type == type; });
}

}  // namespace gatehouse::emrtd
