// The Platform of one module: its store, outbox, keys, relay, host and ways to peers. Private to libs/runtime.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "libs/authz/authz.h"
#include "libs/base/periodic.h"
#include "libs/events/pruner.h"
#include "libs/events/relay.h"
#include "libs/events/sink.h"
#include "libs/rpc/admission.h"
#include "libs/rpc/heard.h"
#include "libs/rpc/local_methods.h"
#include "libs/runtime/manifest.h"
#include "libs/runtime/module.h"

namespace gatehouse::runtime {

// What the modules of a process share; everything referred to outlives them.
struct Shared {
  const v1::Config& config;
  Manifest& manifest;
  base::Clock& clock;
  base::Random& random;
  observe::Metrics& metrics;
  observe::Conditions& conditions;
  const authz::Matrix& matrix;
  audit::Log& audit;
  rpc::Admission& admission;
  rpc::LocalMethods& local_methods;
  rpc::Heard& heard;
  std::string local_token;
  std::set<std::string, std::less<>> services;  // the modules of this process
};

class ModulePlatform final : public Platform {
 public:
  static absl::StatusOr<std::unique_ptr<ModulePlatform>> Open(const Shared& shared, const ModuleEntry& entry);

  const std::string& name() const { return name_; }
  const v1::Config& config() const override { return shared_.config; }
  base::Clock& clock() override { return shared_.clock; }
  base::Random& random() override { return shared_.random; }
  observe::Metrics& metrics() override { return shared_.metrics; }
  observe::Conditions& conditions() override { return shared_.conditions; }
  rpc::Host& host() override { return *host_; }
  sql::Database& database() override { return *database_; }
  events::Outbox& outbox() override { return *outbox_; }
  seal::Sealer& sealer() override { return *sealer_; }
  void WakeRelay() override;
  absl::StatusOr<rpc::Peer*> peer(std::string_view service) override;

  // The server runs: peers in this process can be reached.
  void AttachPeers(std::shared_ptr<grpc::Channel> in_process);
  // Before the server shuts down.
  void DropPeers();
  void StartRelay();
  void StopRelay();
  // Sets the gauges and conditions of the relay and of dead letters.
  void ReportRelay();

 private:
  ModulePlatform(const Shared& shared, std::string name) : shared_(shared), name_(std::move(name)) {}
  absl::Status OpenRelay();
  void OpenPruner();
  void Prune();
  void ReportDeadLetters();
  std::unique_ptr<rpc::Breaker> NewBreaker(std::string_view peer);

  const Shared& shared_;
  const std::string name_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<events::Outbox> outbox_;
  std::unique_ptr<seal::Sealer> sealer_;
  std::unique_ptr<events::Sink> sink_;    // null without a broker
  std::unique_ptr<events::Relay> relay_;  // likewise
  std::unique_ptr<events::Pruner> pruner_;
  std::unique_ptr<base::Periodic> prune_;
  std::mutex peers_mutex_;
  std::shared_ptr<grpc::Channel> in_process_;
  std::map<std::string, std::unique_ptr<rpc::LocalPeer>, std::less<>> local_peers_;
  std::map<std::string, std::unique_ptr<rpc::Peer>, std::less<>> network_peers_;
  std::unique_ptr<rpc::Host> host_;  // last: it waits for calls, which use the others
};

}  // namespace gatehouse::runtime
