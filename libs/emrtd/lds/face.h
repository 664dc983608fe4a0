// The portraits of DG2 (Doc 9303-10 section 4.7.2): CBEFF templates around ISO/IEC 19794-5 facial records. Found, not
// decoded: the value points at the compressed picture in the caller's bytes, with the dimensions its own header states,
// so that whoever decodes it can refuse a bomb first.
#pragma once

#include <vector>

#include "libs/pki/tlv.h"

namespace gatehouse::emrtd {

using pki::Bytes;

enum class ImageFormat { kUnknown, kJpeg, kJpeg2000 };
// "jpeg", "jpeg2000", "unknown".
std::string_view ToWord(ImageFormat format);

struct FaceImage {
  ImageFormat format = ImageFormat::kUnknown;  // by the picture's own first bytes, not by what the record claims
  Bytes bytes;
  // Pixels by the picture's own header; 0 when it has none that can be read.
  int width = 0;
  int height = 0;
  // Pixels as the facial record claims; they differ from the picture in genuine documents.
  int stated_width = 0;
  int stated_height = 0;
};

// At least one face, at most kMaxFaces; `data_group_2` must outlive the value. INVALID_ARGUMENT names the field;
// UNIMPLEMENTED for the tagged records of ISO/IEC 39794-5.
absl::StatusOr<std::vector<FaceImage>> ReadFaces(Bytes data_group_2);

}  // namespace gatehouse::emrtd
