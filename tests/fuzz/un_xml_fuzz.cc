// Any bytes as a UN list: refused or read; what was read can be indexed, stored and screened.
#include <cstdint>
#include <cstdlib>

#include "services/watchlist/screen.h"
#include "services/watchlist/snapshot_codec.h"

using gatehouse::watchlist::DecodeSnapshot;
using gatehouse::watchlist::EncodeSnapshot;
using gatehouse::watchlist::ImportUnXml;
using gatehouse::watchlist::MakeContent;
using gatehouse::watchlist::Query;
using gatehouse::watchlist::Screen;
using gatehouse::watchlist::Snapshot;
using gatehouse::watchlist::SnapshotContent;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto result = ImportUnXml({reinterpret_cast<const char*>(data), size});
  if (!result.ok()) return 0;
  const SnapshotContent content = MakeContent("fuzz", *std::move(result), absl::UnixEpoch());
  const auto decoded = DecodeSnapshot(EncodeSnapshot(content));
  if (!decoded.ok() || !(*decoded == content)) std::abort();
  const auto snapshot = Snapshot::Build(content);
  Query query;
  for (const auto& record : content.records) {
    query.name = record.names[0].text;
    Screen(query, {{"fuzz", snapshot}}, {});
    break;
  }
  return 0;
}
