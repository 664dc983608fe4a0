// A running process: modules on their stores behind one server, from Start to Drain. Run (run.h) adds flags, signals
// and exit codes; testing.h adds a temporary folder and certificates. Private to libs/runtime.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/runtime/module.h"

namespace gatehouse::runtime {

class Process {
 public:
  struct Deps {
    v1::Config config;  // checked
    std::vector<ModuleEntry> modules;
    base::Clock& clock;
    base::Random& random;
  };
  // Serves on return. The status says in one line what is missing or in the way.
  static absl::StatusOr<std::unique_ptr<Process>> Start(Deps deps);
  // After a Drain that returned true, or one that is made now.
  virtual ~Process() = default;

  virtual int port() const = 0;
  // Health not serving; the port shut and clients told to go away; calls in flight finish; modules stop and drop their
  // stubs; relays stop; the server of the calls inside shuts down; stores close. False when calls were still in flight
  // at server.drain_timeout_ms, or a module's Health() hangs: nothing was torn down under them, and the process should
  // end at once, as after a crash, which loses nothing acknowledged.
  virtual bool Drain() = 0;
};

// Migrates every store of the modules, servers included. FAILED_PRECONDITION as a start: a store that is not the one it
// was is not made anew.
absl::Status MigrateStores(const v1::Config& config, const std::vector<ModuleEntry>& modules);

// A person knows that something is gone, and the next start may make it: a service's store, "audit", or "folder" (the
// manifest, or the whole data folder). Changes what the folder knows, and touches no data. FAILED_PRECONDITION when it
// is not missing from what the folder knows, or a process holds the folder.
absl::Status BeginAnew(const v1::Config& config, const std::string& part);

}  // namespace gatehouse::runtime
