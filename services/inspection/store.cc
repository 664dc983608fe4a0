#include "services/inspection/store.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "services/inspection/convert.h"
#include "services/inspection/decision.h"
#include "services/inspection/events.h"

namespace gatehouse::inspection {
namespace {

// What is sealed names its column, so that a blob moved to another one does not open.
constexpr char kInspectionContext[] = "inspection.sealed_inspection";
constexpr char kEvidenceContext[] = "inspection.sealed_evidence";
constexpr char kDecisionContext[] = "decision.sealed_decision";

// The first attempt is the decision's own call; the worker comes after it.
constexpr absl::Duration kFirstDrive = absl::Seconds(5);
// Two desks that decide at one moment: the one that lost looks again.
constexpr int kMaxRaces = 4;

constexpr std::pair<State, std::string_view> kStateWords[] = {{State::kOpen, "open"},
                                                              {State::kReferred, "referred"},
                                                              {State::kAdmitted, "admitted"},
                                                              {State::kRefused, "refused"},
                                                              {State::kAbandoned, "abandoned"}};

std::string StateWord(State state) {
  for (const auto& [known, word] : kStateWords) {
    if (known == state) return std::string(word);
  }
  GH_CHECK(false);
}

absl::StatusOr<State> ReadStateWord(std::string_view text) {
  for (const auto& [state, word] : kStateWords) {
    if (word == text) return state;
  }
  return absl::DataLossError("a stored inspection has an unknown state");
}

using Rows = absl::StatusOr<std::vector<sql::Row>>;
using Query = std::function<Rows(std::string_view sql, sql::Params params)>;
using Opener = std::function<absl::StatusOr<std::string>(std::string_view subject, std::string_view context,
                                                         std::string_view sealed)>;
// Reading, from committed state or inside a command: both ask and open in the same place.
struct Access {
  Query query;
  Opener open;
};

constexpr char kColumns[] = "inspection_id, state, inspection_time, sealed_inspection, sealed_evidence";

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

  absl::Status Create(const RequestKey& request, const Inspection& inspection) override {
    const std::string facts = StoredInspection(inspection);
    GH_RETURN_IF_ERROR(deps_.database.Write([&](sql::Transaction& transaction) -> absl::Status {
      const std::string& id = inspection.id.value();
      GH_ASSIGN_OR_RETURN(std::string sealed, deps_.sealer.Seal(transaction, id, kInspectionContext, facts));
      GH_ASSIGN_OR_RETURN(std::string evidence,
                          deps_.sealer.Seal(transaction, id, kEvidenceContext, inspection.evidence.Reveal()));
      GH_RETURN_IF_ERROR(transaction.Execute(
          "INSERT INTO inspection (inspection_id, request_id, request_hash, state, post, inspection_time, "
          "document_hash, sealed_inspection, sealed_evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
          {id, request.id, sql::Blob{RequestHash(request)}, StateWord(inspection.state), inspection.post,
           absl::ToUnixMicros(inspection.time), DocumentHash(inspection.identity.Reveal().document),
           sql::Blob{std::move(sealed)}, sql::Blob{std::move(evidence)}}));
      deps_.outbox.Append(transaction, InspectionCompletedEvent(NewEventId(), inspection));
      return absl::OkStatus();
    }));
    deps_.wake_relay();
    return absl::OkStatus();
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
        } else if (!absl::IsNotFound(inspection.status())) {
          return inspection.status();
        }
      }
      if (rows.size() < static_cast<size_t>(missing)) break;
      position = InspectionPosition{absl::FromUnixMicros(rows.back().Int(2)), rows.back().Text(0)};
    }
    GH_RETURN_IF_ERROR(AddLater(access, found));
    return found;
  }

  absl::StatusOr<Inspection> Decide(const InspectionId& id, const DecisionRule& rule) override {
    Inspection after;
    bool changed = false;
    absl::Status status;
    for (int run = 0; run < kMaxRaces; ++run) {
      status = deps_.database.Write([&](sql::Transaction& transaction) -> absl::Status {
        GH_ASSIGN_OR_RETURN(after, Load(WriterOf(transaction), id, /*evidence=*/false));
        GH_ASSIGN_OR_RETURN(const std::optional<Decision> decision, rule(after));
        changed = decision.has_value();
        return changed ? Append(transaction, *decision, after) : absl::OkStatus();
      });
      if (!absl::IsAlreadyExists(status)) break;
    }
    if (absl::IsAlreadyExists(status)) return absl::UnavailableError("others decide on this inspection; try again");
    GH_RETURN_IF_ERROR(status);
    if (changed) deps_.wake_relay();
    return after;
  }

  absl::StatusOr<std::optional<std::string>> SeenElsewhere(const base::DocumentKey& document, const std::string& post,
                                                           absl::Time since) override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        deps_.database.Query("SELECT post FROM inspection WHERE document_hash = ? AND "
                                             "inspection_time >= ? AND post <> ? ORDER BY inspection_time DESC LIMIT 1",
                                             {DocumentHash(document), absl::ToUnixMicros(since), post}));
    if (rows.empty()) return std::nullopt;
    return rows[0].Text(0);
  }

  absl::StatusOr<std::vector<InspectionId>> Undecided(absl::Time before, int limit) override {
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        deps_.database.Query("SELECT inspection_id FROM inspection WHERE state = ? AND inspection_time < ? "
                             "ORDER BY inspection_time LIMIT ?",
                             {StateWord(State::kOpen), absl::ToUnixMicros(before), static_cast<int64_t>(limit)}));
    std::vector<InspectionId> found;
    for (const sql::Row& row : rows) found.emplace_back(row.Text(0));
    return found;
  }

 private:
  Access Reader() {
    return {.query = [this](std::string_view sql,
                            sql::Params params) { return deps_.database.Query(sql, std::move(params)); },
            .open = [this](std::string_view subject, std::string_view context,
                           std::string_view sealed) { return deps_.sealer.Open(subject, context, sealed); }};
  }
  Access WriterOf(sql::Transaction& transaction) {
    return {.query = [&transaction](std::string_view sql,
                                    sql::Params params) { return transaction.Query(sql, std::move(params)); },
            .open = [this, &transaction](
                        std::string_view subject, std::string_view context,
                        std::string_view sealed) { return deps_.sealer.Open(transaction, subject, context, sealed); }};
  }

  std::string NewEventId() { return base::NewUuid(deps_.clock, deps_.random); }

  std::string RequestHash(const RequestKey& request) {
    return deps_.sealer.LookupHash("inspection_request", request.content.Reveal());
  }

  sql::Value DocumentHash(const base::DocumentKey& document) {
    const std::optional<std::string> text = base::DocumentText(document);
    if (!text) return std::monostate();
    return sql::Blob{deps_.sealer.LookupHash("document", *text)};
  }

  // Adds the decision to `inspection`, and both to the store.
  absl::Status Append(sql::Transaction& transaction, const Decision& decision, Inspection& inspection) {
    const std::string& id = inspection.id.value();
    const int64_t ordinal = static_cast<int64_t>(inspection.decisions.size());
    GH_ASSIGN_OR_RETURN(std::string sealed,
                        deps_.sealer.Seal(transaction, id, kDecisionContext, StoredDecision(decision)));
    GH_RETURN_IF_ERROR(
        transaction.Execute("INSERT INTO decision (inspection_id, ordinal, sealed_decision) VALUES (?, ?, ?)",
                            {id, ordinal, sql::Blob{std::move(sealed)}}));
    inspection.decisions.push_back(decision);
    inspection.state = StateAfter(decision.outcome);
    GH_RETURN_IF_ERROR(transaction.Execute("UPDATE inspection SET state = ? WHERE inspection_id = ?",
                                           {StateWord(inspection.state), id}));
    if (MakesCrossing(decision.outcome)) {
      inspection.crossing = CrossingProgress{};
      GH_RETURN_IF_ERROR(transaction.Execute(
          "INSERT INTO crossing_intent (inspection_id, crossing_id, accepted, attempts, next_attempt_time) "
          "VALUES (?, '', 0, 0, ?)",
          {id, absl::ToUnixMicros(decision.time + kFirstDrive)}));
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
    GH_ASSIGN_OR_RETURN(one[0], Open(access, rows[0], evidence));
    GH_RETURN_IF_ERROR(AddLater(access, one));
    return std::move(one[0]);
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
    return deps_.database.Query(absl::StrCat("SELECT ", kColumns, " FROM inspection", where,
                                             " ORDER BY inspection_time DESC, inspection_id DESC LIMIT ?"),
                                std::move(params));
  }

  absl::StatusOr<Inspection> Open(const Access& access, const sql::Row& row, bool evidence) {
    const std::string& id = row.Text(0);
    GH_ASSIGN_OR_RETURN(const std::string facts, access.open(id, kInspectionContext, row.Bytes(3)));
    GH_ASSIGN_OR_RETURN(Inspection inspection, ReadStoredInspection(facts));
    GH_ASSIGN_OR_RETURN(inspection.state, ReadStateWord(row.Text(1)));
    if (evidence) {
      GH_ASSIGN_OR_RETURN(inspection.evidence.Reveal(), access.open(id, kEvidenceContext, row.Bytes(4)));
    }
    return inspection;
  }

  // Decisions and crossings, which are rows beside the inspections.
  absl::Status AddLater(const Access& access, std::vector<Inspection>& inspections) {
    if (inspections.empty()) return absl::OkStatus();
    std::map<std::string, Inspection*> by_id;
    sql::Params ids;
    for (Inspection& inspection : inspections) {
      by_id[inspection.id.value()] = &inspection;
      ids.push_back(inspection.id.value());
    }
    const std::string in =
        absl::StrCat(" WHERE inspection_id IN (", absl::StrJoin(std::vector<std::string>(ids.size(), "?"), ","), ")");
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> decisions,
                        access.query(absl::StrCat("SELECT inspection_id, sealed_decision FROM decision", in,
                                                  " ORDER BY inspection_id, ordinal"),
                                     ids));
    for (const sql::Row& row : decisions) {
      GH_ASSIGN_OR_RETURN(const std::string blob, access.open(row.Text(0), kDecisionContext, row.Bytes(1)));
      GH_ASSIGN_OR_RETURN(Decision decision, ReadStoredDecision(blob));
      by_id.at(row.Text(0))->decisions.push_back(std::move(decision));
    }
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> crossings,
                        access.query(absl::StrCat("SELECT inspection_id, crossing_id FROM crossing_intent", in), ids));
    for (const sql::Row& row : crossings) by_id.at(row.Text(0))->crossing = CrossingProgress{row.Text(1)};
    return absl::OkStatus();
  }

  StoreDeps deps_;
};

class Intents : public CrossingIntents {
 public:
  explicit Intents(sql::Database& database) : database_(database) {}

  absl::StatusOr<std::vector<PendingCrossing>> Due(absl::Time now, int limit) override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        database_.Query("SELECT inspection_id, attempts FROM crossing_intent WHERE accepted = 0 AND "
                                        "next_attempt_time <= ? ORDER BY next_attempt_time LIMIT ?",
                                        {absl::ToUnixMicros(now), static_cast<int64_t>(limit)}));
    std::vector<PendingCrossing> due;
    for (const sql::Row& row : rows) due.push_back({InspectionId(row.Text(0)), static_cast<int>(row.Int(1))});
    return due;
  }

  absl::Status Accepted(const InspectionId& inspection, const std::string& crossing_id) override {
    return database_.Write([&](sql::Transaction& transaction) {
      return transaction.Execute("UPDATE crossing_intent SET accepted = 1, crossing_id = ? WHERE inspection_id = ?",
                                 {crossing_id, inspection.value()});
    });
  }

  absl::Status Postpone(const InspectionId& inspection, absl::Time next_attempt) override {
    return database_.Write([&](sql::Transaction& transaction) {
      return transaction.Execute(
          "UPDATE crossing_intent SET attempts = attempts + 1, next_attempt_time = ? WHERE inspection_id = ?",
          {absl::ToUnixMicros(next_attempt), inspection.value()});
    });
  }

  absl::StatusOr<int64_t> Count() override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        database_.Query("SELECT COUNT(*) FROM crossing_intent WHERE accepted = 0", {}));
    return rows.at(0).Int(0);
  }

 private:
  sql::Database& database_;
};

}  // namespace

std::unique_ptr<InspectionStore> MakeInspectionStore(StoreDeps deps) {
  return std::make_unique<Store>(std::move(deps));
}

std::unique_ptr<CrossingIntents> MakeCrossingIntents(sql::Database& database) {
  return std::make_unique<Intents>(database);
}

}  // namespace gatehouse::inspection
