#include "services/inspection/store.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "services/inspection/convert.h"
#include "services/inspection/decision.h"
#include "services/inspection/desk.h"
#include "services/inspection/events.h"
#include "services/inspection/shown_rows_store.h"
#include "services/inspection/state_word.h"
#include "services/inspection/traveller_client.h"

namespace gatehouse::inspection {
namespace {

// What is sealed names its column, so that a blob moved to another one does not open.
constexpr char kInspectionContext[] = "inspection.sealed_inspection";
constexpr char kEvidenceContext[] = "inspection.sealed_evidence";
constexpr char kDecisionContext[] = "decision.sealed_decision";
constexpr char kKeysContext[] = "inspection.sealed_keys";

// The first attempt is the decision's own call; the worker comes after it.
constexpr absl::Duration kFirstDrive = absl::Seconds(5);
// Two desks that decide at one moment: the one that lost looks again.
constexpr int kMaxRaces = 4;

// What one row says, and no other is to blame for.
bool IsOfTheRow(const absl::Status& status) { return absl::IsDataLoss(status) || absl::IsInvalidArgument(status); }

std::string WordFor(const absl::Status& status) { return seal::IsKeyLost(status) ? "KEY_LOST" : "ROW_DAMAGED"; }

// Of a row that may be damaged in just this cell.
std::optional<absl::Time> TimeOf(const sql::Row& row) {
  try {
    return absl::FromUnixMicros(row.Int(2));
  } catch (const sql::DamagedCell&) {
    return std::nullopt;
  }
}

using Rows = absl::StatusOr<std::vector<sql::Row>>;
using Query = std::function<Rows(std::string_view sql, sql::Params params)>;
using Opener = std::function<absl::StatusOr<std::string>(std::string_view subject, std::string_view context,
                                                         std::string_view sealed)>;
// Reading, from committed state or inside a command: both ask and open in the same place.
struct Access {
  Query query;
  Query list;  // with damaged rows among the others, marked
  Opener open;
};

constexpr char kColumns[] = "inspection_id, state, inspection_time, sealed_inspection, sealed_evidence, post";

class Store : public InspectionStore {
 public:
  explicit Store(StoreDeps deps) : deps_(std::move(deps)) {}

  absl::StatusOr<std::optional<EarlierInspection>> FindRequest(const RequestKey& request) override {
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        deps_.database.Query("SELECT inspection_id, request_hash FROM inspection WHERE request_id = ?", {request.id}));
    if (rows.empty()) return std::nullopt;
    EarlierInspection earlier{.same_content = rows[0].Bytes(1) == RequestHash(request)};
    GH_ASSIGN_OR_RETURN(earlier.inspection, Get(InspectionId(rows[0].Text(0))));
    return earlier;
  }

  absl::StatusOr<Creation> Create(const RequestKey& request, const Inspection& inspection) override {
    // All that takes time is made before the one writer's thread has it.
    const std::string& id = inspection.id.value();
    GH_ASSIGN_OR_RETURN(const std::unique_ptr<seal::NewSubject> subject, deps_.sealer.MakeSubject(id));
    GH_ASSIGN_OR_RETURN(const std::string sealed,
                        subject->Seal(kInspectionContext, seal::Pack(StoredInspection(inspection))));
    GH_ASSIGN_OR_RETURN(const std::string evidence,
                        subject->Seal(kEvidenceContext, seal::Pack(inspection.evidence.Reveal())));
    const ShownRows::Hashes hashes = HashesOf(inspection.keys.Reveal());
    GH_ASSIGN_OR_RETURN(const std::string keys, subject->Seal(kKeysContext, seal::Pack(absl::StrJoin(hashes, ""))));
    const std::string request_hash = RequestHash(request);
    const std::vector<std::string> documents = DocumentHashes(inspection.documents.Reveal());
    const events::Event event = InspectionCompletedEvent(NewEventId(), inspection);
    Creation creation = Creation::kStored;
    const absl::Status written = deps_.database.Write([&](sql::Transaction& transaction) -> absl::Status {
      creation = Creation::kStored;
      GH_RETURN_IF_ERROR(subject->Store(transaction));
      GH_RETURN_IF_ERROR(transaction.Execute(
          "INSERT INTO inspection (inspection_id, request_id, request_hash, state, post, inspection_time, "
          "sealed_inspection, sealed_evidence, sealed_keys) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
          {id, request.id, sql::BlobView{request_hash}, StateWord(inspection.state), inspection.post,
           absl::ToUnixMicros(inspection.time), sql::BlobView{sealed}, sql::BlobView{evidence}, sql::BlobView{keys}}));
      GH_ASSIGN_OR_RETURN(creation, ShownRows::AddInspection(transaction, inspection, hashes));
      if (creation == Creation::kOvertaken) return absl::CancelledError("overtaken");
      for (const std::string& document : documents) {
        GH_RETURN_IF_ERROR(
            transaction.Execute("INSERT INTO document_sighting (document_hash, post, inspection_time) VALUES (?, ?, ?) "
                                "ON CONFLICT (document_hash, post) DO UPDATE SET inspection_time = CASE WHEN "
                                "excluded.inspection_time > document_sighting.inspection_time THEN "
                                "excluded.inspection_time ELSE document_sighting.inspection_time END",
                                {sql::BlobView{document}, inspection.post, absl::ToUnixMicros(inspection.time)}));
      }
      deps_.outbox.Append(transaction, event);
      return absl::OkStatus();
    });
    if (creation == Creation::kOvertaken) return creation;
    GH_RETURN_IF_ERROR(written);
    deps_.wake_relay();
    return creation;
  }

  absl::StatusOr<Inspection> Get(const InspectionId& id) override { return Load(Reader(), id, /*evidence=*/true); }

  absl::StatusOr<std::vector<Inspection>> List(std::optional<State> state,
                                               const std::optional<InspectionPosition>& behind, int limit) override {
    const Access access = Reader();
    std::vector<Inspection> found;
    std::optional<InspectionPosition> position = behind;
    // Erased ones leave gaps, so one read may give fewer inspections than rows.
    while (found.size() < static_cast<size_t>(limit)) {
      const int missing = limit - static_cast<int>(found.size());
      GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows, ReadRows(state, position, missing));
      for (const sql::Row& row : rows) {
        absl::StatusOr<Inspection> inspection = Open(access, row, /*evidence=*/false);
        if (inspection.ok()) {
          found.push_back(*std::move(inspection));
        } else if (IsOfTheRow(inspection.status())) {
          found.push_back(Unreadable(row, inspection.status(), position));
        } else if (!absl::IsNotFound(inspection.status())) {
          return inspection.status();
        }
        position = InspectionPosition{TimeOf(row).value_or(position ? position->time : absl::InfiniteFuture()),
                                      std::string(row.TextOr(0, ""))};
      }
      if (rows.size() < static_cast<size_t>(missing)) break;
    }
    GH_RETURN_IF_ERROR(AddLater(access, found, /*mark=*/true));
    return found;
  }

  absl::StatusOr<Decided> Decide(const InspectionId& id, const RequestKey& request, const DecisionRule& rule) override {
    const std::string request_hash = request.id.empty() ? "" : DecisionHash(request);
    Decided decided;
    bool changed = false;
    bool reused = false;
    absl::Status status;
    for (int run = 0; run < kMaxRaces; ++run) {
      status = deps_.database.Write([&](sql::Transaction& transaction) -> absl::Status {
        changed = false;
        decided = {};
        GH_ASSIGN_OR_RETURN(decided.taken, FindDecision(transaction, id, request, request_hash, reused));
        if (reused) return absl::OkStatus();
        GH_ASSIGN_OR_RETURN(decided.inspection, Load(WriterOf(transaction), id, /*evidence=*/false));
        if (decided.taken) return absl::OkStatus();
        GH_ASSIGN_OR_RETURN(const ShownRows::Hashes hashes, ReadHashes(transaction, id));
        GH_ASSIGN_OR_RETURN(decided.inspection.overtaken,
                            ShownRows::IsOvertaken(transaction, decided.inspection, hashes));
        GH_ASSIGN_OR_RETURN(const std::optional<Decision> decision, rule(decided.inspection));
        changed = decision.has_value();
        if (!changed) return absl::OkStatus();
        GH_RETURN_IF_ERROR(Append(transaction, *decision, {request.id, request_hash}, decided.inspection));
        return ShownRows::AddDecision(transaction, decided.inspection, hashes);
      });
      if (!absl::IsAlreadyExists(status)) break;
    }
    if (absl::IsAlreadyExists(status)) return absl::UnavailableError("others decide on this inspection; try again");
    GH_RETURN_IF_ERROR(status);
    if (reused) return absl::AlreadyExistsError("this request id has taken another decision");
    if (changed) deps_.wake_relay();
    return decided;
  }

  absl::StatusOr<std::optional<std::string>> SeenElsewhere(const base::DocumentKey& document, const std::string& post,
                                                           absl::Time since) override {
    const std::vector<std::string> hashes = DocumentHashes({document});
    if (hashes.empty()) return std::nullopt;
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        deps_.database.Query("SELECT post FROM document_sighting WHERE document_hash = ? AND post <> ? AND "
                             "inspection_time >= ? ORDER BY inspection_time DESC LIMIT 1",
                             {sql::Blob{hashes[0]}, post, absl::ToUnixMicros(since)}));
    if (rows.empty()) return std::nullopt;
    return rows[0].Text(0);
  }

  absl::StatusOr<Recollection> Recall(const std::vector<std::string>& keys) override {
    return shown_.Recall(HashesOf(keys));
  }

  absl::StatusOr<int> ForgetShown(absl::Time latest_before, absl::Time referrals_before, int limit) override {
    return shown_.Forget(latest_before, referrals_before, limit);
  }

  absl::StatusOr<std::vector<InspectionPosition>> Undecided(absl::Time before,
                                                            const std::optional<InspectionPosition>& behind,
                                                            int limit) override {
    const InspectionPosition from = behind.value_or(InspectionPosition{absl::UnixEpoch(), ""});
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        deps_.database.List("SELECT inspection_time, inspection_id FROM inspection WHERE state = ? AND "
                                            "inspection_time < ? AND (inspection_time, inspection_id) > (?, ?) "
                                            "ORDER BY inspection_time, inspection_id LIMIT ?",
                                            {StateWord(State::kOpen), absl::ToUnixMicros(before),
                                             absl::ToUnixMicros(from.time), from.id, static_cast<int64_t>(limit)}));
    std::vector<InspectionPosition> found;
    for (const sql::Row& row : rows) {
      // A row without a time or an id cannot be closed by them; a listing names it.
      if (row.damage().ok()) found.push_back({absl::FromUnixMicros(row.Int(0)), row.Text(1)});
    }
    return found;
  }

  absl::StatusOr<int> ForgetSightings(absl::Time before, int limit) override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> old,
                        deps_.database.Query("SELECT document_hash, post FROM document_sighting WHERE "
                                             "inspection_time < ? ORDER BY inspection_time LIMIT ?",
                                             {absl::ToUnixMicros(before), static_cast<int64_t>(limit)}));
    if (old.empty()) return 0;
    GH_RETURN_IF_ERROR(deps_.database.Write([&](sql::Transaction& transaction) -> absl::Status {
      for (const sql::Row& row : old) {
        // Seen again meanwhile: it stays.
        GH_RETURN_IF_ERROR(transaction.Execute(
            "DELETE FROM document_sighting WHERE document_hash = ? AND post = ? AND inspection_time < ?",
            {sql::BlobView{row.Bytes(0)}, row.Text(1), absl::ToUnixMicros(before)}));
      }
      return absl::OkStatus();
    }));
    return static_cast<int>(old.size());
  }

 private:
  Access Reader() {
    return {.query = [this](std::string_view sql,
                            sql::Params params) { return deps_.database.Query(sql, std::move(params)); },
            .list = [this](std::string_view sql,
                           sql::Params params) { return deps_.database.List(sql, std::move(params)); },
            .open = [this](std::string_view subject, std::string_view context,
                           std::string_view sealed) { return deps_.sealer.Open(subject, context, sealed); }};
  }
  Access WriterOf(sql::Transaction& transaction) {
    return {.query = [&transaction](std::string_view sql,
                                    sql::Params params) { return transaction.Query(sql, std::move(params)); },
            .list = [&transaction](std::string_view sql,
                                   sql::Params params) { return transaction.List(sql, std::move(params)); },
            .open = [this, &transaction](
                        std::string_view subject, std::string_view context,
                        std::string_view sealed) { return deps_.sealer.Open(transaction, subject, context, sealed); }};
  }

  std::string NewEventId() { return base::NewUuid(deps_.clock, deps_.random); }

  std::string RequestHash(const RequestKey& request) {
    return deps_.sealer.LookupHash("inspection_request", request.content.Reveal());
  }

  std::string DecisionHash(const RequestKey& request) {
    return deps_.sealer.LookupHash("decision_request", request.content.Reveal());
  }

  ShownRows::Hashes HashesOf(const std::vector<std::string>& keys) {
    ShownRows::Hashes hashes;
    for (const std::string& key : keys) hashes.push_back(deps_.sealer.LookupHash("shown", key));
    return hashes;
  }

  absl::StatusOr<ShownRows::Hashes> ReadHashes(sql::Transaction& transaction, const InspectionId& id) {
    constexpr size_t kHashBytes = 32;
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        transaction.Query("SELECT sealed_keys FROM inspection WHERE inspection_id = ?", {id.value()}));
    if (rows.empty()) return absl::NotFoundError("no such inspection");
    GH_ASSIGN_OR_RETURN(const std::string bytes,
                        deps_.sealer.Open(transaction, id.value(), kKeysContext, rows[0].Bytes(0)));
    if (bytes.size() % kHashBytes != 0) return absl::DataLossError("the keys of a stored inspection do not read");
    ShownRows::Hashes hashes;
    for (size_t at = 0; at < bytes.size(); at += kHashBytes) hashes.push_back(bytes.substr(at, kHashBytes));
    return hashes;
  }

  std::vector<std::string> DocumentHashes(const std::vector<base::DocumentKey>& documents) {
    std::vector<std::string> hashes;
    for (const base::DocumentKey& document : documents) {
      const std::optional<std::string> text = base::DocumentText(document);
      if (text) hashes.push_back(deps_.sealer.LookupHash("document", *text));
    }
    return hashes;
  }

  // The ordinal of the decision that this request has taken; `reused` when the id belongs to another request.
  static absl::StatusOr<std::optional<size_t>> FindDecision(sql::Transaction& transaction, const InspectionId& id,
                                                            const RequestKey& request, const std::string& request_hash,
                                                            bool& reused) {
    reused = false;
    if (request.id.empty()) return std::nullopt;
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        transaction.Query("SELECT inspection_id, ordinal, request_hash FROM decision WHERE request_id = ?",
                          {request.id}));
    if (rows.empty()) return std::nullopt;
    reused = rows[0].Text(0) != id.value() || rows[0].Bytes(2) != request_hash;
    return static_cast<size_t>(rows[0].Int(1));
  }

  // Adds the decision to `inspection`, and both to the store.
  absl::Status Append(sql::Transaction& transaction, const Decision& decision,
                      const std::pair<std::string, std::string>& request, Inspection& inspection) {
    const std::string& id = inspection.id.value();
    const int64_t ordinal = static_cast<int64_t>(inspection.decisions.size());
    GH_ASSIGN_OR_RETURN(std::string sealed,
                        deps_.sealer.SealKnown(transaction, id, kDecisionContext, StoredDecision(decision)));
    const auto& [request_id, request_hash] = request;
    GH_RETURN_IF_ERROR(
        transaction.Execute("INSERT INTO decision (inspection_id, ordinal, request_id, request_hash, sealed_decision) "
                            "VALUES (?, ?, ?, ?, ?)",
                            {id, ordinal, request_id.empty() ? sql::Value(std::monostate()) : sql::Value(request_id),
                             request_id.empty() ? sql::Value(std::monostate()) : sql::Value(sql::Blob{request_hash}),
                             sql::Blob{std::move(sealed)}}));
    inspection.decisions.push_back(decision);
    inspection.state = StateAfter(decision.outcome);
    GH_RETURN_IF_ERROR(transaction.Execute("UPDATE inspection SET state = ? WHERE inspection_id = ?",
                                           {StateWord(inspection.state), id}));
    if (MakesCrossing(decision.outcome)) {
      inspection.crossing = CrossingProgress{};
      GH_ASSIGN_OR_RETURN(std::string kept,
                          deps_.sealer.SealKnown(transaction, id, kCrossingRequestContext,
                                                 WriteCrossingRequest(IntentOf(inspection)).Reveal()));
      GH_RETURN_IF_ERROR(transaction.Execute(
          "INSERT INTO crossing_intent (inspection_id, state, crossing_id, sealed_request, decision_time, attempts, "
          "next_attempt_time, refusal) VALUES (?, ?, '', ?, ?, 0, ?, '')",
          {id, std::string(kPendingWord), sql::Blob{std::move(kept)}, absl::ToUnixMicros(decision.time),
           absl::ToUnixMicros(decision.time + kFirstDrive)}));
    }
    deps_.outbox.Append(transaction, InspectionDecidedEvent(NewEventId(), inspection.id, decision, ordinal + 2));
    return absl::OkStatus();
  }

  absl::StatusOr<Inspection> Load(const Access& access, const InspectionId& id, bool evidence) {
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        access.query(absl::StrCat("SELECT ", kColumns, " FROM inspection WHERE inspection_id = ?"), {id.value()}));
    if (rows.empty()) return absl::NotFoundError("no such inspection");
    std::vector<Inspection> one(1);
    const absl::Status status = [&]() -> absl::Status {
      GH_ASSIGN_OR_RETURN(one[0], Open(access, rows[0], evidence));
      return AddLater(access, one, /*mark=*/false);
    }();
    if (status.ok()) return std::move(one[0]);
    if (IsOfTheRow(status)) deps_.damaged(id.value(), WordFor(status));
    return absl::IsInvalidArgument(status) ? absl::DataLossError(status.message()) : status;  // no fault of the caller
  }

  absl::StatusOr<std::vector<sql::Row>> ReadRows(std::optional<State> state,
                                                 const std::optional<InspectionPosition>& behind, int limit) {
    std::vector<std::string> conditions;
    sql::Params params;
    if (state) {
      conditions.push_back("state = ?");
      params.push_back(StateWord(*state));
    }
    if (behind) {
      conditions.push_back("(inspection_time, inspection_id) < (?, ?)");
      params.push_back(absl::ToUnixMicros(behind->time));
      params.push_back(behind->id);
    }
    params.push_back(static_cast<int64_t>(limit));
    const std::string where = conditions.empty() ? "" : absl::StrCat(" WHERE ", absl::StrJoin(conditions, " AND "));
    return deps_.database.List(absl::StrCat("SELECT ", kColumns, " FROM inspection", where,
                                            " ORDER BY inspection_time DESC, inspection_id DESC LIMIT ?"),
                               std::move(params));
  }

  // A listing goes past it and names it: what does not read is neither nothing nor the end of the list.
  Inspection Unreadable(const sql::Row& row, const absl::Status& why, const std::optional<InspectionPosition>& behind) {
    Inspection inspection{.id = InspectionId(std::string(row.TextOr(0, "?"))),
                          .post = std::string(row.TextOr(5, "")),
                          .time = TimeOf(row).value_or(behind ? behind->time : deps_.clock.Now()),
                          .unreadable = WordFor(why)};
    const absl::StatusOr<State> state = ReadStateWord(row.TextOr(1, ""));
    if (state.ok()) inspection.state = *state;
    deps_.damaged(inspection.id.value(), inspection.unreadable);
    return inspection;
  }

  absl::StatusOr<Inspection> Open(const Access& access, const sql::Row& row, bool evidence) {
    GH_RETURN_IF_ERROR(row.damage());
    const std::string& id = row.Text(0);
    GH_ASSIGN_OR_RETURN(const std::string facts, access.open(id, kInspectionContext, row.Bytes(3)));
    GH_ASSIGN_OR_RETURN(Inspection inspection, ReadStoredInspection(facts));
    GH_ASSIGN_OR_RETURN(inspection.state, ReadStateWord(row.Text(1)));
    if (evidence) {
      GH_ASSIGN_OR_RETURN(inspection.evidence.Reveal(), access.open(id, kEvidenceContext, row.Bytes(4)));
    }
    return inspection;
  }

  // Decisions and crossings, which are rows beside the inspections. With `mark` what does not read makes its inspection
  // unreadable, else it is the answer.
  absl::Status AddLater(const Access& access, std::vector<Inspection>& inspections, bool mark) {
    if (inspections.empty()) return absl::OkStatus();
    std::map<std::string, Inspection*, std::less<>> by_id;
    sql::Params ids;
    for (Inspection& inspection : inspections) {
      by_id[inspection.id.value()] = &inspection;
      ids.push_back(inspection.id.value());
    }
    const std::string in =
        absl::StrCat(" WHERE inspection_id IN (", absl::StrJoin(std::vector<std::string>(ids.size(), "?"), ","), ")");
    const auto add = [&](const std::vector<sql::Row>& rows, auto read) -> absl::Status {
      for (const sql::Row& row : rows) {
        const auto place = by_id.find(row.TextOr(0, ""));
        if (place == by_id.end()) continue;
        absl::Status status = row.damage();
        if (status.ok()) status = read(row, *place->second);
        if (status.ok()) continue;
        if (!mark || !IsOfTheRow(status)) return status;
        place->second->unreadable = WordFor(status);
        deps_.damaged(place->first, place->second->unreadable);
      }
      return absl::OkStatus();
    };
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> decisions,
                        access.list(absl::StrCat("SELECT inspection_id, sealed_decision FROM decision", in,
                                                 " ORDER BY inspection_id, ordinal"),
                                    ids));
    GH_RETURN_IF_ERROR(add(decisions, [&](const sql::Row& row, Inspection& inspection) -> absl::Status {
      GH_ASSIGN_OR_RETURN(const std::string blob, access.open(row.Text(0), kDecisionContext, row.Bytes(1)));
      GH_ASSIGN_OR_RETURN(Decision decision, ReadStoredDecision(blob));
      inspection.decisions.push_back(std::move(decision));
      return absl::OkStatus();
    }));
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> crossings,
        access.list(absl::StrCat("SELECT inspection_id, crossing_id, refusal FROM crossing_intent", in), ids));
    return add(crossings, [](const sql::Row& row, Inspection& inspection) {
      inspection.crossing = CrossingProgress{.crossing_id = row.Text(1), .refusal = row.Text(2)};
      return absl::OkStatus();
    });
  }

  StoreDeps deps_;
  const ShownRows shown_{deps_.database};
};

}  // namespace

std::unique_ptr<InspectionStore> MakeInspectionStore(StoreDeps deps) {
  return std::make_unique<Store>(std::move(deps));
}

}  // namespace gatehouse::inspection
