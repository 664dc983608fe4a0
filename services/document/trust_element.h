// One element of the trust store and what became of it: the fold of the history for this one alone, by the same rules
// as for all (trust_ledger.h).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/document/trust_ledger.h"
#include "services/document/trust_list.h"

namespace gatehouse::document {

// kStaged: waits, and nobody has accepted it. kOneApproval: waits, and one person accepted it, which is not enough;
// only what a machine imported comes to that. kSuperseded: a newer one of its issuer, or under its name, took its
// place.
enum class TrustElementState { kStaged, kOneApproval, kInUse, kSuperseded, kRemoved, kRejected };
// "staged", "one_approval", "in_use", "superseded", "removed", "rejected".
std::string_view ToWord(TrustElementState state);

// One thing that happened to it.
struct TrustElementEvent {
  // staged, used, accepted, rejected, superseded, removal_staged, removed
  std::string what;
  int64_t change_number = 0;
  int64_t version_number = 0;  // used after it
  absl::Time time;
  TrustActor by;
  std::string import_id;
  std::string note;
};

// Versions in which it was used, first and last; without a last one it still is.
struct TrustVersionRange {
  int64_t first = 0;
  std::optional<int64_t> last;
};

struct TrustElementRecord {
  TrustEntry entry;
  TrustElementState state = TrustElementState::kStaged;
  TrustElementDetails details;
  std::vector<std::string> people;  // who stand behind it, the importer first
  std::string superseded_by;        // sha256
  std::vector<TrustVersionRange> versions;
  std::vector<TrustElementEvent> events;  // in order
};

class TrustElementFold {
 public:
  explicit TrustElementFold(const pki::Fingerprint& fingerprint) : fingerprint_(fingerprint) {}

  // The next change, whole where it has a payload; the ledger is that of before it.
  void Apply(TrustChange change, const TrustLedger& ledger);
  // Nothing when the history never had the element. `ledger`: of now.
  std::optional<TrustElementRecord> Record(const TrustLedger& ledger) const;

 private:
  // What of a change is about the element.
  std::shared_ptr<const TrustChange> PartOf(TrustChange change) const;
  void TakeIn(std::shared_ptr<const TrustChange> part, const TrustChange& heading);
  void Accept(const TrustChange& heading, const TrustLedger& ledger);
  void Use(std::shared_ptr<const TrustChange> part, bool pending, const std::vector<std::string>& people,
           const TrustChange& heading);
  void Note(std::string what, const TrustChange& heading);

  const pki::Fingerprint fingerprint_;
  TrustUsed used_;
  std::map<std::string, std::shared_ptr<const TrustChange>> parts_;  // by import, where something waits
  std::shared_ptr<const TrustChange> last_;                          // that brought the element
  std::optional<pki::TrustSource> source_;                           // as it was used last
  std::string last_import_;
  TrustElementState left_as_ = TrustElementState::kRemoved;
  std::string superseded_by_;
  std::vector<TrustVersionRange> versions_;
  std::vector<TrustElementEvent> events_;
};

}  // namespace gatehouse::document
