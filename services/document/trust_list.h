// The trust store in words: what it holds, what an import changes, which certificate is meant.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/pki/trust_snapshot.h"
#include "services/document/trust_change.h"

namespace gatehouse::document {

// One element, with where it came from.
struct TrustEntry {
  std::string kind;  // csca, link, dsc, crl, deviation_list, defect_table
  std::string country;
  std::string subject;
  std::string issuer;
  std::string serial;
  std::string sha256;
  absl::Time not_before = absl::InfinitePast();
  absl::Time not_after = absl::InfiniteFuture();
  pki::TrustSource source;
  std::string chain;  // of a signer that was judged: valid, invalid, no_trust_anchor
  std::string chain_reason;
};

// What its bytes say beyond an entry; empty for what an element of its role has not.
struct TrustElementDetails {
  std::string key;                  // "RSA 4096", "EC brainpoolP384r1, explicit parameters"
  std::string signature_algorithm;  // of its own signature
  std::optional<size_t> revoked;    // certificates that a revocation list names
};
TrustElementDetails DetailsOf(pki::TrustRole role, pki::Bytes content);

// One line of what an import changes.
struct TrustDifference {
  enum class Kind { kAdded, kRemoved, kReplaced } kind = Kind::kAdded;
  bool pending = false;
  TrustEntry entry;
  std::string replaces;  // sha256
};

TrustEntry EntryOf(pki::TrustRole role, pki::Bytes content, const pki::TrustSource& source);
// With the verdict of the snapshot.
TrustEntry EntryOf(const pki::TrustSnapshot& snapshot, uint32_t index);
// Removed elements are named as `used` knows them.
std::vector<TrustDifference> DifferencesOf(const TrustChange& change, const pki::TrustSnapshot& used);

}  // namespace gatehouse::document
