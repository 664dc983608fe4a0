// The digest of a seal's signature, by the size of the key (Doc 9303-13 section 2.5.1): a VDS names none.
#pragma once

#include "libs/pki/digest.h"

namespace gatehouse::emrtd::seals {

constexpr pki::Digest DigestOfKey(int bits) {
  return bits <= 224   ? pki::Digest::kSha224
         : bits <= 256 ? pki::Digest::kSha256
         : bits <= 384 ? pki::Digest::kSha384
                       : pki::Digest::kSha512;
}

}  // namespace gatehouse::emrtd::seals
