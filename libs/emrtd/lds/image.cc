#include "libs/emrtd/lds/image.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/image_decoders.h"

namespace gatehouse::emrtd {

absl::Status CheckDimensions(uint64_t width, uint64_t height, int components, size_t compressed_bytes) {
  if (width == 0 || height == 0) return pki::Malformed("image", "has no pixels");
  if (components < 1 || components > kMaxImageComponents) {
    return absl::ResourceExhaustedError(absl::StrCat("image: ", components, " components are beyond the limit"));
  }
  const bool too_large = width > kMaxImageSide || height > kMaxImageSide || width * height > kMaxImagePixels;
  if (too_large) {
    return absl::ResourceExhaustedError(absl::StrCat("image: ", width, " by ", height, " pixels are beyond the limit"));
  }
  if (width * height > kFreeImagePixels && width * height / kMaxPixelsPerByte > compressed_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("image: ", compressed_bytes, " bytes for ", width * height, " pixels are too few"));
  }
  return absl::OkStatus();
}

absl::StatusOr<DecodedImage> DecodeImage(Bytes bytes) {
  if (bytes.size() > kMaxImageBytes) {
    return absl::ResourceExhaustedError("image: its bytes are beyond the limit");
  }
  const Picture picture = RecognisePicture(bytes);
  switch (picture.format) {
    case ImageFormat::kJpeg:
      return DecodeJpeg(bytes);
    case ImageFormat::kJpeg2000:
      return DecodeJpeg2000(bytes);
    case ImageFormat::kWsq:
      return absl::UnimplementedError("WSQ pictures are recognised, not decoded");
    case ImageFormat::kPng:
      return absl::UnimplementedError("PNG pictures are recognised, not decoded");
    case ImageFormat::kJpegLs:
      return absl::UnimplementedError("JPEG-LS pictures are recognised, not decoded");
    case ImageFormat::kPgm:
      return absl::UnimplementedError("PGM pictures are recognised, not decoded");
    case ImageFormat::kUnknown:
      break;
  }
  return absl::UnimplementedError("the picture is of no known format");
}

}  // namespace gatehouse::emrtd
