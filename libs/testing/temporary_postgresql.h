// A PostgreSQL server of the test's own, on a Unix socket in a temporary folder, stopped and removed on destruction.
// Durable as in earnest: fsync and synchronous_commit stay on.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/testing/child_process.h"
#include "libs/testing/temporary_folder.h"

namespace gatehouse::testing {

class TemporaryPostgresql {
 public:
  // UNAVAILABLE with the reason when none can be had. As root it runs as the user `postgres`, since PostgreSQL refuses
  // root.
  static absl::StatusOr<std::unique_ptr<TemporaryPostgresql>> Start();
  ~TemporaryPostgresql();

  // libpq connection string of a user who may create databases.
  const std::string& dsn() const { return dsn_; }
  // The server process, for tests that kill it.
  ChildProcess& process() { return process_; }
  // Starts it again after it was killed or stopped.
  absl::Status Restart();

 private:
  TemporaryPostgresql() = default;
  absl::Status Initialise();

  TemporaryFolder folder_;
  std::string user_;
  std::string programs_;
  std::string dsn_;
  ChildProcess process_;
};

}  // namespace gatehouse::testing
