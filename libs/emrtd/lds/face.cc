#include "libs/emrtd/lds/face.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/record_reader.h"
#include "libs/emrtd/lds/tagged_record.h"
#include "libs/emrtd/limits.h"

namespace gatehouse::emrtd {
namespace {

using pki::Malformed;

constexpr std::string_view kField = "DG2 facial record";
constexpr std::string_view kIdentifier = {"FAC\0", 4};

template <size_t kSize>
std::string_view WordAt(const std::array<std::string_view, kSize>& words, uint32_t code) {
  return code < kSize ? words[code] : std::string_view();
}

// Codes of ISO/IEC 19794-5 sections 5.5.3 to 5.5.7; FF (unknown) and what is not in the table give no word.
std::string_view Gender(uint32_t code) { return WordAt<3>({"", "male", "female"}, code); }
std::string_view EyeColour(uint32_t code) {
  return WordAt<8>({"", "black", "blue", "brown", "grey", "green", "multi_coloured", "pink"}, code);
}
std::string_view HairColour(uint32_t code) {
  return WordAt<10>({"", "bald", "black", "blonde", "brown", "grey", "white", "red", "green", "blue"}, code);
}
std::string_view Expression(uint32_t code) {
  return WordAt<8>({"", "neutral", "smile_closed_mouth", "smile_open_mouth", "raised_eyebrows", "looking_away",
                    "squinting", "frowning"},
                   code);
}
std::string_view Kind(uint32_t code) {
  return WordAt<4>({"basic", "full_frontal", "token_frontal", "post_processed_frontal"}, code);
}
// Image data type: JPEG, JPEG 2000 (in 2011 lossy and lossless), PNG.
ImageFormat StatedFormat(uint32_t code) {
  constexpr std::array<ImageFormat, 4> kFormats = {ImageFormat::kJpeg, ImageFormat::kJpeg2000, ImageFormat::kJpeg2000,
                                                   ImageFormat::kPng};
  return code < kFormats.size() ? kFormats[code] : ImageFormat::kUnknown;
}

// Type, code (a nibble each for major and minor), x, y, and two octets reserved or z.
absl::Status ReadFeaturePoints(RecordReader& record, uint32_t count, FaceTraits& traits) {
  for (uint32_t i = 0; i < count; ++i) {
    GH_RETURN_IF_ERROR(record.Skip(1));
    GH_ASSIGN_OR_RETURN(const uint32_t code, record.Number(1));
    GH_ASSIGN_OR_RETURN(const uint32_t x, record.Number(2));
    GH_ASSIGN_OR_RETURN(const uint32_t y, record.Number(2));
    GH_RETURN_IF_ERROR(record.Skip(2));
    traits.feature_points.push_back(
        {static_cast<int>(code >> 4), static_cast<int>(code & 0x0F), static_cast<int>(x), static_cast<int>(y)});
  }
  return absl::OkStatus();
}

absl::Status ReadGenderAndColours(RecordReader& record, FaceTraits& traits) {
  GH_ASSIGN_OR_RETURN(const uint32_t gender, record.Number(1));
  GH_ASSIGN_OR_RETURN(const uint32_t eyes, record.Number(1));
  GH_ASSIGN_OR_RETURN(const uint32_t hair, record.Number(1));
  traits.gender = Gender(gender);
  traits.eye_colour = EyeColour(eyes);
  traits.hair_colour = HairColour(hair);
  return absl::OkStatus();
}

// Properties, expression, pose angle and its uncertainty.
absl::Status ReadExpressionAndPose(RecordReader& record, FaceTraits& traits) {
  GH_RETURN_IF_ERROR(record.Skip(3));
  GH_ASSIGN_OR_RETURN(const uint32_t expression, record.Number(2));
  traits.expression = Expression(expression);
  return record.Skip(6);
}

absl::Status ReadKindAndSize(RecordReader& record, FaceImage& image) {
  GH_ASSIGN_OR_RETURN(const uint32_t kind, record.Number(1));
  GH_ASSIGN_OR_RETURN(const uint32_t type, record.Number(1));
  GH_ASSIGN_OR_RETURN(const uint32_t width, record.Number(2));
  GH_ASSIGN_OR_RETURN(const uint32_t height, record.Number(2));
  image.kind = Kind(kind);
  image.stated_format = StatedFormat(type);
  image.stated_width = static_cast<int>(width);
  image.stated_height = static_cast<int>(height);
  return absl::OkStatus();
}

void SetPicture(Bytes bytes, FaceImage& image) { static_cast<Picture&>(image) = RecognisePicture(bytes); }

// 2005: 16 octets of facial information, 8 a feature point, 12 of image information, the picture.
absl::StatusOr<FaceImage> ReadFaceOf2005(RecordReader& face) {
  FaceImage image;
  image.record = RecordFormat::kIso19794Of2005;
  FaceTraits& traits = image.traits.Reveal();
  GH_ASSIGN_OR_RETURN(const uint32_t points, face.Number(2));
  GH_RETURN_IF_ERROR(ReadGenderAndColours(face, traits));
  GH_RETURN_IF_ERROR(ReadExpressionAndPose(face, traits));
  GH_RETURN_IF_ERROR(ReadFeaturePoints(face, points, traits));
  GH_RETURN_IF_ERROR(ReadKindAndSize(face, image));
  GH_RETURN_IF_ERROR(face.Skip(4));  // colour space, source type, device type
  GH_ASSIGN_OR_RETURN(const uint32_t quality, face.Number(2));
  if (quality > 0 && quality <= 100) image.quality = static_cast<int>(quality);
  SetPicture(face.rest(), image);
  return image;
}

// 2011: capture time and device, quality blocks, facial information, landmarks, image information, the picture.
absl::StatusOr<FaceImage> ReadFaceOf2011(RecordReader& face) {
  FaceImage image;
  image.record = RecordFormat::kIso19794Of2011;
  FaceTraits& traits = image.traits.Reveal();
  GH_ASSIGN_OR_RETURN(const Bytes time, face.Take(9));
  image.captured = ReadCaptureTime(time);
  GH_RETURN_IF_ERROR(face.Skip(5));  // capture device: technology, vendor, type
  GH_ASSIGN_OR_RETURN(image.quality, ReadQualityBlocks(face));
  GH_ASSIGN_OR_RETURN(const uint32_t points, face.Number(2));
  GH_RETURN_IF_ERROR(ReadGenderAndColours(face, traits));
  GH_ASSIGN_OR_RETURN(const uint32_t height_cm, face.Number(1));
  if (height_cm > 0 && height_cm < 0xFF) traits.height_cm = static_cast<int>(height_cm);
  GH_RETURN_IF_ERROR(ReadExpressionAndPose(face, traits));
  GH_RETURN_IF_ERROR(ReadFeaturePoints(face, points, traits));
  GH_RETURN_IF_ERROR(ReadKindAndSize(face, image));
  GH_RETURN_IF_ERROR(face.Skip(5));  // sampling rate, post-processing, cross reference, colour space
  GH_ASSIGN_OR_RETURN(const uint32_t picture_bytes, face.Number(4));
  GH_ASSIGN_OR_RETURN(const Bytes picture, face.Take(picture_bytes));
  SetPicture(picture, image);
  return image;
}

// The contents of one facial record by its length. A length that is wrong, in the last record, takes what is there.
absl::StatusOr<RecordReader> TakeFace(RecordReader& record, bool last, FileFindings& findings) {
  GH_ASSIGN_OR_RETURN(const uint32_t length, record.Number(4));
  constexpr uint32_t kLengthBytes = 4;
  const bool fits = length >= kLengthBytes && length - kLengthBytes <= record.rest().size();
  const bool all = length == record.rest().size() + kLengthBytes;
  if (!all && last) {
    findings.push_back({FileDefect::kRecordLength,
                        absl::StrCat("a face of ", record.rest().size() + kLengthBytes, " bytes states ", length)});
  }
  if (fits) {
    GH_ASSIGN_OR_RETURN(const Bytes contents, record.Take(length - kLengthBytes));
    return RecordReader(contents, kField);
  }
  // Shorter than its own header, or longer than the record: only the last one has an end that is known otherwise.
  if (!last) return Malformed(kField, "states a length that its record does not have");
  const Bytes contents = record.rest();
  GH_RETURN_IF_ERROR(record.Skip(contents.size()));
  return RecordReader(contents, kField);
}

absl::Status ReadRecord(Bytes block, std::vector<FaceImage>& faces, FileFindings& findings) {
  RecordReader record(block, kField);
  GH_RETURN_IF_ERROR(record.Skip(kIdentifier.size()));
  GH_ASSIGN_OR_RETURN(const Bytes version, record.Take(4));
  const std::string_view version_text = pki::AsText(version.first(3));
  if (version_text != "010" && version_text != "030") {
    findings.push_back({FileDefect::kRecordVersion, "face " + pki::ToHex(version)});
  }
  const bool of_2011 = version_text == "030";
  GH_ASSIGN_OR_RETURN(const uint32_t length, record.Number(4));
  if (length != block.size()) {
    findings.push_back(
        {FileDefect::kRecordLength, absl::StrCat("a record of ", block.size(), " bytes states ", length)});
  }
  GH_ASSIGN_OR_RETURN(const uint32_t count, record.Number(2));
  if (of_2011) GH_RETURN_IF_ERROR(record.Skip(3));  // certification flag, temporal semantics
  for (uint32_t i = 0; i < count; ++i) {
    if (faces.size() >= kMaxFaces) return Malformed(kField, "holds more faces than the limit");
    GH_ASSIGN_OR_RETURN(RecordReader face, TakeFace(record, i + 1 == count, findings));
    GH_ASSIGN_OR_RETURN(FaceImage image, of_2011 ? ReadFaceOf2011(face) : ReadFaceOf2005(face));
    faces.push_back(std::move(image));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DataGroup2> ReadDataGroup2(Bytes file) {
  DataGroup2 group;
  GH_ASSIGN_OR_RETURN(BiometricGroup templates, ReadBiometricGroup(file, 2, group.findings));
  bool encrypted = false;
  for (size_t i = 0; i < templates.instances.size(); ++i) {
    const BiometricInstance& instance = templates.instances[i];
    encrypted |= instance.state == InstanceState::kEncrypted;
    if (instance.state != InstanceState::kPlain) continue;
    const size_t before = group.faces.size();
    if (pki::AsText(instance.block).substr(0, kIdentifier.size()) == kIdentifier) {
      GH_RETURN_IF_ERROR(ReadRecord(instance.block, group.faces, group.findings));
    } else {
      GH_RETURN_IF_ERROR(ReadTaggedFaces(instance.block, group.faces));
    }
    for (size_t face = before; face < group.faces.size(); ++face) {
      group.faces[face].instance = i;
      NoteDisagreements(group.faces[face], absl::StrCat("face ", face + 1), group.findings);
    }
  }
  if (group.faces.empty() && !encrypted) return Malformed("DG2", "holds no face");
  group.instances = std::move(templates.instances);
  return group;
}

absl::StatusOr<std::vector<FaceImage>> ReadFaces(Bytes data_group_2) {
  GH_ASSIGN_OR_RETURN(DataGroup2 group, ReadDataGroup2(data_group_2));
  if (group.faces.empty()) return Malformed("DG2", "holds only encrypted faces");
  return std::move(group.faces);
}

}  // namespace gatehouse::emrtd
