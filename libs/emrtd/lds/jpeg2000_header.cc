#include "libs/emrtd/lds/jpeg2000_header.h"

#include <algorithm>
#include <array>

#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/record_reader.h"

namespace gatehouse::emrtd {
namespace {

using pki::Malformed;

constexpr std::string_view kField = "JPEG 2000 image";
enum Marker : uint32_t {
  kStart = 0xFF4F,
  kSize = 0xFF51,
  kCodingStyle = 0xFF52,
  kCodingStyleOfComponent = 0xFF53,
  kProgressionChange = 0xFF5F,
  kTilePart = 0xFF90,
  kData = 0xFF93,
  kEnd = 0xFFD9,
};
constexpr uint32_t kHeaderBox = 0x6A703268, kColourBox = 0x636F6C72, kPaletteBox = 0x70636C72,
                   kCodestreamBox = 0x6A703263;

absl::Status TooMuch(const char* what) { return absl::ResourceExhaustedError(std::string(kField) + ": " + what); }

struct Box {
  uint32_t type = 0;
  Bytes contents;
};

absl::StatusOr<Box> NextBox(RecordReader& reader) {
  GH_ASSIGN_OR_RETURN(const uint32_t length, reader.Number(4));
  Box box;
  GH_ASSIGN_OR_RETURN(box.type, reader.Number(4));
  uint64_t header_bytes = 8, box_bytes = length;
  if (length == 1) {
    GH_ASSIGN_OR_RETURN(const uint32_t high, reader.Number(4));
    GH_ASSIGN_OR_RETURN(const uint32_t low, reader.Number(4));
    header_bytes = 16;
    box_bytes = uint64_t{high} << 32 | low;
  } else if (length == 0) {  // to the end of the file
    box_bytes = header_bytes + reader.rest().size();
  }
  if (box_bytes < header_bytes) return Malformed(kField, "has a box shorter than its header");
  // Some writers count the last box too long: the codestream has an end of its own.
  const uint64_t stated = box_bytes - header_bytes;
  GH_ASSIGN_OR_RETURN(box.contents, reader.Take(std::min<uint64_t>(stated, reader.rest().size())));
  return box;
}

absl::Status ReadHeaderBox(Bytes contents, Jpeg2000Header& header) {
  RecordReader reader(contents, kField);
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Box box, NextBox(reader));
    if (box.type == kPaletteBox) header.has_palette = true;
    constexpr size_t kEnumeratedColourBytes = 7;
    constexpr uint8_t kEnumerated = 1, kLumaChroma = 18;
    if (box.type == kColourBox && box.contents.size() >= kEnumeratedColourBytes && box.contents[0] == kEnumerated) {
      header.is_luma_chroma = box.contents[6] == kLumaChroma;
    }
  }
  return absl::OkStatus();
}

absl::Status FindCodestream(Bytes file, Jpeg2000Header& header) {
  RecordReader start(file, kField);
  GH_ASSIGN_OR_RETURN(const uint32_t first, start.Number(2));
  if (first == kStart) {
    header.codestream = file;
    return absl::OkStatus();
  }
  RecordReader reader(file, kField);
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Box box, NextBox(reader));
    if (box.type == kHeaderBox) GH_RETURN_IF_ERROR(ReadHeaderBox(box.contents, header));
    if (box.type != kCodestreamBox) continue;
    header.codestream = box.contents;
    return absl::OkStatus();
  }
  return Malformed(kField, "holds no codestream");
}

struct TileGrid {
  uint64_t tile_width = 0, tile_height = 0;
  uint64_t tiles = 0;
};

uint64_t DivideUp(uint64_t value, uint64_t by) { return (value + by - 1) / by; }

// SIZ: capabilities, then the corners of picture and first tile on the reference grid, then the components.
absl::Status ReadSize(RecordReader segment, Jpeg2000Header& header, TileGrid& grid) {
  GH_RETURN_IF_ERROR(segment.Skip(2));
  std::array<uint32_t, 8> numbers;  // X, Y, XO, YO, XT, YT, XTO, YTO
  for (uint32_t& number : numbers) {
    GH_ASSIGN_OR_RETURN(number, segment.Number(4));
  }
  const auto [x, y, x_offset, y_offset, tile_x, tile_y, tile_x_offset, tile_y_offset] = numbers;
  GH_ASSIGN_OR_RETURN(const uint32_t components, segment.Number(2));
  if (x <= x_offset || y <= y_offset || tile_x == 0 || tile_y == 0 || tile_x_offset > x_offset ||
      tile_y_offset > y_offset || components == 0) {
    return Malformed(kField, "has impossible dimensions");
  }
  constexpr uint32_t kMaxComponents = 16;
  if (components > kMaxComponents) return TooMuch("components beyond the limit");
  for (uint32_t i = 0; i < components; ++i) {
    GH_ASSIGN_OR_RETURN(const uint32_t depth, segment.Number(1));
    GH_ASSIGN_OR_RETURN(const uint32_t step, segment.Number(2));
    if ((depth & 0x7F) + 1 > 16) return absl::UnimplementedError("pixels of more than 16 bits are not decoded");
    if (step >> 8 == 0 || (step & 0xFF) == 0) return Malformed(kField, "has a component without pixels");
  }
  header.width = x - x_offset;
  header.height = y - y_offset;
  header.components = static_cast<int>(components);
  grid.tile_width = std::min<uint64_t>(tile_x, x);
  grid.tile_height = std::min<uint64_t>(tile_y, y);
  grid.tiles = DivideUp(x - tile_x_offset, tile_x) * DivideUp(y - tile_y_offset, tile_y);
  return grid.tiles > kMaxTiles ? TooMuch("tiles beyond the limit") : absl::OkStatus();
}

// The coding style of COD and COC: levels, size of the code blocks, and of the precincts where they are stated.
absl::Status CheckStyle(RecordReader& segment, bool with_precincts, const TileGrid& grid, uint64_t components,
                        uint64_t layers) {
  GH_ASSIGN_OR_RETURN(const uint32_t levels, segment.Number(1));
  if (levels > kMaxResolutionLevels) return TooMuch("resolution levels beyond the limit");
  GH_ASSIGN_OR_RETURN(const uint32_t block_width, segment.Number(1));
  GH_ASSIGN_OR_RETURN(const uint32_t block_height, segment.Number(1));
  GH_RETURN_IF_ERROR(segment.Skip(2));  // style of the code blocks, transformation
  if (block_width > 8 || block_height > 8) return Malformed(kField, "has impossible code blocks");
  uint64_t precincts = 0, blocks = 0;
  for (uint32_t level = 0; level <= levels; ++level) {
    uint32_t precinct = 0xFF;  // the largest, 2^15 by 2^15
    if (with_precincts) {
      GH_ASSIGN_OR_RETURN(precinct, segment.Number(1));
    }
    const uint64_t scale = uint64_t{1} << (levels - level);
    // One more on each side: a tile need not begin at a multiple of the precinct.
    const uint64_t width = DivideUp(grid.tile_width, scale), height = DivideUp(grid.tile_height, scale);
    const uint64_t across = DivideUp(width, uint64_t{1} << (precinct & 0x0F)) + 1;
    const uint64_t down = DivideUp(height, uint64_t{1} << (precinct >> 4)) + 1;
    precincts += across * down;
    blocks +=
        (across + DivideUp(width, uint64_t{4} << block_width)) * (down + DivideUp(height, uint64_t{4} << block_height));
  }
  const uint64_t all = grid.tiles * components;
  if (precincts * all > kMaxPrecincts || precincts * all * layers > kMaxPackets || blocks * all > kMaxCodeBlocks) {
    return TooMuch("precincts, packets or code blocks beyond the limit");
  }
  return absl::OkStatus();
}

// Markers and segments from SIZ to the end of the codestream.
class CodestreamWalk {
 public:
  CodestreamWalk(RecordReader reader, Jpeg2000Header& header) : reader_(reader), header_(header) {}

  absl::Status Run() {
    GH_ASSIGN_OR_RETURN(const uint32_t start, reader_.Number(2));
    if (start != kStart) return Malformed(kField, "does not begin as one");
    GH_RETURN_IF_ERROR(ReadMainHeader());
    return ReadTileParts();
  }

 private:
  absl::StatusOr<RecordReader> Segment() {
    GH_ASSIGN_OR_RETURN(const uint32_t length, reader_.Number(2));
    if (length < 2) return Malformed(kField, "has a segment shorter than its length");
    GH_ASSIGN_OR_RETURN(const Bytes contents, reader_.Take(length - 2));
    return RecordReader(contents, kField);
  }

  // Up to the first tile-part, whose marker is then consumed.
  absl::Status ReadMainHeader() {
    for (bool first = true;; first = false) {
      GH_ASSIGN_OR_RETURN(const uint32_t marker, reader_.Number(2));
      if (first != (marker == kSize)) return Malformed(kField, "has no size, or not where it must stand");
      if (marker == kTilePart) break;
      if (marker < 0xFF00) return Malformed(kField, "has something else where a marker must stand");
      GH_ASSIGN_OR_RETURN(RecordReader segment, Segment());
      if (marker == kSize) {
        GH_RETURN_IF_ERROR(ReadSize(segment, header_, grid_));
      } else if (marker == kCodingStyle) {
        GH_RETURN_IF_ERROR(ReadCodingStyle(segment));
      } else if (marker == kCodingStyleOfComponent) {
        GH_RETURN_IF_ERROR(ReadCodingStyleOfComponent(segment));
      } else if (marker == kProgressionChange) {
        return absl::UnimplementedError("pictures that change their progression are not decoded");
      }
    }
    return has_style_ ? absl::OkStatus() : Malformed(kField, "has no coding style");
  }

  absl::Status ReadCodingStyle(RecordReader& segment) {
    GH_ASSIGN_OR_RETURN(const uint32_t style, segment.Number(1));
    GH_RETURN_IF_ERROR(segment.Skip(1));  // order of progression
    GH_ASSIGN_OR_RETURN(layers_, segment.Number(2));
    if (layers_ == 0) return Malformed(kField, "has no layer");
    if (layers_ > kMaxLayers) return TooMuch("layers beyond the limit");
    GH_RETURN_IF_ERROR(segment.Skip(1));  // transformation of components
    has_style_ = true;
    return CheckStyle(segment, (style & 1) != 0, grid_, static_cast<uint64_t>(header_.components), layers_);
  }

  absl::Status ReadCodingStyleOfComponent(RecordReader& segment) {
    if (!has_style_) return Malformed(kField, "has the style of a component before that of all");
    GH_RETURN_IF_ERROR(segment.Skip(1));  // the component; there are fewer than 257
    GH_ASSIGN_OR_RETURN(const uint32_t style, segment.Number(1));
    return CheckStyle(segment, (style & 1) != 0, grid_, static_cast<uint64_t>(header_.components), layers_);
  }

  // SOT: tile, length of the part from its marker on, number of the part, number of parts.
  absl::Status ReadTileParts() {
    constexpr uint32_t kMaxTileParts = 4096;
    for (uint32_t part = 0; part < kMaxTileParts; ++part) {
      constexpr size_t kTilePartHeaderBytes = 12;
      GH_ASSIGN_OR_RETURN(RecordReader segment, Segment());
      GH_RETURN_IF_ERROR(segment.Skip(2));
      GH_ASSIGN_OR_RETURN(const uint32_t length, segment.Number(4));
      const size_t before = reader_.rest().size();
      GH_RETURN_IF_ERROR(ReadTilePartHeader());
      if (length == 0) return absl::OkStatus();  // the last part, up to the end
      const size_t used = kTilePartHeaderBytes + before - reader_.rest().size();
      if (length < used) return Malformed(kField, "has a tile-part shorter than its header");
      // A picture that was cut short is the decoder's to judge.
      if (length - used >= reader_.rest().size()) return absl::OkStatus();
      GH_RETURN_IF_ERROR(reader_.Skip(length - used));
      const absl::StatusOr<uint32_t> marker = reader_.Number(2);
      if (!marker.ok() || *marker != kTilePart) return absl::OkStatus();
    }
    return TooMuch("tile-parts beyond the limit");
  }

  absl::Status ReadTilePartHeader() {
    while (true) {
      GH_ASSIGN_OR_RETURN(const uint32_t marker, reader_.Number(2));
      if (marker == kData) return absl::OkStatus();
      if (marker == kCodingStyle || marker == kCodingStyleOfComponent || marker == kProgressionChange) {
        return absl::UnimplementedError("pictures with tiles of their own coding style are not decoded");
      }
      if (marker < 0xFF00) return Malformed(kField, "has something else where a marker must stand");
      GH_RETURN_IF_ERROR(Segment().status());
    }
  }

  RecordReader reader_;
  Jpeg2000Header& header_;
  TileGrid grid_;
  bool has_style_ = false;
  uint32_t layers_ = 1;
};

}  // namespace

absl::StatusOr<Jpeg2000Header> ReadJpeg2000Header(Bytes file) {
  Jpeg2000Header header;
  GH_RETURN_IF_ERROR(FindCodestream(file, header));
  GH_RETURN_IF_ERROR(CodestreamWalk(RecordReader(header.codestream, kField), header).Run());
  return header;
}

}  // namespace gatehouse::emrtd
