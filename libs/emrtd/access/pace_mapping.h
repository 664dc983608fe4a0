// The mappings of PACE: from the nonce to the generator that both sides go on with. Internal.
#pragma once

#include "libs/emrtd/access/pace.h"

namespace gatehouse::emrtd::access {

// l of Doc 9303-11 section 4.4.3.3.2, in octets: the chip's nonce s, and one block of the pseudo-random function.
size_t NonceBytes(Cipher cipher);

// GM: s * G + H, where H is what `mine` and `theirs` share.
absl::StatusOr<Octets> MapGeneric(const Group& group, Bytes nonce, const KeyPair& mine, Bytes theirs);

// IM: R(s, t) to an element of the group. `terminal_nonce` has KeyBytes(cipher) octets.
absl::StatusOr<Octets> MapIntegrated(const PaceProtocol& protocol, Bytes nonce, Bytes terminal_nonce);

// R(s, t): at least 64 bits longer than the field, so that its remainder is even.
Octets PseudoRandom(Cipher cipher, Bytes nonce, Bytes terminal_nonce, int field_bits);

}  // namespace gatehouse::emrtd::access
