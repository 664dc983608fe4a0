// What a configuration means: the parts of it that libs/runtime itself reads. ReadConfig is in run.h. Private to
// libs/runtime.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gatehouse/runtime/v1/config.pb.h"
#include "libs/rpc/channel.h"

namespace gatehouse::runtime {

inline constexpr std::string_view kSqlitePrefix = "sqlite:";

// The dsn of a service's store, with the path of an SQLite file made whole.
std::string StoreDsn(const v1::Config& config, std::string_view service);
bool IsSqlite(std::string_view dsn);

rpc::TlsFiles TlsOf(const v1::Config& config);

// What ReadConfig leaves: the contents of the files that a configuration names.
absl::Status CheckConfig(const v1::Config& config);

}  // namespace gatehouse::runtime
