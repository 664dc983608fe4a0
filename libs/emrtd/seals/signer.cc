#include "libs/emrtd/seals/signer.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/pki/oid.h"

namespace gatehouse::emrtd::seals {
namespace {

using pki::Bytes;

// The purposes of Doc 9303-12 table 6 and the VDS-NC technical report.
constexpr pki::Oid kVdsNcSigner = "2.23.136.1.1.14.2";
constexpr pki::Oid kHealthAuthority = "2.23.136.1.1.14.1";
// A certificate for one of these signs no seal; master and deviation lists are refused by TrustStore.
constexpr pki::Oid kOtherPurposes[] = {"2.23.136.1.1.9.1",  "2.23.136.1.1.9.2",  "2.23.136.1.1.9.3",
                                       "2.23.136.1.1.10.1", "2.23.136.1.1.10.2", "2.23.136.1.1.12.1"};

// "0005B" to the octets 00 00 5B: the digits as a number. Empty when they are none.
std::vector<uint8_t> SerialOf(std::string_view digits) {
  std::vector<uint8_t> octets;
  if (digits.empty()) return octets;
  std::string even = digits.size() % 2 == 0 ? std::string(digits) : "0" + std::string(digits);
  for (size_t i = 0; i < even.size(); i += 2) {
    int value = 0;
    for (const char c : {even[i], even[i + 1]}) {
      const char lower = static_cast<char>(c | 0x20);
      const bool digit = c >= '0' && c <= '9';
      if (!digit && (lower < 'a' || lower > 'f')) return {};
      value = value << 4 | (digit ? c - '0' : lower - 'a' + 10);
    }
    octets.push_back(static_cast<uint8_t>(value));
  }
  return octets;
}

// The identifier is country and common name; some issuers write the country into the common name again.
bool BearsName(const pki::Certificate& certificate, const std::string& identifier) {
  if (identifier.size() < 3) return false;
  return absl::EqualsIgnoreCase(certificate.subject.country(), identifier.substr(0, 2)) &&
         (absl::EqualsIgnoreCase(certificate.subject.common_name(), identifier.substr(2)) ||
          absl::EqualsIgnoreCase(certificate.subject.common_name(), identifier));
}

bool MatchesTail(const pki::Certificate& certificate, const std::vector<uint8_t>& tail) {
  const pki::DigestValue fingerprint = pki::ComputeDigest(pki::Digest::kSha1, Bytes(certificate.der));
  return tail.size() <= fingerprint.size_bytes && pki::Equal(fingerprint.bytes().last(tail.size()), tail);
}

void CheckPurpose(const Seal& seal, const pki::Certificate& signer, SealReport& report) {
  const auto names = [&](const pki::Oid& purpose) { return signer.HasExtendedKeyUsage(purpose); };
  if (std::any_of(std::begin(kOtherPurposes), std::end(kOtherPurposes), names) || names(kHealthAuthority)) {
    report.findings.push_back({Defect::kSignerPurpose, "extendedKeyUsage is not for seals"});
  } else if (seal.kind == Kind::kVdsNc && !names(kVdsNcSigner)) {
    report.findings.push_back(
        {signer.extended_key_usage.empty() ? Defect::kSignerPurposeNotStated : Defect::kSignerPurpose,
         "extendedKeyUsage lacks the VDS-NC purpose"});
  }
  if (seal.kind != Kind::kVdsNc || !signer.document_types) return;
  // The health proofs have the types NT and NV.
  const std::string_view wanted = seal.feature_definition == "icao.test"   ? "NT"
                                  : seal.feature_definition == "icao.vacc" ? "NV"
                                                                           : "";
  const auto& types = *signer.document_types;
  if (!wanted.empty() && std::find(types.begin(), types.end(), wanted) == types.end()) {
    report.findings.push_back({Defect::kDocumentTypeNotListed, absl::StrJoin(types, ", ")});
  }
}

ValidityState ValidityAt(const pki::Certificate& certificate, absl::Time time) {
  return time < certificate.not_before  ? ValidityState::kNotYetValid
         : certificate.not_after < time ? ValidityState::kExpired
                                        : ValidityState::kValid;
}

// A seal states the day of signing and no hour, in whatever zone the issuer lives: the certificate must have been valid
// at some moment of that day anywhere.
ValidityState ValidityOn(const pki::Certificate& certificate, absl::CivilDay day) {
  constexpr absl::Duration kZones = absl::Hours(14);
  const absl::Time begin = absl::FromCivil(day, absl::UTCTimeZone()) - kZones;
  const absl::Time end = absl::FromCivil(day + 1, absl::UTCTimeZone()) + kZones;
  return end < certificate.not_before    ? ValidityState::kNotYetValid
         : certificate.not_after < begin ? ValidityState::kExpired
                                         : ValidityState::kValid;
}

void CheckRevocation(const SealInput& input, SealReport& report) {
  const pki::RevocationAnswer answer = input.trust->Revocation(*report.signer, input.check_time);
  report.revocation = answer.state;
  report.crl = answer.crl;
  if (answer.badly_signed_crl) report.findings.push_back({Defect::kCrlBadlySigned, "a CRL in the issuer's name"});
  if (answer.state == RevocationState::kUndetermined) {
    const Defect why = !answer.missing_crl.empty() ? Defect::kCrlMissing
                       : answer.crl_of_another_key ? Defect::kCrlOfAnotherKey
                                                   : Defect::kCrlStale;
    report.findings.push_back({why, DescribeUndetermined(answer)});
  }
}

}  // namespace

std::vector<SignerCandidate> FindSigners(const Seal& seal, const pki::TrustStore& trust, SealReport& report) {
  std::vector<SignerCandidate> found;
  const SignerReference& reference = seal.signer;
  if (!reference.certificate.empty()) {
    absl::StatusOr<pki::CertificatePtr> embedded = pki::Certificate::Parse(reference.certificate);
    if (embedded.ok()) {
      if (!reference.fingerprint_tail.empty() && !MatchesTail(**embedded, reference.fingerprint_tail)) {
        report.findings.push_back({Defect::kSignerNotTheReferenced, "the certificate in the seal"});
      }
      found.push_back({*std::move(embedded), true});
    } else {
      report.findings.push_back({Defect::kSignerCertificateMalformed, std::string(embedded.status().message())});
    }
  }
  if (!reference.fingerprint_tail.empty()) {
    for (pki::CertificatePtr& known : trust.SignersOfFingerprintTail(reference.fingerprint_tail)) {
      found.push_back({std::move(known)});
    }
  } else if (!reference.identifier.empty()) {
    const std::vector<uint8_t> serial = SerialOf(reference.certificate_reference);
    if (serial.empty()) return found;
    for (pki::CertificatePtr& known : trust.SignersOfSerial(serial)) {
      if (BearsName(*known, reference.identifier)) found.push_back({std::move(known)});
    }
  }
  return found;
}

void JudgeSealSigner(const Seal& seal, const SignerCandidate& candidate, const SealInput& input, SealReport& report) {
  report.signer = candidate.certificate;
  const pki::SignerVerdictPtr verdict = input.trust->Judge(candidate.certificate);
  report.signer_signature = verdict->signature;
  report.authority = verdict->named_authority;
  if (!verdict->paths.empty()) report.authority = verdict->paths.front().front();
  switch (verdict->chain) {
    case pki::ChainState::kValid:
      report.chain = ChainState::kValid;
      break;
    case pki::ChainState::kInvalid:
      report.chain = ChainState::kInvalid;
      break;
    case pki::ChainState::kNoTrustAnchor:
      report.chain = candidate.embedded ? ChainState::kNoTrustAnchor : ChainState::kSignerGiven;
      break;
  }
  if (report.chain != ChainState::kValid) report.reason = verdict->reason;
  report.signer_validity_at_check = ValidityAt(*report.signer, input.check_time);
  if (report.authority != nullptr) {
    report.authority_validity_at_check = ValidityAt(*report.authority, input.check_time);
  }
  if (seal.signature_date.day) {
    report.signer_validity_at_signing = ValidityOn(*report.signer, *seal.signature_date.day);
    if (absl::FromCivil(*seal.signature_date.day, absl::UTCTimeZone()) > input.check_time + absl::Hours(14)) {
      report.findings.push_back({Defect::kSignatureDateInFuture, seal.signature_date.text()});
    }
  }
  CheckPurpose(seal, *report.signer, report);
  CheckRevocation(input, report);
}

}  // namespace gatehouse::emrtd::seals
