#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/describe_parts.h"
#include "libs/emrtd/lds/details.h"

namespace gatehouse::emrtd {
namespace {

void AddText(FieldWriter& fields, const char* name, const std::optional<PersonalText>& text) {
  if (text) fields.AddPersonal(name, *text);
}
void AddTexts(FieldWriter& fields, const char* name, const std::vector<PersonalText>& texts) {
  for (size_t i = 0; i < texts.size(); ++i) fields.AddPersonal(Numbered(name, i), texts[i]);
}
// The date where it can be read, else what is written.
std::string DateText(const DateField& date) { return date.date ? date.date->ToString() : date.written; }

absl::Status DescribePersonalDetails(Bytes file, FieldWriter& fields) {
  GH_ASSIGN_OR_RETURN(const PersonalDetails details, ReadDataGroup11(file));
  AddText(fields, "full_name", details.full_name);
  AddTexts(fields, "other_name", details.other_names);
  AddText(fields, "personal_number", details.personal_number);
  if (details.birth_date) fields.AddPersonal("birth_date", DateText(details.birth_date->Reveal()));
  AddText(fields, "place_of_birth", details.place_of_birth);
  AddText(fields, "address", details.address);
  AddText(fields, "telephone", details.telephone);
  AddText(fields, "profession", details.profession);
  AddText(fields, "title", details.title);
  AddText(fields, "personal_summary", details.summary);
  if (details.proof_of_citizenship) fields.AddPicture("proof_of_citizenship", *details.proof_of_citizenship);
  AddText(fields, "other_document_numbers", details.other_document_numbers);
  AddText(fields, "custody_information", details.custody);
  fields.AddFindings(details.findings);
  return absl::OkStatus();
}

absl::Status DescribeDocumentDetails(Bytes file, FieldWriter& fields) {
  GH_ASSIGN_OR_RETURN(const DocumentDetails details, ReadDataGroup12(file));
  if (details.issuing_authority) fields.Add("issuing_authority", *details.issuing_authority);
  if (details.issue_date) fields.Add("issue_date", DateText(*details.issue_date));
  AddTexts(fields, "other_person", details.other_persons);
  AddText(fields, "endorsements", details.endorsements);
  AddText(fields, "tax_or_exit_requirements", details.tax_or_exit);
  if (details.front_image) fields.AddPicture("front_image", *details.front_image);
  if (details.rear_image) fields.AddPicture("rear_image", *details.rear_image);
  if (details.personalisation_date) {
    const std::string& time = details.personalisation_time;
    fields.Add("personalisation_time", DateText(*details.personalisation_date) + "T" + time.substr(0, 2) + ":" +
                                           time.substr(2, 2) + ":" + time.substr(4, 2));
  }
  if (details.personalisation_device) fields.Add("personalisation_device", *details.personalisation_device);
  fields.AddFindings(details.findings);
  return absl::OkStatus();
}

absl::Status DescribePersonsToNotify(Bytes file, FieldWriter& fields) {
  GH_ASSIGN_OR_RETURN(const DataGroup16 group, ReadDataGroup16(file));
  for (size_t i = 0; i < group.persons.size(); ++i) {
    const PersonToNotify& person = group.persons[i];
    const std::string prefix = Numbered("person", i);
    if (person.recorded) fields.Add(prefix + "_recorded", DateText(*person.recorded));
    if (person.name) fields.AddPersonal(prefix + "_name", *person.name);
    if (person.telephone) fields.AddPersonal(prefix + "_telephone", *person.telephone);
    if (person.address) fields.AddPersonal(prefix + "_address", *person.address);
  }
  fields.AddFindings(group.findings);
  return absl::OkStatus();
}

}  // namespace

absl::Status DescribeDetails(int data_group, Bytes file, FieldWriter& fields) {
  if (data_group == 11) return DescribePersonalDetails(file, fields);
  if (data_group == 12) return DescribeDocumentDetails(file, fields);
  return DescribePersonsToNotify(file, fields);
}

}  // namespace gatehouse::emrtd
