#include "libs/pki/curve_parameters.h"

#include <openssl/objects.h>

#include <algorithm>
#include <array>

#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/pki/openssl.h"

namespace gatehouse::pki {
namespace {

using Number = std::vector<uint8_t>;  // big-endian, no leading zeros

struct KnownCurve {
  std::string name;
  int field_bytes = 0;
  Oid oid = "";
  Number p, a, b, x, y, n, h;
};

struct CurveName {
  const char* oid;
  const char* name;
};
// The twisted Brainpool curves (t1) are not among them: they exist to compute on, and TR-03110 and Doc 9303 issue keys
// on none.
constexpr std::array<CurveName, 12> kNames = {{
    {"1.2.840.10045.3.1.1", "prime192v1"},
    {"1.3.132.0.33", "secp224r1"},
    {"1.2.840.10045.3.1.7", "prime256v1"},
    {"1.3.132.0.34", "secp384r1"},
    {"1.3.132.0.35", "secp521r1"},
    {"1.3.36.3.3.2.8.1.1.1", "brainpoolP160r1"},
    {"1.3.36.3.3.2.8.1.1.3", "brainpoolP192r1"},
    {"1.3.36.3.3.2.8.1.1.5", "brainpoolP224r1"},
    {"1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"},
    {"1.3.36.3.3.2.8.1.1.9", "brainpoolP320r1"},
    {"1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"},
    {"1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"},
}};

Number ToNumber(const BIGNUM* value) {
  Number bytes(static_cast<size_t>(BN_num_bytes(value)));
  BN_bn2bin(value, bytes.data());
  return bytes;
}

Number ToNumber(Bytes bytes) {
  const auto first = std::find_if(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte != 0; });
  return Number(first, bytes.end());
}

KnownCurve Load(const CurveName& curve) {
  const GroupPtr group(EC_GROUP_new_by_curve_name(OBJ_txt2nid(curve.name)));
  GH_CHECK(group != nullptr);
  BigNumber p(BN_new()), a(BN_new()), b(BN_new()), x(BN_new()), y(BN_new());
  GH_CHECK(EC_GROUP_get_curve(group.get(), p.get(), a.get(), b.get(), nullptr) == 1);
  GH_CHECK(EC_POINT_get_affine_coordinates(group.get(), EC_GROUP_get0_generator(group.get()), x.get(), y.get(),
                                           nullptr) == 1);
  return {.name = curve.name,
          .field_bytes = BN_num_bytes(p.get()),
          .oid = curve.oid,
          .p = ToNumber(p.get()),
          .a = ToNumber(a.get()),
          .b = ToNumber(b.get()),
          .x = ToNumber(x.get()),
          .y = ToNumber(y.get()),
          .n = ToNumber(EC_GROUP_get0_order(group.get())),
          .h = ToNumber(EC_GROUP_get0_cofactor(group.get()))};
}

const std::vector<KnownCurve>& KnownCurves() {
  static const auto& curves = *[] {
    auto* loaded = new std::vector<KnownCurve>;
    for (const CurveName& curve : kNames) loaded->push_back(Load(curve));
    return loaded;
  }();
  return curves;
}

struct ExplicitParameters {
  Number p, a, b, n, h;
  Bytes generator;
};

// SpecifiedECDomain ::= SEQUENCE { version, fieldID, curve {a, b, seed?}, base, order, cofactor? }
absl::StatusOr<ExplicitParameters> ReadExplicit(const Tlv& parameters) {
  constexpr std::string_view kField = "explicit curve parameters";
  ExplicitParameters read;
  TlvReader reader(parameters.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv version, reader.Expect(tag::kInteger, kField));
  GH_ASSIGN_OR_RETURN(const int number, ReadSmallInteger(version, kField));
  if (number < 1 || number > 3) return Malformed(kField, "have an unknown version");
  GH_ASSIGN_OR_RETURN(const Tlv field_id, reader.Expect(tag::kSequence, kField));
  TlvReader field(field_id.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv field_type, field.Expect(tag::kOid, kField));
  if (!(oid::kPrimeField == field_type.value)) return Malformed(kField, "are not over a prime field");
  GH_ASSIGN_OR_RETURN(const Tlv p, field.Expect(tag::kInteger, kField));
  GH_ASSIGN_OR_RETURN(const Tlv curve, reader.Expect(tag::kSequence, kField));
  TlvReader coefficients(curve.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv a, coefficients.Expect(tag::kOctetString, kField));
  GH_ASSIGN_OR_RETURN(const Tlv b, coefficients.Expect(tag::kOctetString, kField));
  GH_ASSIGN_OR_RETURN(const Tlv generator, reader.Expect(tag::kOctetString, kField));
  GH_ASSIGN_OR_RETURN(const Tlv n, reader.Expect(tag::kInteger, kField));
  GH_ASSIGN_OR_RETURN(const auto cofactor, reader.Optional(tag::kInteger, kField));
  read.p = ToNumber(p.value);
  read.a = ToNumber(a.value);
  read.b = ToNumber(b.value);
  read.n = ToNumber(n.value);
  read.h = cofactor ? ToNumber(cofactor->value) : Number{1};
  read.generator = generator.value;
  return read;
}

bool SameGenerator(const KnownCurve& curve, Bytes point) {
  const size_t size = static_cast<size_t>(curve.field_bytes);
  if (point.empty()) return false;
  if (point[0] == 0x04) {
    return point.size() == 1 + 2 * size && ToNumber(point.subspan(1, size)) == curve.x &&
           ToNumber(point.subspan(1 + size)) == curve.y;
  }
  if (point[0] != 0x02 && point[0] != 0x03) return false;
  return point.size() == 1 + size && ToNumber(point.subspan(1)) == curve.x && (point[0] & 1) == (curve.y.back() & 1);
}

}  // namespace

absl::StatusOr<Curve> ReadCurve(const Tlv& parameters) {
  constexpr std::string_view kField = "curve";
  if (parameters.tag == tag::kOid) {
    for (const KnownCurve& curve : KnownCurves()) {
      if (curve.oid == parameters.value) return Curve{curve.name, curve.field_bytes, false};
    }
    return Malformed(kField, "is no curve we know: " + OidText(parameters.value));
  }
  if (parameters.tag != tag::kSequence) return Malformed(kField, "is neither named nor given");
  GH_ASSIGN_OR_RETURN(const ExplicitParameters given, ReadExplicit(parameters));
  for (const KnownCurve& curve : KnownCurves()) {
    if (given.p != curve.p || given.a != curve.a || given.b != curve.b) continue;
    if (given.n != curve.n || given.h != curve.h || !SameGenerator(curve, given.generator)) {
      return Malformed(kField, "has the field and coefficients of " + curve.name + " but another generator or order");
    }
    return Curve{curve.name, curve.field_bytes, true};
  }
  return Malformed(kField, "is given by parameters that are no known curve");
}

std::vector<Curve> OtherCurvesOfSize(const Curve& curve) {
  std::vector<Curve> others;
  for (const KnownCurve& known : KnownCurves()) {
    if (known.field_bytes == curve.field_bytes && known.name != curve.name) {
      others.push_back({known.name, known.field_bytes, curve.explicit_parameters});
    }
  }
  return others;
}

}  // namespace gatehouse::pki
