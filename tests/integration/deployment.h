// The services as real processes, in either shape: a post (all of them in one process, on SQLite) or a cluster (a
// process each, mTLS between them, on PostgreSQL and Kafka). Configurations are those of deploy/examples with only
// paths, ports and stores of the test's own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gatehouse/runtime/v1/config.pb.h"
#include "libs/testing/test_store.h"
#include "tests/integration/process.h"

namespace gatehouse::integration {

enum class Shape { kPost, kCluster };

inline constexpr const char* kServices[] = {"document", "watchlist", "traveller", "inspection"};

// The folder of the binaries: $GATEHOUSE_BIN, else build/release/bin.
std::string BinFolder();

// One process of a deployment.
struct Node {
  std::string name;  // in audit and certificate: gatehouse-post, document, ...
  std::vector<std::string> services;
  gatehouse::runtime::v1::Config config;
  std::string folder;   // config.textproto, port, log and data
  std::string address;  // host:port, known once started; kept by restarts
  std::unique_ptr<testing::TestStore> store;
  std::unique_ptr<Process> process;
};

class Deployment {
 public:
  // Last changes to the configuration of each process, before it starts first.
  using Edit = std::function<void(gatehouse::runtime::v1::Config&)>;
  // Writes everything below `folder` and starts all processes. UNAVAILABLE when the servers of a cluster cannot be had.
  static absl::StatusOr<std::unique_ptr<Deployment>> Start(Shape shape, const std::string& folder,
                                                           const Edit& edit = nullptr);

  Shape shape() const { return shape_; }
  // Where the certificates of `gatehouse pki init` are.
  const std::string& pki() const { return pki_; }
  // The certificate of whoever signs the document service's reports.
  std::string report_signer() const;
  // Empty for a post.
  const std::string& brokers() const { return brokers_; }
  const std::string& address(const std::string& service) { return node(service).address; }
  std::vector<std::string> audit_folders() const;
  Node& node(const std::string& service);
  std::vector<std::unique_ptr<Node>>& nodes() { return nodes_; }

  // Starts a process that is not running and waits until it serves. UNAVAILABLE with the end of its log.
  absl::Status StartNode(Node& node);
  // SIGTERM to all, the callers of others first; every exit code must be 0.
  absl::Status StopAll();
  absl::Status StartAll();

 private:
  Deployment(Shape shape, std::string folder)
      : shape_(shape), folder_(std::move(folder)), pki_(folder_ + "/pki"), keys_(folder_ + "/keys") {}
  absl::Status AddNode(const std::string& name, const std::string& example, std::vector<std::string> services);
  absl::Status UsePostgresql(Node& node);
  absl::Status Migrate(const Node& node);
  absl::Status WriteConfig(const Node& node);

  Shape shape_;
  std::string folder_;
  std::string pki_;
  std::string keys_;
  std::string brokers_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace gatehouse::integration
