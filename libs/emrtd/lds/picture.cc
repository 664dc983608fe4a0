#include "libs/emrtd/lds/picture.h"

#include <algorithm>

#include "libs/emrtd/lds/jpeg2000_header.h"

namespace gatehouse::emrtd {
namespace {

constexpr uint32_t kMaxSide = 1 << 20;

bool StartsWith(Bytes bytes, std::initializer_list<uint8_t> magic) {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

uint32_t BigEndian(Bytes bytes, size_t at, size_t width) {
  uint32_t value = 0;
  for (size_t i = 0; i < width; ++i) value = value << 8 | bytes[at + i];
  return value;
}

void SetSize(uint32_t width, uint32_t height, Picture& picture) {
  if (width > kMaxSide || height > kMaxSide) return;
  picture.width = static_cast<int>(width);
  picture.height = static_cast<int>(height);
}

// Walks the JPEG segments to the frame header: SOF0..SOF15 without DHT, JPG and DAC; SOF55 of JPEG-LS.
void ReadJpegSize(Picture& picture) {
  const Bytes bytes = picture.bytes;
  size_t at = 2;
  while (at + 9 <= bytes.size() && bytes[at] == 0xFF) {
    const uint8_t marker = bytes[at + 1];
    if (marker == 0xFF) {  // fill octets may precede a marker
      ++at;
      continue;
    }
    const bool frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame || marker == 0xF7) {
      if (marker == 0xF7) picture.format = ImageFormat::kJpegLs;
      SetSize(BigEndian(bytes, at + 7, 2), BigEndian(bytes, at + 5, 2), picture);
      return;
    }
    at += 2 + BigEndian(bytes, at + 2, 2);
  }
}

void ReadJpeg2000Size(Picture& picture) {
  const absl::StatusOr<Jpeg2000Header> header = ReadJpeg2000Header(picture.bytes);
  if (header.ok()) SetSize(header->width, header->height, picture);
}

// WSQ: SOI FFA0, then segments up to the frame header FFA2: length, black, white, lines, samples a line.
void ReadWsqSize(Picture& picture) {
  const Bytes bytes = picture.bytes;
  size_t at = 2;
  while (at + 10 <= bytes.size() && bytes[at] == 0xFF) {
    if (bytes[at + 1] == 0xA2) {
      SetSize(BigEndian(bytes, at + 8, 2), BigEndian(bytes, at + 6, 2), picture);
      return;
    }
    at += 2 + BigEndian(bytes, at + 2, 2);
  }
}

void ReadPngSize(Picture& picture) {
  if (picture.bytes.size() >= 24) SetSize(BigEndian(picture.bytes, 16, 4), BigEndian(picture.bytes, 20, 4), picture);
}

}  // namespace

std::string_view ToWord(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJpeg:
      return "jpeg";
    case ImageFormat::kJpeg2000:
      return "jpeg2000";
    case ImageFormat::kWsq:
      return "wsq";
    case ImageFormat::kPng:
      return "png";
    case ImageFormat::kJpegLs:
      return "jpeg_ls";
    case ImageFormat::kPgm:
      return "pgm";
    case ImageFormat::kUnknown:
      break;
  }
  return "unknown";
}

Picture RecognisePicture(Bytes bytes) {
  Picture picture{.bytes = bytes};
  if (StartsWith(bytes, {0xFF, 0xD8, 0xFF})) {
    picture.format = ImageFormat::kJpeg;
    ReadJpegSize(picture);
  } else if (StartsWith(bytes, {0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50}) || StartsWith(bytes, {0xFF, 0x4F, 0xFF, 0x51})) {
    picture.format = ImageFormat::kJpeg2000;
    ReadJpeg2000Size(picture);
  } else if (StartsWith(bytes, {0xFF, 0xA0, 0xFF})) {
    picture.format = ImageFormat::kWsq;
    ReadWsqSize(picture);
  } else if (StartsWith(bytes, {0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A})) {
    picture.format = ImageFormat::kPng;
    ReadPngSize(picture);
  } else if (StartsWith(bytes, {'P', '5'})) {
    picture.format = ImageFormat::kPgm;
  }
  return picture;
}

}  // namespace gatehouse::emrtd
