// A Connection on libpq in pipeline mode: Execute only queues, Query and Flush send a sync and read all answers up to
// it. Statements are prepared once a connection. A broken connection is made anew by Ready(), with a growing pause.
// Nothing blocks in libpq: the socket is waited for within the thread's time. When that ends first the connection is
// closed, which ends the statement on the server too; the server has limits of its own besides (statement_timeout,
// lock_timeout, client_connection_check_interval).
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/sql/connection.h"
#include "libs/sql/postgresql_wire.h"

namespace gatehouse::sql {

class PostgresqlConnection : public Connection {
 public:
  enum class Mode { kReadWrite, kReadOnly };
  PostgresqlConnection(std::string dsn, Mode mode) : dsn_(std::move(dsn)), mode_(mode) {}

  absl::Status Ready() override;
  bool lost() const override { return lost_; }
  bool rolled_back() const override { return false; }
  absl::Status Begin() override;
  absl::Status Execute(std::string_view sql, const Params& params) override;
  absl::StatusOr<std::vector<Row>> Query(std::string_view sql, const Params& params) override;
  absl::Status Flush() override;
  absl::Status Commit() override;
  absl::Status CopyIn(std::string_view table, const std::vector<std::string>& columns,
                      const std::vector<Params>& rows) override;

 private:
  struct Closer {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct Statement {
    std::string name;
    bool prepared = false;  // sent to the server; taken back when the answer says it failed
  };
  // An answer that is due, in the order of sending.
  struct Due {
    enum class Kind { kPrepare, kExecute, kQuery, kSync };
    Kind kind;
    Statement* statement;
  };

  // True when the server has closed the idle connection. Found out here it is certain that nothing was done on it;
  // found out in COMMIT it would not be.
  bool HungUp();
  absl::Status Connect();
  absl::Status SetUp();
  absl::Status Lose(std::string_view reason);
  // Lets the server give up a little before this thread does, so that the connection need not be closed for it. Costs
  // nothing as long as the session's own limit will do.
  absl::Status LimitStatement();
  // Waits for the socket; the connection is lost when the time is over first.
  absl::Status Poll(short events);
  // Sends what is buffered.
  absl::Status Drain();
  // Waits until PQgetResult need not.
  absl::Status Await();
  absl::StatusOr<Result> NextResult();
  // A statement outside the pipeline; its last result.
  absl::StatusOr<Result> Say(const char* sql);
  absl::Status Send(std::string_view sql, const Params& params, Due::Kind kind);
  Statement* FindStatement(const std::string& key);
  // Sends a sync and reads every answer that is due; the first error. Rows of a Query go to `rows`.
  absl::Status SyncAndRead(std::vector<Row>* rows);
  absl::Status ReadAnswer(const Due& due, std::vector<Row>* rows);
  absl::Status ReadSync();
  absl::Status SendCopy(const std::string& copy, const std::vector<Params>& rows);

  const std::string dsn_;
  const Mode mode_;
  std::unique_ptr<PGconn, Closer> handle_;
  bool lost_ = false;
  bool answered_error_ = false;  // since the last sync the server answered an error
  std::chrono::steady_clock::time_point next_attempt_;
  std::chrono::milliseconds pause_{0};
  absl::Status last_failure_;
  std::map<std::string, Statement, std::less<>> statements_;
  std::deque<Due> due_;
  std::string last_tag_;  // what the server said it did last
};

}  // namespace gatehouse::sql
