// How much of what a chip sends is read at all. Everything above is refused before it is parsed or hashed.
#pragma once

#include <cstddef>

namespace gatehouse::emrtd {

// Real security objects have 1 to 12 kB.
inline constexpr size_t kMaxSecurityObjectBytes = 128 * 1024;
inline constexpr size_t kMaxEmbeddedCertificates = 16;
// Real DG2 files have 10 to 60 kB; DG3 with ten fingers stays under 500 kB.
inline constexpr size_t kMaxDataGroupBytes = 2 * 1024 * 1024;
inline constexpr size_t kMaxComBytes = 1024;
inline constexpr int kMaxDataGroupNumber = 16;
inline constexpr size_t kMaxFaces = 16;

// RSA below it is read, and a finding (Doc 9303-12 section 4.4).
inline constexpr int kMinSoundRsaBits = 2048;

}  // namespace gatehouse::emrtd
