#include "services/traveller/store.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status_macros.h"
#include "services/traveller/convert.h"
#include "services/traveller/erasure_store.h"
#include "services/traveller/person_rows_store.h"
#include "services/traveller/reason.h"
#include "services/traveller/writer_store.h"

namespace gatehouse::traveller {
namespace {

// What was met that does not read: heard as a condition for each reason, until it reads again or its person is erased.
// Thread-safe.
class DamagedRows {
 public:
  explicit DamagedRows(observe::Conditions& conditions) : conditions_(conditions) {}

  void Met(const std::string& crossing, const PersonId& person, Reason reason) {
    std::lock_guard lock(mutex_);
    if (rows_.size() >= kMaxRemembered && !rows_.contains(crossing)) return;
    rows_[crossing] = {person, reason};
    any_ = true;
    Tell();
  }
  void Reads(const std::string& crossing) {
    if (!any_) return;
    std::lock_guard lock(mutex_);
    if (rows_.erase(crossing) > 0) Tell();
  }
  void Erased(const PersonId& person) {
    if (!any_) return;
    std::lock_guard lock(mutex_);
    std::erase_if(rows_, [&](const auto& row) { return row.second.person == person; });
    Tell();
  }

 private:
  static constexpr size_t kMaxRemembered = 1000;
  struct Damage {
    PersonId person;
    Reason reason;
  };
  struct Named {
    Reason reason;
    const char* condition;
    const char* why;
  };
  static constexpr std::array kNamed = {
      Named{Reason::kRowDamaged, "traveller.row_damaged", "a stored crossing does not read: "},
      Named{Reason::kKeyLost, "traveller.key_lost", "the sealing key of a person is lost, seen at crossing "},
  };

  // The first row alone is named, so that the reason changes seldom.
  void Tell() {
    for (const Named& named : kNamed) {
      const auto first =
          std::find_if(rows_.begin(), rows_.end(), [&](const auto& row) { return row.second.reason == named.reason; });
      if (first == rows_.end()) {
        conditions_.Clear(named.condition);
      } else {
        conditions_.Raise(named.condition, observe::Severity::kDegraded, absl::StrCat(named.why, first->first));
      }
    }
    any_ = !rows_.empty();
  }

  observe::Conditions& conditions_;
  std::atomic<bool> any_ = false;
  std::mutex mutex_;
  std::map<std::string, Damage> rows_;  // by crossing
};

// Of a row that may be damaged in this very cell.
absl::Time TimeOf(const sql::Row& row, size_t column) {
  if (row.damage().ok()) return absl::FromUnixMicros(row.Int(column));
  try {
    return absl::FromUnixMicros(row.Int(column));
  } catch (const sql::DamagedCell&) {
    return absl::InfiniteFuture();
  }
}

class Store : public CrossingStore {
 public:
  explicit Store(StoreDeps deps) : deps_(deps) {}

  absl::Status Write(const std::function<absl::Status(CrossingWriter&)>& work) override {
    GH_RETURN_IF_ERROR(deps_.database.Write([this, &work](sql::Transaction& transaction) -> absl::Status {
      return work(*MakeWriter(deps_, transaction));
    }));
    deps_.wake_relay();
    return absl::OkStatus();
  }

  absl::StatusOr<KnownPersons> FindPersons(const PersonKeys& keys) override {
    const Query query = [this](std::string_view sql, sql::Params params) { return deps_.database.Query(sql, params); };
    GH_ASSIGN_OR_RETURN(KnownPersons known, FindKnown(query, deps_.sealer, keys));
    if (known.by_document || !keys.document) return known;
    // Crossings name their document too: a key row that is gone makes nobody out of no one who crossed with it. Also
    // the document of one who was erased, when another person crossed with it.
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        query("SELECT person_id, (SELECT COUNT(*) FROM person_identity WHERE person_identity.person_id "
                              "= crossing.person_id) FROM crossing WHERE document_hash = ? "
                              "ORDER BY crossing_time DESC, crossing_id DESC LIMIT 1",
                              {DocumentHash(deps_.sealer, keys.document)}));
    if (rows.empty()) return known;
    known.by_document = PersonId(rows[0].Text(0));
    known.document_has_identity = rows[0].Int(1) > 0;
    return known;
  }

  absl::StatusOr<PersonSummary> Summarise(const PersonId& person) override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> counts,
                        deps_.database.Query(
                            "SELECT crossing_count, document_count, "
                            "(SELECT crossing_time FROM crossing WHERE crossing.person_id = person.person_id "
                            "ORDER BY crossing_time LIMIT 1), "
                            "(SELECT crossing_time FROM crossing WHERE crossing.person_id = person.person_id "
                            "ORDER BY crossing_time DESC LIMIT 1), "
                            "(SELECT link_id FROM person_link WHERE person_link.person_id = person.person_id LIMIT 1), "
                            "(SELECT link_id FROM person_link WHERE document_person_id = person.person_id LIMIT 1) "
                            "FROM person WHERE person_id = ?",
                            {person.value()}));
    if (counts.empty()) return Unknown(person);
    if (counts[0].IsNull(2)) return Refuse(Reason::kRowDamaged, "a person is stored without crossings");
    PersonSummary summary{.crossing_count = static_cast<int>(counts[0].Int(0)),
                          .document_count = static_cast<int>(counts[0].Int(1)),
                          .linked = !counts[0].IsNull(4) || !counts[0].IsNull(5),
                          .first_crossing_time = absl::FromUnixMicros(counts[0].Int(2)),
                          .last_crossing_time = absl::FromUnixMicros(counts[0].Int(3))};
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        deps_.database.Query("SELECT sealed_document FROM person_document WHERE person_id = ? "
                                             "ORDER BY ordinal DESC LIMIT ?",
                                             {person.value(), int64_t{kMaxDocuments}}));
    for (const sql::Row& row : rows) {
      GH_ASSIGN_OR_RETURN(const std::string blob, OpenSealed(deps_.sealer, person, kDocumentContext, row.Bytes(0)));
      GH_ASSIGN_OR_RETURN(base::DocumentKey document, ReadStoredDocument(blob));
      summary.documents.Reveal().push_back(std::move(document));
    }
    return summary;
  }

  absl::StatusOr<std::vector<Crossing>> List(const CrossingFilter& filter, const std::optional<ListPosition>& behind,
                                             int limit) override {
    std::vector<Crossing> found;
    std::optional<ListPosition> position = behind;
    // A store that was restored from before an erasure still has rows of erased persons, so one read may give fewer
    // crossings than rows.
    while (found.size() < static_cast<size_t>(limit)) {
      const int missing = limit - static_cast<int>(found.size());
      GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows, ReadRows(filter, position, missing));
      for (const sql::Row& row : rows) {
        GH_ASSIGN_OR_RETURN(Crossing crossing, Open(row));
        if (crossing.unreadable != Reason::kPersonErased) found.push_back(std::move(crossing));
      }
      if (rows.size() < static_cast<size_t>(missing)) break;
      position = ListPosition{TimeOf(rows.back(), 2), std::string(rows.back().TextOr(0, ""))};
    }
    GH_RETURN_IF_ERROR(AddCorrections(found));
    for (Crossing& crossing : found) {
      if (crossing.unreadable) {
        damaged_.Met(crossing.id.value(), crossing.person, *crossing.unreadable);
        crossing.passage = {.inspection_id = crossing.passage.inspection_id};
        crossing.corrections.clear();
      } else {
        damaged_.Reads(crossing.id.value());
      }
    }
    return found;
  }

  absl::StatusOr<std::vector<CrossingId>> FindErased(const std::vector<CrossingId>& crossings) override {
    std::vector<CrossingId> erased;
    WhereClause where;
    AddCrossings(crossings, where);
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        deps_.database.Query(absl::StrCat("SELECT crossing_id FROM erased_crossing ", where.Text()), where.params));
    for (const sql::Row& row : rows) erased.emplace_back(row.Text(0));
    // Of a store that was restored from before the erasure: the rows are here and their key is not.
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> here,
                        ReadRows({.crossings = crossings}, {}, static_cast<int>(crossings.size())));
    for (const sql::Row& row : here) {
      GH_ASSIGN_OR_RETURN(Crossing crossing, Open(row));
      if (crossing.unreadable == Reason::kPersonErased) erased.push_back(std::move(crossing.id));
    }
    return erased;
  }

  absl::StatusOr<Erasure> Erase(const NewErasure& request, const ErasureId& id, absl::Time time) override {
    Erasure erasure;
    GH_RETURN_IF_ERROR(deps_.sealer.Erase(request.person.value(), [&](sql::Transaction& transaction) -> absl::Status {
      GH_ASSIGN_OR_RETURN(erasure, EraseRows(deps_, transaction, request, id, time));
      return absl::OkStatus();
    }));
    damaged_.Erased(request.person);
    deps_.wake_relay();
    return erasure;
  }

  absl::Status Release(const PersonId& person) override {
    return deps_.sealer.Erase(person.value(),
                              [&](sql::Transaction& transaction) { return ReleaseRows(transaction, person); });
  }

  absl::StatusOr<std::vector<Erasure>> ListErasures(const std::optional<ListPosition>& behind, int limit) override {
    return ReadErasures(deps_.database, behind, limit);
  }

  absl::StatusOr<std::vector<PersonLink>> ListLinks(const std::optional<PersonId>& person,
                                                    const std::optional<ListPosition>& behind, int limit) override {
    std::vector<PersonLink> links;
    if (!person) {
      GH_RETURN_IF_ERROR(AddLinks("", {}, behind, limit, links));
      return links;
    }
    // One index each, and no more than `limit` of either.
    GH_RETURN_IF_ERROR(AddLinks("person_id = ?", person, behind, limit, links));
    GH_RETURN_IF_ERROR(AddLinks("document_person_id = ?", person, behind, limit, links));
    std::sort(links.begin(), links.end(), [](const PersonLink& left, const PersonLink& right) {
      return std::pair(left.time, left.id.value()) > std::pair(right.time, right.id.value());
    });
    if (links.size() > static_cast<size_t>(limit)) links.resize(limit);
    return links;
  }

 private:
  absl::Status Unknown(const PersonId& person) {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        deps_.database.Query("SELECT erasure_id FROM erasure WHERE person_id = ?", {person.value()}));
    if (!rows.empty()) return Refuse(Reason::kPersonErased, "this person was erased");
    // An erasure takes all of a person in one commit: what is left of one who was not erased is damage, and never "no
    // crossing is known".
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> left,
                        deps_.database.Query("SELECT person_id FROM person_document WHERE person_id = ? "
                                             "UNION ALL SELECT person_id FROM person_identity WHERE person_id = ? "
                                             "UNION ALL SELECT person_id FROM crossing WHERE person_id = ? LIMIT 1",
                                             {person.value(), person.value(), person.value()}));
    if (!left.empty()) return Refuse(Reason::kRowDamaged, "the row of a person who has keys or crossings is missing");
    return Refuse(Reason::kPersonNotFound, "no crossing is recorded for this person");
  }

  static void AddCrossings(const std::vector<CrossingId>& crossings, WhereClause& where) {
    const std::vector<std::string> marks(crossings.size(), "?");
    where.pieces.push_back(absl::StrCat("crossing_id IN (", absl::StrJoin(marks, ","), ")"));
    for (const CrossingId& crossing : crossings) where.params.emplace_back(crossing.value());
  }

  absl::StatusOr<std::vector<sql::Row>> ReadRows(const CrossingFilter& filter,
                                                 const std::optional<ListPosition>& behind, int limit) {
    WhereClause where;
    if (!filter.crossings.empty()) AddCrossings(filter.crossings, where);
    if (filter.person) where.Add("person_id = ?", filter.person->value());
    if (filter.document) where.Add("document_hash = ?", DocumentHash(deps_.sealer, filter.document));
    if (filter.inspection_id) where.Add("inspection_id = ?", *filter.inspection_id);
    where.AddBehind("crossing_time", "crossing_id", behind);
    where.AddLimit(limit);
    return deps_.database.List(
        absl::StrCat("SELECT crossing_id, person_id, crossing_time, record_time, sealed_crossing, inspection_id "
                     "FROM crossing ",
                     where.Text(), " ORDER BY crossing_time DESC, crossing_id DESC LIMIT ?"),
        where.params);
  }

  // A crossing that does not read says so; what is returned as a status is the world's.
  absl::StatusOr<Crossing> Open(const sql::Row& row) {
    Crossing crossing{.id = CrossingId(std::string(row.TextOr(0, "unreadable"))),
                      .person = PersonId(std::string(row.TextOr(1, ""))),
                      .passage = {.inspection_id = std::string(row.TextOr(5, ""))},
                      .record_time = TimeOf(row, 3),
                      .corrected_time = TimeOf(row, 2)};
    if (!row.damage().ok()) {
      crossing.unreadable = Reason::kRowDamaged;
      return crossing;
    }
    const absl::StatusOr<std::string> blob = OpenSealed(deps_.sealer, crossing.person, kCrossingContext, row.Bytes(4));
    absl::StatusOr<Passage> passage = blob.ok() ? ReadStoredPassage(*blob) : blob.status();
    if (passage.ok()) {
      crossing.passage = *std::move(passage);
    } else if (crossing.unreadable = ReasonOf(passage.status()); !crossing.unreadable) {
      return passage.status();
    }
    return crossing;
  }

  absl::Status AddCorrections(std::vector<Crossing>& crossings) {
    if (crossings.empty()) return absl::OkStatus();
    std::map<std::string, Crossing*> by_id;
    sql::Params params;
    for (Crossing& crossing : crossings) {
      by_id[crossing.id.value()] = &crossing;
      params.push_back(crossing.id.value());
    }
    const std::vector<std::string> marks(crossings.size(), "?");
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        deps_.database.List(absl::StrCat("SELECT crossing_id, sealed_correction FROM correction WHERE crossing_id IN (",
                                         absl::StrJoin(marks, ","), ") ORDER BY crossing_id, ordinal"),
                            params));
    for (const sql::Row& row : rows) {
      const auto found = by_id.find(std::string(row.TextOr(0, "")));
      if (found == by_id.end()) return Refuse(Reason::kRowDamaged, "a correction does not say of which crossing it is");
      GH_RETURN_IF_ERROR(AddCorrection(row, *found->second));
    }
    return absl::OkStatus();
  }

  // A crossing of which one correction does not read does not read: nobody knows what it corrected.
  absl::Status AddCorrection(const sql::Row& row, Crossing& crossing) {
    if (crossing.unreadable) return absl::OkStatus();
    if (!row.damage().ok()) {
      crossing.unreadable = Reason::kRowDamaged;
      return absl::OkStatus();
    }
    const absl::StatusOr<std::string> blob =
        OpenSealed(deps_.sealer, crossing.person, kCorrectionContext, row.Bytes(1));
    absl::StatusOr<Correction> correction = blob.ok() ? ReadStoredCorrection(*blob) : blob.status();
    if (correction.ok()) {
      crossing.corrections.push_back(*std::move(correction));
      return absl::OkStatus();
    }
    crossing.unreadable = ReasonOf(correction.status());
    return crossing.unreadable ? absl::OkStatus() : correction.status();
  }

  absl::Status AddLinks(const char* narrowed, const std::optional<PersonId>& person,
                        const std::optional<ListPosition>& behind, int limit, std::vector<PersonLink>& links) {
    WhereClause where;
    if (person) where.Add(narrowed, person->value());
    where.AddBehind("link_time", "link_id", behind);
    where.AddLimit(limit);
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        deps_.database.Query(absl::StrCat("SELECT link_id, person_id, document_person_id, confidence, "
                                          "crossing_id, link_time FROM person_link ",
                                          where.Text(), " ORDER BY link_time DESC, link_id DESC LIMIT ?"),
                             where.params));
    for (const sql::Row& row : rows) {
      links.push_back({.id = LinkId(row.Text(0)),
                       .person = PersonId(row.Text(1)),
                       .document_person = PersonId(row.Text(2)),
                       .confidence = static_cast<Confidence>(row.Int(3)),
                       .crossing = CrossingId(row.Text(4)),
                       .time = absl::FromUnixMicros(row.Int(5))});
    }
    return absl::OkStatus();
  }

  StoreDeps deps_;
  DamagedRows damaged_{deps_.conditions};
};

}  // namespace

std::unique_ptr<CrossingStore> MakeStore(StoreDeps deps) { return std::make_unique<Store>(deps); }

}  // namespace gatehouse::traveller
