#include "libs/emrtd/access/cv_chain.h"

#include <algorithm>

#include "libs/base/status_macros.h"
#include "libs/pki/oid.h"

namespace gatehouse::emrtd::access {
namespace {

using pki::Malformed;
namespace tag = pki::tag;

// A number that is not negative: with a zero before a first bit that is set, without other zeros.
Octets Integer(Bytes number) {
  while (number.size() > 1 && number[0] == 0) number = number.subspan(1);
  const Octets zero = {0};
  return EncodeTlv(tag::kInteger, {number[0] >= 0x80 ? Bytes(zero) : Bytes(), number});
}

Octets ObjectId(const pki::Oid& identifier) { return EncodeTlv(tag::kOid, identifier.bytes()); }

// SubjectPublicKeyInfo, so that one reader judges the keys of all certificates.
Octets PublicKeyInfo(Bytes algorithm, Bytes key) {
  const Octets no_unused_bits = {0};
  const Octets bits = EncodeTlv(tag::kBitString, {no_unused_bits, key});
  const Octets identifier = EncodeTlv(tag::kSequence, algorithm);
  return EncodeTlv(tag::kSequence, {identifier, bits});
}

Octets RsaKeyInfo(const CvPublicKey& key) {
  const Octets modulus = Integer(key.modulus), exponent = Integer(key.exponent);
  const Octets numbers = EncodeTlv(tag::kSequence, {modulus, exponent});
  const Octets identifier = ObjectId(pki::oid::kRsaEncryption), null = EncodeTlv(tag::kNull, Bytes());
  return PublicKeyInfo(Join({identifier, null}), numbers);
}

// ECParameters (RFC 3279 section 2.3.5).
Octets EcKeyInfo(Bytes point, const CvPublicKey& domain) {
  const Octets one = {1};
  const Octets field_type = ObjectId(pki::oid::kPrimeField), prime = Integer(domain.prime);
  const Octets a = EncodeTlv(tag::kOctetString, domain.a), b = EncodeTlv(tag::kOctetString, domain.b);
  const Octets version = Integer(one), field = EncodeTlv(tag::kSequence, {field_type, prime}),
               curve = EncodeTlv(tag::kSequence, {a, b}), base = EncodeTlv(tag::kOctetString, domain.generator),
               order = Integer(domain.order), cofactor = Integer(domain.cofactor);
  const Octets parameters = EncodeTlv(tag::kSequence, {version, field, curve, base, order, cofactor});
  const Octets identifier = ObjectId(pki::oid::kEcPublicKey);
  return PublicKeyInfo(Join({identifier, parameters}), point);
}

bool MayIssue(CvRole issuer, CvRole subject) {
  switch (issuer) {
    case CvRole::kAuthority:
      return subject != CvRole::kTerminal;
    case CvRole::kDomesticVerifier:
    case CvRole::kForeignVerifier:
      return subject == CvRole::kTerminal;
    case CvRole::kTerminal:
      return false;
  }
  return false;
}

CvChainResult Conclude(CvChainResult result, CvChainState state, CvChainReason reason, size_t position) {
  result.state = state;
  result.reason = reason;
  result.position = position;
  if (state != CvChainState::kValid) result.reads_fingerprints = result.reads_irises = false;
  return result;
}

}  // namespace

absl::StatusOr<CvKey> ResolveCvKey(const CvPublicKey& key, const CvPublicKey* inherited) {
  Octets info;
  if (key.rsa) {
    info = RsaKeyInfo(key);
  } else {
    const CvPublicKey* domain = key.has_domain_parameters ? &key : inherited;
    if (domain == nullptr || !domain->has_domain_parameters) return Malformed("7F49", "has no domain parameters");
    info = EcKeyInfo(key.point, *domain);
  }
  GH_ASSIGN_OR_RETURN(pki::PublicKey resolved, pki::PublicKey::Parse(info));
  return CvKey{std::move(resolved), key.algorithm};
}

absl::Status VerifyCvSignature(const CvKey& key, Bytes body, Bytes signature) {
  if (!key.key.is_rsa() && signature.size() != 2 * (static_cast<size_t>(key.key.bits() + 7) / 8)) {
    return absl::UnauthenticatedError("the signature has not twice the size of the order");
  }
  return key.key.VerifyData(key.algorithm, body, signature);
}

absl::Status VerifyCvRequest(const CvRequest& request, const CvPublicKey* inherited) {
  GH_ASSIGN_OR_RETURN(const CvKey key, ResolveCvKey(request.key, inherited));
  return VerifyCvSignature(key, request.body, request.signature);
}

CvChainReason CheckIssued(const CvCertificate& issuer, const CvKey& issuer_key, const CvCertificate& subject,
                          absl::CivilDay day) {
  if (subject.authority != issuer.holder) return CvChainReason::kReferenceDiffers;
  if (!MayIssue(issuer.authorization.role, subject.authorization.role)) return CvChainReason::kRole;
  if (subject.authorization.type != issuer.authorization.type) return CvChainReason::kTerminalType;
  const bool is_authority = subject.authorization.role == CvRole::kAuthority;
  if (subject.key.has_domain_parameters && !is_authority) return CvChainReason::kDomainParameters;
  if (!VerifyCvSignature(issuer_key, subject.body, subject.signature).ok()) return CvChainReason::kSignature;
  if (day < subject.effective) return CvChainReason::kNotYetValid;
  if (day > subject.expiration && !is_authority) return CvChainReason::kExpired;
  return CvChainReason::kNone;
}

CvChainResult VerifyCvChain(const CvChainInput& input) {
  std::span<const CvCertificate> chain = input.chain;
  const auto is_trust_point = [&](const CvCertificate& certificate) {
    return std::any_of(input.trust_points.begin(), input.trust_points.end(),
                       [&](const auto& trusted) { return pki::Equal(trusted.encoding, certificate.encoding); });
  };
  size_t position = 0;
  if (chain.size() > 1 && chain[0].self_signed() && is_trust_point(chain[0])) {
    chain = chain.subspan(1);
    position = 1;
  }
  if (chain.empty()) return Conclude({}, CvChainState::kUndetermined, CvChainReason::kNoTrustPoint, 0);
  if (chain.size() > kMaxCvChainLength) return Conclude({}, CvChainState::kInvalid, CvChainReason::kTooLong, 0);
  const auto anchor = std::find_if(input.trust_points.begin(), input.trust_points.end(),
                                   [&](const auto& trusted) { return trusted.holder == chain[0].authority; });
  if (anchor == input.trust_points.end()) {
    return Conclude({}, CvChainState::kUndetermined, CvChainReason::kNoTrustPoint, position);
  }
  CvChainResult result{.reads_fingerprints = anchor->authorization.reads_fingerprints(),
                       .reads_irises = anchor->authorization.reads_irises()};
  const CvCertificate* issuer = &*anchor;
  const CvPublicKey* domain = &anchor->key;  // of the nearest authority that has parameters
  for (const CvCertificate& subject : chain) {
    const absl::StatusOr<CvKey> key = ResolveCvKey(issuer->key, domain);
    if (!key.ok()) {
      result.detail = std::string(key.status().message());
      return Conclude(result, CvChainState::kInvalid, CvChainReason::kKeyRefused, position);
    }
    const CvChainReason reason = CheckIssued(*issuer, *key, subject, input.day);
    if (reason != CvChainReason::kNone) return Conclude(result, CvChainState::kInvalid, reason, position);
    result.reads_fingerprints = result.reads_fingerprints && subject.authorization.reads_fingerprints();
    result.reads_irises = result.reads_irises && subject.authorization.reads_irises();
    if (subject.key.has_domain_parameters) domain = &subject.key;
    issuer = &subject;
    ++position;
  }
  // The last key must be one that can be used, too.
  const absl::StatusOr<CvKey> last = ResolveCvKey(issuer->key, domain);
  if (!last.ok()) {
    result.detail = std::string(last.status().message());
    return Conclude(result, CvChainState::kInvalid, CvChainReason::kKeyRefused, position - 1);
  }
  return Conclude(result, CvChainState::kValid, CvChainReason::kNone, 0);
}

std::string_view ToWord(CvChainState state) {
  constexpr std::string_view kWords[] = {"valid", "invalid", "undetermined"};
  return kWords[static_cast<size_t>(state)];
}

std::string_view ToWord(CvChainReason reason) {
  constexpr std::string_view kWords[] = {"",
                                         "no_trust_point",
                                         "too_long",
                                         "reference_differs",
                                         "role",
                                         "terminal_type",
                                         "domain_parameters",
                                         "key_refused",
                                         "signature",
                                         "not_yet_valid",
                                         "expired"};
  return kWords[static_cast<size_t>(reason)];
}

}  // namespace gatehouse::emrtd::access
