// For tests: a process of real modules inside the test process, on a free port, with a folder, certificates and SQLite
// stores of its own.
//
//   auto process = TestProcess::Start({traveller::kModule}, {.matrix = kMatrix});
//   auto answer = (*process)->Call<CrossingService>("officer-1", &CrossingService::Stub::RecordCrossing, request);
#pragma once

#include <grpcpp/client_context.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/test_certificates.h"
#include "libs/runtime/process.h"
#include "libs/testing/temporary_folder.h"

namespace gatehouse::runtime {

class TestProcess {
 public:
  struct Options {
    std::string matrix;  // text format
    // Last changes to the configuration.
    std::function<void(v1::Config&)> edit = nullptr;
    base::Clock& clock = base::SystemClock();
    base::Random& random = base::SystemRandom();
  };
  static absl::StatusOr<std::unique_ptr<TestProcess>> Start(std::vector<ModuleEntry> modules, Options options);

  // With a certificate of that identity. Whether it may do anything, the matrix says.
  std::shared_ptr<grpc::Channel> ChannelAs(const std::string& identity);
  // One call by that identity. Errors as the service answers them.
  template <typename Service, typename Request, typename Response>
  absl::StatusOr<Response> Call(const std::string& identity,
                                grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request) {
    const auto stub = Service::NewStub(ChannelAs(identity));
    grpc::ClientContext context;
    Response response;
    const grpc::Status status = (stub.get()->*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  }
  // Drains and starts again on the same folder, on another port.
  absl::Status Restart();
  Process& process() { return *process_; }
  std::filesystem::path data_dir() const { return folder_.path() / "data"; }

 private:
  TestProcess(std::vector<ModuleEntry> modules, Options options)
      : modules_(std::move(modules)), options_(std::move(options)) {}
  v1::Config MakeConfig();

  const std::vector<ModuleEntry> modules_;
  const Options options_;
  testing::TemporaryFolder folder_;
  rpc::TestAuthority authority_;
  std::unique_ptr<Process> process_;
};

}  // namespace gatehouse::runtime
