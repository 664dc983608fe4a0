// gatehouse document parse-mrz [FILE|-]
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "gatehouse/document/v1/document.pb.h"
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

void ParseMrz(Context& context, const std::string& path) {
  const absl::StatusOr<std::string> text = ReadInput(path);
  if (!text.ok()) return context.Fail(text.status());
  Table table({"format", "valid", "state", "number", "name", "birth", "expiry", "defects"});
  for (const std::string& record : SplitRecords(*text)) {
    pb::Mrz mrz;
    document::ToProto(mrz::Parse(record), absl::Now(), &mrz);
    if (!mrz.valid()) context.exit_code = kCheckSaysNo;
    const ordered_json json = ToJson(mrz);
    if (context.json) {
      *context.out << JsonLine(json) << "\n";
      continue;
    }
    const pb::MrzFields& fields = mrz.fields();
    std::string defects;
    for (const std::string& defect : mrz.defects()) absl::StrAppend(&defects, defects.empty() ? "" : " ", defect);
    table.Add({EnumWord(mrz, "format"), mrz.valid() ? "valid" : "invalid", fields.issuing_state(),
               fields.document_number(), absl::StrCat(fields.primary_identifier(), ", ", fields.secondary_identifier()),
               json["fields"].value("birth_date", ""), json["fields"].value("expiry_date", ""), defects});
  }
  if (!context.json) table.Print(*context.out, context.colour);
}

}  // namespace

void AddMrzVerbs(CLI::App& document, Context& context) {
  CLI::App* parse = AddVerb(document, "parse-mrz", "Read machine-readable zones, separated by blank lines");
  auto path = std::make_shared<std::string>("-");
  parse->add_option("FILE", *path, "File, or - for standard input");
  parse->callback([&context, path] { ParseMrz(context, *path); });
}

}  // namespace gatehouse::cli
