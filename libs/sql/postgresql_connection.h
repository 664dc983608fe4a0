// A Connection on libpq in pipeline mode: Execute only queues, Query and Flush send a sync and read all answers up to
// it. Statements are prepared once a connection. A broken connection is made anew by Ready(), with a growing pause.
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

  absl::Status Connect();
  absl::Status Lose(std::string_view reason);
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
  std::chrono::steady_clock::time_point next_attempt_;
  std::chrono::milliseconds pause_{0};
  absl::Status last_failure_;
  std::map<std::string, Statement, std::less<>> statements_;
  std::deque<Due> due_;
  std::string last_tag_;  // what the server said it did last
};

}  // namespace gatehouse::sql
