#include "services/document/notice_store.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "services/document/head_store.h"
#include "services/document/notice_convert.h"
#include "services/document/request_store.h"

namespace gatehouse::document {
namespace {

constexpr char kImportColumns[] =
    "import_number, import_id, imported_by, import_time, note, file_name, sha256, publisher, signer, issuer, added, "
    "replaced, refused, bundle_number";
// A notice without pictures may be some 300 KiB: so many rows are read at once.
constexpr int kNoticesARead = 1000;

NoticeImport ImportOf(const sql::Row& row) {
  return {.number = row.Int(0),
          .import_id = row.Text(1),
          .imported_by = row.Text(2),
          .time = absl::FromUnixMicros(row.Int(3)),
          .note = row.Text(4),
          .file_name = row.Text(5),
          .sha256 = row.Text(6),
          .publisher = row.Text(7),
          .bundle_number = row.Int(13),
          .signer = row.Text(8),
          .issuer = row.Text(9),
          .added = static_cast<int32_t>(row.Int(10)),
          .replaced = static_cast<int32_t>(row.Int(11)),
          .refused = static_cast<int32_t>(row.Int(12))};
}

std::string WithoutPictures(const Notice& notice) {
  v1::Notice message;
  ToProto(notice, &message);
  for (v1::NoticeFeature& feature : *message.mutable_features()) {
    if (feature.has_image()) feature.mutable_image()->clear_content();
  }
  return message.SerializeAsString();
}

class SqlNoticeRepository final : public NoticeRepository {
 public:
  explicit SqlNoticeRepository(sql::Database& database) : database_(database) {}

  absl::Status Append(const NoticeImport& made, const std::vector<const Notice*>& notices,
                      const AnsweredRequest* answered) override {
    return database_.Write([&](sql::Transaction& transaction) -> absl::Status {
      GH_RETURN_IF_ERROR(WriteAnswered(transaction, answered));
      // The number is the lock: it can be taken once, and only by who has seen all before it.
      GH_RETURN_IF_ERROR(transaction.Execute(
          absl::StrCat("INSERT INTO document_notice_import (", kImportColumns,
                       ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
          {made.number, made.import_id, made.imported_by, absl::ToUnixMicros(made.time), made.note, made.file_name,
           made.sha256, made.publisher, made.signer, made.issuer, int64_t{made.added}, int64_t{made.replaced},
           int64_t{made.refused}, made.bundle_number}));
      int64_t added = 0;
      for (const Notice* notice : notices) {
        GH_ASSIGN_OR_RETURN(const bool is_there, IsThere(transaction, notice->id));
        added += is_there ? 0 : 1;
        GH_RETURN_IF_ERROR(Write(transaction, *notice, made));
      }
      return AdvanceHead(transaction, kNoticeHistory, made.number, added);
    });
  }

  absl::StatusOr<Extent> Held() override {
    GH_ASSIGN_OR_RETURN(const Head head, ReadHead(database_, kNoticeHistory));
    return Extent{.newest_import = head.newest, .notices = head.held};
  }

  absl::StatusOr<std::vector<KeptNotice>> NoticesSince(int64_t number) override {
    std::vector<KeptNotice> notices;
    std::string behind;
    while (true) {
      const std::string before = behind;
      GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                          database_.List("SELECT notice_id, import_number, issuer, content FROM document_notice "
                                         "WHERE import_number > ? AND notice_id > ? ORDER BY notice_id LIMIT ?",
                                         {number, behind, int64_t{kNoticesARead}}));
      for (const sql::Row& row : rows) {
        behind = row.TextOr(0, behind);
        notices.push_back(Read(row));
      }
      // A page of which no id can be read leads nowhere.
      if (rows.size() < kNoticesARead || behind == before) return notices;
    }
  }

  absl::Status LoadImages(Notice& notice) override {
    GH_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        database_.Query("SELECT feature, content FROM document_notice_image WHERE notice_id = ?", {notice.id}));
    for (const sql::Row& row : rows) {
      const auto feature = static_cast<size_t>(row.Int(0));
      // The notice was replaced since it was loaded: its pictures are of other features.
      if (feature >= notice.features.size()) return absl::AbortedError("the notice is being replaced; ask again");
      notice.features[feature].image.content = row.Bytes(1);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<NoticeImport>> Imports() override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        database_.Query(absl::StrCat("SELECT ", kImportColumns,
                                                     " FROM document_notice_import ORDER BY import_number DESC")));
    std::vector<NoticeImport> imports;
    for (const sql::Row& row : rows) imports.push_back(ImportOf(row));
    return imports;
  }

  absl::Status AddCounts(const std::vector<NoticeCount>& counts) override {
    return database_.Write([&](sql::Transaction& transaction) -> absl::Status {
      for (const NoticeCount& count : counts) {
        GH_RETURN_IF_ERROR(transaction.Execute(
            "INSERT INTO document_notice_count (notice_id, matches, first_time, last_time) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (notice_id) DO UPDATE SET matches = document_notice_count.matches + excluded.matches, "
            "first_time = CASE WHEN excluded.first_time < document_notice_count.first_time "
            "THEN excluded.first_time ELSE document_notice_count.first_time END, "
            "last_time = CASE WHEN excluded.last_time > document_notice_count.last_time "
            "THEN excluded.last_time ELSE document_notice_count.last_time END",
            {count.notice_id, count.matches, absl::ToUnixMicros(count.first), absl::ToUnixMicros(count.last)}));
      }
      return absl::OkStatus();
    });
  }

  absl::StatusOr<std::vector<NoticeCount>> Counts() override {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        database_.Query("SELECT notice_id, matches, first_time, last_time FROM document_notice_count "
                                        "ORDER BY matches DESC, notice_id"));
    std::vector<NoticeCount> counts;
    for (const sql::Row& row : rows) {
      counts.push_back({.notice_id = row.Text(0),
                        .matches = row.Int(1),
                        .first = absl::FromUnixMicros(row.Int(2)),
                        .last = absl::FromUnixMicros(row.Int(3))});
    }
    return counts;
  }

 private:
  static KeptNotice Read(const sql::Row& row) {
    KeptNotice kept;
    kept.unreadable = true;
    kept.notice.id = std::string(row.TextOr(0, ""));
    v1::Notice message;
    if (!row.damage().ok() || !message.ParseFromString(row.Bytes(3))) return kept;
    absl::StatusOr<Notice> notice = FromProto(message);
    if (!notice.ok()) return kept;
    return {*std::move(notice), {.import_number = row.Int(1), .issuer = row.Text(2)}};
  }
  static absl::StatusOr<bool> IsThere(sql::Transaction& transaction, const std::string& id) {
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        transaction.Query("SELECT 1 FROM document_notice WHERE notice_id = ?", {id}));
    return !rows.empty();
  }
  static absl::Status Write(sql::Transaction& transaction, const Notice& notice, const NoticeImport& made) {
    GH_RETURN_IF_ERROR(transaction.Execute(
        "INSERT INTO document_notice (notice_id, import_number, issuer, content) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (notice_id) DO UPDATE SET import_number = excluded.import_number, issuer = excluded.issuer, "
        "content = excluded.content",
        {notice.id, made.number, made.issuer, sql::Blob{WithoutPictures(notice)}}));
    GH_RETURN_IF_ERROR(transaction.Execute("DELETE FROM document_notice_image WHERE notice_id = ?", {notice.id}));
    for (size_t i = 0; i < notice.features.size(); ++i) {
      const std::string& content = notice.features[i].image.content;
      if (content.empty()) continue;
      GH_RETURN_IF_ERROR(
          transaction.Execute("INSERT INTO document_notice_image (notice_id, feature, content) VALUES (?, ?, ?)",
                              {notice.id, static_cast<int64_t>(i), sql::Blob{content}}));
    }
    return absl::OkStatus();
  }

  sql::Database& database_;
};

}  // namespace

// Pictures apart, so that every start and every import reads the notices without them.
const char kNoticeTablesSql[] =
    "CREATE TABLE document_notice_import (\n"
    "  import_number BIGINT NOT NULL PRIMARY KEY,\n"
    "  import_id TEXT NOT NULL UNIQUE,\n"
    "  imported_by TEXT NOT NULL,\n"
    "  import_time BIGINT NOT NULL,\n"
    "  note TEXT NOT NULL,\n"
    "  file_name TEXT NOT NULL,\n"
    "  sha256 TEXT NOT NULL,\n"
    "  publisher TEXT NOT NULL,\n"
    "  signer TEXT NOT NULL,\n"
    "  issuer TEXT NOT NULL,\n"
    "  added BIGINT NOT NULL,\n"
    "  replaced BIGINT NOT NULL,\n"
    "  refused BIGINT NOT NULL\n"
    ");\n"
    "CREATE TABLE document_notice (\n"
    "  notice_id TEXT NOT NULL PRIMARY KEY,\n"
    "  import_number BIGINT NOT NULL,\n"
    "  issuer TEXT NOT NULL,\n"
    "  content {{BLOB}} NOT NULL\n"
    ");\n"
    "CREATE INDEX document_notice_by_import ON document_notice (import_number);\n"
    "CREATE TABLE document_notice_image (\n"
    "  notice_id TEXT NOT NULL,\n"
    "  feature BIGINT NOT NULL,\n"
    "  content {{BLOB}} NOT NULL,\n"
    "  PRIMARY KEY (notice_id, feature)\n"
    ");\n"
    "CREATE TABLE document_notice_count (\n"
    "  notice_id TEXT NOT NULL PRIMARY KEY,\n"
    "  matches BIGINT NOT NULL,\n"
    "  first_time BIGINT NOT NULL,\n"
    "  last_time BIGINT NOT NULL\n"
    ");\n";

std::unique_ptr<NoticeRepository> MakeNoticeRepository(sql::Database& database) {
  return std::make_unique<SqlNoticeRepository>(database);
}

}  // namespace gatehouse::document
