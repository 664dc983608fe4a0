#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "libs/base/status_macros.h"
#include "libs/emrtd/access/group_kinds.h"
#include "libs/emrtd/access/numbers.h"

namespace gatehouse::emrtd::access {
namespace {

using pki::Malformed;

constexpr std::string_view kField = "DH public key";

class ModpGroup final : public Group {
 public:
  ModpGroup(int id, std::string_view name, Number p, Number q, Number g)
      : Group(id, name, false, static_cast<size_t>(BN_num_bytes(p.get())), BN_num_bits(p.get())),
        p_(std::move(p)),
        q_(std::move(q)),
        generator_(ToOctets(g.get(), element_bytes())),
        order_(ToOctets(q_.get(), static_cast<size_t>(BN_num_bytes(q_.get())))) {}

  const Octets& generator() const override { return generator_; }
  const Octets& order() const override { return order_; }
  const BIGNUM* modulus() const { return p_.get(); }

  absl::Status CheckElement(Bytes element) const override {
    if (element.size() != element_bytes()) return Malformed(kField, "has a wrong size");
    const Number y = ToNumber(element), last(BN_dup(p_.get()));
    GH_CHECK(BN_sub_word(last.get(), 1) == 1);
    if (BN_is_zero(y.get()) || BN_is_one(y.get()) || BN_cmp(y.get(), last.get()) >= 0) {
      return Malformed(kField, "is out of range");
    }
    if (!BN_is_one(Power(y.get(), q_.get()).get())) return Malformed(kField, "is not of the subgroup");
    return absl::OkStatus();
  }

  absl::StatusOr<Octets> Multiply(Bytes scalar, Bytes element) const override {
    GH_RETURN_IF_ERROR(CheckElement(element));
    return EncodeNotNeutral(Power(ToNumber(element).get(), ToNumber(scalar).get()).get());
  }

  absl::StatusOr<Octets> Add(Bytes a, Bytes b) const override {
    GH_RETURN_IF_ERROR(CheckElement(a));
    GH_RETURN_IF_ERROR(CheckElement(b));
    const NumberContext context = NewContext();
    const Number product = NewNumber();
    GH_CHECK(BN_mod_mul(product.get(), ToNumber(a).get(), ToNumber(b).get(), p_.get(), context.get()) == 1);
    return EncodeNotNeutral(product.get());
  }

  Octets SharedSecretOf(Bytes element) const override { return Copy(element); }

  // number^((p-1)/q).
  absl::StatusOr<Octets> MapToElement(Bytes number) const override {
    const NumberContext context = NewContext();
    const Number exponent(BN_dup(p_.get())), base = NewNumber();
    GH_CHECK(BN_sub_word(exponent.get(), 1) == 1 &&
             BN_div(exponent.get(), nullptr, exponent.get(), q_.get(), context.get()) == 1 &&
             BN_mod(base.get(), ToNumber(number).get(), p_.get(), context.get()) == 1);
    if (BN_is_zero(base.get())) return Malformed("mapped number", "is zero");
    return EncodeNotNeutral(Power(base.get(), exponent.get()).get());
  }

  Octets RandomScalar(base::Random& random) const override { return DrawScalar(q_.get(), random); }
  Octets DivideScalars(Bytes a, Bytes b) const override { return DivideModulo(a, b, q_.get()); }

 private:
  Number Power(const BIGNUM* base, const BIGNUM* exponent) const {
    const NumberContext context = NewContext();
    Number result = NewNumber();
    GH_CHECK(BN_mod_exp_mont_consttime(result.get(), base, exponent, p_.get(), context.get(), nullptr) == 1);
    return result;
  }

  absl::StatusOr<Octets> EncodeNotNeutral(const BIGNUM* number) const {
    if (BN_is_one(number)) return Malformed(kField, "leads to the neutral element");
    return ToOctets(number, element_bytes());
  }

  const Number p_;
  const Number q_;
  const Octets generator_;
  const Octets order_;
};

Number ReadParameter(EVP_PKEY* key, const char* name) {
  BIGNUM* value = nullptr;
  GH_CHECK(EVP_PKEY_get_bn_param(key, name, &value) == 1);
  return Number(value);
}

}  // namespace

std::unique_ptr<Group> MakeModpGroup(int id, std::string_view name) {
  const pki::KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "DHX", nullptr));
  std::string openssl_name(name);
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, openssl_name.data(), 0),
                                   OSSL_PARAM_construct_end()};
  EVP_PKEY* made = nullptr;
  GH_CHECK(context != nullptr && EVP_PKEY_paramgen_init(context.get()) == 1 &&
           EVP_PKEY_CTX_set_params(context.get(), parameters) == 1 && EVP_PKEY_paramgen(context.get(), &made) == 1);
  const pki::KeyPtr key(made);
  return std::make_unique<ModpGroup>(id, name, ReadParameter(made, OSSL_PKEY_PARAM_FFC_P),
                                     ReadParameter(made, OSSL_PKEY_PARAM_FFC_Q),
                                     ReadParameter(made, OSSL_PKEY_PARAM_FFC_G));
}

bool IsModpGroup(const Group& group, Bytes modulus, Bytes base) {
  if (group.elliptic()) return false;
  const auto& modp = static_cast<const ModpGroup&>(group);
  return BN_cmp(ToNumber(modulus).get(), modp.modulus()) == 0 &&
         BN_cmp(ToNumber(base).get(), ToNumber(group.generator()).get()) == 0;
}

}  // namespace gatehouse::emrtd::access
