#include "libs/emrtd/seals/verify.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "libs/emrtd/lds/data_groups.h"
#include "libs/emrtd/seals/key_digest.h"
#include "libs/emrtd/seals/signer.h"
#include "libs/mrz/parse.h"

namespace gatehouse::emrtd::seals {
namespace {

using pki::Bytes;

// Whether `certificate` made the signature; the words of the failure are in `reason`.
SignatureState CheckSignature(const Seal& seal, const pki::Certificate& certificate, SealReport& report,
                              std::string& reason) {
  if (!certificate.public_key.ok()) {
    reason = std::string(certificate.public_key.status().message());
    return SignatureState::kUndetermined;
  }
  const pki::PublicKey& key = *certificate.public_key;
  if (key.is_rsa()) {
    reason = "the signer's key is not an elliptic-curve key";
    return SignatureState::kUndetermined;
  }
  const pki::Digest digest = seal.digest.value_or(DigestOfKey(key.bits()));
  report.hash = std::string(pki::DigestName(digest));
  report.signature_algorithm = absl::StrCat("ECDSA plain ", key.curve());
  const pki::DigestValue value = pki::ComputeDigest(digest, Bytes(seal.signed_bytes));
  const auto verifies = [&](pki::SignatureScheme scheme) {
    return key.Verify({.scheme = scheme, .digest = digest}, digest, value, *seal.signature).ok();
  };
  if (verifies(pki::SignatureScheme::kEcdsaPlain)) return SignatureState::kValid;
  if (verifies(pki::SignatureScheme::kEcdsa)) {
    report.findings.push_back({Defect::kSignatureDerEncoded, ""});
    return SignatureState::kValid;
  }
  reason = "the signature is not that of the signer over these bytes";
  return SignatureState::kInvalid;
}

// The first candidate whose key fits, else the first: then it is the one that the seal names, and did not sign.
void CheckSigner(const Seal& seal, const SealInput& input, SealReport& report) {
  const std::vector<SignerCandidate> candidates = FindSigners(seal, *input.trust, report);
  if (candidates.empty()) {
    report.findings.push_back({Defect::kSignerCertificateMissing, ""});
    report.reason = "the signer's certificate is not known";
    return;
  }
  const SignerCandidate* signer = &candidates.front();
  std::string reason;
  for (const SignerCandidate& candidate : candidates) {
    if (!seal.signature) break;
    std::string why;
    const SignatureState state = CheckSignature(seal, *candidate.certificate, report, why);
    if (&candidate == &candidates.front() || state == SignatureState::kValid) {
      report.signature = state;
      reason = why;
      signer = &candidate;
    }
    if (state == SignatureState::kValid) break;
  }
  JudgeSealSigner(seal, *signer, input, report);
  if (report.signature != SignatureState::kValid && !reason.empty()) report.reason = reason;
}

// TR-03135: the seal, the certificate and the document must name one state.
void CheckCountry(const Seal& seal, const SealInput& input, SealReport& report) {
  if (report.signer == nullptr || seal.issuing_country.empty()) return;
  const auto allowed = input.countries(seal.issuing_country);
  const std::string& country = report.signer->subject.country();
  if (allowed.empty() || country.empty()) return;
  const auto among = [&](std::string_view one) {
    return std::find(allowed.begin(), allowed.end(), one) != allowed.end();
  };
  bool match = among(country) && (report.signer->issuer.country().empty() || among(report.signer->issuer.country()));
  if (input.document_issuing_state) {
    const auto of_document = input.countries(*input.document_issuing_state);
    match = match && std::find(of_document.begin(), of_document.end(), country) != of_document.end();
  }
  report.country_match = match ? CountryState::kMatch : CountryState::kMismatch;
}

// A seal leaves out the free places at the end of a visa's second line.
std::string WholeZone(std::string zone) {
  constexpr size_t kMrvA = 88, kMrvACut = 72, kMrvB = 72, kMrvBCut = 64;
  const bool visa = !zone.empty() && zone[0] == 'V';
  if (visa && zone.size() == kMrvBCut) zone.resize(kMrvB, '<');
  if (visa && zone.size() == kMrvACut) {
    // 72 characters are an MRV-B too; that one reads correctly as it is.
    if (!mrz::Parse(zone).valid()) zone.resize(kMrvA, '<');
  }
  return zone;
}

bool HasFinding(const SealReport& report, Severity severity) {
  return std::any_of(report.findings.begin(), report.findings.end(),
                     [&](const Finding& finding) { return SeverityOf(finding.defect) == severity; });
}

bool OutsideItsTime(ValidityState state) {
  return state == ValidityState::kExpired || state == ValidityState::kNotYetValid;
}

// The sentence for what no step has explained.
std::string ReasonOf(const Seal& seal, const SealReport& report) {
  if (report.revocation == RevocationState::kRevoked) return "the signer's certificate is revoked";
  if (report.country_match == CountryState::kMismatch) return "the seal and its signer are of different states";
  if (OutsideItsTime(report.signer_validity_at_signing)) return "the signer's certificate was not valid at the signing";
  for (const Finding& finding : report.findings) {
    if (SeverityOf(finding.defect) == Severity::kFatal) return std::string(ToWord(finding.defect));
  }
  if (!seal.signature) return "the seal has no signature that can be read";
  if (!report.reason.empty()) return report.reason;
  if (report.country_match == CountryState::kUndetermined) return "there is no country to compare";
  if (report.revocation == RevocationState::kUndetermined) return "the revocation list is stale";
  if (report.overall == Overall::kValidExpiredChain) return "the signer or its authority has expired since";
  return "";
}

}  // namespace

std::string_view ToWord(ChainState state) {
  static constexpr std::array<std::string_view, 5> kWords = {"valid", "invalid", "no_trust_anchor", "signer_given",
                                                             "undetermined"};
  return kWords[static_cast<size_t>(state)];
}

std::string_view ToWord(ZoneState state) {
  static constexpr std::array<std::string_view, 3> kWords = {"absent", "valid", "invalid"};
  return kWords[static_cast<size_t>(state)];
}

Overall DrawOverall(const SealReport& report) {
  if (report.signature == SignatureState::kInvalid || report.signer_signature == SignatureState::kInvalid ||
      report.chain == ChainState::kInvalid || report.revocation == RevocationState::kRevoked ||
      report.country_match == CountryState::kMismatch || OutsideItsTime(report.signer_validity_at_signing) ||
      report.signer_validity_at_check == ValidityState::kNotYetValid || HasFinding(report, Severity::kFatal)) {
    return Overall::kInvalid;
  }
  // Written as what must be there, so that a state nobody thought of is not taken for good.
  const bool established =
      report.signature == SignatureState::kValid && report.signer_signature == SignatureState::kValid &&
      report.chain == ChainState::kValid && report.country_match == CountryState::kMatch &&
      (report.revocation == RevocationState::kGood || report.revocation == RevocationState::kNoCrl);
  if (!established) return Overall::kUndetermined;
  if (report.signer_validity_at_check != ValidityState::kValid ||
      report.authority_validity_at_check != ValidityState::kValid) {
    return Overall::kValidExpiredChain;
  }
  if (HasFinding(report, Severity::kWarning)) return Overall::kValidWithWarning;
  if (HasFinding(report, Severity::kDefect)) return Overall::kValidWithDefect;
  return Overall::kValid;
}

void CheckZone(const Seal& seal, const SealInput& input, SealReport& report) {
  const Feature* feature = seal.Zone();
  if (feature == nullptr) return;
  const std::string zone = WholeZone(feature->value.Reveal());
  const bool reads = mrz::Parse(zone).valid();
  report.zone = reads ? ZoneState::kValid : ZoneState::kInvalid;
  if (!reads) report.findings.push_back({Defect::kZoneCheckDigits, ""});
  const auto issuer = FindIssuer(zone);
  if (issuer && !seal.issuing_country.empty() && issuer->issuing_state != seal.issuing_country) {
    report.findings.push_back({Defect::kIssuingStateDiffers, ""});
  }
  if (input.document_zone) {
    report.zone_compared = true;
    const std::string& printed = input.document_zone->Reveal();
    // As much of it as the seal holds.
    const std::string& held = feature->value.Reveal();
    if (printed.substr(0, held.size()) != held) report.findings.push_back({Defect::kDocumentZoneDiffers, ""});
  }
}

SealReport VerifySeal(const Seal& seal, const SealInput& given) {
  SealInput input = given;
  if (input.document_is_passport && seal.Find("passport_number") != nullptr) {
    input.document_zone.reset();
    input.document_issuing_state.reset();
  }
  SealReport report;
  report.trust_store_version = input.trust->version();
  report.findings = seal.findings;
  CheckSigner(seal, input, report);
  CheckCountry(seal, input, report);
  CheckZone(seal, input, report);
  report.overall = DrawOverall(report);
  const bool good = report.overall <= Overall::kValidWithWarning;
  report.reason = good ? "" : ReasonOf(seal, report);
  return report;
}

}  // namespace gatehouse::emrtd::seals
