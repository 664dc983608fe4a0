#include "libs/emrtd/lds/details.h"

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

std::optional<std::string> TakeText(DetailFields& fields, uint32_t tag, std::string_view name, FileFindings& findings) {
  const std::optional<Bytes> value = fields.Take(tag);
  if (!value) return std::nullopt;
  return ReadText(*value, name, findings);
}

std::optional<PersonalText> TakePersonal(DetailFields& fields, uint32_t tag, std::string_view name,
                                         FileFindings& findings) {
  std::optional<std::string> text = TakeText(fields, tag, name, findings);
  if (!text) return std::nullopt;
  return PersonalText(*std::move(text));
}

std::vector<PersonalText> TakeRepeatedTexts(DetailFields& fields, uint32_t tag, std::string_view name,
                                            FileFindings& findings) {
  std::vector<PersonalText> texts;
  for (const Bytes value : fields.TakeRepeated(tag, findings)) {
    texts.emplace_back(ReadText(value, name, findings));
  }
  return texts;
}

std::optional<DateField> TakeDate(DetailFields& fields, uint32_t tag, std::string_view name, FileFindings& findings) {
  const std::optional<Bytes> value = fields.Take(tag);
  if (!value) return std::nullopt;
  return ReadDate(*value, name, findings);
}

std::optional<Picture> TakePicture(DetailFields& fields, uint32_t tag) {
  const std::optional<Bytes> value = fields.Take(tag);
  if (!value) return std::nullopt;
  return RecognisePicture(*value);
}

void NoteUnknown(const DetailFields& fields, std::vector<uint32_t>& tags, FileFindings& findings) {
  tags = fields.Untaken();
  for (const uint32_t tag : tags) {
    findings.push_back({FileDefect::kFieldUnknown, absl::StrCat(absl::Hex(tag))});
  }
}

// 5F55: fourteen digits, or seven octets of binary-coded decimals as LDS 1.7 has them.
void TakePersonalisationTime(DetailFields& fields, DocumentDetails& details) {
  constexpr std::string_view kName = "personalisation time";
  const std::optional<Bytes> value = fields.Take(0x5F55);
  if (!value) return;
  const bool binary_coded = value->size() == 7;
  const std::string digits = binary_coded ? pki::ToHex(*value) : std::string(pki::AsText(*value).substr(0, 14));
  if (digits.size() != 14 || digits.find_first_not_of("0123456789") != std::string::npos) {
    details.findings.push_back({FileDefect::kDateMalformed, std::string(kName)});
    return;
  }
  if (binary_coded) details.findings.push_back({FileDefect::kDateBinaryCoded, std::string(kName)});
  details.personalisation_date = ReadDate(pki::AsBytes(digits).first(8), kName, details.findings);
  details.personalisation_time = digits.substr(8);
}

absl::StatusOr<PersonToNotify> ReadPerson(const Tlv& element, FileFindings& findings) {
  PersonToNotify person;
  TlvReader reader(element.value, Rules::kBer);
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv field, reader.Next("DG16 person"));
    switch (field.tag) {
      case 0x5F50:
        person.recorded = ReadDate(field.value, "date recorded", findings);
        break;
      case 0x5F51:
        person.name = PersonalText(ReadText(field.value, "name", findings));
        break;
      case 0x5F52:
        person.telephone = PersonalText(ReadText(field.value, "telephone", findings));
        break;
      case 0x5F53:
        person.address = PersonalText(ReadText(field.value, "address", findings));
        break;
      default:
        findings.push_back({FileDefect::kFieldUnknown, absl::StrCat(absl::Hex(field.tag))});
    }
  }
  return person;
}

}  // namespace

absl::StatusOr<PersonalDetails> ReadDataGroup11(Bytes file) {
  PersonalDetails details;
  FileFindings& findings = details.findings;
  GH_ASSIGN_OR_RETURN(const Bytes contents, OpenFile(file, DataGroupTag(11), kMaxDataGroupBytes, "DG11", findings));
  GH_ASSIGN_OR_RETURN(DetailFields fields, DetailFields::Read(contents, "DG11", findings));
  details.full_name = TakePersonal(fields, 0x5F0E, "full name", findings);
  details.other_names = TakeRepeatedTexts(fields, 0x5F0F, "other name", findings);
  details.personal_number = TakePersonal(fields, 0x5F10, "personal number", findings);
  if (auto date = TakeDate(fields, 0x5F2B, "full date of birth", findings)) {
    details.birth_date = base::Redacted<DateField>(*std::move(date));
  }
  details.place_of_birth = TakePersonal(fields, 0x5F11, "place of birth", findings);
  details.address = TakePersonal(fields, 0x5F42, "address", findings);
  details.telephone = TakePersonal(fields, 0x5F12, "telephone", findings);
  details.profession = TakePersonal(fields, 0x5F13, "profession", findings);
  details.title = TakePersonal(fields, 0x5F14, "title", findings);
  details.summary = TakePersonal(fields, 0x5F15, "personal summary", findings);
  details.proof_of_citizenship = TakePicture(fields, 0x5F16);
  details.other_document_numbers = TakePersonal(fields, 0x5F17, "other document numbers", findings);
  details.custody = TakePersonal(fields, 0x5F18, "custody information", findings);
  NoteUnknown(fields, details.unknown_tags, findings);
  return details;
}

absl::StatusOr<DocumentDetails> ReadDataGroup12(Bytes file) {
  DocumentDetails details;
  FileFindings& findings = details.findings;
  GH_ASSIGN_OR_RETURN(const Bytes contents, OpenFile(file, DataGroupTag(12), kMaxDataGroupBytes, "DG12", findings));
  GH_ASSIGN_OR_RETURN(DetailFields fields, DetailFields::Read(contents, "DG12", findings));
  details.issuing_authority = TakeText(fields, 0x5F19, "issuing authority", findings);
  details.issue_date = TakeDate(fields, 0x5F26, "date of issue", findings);
  details.other_persons = TakeRepeatedTexts(fields, 0x5F1A, "other person", findings);
  details.endorsements = TakePersonal(fields, 0x5F1B, "endorsements", findings);
  details.tax_or_exit = TakePersonal(fields, 0x5F1C, "tax or exit requirements", findings);
  details.front_image = TakePicture(fields, 0x5F1D);
  details.rear_image = TakePicture(fields, 0x5F1E);
  TakePersonalisationTime(fields, details);
  details.personalisation_device = TakeText(fields, 0x5F56, "personalisation device", findings);
  NoteUnknown(fields, details.unknown_tags, findings);
  return details;
}

absl::StatusOr<DataGroup16> ReadDataGroup16(Bytes file) {
  constexpr uint32_t kCount = 0x02;
  DataGroup16 group;
  GH_ASSIGN_OR_RETURN(const Bytes contents,
                      OpenFile(file, DataGroupTag(16), kMaxDataGroupBytes, "DG16", group.findings));
  std::optional<Bytes> count;
  TlvReader reader(contents, Rules::kBer);
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv element, reader.Next("DG16"));
    if (element.tag == kCount) {
      count = element.value;
    } else if ((element.tag & 0xFFFFFFF0u) == 0xA0) {  // A1, A2, ...: one a person
      if (group.persons.size() >= kMaxDetailFields) return Malformed("DG16", "holds more persons than the limit");
      GH_ASSIGN_OR_RETURN(PersonToNotify person, ReadPerson(element, group.findings));
      group.persons.push_back(std::move(person));
    } else {
      group.findings.push_back({FileDefect::kFieldUnknown, absl::StrCat(absl::Hex(element.tag))});
    }
  }
  if (!count || count->size() != 1 || (*count)[0] != group.persons.size()) {
    group.findings.push_back({FileDefect::kInstanceCount, absl::StrCat("DG16 holds ", group.persons.size())});
  }
  return group;
}

}  // namespace gatehouse::emrtd
