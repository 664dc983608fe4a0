#include "libs/emrtd/lds/card_files.h"

#include <array>

#include "libs/base/status_macros.h"

namespace gatehouse::emrtd {
namespace {

using pki::Malformed;
using pki::Rules;
using pki::Tlv;
using pki::TlvReader;
namespace tag = pki::tag;

constexpr uint32_t kApplicationTemplate = 0x61, kApplicationIdentifier = 0x4F, kApplicationLabel = 0x50;
constexpr uint32_t kCardCapabilities = 0x47, kExtendedLengthInformation = 0x7F66;

struct KnownApplication {
  std::string_view identifier;
  std::string_view word;
};
// Doc 9303-10 table 3 and TR-03110-3 A.1.3.
constexpr std::array<KnownApplication, 5> kApplications = {{
    {"a0000002471001", "lds1"},
    {"a0000002472001", "travel_records"},
    {"a0000002472002", "visa_records"},
    {"a0000002472003", "additional_biometrics"},
    {"e80704007f00070302", "eid"},
}};

// A file of fixed size is filled up with zeros after its last element.
bool IsPadding(Bytes bytes) {
  for (const uint8_t octet : bytes) {
    if (octet != 0x00 && octet != 0xFF) return false;
  }
  return true;
}

absl::Status ReadExtendedLengths(const Tlv& element, CardInformation& information) {
  TlvReader reader(element.value, Rules::kBer);
  for (std::optional<int>* length : {&information.max_command_bytes, &information.max_response_bytes}) {
    GH_ASSIGN_OR_RETURN(const Tlv number, reader.Expect(tag::kInteger, "extended length information"));
    GH_ASSIGN_OR_RETURN(*length, pki::ReadSmallInteger(number, "extended length information"));
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view ApplicationWord(Bytes identifier) {
  const std::string hex = pki::ToHex(identifier);
  for (const KnownApplication& application : kApplications) {
    if (hex == application.identifier) return application.word;
  }
  return "unknown";
}

absl::StatusOr<Directory> ReadDirectory(Bytes file) {
  if (file.size() > kMaxCardFileBytes) return Malformed("EF.DIR", "is longer than the limit");
  Directory directory;
  TlvReader reader(file, Rules::kBer);
  while (!reader.at_end() && !IsPadding(reader.rest())) {
    GH_ASSIGN_OR_RETURN(const Tlv element, reader.Expect(kApplicationTemplate, "EF.DIR"));
    if (directory.applications.size() >= kMaxApplications) return Malformed("EF.DIR", "has too many applications");
    CardApplication application;
    TlvReader parts(element.value, Rules::kBer);
    while (!parts.at_end()) {
      GH_ASSIGN_OR_RETURN(const Tlv part, parts.Next("EF.DIR application"));
      if (part.tag == kApplicationIdentifier) application.identifier = part.value;
      if (part.tag == kApplicationLabel) application.label = std::string(pki::AsText(part.value));
    }
    if (application.identifier.empty()) return Malformed("EF.DIR application", "has no identifier");
    directory.applications.push_back(std::move(application));
  }
  return directory;
}

absl::StatusOr<CardInformation> ReadCardInformation(Bytes file) {
  if (file.size() > kMaxCardFileBytes) return Malformed("EF.ATR/INFO", "is longer than the limit");
  CardInformation information;
  TlvReader reader(file, Rules::kBer);
  while (!reader.at_end() && !IsPadding(reader.rest())) {
    GH_ASSIGN_OR_RETURN(const Tlv element, reader.Next("EF.ATR/INFO"));
    if (element.tag == kCardCapabilities && element.value.size() >= 3) {
      information.extended_length = (element.value[2] & 0x40) != 0;
    } else if (element.tag == kExtendedLengthInformation) {
      GH_RETURN_IF_ERROR(ReadExtendedLengths(element, information));
    }
  }
  return information;
}

}  // namespace gatehouse::emrtd
