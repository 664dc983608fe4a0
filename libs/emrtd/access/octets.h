// Octet strings that this library builds. What it reads stays a pki::Bytes, a span into the caller's memory.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "libs/pki/tlv.h"

namespace gatehouse::emrtd::access {

using pki::Bytes;
using Octets = std::vector<uint8_t>;

inline Octets Copy(Bytes bytes) { return Octets(bytes.begin(), bytes.end()); }

inline void Append(Octets& to, Bytes bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

// The pieces one after another.
inline Octets Join(std::initializer_list<Bytes> pieces) {
  Octets joined;
  for (const Bytes piece : pieces) Append(joined, piece);
  return joined;
}

// An element in DER: tag (up to three octets), minimal length, value.
Octets EncodeTlv(uint32_t tag, Bytes value);
Octets EncodeTlv(uint32_t tag, std::initializer_list<Bytes> pieces);

}  // namespace gatehouse::emrtd::access
