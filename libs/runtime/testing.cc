#include "libs/runtime/testing.h"

#include <fstream>
#include <utility>

#include "libs/base/check.h"

namespace gatehouse::runtime {

absl::StatusOr<std::unique_ptr<TestProcess>> TestProcess::Start(std::vector<ModuleEntry> modules, Options options) {
  std::unique_ptr<TestProcess> process(new TestProcess(std::move(modules), std::move(options)));
  const absl::Status started = process->Restart();
  if (!started.ok()) return started;
  return process;
}

v1::Config TestProcess::MakeConfig() {
  const std::string matrix_file = folder_.File("matrix.textproto");
  std::ofstream(matrix_file) << options_.matrix;
  const rpc::TlsFiles tls = authority_.Issue("gatehouse-test");
  v1::Config config;
  config.set_name("gatehouse-test");
  config.mutable_server()->set_listen("localhost:0");
  config.mutable_server()->mutable_tls()->set_certificate_file(tls.certificate_file);
  config.mutable_server()->mutable_tls()->set_key_file(tls.key_file);
  config.mutable_server()->mutable_tls()->set_ca_file(tls.ca_file);
  config.set_data_dir(data_dir());
  config.set_authorization_file(matrix_file);
  config.set_seal_key_file(folder_.File("seal.key"));
  config.set_threads_per_module(4);
  if (options_.edit) options_.edit(config);
  return config;
}

absl::Status TestProcess::Restart() {
  process_ = nullptr;
  absl::StatusOr<std::unique_ptr<Process>> process =
      Process::Start({.config = MakeConfig(), .modules = modules_, .clock = options_.clock, .random = options_.random});
  if (process.ok()) process_ = *std::move(process);
  return process.status();
}

std::shared_ptr<grpc::Channel> TestProcess::ChannelAs(const std::string& identity) {
  auto channel = rpc::Connect("localhost:" + std::to_string(process_->port()), authority_.Issue(identity));
  GH_CHECK(channel.ok());
  return *std::move(channel);
}

}  // namespace gatehouse::runtime
