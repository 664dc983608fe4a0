// The headers of a JPEG 2000 picture (ISO/IEC 15444-1): what a decoder would allocate and how long it would run, told
// from the bytes alone. Internal to libs/emrtd/lds.
#pragma once

#include "libs/pki/tlv.h"

namespace gatehouse::emrtd {

using pki::Bytes;

inline constexpr uint32_t kMaxTiles = 256;
inline constexpr uint32_t kMaxResolutionLevels = 12;
inline constexpr uint32_t kMaxLayers = 256;
// Precincts, and packets of them, over all tiles, components, levels and layers. A portrait has some hundred.
inline constexpr uint64_t kMaxPrecincts = 64 * 1024;
inline constexpr uint64_t kMaxPackets = 1024 * 1024;
inline constexpr uint64_t kMaxCodeBlocks = 256 * 1024;

struct Jpeg2000Header {
  Bytes codestream;  // without the boxes of a JP2 file around it
  uint32_t width = 0;
  uint32_t height = 0;
  int components = 0;
  bool has_palette = false;     // box pclr
  bool is_luma_chroma = false;  // enumerated colour space sYCC
};

// INVALID_ARGUMENT: no picture. RESOURCE_EXHAUSTED: beyond a limit above. UNIMPLEMENTED: tiles with coding styles of
// their own, which no document has and which would escape the check. Does not look at the limits of image.h.
absl::StatusOr<Jpeg2000Header> ReadJpeg2000Header(Bytes file);

}  // namespace gatehouse::emrtd
