// TrustPack: everything a post needs of a centre's trust store, as one signed file (docs/formats/trust-pack.md): the
// elements in use with their roles and provenance, at one version. The centre signs it with ECDSA; a post knows the
// centre's certificate by its configuration, and takes nothing from a pack that is signed by anybody else. Versions
// only count up, so that an old pack is known as one.
#pragma once

#include <string>
#include <vector>

#include "libs/pki/certificate.h"
#include "libs/pki/trust_content.h"

namespace gatehouse::pki {

inline constexpr size_t kMaxPackBytes = 64 * 1024 * 1024;
inline constexpr size_t kMaxUnpackedBytes = 512 * 1024 * 1024;

struct TrustPack {
  int64_t version_number = 0;  // of the centre's store
  absl::Time made_at = absl::UnixEpoch();
  bool has_signers = true;  // false: document signers were left out, and say nothing about those held
  std::vector<TrustSource> sources;
  std::vector<TrustElement> elements;
  std::string unpacked;  // holds the contents of the elements of a pack that was read

  CertificatePtr signer;  // of a pack that was read

  TrustPack() = default;
  TrustPack(TrustPack&&) = default;
  TrustPack& operator=(TrustPack&&) = default;
};

// `key`: private key in PEM; `certificate`: the signer's, DER. INVALID_ARGUMENT when they are no ECDSA pair.
absl::StatusOr<std::string> WriteTrustPack(const TrustPack& pack, Bytes certificate, std::string_view key);

// UNAUTHENTICATED when none of `signers` signed it; INVALID_ARGUMENT when it is no pack; RESOURCE_EXHAUSTED when it
// unpacks to more than the limit. The signature is checked before anything is unpacked.
absl::StatusOr<TrustPack> ReadTrustPack(std::string_view bytes, const std::vector<CertificatePtr>& signers);

}  // namespace gatehouse::pki
