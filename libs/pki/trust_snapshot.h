// TrustSnapshot: a trust store as one file that is used in place (docs/formats/trust-snapshot.md).
// Everything was verified when the file was made: each signer has its verdict and its paths, each revocation list
// whether it is well signed. Opening checks every length, order and reference once, and the checksum; after that
// nothing is parsed before it is asked for. Immutable; any number of threads.
//
// A snapshot is as trustworthy as the place it lies in: whoever can write there can write verdicts. A pack from
// elsewhere (trust_pack.h) is verified anew.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "libs/pki/progress.h"
#include "libs/pki/trust_content.h"
#include "libs/pki/trust_store.h"

namespace gatehouse::pki {

inline constexpr uint64_t kMaxSnapshotBytes = uint64_t{1} << 30;

class TrustSnapshot {
 public:
  // `owner` keeps `bytes` alive (a mapping, a string). DATA_LOSS says what is wrong with hostile or damaged bytes.
  static absl::StatusOr<std::shared_ptr<const TrustSnapshot>> Open(Bytes bytes, std::shared_ptr<const void> owner);

  // Position of the content in its store's history; 0 when it has none.
  int64_t change_number() const { return change_number_; }
  int64_t version_number() const { return version_number_; }
  // Of the newest import in it; the Unix epoch when there is none.
  absl::Time newest_import() const { return newest_import_; }
  const std::string& version() const { return version_; }
  Bytes bytes() const { return bytes_; }

  // In ascending order of fingerprint. Contents point into the bytes.
  uint32_t size() const { return element_count_; }
  TrustElement element(uint32_t index) const;
  std::optional<uint32_t> Find(const Fingerprint& fingerprint) const;
  const std::vector<TrustSource>& sources() const { return sources_; }
  // What was in the store once and was taken out; ascending.
  const std::vector<Fingerprint>& removed() const { return removed_; }

  // Candidates: whoever asks compares the element itself, for two keys may have one hash.
  std::vector<uint32_t> SignersOfSerial(Bytes serial) const;
  std::vector<uint32_t> SignersOfKey(Bytes subject_key_identifier) const;
  std::vector<uint32_t> CrlsOfIssuer(const DistinguishedName& issuer) const;
  // The authority whose key signed the revocation list; nothing when no authority of its name here did.
  std::optional<uint32_t> SignerOfCrl(uint32_t crl) const;

  struct Verdict {
    SignatureState signature = SignatureState::kUndetermined;
    ChainState chain = ChainState::kNoTrustAnchor;
    std::string_view reason;
    std::vector<std::vector<uint32_t>> paths;  // of authorities
    std::optional<uint32_t> named_authority;
  };
  // Nothing for what is no signer and for signers that were not judged.
  std::optional<Verdict> verdict(uint32_t index) const;

 private:
  struct Index {
    Bytes records;
    std::vector<uint32_t> Find(uint64_t key) const;
  };
  TrustSnapshot() = default;
  absl::Status Check();
  absl::Status CheckElements() const;
  absl::Status CheckIndex(const Index& index, bool (*fits)(TrustRole)) const;
  absl::Status ReadSources(Bytes section);
  absl::StatusOr<Verdict> ReadVerdict(uint32_t offset) const;

  std::shared_ptr<const void> owner_;
  Bytes bytes_;
  int64_t change_number_ = 0;
  int64_t version_number_ = 0;
  absl::Time newest_import_;
  std::string version_;
  uint32_t element_count_ = 0;
  Bytes elements_, verdicts_, contents_;
  Index serials_, keys_, crls_;
  std::vector<TrustSource> sources_;
  std::vector<Fingerprint> removed_;
};

// What a snapshot is made from. The elements come in any order; of two with one fingerprint the first one stays, as an
// anchor if one of them is.
struct TrustContent {
  int64_t change_number = 0;
  int64_t version_number = 0;
  std::vector<TrustElement> elements;
  std::vector<TrustSource> sources;
  std::vector<Fingerprint> removed;
};

// kAtOnce verifies every signer; kWhenAsked leaves that to TrustStore::Judge, for stores that are asked about a few.
enum class JudgeSigners { kAtOnce, kWhenAsked };

// Holds one parsed signer at a time. INVALID_ARGUMENT when an element is not what its role says. `earlier`: verdicts
// are taken from it when it has the same authorities; may be null. `progress`: signers and revocation lists verified.
absl::StatusOr<std::string> WriteTrustSnapshot(TrustContent content, JudgeSigners judge,
                                               const TrustSnapshot* earlier = nullptr,
                                               const ProgressListener& progress = nullptr);

// A source as bytes, for the snapshot, the pack and the change log. kFirst, which only old packs and changes have, does
// not say what the Public Key Directory does.
class ByteWriter;
class ByteReader;
enum class SourceForm { kFirst = 1, kSecond = 2 };
void WriteSource(const TrustSource& source, ByteWriter& out);  // kSecond
TrustSource ReadSource(SourceForm form, ByteReader& in);
inline constexpr size_t kLeastSourceBytes = 8 * 4 + 4 + 2 * 8;  // in either form

}  // namespace gatehouse::pki
