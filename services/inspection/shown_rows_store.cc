#include "services/inspection/shown_rows_store.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status_macros.h"
#include "services/inspection/state_word.h"

namespace gatehouse::inspection {
namespace {

// As many as an officer reads.
constexpr int kMaxUnsettled = 20;

std::string Marks(size_t count, std::string_view mark) {
  return absl::StrJoin(std::vector<std::string>(count, std::string(mark)), ", ");
}

// `latest` is the id of an inspection, and after a decision on it also the ordinal of that: "ID/0".
std::string LatestOf(const Inspection& inspection) {
  if (inspection.decisions.empty()) return inspection.id.value();
  return absl::StrCat(inspection.id.value(), "/", inspection.decisions.size() - 1);
}

bool IsOf(const std::string& latest, const InspectionId& inspection) {
  return latest.substr(0, latest.find('/')) == inspection.value();
}

}  // namespace

absl::StatusOr<Recollection> ShownRows::Recall(const Hashes& hashes) const {
  Recollection found;
  if (hashes.empty()) return found;
  sql::Params params;
  std::map<std::string, size_t> places;
  for (const std::string& hash : hashes) {
    places.emplace(hash, places.size());
    params.emplace_back(sql::Blob{hash});
  }
  const std::string in = absl::StrCat("WHERE key_hash IN (", Marks(hashes.size(), "?"), ")");
  // First: what changes after this look is met by AddInspection.
  GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> latest,
                      database_.Query(absl::StrCat("SELECT key_hash, latest FROM shown_latest ", in), params));
  found.latest.resize(hashes.size());
  for (const sql::Row& row : latest) found.latest.at(places.at(row.Bytes(0))) = row.Text(1);
  params.emplace_back(int64_t{kMaxUnsettled});
  GH_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> unsettled,
      database_.Query(absl::StrCat("SELECT DISTINCT inspection_id, state, post, decision_time FROM unsettled ", in,
                                   " ORDER BY decision_time DESC LIMIT ?"),
                      params));
  for (const sql::Row& row : unsettled) {
    GH_ASSIGN_OR_RETURN(const State state, ReadStateWord(row.Text(1)));
    found.unsettled.push_back({.state = state, .post = row.Text(2), .time = absl::FromUnixMicros(row.Int(3))});
  }
  return found;
}

absl::StatusOr<Creation> ShownRows::AddInspection(sql::Transaction& transaction, const Inspection& inspection,
                                                  const Hashes& hashes) {
  if (hashes.empty()) return Creation::kStored;
  std::map<std::string, std::string> expected;  // in the order in which every process takes them
  const bool looked = inspection.latest.size() == hashes.size();
  for (size_t i = 0; i < hashes.size(); ++i) expected[hashes[i]] = looked ? inspection.latest[i] : "";
  sql::Params params;
  for (const auto& [hash, latest] : expected) {
    params.insert(params.end(), {sql::Blob{hash}, LatestOf(inspection), absl::ToUnixMicros(inspection.time)});
  }
  GH_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> rows,
      transaction.Query(
          absl::StrCat("INSERT INTO shown_latest (key_hash, latest, previous, change_time) VALUES ",
                       Marks(expected.size(), "(?, ?, '', ?)"),
                       " ON CONFLICT (key_hash) DO UPDATE SET previous = shown_latest.latest, latest = "
                       "excluded.latest, change_time = excluded.change_time RETURNING key_hash, previous"),
          std::move(params)));
  const bool overtaken = std::any_of(
      rows.begin(), rows.end(), [&expected](const sql::Row& row) { return row.Text(1) != expected[row.Bytes(0)]; });
  return looked && overtaken ? Creation::kOvertaken : Creation::kStored;
}

absl::StatusOr<bool> ShownRows::IsOvertaken(sql::Transaction& transaction, const Inspection& inspection,
                                            const Hashes& hashes) {
  bool overtaken = false;
  for (const std::string& hash : std::set<std::string>(hashes.begin(), hashes.end())) {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        transaction.Query("UPDATE shown_latest SET change_time = change_time WHERE key_hash = ? "
                                          "RETURNING latest",
                                          {sql::Blob{hash}}));
    overtaken |= rows.empty() ? inspection.state == State::kOpen : !IsOf(rows[0].Text(0), inspection.id);
  }
  return overtaken;
}

absl::Status ShownRows::AddDecision(sql::Transaction& transaction, const Inspection& inspection, const Hashes& hashes) {
  const Decision& decision = inspection.decisions.back();
  GH_RETURN_IF_ERROR(Settle(transaction, inspection.id));
  if (decision.outcome == Outcome::kAbandon) return absl::OkStatus();
  const int64_t time = absl::ToUnixMicros(decision.time);
  const std::string state = StateWord(inspection.state);
  for (const std::string& hash : std::set<std::string>(hashes.begin(), hashes.end())) {
    if (decision.outcome != Outcome::kRefer) {
      GH_RETURN_IF_ERROR(transaction.Execute(
          "DELETE FROM unsettled WHERE state = ? AND inspection_id IN (SELECT inspection_id FROM unsettled WHERE "
          "key_hash = ?)",
          {StateWord(State::kReferred), sql::Blob{hash}}));
    }
    GH_RETURN_IF_ERROR(transaction.Execute(
        "INSERT INTO shown_latest (key_hash, latest, previous, change_time) VALUES (?, ?, '', ?) ON CONFLICT "
        "(key_hash) DO UPDATE SET latest = excluded.latest, change_time = excluded.change_time",
        {sql::Blob{hash}, LatestOf(inspection), time}));
    GH_RETURN_IF_ERROR(transaction.Execute(
        "INSERT INTO unsettled (key_hash, inspection_id, state, post, decision_time) VALUES (?, ?, ?, ?, ?)",
        {sql::Blob{hash}, inspection.id.value(), state, inspection.post, time}));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> ShownRows::Forget(absl::Time latest_before, absl::Time referrals_before, int limit) const {
  GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> old,
                      database_.Query("SELECT key_hash FROM shown_latest WHERE change_time < ? "
                                      "ORDER BY change_time LIMIT ?",
                                      {absl::ToUnixMicros(latest_before), static_cast<int64_t>(limit)}));
  GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> referrals,
                      database_.Query("SELECT key_hash, inspection_id FROM unsettled WHERE state = ? AND "
                                      "decision_time < ? ORDER BY decision_time LIMIT ?",
                                      {StateWord(State::kReferred), absl::ToUnixMicros(referrals_before),
                                       static_cast<int64_t>(limit)}));
  if (old.empty() && referrals.empty()) return 0;
  GH_RETURN_IF_ERROR(database_.Write([&](sql::Transaction& transaction) -> absl::Status {
    for (const sql::Row& row : old) {
      // Shown again meanwhile: it stays.
      GH_RETURN_IF_ERROR(transaction.Execute("DELETE FROM shown_latest WHERE key_hash = ? AND change_time < ?",
                                             {sql::BlobView{row.Bytes(0)}, absl::ToUnixMicros(latest_before)}));
    }
    for (const sql::Row& row : referrals) {
      GH_RETURN_IF_ERROR(
          transaction.Execute("DELETE FROM unsettled WHERE key_hash = ? AND inspection_id = ? AND state = ?",
                              {sql::BlobView{row.Bytes(0)}, row.Text(1), StateWord(State::kReferred)}));
    }
    return absl::OkStatus();
  }));
  return static_cast<int>(old.size() + referrals.size());
}

absl::Status Settle(sql::Transaction& transaction, const InspectionId& inspection) {
  return transaction.Execute("DELETE FROM unsettled WHERE inspection_id = ?", {inspection.value()});
}

}  // namespace gatehouse::inspection
