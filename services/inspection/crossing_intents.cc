// The crossings that are decided and not yet accepted: the second part of the store.
#include <utility>

#include "libs/base/status_macros.h"
#include "services/inspection/shown_rows_store.h"
#include "services/inspection/store.h"

namespace gatehouse::inspection {
namespace {

constexpr char kAcceptedWord[] = "accepted";
constexpr char kRefusedWord[] = "refused";

sql::Value Word(std::string_view word) { return std::string(word); }

class Intents : public CrossingIntents {
 public:
  Intents(sql::Database& database, seal::Sealer& sealer) : database_(database), sealer_(sealer) {}

  absl::StatusOr<DueCrossings> Due(absl::Time now, const std::optional<InspectionPosition>& behind,
                                   int limit) override {
    const InspectionPosition from = behind.value_or(InspectionPosition{.time = absl::UnixEpoch()});
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        database_.List("SELECT inspection_id, attempts, next_attempt_time FROM crossing_intent WHERE state = ? AND "
                       "next_attempt_time <= ? AND (next_attempt_time, inspection_id) > (?, ?) "
                       "ORDER BY next_attempt_time, inspection_id LIMIT ?",
                       {Word(kPendingWord), absl::ToUnixMicros(now), absl::ToUnixMicros(from.time), from.id,
                        static_cast<int64_t>(limit)}));
    DueCrossings found;
    if (!rows.empty()) found.last = PositionOf(rows.back(), now);
    for (const sql::Row& row : rows) {
      if (row.damage().ok()) {
        found.due.push_back({InspectionId(row.Text(0)), static_cast<int>(row.Int(1))});
      } else {
        found.damaged.emplace_back(row.TextOr(0, "?"));
      }
    }
    return found;
  }

  absl::StatusOr<CrossingRequest> Request(const InspectionId& inspection) override {
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        database_.List("SELECT sealed_request FROM crossing_intent WHERE inspection_id = ?", {inspection.value()}));
    if (rows.empty() || !rows[0].damage().ok()) return absl::DataLossError("REQUEST_DAMAGED");
    absl::StatusOr<std::string> request = sealer_.Open(inspection.value(), kCrossingRequestContext, rows[0].Bytes(0));
    if (request.ok()) return CrossingRequest(*std::move(request));
    if (seal::IsErased(request.status())) return absl::NotFoundError("REQUEST_ERASED");
    if (seal::IsKeyLost(request.status())) return absl::DataLossError("KEY_LOST");
    if (absl::IsDataLoss(request.status())) return absl::DataLossError("REQUEST_DAMAGED");
    return request.status();
  }

  // The request has done its work, and the register has the crossing.
  absl::Status Accepted(const InspectionId& inspection, const std::string& crossing_id) override {
    return database_.Write([&](sql::Transaction& transaction) -> absl::Status {
      GH_RETURN_IF_ERROR(Settle(transaction, inspection));
      return transaction.Execute(
          "UPDATE crossing_intent SET state = ?, crossing_id = ?, refusal = '', sealed_request = ? WHERE inspection_id "
          "= "
          "?",
          {Word(kAcceptedWord), crossing_id, sql::Blob{}, inspection.value()});
    });
  }

  absl::Status Postpone(const InspectionId& inspection, absl::Time next_attempt) override {
    return Update("UPDATE crossing_intent SET attempts = attempts + 1, next_attempt_time = ? WHERE inspection_id = ?",
                  {absl::ToUnixMicros(next_attempt), inspection.value()});
  }

  // Never over an acceptance: another process may have been sooner.
  absl::Status Refuse(const InspectionId& inspection, const std::string& reason, absl::Time time) override {
    return Update(
        "UPDATE crossing_intent SET state = ?, refusal = ?, attempts = attempts + 1, next_attempt_time = ? "
        "WHERE inspection_id = ? AND state = ?",
        {Word(kRefusedWord), reason, absl::ToUnixMicros(time), inspection.value(), Word(kPendingWord)});
  }

  absl::Status Retry(const InspectionId& inspection, absl::Time now) override {
    return database_.Write([&](sql::Transaction& transaction) -> absl::Status {
      GH_ASSIGN_OR_RETURN(
          const std::vector<sql::Row> rows,
          transaction.Query("UPDATE crossing_intent SET state = ?, refusal = '', next_attempt_time = ? "
                            "WHERE inspection_id = ? AND state = ? RETURNING inspection_id",
                            {Word(kPendingWord), absl::ToUnixMicros(now), inspection.value(), Word(kRefusedWord)}));
      return rows.empty() ? absl::NotFoundError("no crossing of this inspection is refused") : absl::OkStatus();
    });
  }

  absl::StatusOr<std::vector<RefusedCrossing>> ListRefused(int limit) override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        database_.List("SELECT inspection_id, refusal, decision_time, next_attempt_time, attempts "
                                       "FROM crossing_intent WHERE state = ? ORDER BY next_attempt_time LIMIT ?",
                                       {Word(kRefusedWord), static_cast<int64_t>(limit)}));
    std::vector<RefusedCrossing> refused;
    for (const sql::Row& row : rows) {
      if (row.damage().ok()) {
        refused.push_back({.inspection = InspectionId(row.Text(0)),
                           .reason = row.Text(1),
                           .decision_time = absl::FromUnixMicros(row.Int(2)),
                           .refusal_time = absl::FromUnixMicros(row.Int(3)),
                           .attempts = static_cast<int>(row.Int(4))});
      } else {
        refused.push_back({.inspection = InspectionId(std::string(row.TextOr(0, "?"))), .reason = "ROW_DAMAGED"});
      }
    }
    return refused;
  }

  absl::StatusOr<IntentCounts> Count() override {
    IntentCounts counts;
    GH_ASSIGN_OR_RETURN(counts.pending, CountOf(kPendingWord));
    GH_ASSIGN_OR_RETURN(counts.refused, CountOf(kRefusedWord));
    if (counts.pending == 0) return counts;
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> oldest,
                        database_.List("SELECT decision_time FROM crossing_intent WHERE state = ? "
                                       "ORDER BY decision_time LIMIT 1",
                                       {Word(kPendingWord)}));
    if (!oldest.empty() && oldest[0].damage().ok()) counts.oldest_pending = absl::FromUnixMicros(oldest[0].Int(0));
    return counts;
  }

 private:
  absl::Status Update(std::string_view sql, sql::Params params) {
    return database_.Write([&](sql::Transaction& transaction) { return transaction.Execute(sql, params); });
  }

  absl::StatusOr<int64_t> CountOf(std::string_view word) {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        database_.Query("SELECT COUNT(*) FROM crossing_intent WHERE state = ?", {Word(word)}));
    return rows.at(0).Int(0);
  }

  // A row whose own time does not read is no place to go on behind; this round ends there, and the next one begins
  // anew.
  static InspectionPosition PositionOf(const sql::Row& row, absl::Time now) {
    try {
      return {absl::FromUnixMicros(row.Int(2)), std::string(row.TextOr(0, ""))};
    } catch (const sql::DamagedCell&) {
      return {now, ""};
    }
  }

  sql::Database& database_;
  seal::Sealer& sealer_;
};

}  // namespace

std::unique_ptr<CrossingIntents> MakeCrossingIntents(sql::Database& database, seal::Sealer& sealer) {
  return std::make_unique<Intents>(database, sealer);
}

}  // namespace gatehouse::inspection
