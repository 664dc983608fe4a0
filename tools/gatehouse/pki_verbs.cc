// gatehouse pki init [--dir DIR] [--identity NAME]... [--service NAME]... [--host NAME]...
#include "tools/gatehouse/pki_verbs.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "tools/gatehouse/pki_init.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

struct InitOptions {
  std::string dir;
  PkiOptions pki;
};

void Init(Context& context, InitOptions options) {
  if (options.dir.empty()) options.dir = context.pki_dir;
  if (options.pki.services.empty() && options.pki.clients.empty()) {
    options.pki.services = DevelopmentServices();
    options.pki.clients = DevelopmentClients();
  }
  const absl::StatusOr<std::vector<PkiEntry>> entries = MakeDevelopmentPki(options.dir, options.pki);
  // Here no service is called: a disk that refuses is not an unreachable service.
  if (absl::IsUnavailable(entries.status())) return context.Fail(absl::InternalError(entries.status().message()));
  if (!entries.ok()) return context.Fail(entries.status());
  Table table({"identity", "state", "valid until", "certificate"});
  for (const PkiEntry& entry : *entries) {
    const char* const state = entry.made ? "made" : "kept";
    const std::string not_after = absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ", entry.not_after, absl::UTCTimeZone());
    if (context.json) {
      *context.out << JsonLine({{"identity", entry.identity},
                                {"state", state},
                                {"not_after", not_after},
                                {"certificate_file", entry.certificate_file}})
                   << "\n";
    } else {
      table.Add({entry.identity, state, not_after, entry.certificate_file});
    }
  }
  if (!context.json) table.Print(*context.out, context.colour);
}

}  // namespace

void AddPkiVerbs(CLI::App& app, Context& context) {
  CLI::App* pki = AddVerb(app, "pki", "Certificates for development");
  pki->require_subcommand(1);
  CLI::App* init = AddVerb(*pki, "init", "Make a development CA and the certificates that are missing");
  auto options = std::make_shared<InitOptions>();
  init->add_option("--dir", options->dir, "Folder of the certificates; --pki when left out");
  init->add_option("--identity", options->pki.clients, "A person or machine; the development identities when left out");
  init->add_option("--service", options->pki.services, "A service: its certificate also serves");
  init->add_option("--host", options->pki.hosts, "One more name or address of the services");
  init->callback([&context, options] { Init(context, *options); });
}

}  // namespace gatehouse::cli
