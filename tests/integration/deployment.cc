#include "tests/integration/deployment.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/testing/servers.h"

namespace gatehouse::integration {
namespace {

using gatehouse::runtime::v1::Config;

constexpr absl::Duration kStartTimeout = absl::Seconds(30);
constexpr size_t kLogTailBytes = 2000;
constexpr char kReportSigner[] = "report-signer";

std::string ReadFile(const std::string& path) {
  std::stringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

std::string LogTail(const Node& node) {
  const std::string log = ReadFile(node.folder + "/log");
  return log.size() <= kLogTailBytes ? log : log.substr(log.size() - kLogTailBytes);
}

absl::StatusOr<Config> ReadExample(const std::string& path) {
  Config config;
  if (!google::protobuf::TextFormat::ParseFromString(ReadFile(path), &config)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": missing, or not a configuration"));
  }
  return config;
}

absl::Status RunOrFail(const Arguments& arguments) {
  GH_ASSIGN_OR_RETURN(const Output output, RunProgram(arguments));
  if (output.exit_code == 0) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(arguments[0], " ", arguments[1], ": exit code ", output.exit_code, ": ", output.err));
}

}  // namespace

std::string BinFolder() {
  const char* folder = std::getenv("GATEHOUSE_BIN");
  return folder == nullptr ? "build/release/bin" : folder;
}

absl::StatusOr<std::unique_ptr<Deployment>> Deployment::Start(Shape shape, const std::string& folder,
                                                              const Edit& edit) {
  auto deployment = std::unique_ptr<Deployment>(new Deployment(shape, folder));
  std::filesystem::create_directories(deployment->keys_);
  const Arguments make_pki = {BinFolder() + "/gatehouse", "pki", "init", "--pki", deployment->pki_};
  GH_RETURN_IF_ERROR(RunOrFail(make_pki));
  Arguments make_signer = make_pki;
  make_signer.insert(make_signer.end(), {"--identity", kReportSigner});
  GH_RETURN_IF_ERROR(RunOrFail(make_signer));
  if (shape == Shape::kPost) {
    GH_RETURN_IF_ERROR(
        deployment->AddNode("gatehouse-post", "post.textproto", {std::begin(kServices), std::end(kServices)}));
  } else {
    GH_ASSIGN_OR_RETURN(deployment->brokers_, testing::RequireKafka());
    for (const std::string service : kServices) {
      GH_RETURN_IF_ERROR(deployment->AddNode(service, absl::StrCat("cluster/", service, ".textproto"), {service}));
    }
  }
  for (const auto& node : deployment->nodes_) {
    if (edit != nullptr) edit(node->config);
  }
  GH_RETURN_IF_ERROR(deployment->StartAll());
  return deployment;
}

absl::Status Deployment::AddNode(const std::string& name, const std::string& example,
                                 std::vector<std::string> services) {
  auto node = std::make_unique<Node>();
  node->name = name;
  node->services = std::move(services);
  node->folder = absl::StrCat(folder_, "/", name);
  std::filesystem::create_directories(node->folder);

  GH_ASSIGN_OR_RETURN(node->config, ReadExample(absl::StrCat("deploy/examples/", example)));
  GH_CHECK(node->config.name() == name);
  node->config.set_data_dir(node->folder + "/data");
  node->config.set_seal_key_file(absl::StrCat(keys_, "/", name, ".key"));
  node->config.set_authorization_file("deploy/authorization/matrix.textproto");
  auto& server = *node->config.mutable_server();
  server.set_listen("127.0.0.1:0");
  server.set_metrics_listen("127.0.0.1:0");
  server.set_port_file(node->folder + "/port");
  server.mutable_tls()->set_certificate_file(absl::StrCat(pki_, "/", name, ".crt"));
  server.mutable_tls()->set_key_file(absl::StrCat(pki_, "/", name, ".key"));
  server.mutable_tls()->set_ca_file(pki_ + "/ca.crt");
  if (std::find(node->services.begin(), node->services.end(), "document") != node->services.end()) {
    auto& document = *node->config.mutable_document();
    document.set_report_certificate_file(report_signer());
    document.set_report_key_file(absl::StrCat(pki_, "/", kReportSigner, ".key"));
  }
  if (shape_ == Shape::kCluster) GH_RETURN_IF_ERROR(UsePostgresql(*node));
  nodes_.push_back(std::move(node));
  return absl::OkStatus();
}

absl::Status Deployment::UsePostgresql(Node& node) {
  GH_ASSIGN_OR_RETURN(node.store, testing::MakeTestStore(testing::StoreKind::kPostgresql));
  node.config.mutable_stores(0)->set_dsn(node.store->dsn());
  node.config.mutable_kafka()->set_brokers(brokers_);
  GH_RETURN_IF_ERROR(RunOrFail({"openssl", "rand", "-hex", "-out", node.config.seal_key_file(), "32"}));
  std::filesystem::permissions(node.config.seal_key_file(), std::filesystem::perms::owner_read);
  GH_RETURN_IF_ERROR(WriteConfig(node));
  return Migrate(node);
}

absl::Status Deployment::Migrate(const Node& node) {
  return RunOrFail({BinFolder() + "/gatehouse", "migrate", "--config", node.folder + "/config.textproto"});
}

absl::Status Deployment::WriteConfig(const Node& node) {
  std::string text;
  GH_CHECK(google::protobuf::TextFormat::PrintToString(node.config, &text));
  std::ofstream(node.folder + "/config.textproto") << text;
  return absl::OkStatus();
}

absl::Status Deployment::StartAll() {
  // kServices is in the order of need: inspection, which calls the others, is last.
  for (const auto& node : nodes_) GH_RETURN_IF_ERROR(StartNode(*node));
  return absl::OkStatus();
}

absl::Status Deployment::StartNode(Node& node) {
  for (auto& peer : *node.config.mutable_peers()) peer.set_address(address(peer.service()));
  GH_RETURN_IF_ERROR(WriteConfig(node));
  const std::string port_file = node.config.server().port_file();
  std::filesystem::remove(port_file);
  const std::string program = node.services.size() > 1 ? node.name : "gatehouse-" + node.name;
  GH_ASSIGN_OR_RETURN(node.process, Process::Start({absl::StrCat(BinFolder(), "/", program), "--config",
                                                    node.folder + "/config.textproto"},
                                                   node.folder + "/log"));
  const absl::Time deadline = absl::Now() + kStartTimeout;
  while (!std::filesystem::exists(port_file)) {
    if (!node.process->running() || absl::Now() > deadline) {
      return absl::UnavailableError(absl::StrCat(node.name, " did not start: ", LogTail(node)));
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
  int port = 0;
  std::ifstream(port_file) >> port;
  // The others know this address: a restart comes back to it.
  node.address = absl::StrCat("localhost:", port);
  node.config.mutable_server()->set_listen(absl::StrCat("127.0.0.1:", port));
  return absl::OkStatus();
}

absl::Status Deployment::StopAll() {
  for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {
    GH_ASSIGN_OR_RETURN(const int exit_code, (*node)->process->Terminate());
    if (exit_code != 0) {
      return absl::InternalError(absl::StrCat((*node)->name, " ended with ", exit_code, ": ", LogTail(**node)));
    }
  }
  return absl::OkStatus();
}

std::string Deployment::report_signer() const { return absl::StrCat(pki_, "/", kReportSigner, ".crt"); }

Node& Deployment::node(const std::string& service) {
  for (const auto& node : nodes_) {
    if (std::find(node->services.begin(), node->services.end(), service) != node->services.end()) return *node;
  }
  GH_CHECK(false);
}

std::vector<std::string> Deployment::audit_folders() const {
  std::vector<std::string> folders;
  for (const auto& node : nodes_) folders.push_back(node->folder + "/data/audit");
  return folders;
}

}  // namespace gatehouse::integration
