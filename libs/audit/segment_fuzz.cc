// Any bytes as a segment: bounded, and what verifies decodes to what encodes again to the same bytes.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "libs/audit/segment.h"
#include "libs/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatehouse::audit;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<Leaf> leaf = DecodeLeaf(bytes);
  if (leaf.ok()) GH_CHECK(EncodeLeaf(*leaf).value() == bytes);
  absl::StatusOr<SegmentReader> reader = SegmentReader::Make(bytes);
  if (!reader.ok()) return 0;
  while (reader->Next() == SegmentReader::State::kLeaf) {
    GH_CHECK(reader->end_offset() <= size);
    DecodeLeaf(reader->content()).IgnoreError();
  }
  return 0;
}
