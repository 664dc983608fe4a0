// What a configuration means: the parts of it that libs/runtime itself reads. ReadConfig is in run.h. Private to
// libs/runtime.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gatehouse/runtime/v1/config.pb.h"
#include "libs/rpc/channel.h"
#include "libs/runtime/module.h"

namespace gatehouse::runtime {

inline constexpr std::string_view kSqlitePrefix = "sqlite:";

// The dsn of a service's store, with the path of an SQLite file made whole.
std::string StoreDsn(const v1::Config& config, std::string_view service);
bool IsSqlite(std::string_view dsn);

rpc::TlsFiles TlsOf(const v1::Config& config);

// INVALID_ARGUMENT: a store of no module, or, as soon as one is named, a module without a store.
absl::Status CheckStores(const v1::Config& config, const std::vector<ModuleEntry>& modules);

// Everything that a start refuses and that can be told without changing anything: what ReadConfig leaves. A start and
// --check-config both ask it. INVALID_ARGUMENT with what to do.
absl::Status CheckConfig(const v1::Config& config, const std::vector<ModuleEntry>& modules);

}  // namespace gatehouse::runtime
