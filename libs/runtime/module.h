// A module is one service's object graph: built from a Platform, it offers gRPC services, background work, health and a
// stop. A service binary runs one module; gatehouse-post runs all of them. The list is explicit (run.h).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gatehouse/runtime/v1/config.pb.h"
#include "libs/audit/audit.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/events/outbox.h"
#include "libs/observe/conditions.h"
#include "libs/observe/metrics.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/handle.h"
#include "libs/seal/seal.h"
#include "libs/sql/migrate.h"
#include "libs/sql/sql.h"

namespace grpc {
class Service;
}

namespace gatehouse::runtime {

// What a module is given. Everything referred to outlives the module.
class Platform {
 public:
  virtual ~Platform() = default;
  virtual const gatehouse::runtime::v1::Config& config() const = 0;
  virtual base::Clock& clock() = 0;
  virtual base::Random& random() = 0;
  virtual observe::Metrics& metrics() = 0;
  // What is wrong with the process right now; names begin with the module's word.
  virtual observe::Conditions& conditions() = 0;
  // The shared part of this module's handlers.
  virtual rpc::Host& host() = 0;
  // This module's store, opened and migrated (or checked), with the outbox and seal tables that its migrations made.
  virtual sql::Database& database() = 0;
  virtual events::Outbox& outbox() = 0;
  virtual seal::Sealer& sealer() = 0;
  // Call after a write that appended events, so that the relay does not wait for its poll.
  virtual void WakeRelay() = 0;
  // The way to another service: in process when it is in this process, else the configured peer. FAILED_PRECONDITION
  // when neither.
  virtual absl::StatusOr<rpc::Peer*> peer(std::string_view service) = 0;
};

class Module {
 public:
  virtual ~Module() = default;
  // Alive as long as the module.
  virtual std::vector<grpc::Service*> services() = 0;
  // The server is up and peers are reachable: start background work, make stubs.
  virtual absl::Status Start() = 0;
  // The server is drained: stop background work, drop stubs. Called once, also when Start failed.
  virtual void Stop() = 0;
  // OK, or why it cannot serve. Asked every few seconds, from a thread of its own with five seconds of work time
  // (libs/base/deadline.h), between Start and Stop; one that does not answer in that time is not serving either.
  virtual absl::Status Health() { return absl::OkStatus(); }
};

struct ModuleEntry {
  std::string_view name;  // the service's word
  std::span<const sql::Migration> migrations;
  absl::StatusOr<std::unique_ptr<Module>> (*make)(Platform& platform);
  // What the module would refuse at a start: the files and values that the configuration names for it, read and judged,
  // nothing changed. A start and --check-config both ask it first, so that they accept the same. INVALID_ARGUMENT;
  // null: nothing beyond what ReadConfig checks.
  absl::Status (*check)(const v1::Config& config) = nullptr;
};

}  // namespace gatehouse::runtime
