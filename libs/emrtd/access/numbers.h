// Big numbers of libcrypto for the .cc files of this folder. Internal: never included by a public header.
#pragma once

#include "libs/base/check.h"
#include "libs/base/random.h"
#include "libs/emrtd/access/octets.h"
#include "libs/pki/openssl.h"

namespace gatehouse::emrtd::access {

// Cleared when freed: most are secret.
using Number = pki::OpensslPtr<BIGNUM, BN_clear_free>;
using NumberContext = pki::OpensslPtr<BN_CTX, BN_CTX_free>;

inline Number NewNumber() { return Number(BN_new()); }
inline Number ToNumber(Bytes octets) {
  return Number(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
}
inline NumberContext NewContext() { return NumberContext(BN_CTX_new()); }

inline Octets ToOctets(const BIGNUM* number, size_t size) {
  Octets octets(size);
  GH_CHECK(BN_bn2binpad(number, octets.data(), static_cast<int>(size)) == static_cast<int>(size));
  return octets;
}

// 1 to order-1, eight octets more drawn than needed so that no value is likelier than another by more than 2^-64.
inline Octets DrawScalar(const BIGNUM* order, base::Random& random) {
  const size_t size = static_cast<size_t>(BN_num_bytes(order));
  Octets drawn(size + 8);
  random.Fill(drawn.data(), drawn.size());
  const NumberContext context = NewContext();
  const Number wide = ToNumber(drawn), bound(BN_dup(order)), scalar = NewNumber();
  GH_CHECK(BN_sub_word(bound.get(), 1) == 1 && BN_mod(scalar.get(), wide.get(), bound.get(), context.get()) == 1 &&
           BN_add_word(scalar.get(), 1) == 1);
  return ToOctets(scalar.get(), size);
}

// a / b modulo the order, which is prime.
inline Octets DivideModulo(Bytes a, Bytes b, const BIGNUM* order) {
  const NumberContext context = NewContext();
  const Number numerator = ToNumber(a), denominator = ToNumber(b), inverse = NewNumber(), quotient = NewNumber();
  BN_set_flags(denominator.get(), BN_FLG_CONSTTIME);
  GH_CHECK(BN_mod_inverse(inverse.get(), denominator.get(), order, context.get()) != nullptr);
  GH_CHECK(BN_mod_mul(quotient.get(), numerator.get(), inverse.get(), order, context.get()) == 1);
  return ToOctets(quotient.get(), static_cast<size_t>(BN_num_bytes(order)));
}

}  // namespace gatehouse::emrtd::access
