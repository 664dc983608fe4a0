#include "libs/emrtd/lds/finger.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/record_reader.h"
#include "libs/emrtd/lds/tagged_record.h"

namespace gatehouse::emrtd {
namespace {

using pki::Malformed;

constexpr std::string_view kField = "DG3 finger image record";
constexpr std::string_view kIdentifier = {"FIR\0", 4};

struct Compression {
  ImageFormat format = ImageFormat::kUnknown;
  bool raw = false;
};
Compression CompressionOf2005(uint32_t code) {
  constexpr std::array<Compression, 6> kCodes = {{{ImageFormat::kUnknown, true},
                                                  {ImageFormat::kUnknown, true},
                                                  {ImageFormat::kWsq},
                                                  {ImageFormat::kJpeg},
                                                  {ImageFormat::kJpeg2000},
                                                  {ImageFormat::kPng}}};
  return code < kCodes.size() ? kCodes[code] : Compression{};
}
// 2011 tells lossy from lossless JPEG 2000, so PNG moved up.
Compression CompressionOf2011(uint32_t code) {
  return code == 5   ? Compression{ImageFormat::kJpeg2000}
         : code == 6 ? Compression{ImageFormat::kPng}
                     : CompressionOf2005(code);
}

std::string_view ImpressionWord(uint32_t code) {
  switch (code) {
    case 0:
      return "live_plain";
    case 1:
      return "live_rolled";
    case 2:
      return "non_live_plain";
    case 3:
      return "non_live_rolled";
    case 4:
    case 5:
    case 6:
    case 7:
      return "latent";
    case 8:
      return "swipe";
    case 9:
    case 24:
    case 25:
      return "contactless";
    default:
      return "";
  }
}

// Sampling rates come in pixels per inch (unit 1) or per centimetre (unit 2).
int ToPixelsPerInch(uint32_t rate, uint32_t unit) {
  constexpr double kCentimetresPerInch = 2.54;
  return unit == 2 ? static_cast<int>(rate * kCentimetresPerInch + .5) : static_cast<int>(rate);
}

void SetPicture(Bytes bytes, Compression stated, FingerImage& image) {
  static_cast<Picture&>(image) = RecognisePicture(bytes);
  image.stated_format = stated.format;
  image.raw = stated.raw && image.format == ImageFormat::kUnknown;
}

// The header of all images in a record of 2005.
struct HeaderOf2005 {
  int scan_ppi = 0, image_ppi = 0, bit_depth = 0;
  Compression compression;
  uint32_t count = 0;
};

absl::StatusOr<HeaderOf2005> ReadHeaderOf2005(RecordReader& record) {
  HeaderOf2005 header;
  GH_RETURN_IF_ERROR(record.Skip(4));  // capture device, acquisition level
  GH_ASSIGN_OR_RETURN(header.count, record.Number(1));
  GH_ASSIGN_OR_RETURN(const uint32_t unit, record.Number(1));
  GH_ASSIGN_OR_RETURN(const uint32_t scan, record.Number(2));
  GH_RETURN_IF_ERROR(record.Skip(2));
  GH_ASSIGN_OR_RETURN(const uint32_t stored, record.Number(2));
  GH_RETURN_IF_ERROR(record.Skip(2));
  GH_ASSIGN_OR_RETURN(const uint32_t depth, record.Number(1));
  GH_ASSIGN_OR_RETURN(const uint32_t compression, record.Number(1));
  GH_RETURN_IF_ERROR(record.Skip(2));
  header.scan_ppi = ToPixelsPerInch(scan, unit);
  header.image_ppi = ToPixelsPerInch(stored, unit);
  header.bit_depth = static_cast<int>(depth);
  header.compression = CompressionOf2005(compression);
  return header;
}

absl::StatusOr<FingerImage> ReadFingerOf2005(RecordReader& record, const HeaderOf2005& header, bool last,
                                             FileFindings& findings) {
  constexpr uint32_t kHeaderBytes = 14;
  FingerImage image{.scan_ppi = header.scan_ppi, .image_ppi = header.image_ppi, .bit_depth = header.bit_depth};
  image.record = RecordFormat::kIso19794Of2005;
  GH_ASSIGN_OR_RETURN(const uint32_t length, record.Number(4));
  GH_ASSIGN_OR_RETURN(const uint32_t position, record.Number(1));
  GH_RETURN_IF_ERROR(record.Skip(2));  // views, number of the view
  GH_ASSIGN_OR_RETURN(const uint32_t quality, record.Number(1));
  GH_ASSIGN_OR_RETURN(const uint32_t impression, record.Number(1));
  GH_ASSIGN_OR_RETURN(const uint32_t width, record.Number(2));
  GH_ASSIGN_OR_RETURN(const uint32_t height, record.Number(2));
  GH_RETURN_IF_ERROR(record.Skip(1));
  image.position = FingerPositionWord(position);
  image.impression = ImpressionWord(impression);
  if (quality <= 100) image.quality = static_cast<int>(quality);
  image.stated_width = static_cast<int>(width);
  image.stated_height = static_cast<int>(height);
  // Some count the picture without its header; the last picture has an end that is known otherwise.
  size_t picture_bytes = length >= kHeaderBytes ? length - kHeaderBytes : 0;
  if (last && picture_bytes != record.rest().size()) {
    findings.push_back({FileDefect::kRecordLength,
                        absl::StrCat("a finger of ", record.rest().size() + kHeaderBytes, " bytes states ", length)});
    picture_bytes = record.rest().size();
  }
  GH_ASSIGN_OR_RETURN(const Bytes picture, record.Take(picture_bytes));
  SetPicture(picture, header.compression, image);
  return image;
}

absl::StatusOr<FingerImage> ReadFingerOf2011(RecordReader& record, bool certified) {
  constexpr uint32_t kLengthBytes = 4;
  FingerImage image;
  image.record = RecordFormat::kIso19794Of2011;
  GH_ASSIGN_OR_RETURN(const uint32_t length, record.Number(kLengthBytes));
  if (length < kLengthBytes) return Malformed(kField, "states a length shorter than its header");
  GH_ASSIGN_OR_RETURN(const Bytes contents, record.Take(length - kLengthBytes));
  RecordReader finger(contents, kField);
  GH_ASSIGN_OR_RETURN(const Bytes time, finger.Take(9));
  image.captured = ReadCaptureTime(time);
  GH_RETURN_IF_ERROR(finger.Skip(5));  // capture device: technology, vendor, type
  GH_ASSIGN_OR_RETURN(image.quality, ReadQualityBlocks(finger));
  if (certified) {
    GH_ASSIGN_OR_RETURN(const uint32_t certificates, finger.Number(1));
    GH_RETURN_IF_ERROR(finger.Skip(3 * certificates));
  }
  GH_ASSIGN_OR_RETURN(const uint32_t position, finger.Number(1));
  GH_RETURN_IF_ERROR(finger.Skip(1));  // number of the representation
  GH_ASSIGN_OR_RETURN(const uint32_t unit, finger.Number(1));
  GH_ASSIGN_OR_RETURN(const uint32_t scan, finger.Number(2));
  GH_RETURN_IF_ERROR(finger.Skip(2));
  GH_ASSIGN_OR_RETURN(const uint32_t stored, finger.Number(2));
  GH_RETURN_IF_ERROR(finger.Skip(2));
  GH_ASSIGN_OR_RETURN(const uint32_t depth, finger.Number(1));
  GH_ASSIGN_OR_RETURN(const uint32_t compression, finger.Number(1));
  GH_ASSIGN_OR_RETURN(const uint32_t impression, finger.Number(1));
  GH_ASSIGN_OR_RETURN(const uint32_t width, finger.Number(2));
  GH_ASSIGN_OR_RETURN(const uint32_t height, finger.Number(2));
  GH_ASSIGN_OR_RETURN(const uint32_t picture_bytes, finger.Number(4));
  GH_ASSIGN_OR_RETURN(const Bytes picture, finger.Take(picture_bytes));
  image.position = FingerPositionWord(position);
  image.impression = ImpressionWord(impression);
  image.scan_ppi = ToPixelsPerInch(scan, unit);
  image.image_ppi = ToPixelsPerInch(stored, unit);
  image.bit_depth = static_cast<int>(depth);
  image.stated_width = static_cast<int>(width);
  image.stated_height = static_cast<int>(height);
  SetPicture(picture, CompressionOf2011(compression), image);
  return image;
}

absl::Status ReadRecordOf2005(RecordReader& record, std::vector<FingerImage>& fingers, FileFindings& findings) {
  // The length of the record has six octets here, of which the upper two are never used.
  GH_RETURN_IF_ERROR(record.Skip(6));
  GH_ASSIGN_OR_RETURN(const HeaderOf2005 header, ReadHeaderOf2005(record));
  for (uint32_t i = 0; i < header.count; ++i) {
    if (fingers.size() >= kMaxBiometricImages) return Malformed(kField, "holds more fingers than the limit");
    GH_ASSIGN_OR_RETURN(FingerImage image, ReadFingerOf2005(record, header, i + 1 == header.count, findings));
    fingers.push_back(image);
  }
  return absl::OkStatus();
}

absl::Status ReadRecordOf2011(RecordReader& record, std::vector<FingerImage>& fingers) {
  GH_RETURN_IF_ERROR(record.Skip(4));  // length
  GH_ASSIGN_OR_RETURN(const uint32_t count, record.Number(2));
  GH_ASSIGN_OR_RETURN(const uint32_t certified, record.Number(1));
  GH_RETURN_IF_ERROR(record.Skip(1));  // number of different positions
  for (uint32_t i = 0; i < count; ++i) {
    if (fingers.size() >= kMaxBiometricImages) return Malformed(kField, "holds more fingers than the limit");
    GH_ASSIGN_OR_RETURN(FingerImage image, ReadFingerOf2011(record, certified == 1));
    fingers.push_back(image);
  }
  return absl::OkStatus();
}

absl::Status ReadRecord(Bytes block, std::vector<FingerImage>& fingers, FileFindings& findings) {
  RecordReader record(block, kField);
  GH_RETURN_IF_ERROR(record.Skip(kIdentifier.size()));
  GH_ASSIGN_OR_RETURN(const Bytes version, record.Take(4));
  const std::string_view version_text = pki::AsText(version.first(3));
  if (version_text == "020") return ReadRecordOf2011(record, fingers);
  if (version_text != "010") findings.push_back({FileDefect::kRecordVersion, "finger " + pki::ToHex(version)});
  return ReadRecordOf2005(record, fingers, findings);
}

}  // namespace

std::string_view FingerPositionWord(uint32_t code) {
  constexpr std::array<std::string_view, 16> kWords = {
      "unknown",    "right_thumb",        "right_index",       "right_middle", "right_ring",  "right_little",
      "left_thumb", "left_index",         "left_middle",       "left_ring",    "left_little", "",
      "",           "right_four_fingers", "left_four_fingers", "both_thumbs"};
  return code < kWords.size() ? kWords[code] : std::string_view();
}

absl::StatusOr<DataGroup3> ReadDataGroup3(Bytes file) {
  DataGroup3 group;
  GH_ASSIGN_OR_RETURN(BiometricGroup templates, ReadBiometricGroup(file, 3, group.findings));
  for (size_t i = 0; i < templates.instances.size(); ++i) {
    const BiometricInstance& instance = templates.instances[i];
    if (instance.state != InstanceState::kPlain) continue;
    const size_t before = group.fingers.size();
    if (pki::AsText(instance.block).substr(0, kIdentifier.size()) == kIdentifier) {
      GH_RETURN_IF_ERROR(ReadRecord(instance.block, group.fingers, group.findings));
    } else {
      GH_RETURN_IF_ERROR(ReadTaggedFingers(instance.block, group.fingers));
    }
    for (size_t finger = before; finger < group.fingers.size(); ++finger) {
      group.fingers[finger].instance = i;
      NoteDisagreements(group.fingers[finger], absl::StrCat("finger ", finger + 1), group.findings);
    }
  }
  group.instances = std::move(templates.instances);
  return group;
}

}  // namespace gatehouse::emrtd
