// gatehouse: the command line for operators. One binary, verbs by service.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "tools/gatehouse/context.h"
#include "tools/gatehouse/verbs.h"

namespace {

std::string Environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace gatehouse::cli;
  Context context;
  context.server = Environment("GATEHOUSE_SERVER", "localhost:7443");
  context.pki_dir = Environment("GATEHOUSE_PKI", "run/pki");
  context.identity = Environment("GATEHOUSE_IDENTITY", "officer-1");
  context.progress = isatty(STDERR_FILENO) != 0;
  context.colour = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;

  CLI::App app("Gatehouse: an open border-management platform", "gatehouse");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_flag("--json", context.json, "One JSON object per line on standard output");
  app.add_option("--server", context.server, "host:port of the service ($GATEHOUSE_SERVER)")->capture_default_str();
  app.add_option("--pki", context.pki_dir, "Folder with ca.crt and IDENTITY.crt/.key ($GATEHOUSE_PKI)")
      ->capture_default_str();
  app.add_option("--as", context.identity, "Whose certificate is used ($GATEHOUSE_IDENTITY)")->capture_default_str();
  app.add_option("--timeout-ms", context.timeout_ms, "Deadline of each call")->capture_default_str();
  AddVerbs(app, context);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    // The first word that is no verb says more than that a verb is missing.
    const std::vector<std::string> unknown = app.remaining(/*recurse=*/true);
    std::cerr << "gatehouse: " << error.what();
    if (!unknown.empty()) std::cerr << ": there is no `" << unknown.front() << "`";
    std::cerr << "\nSee `gatehouse --help` or `gatehouse VERB --help`.\n";
    return kBadUsage;
  }
  return context.exit_code;
}
