#include "libs/emrtd/access/domain_parameters.h"

#include <algorithm>
#include <array>

#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/access/domain_parameters_kinds.h"
#include "libs/pki/curve_parameters.h"
#include "libs/pki/oid.h"

namespace gatehouse::emrtd::access {
namespace {

using pki::Malformed;
using pki::Rules;
using pki::Tlv;
using pki::TlvReader;

constexpr pki::Oid kDhPublicNumber = "1.2.840.10046.2.1";     // X9.42: p, g, q, ...
constexpr pki::Oid kDhKeyAgreement = "1.2.840.113549.1.3.1";  // PKCS #3: p, g, length?

constexpr int kFirstCurve = 8;
// OpenSSL's names, from number 8 on.
constexpr std::array<const char*, 11> kCurves = {
    "prime192v1",      "brainpoolP192r1", "secp224r1",       "brainpoolP224r1", "prime256v1", "brainpoolP256r1",
    "brainpoolP320r1", "secp384r1",       "brainpoolP384r1", "brainpoolP512r1", "secp521r1"};

using AllGroups = std::vector<std::unique_ptr<DomainParameters>>;

const AllGroups& Groups() {
  static const auto& groups = *[] {
    auto* all = new AllGroups;
    all->push_back(MakeModpGroup(0, "MODP 1024/160", "dh_1024_160"));
    all->push_back(MakeModpGroup(1, "MODP 2048/224", "dh_2048_224"));
    all->push_back(MakeModpGroup(2, "MODP 2048/256", "dh_2048_256"));
    for (size_t i = 0; i < kCurves.size(); ++i) {
      all->push_back(MakeEllipticCurve(kFirstCurve + static_cast<int>(i), kCurves[i]));
    }
    return all;
  }();
  return groups;
}

absl::StatusOr<const DomainParameters*> MatchDh(const Tlv& parameters) {
  constexpr std::string_view kField = "DH parameters";
  if (parameters.tag != pki::tag::kSequence) return Malformed(kField, "are not a sequence");
  TlvReader reader(parameters.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv modulus, reader.Expect(pki::tag::kInteger, kField));
  GH_ASSIGN_OR_RETURN(const Tlv base, reader.Expect(pki::tag::kInteger, kField));
  // Known p and g leave no choice of the rest (q, cofactor, or the length of private keys).
  for (const auto& group : Groups()) {
    if (IsModpGroup(*group, modulus.value, base.value)) return group.get();
  }
  return Malformed(kField, "are no standardised group");
}

bool IsZero(Bytes number) {
  return std::all_of(number.begin(), number.end(), [](uint8_t octet) { return octet == 0; });
}

}  // namespace

const DomainParameters* DomainParameters::Find(int id) {
  for (const auto& group : Groups()) {
    if (group->id() == id) return group.get();
  }
  return nullptr;
}

absl::StatusOr<const DomainParameters*> DomainParameters::Match(const Tlv& algorithm_identifier) {
  constexpr std::string_view kField = "domain parameters";
  TlvReader reader(algorithm_identifier.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv algorithm, reader.Expect(pki::tag::kOid, kField));
  GH_ASSIGN_OR_RETURN(const Tlv parameters, reader.Next(kField));
  GH_RETURN_IF_ERROR(reader.ExpectEnd(kField));
  if (kDhPublicNumber == algorithm.value || kDhKeyAgreement == algorithm.value) return MatchDh(parameters);
  if (!(pki::oid::kEcPublicKey == algorithm.value)) {
    return Malformed(kField, "are of a type we do not accept: " + pki::OidText(algorithm.value));
  }
  GH_ASSIGN_OR_RETURN(const pki::Curve curve, pki::ReadCurve(parameters));
  for (const auto& group : Groups()) {
    if (group->name() == curve.name) return group.get();
  }
  return Malformed(kField, "are of the curve " + curve.name + ", which is not standardised for key agreement");
}

KeyPair GenerateKeyPair(const DomainParameters& group, base::Random& random, Bytes generator) {
  absl::StatusOr<KeyPair> pair = MakeKeyPair(group, group.RandomScalar(random), generator);
  GH_CHECK(pair.ok());
  return *std::move(pair);
}

absl::StatusOr<KeyPair> MakeKeyPair(const DomainParameters& group, Octets private_key, Bytes generator) {
  if (IsZero(private_key)) return Malformed("private key", "is zero");
  GH_ASSIGN_OR_RETURN(Octets public_key, group.Multiply(private_key, generator));
  return KeyPair{.private_key = base::Redacted(std::move(private_key)), .public_key = std::move(public_key)};
}

absl::StatusOr<Octets> Agree(const DomainParameters& group, const KeyPair& mine, Bytes theirs) {
  GH_ASSIGN_OR_RETURN(const Octets shared, group.Multiply(mine.private_key.Reveal(), theirs));
  return group.SharedSecretOf(shared);
}

Octets EncodeElement(const DomainParameters& group, Bytes element) {
  if (group.elliptic()) return Copy(element);
  return Octets(std::find_if(element.begin(), element.end(), [](uint8_t octet) { return octet != 0; }), element.end());
}

absl::StatusOr<Octets> DecodeElement(const DomainParameters& group, Bytes encoded) {
  if (encoded.size() > group.element_bytes()) return Malformed("public key", "is too long for its group");
  Octets element = Copy(encoded);
  if (!group.elliptic()) element.insert(element.begin(), group.element_bytes() - element.size(), 0);
  GH_RETURN_IF_ERROR(group.CheckElement(element));
  return element;
}

}  // namespace gatehouse::emrtd::access
