// A compressed picture in a data group: recognised by its own first bytes, with the size its own header states. Found,
// not decoded: that is image.h. The value points at the caller's bytes.
#pragma once

#include "libs/pki/tlv.h"

namespace gatehouse::emrtd {

using pki::Bytes;

enum class ImageFormat { kUnknown, kJpeg, kJpeg2000, kWsq, kPng, kJpegLs, kPgm };
// "jpeg", "jpeg2000", "wsq", "png", "jpeg_ls", "pgm", "unknown".
std::string_view ToWord(ImageFormat format);

struct Picture {
  ImageFormat format = ImageFormat::kUnknown;
  Bytes bytes;
  // Pixels by the picture's own header; 0 when it has none that can be read.
  int width = 0;
  int height = 0;
};

// Never fails: what is not recognised is of unknown format.
Picture RecognisePicture(Bytes bytes);

}  // namespace gatehouse::emrtd
