#include "services/watchlist/store.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "services/watchlist/convert.h"
#include "services/watchlist/events.h"
#include "services/watchlist/schema.h"
#include "services/watchlist/snapshot_codec.h"

namespace gatehouse::watchlist {
namespace {

constexpr char kContentContext[] = "watchlist_version.content";

bool HoldsDocuments(const SnapshotContent& content) {
  return !content.documents.empty() || std::any_of(content.records.begin(), content.records.end(),
                                                   [](const ListRecord& record) { return !record.documents.empty(); });
}

bool HoldsPersons(const SnapshotContent& content) {
  return std::any_of(content.records.begin(), content.records.end(),
                     [](const ListRecord& record) { return record.kind == RecordKind::kPerson; });
}

// As the column `state` has it.
std::string_view StateWord(StagedState state) {
  switch (state) {
    case StagedState::kWaiting:
      return "waiting";
    case StagedState::kAccepted:
      return "accepted";
    case StagedState::kRejected:
      return "rejected";
    case StagedState::kSuperseded:
      break;
  }
  return "superseded";
}

absl::StatusOr<StagedState> ReadState(std::string_view word) {
  for (const StagedState state :
       {StagedState::kWaiting, StagedState::kAccepted, StagedState::kRejected, StagedState::kSuperseded}) {
    if (StateWord(state) == word) return state;
  }
  return absl::DataLossError("watchlist_staged.state: unknown");
}

sql::Blob InfoBlob(const StagedImport& staged) {
  v1::StagedImport info;
  ToProto(staged, &info);
  return {info.SerializeAsString()};
}

using LossesByBase = std::map<std::string, int64_t>;
using WordsByEdition = std::multimap<std::string, Word>;  // by base, a blank and the digest of the edition

class SqlBaseStore final : public BaseStore {
 public:
  explicit SqlBaseStore(StoreDeps deps) : deps_(std::move(deps)) {}

  absl::StatusOr<BaseHeads> Heads() override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        deps_.database.List("SELECT base, import_number, version_id, version, published, sha256, "
                                            "records, persons, documents FROM watchlist_base ORDER BY base"));
    GH_ASSIGN_OR_RETURN(const WordsByEdition words, Words());
    GH_ASSIGN_OR_RETURN(const LossesByBase losses, Losses());
    BaseHeads known;
    std::vector<BaseHead>& heads = known.heads;
    for (const sql::Row& row : rows) {
      BaseHead head{.base = std::string(row.TextOr(0, ""))};
      if (head.base.empty()) {
        known.partial.Update(row.damage().ok() ? absl::DataLossError("a base has no name") : row.damage());
        continue;
      }
      // Of a damaged row the name is left, and that is what is missed.
      if (!row.damage().ok()) {
        head.import_number = kAnyImport;
      } else {
        head.import_number = row.Int(1);
        head.version_id = row.Text(2);
        head.version = row.Text(3);
        head.published = row.Text(4);
        head.sha256 = row.Text(5);
        head.records = row.Int(6);
        head.holds_persons = row.Int(7) != 0;
        head.holds_documents = row.Int(8) != 0;
        if (const auto lost = losses.find(head.base); lost != losses.end()) head.lost_lately = lost->second;
        const auto [first, last] = words.equal_range(absl::StrCat(head.base, " ", head.sha256));
        for (auto word = first; word != last; ++word) head.words.push_back(word->second);
      }
      heads.push_back(std::move(head));
    }
    // Editions of a base that no head names: its row was lost, and nobody knows whether the newest edition was too.
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> headless,
                        deps_.database.List("SELECT DISTINCT base FROM watchlist_version WHERE NOT EXISTS (SELECT 1 "
                                            "FROM watchlist_base WHERE base = watchlist_version.base)"));
    for (const sql::Row& row : headless) {
      known.partial.Update(row.damage());
      if (row.damage().ok()) heads.push_back({.base = row.Text(0)});
    }
    return known;
  }

  absl::StatusOr<StoredBase> Load(const BaseHead& head) override {
    if (head.version_id.empty()) return absl::DataLossError("the store does not say which edition is the newest");
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        deps_.database.Query("SELECT imported_by, accepted_by, rejected, import_number, content "
                                             "FROM watchlist_version WHERE version_id = ?",
                                             {head.version_id}));
    if (rows.empty()) return absl::DataLossError("it is gone from the store");
    const sql::Row& row = rows[0];
    StoredBase base;
    GH_ASSIGN_OR_RETURN(base.content, OpenContent(head.version_id, row.Bytes(4)));
    if (base.content.base != head.base) return absl::DataLossError("it is of another base");
    base.imported_by = row.Text(0);
    base.accepted_by = row.Text(1);
    base.rejected = row.Int(2);
    base.import_number = row.Int(3);
    return base;
  }

  absl::Status Save(const StoredBase& base, int64_t held_import_number, const StagedImport* staged,
                    const RequestKey& request) override {
    // The key of what was staged is the key of the edition, so that destroying it erases both.
    const std::string version_id = staged == nullptr ? NewId() : staged->id;
    const std::string content = EncodeSnapshot(base.content);
    const events::Event event = ImportedEvent(base, version_id, NewId());
    return WriteAndPublish([&](sql::Transaction& transaction) -> absl::Status {
      GH_RETURN_IF_ERROR(NoteRequest(transaction, request));
      GH_RETURN_IF_ERROR(Claim(transaction, base.content.base, held_import_number));
      if (staged != nullptr) {
        GH_RETURN_IF_ERROR(Decide(transaction, *staged));
        deps_.outbox.Append(transaction, DecidedEvent(*staged, NewId()));
      }
      GH_RETURN_IF_ERROR(Supersede(transaction, base.content.base));
      GH_RETURN_IF_ERROR(NoteLoss(transaction, base, version_id));
      GH_ASSIGN_OR_RETURN(std::string sealed, deps_.sealer.Seal(transaction, version_id, kContentContext, content));
      AddVersion(transaction, base, version_id, std::move(sealed));
      deps_.outbox.Append(transaction, event);
      return absl::OkStatus();
    });
  }

  absl::Status Stage(const StagedImport& staged, const SnapshotContent& content, const RequestKey& request) override {
    const std::string encoded = EncodeSnapshot(content);
    const sql::Blob info = InfoBlob(staged);
    return WriteAndPublish([&](sql::Transaction& transaction) -> absl::Status {
      GH_RETURN_IF_ERROR(NoteRequest(transaction, request));
      GH_RETURN_IF_ERROR(Supersede(transaction, staged.base));
      GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> waiting,
                          transaction.Query("SELECT COUNT(*) FROM watchlist_staged WHERE state = 'waiting'"));
      if (waiting[0].Int(0) >= kMaxWaiting) {
        return absl::ResourceExhaustedError(absl::StrCat("more than ", kMaxWaiting, " editions wait for a decision"));
      }
      GH_ASSIGN_OR_RETURN(std::string sealed, deps_.sealer.Seal(transaction, staged.id, kContentContext, encoded));
      GH_RETURN_IF_ERROR(transaction.Execute(
          "INSERT INTO watchlist_staged (staged_id, base, state, staged_time, info, content) VALUES (?, ?, ?, ?, ?, ?)",
          {staged.id, staged.base, std::string(StateWord(staged.state)), absl::ToUnixMicros(staged.imported_at), info,
           sql::Blob{std::move(sealed)}}));
      deps_.outbox.Append(transaction, StagedEvent(staged, NewId()));
      return absl::OkStatus();
    });
  }

  absl::Status UpdateStaged(const StagedImport& staged, const RequestKey& request) override {
    return WriteAndPublish([&](sql::Transaction& transaction) -> absl::Status {
      GH_RETURN_IF_ERROR(NoteRequest(transaction, request));
      GH_RETURN_IF_ERROR(Decide(transaction, staged));
      deps_.outbox.Append(transaction, DecidedEvent(staged, NewId()));
      return absl::OkStatus();
    });
  }

  absl::StatusOr<StagedImport> FindStaged(const std::string& id) override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        deps_.database.Query("SELECT state, info FROM watchlist_staged WHERE staged_id = ?", {id}));
    if (rows.empty()) return absl::NotFoundError("staged_id: nothing was staged under it");
    return ReadStaged(rows[0]);
  }

  absl::StatusOr<SnapshotContent> LoadStaged(const std::string& id) override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        deps_.database.Query("SELECT content FROM watchlist_staged WHERE staged_id = ?", {id}));
    if (rows.empty()) return absl::NotFoundError("staged_id: nothing was staged under it");
    return OpenContent(id, rows[0].Bytes(0));
  }

  absl::StatusOr<std::vector<StagedImport>> ListStaged() override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        deps_.database.Query("SELECT state, info FROM watchlist_staged ORDER BY staged_time DESC"));
    std::vector<StagedImport> imports;
    for (const sql::Row& row : rows) {
      GH_ASSIGN_OR_RETURN(StagedImport staged, ReadStaged(row));
      imports.push_back(std::move(staged));
    }
    return imports;
  }

  absl::Status AddWord(const BaseHead& head, const Word& word, const RequestKey& request) override {
    return WriteAndPublish([&](sql::Transaction& transaction) -> absl::Status {
      GH_RETURN_IF_ERROR(NoteRequest(transaction, request));
      GH_RETURN_IF_ERROR(
          transaction.Execute("INSERT INTO watchlist_word (base, sha256, person, word_time) VALUES (?, ?, ?, ?) ON "
                              "CONFLICT (base, sha256, person) DO UPDATE SET word_time = excluded.word_time",
                              {head.base, head.sha256, word.person, absl::ToUnixMicros(word.time)}));
      deps_.outbox.Append(transaction, ConfirmedEvent(head, word, NewId()));
      return absl::OkStatus();
    });
  }

  absl::StatusOr<std::optional<std::string>> FindAnswer(const RequestKey& request) override {
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        deps_.database.Query("SELECT digest, answer FROM watchlist_request WHERE request_id = ?", {request.id}));
    if (rows.empty()) return std::nullopt;
    if (rows[0].Bytes(0) != KeyedDigest(request))
      return absl::AlreadyExistsError("this request id has made another change");
    return rows[0].Bytes(1);
  }

 private:
  // Requests can be guessed; what is kept of them cannot be tried out without the key.
  std::string KeyedDigest(const RequestKey& request) const {
    return deps_.sealer.LookupHash("watchlist_request.digest", request.digest);
  }

  std::string NewId() { return base::NewUuid(deps_.clock, deps_.random); }

  absl::Status WriteAndPublish(const sql::Command& command) {
    GH_RETURN_IF_ERROR(deps_.database.Write(command));
    deps_.wake_relay();
    return absl::OkStatus();
  }

  absl::StatusOr<WordsByEdition> Words() {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        deps_.database.List("SELECT base, sha256, person, word_time FROM watchlist_word"));
    WordsByEdition words;
    for (const sql::Row& row : rows) {
      if (!row.damage().ok()) continue;  // a word that cannot be read confirms nothing
      words.emplace(absl::StrCat(row.Text(0), " ", row.Text(1)), Word{row.Text(2), absl::FromUnixMicros(row.Int(3))});
    }
    return words;
  }

  absl::StatusOr<LossesByBase> Losses() {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        deps_.database.List("SELECT base, lost, loss_time FROM watchlist_loss"));
    const int64_t since = absl::ToUnixMicros(deps_.clock.Now() - kLossWindow);
    LossesByBase losses;
    for (const sql::Row& row : rows) {
      if (row.damage().ok() && row.Int(2) >= since) losses[row.Text(0)] += row.Int(1);
    }
    return losses;
  }

  // Two persons' word on what the base holds ends the count.
  absl::Status NoteLoss(sql::Transaction& transaction, const StoredBase& base, const std::string& version_id) {
    const std::string& name = base.content.base;
    const int64_t now = absl::ToUnixMicros(deps_.clock.Now());
    const bool by_two = !base.accepted_by.empty();
    GH_RETURN_IF_ERROR(by_two ? transaction.Execute("DELETE FROM watchlist_loss WHERE base = ?", {name})
                              : transaction.Execute("DELETE FROM watchlist_loss WHERE base = ? AND loss_time < ?",
                                                    {name, now - absl::ToInt64Microseconds(kLossWindow)}));
    if (by_two || base.lost <= 0) return absl::OkStatus();
    return transaction.Execute("INSERT INTO watchlist_loss (base, version_id, lost, loss_time) VALUES (?, ?, ?, ?)",
                               {name, version_id, base.lost, now});
  }

  absl::StatusOr<SnapshotContent> OpenContent(const std::string& version_id, const std::string& sealed) {
    GH_ASSIGN_OR_RETURN(const std::string content, deps_.sealer.Open(version_id, kContentContext, sealed));
    return DecodeSnapshot(content);
  }

  static absl::StatusOr<StagedImport> ReadStaged(const sql::Row& row) {
    v1::StagedImport info;
    if (!info.ParseFromString(row.Bytes(1))) return absl::DataLossError("watchlist_staged.info: damaged");
    GH_ASSIGN_OR_RETURN(StagedImport staged, FromProto(info));
    GH_ASSIGN_OR_RETURN(staged.state, ReadState(row.Text(0)));
    return staged;
  }

  // Takes the row of the base until the commit, so that of two imports at once one is ABORTED.
  static absl::Status Claim(sql::Transaction& transaction, const std::string& base, int64_t held_import_number) {
    if (held_import_number == kAnyImport) {
      return transaction.Execute("UPDATE watchlist_base SET base = base WHERE base = ?", {base});
    }
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        held_import_number == 0
            ? transaction.Query("INSERT INTO watchlist_base (base, import_number, version_id, version, published, "
                                "sha256, records, persons, documents) VALUES (?, 0, '', '', '', '', 0, 0, 0) "
                                "ON CONFLICT (base) DO NOTHING RETURNING base",
                                {base})
            : transaction.Query("UPDATE watchlist_base SET base = base WHERE base = ? AND import_number = ? "
                                "RETURNING base",
                                {base, held_import_number}));
    if (rows.empty()) return absl::AbortedError("another edition of the base came between");
    return absl::OkStatus();
  }

  static void AddVersion(sql::Transaction& transaction, const StoredBase& base, const std::string& version_id,
                         std::string sealed) {
    const std::string& name = base.content.base;
    // Numbered in the order of commits.
    transaction.AtCommit(
        "INSERT INTO watchlist_version (version_id, base, imported_by, accepted_by, rejected, content) VALUES (?, ?, "
        "?, ?, ?, ?)",
        {version_id, name, base.imported_by, base.accepted_by, base.rejected, sql::Blob{std::move(sealed)}});
    transaction.AtCommit(
        "UPDATE watchlist_base SET import_number = (SELECT import_number FROM watchlist_version WHERE version_id = ?), "
        "version_id = ?, version = ?, published = ?, sha256 = ?, records = ?, persons = ?, documents = ? "
        "WHERE base = ?",
        {version_id, version_id, base.content.version, base.content.published, base.content.sha256,
         static_cast<int64_t>(base.content.records.size() + base.content.documents.size()),
         int64_t{HoldsPersons(base.content)}, int64_t{HoldsDocuments(base.content)}, name});
    // What is older than the kept versions goes in the same transaction, and what was said of other editions.
    transaction.AtCommit(
        "DELETE FROM watchlist_version WHERE base = ? AND import_number NOT IN (SELECT import_number FROM "
        "watchlist_version WHERE base = ? ORDER BY import_number DESC LIMIT ?)",
        {name, name, int64_t{kKeptVersions}});
    transaction.AtCommit("DELETE FROM watchlist_word WHERE base = ? AND sha256 <> ?", {name, base.content.sha256});
  }

  // Of a staged edition that waits: what became of it. Its content goes once it waits no more.
  static absl::Status Decide(sql::Transaction& transaction, const StagedImport& staged) {
    const std::string state(StateWord(staged.state));
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        staged.state == StagedState::kWaiting
            ? transaction.Query("UPDATE watchlist_staged SET info = ? WHERE staged_id = ? AND state = 'waiting' "
                                "RETURNING staged_id",
                                {InfoBlob(staged), staged.id})
            : transaction.Query("UPDATE watchlist_staged SET info = ?, state = ?, content = ? WHERE staged_id = ? AND "
                                "state = 'waiting' RETURNING staged_id",
                                {InfoBlob(staged), state, sql::Blob{}, staged.id}));
    if (rows.empty()) return absl::FailedPreconditionError("it does not wait any more");
    return absl::OkStatus();
  }

  // Nothing of the base waits after this; of what was decided the last few are kept.
  static absl::Status Supersede(sql::Transaction& transaction, const std::string& base) {
    GH_RETURN_IF_ERROR(transaction.Execute(
        "UPDATE watchlist_staged SET state = 'superseded', content = ? WHERE base = ? AND state = 'waiting'",
        {sql::Blob{}, base}));
    return transaction.Execute(
        "DELETE FROM watchlist_staged WHERE base = ? AND staged_id NOT IN (SELECT staged_id FROM watchlist_staged "
        "WHERE base = ? ORDER BY staged_time DESC, staged_id DESC LIMIT ?)",
        {base, base, int64_t{kKeptDecided}});
  }

  absl::Status NoteRequest(sql::Transaction& transaction, const RequestKey& request) {
    if (request.id.empty()) return absl::OkStatus();
    const int64_t now = absl::ToUnixMicros(deps_.clock.Now());
    GH_RETURN_IF_ERROR(transaction.Execute("DELETE FROM watchlist_request WHERE request_time < ?",
                                           {now - absl::ToInt64Microseconds(kKeptRequests)}));
    return transaction.Execute(
        "INSERT INTO watchlist_request (request_id, digest, answer, request_time) VALUES (?, ?, ?, ?)",
        {request.id, sql::Blob{KeyedDigest(request)}, sql::Blob{request.answer}, now});
  }

  StoreDeps deps_;
};

}  // namespace

std::span<const sql::Migration> Migrations() {
  static const std::string kFirst =
      absl::StrCat(kTablesSql, absl::string_view(events::kEventTablesSql), absl::string_view(seal::kSealTablesSql));
  static const sql::Migration kMigrations[] = {
      {.version = 1, .min_reader = 1, .name = "bases, outbox, seal keys", .sql = kFirst},
  };
  return kMigrations;
}

std::unique_ptr<BaseStore> MakeBaseStore(StoreDeps deps) { return std::make_unique<SqlBaseStore>(std::move(deps)); }

}  // namespace gatehouse::watchlist
