// The main of every Gatehouse process:
//
//   int main(int argc, char** argv) { return runtime::Run(argc, argv, {document::kModule}); }
//
//   PROGRAM --config FILE [--check-config | --migrate | --begin-anew PART]
//
// Reads the text-format configuration (an unknown field is refused with its line), takes data_dir for itself, opens
// audit, stores, keys and matrix, migrates SQLite stores and checks PostgreSQL ones, builds the modules, starts the
// server, relays and metrics, and serves until SIGTERM or SIGINT drains it; a second signal ends it at once.
//   --check-config     checks the configuration and the files it names as a start does, changes nothing, and exits.
//   --migrate          migrates the stores of this process, PostgreSQL included, and exits.
//   --begin-anew PART  a person knows that PART is gone (a service's store, "audit", "folder"): the next start may make
//                      it, instead of refusing (docs/runbooks/lost-database.md). Exits.
// A process writes no core dump and may not be traced, unless allow_core_dumps: its memory holds the master key.
// Exit code 0 after a clean drain, 2 for a bad configuration, 1 for anything else; the reason is on stderr in one line.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/runtime/module.h"

namespace gatehouse::runtime {

int Run(int argc, char** argv, const std::vector<ModuleEntry>& modules);

// Reads and checks a configuration file. INVALID_ARGUMENT with file, line and reason.
absl::StatusOr<gatehouse::runtime::v1::Config> ReadConfig(const std::string& file);

}  // namespace gatehouse::runtime
