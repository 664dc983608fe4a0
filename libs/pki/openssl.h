// What the .cc files of this folder share of OpenSSL. Internal: never included by a public header.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <memory>

#include "libs/pki/digest.h"
#include "libs/pki/oid.h"

namespace gatehouse::pki {

template <auto kFree>
struct OpensslFree {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <typename T, auto kFree>
using OpensslPtr = std::unique_ptr<T, OpensslFree<kFree>>;

using BigNumber = OpensslPtr<BIGNUM, BN_free>;
using KeyPtr = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using KeyContextPtr = OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using GroupPtr = OpensslPtr<EC_GROUP, EC_GROUP_free>;

// Fetched once per process, never freed.
const EVP_MD* OpensslDigest(Digest digest);

}  // namespace gatehouse::pki
