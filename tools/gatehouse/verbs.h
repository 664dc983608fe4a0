// Every verb of the command line, one Add function a service. Verbs are a contract: added, never renamed.
#pragma once

#include <string>

#include "tools/gatehouse/context.h"

namespace CLI {
class App;
}

namespace gatehouse::cli {

// The explicit list (verbs.cc): document, trust, notice, watchlist, inspect/decide/inspections, crossings/traveller,
// events, audit, pki, migrate, health.
void AddVerbs(CLI::App& app, Context& context);

// A subcommand that also understands the flags every verb has.
CLI::App* AddVerb(CLI::App& parent, const std::string& name, const std::string& description);

}  // namespace gatehouse::cli
