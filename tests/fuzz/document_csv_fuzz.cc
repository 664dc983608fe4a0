// Any bytes as a document list: refused or read, and every row that was read is found again by its own number.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "services/watchlist/screen.h"

using gatehouse::watchlist::DocumentQuery;
using gatehouse::watchlist::Hit;
using gatehouse::watchlist::ImportDocumentCsv;
using gatehouse::watchlist::MakeContent;
using gatehouse::watchlist::Query;
using gatehouse::watchlist::Screen;
using gatehouse::watchlist::Snapshot;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto result = ImportDocumentCsv({reinterpret_cast<const char*>(data), size});
  if (!result.ok()) return 0;
  if (result->rows != result->documents.size() + result->rejected.size()) std::abort();
  const auto snapshot = Snapshot::Build(MakeContent("fuzz", *std::move(result), absl::UnixEpoch()));
  for (const auto& record : snapshot->content().documents) {
    Query query;
    query.document = DocumentQuery{record.document.number, record.document.issuer, record.document.type};
    const auto answers = Screen(query, {{"fuzz", snapshot}}, {});
    const auto& hits = answers[0].hits;
    if (std::none_of(hits.begin(), hits.end(), [&](const Hit& hit) { return hit.record_id == record.record_id; })) {
      std::abort();
    }
  }
  return 0;
}
