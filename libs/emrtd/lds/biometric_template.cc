#include "libs/emrtd/lds/biometric_template.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/data_groups.h"
#include "libs/emrtd/lds/elementary_file.h"
#include "libs/emrtd/limits.h"

namespace gatehouse::emrtd {
namespace {

using pki::Malformed;
using pki::Rules;
using pki::Tlv;
using pki::TlvReader;

constexpr uint32_t kGroupTemplate = 0x7F61, kInstanceTemplate = 0x7F60, kInstanceCount = 0x02;
constexpr uint32_t kDataBlock = 0x5F2E, kConstructedDataBlock = 0x7F2E, kFiller = 0x53, kConstructedFiller = 0x73;
constexpr uint32_t kSecureMessaging = 0x7D;
constexpr std::string_view kField = "biometric information template";

// Binary-coded decimals, two to an octet; -1 for a nibble that is none.
int Decimal(uint8_t octet) {
  const int high = octet >> 4, low = octet & 0x0F;
  return high > 9 || low > 9 ? -1 : high * 10 + low;
}

std::optional<absl::CivilSecond> ReadCreationTime(Bytes value) {
  if (value.size() != 7) return std::nullopt;
  std::array<int, 7> parts;
  for (size_t i = 0; i < parts.size(); ++i) parts[i] = Decimal(value[i]);
  for (const int part : parts) {
    if (part < 0) return std::nullopt;
  }
  const absl::CivilSecond time(parts[0] * 100 + parts[1], parts[2], parts[3], parts[4], parts[5], parts[6]);
  if (time.month() != parts[2] || time.day() != parts[3] || time.minute() != parts[5]) return std::nullopt;
  return time;
}

std::optional<absl::CivilDay> ReadDay(Bytes four) {
  const int century = Decimal(four[0]), year = Decimal(four[1]), month = Decimal(four[2]), day = Decimal(four[3]);
  if (century < 0 || year < 0 || month < 0 || day < 0) return std::nullopt;
  const absl::CivilDay civil(century * 100 + year, month, day);
  if (civil.month() != month || civil.day() != day) return std::nullopt;
  return civil;
}

std::optional<int> ReadCode(Bytes value) {
  if (value.empty() || value.size() > 3) return std::nullopt;
  int code = 0;
  for (const uint8_t octet : value) code = code << 8 | octet;
  return code;
}

absl::Status ReadHeader(const Tlv& header, BiometricInstance& instance) {
  TlvReader reader(header.value, Rules::kBer);
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv part, reader.Next("biometric header"));
    switch (part.tag) {
      case 0x81:
        instance.type = ReadCode(part.value);
        break;
      case 0x82:
        instance.subtype = ReadCode(part.value);
        break;
      case 0x83:
        instance.created = ReadCreationTime(part.value);
        break;
      case 0x85:
        if (part.value.size() == 8) {
          instance.valid_from = ReadDay(part.value.first(4));
          instance.valid_until = ReadDay(part.value.subspan(4));
        }
        break;
      case 0x86:
        instance.creator = ReadCode(part.value);
        break;
      case 0x87:
        instance.format_owner = ReadCode(part.value);
        break;
      case 0x88:
        instance.format_type = ReadCode(part.value);
        break;
      default:  // patron header version, index, and what later editions add
        break;
    }
  }
  return absl::OkStatus();
}

// Data objects of secure messaging: cryptograms 84 to 87, or the template 7D around them.
bool IsProtection(uint32_t tag) { return tag == kSecureMessaging || (tag >= 0x84 && tag <= 0x87); }

absl::StatusOr<BiometricInstance> ReadInstance(const Tlv& element, FileFindings& findings) {
  BiometricInstance instance;
  bool has_header = false;
  TlvReader parts(element.value, Rules::kBer);
  while (!parts.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv part, parts.Next(kField));
    // A1 in the first instance; some write A2, A3 in the next ones.
    if ((part.tag & 0xFFFFFFF0u) == 0xA0) {
      has_header = true;
      GH_RETURN_IF_ERROR(ReadHeader(part, instance));
    } else if (part.tag == kDataBlock || part.tag == kConstructedDataBlock) {
      if (instance.state == InstanceState::kPlain) return Malformed(kField, "holds two data blocks");
      instance.state = InstanceState::kPlain;
      instance.block = part.value;
    } else if (IsProtection(part.tag)) {
      instance.state = InstanceState::kEncrypted;
    }
  }
  if (!has_header) findings.push_back({FileDefect::kBiometricHeaderAbsent, std::string(kField)});
  return instance;
}

}  // namespace

std::string_view ToWord(RecordFormat format) {
  return std::array<std::string_view, 4>{"unknown", "iso_19794_2005", "iso_19794_2011",
                                         "iso_39794"}[static_cast<size_t>(format)];
}
std::string_view ToWord(InstanceState state) {
  return std::array<std::string_view, 3>{"plain", "encrypted", "empty"}[static_cast<size_t>(state)];
}

// ISO/IEC 7816-11 table C.2: bits 1 and 2 right or left, bits 3 to 5 the finger.
std::string_view SubtypeWord(int subtype) {
  static constexpr std::array<std::string_view, 3> kSides = {"not_stated", "right", "left"};
  static constexpr std::array<std::string_view, 5> kRight = {"right_thumb", "right_index", "right_middle", "right_ring",
                                                             "right_little"};
  static constexpr std::array<std::string_view, 5> kLeft = {"left_thumb", "left_index", "left_middle", "left_ring",
                                                            "left_little"};
  const int side = subtype & 3, finger = subtype >> 2;
  if (subtype < 0 || side == 3 || finger > 5) return "unknown";
  if (finger == 0) return kSides[static_cast<size_t>(side)];
  if (side == 0) return "unknown";
  return (side == 1 ? kRight : kLeft)[static_cast<size_t>(finger - 1)];
}

absl::StatusOr<BiometricGroup> ReadBiometricGroup(Bytes file, int data_group, FileFindings& findings) {
  const std::string name = absl::StrCat("DG", data_group);
  GH_ASSIGN_OR_RETURN(const Bytes contents,
                      OpenFile(file, DataGroupTag(data_group), kMaxDataGroupBytes, name, findings));
  TlvReader outer(contents, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv templates, outer.Expect(kGroupTemplate, name + " group template"));
  BiometricGroup group;
  TlvReader reader(templates.value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const auto count, reader.Optional(kInstanceCount, name + " instance count"));
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv element, reader.Next(name));
    if (element.tag == kFiller || element.tag == kConstructedFiller) {
      group.has_filler = true;
      continue;
    }
    if (element.tag != kInstanceTemplate) return Malformed(name, "holds something else than biometric templates");
    if (group.instances.size() >= kMaxBiometricInstances) return Malformed(name, "holds more templates than the limit");
    GH_ASSIGN_OR_RETURN(BiometricInstance instance, ReadInstance(element, findings));
    group.instances.push_back(std::move(instance));
  }
  if (!count) {
    findings.push_back({FileDefect::kInstanceCount, name + " states none"});
  } else if (count->value.size() != 1 || count->value[0] != group.instances.size()) {
    findings.push_back({FileDefect::kInstanceCount,
                        absl::StrCat(name, " holds ", group.instances.size(), ", states ", pki::ToHex(count->value))});
  }
  // The filler may also stand beside the group template.
  group.has_filler |= outer.PeekTag() == kFiller;
  return group;
}

void NoteDisagreements(const BiometricImage& image, std::string_view what, FileFindings& findings) {
  if (image.stated_format != ImageFormat::kUnknown && image.format != ImageFormat::kUnknown &&
      image.stated_format != image.format) {
    findings.push_back({FileDefect::kImageFormatDisagrees, std::string(what) + " is " +
                                                               std::string(ToWord(image.format)) + ", stated " +
                                                               std::string(ToWord(image.stated_format))});
  }
  if (image.width > 0 && image.stated_width > 0 &&
      (image.width != image.stated_width || image.height != image.stated_height)) {
    findings.push_back(
        {FileDefect::kImageSizeDisagrees, absl::StrCat(std::string(what), " is ", image.width, " by ", image.height,
                                                       ", stated ", image.stated_width, " by ", image.stated_height)});
  }
}

}  // namespace gatehouse::emrtd
