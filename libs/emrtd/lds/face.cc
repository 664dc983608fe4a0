#include "libs/emrtd/lds/face.h"

#include <algorithm>

#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/data_groups.h"
#include "libs/emrtd/limits.h"

namespace gatehouse::emrtd {
namespace {

using pki::Malformed;
using pki::Rules;
using pki::Tlv;
using pki::TlvReader;

constexpr uint32_t kGroupTemplate = 0x7F61, kInstanceTemplate = 0x7F60, kInstanceCount = 0x02;
constexpr uint32_t kDataBlock = 0x5F2E, kConstructedDataBlock = 0x7F2E;
constexpr std::string_view kField = "DG2 facial record";

// Big-endian numbers of a record with fixed places.
class RecordReader {
 public:
  explicit RecordReader(Bytes bytes) : rest_(bytes) {}

  absl::StatusOr<uint32_t> Number(size_t width) {
    if (width > rest_.size()) return Malformed(kField, "ends too early");
    uint32_t value = 0;
    for (size_t i = 0; i < width; ++i) value = value << 8 | rest_[i];
    rest_ = rest_.subspan(width);
    return value;
  }
  absl::StatusOr<Bytes> Take(size_t count) {
    if (count > rest_.size()) return Malformed(kField, "ends too early");
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  Bytes rest() const { return rest_; }

 private:
  Bytes rest_;
};

int BigEndian16(Bytes bytes, size_t at) { return bytes[at] << 8 | bytes[at + 1]; }

// Walks the JPEG segments to the frame header, SOF0..SOF15 without DHT, JPG and DAC.
void ReadJpegSize(FaceImage& image) {
  const Bytes bytes = image.bytes;
  size_t at = 2;
  while (at + 9 <= bytes.size() && bytes[at] == 0xFF) {
    const uint8_t marker = bytes[at + 1];
    if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
      image.height = BigEndian16(bytes, at + 5);
      image.width = BigEndian16(bytes, at + 7);
      return;
    }
    at += 2 + static_cast<size_t>(BigEndian16(bytes, at + 2));
  }
}

// The SIZ segment that starts every JPEG 2000 codestream: marker FF51, length, profile, then four numbers.
void ReadJpeg2000Size(FaceImage& image) {
  static constexpr uint8_t kStart[] = {0xFF, 0x4F, 0xFF, 0x51};
  const auto start = std::search(image.bytes.begin(), image.bytes.end(), std::begin(kStart), std::end(kStart));
  RecordReader reader(image.bytes.subspan(static_cast<size_t>(start - image.bytes.begin())));
  uint32_t right = 0, bottom = 0, left = 0, top = 0;
  if (!reader.Take(8).ok()) return;
  for (uint32_t* number : {&right, &bottom, &left, &top}) {
    const auto value = reader.Number(4);
    if (!value.ok()) return;
    *number = *value;
  }
  constexpr uint32_t kMaxSide = 1 << 20;
  if (left > right || top > bottom || right - left > kMaxSide || bottom - top > kMaxSide) return;
  image.width = static_cast<int>(right - left);
  image.height = static_cast<int>(bottom - top);
}

void ReadPicture(FaceImage& image) {
  static constexpr uint8_t kJpeg[] = {0xFF, 0xD8, 0xFF};
  static constexpr uint8_t kJpeg2000File[] = {0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50};
  static constexpr uint8_t kJpeg2000Stream[] = {0xFF, 0x4F, 0xFF, 0x51};
  const auto starts_with = [&](Bytes magic) {
    return image.bytes.size() >= magic.size() && pki::Equal(image.bytes.first(magic.size()), magic);
  };
  if (starts_with(kJpeg)) {
    image.format = ImageFormat::kJpeg;
    ReadJpegSize(image);
  } else if (starts_with(kJpeg2000File) || starts_with(kJpeg2000Stream)) {
    image.format = ImageFormat::kJpeg2000;
    ReadJpeg2000Size(image);
  }
}

// Facial record data: 20 bytes of facial information, 8 a feature point, 12 of image information, the picture.
absl::StatusOr<FaceImage> ReadFace(RecordReader& record) {
  constexpr size_t kHeaderBytes = 32, kFeaturePointBytes = 8;
  GH_ASSIGN_OR_RETURN(const uint32_t length, record.Number(4));
  if (length < kHeaderBytes) return Malformed(kField, "states a length shorter than its header");
  GH_ASSIGN_OR_RETURN(const Bytes contents, record.Take(length - 4));
  RecordReader face(contents);
  GH_ASSIGN_OR_RETURN(const uint32_t feature_points, face.Number(2));
  GH_RETURN_IF_ERROR(face.Take(14 + feature_points * kFeaturePointBytes).status());
  GH_RETURN_IF_ERROR(face.Take(2).status());  // face image type, image data type
  FaceImage image;
  GH_ASSIGN_OR_RETURN(const uint32_t width, face.Number(2));
  GH_ASSIGN_OR_RETURN(const uint32_t height, face.Number(2));
  GH_RETURN_IF_ERROR(face.Take(6).status());  // colour space, source, device type, quality
  image.stated_width = static_cast<int>(width);
  image.stated_height = static_cast<int>(height);
  image.bytes = face.rest();
  ReadPicture(image);
  return image;
}

absl::Status ReadRecord(Bytes block, std::vector<FaceImage>& faces) {
  static constexpr uint8_t kIdentifier[] = {'F', 'A', 'C', 0};
  RecordReader record(block);
  GH_ASSIGN_OR_RETURN(const Bytes identifier, record.Take(4));
  if (!pki::Equal(identifier, kIdentifier)) return Malformed(kField, "is no facial record of ISO/IEC 19794-5");
  GH_RETURN_IF_ERROR(record.Take(8).status());  // version, length of the record
  GH_ASSIGN_OR_RETURN(const uint32_t count, record.Number(2));
  for (uint32_t i = 0; i < count; ++i) {
    if (faces.size() >= kMaxFaces) return Malformed(kField, "holds more faces than the limit");
    GH_ASSIGN_OR_RETURN(FaceImage face, ReadFace(record));
    faces.push_back(face);
  }
  return absl::OkStatus();
}

absl::Status ReadInstance(const Tlv& instance, std::vector<FaceImage>& faces) {
  TlvReader parts(instance.value, Rules::kBer);
  while (!parts.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv part, parts.Next("DG2 biometric information template"));
    if (part.tag == kDataBlock) {
      GH_RETURN_IF_ERROR(ReadRecord(part.value, faces));
    } else if (part.tag == kConstructedDataBlock) {
      return absl::UnimplementedError("DG2 holds a record of ISO/IEC 39794-5");
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view ToWord(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJpeg:
      return "jpeg";
    case ImageFormat::kJpeg2000:
      return "jpeg2000";
    case ImageFormat::kUnknown:
      break;
  }
  return "unknown";
}

absl::StatusOr<std::vector<FaceImage>> ReadFaces(Bytes data_group_2) {
  if (data_group_2.size() > kMaxDataGroupBytes) return Malformed("DG2", "is longer than the limit");
  TlvReader outer(data_group_2, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv group, outer.Expect(DataGroupTag(2), "DG2"));
  GH_ASSIGN_OR_RETURN(const Tlv templates, pki::ReadOnly(group.value, kGroupTemplate, Rules::kBer, "DG2 templates"));
  TlvReader reader(templates.value, Rules::kBer);
  GH_RETURN_IF_ERROR(reader.Expect(kInstanceCount, "DG2 instance count").status());
  std::vector<FaceImage> faces;
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv instance, reader.Expect(kInstanceTemplate, "DG2 biometric information template"));
    GH_RETURN_IF_ERROR(ReadInstance(instance, faces));
  }
  if (faces.empty()) return Malformed("DG2", "holds no face");
  return faces;
}

}  // namespace gatehouse::emrtd
