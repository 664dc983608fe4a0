// Decoding of the pictures in data groups, to grey or RGB of eight bits. The bytes come from whoever holds the chip, so
// every dimension is read from the headers and held against the limits below before a decoder allocates anything; the
// decoders run without writing to any stream, and their errors come back as statuses. Time and memory are bounded by
// the limits: about 20 MB for a portrait, 200 MB and some seconds for the largest picture that is allowed.
#pragma once

#include <vector>

#include "libs/emrtd/lds/picture.h"

namespace gatehouse::emrtd {

// Portraits have 0.1 to 0.5 million pixels; a scanned page in DG12 may have some millions.
inline constexpr size_t kMaxImagePixels = 6'000'000;
inline constexpr int kMaxImageSide = 8192;
inline constexpr size_t kMaxImageBytes = 2 * 1024 * 1024;
inline constexpr int kMaxImageComponents = 4;
// A picture of more pixels than the first must have a byte for so many of them; a blank page has one for about 300.
inline constexpr size_t kFreeImagePixels = 1'000'000;
inline constexpr size_t kMaxPixelsPerByte = 1000;
inline constexpr int kMaxJpegScans = 64;

struct DecodedImage {
  int width = 0;
  int height = 0;
  int channels = 0;             // 1 grey, 3 RGB
  std::vector<uint8_t> pixels;  // width * height * channels octets, rows from the top
  bool damaged = false;         // the decoder went on past a fault: some pixels are guessed
};

// INVALID_ARGUMENT: the picture is broken. RESOURCE_EXHAUSTED: it is beyond a limit, which the message names.
// UNIMPLEMENTED: WSQ, PNG, JPEG-LS, raw pixels and rare kinds of JPEG, with the reason: the answer of a check that
// needed the picture is NOT_DONE.
absl::StatusOr<DecodedImage> DecodeImage(Bytes bytes);

}  // namespace gatehouse::emrtd
