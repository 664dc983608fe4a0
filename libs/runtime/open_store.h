// Opens the store of a module, or says that it is not the one it was. Each store carries an id of its own in the table
// gatehouse_store; the manifest of the data folder, and the configuration where it wants to, know it. Private to
// libs/runtime.
#pragma once

#include <memory>

#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/runtime/manifest.h"
#include "libs/runtime/module.h"

namespace gatehouse::runtime {

struct StoreDeps {
  const v1::Config& config;
  Manifest& manifest;
  base::Clock& clock;
  base::Random& random;
  // Bring PostgreSQL stores to the binary's schema too; SQLite ones always are.
  bool migrate_server = false;
};

struct OpenedStore {
  std::unique_ptr<sql::Database> database;
  std::string id;
};

// True when the store is SQLite's, has never answered anybody, and is to be made.
bool StoreIsNew(const v1::Config& config, const Manifest& manifest, std::string_view service);

// True when the store is there and has the id that the manifest knows: then nothing of it is lost.
bool StoreIsWhole(const v1::Config& config, const Manifest& manifest, std::string_view service);

// FAILED_PRECONDITION, by name and with what to do: the manifest knows the store, and it is absent, empty or another;
// or its schema is behind (a server's, without migrate_server) or too new. UNAVAILABLE: it cannot be reached.
absl::StatusOr<OpenedStore> OpenStore(const StoreDeps& deps, const ModuleEntry& entry);

}  // namespace gatehouse::runtime
