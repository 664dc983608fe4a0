// What benchmarks of calls share: a service behind Handle() on mTLS with its own audit log, the CPU time of the
// process, and the flags of a run.
#pragma once

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>

#include "libs/base/check.h"
#include "libs/rpc/handle.h"
#include "libs/rpc/server.h"
#include "libs/rpc/test_certificates.h"
#include "libs/testing/temporary_folder.h"

namespace gatehouse::benchmarks {

struct Flags {
  double seconds = 2;
  int rounds = 3;
  int in_flight = 64;
  bool json = false;

  void AddTo(CLI::App& app) {
    app.add_option("--seconds", seconds, "Length of a round")->check(CLI::Range(0.1, 600.0));
    app.add_option("--rounds", rounds, "Rounds of each contestant")->check(CLI::Range(1, 100));
    app.add_option("--in-flight", in_flight, "Calls at a time")->check(CLI::Range(1, 1000));
    app.add_flag("--json", json, "One JSON object a line");
  }
};

// User and system time of the whole process: client, server and what runs beside them.
inline double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

// What the servers of one benchmark share.
struct Foundation {
  Foundation(const char* matrix_text, const std::string& process) {
    auto parsed = authz::Matrix::Parse(matrix_text);
    GH_CHECK(parsed.ok());
    matrix = *std::move(parsed);
    auto opened = audit::Open({.folder = folder.File("audit"), .process = process});
    GH_CHECK(opened.ok());
    audit = *std::move(opened);
  }
  testing::TemporaryFolder folder;
  rpc::TestAuthority authority;
  std::unique_ptr<authz::Matrix> matrix;
  std::unique_ptr<audit::Log> audit;
  std::unique_ptr<observe::Metrics> metrics = observe::Metrics::Make();
};

// A service on a port of its own, made with its host and `arguments`.
template <typename Service>
class MeasuredServer {
 public:
  template <typename... Arguments>
  MeasuredServer(Foundation& foundation, const std::string& name, Arguments&&... arguments)
      : admission_({.calls = 1024, .calls_of_machine = 1024, .calls_of_person = 1024}),
        host_(rpc::Host::Make({.service = name,
                               .clock = base::SystemClock(),
                               .random = base::SystemRandom(),
                               .matrix = *foundation.matrix,
                               .audit = *foundation.audit,
                               .metrics = *foundation.metrics,
                               .admission = &admission_})),
        gatekeeper_(rpc::Gatekeeper::Make({.matrix = *foundation.matrix,
                                           .audit = *foundation.audit,
                                           .clock = base::SystemClock(),
                                           .random = base::SystemRandom(),
                                           .metrics = *foundation.metrics})),
        service_(*host_, std::forward<Arguments>(arguments)...) {
    auto started = rpc::Server::Start({.listen = "localhost:0",
                                       .tls = foundation.authority.Issue("server"),
                                       .admission = &admission_,
                                       .gatekeeper = gatekeeper_.get()},
                                      {&service_});
    GH_CHECK(started.ok());
    server_ = *std::move(started);
    admission_.Open();
  }
  int port() const { return server_->port(); }

 private:
  rpc::Admission admission_;
  std::unique_ptr<rpc::Host> host_;
  std::unique_ptr<rpc::Gatekeeper> gatekeeper_;
  Service service_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace gatehouse::benchmarks
