// One decoder a format, behind the limits of image.h. Internal to libs/emrtd/lds.
#pragma once

#include "libs/emrtd/lds/image.h"

namespace gatehouse::emrtd {

// RESOURCE_EXHAUSTED for dimensions beyond the limits, given the size of the compressed picture.
absl::Status CheckDimensions(uint64_t width, uint64_t height, int components, size_t compressed_bytes);

absl::StatusOr<DecodedImage> DecodeJpeg(Bytes bytes);
absl::StatusOr<DecodedImage> DecodeJpeg2000(Bytes bytes);

}  // namespace gatehouse::emrtd
