#include "tools/gatehouse/verbs_for_tests.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {

VerbResult Gatehouse(std::vector<std::string> arguments, const VerbOptions& options) {
  std::ostringstream out, err;
  Context context;
  context.server = "localhost:1";  // nobody serves there
  context.identity = "officer-1";
  context.pki_dir = options.pki_dir;
  context.colour = options.colour;
  context.out = &out;
  context.err = &err;
  CLI::App app("", "gatehouse");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_flag("--json", context.json);
  AddVerbs(app, context);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return {kBadUsage, out.str(), error.what()};
  }
  return {context.exit_code, out.str(), err.str()};
}

}  // namespace gatehouse::cli
