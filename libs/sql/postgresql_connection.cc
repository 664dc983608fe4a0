#include "libs/sql/postgresql_connection.h"

#include <poll.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/deadline.h"
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

// What the server allows a statement of this session. Longer and much shorter times are set where they are needed.
constexpr absl::Duration kSessionLimit = absl::Seconds(10);
constexpr absl::Duration kShort = absl::Seconds(5);
constexpr absl::Duration kServerGivesUpBefore = absl::Milliseconds(50);
constexpr absl::Duration kConnectTime = absl::Seconds(5);
// What a server says before it hangs up.
constexpr int kMaxParting = 16;
// How often a wait looks whether it was cancelled.
constexpr absl::Duration kLook = absl::Milliseconds(50);

constexpr char kReaderSettings[] = "SET default_transaction_read_only = on; SET statement_timeout = '10s'";
// A replica that hangs while it holds the commit lock must not hang the others: they give up, before their batch is
// over (kBatchTime), and the server ends it.
constexpr char kWriterSettings[] =
    "SET lock_timeout = '8s'; SET statement_timeout = '10s'; SET idle_in_transaction_session_timeout = '30s'";
// A session whose client has gone must not hold its locks until its statement ends. Servers before 14 cannot.
constexpr char kWatchClient[] = "SET client_connection_check_interval = '1s'";

bool IsFatal(const PGresult* result) {
  const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity != nullptr && (std::strcmp(severity, "FATAL") == 0 || std::strcmp(severity, "PANIC") == 0);
}

void Ignore(void*, const char*) {}

}  // namespace

absl::Status PostgresqlConnection::Ready() {
  if (handle_ != nullptr && due_.empty() && HungUp()) (void)Lose("while idle");
  if (handle_ != nullptr) return absl::OkStatus();
  if (std::chrono::steady_clock::now() < next_attempt_) return last_failure_;
  last_failure_ = Connect();
  if (last_failure_.ok()) {
    lost_ = false;
    pause_ = {};
    return absl::OkStatus();
  }
  handle_.reset();
  // Whoever had no time left says nothing about the server.
  GH_RETURN_IF_ERROR(base::CheckWorkTime());
  pause_ = std::clamp(2 * pause_, kFirstPause, kLongestPause);
  next_attempt_ = std::chrono::steady_clock::now() + pause_;
  return last_failure_;
}

bool PostgresqlConnection::HungUp() {
  pollfd socket{.fd = PQsocket(handle_.get()), .events = POLLIN};
  for (int i = 0; i < kMaxParting && poll(&socket, 1, 0) > 0; ++i) {
    if (PQconsumeInput(handle_.get()) != 1) return true;
  }
  return PQstatus(handle_.get()) != CONNECTION_OK;
}

absl::Status PostgresqlConnection::Connect() {
  std::vector<const char*> names(std::begin(kDefaultNames), std::end(kDefaultNames));
  names.push_back(nullptr);
  const char* values[] = {"5", "gatehouse", "5", "2", "3", "10000", "UTF8", dsn_.c_str(), nullptr};
  static_assert(std::size(values) == std::size(kDefaultNames) + 1);
  const base::WorkTimeScope scope(base::WorkTime::In(kConnectTime));
  handle_.reset(PQconnectStartParams(names.data(), values, /*expand_dbname=*/1));
  if (handle_ == nullptr) return absl::ResourceExhaustedError("postgresql: no memory for a connection");
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (PQstatus(handle_.get()) != CONNECTION_BAD && next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED) {
    if (!Poll(next == PGRES_POLLING_READING ? POLLIN : POLLOUT).ok()) {
      return absl::UnavailableError("postgresql: the server did not take the connection in time");
    }
    next = PQconnectPoll(handle_.get());
  }
  if (next == PGRES_POLLING_OK) {
    if (const absl::Status ready = SetUp(); ready.ok() || handle_ == nullptr) return ready;
  }
  const absl::string_view reason = absl::StripAsciiWhitespace(PQerrorMessage(handle_.get()));
  return absl::UnavailableError(absl::StrCat("postgresql: ", reason));
}

absl::Status PostgresqlConnection::SetUp() {
  PQsetNoticeProcessor(handle_.get(), Ignore, nullptr);
  if (PQsetnonblocking(handle_.get(), 1) != 0) return absl::UnavailableError("");
  GH_ASSIGN_OR_RETURN(const Result set, Say(mode_ == Mode::kReadOnly ? kReaderSettings : kWriterSettings));
  if (PQresultStatus(set.get()) != PGRES_COMMAND_OK) return absl::UnavailableError("");
  GH_RETURN_IF_ERROR(Say(kWatchClient).status());
  return PQenterPipelineMode(handle_.get()) == 1 ? absl::OkStatus() : absl::UnavailableError("");
}

absl::Status PostgresqlConnection::Poll(short events) {
  absl::Status over = base::CheckWorkTime();
  if (!over.ok()) {
    (void)Lose("");
    return over;
  }
  const absl::Duration left = std::min(base::CurrentWorkTime().Left(), kLook);
  pollfd socket{.fd = PQsocket(handle_.get()), .events = events};
  // The end of a wait is seen by whoever looks next; an error of the socket by libpq.
  (void)poll(&socket, 1, static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(left, absl::Milliseconds(1)))));
  return absl::OkStatus();
}

absl::Status PostgresqlConnection::Drain() {
  while (true) {
    const int unsent = PQflush(handle_.get());
    if (unsent == 0) return absl::OkStatus();
    if (unsent < 0) return Lose("while sending");
    GH_RETURN_IF_ERROR(Poll(POLLIN | POLLOUT));
    // The server may wait until its answers are taken before it takes more.
    if (PQconsumeInput(handle_.get()) != 1) return Lose("while sending");
  }
}

absl::Status PostgresqlConnection::Await() {
  while (true) {
    const int unsent = PQflush(handle_.get());
    if (unsent < 0) return Lose("while sending");
    if (PQisBusy(handle_.get()) == 0) return absl::OkStatus();
    GH_RETURN_IF_ERROR(Poll(static_cast<short>(unsent == 0 ? POLLIN : POLLIN | POLLOUT)));
    if (PQconsumeInput(handle_.get()) != 1) return Lose("while waiting for an answer");
  }
}

absl::StatusOr<Result> PostgresqlConnection::NextResult() {
  GH_RETURN_IF_ERROR(Await());
  return Result(PQgetResult(handle_.get()));
}

absl::StatusOr<Result> PostgresqlConnection::Say(const char* sql) {
  if (PQsendQuery(handle_.get(), sql) != 1) return Lose("while sending");
  Result last;
  while (true) {
    GH_ASSIGN_OR_RETURN(Result result, NextResult());
    if (result == nullptr) return last;
    last = std::move(result);
    // Not over: the server waits for the rows.
    if (PQresultStatus(last.get()) == PGRES_COPY_IN) return last;
  }
}

absl::Status PostgresqlConnection::Lose(std::string_view reason) {
  handle_.reset();
  statements_.clear();
  due_.clear();
  lost_ = true;
  return absl::UnavailableError(
      absl::StrCat("postgresql: connection lost ", absl::string_view(reason.data(), reason.size())));
}

absl::Status PostgresqlConnection::LimitStatement() {
  const absl::Duration left = base::CurrentWorkTime().Left();
  if (left > kShort && left <= kSessionLimit) return absl::OkStatus();
  const absl::Duration limit = std::max({left - kServerGivesUpBefore, left / 2, absl::Milliseconds(1)});
  // 0: none.
  const int64_t limit_ms = limit == absl::InfiniteDuration() ? 0 : absl::ToInt64Milliseconds(limit);
  return Execute("SELECT set_config('statement_timeout', ?, true)", {absl::StrCat(limit_ms)});
}

absl::Status PostgresqlConnection::Begin() {
  GH_RETURN_IF_ERROR(Execute("BEGIN", {}));
  return LimitStatement();
}

absl::Status PostgresqlConnection::Execute(std::string_view sql, const Params& params) {
  return Send(sql, params, Due::Kind::kExecute);
}

absl::StatusOr<std::vector<Row>> PostgresqlConnection::Query(std::string_view sql, const Params& params) {
  // Of a transaction only the beginning sets a limit; what its commands have is waited for here.
  if (mode_ == Mode::kReadOnly) GH_RETURN_IF_ERROR(LimitStatement());
  GH_RETURN_IF_ERROR(Send(sql, params, Due::Kind::kQuery));
  std::vector<Row> rows;
  GH_RETURN_IF_ERROR(SyncAndRead(&rows));
  return rows;
}

absl::Status PostgresqlConnection::Flush() { return due_.empty() ? absl::OkStatus() : SyncAndRead(nullptr); }

absl::Status PostgresqlConnection::Commit() {
  if (handle_ == nullptr) return absl::UnavailableError("postgresql: not connected");
  absl::Status committed = Execute("COMMIT", {});
  if (committed.ok()) committed = SyncAndRead(nullptr);
  // The first error that was answered came before COMMIT, which the server has skipped then.
  if (lost_ && !answered_error_) {
    return absl::UnknownError(absl::StrCat("it may have been written: ", committed.message()));
  }
  GH_RETURN_IF_ERROR(committed);
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
  answered_error_ = false;
  while (!due_.empty()) {
    const Due due = due_.front();
    due_.pop_front();
    const absl::Status status = due.kind == Due::Kind::kSync ? ReadSync() : ReadAnswer(due, rows);
    if (first_error.ok()) first_error = status;
    if (lost_) return first_error;
    answered_error_ = answered_error_ || !status.ok();
  }
  return first_error;
}

absl::Status PostgresqlConnection::ReadAnswer(const Due& due, std::vector<Row>* rows) {
  absl::Status status = absl::InternalError("postgresql: no answer");
  bool fatal = false;
  while (true) {
    GH_ASSIGN_OR_RETURN(const Result result, NextResult());
    if (result == nullptr) break;
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
  GH_ASSIGN_OR_RETURN(const Result result, NextResult());
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
    GH_ASSIGN_OR_RETURN(const Result started, Say(copy.c_str()));
    if (PQstatus(handle) != CONNECTION_OK) return Lose("while starting a copy");
    if (PQresultStatus(started.get()) != PGRES_COPY_IN) return StatusOfResult(started.get());
  }
  std::string chunk;
  const auto send = [&]() -> absl::Status {
    if (PQputCopyData(handle, chunk.data(), static_cast<int>(chunk.size())) != 1) return Lose("while copying");
    chunk.clear();
    return Drain();
  };
  for (const Params& row : rows) {
    AppendCopyLine(row, chunk);
    if (chunk.size() >= kCopyChunk_bytes) GH_RETURN_IF_ERROR(send());
  }
  GH_RETURN_IF_ERROR(send());
  if (PQputCopyEnd(handle, nullptr) != 1) return Lose("while copying");
  absl::Status status;
  while (true) {
    GH_ASSIGN_OR_RETURN(const Result result, NextResult());
    if (result == nullptr) break;
    if (status.ok() && PQresultStatus(result.get()) != PGRES_COMMAND_OK) status = StatusOfResult(result.get());
  }
  if (PQstatus(handle) != CONNECTION_OK) return Lose("while copying");
  return status;
}

}  // namespace gatehouse::sql
