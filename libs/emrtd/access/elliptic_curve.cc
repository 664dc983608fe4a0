#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include "libs/base/status_macros.h"
#include "libs/emrtd/access/group_kinds.h"
#include "libs/emrtd/access/numbers.h"

namespace gatehouse::emrtd::access {
namespace {

using pki::Malformed;
using Point = pki::OpensslPtr<EC_POINT, EC_POINT_clear_free>;

constexpr std::string_view kField = "point";

size_t FieldBytes(int field_bits) { return static_cast<size_t>((field_bits + 7) / 8); }

class EllipticCurve final : public Group {
 public:
  EllipticCurve(int id, std::string_view name, pki::GroupPtr group, int field_bits)
      : Group(id, name, true, 1 + 2 * FieldBytes(field_bits), field_bits),
        group_(std::move(group)),
        field_bytes_(FieldBytes(field_bits)) {
    generator_ = Encode(EC_GROUP_get0_generator(group_.get()));
    const BIGNUM* order = EC_GROUP_get0_order(group_.get());
    order_ = ToOctets(order, static_cast<size_t>(BN_num_bytes(order)));
  }

  const Octets& generator() const override { return generator_; }
  const Octets& order() const override { return order_; }

  // The cofactor of every curve here is one: whatever is on the curve is in the group.
  absl::Status CheckElement(Bytes element) const override { return Decode(element).status(); }

  absl::StatusOr<Octets> Multiply(Bytes scalar, Bytes element) const override {
    GH_ASSIGN_OR_RETURN(const Point point, Decode(element));
    const NumberContext context = NewContext();
    const Point product(EC_POINT_new(group_.get()));
    GH_CHECK(EC_POINT_mul(group_.get(), product.get(), nullptr, point.get(), ToNumber(scalar).get(), context.get()) ==
             1);
    return EncodeFinite(product.get());
  }

  absl::StatusOr<Octets> Add(Bytes a, Bytes b) const override {
    GH_ASSIGN_OR_RETURN(const Point left, Decode(a));
    GH_ASSIGN_OR_RETURN(const Point right, Decode(b));
    const NumberContext context = NewContext();
    const Point sum(EC_POINT_new(group_.get()));
    GH_CHECK(EC_POINT_add(group_.get(), sum.get(), left.get(), right.get(), context.get()) == 1);
    return EncodeFinite(sum.get());
  }

  Octets SharedSecretOf(Bytes element) const override {
    GH_CHECK(element.size() == element_bytes());
    return Copy(element.subspan(1, field_bytes_));
  }

  absl::StatusOr<Octets> MapToElement(Bytes number) const override;

  Octets RandomScalar(base::Random& random) const override {
    return DrawScalar(EC_GROUP_get0_order(group_.get()), random);
  }
  Octets DivideScalars(Bytes a, Bytes b) const override {
    return DivideModulo(a, b, EC_GROUP_get0_order(group_.get()));
  }

 private:
  Octets Encode(const EC_POINT* point) const {
    Octets encoded(element_bytes());
    GH_CHECK(EC_POINT_point2oct(group_.get(), point, POINT_CONVERSION_UNCOMPRESSED, encoded.data(), encoded.size(),
                                nullptr) == encoded.size());
    return encoded;
  }

  absl::StatusOr<Octets> EncodeFinite(const EC_POINT* point) const {
    if (EC_POINT_is_at_infinity(group_.get(), point) == 1) return Malformed(kField, "is at infinity");
    return Encode(point);
  }

  absl::StatusOr<Point> Decode(Bytes element) const {
    if (element.size() != element_bytes() || element[0] != POINT_CONVERSION_UNCOMPRESSED) {
      return Malformed(kField, "is not uncompressed or has a wrong size");
    }
    Point point(EC_POINT_new(group_.get()));
    // Refuses coordinates that are not of the field or not on the curve.
    if (EC_POINT_oct2point(group_.get(), point.get(), element.data(), element.size(), nullptr) != 1) {
      ERR_clear_error();
      return Malformed(kField, "is not on the curve");
    }
    return point;
  }

  const pki::GroupPtr group_;
  const size_t field_bytes_;
  Octets generator_;
  Octets order_;
};

// Simplified Shallue-van de Woestijne-Ulas for p = 3 mod 4 (Doc 9303-11 appendix B.2, affine form): with
// alpha = -t^2, X2 = -b/a (1 + 1/(alpha + alpha^2)), X3 = alpha X2, h2 = f(X2); if h2 is a square, the point is
// (X2, sqrt(h2)), else (X3, t^3 sqrt-like root of h2). The roots are powers, so that no search is needed.
absl::StatusOr<Octets> EllipticCurve::MapToElement(Bytes number) const {
  const NumberContext context = NewContext();
  BN_CTX* const ctx = context.get();
  const Number p = NewNumber(), a = NewNumber(), b = NewNumber(), t = NewNumber();
  GH_CHECK(EC_GROUP_get_curve(group_.get(), p.get(), a.get(), b.get(), ctx) == 1);
  GH_CHECK(BN_mod(t.get(), ToNumber(number).get(), p.get(), ctx) == 1);
  if (BN_mod_word(p.get(), 4) != 3) return Malformed("curve", "has no integrated mapping: p is not 3 modulo 4");

  const auto multiply = [&](const Number& x, const Number& y) {
    Number product = NewNumber();
    GH_CHECK(BN_mod_mul(product.get(), x.get(), y.get(), p.get(), ctx) == 1);
    return product;
  };
  const auto add = [&](const Number& x, const Number& y) {
    Number sum = NewNumber();
    GH_CHECK(BN_mod_add(sum.get(), x.get(), y.get(), p.get(), ctx) == 1);
    return sum;
  };
  const auto power = [&](const Number& x, const Number& exponent) {
    Number result = NewNumber();
    GH_CHECK(BN_mod_exp(result.get(), x.get(), exponent.get(), p.get(), ctx) == 1);
    return result;
  };
  const Number zero = NewNumber();
  const auto negate = [&](const Number& x) {
    Number result = NewNumber();
    GH_CHECK(BN_mod_sub(result.get(), zero.get(), x.get(), p.get(), ctx) == 1);
    return result;
  };
  const auto f = [&](const Number& x) { return add(add(multiply(multiply(x, x), x), multiply(a, x)), b); };
  Number one = NewNumber();
  GH_CHECK(BN_one(one.get()) == 1);

  const Number alpha = negate(multiply(t, t));
  const Number divisor = multiply(a, add(alpha, multiply(alpha, alpha)));
  // t = 0, 1 or -1, which nobody meets by chance.
  if (BN_is_zero(divisor.get())) return Malformed("mapped number", "has no point");
  Number inverse = NewNumber();
  GH_CHECK(BN_mod_inverse(inverse.get(), divisor.get(), p.get(), ctx) != nullptr);
  // -b (1 + alpha + alpha^2) / (a (alpha + alpha^2)).
  const Number x2 = multiply(multiply(negate(b), add(one, add(alpha, multiply(alpha, alpha)))), inverse);
  const Number x3 = multiply(alpha, x2);
  const Number h2 = f(x2);
  const Number u = multiply(multiply(multiply(t, t), t), h2);
  // A = h2^(p - 1 - (p + 1) / 4): then A^2 h2 is 1 exactly when h2 is a square.
  Number exponent(BN_dup(p.get())), quarter(BN_dup(p.get()));
  GH_CHECK(BN_add_word(quarter.get(), 1) == 1 && BN_rshift(quarter.get(), quarter.get(), 2) == 1 &&
           BN_sub_word(exponent.get(), 1) == 1 && BN_sub(exponent.get(), exponent.get(), quarter.get()) == 1);
  const Number root = power(h2, exponent);
  const bool square = BN_is_one(multiply(multiply(root, root), h2).get()) == 1;
  const Number& x = square ? x2 : x3;
  const Number y = multiply(root, square ? h2 : u);
  const Point point(EC_POINT_new(group_.get()));
  if (EC_POINT_set_affine_coordinates(group_.get(), point.get(), x.get(), y.get(), ctx) != 1) {
    ERR_clear_error();
    return Malformed("mapped number", "has no point");
  }
  return EncodeFinite(point.get());
}

}  // namespace

std::unique_ptr<Group> MakeEllipticCurve(int id, std::string_view name) {
  pki::GroupPtr group(EC_GROUP_new_by_curve_name(OBJ_txt2nid(std::string(name).c_str())));
  GH_CHECK(group != nullptr);
  const int field_bits = EC_GROUP_get_degree(group.get());
  return std::make_unique<EllipticCurve>(id, name, std::move(group), field_bits);
}

}  // namespace gatehouse::emrtd::access
