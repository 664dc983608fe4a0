// gatehouse document parse-mrz [FILE|-] | write-mrz [FILE|-] | transliterate NAME...
#include <CLI/CLI.hpp>
#include <array>
#include <functional>
#include <memory>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "gatehouse/document/v1/document.pb.h"
#include "libs/base/status_macros.h"
#include "libs/mrz/originals.h"
#include "libs/mrz/transliterate.h"
#include "libs/mrz/write.h"
#include "services/document/convert.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::document::v1;
using nlohmann::ordered_json;

// ---- parse-mrz
// -------------------------------------------------------------------------------------------------------

// Records are separated by blank lines. The byte order mark that some editors put before a text is none of it.
std::vector<std::string> SplitRecords(absl::string_view text) {
  std::vector<std::string> records;
  std::string record;
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line.find_first_not_of(" \t\r") == absl::string_view::npos) {
      if (!record.empty()) records.push_back(std::move(record));
      record.clear();
    } else {
      absl::StrAppend(&record, line, "\n");
    }
  }
  if (!record.empty()) records.push_back(std::move(record));
  return records;
}

// "repair: 2:5 O>0": line and position of each swap that is offered.
std::string RepairText(const pb::MrzRepair& repair) {
  std::string text;
  for (const pb::MrzSwap& swap : repair.swaps()) {
    absl::StrAppend(&text, text.empty() ? "repair: " : ", ", swap.line(), ":", swap.position(), " ", swap.from(), ">",
                    swap.to());
  }
  return text;
}

void ParseMrz(Context& context, const std::string& path) {
  const absl::StatusOr<std::string> text = ReadInput(path);
  if (!text.ok()) return context.Fail(text.status());
  const std::vector<std::string> records = SplitRecords(*text);
  if (records.empty()) return context.Fail(NothingToDo(path, "machine-readable zone"));
  Table table({"format", "valid", "state", "number", "name", "birth", "expiry", "defects"});
  for (const std::string& record : records) {
    pb::Mrz mrz;
    document::ToProto(mrz::Parse(record), absl::Now(), &mrz);
    if (!mrz.valid()) context.exit_code = kCheckSaysNo;
    const ordered_json json = ToJson(mrz);
    if (context.json) {
      *context.out << JsonLine(json) << "\n";
      continue;
    }
    const pb::MrzFields& fields = mrz.fields();
    std::vector<std::string> defects(mrz.defects().begin(), mrz.defects().end());
    if (mrz.has_repair()) defects.push_back(RepairText(mrz.repair()));
    table.Add({EnumWord(mrz, "format"), mrz.valid() ? "valid" : "invalid", fields.issuing_state(),
               fields.document_number(), absl::StrCat(fields.primary_identifier(), ", ", fields.secondary_identifier()),
               json["fields"].value("birth_date", ""), json["fields"].value("expiry_date", ""),
               absl::StrJoin(defects, " ")});
  }
  if (!context.json) table.Print(*context.out, context.colour);
}

// ---- write-mrz
// -------------------------------------------------------------------------------------------------------

template <typename Value>
struct Word {
  std::string_view word;
  Value value;
};

constexpr std::array<Word<mrz::Format>, 5> kFormats = {{{"td1", mrz::Format::kTd1},
                                                        {"td2", mrz::Format::kTd2},
                                                        {"td3", mrz::Format::kTd3},
                                                        {"mrv_a", mrz::Format::kMrvA},
                                                        {"mrv_b", mrz::Format::kMrvB}}};
// The words of the output, and the letters of the zone.
constexpr std::array<Word<mrz::Sex>, 8> kSexes = {{{"female", mrz::Sex::kFemale},
                                                   {"male", mrz::Sex::kMale},
                                                   {"unspecified", mrz::Sex::kUnspecified},
                                                   {"x", mrz::Sex::kX},
                                                   {"f", mrz::Sex::kFemale},
                                                   {"m", mrz::Sex::kMale},
                                                   {"<", mrz::Sex::kUnspecified},
                                                   {"", mrz::Sex::kUnspecified}}};
constexpr std::array<Word<mrz::Language>, 7> kLanguages = {{{"general", mrz::Language::kGeneral},
                                                            {"belarusian", mrz::Language::kBelarusian},
                                                            {"bulgarian", mrz::Language::kBulgarian},
                                                            {"macedonian", mrz::Language::kMacedonian},
                                                            {"serbian", mrz::Language::kSerbian},
                                                            {"ukrainian", mrz::Language::kUkrainian},
                                                            {"", mrz::Language::kGeneral}}};
constexpr std::array<Word<mrz::Script>, 3> kScripts = {
    {{"latin", mrz::Script::kLatin}, {"cyrillic", mrz::Script::kCyrillic}, {"arabic", mrz::Script::kArabic}}};

template <typename Value, size_t N>
absl::StatusOr<Value> ValueOf(const std::array<Word<Value>, N>& words, const char* field, const std::string& text) {
  const std::string lower = absl::AsciiStrToLower(text);
  std::string known;
  for (const Word<Value>& word : words) {
    if (word.word == lower) return word.value;
    if (!word.word.empty()) absl::StrAppend(&known, known.empty() ? "" : ", ", std::string(word.word));
  }
  return absl::InvalidArgumentError(absl::StrCat(field, ": one of ", known));
}

absl::StatusOr<base::PartialDate> DateOf(const char* field, const std::string& text) {
  if (text.empty()) return base::PartialDate{};
  absl::StatusOr<base::PartialDate> date = base::ParsePartialDate(text);
  if (date.ok()) return date;
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", date.status().message()));
}

// The keys, which are those of parse-mrz; flags have hyphens.
constexpr std::array<const char*, 13> kFieldNames = {
    "format",       "document_code", "issuing_state",      "document_number",      "nationality",     "birth_date",
    "sex",          "expiry_date",   "primary_identifier", "secondary_identifier", "optional_data_1", "optional_data_2",
    "name_language"};

// Value of a field by its name; "" when it is not given.
using FieldReader = std::function<absl::StatusOr<std::string>(const char* name)>;

absl::StatusOr<std::string> WriteFrom(const FieldReader& read) {
  mrz::MrzFields fields;
  GH_ASSIGN_OR_RETURN(const std::string format, read("format"));
  GH_ASSIGN_OR_RETURN(fields.format, ValueOf(kFormats, "format", format));
  GH_ASSIGN_OR_RETURN(fields.document_code, read("document_code"));
  GH_ASSIGN_OR_RETURN(fields.issuing_state, read("issuing_state"));
  GH_ASSIGN_OR_RETURN(fields.document_number, read("document_number"));
  GH_ASSIGN_OR_RETURN(fields.nationality, read("nationality"));
  GH_ASSIGN_OR_RETURN(const std::string birth_date, read("birth_date"));
  GH_ASSIGN_OR_RETURN(fields.birth_date, DateOf("birth_date", birth_date));
  GH_ASSIGN_OR_RETURN(const std::string sex, read("sex"));
  GH_ASSIGN_OR_RETURN(fields.sex, ValueOf(kSexes, "sex", sex));
  GH_ASSIGN_OR_RETURN(const std::string expiry_date, read("expiry_date"));
  GH_ASSIGN_OR_RETURN(fields.expiry_date, DateOf("expiry_date", expiry_date));
  GH_ASSIGN_OR_RETURN(fields.primary_identifier, read("primary_identifier"));
  GH_ASSIGN_OR_RETURN(fields.secondary_identifier, read("secondary_identifier"));
  GH_ASSIGN_OR_RETURN(fields.optional_data_1, read("optional_data_1"));
  GH_ASSIGN_OR_RETURN(fields.optional_data_2, read("optional_data_2"));
  GH_ASSIGN_OR_RETURN(const std::string language, read("name_language"));
  GH_ASSIGN_OR_RETURN(fields.name_language, ValueOf(kLanguages, "name_language", language));
  return mrz::Write(fields);
}

// Fields of one JSON object: at its top, or below `fields` as parse-mrz puts them.
absl::StatusOr<std::string> WriteJsonLine(const std::string& line) {
  const nlohmann::json json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError("record: not a JSON object");
  const nlohmann::json fields = json.contains("fields") && json["fields"].is_object() ? json["fields"] : json;
  return WriteFrom([&](const char* name) -> absl::StatusOr<std::string> {
    const nlohmann::json& from = fields.contains(name) ? fields : json;
    if (!from.contains(name)) return "";
    if (!from[name].is_string()) return absl::InvalidArgumentError(absl::StrCat(name, ": not a text"));
    return from[name].get<std::string>();
  });
}

void PrintWritten(Context& context, const absl::StatusOr<std::string>& written) {
  if (!written.ok()) context.Fail(written.status());
  if (context.json) {
    ordered_json json;
    if (written.ok()) {
      json["mrz"] = *written;
      json["lines"] = std::vector<std::string>(absl::StrSplit(*written, '\n'));
    } else {
      json["error"] = std::string(written.status().message());
    }
    *context.out << JsonLine(json) << "\n";
  } else if (written.ok()) {
    *context.out << *written << "\n\n";
  }
}

struct WriteOptions {
  std::string file;
  std::array<std::string, kFieldNames.size()> fields;
};

void WriteMrz(Context& context, const WriteOptions& options) {
  const bool by_flags = std::any_of(options.fields.begin(), options.fields.end(),
                                    [](const std::string& field) { return !field.empty(); });
  if (by_flags && !options.file.empty()) {
    return context.Fail(absl::InvalidArgumentError("FILE: fields are given by flags or by a file, not by both"));
  }
  if (by_flags) {
    return PrintWritten(context, WriteFrom([&](const char* name) -> absl::StatusOr<std::string> {
                          const auto at =
                              std::find_if(kFieldNames.begin(), kFieldNames.end(),
                                           [name](const char* field) { return std::string_view(field) == name; });
                          return options.fields[static_cast<size_t>(at - kFieldNames.begin())];
                        }));
  }
  const std::string file = options.file.empty() ? "-" : options.file;
  const absl::StatusOr<std::string> text = ReadInput(file);
  if (!text.ok()) return context.Fail(text.status());
  if (absl::StripAsciiWhitespace(*text).empty()) return context.Fail(NothingToDo(file, "record"));
  for (absl::string_view line : absl::StrSplit(*text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (!line.empty()) PrintWritten(context, WriteJsonLine(std::string(line)));
  }
}

// ---- transliterate
// ---------------------------------------------------------------------------------------------------

struct TransliterateOptions {
  std::vector<std::string> names;
  std::string language;
  std::string compare;
  bool truncated = false;
  std::string back;
};

absl::StatusOr<ordered_json> TransliterateOne(const std::string& name, const TransliterateOptions& options) {
  GH_ASSIGN_OR_RETURN(const mrz::Language language, ValueOf(kLanguages, "--language", options.language));
  ordered_json json;
  json["name"] = name;
  if (!options.back.empty()) {
    GH_ASSIGN_OR_RETURN(const mrz::Script script, ValueOf(kScripts, "--back", options.back));
    GH_ASSIGN_OR_RETURN(const mrz::TextSet set, mrz::Originals(name, script, language));
    json["originals"] = set.texts;
    json["complete"] = set.complete;
    return json;
  }
  GH_ASSIGN_OR_RETURN(const mrz::TextSet set, mrz::Spellings(name, language));
  json["mrz"] = set.texts.front();
  json["spellings"] = set.texts;
  json["complete"] = set.complete;
  if (!options.compare.empty()) {
    GH_ASSIGN_OR_RETURN(const bool may, mrz::MayBeSpelled(name, options.compare, options.truncated, language));
    json["may_be_spelled"] = may;
  }
  return json;
}

void Transliterate(Context& context, const TransliterateOptions& options) {
  for (const std::string& name : options.names) {
    absl::StatusOr<ordered_json> json = TransliterateOne(name, options);
    if (!json.ok()) {
      context.Fail(json.status());
      if (context.json) {
        *context.out << JsonLine({{"name", name}, {"error", std::string(json.status().message())}}) << "\n";
      }
      continue;
    }
    if (json->contains("may_be_spelled") && !(*json)["may_be_spelled"].get<bool>() && context.exit_code == kDone) {
      context.exit_code = kCheckSaysNo;
    }
    if (context.json) {
      *context.out << JsonLine(*json) << "\n";
      continue;
    }
    const char* list = options.back.empty() ? "spellings" : "originals";
    for (const auto& text : (*json)[list]) *context.out << text.get<std::string>() << "\n";
    if (!(*json)["complete"].get<bool>()) *context.out << "... and more\n";
  }
}

void AddWriteMrz(CLI::App& document, Context& context) {
  CLI::App* write = AddVerb(document, "write-mrz", "Write machine-readable zones from fields: flags, or JSON lines");
  auto options = std::make_shared<WriteOptions>();
  write->add_option("FILE", options->file, "JSON lines with the fields of parse-mrz, or - for standard input");
  for (size_t i = 0; i < kFieldNames.size(); ++i) {
    std::string flag = absl::StrCat("--", kFieldNames[i]);
    std::replace(flag.begin(), flag.end(), '_', '-');
    write->add_option(flag, options->fields[i], kFieldNames[i]);
  }
  write->callback([&context, options] { WriteMrz(context, *options); });
}

void AddTransliterate(CLI::App& document, Context& context) {
  CLI::App* verb = AddVerb(document, "transliterate", "The spellings of a name that a machine-readable zone may have");
  auto options = std::make_shared<TransliterateOptions>();
  verb->add_option("NAME", options->names, "Names or identifiers")->required();
  verb->add_option("--language", options->language, "belarusian, bulgarian, macedonian, serbian or ukrainian");
  verb->add_option("--compare", options->compare, "Also says whether this identifier of a zone may be the name");
  verb->add_flag("--truncated", options->truncated, "The identifier to compare may be cut");
  verb->add_option("--back", options->back, "From the zone back to latin, cyrillic or arabic");
  verb->callback([&context, options] { Transliterate(context, *options); });
}

}  // namespace

void AddMrzVerbs(CLI::App& document, Context& context) {
  CLI::App* parse = AddVerb(document, "parse-mrz", "Read machine-readable zones, separated by blank lines");
  auto path = std::make_shared<std::string>("-");
  parse->add_option("FILE", *path, "File, or - for standard input");
  parse->callback([&context, path] { ParseMrz(context, *path); });
  AddWriteMrz(document, context);
  AddTransliterate(document, context);
}

}  // namespace gatehouse::cli
