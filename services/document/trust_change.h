// The history of the trust store: changes, each made by one person or machine at one time, numbered without a gap. The
// store at any moment is the fold of the changes up to it (trust_ledger.h), so every replica has the same one, and an
// old one can be had again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/pki/pkd_held.h"
#include "libs/pki/trust_content.h"

namespace gatehouse::document {

// Numbers are those of the store; none is reused.
enum class TrustCause { kImport = 1, kAccept = 2, kReject = 3, kRemoval = 4, kPack = 5 };
// "import", "accept", "reject", "removal", "pack".
std::string_view ToWord(TrustCause cause);

// Who acts. What needs two people needs two that are persons.
struct TrustActor {
  std::string identity;
  bool person = false;
};

struct TrustAddition {
  pki::TrustRole role = pki::TrustRole::kSigner;
  std::string content;  // DER
  pki::Fingerprint fingerprint{};
  uint32_t source = 0;   // index into the sources of the change
  bool pending = false;  // waits for a second person
  std::optional<pki::Fingerprint> replaces;
};

struct TrustRemoval {
  pki::Fingerprint fingerprint{};
  bool pending = false;
};

struct TrustChange {
  int64_t number = 0;  // from 1
  TrustCause cause = TrustCause::kImport;
  // Of the import, pack or removal; of an acceptance or a rejection, of what it is about.
  std::string import_id;
  TrustActor by;
  absl::Time time;
  std::string note;  // where it is from, or why
  int32_t pending = 0;
  // Of a pack: the version at the centre, which only counts up.
  int64_t pack_version = 0;
  // What was used after it.
  int64_t version_number = 0;
  std::string trust_version;
  int32_t added = 0, removed = 0;
  // What of the Public Key Directory is held after it, when it took files of the directory; else as before.
  std::optional<pki::PkdHeld> pkd_held;

  // Its row cannot be read: only the number is known.
  bool unreadable = false;

  // The payload. A change that was loaded as a heading has none of it.
  std::vector<pki::TrustSource> sources;
  std::vector<TrustAddition> additions;
  std::vector<TrustRemoval> removals;

  // Makes it a heading, and gives the memory back.
  void DropPayload() {
    std::vector<pki::TrustSource>().swap(sources);
    std::vector<TrustAddition>().swap(additions);
    std::vector<TrustRemoval>().swap(removals);
  }
};

std::string EncodePayload(const TrustChange& change);
// Fills the payload. DATA_LOSS when it is not one; fingerprints are computed, not read.
absl::Status DecodePayload(std::string_view payload, TrustChange& change);

}  // namespace gatehouse::document
