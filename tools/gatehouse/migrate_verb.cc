// gatehouse migrate --config FILE
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "libs/runtime/process.h"
#include "libs/runtime/run.h"
#include "services/post/modules.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

// The services whose stores a configuration names; all of them when it names none (a post with its defaults), or one
// that no service has, which MigrateStores then refuses.
std::vector<runtime::ModuleEntry> ModulesOf(const gatehouse::runtime::v1::Config& config) {
  std::vector<runtime::ModuleEntry> modules = post::Modules();
  const auto is_known = [&modules](const auto& store) {
    return std::any_of(modules.begin(), modules.end(),
                       [&store](const runtime::ModuleEntry& entry) { return store.service() == entry.name; });
  };
  if (config.stores().empty() || !std::all_of(config.stores().begin(), config.stores().end(), is_known)) return modules;
  std::erase_if(modules, [&config](const runtime::ModuleEntry& entry) {
    return std::none_of(config.stores().begin(), config.stores().end(),
                        [&entry](const auto& store) { return store.service() == entry.name; });
  });
  return modules;
}

void Migrate(Context& context, const std::string& file) {
  const absl::StatusOr<gatehouse::runtime::v1::Config> config = runtime::ReadConfig(file);
  if (!config.ok()) return context.Fail(config.status());
  const std::vector<runtime::ModuleEntry> modules = ModulesOf(*config);
  if (const absl::Status status = runtime::MigrateStores(*config, modules); !status.ok()) return context.Fail(status);
  for (const runtime::ModuleEntry& entry : modules) {
    const int version = entry.migrations.empty() ? 0 : entry.migrations.back().version;
    if (context.json) {
      nlohmann::ordered_json json;
      json["service"] = std::string(entry.name);
      json["schema_version"] = version;
      *context.out << JsonLine(json) << "\n";
    } else {
      *context.out << entry.name << ": schema version " << version << "\n";
    }
  }
}

}  // namespace

void AddMigrateVerb(CLI::App& app, Context& context) {
  CLI::App* migrate = AddVerb(app, "migrate", "Bring the stores of a configuration to this version's schema");
  auto file = std::make_shared<std::string>();
  migrate->add_option("--config", *file, "The configuration of the process whose stores are migrated")->required();
  migrate->callback([&context, file] { Migrate(context, *file); });
}

}  // namespace gatehouse::cli
