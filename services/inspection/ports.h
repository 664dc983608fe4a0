// What the inspection domain needs from outside: a document verifier, lists, the register of crossings, and a store.
// Every port is thread-safe, and every call honours OnBehalf::deadline as well as it can; the inspector does not rely
// on that.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/inspection/inspection.h"
#include "services/inspection/shown.h"

namespace gatehouse::inspection {

// For whom a call to another service is made.
struct OnBehalf {
  std::string officer;
  std::string purpose;
  std::string call_id;
  absl::Time deadline;
};

// ---- the document -----------------------------------------------------------------------------------------------

struct DocumentInput {
  base::Redacted<std::string> mrz;  // as printed and read; empty when none was
  struct ChipFile {
    std::string name;
    std::string content;
  };
  base::Redacted<std::vector<ChipFile>> chip_files;
  // All else that was presented, as it came and for the verifier only: how the chip was opened, its proof that it is no
  // copy, seals, the visual zone, a visa. Empty when there was nothing else.
  base::Redacted<std::string> further;
  std::optional<base::Redacted<base::Identity>> page;  // what is printed outside the zone; also in `further`
  base::Redacted<std::string> visa_mrz;                // likewise
  std::string post;                                    // where it was presented
};

enum class ChipVerdict : uint8_t {
  kValid,
  kValidWithDefect,
  kValidWithWarning,
  kValidExpiredChain,
  kUndetermined,
  kInvalid,
};

// One machine-readable zone, printed or DG1, as far as the checks need it.
struct MrzReading {
  bool valid = false;
  std::vector<std::string> defects;  // sentences, without data
  struct Field {
    std::string name;
    base::Redacted<std::string> value;
  };
  std::vector<Field> fields;                               // the same names in the same order for either zone
  std::optional<base::Redacted<base::Identity>> identity;  // as the fields have it
};

// Did the chip prove that it is no copy?
enum class ChipProof : uint8_t {
  kOpen,  // it owes the proof and was not asked or broke off, or nobody knows what it owes
  kProved,
  kNotOwed,        // the document has no means to prove it
  kSuspectedCopy,  // it was asked and could not
};

enum class Revocation : uint8_t { kGood, kRevoked, kNoList, kUndetermined };

struct DocumentFindings {
  bool chip_read = false;  // the rest of the chip's findings mean something
  ChipVerdict chip = ChipVerdict::kUndetermined;
  std::string chip_summary;  // a sentence an officer understands
  ChipProof proof = ChipProof::kOpen;
  std::string proof_reason;  // why it is open, where the document service says so
  Revocation revocation = Revocation::kUndetermined;
  // What the notices say of documents like this one: a fraud notice that fits leaves it open, and the reason says where
  // to look; not done where none are held.
  CheckStatus notices = CheckStatus::kNotDone;
  std::string notices_reason;
  // Over all checks of the document, as the policy of the document service counts them.
  CheckStatus verdict = CheckStatus::kNotDone;
  std::string verdict_reason;
  // The visa against the document, where one was presented: only kSuccessful says that it was given to the bearer.
  CheckStatus visa = CheckStatus::kNotDone;
  std::string visa_reason;
  std::optional<MrzReading> printed;
  std::optional<MrzReading> chip_mrz;
  std::optional<base::Redacted<base::Identity>> identity;
  bool identity_from_chip = false;
  std::string trust_version;
  std::optional<absl::Time> trust_time;
  base::Redacted<std::string> evidence;
};

class DocumentVerifier {
 public:
  virtual ~DocumentVerifier() = default;
  // A bad document is a finding; an error means that there is no answer.
  virtual absl::StatusOr<DocumentFindings> Verify(const DocumentInput& input, const OnBehalf& on_behalf) = 0;
};

// ---- lists ------------------------------------------------------------------------------------------------------

// Only kHit and kNoHit are answers.
enum class BaseStatus : uint8_t { kHit, kNoHit, kNotSearched, kError, kTimeout, kStale };

struct BaseAnswer {
  std::string base;
  std::string shown_at;  // of the question this answers
  BaseStatus status = BaseStatus::kError;
  std::string reason;
  std::string version;
  absl::Duration age;
  bool required = false;  // the check is not done without its answer
  // Hits that count: identity and possible ones.
  struct Hit {
    std::string record_id;
    std::string document_status;  // stolen, lost ...: of a document list
  };
  std::vector<Hit> hits;
};

struct ListAnswers {
  // One answer per base for each question: documents in one, persons in the other. A base that is not of its kind says
  // kNotSearched.
  std::vector<BaseAnswer> by_document;
  std::vector<BaseAnswer> by_name;
  base::Redacted<std::string> evidence;
};

class WatchlistScreener {
 public:
  virtual ~WatchlistScreener() = default;
  // About every document and every person of `shown`: an answer for fewer is an error.
  virtual absl::StatusOr<ListAnswers> Screen(const Shown& shown, const OnBehalf& on_behalf) = 0;
};

// ---- the register of crossings ----------------------------------------------------------------------------------

struct PastCrossing {
  Direction direction = Direction::kEntry;
  bool admitted = false;  // else refused
  std::string post;
  absl::Time time;
};

struct History {
  std::string person;                   // the register's id; empty: nobody it knows
  std::vector<PastCrossing> crossings;  // newest first, corrections applied; empty: an unknown traveller
  int crossing_count = 0;
  // The document was used before by somebody recorded under another identity.
  bool document_of_another = false;
  // The register looked by the document alone: the identity is too poor to be searched.
  bool identity_not_searched = false;
  base::Redacted<std::string> evidence;  // which crossings these are, and no copy of them
  base::Redacted<std::string> shown;     // the crossings, for the answer of this inspection and not for its file
};

class TravellerDirectory {
 public:
  virtual ~TravellerDirectory() = default;
  // An empty history only when the register says that it knows no such person, or that it knows no such document and
  // could not search the identity (then `identity_not_searched`); whatever else keeps it from answering is
  // an error, whose message is a word of the register's for why, or empty.
  virtual absl::StatusOr<History> Find(const base::Identity& identity, const OnBehalf& on_behalf) = 0;
};

// A crossing to be recorded, as decided.
struct CrossingIntent {
  InspectionId inspection;  // also the request id: the register makes one crossing of it, however often it is asked
  Direction direction = Direction::kEntry;
  std::string post;
  std::string conveyance;
  absl::Time time;
  bool admitted = false;
  std::string reason_code;
  base::Redacted<base::Identity> identity;
  std::string officer;
};

// A request to record a crossing, as bytes: made once, kept with the decision, and sent as it is however often, so that
// the register, which knows a request by its bytes, never takes a repetition for another one.
using CrossingRequest = base::Redacted<std::string>;

class CrossingRecorder {
 public:
  virtual ~CrossingRecorder() = default;
  // The id of the crossing, durable there. The message of an error is a word of the register's for why, or empty.
  // `on_behalf.officer` may be empty: then it is the one whom the request names.
  virtual absl::StatusOr<std::string> Record(const CrossingRequest& request, const OnBehalf& on_behalf) = 0;
};

// ---- the store --------------------------------------------------------------------------------------------------

// What identifies a request, so that it never makes two inspections.
struct RequestKey {
  std::string id;
  base::Redacted<std::string> content;  // digest of all that was asked, as its bytes came
};

struct EarlierInspection {
  Inspection inspection;
  bool same_content = false;
};

// A place in the list of inspections, newest first: behind this one.
struct InspectionPosition {
  absl::Time time;
  std::string id;
};

struct PendingCrossing {
  InspectionId inspection;
  int attempts = 0;
};
struct DueCrossings {
  std::vector<PendingCrossing> due;
  std::vector<std::string> damaged;        // ids of rows that do not read; named, and not in the way of the others
  std::optional<InspectionPosition> last;  // of both, in their order; nothing when there was no row
};

struct RefusedCrossing {
  InspectionId inspection;
  std::string reason;  // the register's word, or REQUEST_DAMAGED, REQUEST_ERASED, KEY_LOST for our own copy
  absl::Time decision_time;
  absl::Time refusal_time;
  int attempts = 0;
};

struct IntentCounts {
  int64_t pending = 0;
  int64_t refused = 0;
  std::optional<absl::Time> oldest_pending;  // when it was decided
};

// What is known of a document or a person here and nowhere else.
struct Unsettled {
  State state = State::kReferred;  // referred and not decided, or admitted or refused and not in the register yet
  std::string post;
  absl::Time time;  // of the decision
};

// What this service remembers of what is shown now.
struct Recollection {
  std::vector<std::string> latest;   // of each key: what happened to it last, as the store writes it; empty: nothing
  std::vector<Unsettled> unsettled;  // of any key, newest first
};

// kOvertaken: nothing was stored, because something happened to one of the keys since `Inspection::latest` was read.
enum class Creation : uint8_t { kStored, kOvertaken };

// Decides on an inspection as it stands; nothing when there is nothing to add.
using DecisionRule = std::function<absl::StatusOr<std::optional<Decision>>(const Inspection&)>;

struct Decided {
  Inspection inspection;        // as it stands
  std::optional<size_t> taken;  // of its decisions: the one that this request id has taken before
};

// OK from a writing verb means durable.
class InspectionStore {
 public:
  virtual ~InspectionStore() = default;
  virtual absl::StatusOr<std::optional<EarlierInspection>> FindRequest(const RequestKey& request) = 0;
  // With its event, when nothing has happened to its keys since `inspection.latest`, or that is empty. ALREADY_EXISTS
  // when the request id has an inspection.
  virtual absl::StatusOr<Creation> Create(const RequestKey& request, const Inspection& inspection) = 0;
  // Whole. NOT_FOUND when unknown or erased.
  virtual absl::StatusOr<Inspection> Get(const InspectionId& id) = 0;
  // Newest first, without evidence; erased ones are left out, unreadable ones are among the others and say so.
  virtual absl::StatusOr<std::vector<Inspection>> List(std::optional<State> state,
                                                       const std::optional<InspectionPosition>& behind, int limit) = 0;
  // Applies the rule to the inspection, whose `overtaken` is as of this transaction, and commits its decision, the new
  // state, the crossing intent it makes and the event in one transaction. The rule may run more than once, and not at
  // all when the request id (empty: none) has taken a decision before; ALREADY_EXISTS when that was another request.
  virtual absl::StatusOr<Decided> Decide(const InspectionId& id, const RequestKey& request,
                                         const DecisionRule& rule) = 0;
  // Of the keys (Inspection::keys). Asked before the register is: what it says is settled, the register has.
  virtual absl::StatusOr<Recollection> Recall(const std::vector<std::string>& keys) = 0;
  // Where else the document was inspected at or after `since`: the code of the newest other post.
  virtual absl::StatusOr<std::optional<std::string>> SeenElsewhere(const base::DocumentKey& document,
                                                                   const std::string& post, absl::Time since) = 0;
  // Open inspections made before `before`, oldest first, behind a place in that order.
  virtual absl::StatusOr<std::vector<InspectionPosition>> Undecided(absl::Time before,
                                                                    const std::optional<InspectionPosition>& behind,
                                                                    int limit) = 0;
  // Forgets where documents were seen before `before`; at most `limit` at once. How many.
  virtual absl::StatusOr<int> ForgetSightings(absl::Time before, int limit) = 0;
  // Forgets what happened last before `latest_before`, which is before any open inspection can still be decided, and
  // referrals that nobody decided since `referrals_before`; at most `limit` of each at once. How many.
  virtual absl::StatusOr<int> ForgetShown(absl::Time latest_before, absl::Time referrals_before, int limit) = 0;
};

// Crossings that are decided and not yet accepted by the register. Part of the same store.
class CrossingIntents {
 public:
  virtual ~CrossingIntents() = default;
  // Longest due first, behind a place in that order.
  virtual absl::StatusOr<DueCrossings> Due(absl::Time now, const std::optional<InspectionPosition>& behind,
                                           int limit) = 0;
  // As it was made with the decision. DATA_LOSS when it does not read, NOT_FOUND when the inspection was erased; the
  // message is the word for it.
  virtual absl::StatusOr<CrossingRequest> Request(const InspectionId& inspection) = 0;
  virtual absl::Status Accepted(const InspectionId& inspection, const std::string& crossing_id) = 0;
  virtual absl::Status Postpone(const InspectionId& inspection, absl::Time next_attempt) = 0;
  // Out of the loop, and kept for a supervisor.
  virtual absl::Status Refuse(const InspectionId& inspection, const std::string& reason, absl::Time time) = 0;
  // Back into the loop, due at `now`. NOT_FOUND when no crossing of that inspection is refused.
  virtual absl::Status Retry(const InspectionId& inspection, absl::Time now) = 0;
  // Oldest refusal first.
  virtual absl::StatusOr<std::vector<RefusedCrossing>> ListRefused(int limit) = 0;
  virtual absl::StatusOr<IntentCounts> Count() = 0;
};

}  // namespace gatehouse::inspection
