// DG15: the public key with which the chip proves that it is no copy (Doc 9303-10 section 4.7.15).
#pragma once

#include "libs/emrtd/lds/file_defects.h"
#include "libs/pki/signature.h"

namespace gatehouse::emrtd {

using pki::Bytes;

// An RSA key of 8192 bits has 1 kB.
inline constexpr size_t kMaxPublicKeyFileBytes = 16 * 1024;

struct ActiveAuthenticationKey {
  Bytes subject_public_key_info;  // whole; points into the caller's bytes
  // The key, or why it is refused: an unknown curve, a modulus out of bounds. A refused key proves nothing.
  absl::StatusOr<pki::PublicKey> key = absl::UnknownError("not read");
  FileFindings findings;
};

// INVALID_ARGUMENT when the file holds no SubjectPublicKeyInfo.
absl::StatusOr<ActiveAuthenticationKey> ReadDataGroup15(Bytes file);

// "RSA 1024 bits", "EC brainpoolP256r1 256 bits, explicit parameters"; for reports.
std::string Describe(const pki::PublicKey& key);

}  // namespace gatehouse::emrtd
