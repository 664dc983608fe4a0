#include "libs/emrtd/lds/iris.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/record_reader.h"
#include "libs/emrtd/lds/tagged_record.h"

namespace gatehouse::emrtd {
namespace {

using pki::Malformed;

constexpr std::string_view kField = "DG4 iris image record";
constexpr std::string_view kIdentifier = {"IIR\0", 4};

struct Compression {
  ImageFormat format = ImageFormat::kUnknown;
  bool raw = false;
};
Compression CompressionOf2005(uint32_t code) {
  switch (code) {
    case 0x02:
    case 0x04:
      return {ImageFormat::kUnknown, true};
    case 0x06:
    case 0x08:
      return {ImageFormat::kJpeg};
    case 0x0A:
    case 0x0C:
      return {ImageFormat::kJpegLs};
    case 0x0E:
    case 0x10:
      return {ImageFormat::kJpeg2000};
    default:
      return {};
  }
}
Compression CompressionOf2011(uint32_t code) {
  switch (code) {
    case 0x02:
      return {ImageFormat::kUnknown, true};
    case 0x0A:
      return {ImageFormat::kJpeg2000};
    case 0x0E:
      return {ImageFormat::kPng};
    default:
      return {};
  }
}

void SetPicture(Bytes bytes, Compression stated, IrisImage& image) {
  static_cast<Picture&>(image) = RecognisePicture(bytes);
  image.stated_format = stated.format;
  image.raw = stated.raw && image.format == ImageFormat::kUnknown;
}

// 2005: one header for the record, one for each eye, one for each of its images.
absl::Status ReadRecordOf2005(RecordReader& record, std::vector<IrisImage>& irises) {
  GH_RETURN_IF_ERROR(record.Skip(6));  // length, capture device
  GH_ASSIGN_OR_RETURN(const uint32_t eyes, record.Number(1));
  GH_RETURN_IF_ERROR(record.Skip(6));  // length of the header, image properties, diameter
  GH_ASSIGN_OR_RETURN(const uint32_t format, record.Number(2));
  GH_ASSIGN_OR_RETURN(const uint32_t width, record.Number(2));
  GH_ASSIGN_OR_RETURN(const uint32_t height, record.Number(2));
  GH_ASSIGN_OR_RETURN(const uint32_t depth, record.Number(1));
  GH_RETURN_IF_ERROR(record.Skip(17));  // transformation, identifier of the device
  for (uint32_t i = 0; i < eyes; ++i) {
    GH_ASSIGN_OR_RETURN(const uint32_t eye, record.Number(1));
    GH_ASSIGN_OR_RETURN(const uint32_t count, record.Number(2));
    for (uint32_t j = 0; j < count; ++j) {
      if (irises.size() >= kMaxBiometricImages) return Malformed(kField, "holds more irises than the limit");
      IrisImage image{.eye = EyeWord(eye), .bit_depth = static_cast<int>(depth)};
      image.record = RecordFormat::kIso19794Of2005;
      image.stated_width = static_cast<int>(width);
      image.stated_height = static_cast<int>(height);
      GH_RETURN_IF_ERROR(record.Skip(2));  // number of the image
      GH_ASSIGN_OR_RETURN(const uint32_t quality, record.Number(1));
      if (quality <= 100) image.quality = static_cast<int>(quality);
      GH_RETURN_IF_ERROR(record.Skip(4));  // rotation and its uncertainty
      GH_ASSIGN_OR_RETURN(const uint32_t picture_bytes, record.Number(4));
      GH_ASSIGN_OR_RETURN(const Bytes picture, record.Take(picture_bytes));
      SetPicture(picture, CompressionOf2005(format), image);
      irises.push_back(image);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<IrisImage> ReadIrisOf2011(RecordReader& record) {
  constexpr uint32_t kLengthBytes = 4;
  IrisImage image;
  image.record = RecordFormat::kIso19794Of2011;
  GH_ASSIGN_OR_RETURN(const uint32_t length, record.Number(kLengthBytes));
  if (length < kLengthBytes) return Malformed(kField, "states a length shorter than its header");
  GH_ASSIGN_OR_RETURN(const Bytes contents, record.Take(length - kLengthBytes));
  RecordReader iris(contents, kField);
  GH_ASSIGN_OR_RETURN(const Bytes time, iris.Take(9));
  image.captured = ReadCaptureTime(time);
  GH_RETURN_IF_ERROR(iris.Skip(5));  // capture device: technology, vendor, type
  GH_ASSIGN_OR_RETURN(image.quality, ReadQualityBlocks(iris));
  GH_RETURN_IF_ERROR(iris.Skip(2));  // number of the representation
  GH_ASSIGN_OR_RETURN(const uint32_t eye, iris.Number(1));
  GH_RETURN_IF_ERROR(iris.Skip(1));  // kind of the image
  GH_ASSIGN_OR_RETURN(const uint32_t format, iris.Number(1));
  GH_RETURN_IF_ERROR(iris.Skip(1));  // properties
  GH_ASSIGN_OR_RETURN(const uint32_t width, iris.Number(2));
  GH_ASSIGN_OR_RETURN(const uint32_t height, iris.Number(2));
  GH_ASSIGN_OR_RETURN(const uint32_t depth, iris.Number(1));
  // Range, roll angle and its uncertainty; bounds of the centre and of the diameter.
  GH_RETURN_IF_ERROR(iris.Skip(6 + 12));
  GH_ASSIGN_OR_RETURN(const uint32_t picture_bytes, iris.Number(4));
  GH_ASSIGN_OR_RETURN(const Bytes picture, iris.Take(picture_bytes));
  image.eye = EyeWord(eye);
  image.bit_depth = static_cast<int>(depth);
  image.stated_width = static_cast<int>(width);
  image.stated_height = static_cast<int>(height);
  SetPicture(picture, CompressionOf2011(format), image);
  return image;
}

absl::Status ReadRecordOf2011(RecordReader& record, std::vector<IrisImage>& irises) {
  GH_RETURN_IF_ERROR(record.Skip(4));  // length
  GH_ASSIGN_OR_RETURN(const uint32_t count, record.Number(2));
  GH_RETURN_IF_ERROR(record.Skip(2));  // certification flag, number of eyes
  for (uint32_t i = 0; i < count; ++i) {
    if (irises.size() >= kMaxBiometricImages) return Malformed(kField, "holds more irises than the limit");
    GH_ASSIGN_OR_RETURN(IrisImage image, ReadIrisOf2011(record));
    irises.push_back(image);
  }
  return absl::OkStatus();
}

absl::Status ReadRecord(Bytes block, std::vector<IrisImage>& irises, FileFindings& findings) {
  RecordReader record(block, kField);
  GH_RETURN_IF_ERROR(record.Skip(kIdentifier.size()));
  GH_ASSIGN_OR_RETURN(const Bytes version, record.Take(4));
  const std::string_view version_text = pki::AsText(version.first(3));
  if (version_text == "020") return ReadRecordOf2011(record, irises);
  if (version_text != "010") findings.push_back({FileDefect::kRecordVersion, "iris " + pki::ToHex(version)});
  return ReadRecordOf2005(record, irises);
}

}  // namespace

std::string_view EyeWord(uint32_t code) {
  constexpr std::array<std::string_view, 3> kWords = {"undefined", "right", "left"};
  return code < kWords.size() ? kWords[code] : std::string_view();
}

absl::StatusOr<DataGroup4> ReadDataGroup4(Bytes file) {
  DataGroup4 group;
  GH_ASSIGN_OR_RETURN(BiometricGroup templates, ReadBiometricGroup(file, 4, group.findings));
  for (size_t i = 0; i < templates.instances.size(); ++i) {
    const BiometricInstance& instance = templates.instances[i];
    if (instance.state != InstanceState::kPlain) continue;
    const size_t before = group.irises.size();
    if (pki::AsText(instance.block).substr(0, kIdentifier.size()) == kIdentifier) {
      GH_RETURN_IF_ERROR(ReadRecord(instance.block, group.irises, group.findings));
    } else {
      GH_RETURN_IF_ERROR(ReadTaggedIrises(instance.block, group.irises));
    }
    for (size_t iris = before; iris < group.irises.size(); ++iris) {
      group.irises[iris].instance = i;
      NoteDisagreements(group.irises[iris], absl::StrCat("iris ", iris + 1), group.findings);
    }
  }
  group.instances = std::move(templates.instances);
  return group;
}

}  // namespace gatehouse::emrtd
