// The UN consolidated list. Its traps: FIRST..FOURTH_NAME is the order of writing, not given and family name; an
// "EXACT" birth may be a bare year; alias elements may be empty; one person has several births.
#include <pugixml.hpp>

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/names/country.h"
#include "services/watchlist/document_number.h"
#include "services/watchlist/list_file.h"
#include "services/watchlist/list_import.h"

namespace gatehouse::watchlist {
namespace {

std::string Text(const pugi::xml_node& parent, const char* child) {
  std::string text(absl::StripAsciiWhitespace(parent.child_value(child)));
  // The list's own word for "nothing known".
  return absl::EqualsIgnoreCase(text, "na") ? "" : text;
}

class UnReader {
 public:
  UnReader(std::string_view bytes, ImportResult& result) : lines_(bytes), result_(result) {}

  absl::Status Read(const pugi::xml_node& root) {
    for (const pugi::xml_node& node : root.child("INDIVIDUALS").children("INDIVIDUAL")) {
      if (absl::Status full = ReadRecord(node, RecordKind::kPerson); !full.ok()) return full;
    }
    for (const pugi::xml_node& node : root.child("ENTITIES").children("ENTITY")) {
      if (absl::Status full = ReadRecord(node, RecordKind::kEntity); !full.ok()) return full;
    }
    return absl::OkStatus();
  }

 private:
  ImportIssue Issue(const pugi::xml_node& node, std::string_view field, std::string_view reason) const {
    const auto offset = static_cast<size_t>(std::max<ptrdiff_t>(node.offset_debug(), 0));
    return {lines_.LineAt(offset), std::string(field), std::string(reason)};
  }
  void Warn(const pugi::xml_node& node, std::string_view field, std::string_view reason) {
    result_.warnings.push_back(Issue(node, field, reason));
  }

  absl::Status ReadRecord(const pugi::xml_node& node, RecordKind kind) {
    if (++result_.rows > kMaxListRecords) return absl::InvalidArgumentError("file: over 2,000,000 records");
    ListRecord record;
    record.kind = kind;
    record.record_id = Text(node, "REFERENCE_NUMBER");
    const auto reject = [&](const char* field, const char* reason) {
      result_.rejected.push_back(Issue(node, field, reason));
      return absl::OkStatus();
    };
    if (record.record_id.empty()) return reject("REFERENCE_NUMBER", "missing");
    if (record.record_id.size() > 64) return reject("REFERENCE_NUMBER", "over 64 bytes");
    if (!seen_.insert(record.record_id).second) return reject("REFERENCE_NUMBER", "given twice; the first is kept");
    ReadNames(node, record);
    if (record.names.empty()) return reject("FIRST_NAME", "no name at all");
    ReadBirths(node, record);
    ReadNationalities(node, record);
    ReadDocuments(node, record);
    const std::string gender = Text(node, "GENDER");
    if (absl::EqualsIgnoreCase(gender, "male")) record.sex = Sex::kMale;
    if (absl::EqualsIgnoreCase(gender, "female")) record.sex = Sex::kFemale;
    result_.records.push_back(std::move(record));
    return absl::OkStatus();
  }

  void AddName(const pugi::xml_node& node, const char* field, std::string text, NameQuality quality,
               ListRecord& record) {
    if (text.empty()) return;
    if (text.size() > kMaxFieldBytes) return Warn(node, field, "over 4096 bytes");
    if (record.names.size() >= kMaxNamesPerRecord) return Warn(node, field, "over 256 names");
    record.names.push_back({std::move(text), quality});
  }

  void ReadNames(const pugi::xml_node& node, ListRecord& record) {
    std::string name;
    for (const char* part : {"FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"}) {
      const std::string text = Text(node, part);
      if (!text.empty()) absl::StrAppend(&name, name.empty() ? "" : " ", text);
    }
    AddName(node, "FIRST_NAME", std::move(name), NameQuality::kPrimary, record);
    AddName(node, "NAME_ORIGINAL_SCRIPT", Text(node, "NAME_ORIGINAL_SCRIPT"), NameQuality::kStrong, record);
    const char* alias_element = record.kind == RecordKind::kPerson ? "INDIVIDUAL_ALIAS" : "ENTITY_ALIAS";
    for (const pugi::xml_node& alias : node.children(alias_element)) {
      const bool low = absl::EqualsIgnoreCase(Text(alias, "QUALITY"), "low");
      // One element may hold several spellings: "Qasim X; Qasem X; Kasim X".
      for (const auto& spelling : absl::StrSplit(Text(alias, "ALIAS_NAME"), ';')) {
        AddName(alias, "ALIAS_NAME", std::string(absl::StripAsciiWhitespace(spelling)),
                low ? NameQuality::kWeak : NameQuality::kStrong, record);
      }
    }
  }

  int Year(const pugi::xml_node& birth, const char* field) {
    const std::string text = Text(birth, field);
    if (text.empty()) return 0;
    const absl::StatusOr<base::PartialDate> date = base::ParsePartialDate(text);
    if (date.ok() && date->year != 0 && text.size() == 4) return date->year;
    Warn(birth, field, "not a year of four digits");
    return 0;
  }

  void ReadBirths(const pugi::xml_node& node, ListRecord& record) {
    for (const pugi::xml_node& birth : node.children("INDIVIDUAL_DATE_OF_BIRTH")) {
      names::ListedBirth listed;
      listed.approximate = absl::EqualsIgnoreCase(Text(birth, "TYPE_OF_DATE"), "approximately");
      listed.date.year = Year(birth, "YEAR");
      listed.from_year = Year(birth, "FROM_YEAR");
      listed.to_year = Year(birth, "TO_YEAR");
      const std::string date = Text(birth, "DATE");
      if (!date.empty()) {
        const absl::StatusOr<base::PartialDate> parsed = base::ParsePartialDate(date);
        if (parsed.ok()) {
          listed.date = *parsed;
        } else {
          Warn(birth, "DATE", std::string(parsed.status().message()));
        }
      }
      if ((listed.from_year == 0) != (listed.to_year == 0) || listed.from_year > listed.to_year) {
        Warn(birth, "FROM_YEAR", "no span of years");
        listed.from_year = listed.to_year = 0;
      }
      if (!listed.date.empty() || listed.from_year != 0) record.births.push_back(listed);
    }
  }

  void ReadNationalities(const pugi::xml_node& node, ListRecord& record) {
    for (const pugi::xml_node& value : node.child("NATIONALITY").children("VALUE")) {
      std::string raw(absl::StripAsciiWhitespace(value.child_value()));
      if (raw.empty() || absl::EqualsIgnoreCase(raw, "na")) continue;
      std::string code = names::CountryCode(raw);
      if (code.empty()) Warn(value, "NATIONALITY", "no country we know; kept as text");
      record.nationalities.push_back({std::move(code), std::move(raw)});
    }
  }

  void ReadDocuments(const pugi::xml_node& node, ListRecord& record) {
    for (const pugi::xml_node& document : node.children("INDIVIDUAL_DOCUMENT")) {
      const std::string number = Text(document, "NUMBER");
      if (number.empty()) continue;
      if (CanonicalDocumentNumber(number).empty()) {
        Warn(document, "NUMBER", "holds prose, not only a number; not searchable");
        continue;
      }
      std::string issuer = names::CountryCode(Text(document, "ISSUING_COUNTRY"));
      if (issuer.empty()) issuer = names::CountryCode(Text(document, "COUNTRY_OF_ISSUE"));
      record.documents.push_back(
          {number, std::move(issuer), CanonicalDocumentType(Text(document, "TYPE_OF_DOCUMENT"))});
    }
  }

  const LineMap lines_;
  ImportResult& result_;
  std::set<std::string> seen_;
};

// pugixml parses without recursion, but deep trees have no place in a list: refuse them before walking.
bool TooDeep(pugi::xml_document& document) {
  struct Depth : pugi::xml_tree_walker {
    bool for_each(pugi::xml_node&) override { return depth() < kMaxXmlDepth; }
  } walker;
  return !document.traverse(walker);
}

}  // namespace

absl::StatusOr<ImportResult> ImportUnXml(std::string_view bytes) {
  if (absl::Status status = CheckListBytes(bytes); !status.ok()) return status;
  pugi::xml_document document;
  // No DTD is processed: entities other than the five of XML stay text, so nothing can expand.
  const pugi::xml_parse_result parsed =
      document.load_buffer(bytes.data(), bytes.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!parsed) {
    const int line = LineMap(bytes).LineAt(static_cast<size_t>(std::max<ptrdiff_t>(parsed.offset, 0)));
    return absl::InvalidArgumentError(
        absl::StrCat("file: not well-formed XML, or cut off, at line ", line, ": ", parsed.description()));
  }
  if (TooDeep(document)) return absl::InvalidArgumentError("file: XML nested deeper than 16");
  const pugi::xml_node root = document.child("CONSOLIDATED_LIST");
  if (!root) return absl::InvalidArgumentError("file: the root element is not CONSOLIDATED_LIST");
  if (!root.child("INDIVIDUALS") && !root.child("ENTITIES")) {
    return absl::InvalidArgumentError("file: neither INDIVIDUALS nor ENTITIES");
  }
  ImportResult result;
  result.format = "un-xml";
  result.sha256 = Sha256Hex(bytes);
  result.version = root.attribute("dateGenerated").value();
  if (result.version.size() > 64) return absl::InvalidArgumentError("dateGenerated: over 64 bytes");
  if (base::ParsePartialDate(std::string_view(result.version).substr(0, 10)).ok()) {
    result.published = result.version.substr(0, 10);
  }
  if (result.version.empty()) result.version = result.sha256.substr(0, 16);
  if (absl::Status status = UnReader(bytes, result).Read(root); !status.ok()) return status;
  if (result.records.empty()) return absl::InvalidArgumentError("file: no record could be read");
  return result;
}

}  // namespace gatehouse::watchlist
