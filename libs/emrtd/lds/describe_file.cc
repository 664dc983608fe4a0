#include "libs/emrtd/lds/describe_file.h"

#include <algorithm>
#include <array>

#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/active_authentication_key.h"
#include "libs/emrtd/lds/card_files.h"
#include "libs/emrtd/lds/data_groups.h"
#include "libs/emrtd/lds/describe_parts.h"
#include "libs/emrtd/lds/displayed_images.h"
#include "libs/emrtd/limits.h"
#include "libs/pki/signed_data.h"

namespace gatehouse::emrtd {
namespace {

absl::Status DescribeCom(Bytes file, FieldWriter& fields) {
  GH_ASSIGN_OR_RETURN(const Com com, ReadCom(file));
  fields.Add("lds_version", com.lds_version);
  fields.Add("unicode_version", com.unicode_version);
  std::string numbers;
  for (const int number : com.data_groups) absl::StrAppend(&numbers, numbers.empty() ? "" : " ", "DG", number);
  fields.Add("data_groups", numbers);
  if (com.trailing_bytes > 0) {
    fields.AddFindings({{FileDefect::kTrailingBytes, absl::StrCat(com.trailing_bytes, " bytes follow")}});
  }
  return absl::OkStatus();
}

absl::Status DescribeMachineReadableZone(Bytes file, FieldWriter& fields) {
  GH_ASSIGN_OR_RETURN(const base::Redacted<std::string> zone, ReadMachineReadableZone(file));
  fields.AddPersonal("machine_readable_zone", zone);
  if (const auto issuer = FindIssuer(zone.Reveal())) {
    fields.Add("document_code", issuer->document_code);
    fields.Add("issuing_state", issuer->issuing_state);
  }
  return absl::OkStatus();
}

absl::Status DescribeDisplayedImages(int data_group, Bytes file, FieldWriter& fields) {
  GH_ASSIGN_OR_RETURN(const DisplayedImages images, ReadDisplayedImages(file, data_group));
  const char* name = data_group == 5 ? "portrait" : data_group == 7 ? "signature" : "image";
  fields.AddNumber("images", static_cast<int64_t>(images.images.size()));
  for (size_t i = 0; i < images.images.size(); ++i) fields.AddPicture(Numbered(name, i), images.images[i]);
  fields.AddFindings(images.findings);
  return absl::OkStatus();
}

absl::Status DescribeOpaque(int data_group, Bytes file, FieldWriter& fields) {
  GH_ASSIGN_OR_RETURN(const OpaqueFile opaque, ReadOpaqueDataGroup(file, data_group));
  fields.AddNumber("content_bytes", static_cast<int64_t>(opaque.contents.size()));
  fields.AddFindings(opaque.findings);
  fields.description().content = FileContent::kOpaque;
  return absl::OkStatus();
}

absl::Status DescribeActiveAuthenticationKey(Bytes file, FieldWriter& fields) {
  GH_ASSIGN_OR_RETURN(const ActiveAuthenticationKey read, ReadDataGroup15(file));
  fields.Add("public_key",
             read.key.ok() ? Describe(*read.key) : "refused: " + std::string(read.key.status().message()));
  fields.Add("subject_public_key_info", pki::ToHex(read.subject_public_key_info));
  fields.AddFindings(read.findings);
  return absl::OkStatus();
}

absl::Status DescribeSecurityObject(Bytes file, FieldWriter& fields) {
  constexpr uint32_t kSecurityObjectTag = 0x77;
  if (file.size() > kMaxSecurityObjectBytes) return pki::Malformed("EF.SOD", "is longer than the limit");
  pki::TlvReader reader(file, pki::Rules::kBer);
  GH_ASSIGN_OR_RETURN(const pki::Tlv element, reader.Expect(kSecurityObjectTag, "EF.SOD"));
  GH_ASSIGN_OR_RETURN(const pki::SignedData data,
                      pki::ReadSignedData(element.value, {.certificates = kMaxEmbeddedCertificates}));
  fields.Add("content_type", pki::OidText(data.content_type));
  fields.AddNumber("content_bytes", static_cast<int64_t>(data.content.size()));
  fields.AddNumber("certificates", static_cast<int64_t>(data.certificates.size()));
  for (size_t i = 0; i < data.signers.size(); ++i) {
    fields.Add(Numbered("signer", i) + "_algorithm", pki::Describe(data.signers[i].signature_algorithm));
    if (data.signers[i].signing_time) {
      fields.Add(Numbered("signer", i) + "_time",
                 absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", *data.signers[i].signing_time, absl::UTCTimeZone()));
    }
  }
  if (data.indefinite_length) fields.AddFindings({{FileDefect::kNotDer, "EF.SOD"}});
  return absl::OkStatus();
}

absl::Status DescribeDirectory(Bytes file, FieldWriter& fields) {
  GH_ASSIGN_OR_RETURN(const Directory directory, ReadDirectory(file));
  for (size_t i = 0; i < directory.applications.size(); ++i) {
    fields.Add(Numbered("application", i), pki::ToHex(directory.applications[i].identifier));
    fields.AddWord(Numbered("application", i) + "_kind", ApplicationWord(directory.applications[i].identifier));
  }
  return absl::OkStatus();
}

absl::Status DescribeCardInformation(Bytes file, FieldWriter& fields) {
  GH_ASSIGN_OR_RETURN(const CardInformation information, ReadCardInformation(file));
  fields.AddWord("extended_length", information.extended_length ? "yes" : "no");
  if (information.max_command_bytes) fields.AddNumber("max_command_bytes", *information.max_command_bytes);
  if (information.max_response_bytes) fields.AddNumber("max_response_bytes", *information.max_response_bytes);
  return absl::OkStatus();
}

absl::Status DescribeDataGroup(int number, Bytes file, FieldWriter& fields) {
  switch (number) {
    case 1:
      return DescribeMachineReadableZone(file, fields);
    case 2:
    case 3:
    case 4:
      return DescribeBiometrics(number, file, fields);
    case 5:
    case 6:
    case 7:
      return DescribeDisplayedImages(number, file, fields);
    case 11:
    case 12:
    case 16:
      return DescribeDetails(number, file, fields);
    case 14:
      return DescribeDataGroup14(file, fields);
    case 15:
      return DescribeActiveAuthenticationKey(file, fields);
    default:
      return DescribeOpaque(number, file, fields);
  }
}

struct NamedFile {
  std::string_view key;  // lower case, letters and digits only
  uint32_t first_tag;    // by which it is known without its name; 0: by the name only
  std::string_view file;
  absl::Status (*describe)(Bytes, FieldWriter&);
};
constexpr std::array<NamedFile, 6> kNamedFiles = {{
    {"efcom", 0x60, "EF.COM", DescribeCom},
    {"efsod", 0x77, "EF.SOD", DescribeSecurityObject},
    {"cardaccess", 0x31, "EF.CardAccess", DescribeCardAccess},
    {"cardsecurity", 0, "EF.CardSecurity", DescribeCardSecurity},  // certificates and keys begin with its tag too
    {"efdir", 0, "EF.DIR", DescribeDirectory},
    {"efatr", 0, "EF.ATR/INFO", DescribeCardInformation},
}};

// "EF.DG11.bin" gives "efdg11bin".
std::string Simplify(std::string_view name) {
  std::string simple;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') simple += static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) simple += c;
  }
  return simple;
}

// The number after "dg" or "datagroup", 0 when the name has none, or goes on: "DG14_pk.bin" is a key beside DG14.
int DataGroupOfName(std::string_view simple) {
  for (const std::string_view prefix : {"datagroup", "dg"}) {
    size_t at = simple.find(prefix);
    if (at == std::string_view::npos) continue;
    int number = 0;
    for (at += prefix.size(); at < simple.size() && simple[at] >= '0' && simple[at] <= '9'; ++at) {
      number = number * 10 + (simple[at] - '0');
      if (number > kMaxDataGroupNumber) return 0;
    }
    const std::string_view rest = simple.substr(at);
    if (number > 0 && (rest.empty() || rest == "bin" || rest == "dat" || rest == "raw")) return number;
  }
  return 0;
}

int DataGroupOfTag(uint32_t tag) {
  for (int number = 1; number <= kMaxDataGroupNumber; ++number) {
    if (DataGroupTag(number) == tag) return number;
  }
  return 0;
}

// The tag of the one element that is the file, 0 when it is something else: any text begins with some tag.
uint32_t TagOfWholeFile(Bytes bytes) {
  pki::TlvReader reader(bytes, pki::Rules::kBer);
  const absl::StatusOr<pki::Tlv> element = reader.Next("");
  return element.ok() && reader.at_end() ? element->tag : 0;
}

void Describe(const NamedFile* named, int data_group, Bytes bytes, FileDescription& description) {
  description.file = named != nullptr ? std::string(named->file) : absl::StrCat("DG", data_group);
  description.content = FileContent::kUnderstood;
  FieldWriter fields(description);
  const absl::Status status =
      named != nullptr ? named->describe(bytes, fields) : DescribeDataGroup(data_group, bytes, fields);
  if (status.ok()) return;
  description.content = absl::IsUnimplemented(status) ? FileContent::kOpaque : FileContent::kMalformed;
  description.reason = std::string(status.message());
}

}  // namespace

std::string_view ToWord(FileContent content) {
  return std::array<std::string_view, 4>{"understood", "opaque", "malformed", "unknown"}[static_cast<size_t>(content)];
}

void FieldWriter::AddPicture(const std::string& name, const Picture& picture) {
  AddWord(name + "_format", ToWord(picture.format));
  if (picture.width > 0) Add(name + "_size", absl::StrCat(picture.width, " x ", picture.height));
  AddNumber(name + "_bytes", static_cast<int64_t>(picture.bytes.size()));
  description_.pictures.push_back({name, picture});
}

FileDescription DescribeFile(std::string_view name, Bytes bytes) {
  FileDescription description{.bytes = bytes.size()};
  const std::string simple = Simplify(name);
  const uint32_t first_tag = TagOfWholeFile(bytes);
  const auto by_name = std::find_if(kNamedFiles.begin(), kNamedFiles.end(),
                                    [&](const NamedFile& file) { return simple.find(file.key) != std::string::npos; });
  const auto by_tag = std::find_if(kNamedFiles.begin(), kNamedFiles.end(), [&](const NamedFile& file) {
    return file.first_tag != 0 && file.first_tag == first_tag;
  });
  if (by_name != kNamedFiles.end()) {
    Describe(&*by_name, 0, bytes, description);
  } else if (const int number = DataGroupOfName(simple); number != 0) {
    Describe(nullptr, number, bytes, description);
  } else if (by_tag != kNamedFiles.end()) {
    Describe(&*by_tag, 0, bytes, description);
  } else if (const int tagged = DataGroupOfTag(first_tag); tagged != 0) {
    Describe(nullptr, tagged, bytes, description);
  }
  return description;
}

}  // namespace gatehouse::emrtd
