#include "libs/testing/temporary_postgresql.h"

#include <libpq-fe.h>
#include <pwd.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/status_macros.h"

namespace gatehouse::testing {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);

// Debian keeps the server's programs of each major version in a folder of their own.
absl::StatusOr<std::string> FindPrograms() {
  std::string newest;
  std::error_code ignored;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
    const std::string programs = (version.path() / "bin").string();
    if (std::filesystem::exists(programs + "/initdb") && programs > newest) newest = programs;
  }
  if (newest.empty()) return absl::UnavailableError("PostgreSQL is not installed (Debian package postgresql)");
  return newest;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TemporaryPostgresql>> TemporaryPostgresql::Start() {
  auto server = std::unique_ptr<TemporaryPostgresql>(new TemporaryPostgresql());
  GH_RETURN_IF_ERROR(server->Initialise());
  GH_RETURN_IF_ERROR(server->Restart());
  return server;
}

// Fast shutdown: sessions are ended, the write-ahead log is complete.
TemporaryPostgresql::~TemporaryPostgresql() { process_.Stop(SIGINT, kPatience); }

absl::Status TemporaryPostgresql::Initialise() {
  GH_ASSIGN_OR_RETURN(programs_, FindPrograms());
  if (geteuid() == 0) {
    user_ = "postgres";
    const passwd* user = getpwnam(user_.c_str());
    if (user == nullptr) return absl::UnavailableError("PostgreSQL refuses root, and there is no user postgres");
    if (chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
      return absl::UnavailableError("cannot give the temporary folder to the user postgres");
    }
  }
  dsn_ = absl::StrCat("host=", folder_.path().string(), " user=gatehouse dbname=postgres");
  return RunProcess({.arguments = {programs_ + "/initdb", "--pgdata=" + folder_.File("data"), "--username=gatehouse",
                                   "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"},
                     .output_file = folder_.File("initdb.log"),
                     .working_folder = folder_.path().string(),
                     .user = user_},
                    kPatience);
}

absl::Status TemporaryPostgresql::Restart() {
  process_.Stop(SIGINT, kPatience);
  const std::string log = folder_.File("server.log");
  GH_ASSIGN_OR_RETURN(process_, ChildProcess::Start({.arguments = {programs_ + "/postgres", "-D", folder_.File("data"),
                                                                   "-k", folder_.path().string(), "-c",
                                                                   "listen_addresses=", "-c", "max_connections=200"},
                                                     .output_file = log,
                                                     .working_folder = folder_.path().string(),
                                                     .user = user_,
                                                     .death_signal = SIGINT}));
  const absl::Time deadline = absl::Now() + kPatience;
  while (PQping(dsn_.c_str()) != PQPING_OK) {
    if (!process_.Running() || absl::Now() > deadline) {
      return absl::UnavailableError(absl::StrCat("PostgreSQL did not start: ", LastLine(log)));
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
  return absl::OkStatus();
}

}  // namespace gatehouse::testing
