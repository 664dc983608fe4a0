// Documents like this one that were presented before (decision 0007). What is remembered of a document are keyed
// hashes, the post and the time, for a bounded time; who it belongs to cannot be read from it, only asked about with a
// document in hand. A match is a reason to look, never a refusal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/emrtd/tr03135.h"

namespace gatehouse::document {

// How long the same document at another post within this time is remarkable.
inline constexpr absl::Duration kSameDocumentElsewhere = absl::Minutes(30);

// What tells documents apart, in clear: never stored so. Empty parts are unknown.
struct Sighting {
  std::string number;           // issuing state and document number
  std::string security_object;  // SHA-256 of EF.SOD
  std::string chip_key;         // SHA-256 of DG15, else of DG14
  std::string portrait;         // SHA-256 of DG2
  // Where, as the caller says, and who the caller is, as it has proven: a false place stands beside its author.
  std::string post;
  std::string by;
  absl::Time time;  // by the server's clock
};

enum class Likeness {
  kOtherSecurityObject,  // the same number with another EF.SOD: reissued, or forged
  kOtherNumberSameKey,   // the same chip key under another number
  kOtherNumberSameData,  // the same portrait file under another number
  kElsewhere,            // the same document a short while ago at another post
};
// "same_number_other_security_object", "same_chip_key_other_number", ...
std::string_view ToWord(Likeness likeness);

struct SeenBefore {
  Likeness likeness = Likeness::kElsewhere;
  absl::Time time;  // the newest
  std::string post;
  std::string by;  // who said so
  int count = 0;
};

// Thread-safe.
class SeenDocuments {
 public:
  virtual ~SeenDocuments() = default;
  // Those like it that were seen before, and remembers it; the remembering may happen after the return, and its failure
  // is no error here. At most one answer for each likeness.
  virtual absl::StatusOr<std::vector<SeenBefore>> LookUpAndRemember(const Sighting& sighting) = 0;
};

// The check documents_seen_before. Null: nobody was asked.
emrtd::Tr03135Check SeenCheck(const absl::StatusOr<std::vector<SeenBefore>>* seen);

}  // namespace gatehouse::document
