// An inspection: one traveller at one post, every check with its result, a recommendation, and the decisions taken.
// Personal throughout.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/identity.h"
#include "libs/base/redacted.h"
#include "libs/base/strong_id.h"
#include "services/inspection/check.h"

namespace gatehouse::inspection {

using InspectionId = base::StrongId<struct InspectionIdTag>;

enum class Direction : uint8_t { kEntry, kExit };
enum class State : uint8_t { kOpen, kReferred, kAdmitted, kRefused, kAbandoned };
enum class Outcome : uint8_t { kAdmit, kRefer, kRefuse, kAbandon };
enum class IdentitySource : uint8_t { kNone, kChip, kMrz, kKeyed };

struct Recommendation {
  struct Reason {
    std::string check;
    std::string rule;
    std::string text;
  };
  bool clear = false;  // else refer
  std::string policy_version;
  std::vector<Reason> reasons;  // why not clear
};

struct Decision {
  Outcome outcome = Outcome::kRefer;
  std::string reason_code;
  std::string officer;  // the named human, or the gate; empty when the inspection closed by itself
  absl::Time time;
};

// What became of the crossing that the last decision makes.
struct CrossingProgress {
  std::string crossing_id;  // empty: not accepted yet
  // The register refuses it for good, or our own copy of it does not read: a word for why. It waits for a supervisor.
  std::string refusal;
};

struct Inspection {
  InspectionId id;
  State state = State::kOpen;
  Direction direction = Direction::kEntry;
  std::string post;
  std::string conveyance;
  absl::Time time;
  absl::Duration duration;
  base::Redacted<base::Identity> identity;
  IdentitySource identity_source = IdentitySource::kNone;
  std::vector<Check> checks;
  Recommendation recommendation;
  std::vector<Decision> decisions;           // oldest first
  std::optional<CrossingProgress> crossing;  // of the deciding one: admit or refuse
  std::string officer;                       // who inspected: the named human, or the gate
  // What the other services answered, whole, in the form of the wire: kept for the file, never looked into here.
  base::Redacted<std::string> evidence;
  // Earlier crossings as the register answered just now, in the form of the wire: shown once and not kept. The evidence
  // says which they are.
  base::Redacted<std::string> history;
  // The number of every document that was shown: kept as keyed hashes, for those who meet it at another post.
  base::Redacted<std::vector<base::DocumentKey>> documents;
  // Each document and person that was shown, as shown_keys.h writes them: kept as keyed hashes, so that an inspection
  // meets the others of the same ones.
  base::Redacted<std::vector<std::string>> keys;
  // Of each of `keys`, what had happened to it last before anybody was asked (Recollection::latest). Empty: nobody
  // looked. Not kept.
  std::vector<std::string> latest;
  // At a decision: of one of the keys another inspection was made, or decided, since this one. Not kept.
  bool overtaken = false;
  // In a listing: KEY_LOST or ROW_DAMAGED, and all that is known is id, state, post and time. Empty: it reads.
  std::string unreadable;
};

}  // namespace gatehouse::inspection
