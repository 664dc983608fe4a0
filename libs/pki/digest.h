// The digests travel documents use (Doc 9303-12 section 4.4): SHA-1 still, since documents live ten years and their
// country keys longer; MD5 never.
#pragma once

#include <array>
#include <optional>

#include "libs/pki/tlv.h"

namespace gatehouse::pki {

enum class Digest { kSha1, kSha224, kSha256, kSha384, kSha512 };

struct DigestValue {
  std::array<uint8_t, 64> octets{};
  size_t size_bytes = 0;
  Bytes bytes() const { return {octets.data(), size_bytes}; }
};

// Digest of the parts one after another, or of one. Thread-safe; allocates once per thread.
DigestValue ComputeDigest(Digest digest, std::span<const Bytes> parts);
DigestValue ComputeDigest(Digest digest, Bytes bytes);

size_t DigestSizeBytes(Digest digest);
// "SHA-256".
std::string_view DigestName(Digest digest);

// nullopt for an identifier that is not in the list above.
std::optional<Digest> DigestOfOid(Bytes oid);
// AlgorithmIdentifier whose parameters are absent or NULL; both occur.
absl::StatusOr<Digest> ReadDigestAlgorithm(const Tlv& algorithm_identifier, std::string_view field);

}  // namespace gatehouse::pki
