// What a trust store is made of, before anything is judged: elements (certificates, revocation lists, deviation lists)
// in the role they were accepted for, each with where it came from. The content of a snapshot, of a pack and of a
// change of the store.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libs/pki/digest.h"

namespace gatehouse::pki {

inline constexpr size_t kMaxTrustElements = 1'000'000;

// Numbers are those of the file formats; none is reused.
enum class TrustRole : uint8_t {
  kAnchor = 1,         // a country authority that is trusted as it is
  kLink = 2,           // an authority that must lead to an anchor
  kSigner = 3,         // known for look-up; worth what its chain is worth
  kCrl = 4,            // counts when an authority of its issuer's name signed it
  kDeviationList = 5,  // opaque here
  kDefectTable = 6,    // opaque here
};
inline constexpr TrustRole kLastTrustRole = TrustRole::kDefectTable;
// "anchor", "link", "signer", "crl", "deviation_list", "defect_table".
std::string_view ToWord(TrustRole role);
inline bool IsAuthority(TrustRole role) { return role == TrustRole::kAnchor || role == TrustRole::kLink; }

using Fingerprint = std::array<uint8_t, 32>;  // SHA-256 of an element
Fingerprint FingerprintOf(Bytes content);
inline std::string ToText(const Fingerprint& fingerprint) { return ToHex(Bytes(fingerprint)); }
// Lower- or upper-case hexadecimal. INVALID_ARGUMENT for anything else.
absl::StatusOr<Fingerprint> ParseFingerprint(std::string_view text);

// What the Public Key Directory says of an entry's form, which says nothing about its safety. An element keeps what the
// file said that brought it.
struct PkdConformance {
  bool nonconformant = false;  // it stands in the non-conformant part, dc=nc-data
  std::string code;            // "ERR:CSCA.CDP.14"
  std::string text;

  bool empty() const { return !nonconformant && code.empty() && text.empty(); }
  friend auto operator<=>(const PkdConformance&, const PkdConformance&) = default;
};

// The provenance of an element: a file of an import.
struct TrustSource {
  std::string import_id;
  std::string name;    // of the file, as the importer calls it
  std::string sha256;  // of the file, hexadecimal
  std::string note;    // where it is from, in the importer's words
  std::string imported_by;
  absl::Time imported_at = absl::UnixEpoch();
  std::vector<std::string> accepted_by;  // everybody who stands behind it, the importer first
  absl::Time accepted_at = absl::UnixEpoch();
  // Of a signed list: the verdict on its signer, its certificate, the accepted anchor that it led to.
  std::string list_signer;
  std::string list_signer_certificate;
  std::string list_signer_anchor;
  // Of an entry of the Public Key Directory; entries of one file of which it says different things have a source each.
  PkdConformance pkd;
};

struct TrustElement {
  TrustRole role = TrustRole::kSigner;
  Fingerprint fingerprint{};
  Bytes content;        // points into what the holder says
  uint32_t source = 0;  // index into the sources beside it
};

// Digest of the content, lower-case hexadecimal: over the sorted lines "<role> <fingerprint>", each element once.
std::string TrustVersionOf(const std::vector<TrustElement>& elements);

}  // namespace gatehouse::pki
