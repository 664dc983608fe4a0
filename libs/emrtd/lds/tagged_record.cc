#include "libs/emrtd/lds/tagged_record.h"

#include <array>

#include "libs/base/status_macros.h"
#include "libs/emrtd/limits.h"

namespace gatehouse::emrtd {
namespace {

using pki::Malformed;
using pki::Rules;
using pki::Tlv;
using pki::TlvReader;

constexpr std::string_view kField = "record of ISO/IEC 39794";
constexpr uint32_t kFinger = 0x64, kFace = 0x65, kIris = 0x66;
constexpr int kVersionBlock = 0, kRepresentationBlocks = 1;

// The components of a SEQUENCE by their context numbers 0..30. Components of later editions are passed over.
class Block {
 public:
  static absl::StatusOr<Block> Read(Bytes contents) {
    Block block;
    TlvReader reader(contents, Rules::kBer);
    while (!reader.at_end()) {
      GH_ASSIGN_OR_RETURN(const Tlv element, reader.Next(kField));
      const bool context = (element.tag & 0xC0) == 0x80 && element.tag <= 0xFF;
      if (context) block.parts_[element.tag & 0x1F] = element;
    }
    return block;
  }

  const Tlv* Find(int number) const {
    const auto& part = parts_[static_cast<size_t>(number)];
    return part ? &*part : nullptr;
  }
  absl::StatusOr<Block> Inner(int number) const {
    const Tlv* part = Find(number);
    if (part == nullptr) return Malformed(kField, "lacks a block that must be there");
    return Read(part->value);
  }

  // A number, or the code of a choice between a code and an extension block with a fallback code in it.
  std::optional<int> Code(int number) const {
    const Tlv* part = Find(number);
    if (part == nullptr) return std::nullopt;
    Tlv element = *part;
    constexpr int kMaxDepth = 4;
    for (int depth = 0; depth < kMaxDepth; ++depth) {
      const bool constructed = (element.encoding[0] & 0x20) != 0;
      if (!constructed) {
        const auto code = pki::ReadSmallInteger(element, kField);
        return code.ok() ? std::optional<int>(*code) : std::nullopt;
      }
      const auto first = TlvReader(element.value, Rules::kBer).Next(kField);
      if (!first.ok()) return std::nullopt;
      element = *first;
    }
    return std::nullopt;
  }

 private:
  std::array<std::optional<Tlv>, 32> parts_;
};

// Descends through context tags and a nested 5F2E to the data block, then to its representations.
absl::StatusOr<std::vector<Block>> ReadRepresentations(Bytes bytes, uint32_t tag) {
  constexpr int kMaxWrappers = 3;
  for (int depth = 0; depth < kMaxWrappers; ++depth) {
    TlvReader reader(bytes, Rules::kBer);
    const absl::StatusOr<Tlv> element = reader.Next(kField);
    if (!element.ok()) break;
    if (element->tag != tag) {
      bytes = element->value;
      continue;
    }
    GH_ASSIGN_OR_RETURN(const Block block, Block::Read(element->value));
    if (block.Find(kVersionBlock) == nullptr) return Malformed(kField, "lacks its version");
    const Tlv* representations = block.Find(kRepresentationBlocks);
    if (representations == nullptr) return Malformed(kField, "lacks its representations");
    std::vector<Block> found;
    TlvReader elements(representations->value, Rules::kBer);
    while (!elements.at_end()) {
      if (found.size() >= kMaxBiometricImages) return Malformed(kField, "holds more images than the limit");
      GH_ASSIGN_OR_RETURN(const Tlv one, elements.Expect(pki::tag::kSequence, kField));
      GH_ASSIGN_OR_RETURN(Block representation, Block::Read(one.value));
      found.push_back(std::move(representation));
    }
    return found;
  }
  return absl::UnimplementedError("the biometric data block is of neither ISO/IEC 19794 nor 39794");
}

std::optional<absl::CivilSecond> ReadTime(const Block& owner, int number) {
  const absl::StatusOr<Block> time = owner.Inner(number);
  if (!time.ok() || !time->Code(0)) return std::nullopt;
  const int year = *time->Code(0), month = time->Code(1).value_or(1), day = time->Code(2).value_or(1);
  if (year < 1 || year > 9999 || month > 12 || day > 31) return std::nullopt;
  return absl::CivilSecond(year, month, day, time->Code(3).value_or(0), time->Code(4).value_or(0),
                           time->Code(5).value_or(0));
}

// QualityBlocks: the first block's score, which is a choice between a score and an error.
std::optional<int> ReadQuality(const Block& owner, int number) {
  const Tlv* blocks = owner.Find(number);
  if (blocks == nullptr) return std::nullopt;
  TlvReader reader(blocks->value, Rules::kBer);
  const auto first = reader.Next(kField);
  if (!first.ok()) return std::nullopt;
  const absl::StatusOr<Block> block = Block::Read(first->value);
  if (!block.ok()) return std::nullopt;
  const absl::StatusOr<Block> score = block->Inner(1);
  const std::optional<int> value = score.ok() ? score->Code(0) : std::nullopt;
  return value && *value <= 100 ? value : std::nullopt;
}

absl::Status SetPicture(const Block& owner, int number, BiometricImage& image) {
  const Tlv* octets = owner.Find(number);
  if (octets == nullptr) return Malformed(kField, "lacks its image");
  static_cast<Picture&>(image) = RecognisePicture(octets->value);
  image.record = RecordFormat::kIso39794;
  return absl::OkStatus();
}

template <size_t kSize>
ImageFormat FormatAt(const std::array<ImageFormat, kSize>& formats, std::optional<int> code) {
  return code && static_cast<size_t>(*code) < kSize ? formats[static_cast<size_t>(*code)] : ImageFormat::kUnknown;
}
template <size_t kSize>
std::string_view WordAt(const std::array<std::string_view, kSize>& words, std::optional<int> code) {
  return code && static_cast<size_t>(*code) < kSize ? words[static_cast<size_t>(*code)] : std::string_view();
}

void ReadTraits(const Block& face, FaceTraits& traits) {
  constexpr int kIdentityMetadata = 8;
  const absl::StatusOr<Block> identity = face.Inner(kIdentityMetadata);
  if (!identity.ok()) return;
  traits.gender = WordAt<4>({"", "other", "male", "female"}, identity->Code(0));
  traits.eye_colour = WordAt<10>(
      {"", "other", "black", "blue", "brown", "grey", "green", "hazel", "multi_coloured", "pink"}, identity->Code(1));
  traits.hair_colour = WordAt<10>(
      {"", "other", "bald", "black", "blonde", "brown", "grey", "white", "red", "known_coloured"}, identity->Code(2));
  traits.height_cm = identity->Code(3);
}

absl::StatusOr<FaceImage> ReadFace(const Block& face) {
  FaceImage image;
  // imageRepresentation is a choice of a base and an extension, the base one of a picture in two dimensions.
  GH_ASSIGN_OR_RETURN(const Block choice, face.Inner(1));
  GH_ASSIGN_OR_RETURN(const Block base, choice.Inner(0));
  GH_ASSIGN_OR_RETURN(const Block flat, base.Inner(0));
  GH_RETURN_IF_ERROR(SetPicture(flat, 0, image));
  GH_ASSIGN_OR_RETURN(const Block information, flat.Inner(1));
  image.stated_format = FormatAt<6>({ImageFormat::kUnknown, ImageFormat::kUnknown, ImageFormat::kJpeg,
                                     ImageFormat::kJpeg2000, ImageFormat::kJpeg2000, ImageFormat::kPng},
                                    information.Code(0));
  const absl::StatusOr<Block> size = information.Inner(7);
  if (size.ok()) {
    image.stated_width = size->Code(0).value_or(0);
    image.stated_height = size->Code(1).value_or(0);
  }
  image.captured = ReadTime(face, 2);
  image.quality = ReadQuality(face, 3);
  ReadTraits(face, image.traits.Reveal());
  return image;
}

absl::StatusOr<FingerImage> ReadFinger(const Block& finger) {
  FingerImage image;
  GH_RETURN_IF_ERROR(SetPicture(finger, 3, image));
  if (const auto position = finger.Code(0)) image.position = FingerPositionWord(static_cast<uint32_t>(*position));
  const std::optional<int> impression = finger.Code(1);
  image.impression = impression == 0   ? "live_plain"
                     : impression == 1 ? "live_rolled"
                     : impression == 4 ? "latent"
                     : impression == 8 ? "swipe"
                                       : "";
  image.stated_format = FormatAt<5>(
      {ImageFormat::kPgm, ImageFormat::kWsq, ImageFormat::kJpeg2000, ImageFormat::kJpeg2000, ImageFormat::kPng},
      finger.Code(2));
  image.captured = ReadTime(finger, 4);
  image.quality = ReadQuality(finger, 6);
  return image;
}

absl::StatusOr<IrisImage> ReadIris(const Block& iris) {
  IrisImage image;
  GH_RETURN_IF_ERROR(SetPicture(iris, 9, image));
  if (const auto eye = iris.Code(0)) image.eye = EyeWord(static_cast<uint32_t>(*eye));
  image.bit_depth = iris.Code(2).value_or(0);
  image.stated_format = FormatAt<5>(
      {ImageFormat::kPgm, ImageFormat::kUnknown, ImageFormat::kPng, ImageFormat::kJpeg2000, ImageFormat::kJpeg2000},
      iris.Code(3));
  image.captured = ReadTime(iris, 8);
  image.quality = ReadQuality(iris, 11);
  return image;
}

template <typename Image, typename ReadOne>
absl::Status ReadAll(Bytes block, uint32_t tag, size_t limit, const ReadOne& read_one, std::vector<Image>& images) {
  GH_ASSIGN_OR_RETURN(const std::vector<Block> representations, ReadRepresentations(block, tag));
  for (const Block& representation : representations) {
    if (images.size() >= limit) return Malformed(kField, "holds more images than the limit");
    GH_ASSIGN_OR_RETURN(Image image, read_one(representation));
    images.push_back(std::move(image));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadTaggedFaces(Bytes block, std::vector<FaceImage>& faces) {
  return ReadAll(block, kFace, kMaxFaces, ReadFace, faces);
}
absl::Status ReadTaggedFingers(Bytes block, std::vector<FingerImage>& fingers) {
  return ReadAll(block, kFinger, kMaxBiometricImages, ReadFinger, fingers);
}
absl::Status ReadTaggedIrises(Bytes block, std::vector<IrisImage>& irises) {
  return ReadAll(block, kIris, kMaxBiometricImages, ReadIris, irises);
}

}  // namespace gatehouse::emrtd
