// test_servers --env FILE: starts the servers of a whole test run, writes the variables of libs/testing/servers.h to
// FILE (whole or not at all; one NAME=VALUE a line, values with blanks are not quoted: a shell reads them by
//   while IFS= read -r line; do export "$line"; done < FILE
// ), and stops the servers on SIGTERM, SIGINT or when its parent goes away.
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <string_view>

#include "libs/testing/temporary_kafka.h"
#include "libs/testing/temporary_postgresql.h"

namespace gatehouse::testing {
namespace {

template <typename Server>
std::string Line(const char* variable, const absl::StatusOr<std::unique_ptr<Server>>& server,
                 const std::string& (Server::*address)() const) {
  std::string line = std::string(variable) + "=";
  if (server.ok()) return line + ((**server).*address)() + "\n";
  std::string reason(server.status().message());
  for (char& c : reason) c = c == '\n' ? ' ' : c;
  return line + "unavailable: " + reason + "\n";
}

int Main(const std::string& file) {
  // Blocked in every thread from here on, taken by sigwait below.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  const pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) return 1;

  // Both from this thread: a child gets its death signal when the thread that started it ends.
  const auto postgresql = TemporaryPostgresql::Start();
  const auto kafka = TemporaryKafka::Start();
  const std::string partial = file + ".partial";
  std::ofstream out(partial);
  out << Line("GATEHOUSE_TEST_POSTGRESQL", postgresql, &TemporaryPostgresql::dsn)
      << Line("GATEHOUSE_TEST_KAFKA", kafka, &TemporaryKafka::address);
  out.close();
  std::error_code error;
  std::filesystem::rename(partial, file, error);
  if (!out || error) {
    std::fprintf(stderr, "test_servers: cannot write %s\n", file.c_str());
    return 1;
  }
  int signal = 0;
  sigwait(&ends, &signal);
  std::filesystem::remove(file, error);
  return 0;
}

}  // namespace
}  // namespace gatehouse::testing

int main(int argc, char** argv) {
  if (argc != 3 || std::string_view(argv[1]) != "--env") {
    std::fprintf(stderr, "usage: test_servers --env FILE\n");
    return 2;
  }
  return gatehouse::testing::Main(argv[2]);
}
