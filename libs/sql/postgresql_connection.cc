#include "libs/sql/postgresql_connection.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status_macros.h"
#include "libs/sql/dialect.h"

namespace gatehouse::sql {
namespace {

constexpr size_t kMaxStatements = 256;
constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kLongestPause{5000};
constexpr size_t kCopyChunk_bytes = 64 * 1024;

// What the connection string does not say. A server that fell silent is noticed within about ten seconds.
constexpr const char* kDefaultNames[] = {
    "connect_timeout",  "fallback_application_name", "keepalives_idle", "keepalives_interval",
    "keepalives_count", "tcp_user_timeout",          "client_encoding", "dbname",
};

constexpr char kReaderSettings[] = "SET default_transaction_read_only = on";
// A replica that hangs while it holds the commit lock must not hang the others: they give up, and the server ends it.
constexpr char kWriterSettings[] = "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '30s'";

bool IsFatal(const PGresult* result) {
  const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity != nullptr && (std::strcmp(severity, "FATAL") == 0 || std::strcmp(severity, "PANIC") == 0);
}

void Ignore(void*, const char*) {}

}  // namespace

absl::Status PostgresqlConnection::Ready() {
  if (handle_ != nullptr) return absl::OkStatus();
  if (std::chrono::steady_clock::now() < next_attempt_) return last_failure_;
  last_failure_ = Connect();
  if (last_failure_.ok()) {
    lost_ = false;
    pause_ = {};
    return absl::OkStatus();
  }
  handle_.reset();
  pause_ = std::clamp(2 * pause_, kFirstPause, kLongestPause);
  next_attempt_ = std::chrono::steady_clock::now() + pause_;
  return last_failure_;
}

absl::Status PostgresqlConnection::Connect() {
  std::vector<const char*> names(std::begin(kDefaultNames), std::end(kDefaultNames));
  names.push_back(nullptr);
  const char* values[] = {"5", "gatehouse", "5", "2", "3", "10000", "UTF8", dsn_.c_str(), nullptr};
  static_assert(std::size(values) == std::size(kDefaultNames) + 1);
  handle_.reset(PQconnectdbParams(names.data(), values, /*expand_dbname=*/1));
  const auto failure = [this] {
    const absl::string_view reason = absl::StripAsciiWhitespace(PQerrorMessage(handle_.get()));
    return absl::UnavailableError(absl::StrCat("postgresql: ", reason));
  };
  if (PQstatus(handle_.get()) != CONNECTION_OK) return failure();
  PQsetNoticeProcessor(handle_.get(), Ignore, nullptr);
  const Result result(PQexec(handle_.get(), mode_ == Mode::kReadOnly ? kReaderSettings : kWriterSettings));
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return failure();
  return PQenterPipelineMode(handle_.get()) == 1 ? absl::OkStatus() : failure();
}

absl::Status PostgresqlConnection::Lose(std::string_view reason) {
  handle_.reset();
  statements_.clear();
  due_.clear();
  lost_ = true;
  return absl::UnavailableError(
      absl::StrCat("postgresql: connection lost ", absl::string_view(reason.data(), reason.size())));
}

absl::Status PostgresqlConnection::Execute(std::string_view sql, const Params& params) {
  return Send(sql, params, Due::Kind::kExecute);
}

absl::StatusOr<std::vector<Row>> PostgresqlConnection::Query(std::string_view sql, const Params& params) {
  GH_RETURN_IF_ERROR(Send(sql, params, Due::Kind::kQuery));
  std::vector<Row> rows;
  GH_RETURN_IF_ERROR(SyncAndRead(&rows));
  return rows;
}

absl::Status PostgresqlConnection::Flush() { return due_.empty() ? absl::OkStatus() : SyncAndRead(nullptr); }

absl::Status PostgresqlConnection::Commit() {
  GH_RETURN_IF_ERROR(Execute("COMMIT", {}));
  GH_RETURN_IF_ERROR(SyncAndRead(nullptr));
  // COMMIT of a failed transaction "succeeds" with the answer ROLLBACK.
  return last_tag_ == "COMMIT" ? absl::OkStatus() : absl::AbortedError("postgresql: the transaction was rolled back");
}

absl::Status PostgresqlConnection::Send(std::string_view sql, const Params& params, Due::Kind kind) {
  if (handle_ == nullptr) return absl::UnavailableError("postgresql: not connected");
  PGconn* const handle = handle_.get();
  const WireParams wire(params);
  const std::string key = absl::StrCat(wire.signature(), " ", absl::string_view(sql.data(), sql.size()));
  Statement* const statement = FindStatement(key);
  bool sent = false;
  if (statement == nullptr) {
    sent = PQsendQueryParams(handle, Render(Dialect::kPostgresql, sql).c_str(), wire.size(), wire.types(),
                             wire.values(), wire.lengths(), wire.formats(), /*resultFormat=*/1) == 1;
  } else {
    if (!statement->prepared) {
      const std::string rendered = Render(Dialect::kPostgresql, sql);
      if (PQsendPrepare(handle, statement->name.c_str(), rendered.c_str(), wire.size(), wire.types()) != 1) {
        return Lose("while sending");
      }
      statement->prepared = true;
      due_.push_back({Due::Kind::kPrepare, statement});
    }
    sent = PQsendQueryPrepared(handle, statement->name.c_str(), wire.size(), wire.values(), wire.lengths(),
                               wire.formats(), /*resultFormat=*/1) == 1;
  }
  if (!sent) return Lose("while sending");
  due_.push_back({kind, nullptr});
  return absl::OkStatus();
}

PostgresqlConnection::Statement* PostgresqlConnection::FindStatement(const std::string& key) {
  if (const auto found = statements_.find(key); found != statements_.end()) return &found->second;
  if (statements_.size() >= kMaxStatements) return nullptr;
  return &statements_.emplace(key, Statement{absl::StrCat("s", statements_.size())}).first->second;
}

absl::Status PostgresqlConnection::SyncAndRead(std::vector<Row>* rows) {
  if (handle_ == nullptr) return absl::UnavailableError("postgresql: not connected");
  if (PQpipelineSync(handle_.get()) != 1) return Lose("while sending");
  due_.push_back({Due::Kind::kSync, nullptr});
  absl::Status first_error;
  while (!due_.empty()) {
    const Due due = due_.front();
    due_.pop_front();
    const absl::Status status = due.kind == Due::Kind::kSync ? ReadSync() : ReadAnswer(due, rows);
    if (first_error.ok()) first_error = status;
    if (lost_) return first_error;
  }
  return first_error;
}

absl::Status PostgresqlConnection::ReadAnswer(const Due& due, std::vector<Row>* rows) {
  absl::Status status = absl::InternalError("postgresql: no answer");
  bool fatal = false;
  while (const Result result = Result(PQgetResult(handle_.get()))) {
    switch (PQresultStatus(result.get())) {
      case PGRES_COMMAND_OK:
      case PGRES_EMPTY_QUERY:
        last_tag_ = PQcmdStatus(result.get());
        status = absl::OkStatus();
        break;
      case PGRES_TUPLES_OK:
        status = absl::OkStatus();
        if (due.kind == Due::Kind::kQuery && rows != nullptr) {
          auto decoded = DecodeRows(result.get());
          status = decoded.status();
          if (decoded.ok()) *rows = std::move(decoded).value();
        }
        break;
      case PGRES_PIPELINE_ABORTED:
        status = absl::AbortedError("postgresql: a statement before this one failed");
        break;
      default:
        status = StatusOfResult(result.get());
        fatal = IsFatal(result.get());
    }
  }
  if (due.kind == Due::Kind::kPrepare && !status.ok()) due.statement->prepared = false;
  if (fatal || PQstatus(handle_.get()) != CONNECTION_OK) return Lose("while waiting for an answer");
  return status;
}

absl::Status PostgresqlConnection::ReadSync() {
  const Result result(PQgetResult(handle_.get()));
  const bool synced = result != nullptr && PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC;
  return synced ? absl::OkStatus() : Lose("while waiting for a sync");
}

absl::Status PostgresqlConnection::CopyIn(std::string_view table, const std::vector<std::string>& columns,
                                          const std::vector<Params>& rows) {
  GH_RETURN_IF_ERROR(Flush());
  if (handle_ == nullptr) return absl::UnavailableError("postgresql: not connected");
  // libpq has no COPY inside a pipeline.
  if (PQexitPipelineMode(handle_.get()) != 1) return Lose("leaving the pipeline");
  const absl::Status status = SendCopy(absl::StrCat("COPY ", absl::string_view(table.data(), table.size()), " (",
                                                    absl::StrJoin(columns, ", "), ") FROM STDIN"),
                                       rows);
  if (lost_) return status;
  if (PQenterPipelineMode(handle_.get()) != 1) return Lose("entering the pipeline");
  return status;
}

absl::Status PostgresqlConnection::SendCopy(const std::string& copy, const std::vector<Params>& rows) {
  PGconn* const handle = handle_.get();
  {
    const Result started(PQexec(handle, copy.c_str()));
    if (PQstatus(handle) != CONNECTION_OK) return Lose("while starting a copy");
    if (PQresultStatus(started.get()) != PGRES_COPY_IN) return StatusOfResult(started.get());
  }
  std::string chunk;
  const auto send = [&] {
    const bool sent = PQputCopyData(handle, chunk.data(), static_cast<int>(chunk.size())) == 1;
    chunk.clear();
    return sent;
  };
  for (const Params& row : rows) {
    AppendCopyLine(row, chunk);
    if (chunk.size() >= kCopyChunk_bytes && !send()) return Lose("while copying");
  }
  if (!send() || PQputCopyEnd(handle, nullptr) != 1) return Lose("while copying");
  absl::Status status;
  while (const Result result = Result(PQgetResult(handle))) {
    if (status.ok() && PQresultStatus(result.get()) != PGRES_COMMAND_OK) status = StatusOfResult(result.get());
  }
  if (PQstatus(handle) != CONNECTION_OK) return Lose("while copying");
  return status;
}

}  // namespace gatehouse::sql
