#include "tools/specimen/list_maker.h"

#include <pugixml.hpp>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tools/specimen/names.h"
#include "tools/specimen/seeded_random.h"

namespace gatehouse::specimen {
namespace {

constexpr std::string_view kNumberAlphabet = "0123456789CFGHJKLMNPRTVWXYZ";

std::string IsoDate(absl::CivilDay day) { return absl::FormatCivilTime(day); }

// Another way somebody might spell the name: one rule that applies, at random.
std::string Respell(SeededRandom& random, const std::string& name) {
  constexpr std::pair<const char*, const char*> kRules[] = {
      {"K", "C"},   {"Y", "I"},    {"OU", "U"}, {"EI", "EY"}, {"AL-", "EL "}, {"KH", "H"}, {"J", "DJ"},
      {"II", "IY"}, {"CH", "TCH"}, {"EE", "I"}, {"V", "W"},   {"SH", "SCH"},  {"F", "PH"}, {"Z", "S"}};
  for (int attempt = 0; attempt < 20; ++attempt) {
    const auto& [from, to] = random.Pick(kRules);
    std::string other = absl::StrReplaceAll(name, {{from, to}});
    if (other != name) return other;
  }
  return name + name.back();  // a doubled last letter
}

std::string FullName(const Holder& holder) { return absl::StrCat(holder.given_names, " ", holder.surname); }

void AddText(pugi::xml_node parent, const char* name, const std::string& text) {
  parent.append_child(name).text().set(text.c_str());
}

void AddValue(pugi::xml_node parent, const char* name, const std::string& text) {
  AddText(parent.append_child(name), "VALUE", text);
}

void AddAlias(pugi::xml_node individual, const char* quality, const std::string& name) {
  pugi::xml_node alias = individual.append_child("INDIVIDUAL_ALIAS");
  AddText(alias, "QUALITY", quality);
  AddText(alias, "ALIAS_NAME", name);
}

void AddBirthDate(pugi::xml_node individual, const ListedPerson& person) {
  pugi::xml_node birth = individual.append_child("INDIVIDUAL_DATE_OF_BIRTH");
  const int year = static_cast<int>(person.holder.birth_date.year());
  switch (person.birth_date_kind) {
    case BirthDateKind::kExact:
      AddText(birth, "TYPE_OF_DATE", "EXACT");
      AddText(birth, "DATE", IsoDate(person.holder.birth_date));
      break;
    case BirthDateKind::kYearOnly:
      AddText(birth, "TYPE_OF_DATE", "APPROXIMATELY");
      AddText(birth, "YEAR", absl::StrCat(year));
      break;
    case BirthDateKind::kBetween:
      AddText(birth, "TYPE_OF_DATE", "BETWEEN");
      AddText(birth, "FROM_YEAR", absl::StrCat(year - 2));
      AddText(birth, "TO_YEAR", absl::StrCat(year + 1));
      break;
    case BirthDateKind::kUnknown:
      AddText(birth, "TYPE_OF_DATE", "");
      break;
  }
}

// FIRST_NAME to FOURTH_NAME is the order of writing: given names, then the surname.
void AddNames(pugi::xml_node individual, const Holder& holder) {
  constexpr const char* kNames[] = {"FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"};
  std::vector<std::string> names = absl::StrSplit(holder.given_names, ' ', absl::SkipEmpty());
  names.push_back(holder.surname);
  for (size_t i = 0; i < names.size() && i < std::size(kNames); ++i) AddText(individual, kNames[i], names[i]);
}

void AddDocument(pugi::xml_node individual, const std::string& number) {
  pugi::xml_node document = individual.append_child("INDIVIDUAL_DOCUMENT");
  if (number.empty()) return;
  AddText(document, "TYPE_OF_DOCUMENT", "Passport");
  AddText(document, "NUMBER", number);
  AddText(document, "ISSUING_COUNTRY", "Utopia");
}

void AddIndividual(pugi::xml_node individuals, const ListedPerson& person, int data_id) {
  pugi::xml_node individual = individuals.append_child("INDIVIDUAL");
  AddText(individual, "DATAID", absl::StrCat(data_id));
  AddText(individual, "VERSIONNUM", "1");
  AddNames(individual, person.holder);
  AddText(individual, "UN_LIST_TYPE", "Utopia");
  AddText(individual, "REFERENCE_NUMBER", person.reference_number);
  AddText(individual, "LISTED_ON", IsoDate(person.listed_on));
  if (person.holder.sex != 'X') AddText(individual, "GENDER", person.holder.sex == 'F' ? "Female" : "Male");
  AddText(individual, "COMMENTS1", "Made-up person of a specimen list.");
  AddValue(individual, "NATIONALITY", "Utopia");
  AddValue(individual, "LIST_TYPE", "Specimen List");
  AddValue(individual, "LAST_DAY_UPDATED", IsoDate(person.listed_on));
  for (const std::string& alias : person.good_aliases) AddAlias(individual, "Good", alias);
  for (const std::string& alias : person.low_aliases) AddAlias(individual, "Low", alias);
  if (person.good_aliases.empty() && person.low_aliases.empty()) AddAlias(individual, "", "");
  AddBirthDate(individual, person);
  AddText(individual.append_child("INDIVIDUAL_PLACE_OF_BIRTH"), "COUNTRY", "");
  AddDocument(individual, person.document_number);
  individual.append_child("SORT_KEY");
  individual.append_child("SORT_KEY_LAST_MOD");
}

}  // namespace

std::vector<ListedDocument> MakeListedDocuments(uint64_t seed, int count, absl::CivilDay today) {
  constexpr const char* kTypes[] = {"P", "P", "P", "I", "V"};
  constexpr const char* kStatuses[] = {"stolen", "stolen",  "lost",         "lost",
                                       "lost",   "revoked", "stolen_blank", "invalid"};
  SeededRandom random(seed, "listed documents");
  std::vector<ListedDocument> documents;
  for (int i = 0; i < count; ++i) {
    documents.push_back({.number = absl::StrCat("Z", random.Text(kNumberAlphabet, 8)),
                         .issuer = "UTO",
                         .type = random.Pick(kTypes),
                         .status = random.Pick(kStatuses),
                         .reported_date = today - random.Between(1, 8 * 365),
                         .record_id = absl::StrFormat("UTO-DOC-%06d", i + 1)});
  }
  return documents;
}

std::vector<ListedPerson> MakeListedPersons(uint64_t seed, int count, absl::CivilDay today) {
  std::vector<ListedPerson> persons;
  for (int i = 0; i < count; ++i) {
    SeededRandom random(seed, "listed person", static_cast<uint64_t>(i));
    ListedPerson person;
    person.reference_number = absl::StrFormat("UTi.%03d", i + 1);
    person.holder = MakeHolder(random, Pool::kListed, today);
    const double kind = random.Unit();
    person.birth_date_kind = kind < .55   ? BirthDateKind::kExact
                             : kind < .85 ? BirthDateKind::kYearOnly
                             : kind < .90 ? BirthDateKind::kBetween
                                          : BirthDateKind::kUnknown;
    const std::string name = FullName(person.holder);
    while (random.Chance(.5) && person.good_aliases.size() < 4) person.good_aliases.push_back(Respell(random, name));
    if (random.Chance(.25)) person.low_aliases.push_back(person.holder.surname);
    if (random.Chance(.2)) person.document_number = absl::StrCat("Z", random.Text(kNumberAlphabet, 8));
    person.listed_on = today - random.Between(30, 15 * 365);
    persons.push_back(std::move(person));
  }
  return persons;
}

std::string DocumentListCsv(const std::vector<ListedDocument>& documents, absl::CivilDay today) {
  std::string csv = absl::StrCat("# published: ", IsoDate(today), "\n");
  csv += "number,issuer,type,status,reported_date,record_id\n";
  for (const ListedDocument& d : documents) {
    absl::StrAppend(&csv, d.number, ",", d.issuer, ",", d.type, ",", d.status, ",", IsoDate(d.reported_date), ",",
                    d.record_id, "\n");
  }
  return csv;
}

std::string PersonsListXml(const std::vector<ListedPerson>& persons, absl::CivilDay today) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  pugi::xml_node list = document.append_child("CONSOLIDATED_LIST");
  list.append_attribute("dateGenerated") = (IsoDate(today) + "T00:00:00.000Z").c_str();
  pugi::xml_node individuals = list.append_child("INDIVIDUALS");
  int data_id = 9000001;
  for (const ListedPerson& person : persons) AddIndividual(individuals, person, data_id++);
  list.append_child("ENTITIES");
  std::ostringstream text;
  document.save(text, "  ");
  return text.str();
}

}  // namespace gatehouse::specimen
