// The symmetric cryptography of the chip protocols (Doc 9303-11 section 9.8, TR-03110-3 annex E and F): 3DES with two
// keys and AES in CBC mode, the retail MAC (ISO 9797-1 algorithm 3) and CMAC, both cut to eight octets. Sizes that do
// not fit are our bugs: callers check what came from outside.
#pragma once

#include <array>
#include <optional>

#include "libs/emrtd/access/octets.h"
#include "libs/emrtd/lds/security_infos.h"

namespace gatehouse::emrtd::access {

using emrtd::Cipher;

size_t BlockBytes(Cipher cipher);  // 8 or 16
size_t KeyBytes(Cipher cipher);    // 16, 16, 24, 32

// `data` is whole blocks; `iv` is one block, or empty for zeros.
Octets EncryptCbc(Cipher cipher, Bytes key, Bytes iv, Bytes data);
Octets DecryptCbc(Cipher cipher, Bytes key, Bytes iv, Bytes data);

// ISO 9797-1 padding method 2: 80 and zeros up to the next block, always at least one octet.
Octets Pad(Bytes data, size_t block_bytes);
// Size of the data before the padding; nothing when there is none at the end.
std::optional<size_t> UnpaddedSize(Bytes padded, size_t block_bytes);

inline constexpr size_t kMacBytes = 8;
using Mac = std::array<uint8_t, kMacBytes>;
// 3DES: retail MAC, which pads by method 2 itself. AES: CMAC over the data as they are.
Mac ComputeMac(Cipher cipher, Bytes key, Bytes data);

// In a time that depends on the sizes only.
bool EqualInConstantTime(Bytes a, Bytes b);

}  // namespace gatehouse::emrtd::access
