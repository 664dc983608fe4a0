#include "libs/emrtd/lds/data_groups.h"

#include <array>

#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/details.h"
#include "libs/emrtd/limits.h"

namespace gatehouse::emrtd {
namespace {

using pki::Malformed;
using pki::Rules;
using pki::Tlv;
using pki::TlvReader;

constexpr uint32_t kComTag = 0x60, kLdsVersionTag = 0x5F01, kUnicodeVersionTag = 0x5F36, kTagListTag = 0x5C;
constexpr uint32_t kMachineReadableZoneTag = 0x5F1F;
constexpr std::array<uint8_t, 17> kDataGroupTags = {0,    0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68,
                                                    0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70};

absl::StatusOr<std::vector<int>> ReadTagList(const Tlv& list) {
  std::vector<int> numbers;
  for (const uint8_t tag : list.value) {
    int number = 0;
    for (int i = 1; i <= kMaxDataGroupNumber; ++i) {
      if (kDataGroupTags[static_cast<size_t>(i)] == tag) number = i;
    }
    if (number == 0) return Malformed("EF.COM tag list", "names a file that is no data group");
    numbers.push_back(number);
  }
  return numbers;
}

bool IsZoneCharacter(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '<'; }

std::string WithoutFillers(std::string_view text) {
  while (!text.empty() && text.back() == '<') text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

uint32_t DataGroupTag(int number) {
  return number >= 1 && number <= kMaxDataGroupNumber ? kDataGroupTags[static_cast<size_t>(number)] : 0;
}

absl::StatusOr<Com> ReadCom(Bytes file) {
  if (file.size() > kMaxComBytes) return Malformed("EF.COM", "is longer than the limit");
  TlvReader outer(file, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv com_element, outer.Expect(kComTag, "EF.COM"));
  Com com;
  com.trailing_bytes = outer.rest().size();
  TlvReader reader(com_element.value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv lds_version, reader.Expect(kLdsVersionTag, "EF.COM LDS version"));
  GH_ASSIGN_OR_RETURN(const Tlv unicode_version, reader.Expect(kUnicodeVersionTag, "EF.COM Unicode version"));
  GH_ASSIGN_OR_RETURN(const Tlv list, reader.Expect(kTagListTag, "EF.COM tag list"));
  GH_RETURN_IF_ERROR(reader.ExpectEnd("EF.COM"));
  com.lds_version = pki::AsText(lds_version.value);
  com.unicode_version = pki::AsText(unicode_version.value);
  GH_ASSIGN_OR_RETURN(com.data_groups, ReadTagList(list));
  return com;
}

absl::StatusOr<base::Redacted<std::string>> ReadMachineReadableZone(Bytes data_group_1) {
  TlvReader outer(data_group_1, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv group, outer.Expect(DataGroupTag(1), "DG1"));
  GH_ASSIGN_OR_RETURN(const Tlv zone, pki::ReadOnly(group.value, kMachineReadableZoneTag, Rules::kBer, "DG1 MRZ"));
  const std::string_view text = pki::AsText(zone.value);
  if (text.size() != 88 && text.size() != 72 && text.size() != 90) {
    return Malformed("DG1 MRZ", "has a length that no format has");
  }
  for (const char c : text) {
    if (!IsZoneCharacter(c)) return Malformed("DG1 MRZ", "holds a character that no machine-readable zone has");
  }
  return base::Redacted<std::string>(std::string(text));
}

std::optional<IssuerOfZone> FindIssuer(std::string_view machine_readable_zone) {
  // All formats have document code and issuing state in the first five places.
  if (machine_readable_zone.size() < 5) return std::nullopt;
  for (const char c : machine_readable_zone.substr(0, 5)) {
    if (!IsZoneCharacter(c)) return std::nullopt;
  }
  IssuerOfZone issuer{.document_code = WithoutFillers(machine_readable_zone.substr(0, 2)),
                      .issuing_state = WithoutFillers(machine_readable_zone.substr(2, 3))};
  if (issuer.issuing_state.empty()) return std::nullopt;
  return issuer;
}

std::optional<base::PartialDate> ReadDateOfIssue(Bytes data_group_12) {
  const absl::StatusOr<DocumentDetails> details = ReadDataGroup12(data_group_12);
  if (!details.ok() || !details->issue_date) return std::nullopt;
  return details->issue_date->date;
}

}  // namespace gatehouse::emrtd
