// Any bytes as a leaf, as a segment, and as the records behind a good header (whose hash no fuzzer would find):
// bounded, and what decodes encodes again to the same bytes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libs/audit/segment.h"
#include "libs/base/check.h"

namespace gatehouse::audit {
namespace {

void WalkSegment(std::string_view bytes) {
  absl::StatusOr<SegmentReader> reader = SegmentReader::Make(bytes);
  if (!reader.ok()) return;
  size_t before = reader->end_offset();
  while (reader->Next() == SegmentReader::State::kLeaf) {
    GH_CHECK(reader->end_offset() > before && reader->end_offset() <= bytes.size());
    before = reader->end_offset();
    const absl::StatusOr<Leaf> leaf = DecodeLeaf(reader->content());
    if (leaf.ok()) GH_CHECK(EncodeLeaves(*leaf) == std::vector<std::string>{std::string(reader->content())});
  }
}

}  // namespace
}  // namespace gatehouse::audit

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatehouse::audit;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<Leaf> leaf = DecodeLeaf(bytes);
  if (leaf.ok()) GH_CHECK(EncodeLeaves(*leaf) == std::vector<std::string>{std::string(bytes)});
  WalkSegment(bytes);
  std::string segment;
  AppendHeader({.number = 1, .process = "fuzz"}, segment);
  GH_CHECK(SegmentReader::Make(segment).ok());
  segment.append(bytes);
  WalkSegment(segment);
  return 0;
}
