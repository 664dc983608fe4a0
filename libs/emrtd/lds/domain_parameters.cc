#include "libs/emrtd/lds/domain_parameters.h"

#include <array>

#include "libs/base/status_macros.h"
#include "libs/pki/curve_parameters.h"
#include "libs/pki/oid.h"

namespace gatehouse::emrtd {
namespace {

using pki::Malformed;
using pki::Rules;
using pki::Tlv;
using pki::TlvReader;
namespace tag = pki::tag;

constexpr pki::Oid kStandardisedDomainParameters = "0.4.0.127.0.7.1.2";
constexpr pki::Oid kDhPublicNumber = "1.2.840.10046.2.1";
constexpr pki::Oid kDhKeyAgreement = "1.2.840.113549.1.3.1";
constexpr pki::Oid kEcDh = "1.3.132.1.12";

// TR-03110-3 table 4. The first three are RFC 5114's.
constexpr std::array<StandardisedParameters, 14> kStandardised = {{
    {0, KeyAgreement::kDh, "dh_1024_160"},
    {1, KeyAgreement::kDh, "dh_2048_224"},
    {2, KeyAgreement::kDh, "dh_2048_256"},
    {8, KeyAgreement::kEcdh, "prime192v1"},
    {9, KeyAgreement::kEcdh, "brainpoolP192r1"},
    {10, KeyAgreement::kEcdh, "secp224r1"},
    {11, KeyAgreement::kEcdh, "brainpoolP224r1"},
    {12, KeyAgreement::kEcdh, "prime256v1"},
    {13, KeyAgreement::kEcdh, "brainpoolP256r1"},
    {14, KeyAgreement::kEcdh, "brainpoolP320r1"},
    {15, KeyAgreement::kEcdh, "secp384r1"},
    {16, KeyAgreement::kEcdh, "brainpoolP384r1"},
    {17, KeyAgreement::kEcdh, "brainpoolP512r1"},
    {18, KeyAgreement::kEcdh, "secp521r1"},
}};

absl::StatusOr<Bytes> ReadNumber(TlvReader& reader, std::string_view field) {
  GH_ASSIGN_OR_RETURN(const Tlv element, reader.Expect(tag::kInteger, field));
  Bytes number = element.value;
  if (number.empty() || number[0] >= 0x80) return Malformed(field, "has a number that is not positive");
  while (!number.empty() && number[0] == 0) number = number.subspan(1);
  if (number.empty()) return Malformed(field, "has a number that is zero");
  if (number.size() > kMaxDhBytes) return Malformed(field, "has a number beyond the limit");
  return number;
}

// DomainParameters of RFC 3279 {p, g, q, j?, validation?} or DHParameter of PKCS #3 {p, g, length?}.
absl::Status ReadDhGroup(TlvReader& reader, bool with_order, DomainParameters& domain, std::string_view field) {
  GH_ASSIGN_OR_RETURN(const Tlv group, reader.Expect(tag::kSequence, field));
  TlvReader numbers(group.value, Rules::kBer);
  domain.agreement = KeyAgreement::kDh;
  domain.explicit_parameters = true;
  GH_ASSIGN_OR_RETURN(domain.prime, ReadNumber(numbers, field));
  GH_ASSIGN_OR_RETURN(domain.generator, ReadNumber(numbers, field));
  if (with_order) {
    GH_ASSIGN_OR_RETURN(domain.order, ReadNumber(numbers, field));
  }
  return absl::OkStatus();
}

absl::Status ReadStandardised(TlvReader& reader, DomainParameters& domain, std::string_view field) {
  GH_ASSIGN_OR_RETURN(const Tlv number, reader.Expect(tag::kInteger, field));
  GH_ASSIGN_OR_RETURN(const int id, pki::ReadSmallInteger(number, field));
  const StandardisedParameters* found = FindStandardisedParameters(id);
  if (found == nullptr) return Malformed(field, "has a reserved number of domain parameters");
  domain.standardised_id = id;
  domain.agreement = found->agreement;
  domain.group = found->group;
  return absl::OkStatus();
}

bool IsPointOf(const DomainParameters& domain, Bytes point) {
  if (point.size() < 2) return false;
  const bool whole = point[0] == 0x04 && point.size() % 2 == 1;
  const bool compressed = point[0] == 0x02 || point[0] == 0x03;
  constexpr size_t kMaxFieldBytes = 66;
  return (whole || compressed) && point.size() <= 1 + 2 * kMaxFieldBytes && domain.agreement == KeyAgreement::kEcdh;
}

}  // namespace

std::string_view ToWord(KeyAgreement agreement) { return agreement == KeyAgreement::kDh ? "dh" : "ecdh"; }

const StandardisedParameters* FindStandardisedParameters(int id) {
  for (const StandardisedParameters& parameters : kStandardised) {
    if (parameters.id == id) return &parameters;
  }
  return nullptr;
}

absl::StatusOr<DomainParameters> ReadDomainParameters(const Tlv& algorithm_identifier, std::string_view field) {
  DomainParameters domain;
  TlvReader reader(algorithm_identifier.value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv algorithm, reader.Expect(tag::kOid, field));
  if (kStandardisedDomainParameters == algorithm.value) {
    GH_RETURN_IF_ERROR(ReadStandardised(reader, domain, field));
  } else if (pki::oid::kEcPublicKey == algorithm.value || kEcDh == algorithm.value) {
    GH_ASSIGN_OR_RETURN(const Tlv parameters, reader.Next(field));
    GH_ASSIGN_OR_RETURN(const pki::Curve curve, pki::ReadCurve(parameters));
    domain.group = curve.name;
    domain.explicit_parameters = curve.explicit_parameters;
  } else if (kDhPublicNumber == algorithm.value || kDhKeyAgreement == algorithm.value) {
    GH_RETURN_IF_ERROR(ReadDhGroup(reader, kDhPublicNumber == algorithm.value, domain, field));
  } else {
    return Malformed(field, "is of a kind we do not know: " + pki::OidText(algorithm.value));
  }
  GH_RETURN_IF_ERROR(reader.ExpectEnd(field));
  return domain;
}

absl::StatusOr<AgreementKey> ReadAgreementKey(const Tlv& subject_public_key_info, std::string_view field) {
  AgreementKey key{.subject_public_key_info = subject_public_key_info.encoding};
  TlvReader reader(subject_public_key_info.value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv algorithm, reader.Expect(tag::kSequence, field));
  GH_ASSIGN_OR_RETURN(key.domain, ReadDomainParameters(algorithm, field));
  GH_ASSIGN_OR_RETURN(const Tlv bits, reader.Expect(tag::kBitString, field));
  GH_RETURN_IF_ERROR(reader.ExpectEnd(field));
  GH_ASSIGN_OR_RETURN(key.public_key, pki::ReadBitStringOctets(bits, field));
  if (key.domain.agreement == KeyAgreement::kDh) {
    TlvReader number(key.public_key, Rules::kBer);
    GH_ASSIGN_OR_RETURN(key.public_key, ReadNumber(number, field));
    GH_RETURN_IF_ERROR(number.ExpectEnd(field));
  } else if (!IsPointOf(key.domain, key.public_key)) {
    return Malformed(field, "holds no point of a curve");
  }
  return key;
}

}  // namespace gatehouse::emrtd
