// What the traveller service knows: crossings, their corrections, and persons. A crossing is one passage of one person
// over the border, or a refused one. It never changes; what was wrong in it is corrected by later entries beside it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/identity.h"
#include "libs/base/redacted.h"
#include "libs/base/strong_id.h"
#include "services/traveller/reason.h"

namespace gatehouse::traveller {

using CrossingId = base::StrongId<struct CrossingIdTag>;
using PersonId = base::StrongId<struct PersonIdTag>;
using CorrectionId = base::StrongId<struct CorrectionIdTag>;

inline constexpr int kMaxCorrections = 100;  // of one crossing
inline constexpr int kMaxHistory = 100;      // crossings shown with a traveller
inline constexpr int kMaxPage = 1000;
inline constexpr int kMaxCrossingIds = 100;  // asked for in one list
inline constexpr int kMaxDocuments = 100;    // shown with a traveller, the newest

// What makes a request one: its id, and whether the same id came with the same content before.
struct Request {
  std::string id;
  std::string digest;  // of the bytes as the caller sent them
};

enum class Direction : uint8_t { kEntry, kExit };
enum class CrossingOutcome : uint8_t { kAdmitted, kRefused };

// What may be corrected. The identity may not: another identity is another crossing.
enum class CorrectedField : uint8_t { kDirection, kPost, kConveyance, kCrossingTime, kOutcome };

struct Correction {
  CorrectionId id;
  CorrectedField field = CorrectedField::kDirection;
  std::string value;   // in the form CheckCorrection accepts
  std::string reason;  // free text of the officer
  std::string officer;
  absl::Time time;
};

// The facts of a crossing, as the inspection that decided it gives them.
struct Passage {
  std::string inspection_id;
  Direction direction = Direction::kEntry;
  std::string post;
  std::string conveyance;
  absl::Time time;
  CrossingOutcome outcome = CrossingOutcome::kAdmitted;
  std::string reason_code;
  base::Redacted<base::Identity> identity;
  std::string officer;
};

struct Crossing {
  CrossingId id;
  PersonId person;
  Passage passage;                      // as recorded
  absl::Time record_time;               // when this service stored it
  absl::Time corrected_time;            // the time of the passage, corrected: its place in lists
  std::vector<Correction> corrections;  // oldest first
  // Set where what is stored does not read (kKeyLost, kRowDamaged): then there are ids and times, and nothing else.
  std::optional<Reason> unreadable;
};

// A person, as far as the crossings tell.
struct Person {
  PersonId id;
  base::Redacted<base::Identity> identity;                   // as the newest crossing has it
  base::Redacted<std::vector<base::DocumentKey>> documents;  // newest first, at most kMaxDocuments
  int document_count = 0;                                    // all of them
  int crossing_count = 0;
  absl::Time first_crossing_time;  // corrections applied
  absl::Time last_crossing_time;
  std::optional<Direction> last_direction;  // of the newest admitted crossing, corrections applied
};

}  // namespace gatehouse::traveller
