// Screening: one traveller against every base, one answer per base. An answer that could not be given says so; only
// kNoHit means "searched, nothing found".
//
// Scores are 0 to 100 (libs/names/identity_score.h). Of synthetic travellers of all the world against a list of 730
// persons and 3,259 names, 1 in 100 raises a `possible` or better by name, and 1 in 1,000 an `identity`; a longer list
// raises proportionally more (tests/conformance/watchlist_test.cc measures it).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/partial_date.h"
#include "services/watchlist/index.h"
#include "services/watchlist/record.h"

namespace gatehouse::watchlist {

struct DocumentQuery {
  std::string number;
  std::string issuer;  // code or name of a country; empty: any
  std::string type;    // empty: any
};

// Names in the forms the document gives; each that is present is searched and the best counts.
struct Query {
  std::string id;
  std::string name;
  std::string primary;  // with `secondary`, another way to give the name
  std::string secondary;
  std::string mrz_name;  // the name field of the MRZ, fillers included
  base::PartialDate birth_date;
  Sex sex = Sex::kUnknown;
  std::string nationality;  // code or name; empty: unknown
  std::optional<DocumentQuery> document;
};

// INVALID_ARGUMENT, naming the field, for a query with neither name nor document, or a field over its bound.
absl::Status CheckQuery(const Query& query);

// Weak is shown and not counted as a hit by itself: confused characters of a document number, weak aliases.
enum class Band : uint8_t { kIdentity, kPossible, kWeak, kBelow };
std::string_view BandName(Band band);  // "identity", "possible", "weak", "below"

inline constexpr double kIdentityScore = 62;
inline constexpr double kPossibleScore = 50;
inline constexpr double kWeakScore = 42;

struct Hit {
  std::string base;
  std::string record_id;
  double score = 0;
  Band band = Band::kBelow;
  // Short stable strings: "name: husayn = hussein (spelling)", "birth date: full date", "document number: exact".
  std::vector<std::string> matched;
  std::optional<DocumentStatus> document_status;  // of a hit in a document list
};

// kUnsearchable: the name has nothing that can be compared. kPartlySearched: only a part of what was given could be,
// and nothing was found in it.
enum class BaseStatus : uint8_t { kHit, kNoHit, kNotSearched, kError, kStale, kUnsearchable, kPartlySearched };
// "hit", "no_hit", "not_searched", "error", "stale", "unsearchable", "partly_searched".
std::string_view BaseStatusName(BaseStatus status);

struct BaseAnswer {
  std::string base;
  BaseStatus status = BaseStatus::kError;
  bool required = false;  // for what the query asks
  std::string reason;     // of any status but hit and no_hit
  std::string version;
  std::string published;  // its version date; empty: the list carries none
  absl::Time imported_at;
  std::optional<absl::Time> confirmed_at;
  absl::Duration age;     // since it was last confirmed current; zero when it never was
  std::vector<Hit> hits;  // best first; a stale base may have hits too
};

// A base that is to be searched, also when it cannot be.
struct Base {
  std::string name;
  std::shared_ptr<const Snapshot> snapshot;  // null: there is none, and the base answers kError
  // When somebody last said that its data is current; nothing: nobody did, and it is older than any max_age.
  std::optional<absl::Time> confirmed_at = std::nullopt;
  // Why what it says is no answer, for an officer; empty: it is one. What a snapshot that is there finds is told all
  // the same.
  std::string fault;
  // Which questions need its answer.
  bool required_for_persons = false;
  bool required_for_documents = false;
  // What a base without snapshot is known to hold: only such questions miss it.
  bool holds_persons = true;
  bool holds_documents = true;
};

// Why what the base holds does not answer a kind of question that it is required for; empty: it does, or is not
// required for it. A list of the other kind is no answer, whatever some of its entries carry besides.
std::string LackOf(ListKind kind, const Base& base);

struct ScreenOptions {
  absl::Time now;
  absl::Duration max_age = absl::InfiniteDuration();  // older is kStale
  bool all = false;                                   // the best candidates whatever their score
  size_t max_hits = 20;                               // a base
};

// One answer per base, in their order. Thread-safe; `query` passed CheckQuery.
std::vector<BaseAnswer> Screen(const Query& query, const std::vector<Base>& bases, const ScreenOptions& options);

}  // namespace gatehouse::watchlist
