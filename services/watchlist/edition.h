// An edition of a base: one file of the owner's list. How old it is, whether it may take the place of the one that is
// held, and whose word that needs (docs/decisions/0021-version-date-and-age.md, 0022-lists-that-shrink.md).
//
// Version date: the day of the edition, of its owner's telling. Confirmed current: when somebody who can know last said
// that there is no newer one. Ages count from the second; importing renews neither.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/watchlist/index.h"
#include "services/watchlist/list_import.h"

namespace gatehouse::watchlist {

// Who acts. What needs two people needs two that are persons.
struct Actor {
  std::string identity;
  bool person = false;
};

// A person says that an edition is current.
struct Word {
  std::string person;
  absl::Time time;
  friend bool operator==(const Word&, const Word&) = default;
};

// When the edition was last confirmed current; nothing when nobody said so. An edition is the owner's word up to the
// end of its day (UTC), as far as it had come by the import; two persons' words count from the earlier of them.
std::optional<absl::Time> ConfirmedAt(const SnapshotContent& edition, const std::vector<Word>& words);

// A time further ahead says that a clock was or is wrong, and nothing about the age.
inline constexpr absl::Duration kMaxClockError = absl::Hours(1);
inline bool IsYetToCome(absl::Time confirmed_at, absl::Time now) { return confirmed_at > now + kMaxClockError; }

// Gives the list the date that its importer names (YYYY-MM-DD; empty: the list's own stands). INVALID_ARGUMENT, naming
// the field, for no such day, one that the list itself contradicts, or one that is yet to come: an owner's day may
// begin before ours does, not two of them.
absl::Status GiveDate(std::string_view published, absl::Time now, ImportResult& import);

struct ReviewLimits {
  int lost_percent = 10;      // of the entries that are held
  int rejected_percent = 10;  // of the rows of the file
};

// What is asked for with an import, besides the file.
struct ImportTerms {
  std::string allow_older;            // version or version date of an edition that may be older than the one held
  std::vector<std::string> removals;  // record ids that the owner ordered removed; at most kMaxNamedRemovals
};
inline constexpr size_t kMaxNamedRemovals = 100;

// The edition in whose place another is to come.
struct HeldEdition {
  std::string version;
  std::string published;
  std::string sha256;
  int64_t records = 0;
  const SnapshotContent* content =
      nullptr;              // null: it cannot be read; a file of its own bytes mends it, any other waits
  int64_t lost_lately = 0;  // entries that imports behind which no second person stands took in the last kLossWindow
};
// Many small losses of so long a time are one.
inline constexpr absl::Duration kLossWindow = absl::Hours(24);

// What the configuration says of the base.
struct BaseNeed {
  bool for_persons = false;
  bool for_documents = false;
  bool is_unknown = false;  // it names bases, and not this one
};

struct EditionChange {
  int64_t added = 0;
  int64_t removed = 0;
};

struct ImportPlan {
  bool unchanged = false;            // the same file again
  EditionChange change;              // of a base without a readable edition: by the counts
  int64_t lost = 0;                  // removed, and not named by the terms
  std::vector<std::string> reasons;  // why a second person must see it; empty: nobody must
};

// FAILED_PRECONDITION for an edition that is older than the one held, or of no date at all, and not asked for by name.
// INVALID_ARGUMENT for terms that do not fit the file.
absl::StatusOr<ImportPlan> PlanImport(const std::optional<HeldEdition>& held, const SnapshotContent& next,
                                      size_t rejected, size_t rows, const ImportTerms& terms,
                                      const ReviewLimits& limits, const BaseNeed& need = {});

}  // namespace gatehouse::watchlist
