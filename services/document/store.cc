#include "services/document/store.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/freed_memory.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "libs/seal/seal.h"
#include "services/document/challenge_store.h"
#include "services/document/events.h"
#include "services/document/head_store.h"
#include "services/document/notice_store.h"
#include "services/document/request_store.h"
#include "services/document/schema.h"
#include "services/document/seen_store.h"

namespace gatehouse::document {
namespace {

constexpr size_t kLargePayloadBytes = 4 * 1024 * 1024;
constexpr char kHeadingColumns[] =
    "change_number, cause, import_id, changed_by, by_person, change_time, note, pending, pack_version, "
    "version_number, trust_version, added, removed, pkd_held";

absl::StatusOr<TrustChange> HeadingOf(const sql::Row& row) {
  TrustChange change;
  change.number = row.Int(0);
  change.cause = static_cast<TrustCause>(row.Int(1));
  change.import_id = row.Text(2);
  change.by = {.identity = row.Text(3), .person = row.Int(4) != 0};
  change.time = absl::FromUnixMicros(row.Int(5));
  change.note = row.Text(6);
  change.pending = static_cast<int32_t>(row.Int(7));
  change.pack_version = row.Int(8);
  change.version_number = row.Int(9);
  change.trust_version = row.Text(10);
  change.added = static_cast<int32_t>(row.Int(11));
  change.removed = static_cast<int32_t>(row.Int(12));
  if (const std::string held = row.Text(13); !held.empty()) {
    GH_ASSIGN_OR_RETURN(change.pkd_held, pki::PkdHeld::Parse(held));
  }
  return change;
}

class SqlTrustRepository final : public TrustRepository {
 public:
  explicit SqlTrustRepository(StoreDeps deps) : deps_(std::move(deps)) {}

  absl::Status Append(TrustChange& change, const std::vector<TrustFile>& files,
                      const AnsweredRequest* answered) override {
    std::vector<events::Event> events;
    for (EventBody& body : EventsOf(change, files)) {
      events.push_back(ToEvent(std::move(body), deps_.clock.Now(), base::NewUuid(deps_.clock, deps_.random)));
    }
    const std::string payload = EncodePayload(change);
    change.DropPayload();
    if (payload.size() > kLargePayloadBytes) base::ReturnFreedMemory();
    GH_RETURN_IF_ERROR(deps_.database.Write([&](sql::Transaction& transaction) -> absl::Status {
      GH_RETURN_IF_ERROR(WriteAnswered(transaction, answered));
      // The number is the lock: it can be taken once, and only by who has seen all before it.
      GH_RETURN_IF_ERROR(transaction.Execute(
          absl::StrCat("INSERT INTO document_trust_change (", kHeadingColumns,
                       ", payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
          {change.number, static_cast<int64_t>(change.cause), change.import_id, change.by.identity,
           int64_t{change.by.person}, absl::ToUnixMicros(change.time), change.note, int64_t{change.pending},
           change.pack_version, change.version_number, change.trust_version, int64_t{change.added},
           int64_t{change.removed}, change.pkd_held ? change.pkd_held->text() : "", sql::BlobView{payload}}));
      GH_RETURN_IF_ERROR(AdvanceHead(transaction, kTrustHistory, change.number, 1));
      for (const TrustFile& file : files) {
        transaction.AtCommit(
            "INSERT INTO document_trust_file (sha256, name, imported_by, "
            "import_time, content) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (sha256) DO NOTHING",
            {file.sha256, file.name, change.by.identity, absl::ToUnixMicros(change.time), sql::BlobView{file.content}});
      }
      for (const events::Event& event : events) deps_.outbox.Append(transaction, event);
      return absl::OkStatus();
    }));
    deps_.wake_relay();
    return absl::OkStatus();
  }

  absl::StatusOr<int64_t> Newest() override {
    GH_ASSIGN_OR_RETURN(const Head head, ReadHead(deps_.database, kTrustHistory));
    return head.newest;
  }

  absl::StatusOr<std::vector<TrustChange>> HeadingsSince(int64_t number) override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        deps_.database.List(absl::StrCat("SELECT ", kHeadingColumns,
                                                         " FROM document_trust_change WHERE change_number > ? "
                                                         "ORDER BY change_number"),
                                            {number}));
    std::vector<TrustChange> headings;
    for (const sql::Row& row : rows) {
      absl::StatusOr<TrustChange> heading = row.damage().ok() ? HeadingOf(row) : row.damage();
      // Numbers have no gaps, so it stands where it stands.
      if (!heading.ok()) {
        heading = TrustChange();
        heading->number = headings.empty() ? number + 1 : headings.back().number + 1;
        heading->unreadable = true;
      }
      headings.push_back(*std::move(heading));
    }
    return headings;
  }

  absl::StatusOr<TrustChange> Load(int64_t number) override {
    GH_ASSIGN_OR_RETURN(std::vector<sql::Row> rows,
                        deps_.database.Query(absl::StrCat("SELECT ", kHeadingColumns,
                                                          ", payload FROM document_trust_change "
                                                          "WHERE change_number = ?"),
                                             {number}));
    if (rows.empty()) return absl::NotFoundError("no such change of the trust store");
    GH_ASSIGN_OR_RETURN(TrustChange change, HeadingOf(rows.front()));
    GH_RETURN_IF_ERROR(DecodePayload(rows.front().Bytes(14), change));
    const bool is_large = rows.front().Bytes(14).size() > kLargePayloadBytes;
    rows.clear();
    if (is_large) base::ReturnFreedMemory();
    return change;
  }

 private:
  StoreDeps deps_;
};

}  // namespace

std::span<const sql::Migration> Migrations() {
  static const std::string kFirst = absl::StrCat(
      "CREATE TABLE document_trust_file (\n"
      "  import_number {{SERIAL_KEY}},\n"
      "  sha256 TEXT NOT NULL UNIQUE,\n"
      "  name TEXT NOT NULL,\n"
      "  imported_by TEXT NOT NULL,\n"
      "  import_time BIGINT NOT NULL,\n"
      "  content {{BLOB}} NOT NULL\n"
      ");\n",
      absl::string_view(events::kEventTablesSql), absl::string_view(seal::kSealTablesSql));
  // A binary of before would use what one person imported, so it must not read on. What one person imported before is
  // kept as evidence and is not used: it is imported again, by two.
  static const std::string kSecond =
      "CREATE TABLE document_trust_change (\n"
      "  change_number BIGINT NOT NULL PRIMARY KEY,\n"
      "  cause BIGINT NOT NULL,\n"
      "  import_id TEXT NOT NULL,\n"
      "  changed_by TEXT NOT NULL,\n"
      "  by_person BIGINT NOT NULL,\n"
      "  change_time BIGINT NOT NULL,\n"
      "  note TEXT NOT NULL,\n"
      "  pending BIGINT NOT NULL,\n"
      "  pack_version BIGINT NOT NULL,\n"
      "  version_number BIGINT NOT NULL,\n"
      "  trust_version TEXT NOT NULL,\n"
      "  added BIGINT NOT NULL,\n"
      "  removed BIGINT NOT NULL,\n"
      "  payload {{BLOB}} NOT NULL\n"
      ");\n";
  static const std::string kThird = absl::StrCat(kChallengeTableSql, kSeenTableSql, kRequestTableSql);
  // A binary of before would take a delta of the directory that does not follow, so it must not read on.
  static const std::string kFourth =
      "ALTER TABLE document_trust_change ADD COLUMN pkd_held TEXT NOT NULL DEFAULT '';\n";
  // A binary of before would let an old bundle undo a later one, and cannot read every change of the trust store that
  // is written now: it must not read on.
  static const std::string kSixth =
      "ALTER TABLE document_notice_import ADD COLUMN bundle_number BIGINT NOT NULL DEFAULT 0;\n";
  // A binary of before would write history without its head, which then reads as lost: it must not read on.
  static const sql::Migration kMigrations[] = {
      {.version = 1, .min_reader = 1, .name = "trust files, outbox, seal keys", .sql = kFirst},
      {.version = 2, .min_reader = 2, .name = "the history of the trust store", .sql = kSecond},
      {.version = 3, .min_reader = 2, .name = "challenges, documents seen before", .sql = kThird},
      {.version = 4, .min_reader = 4, .name = "versions of the directory that are held", .sql = kFourth},
      {.version = 5, .min_reader = 4, .name = "reference specimens and fraud notices", .sql = kNoticeTablesSql},
      {.version = 6, .min_reader = 6, .name = "numbers of bundles of notices", .sql = kSixth},
      {.version = 7, .min_reader = 7, .name = "where each history ends", .sql = kHeadTableSql},
  };
  return kMigrations;
}

std::unique_ptr<TrustRepository> MakeTrustRepository(StoreDeps deps) {
  return std::make_unique<SqlTrustRepository>(std::move(deps));
}

}  // namespace gatehouse::document
