// gatehouse document active-auth [FILE|-] | --dir DIR --challenge HEX --response HEX
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/active_authentication.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

using nlohmann::ordered_json;

// One answer of a chip to a challenge, with what is needed to judge it.
struct Answer {
  std::string data_group_15, challenge, signature;
  std::optional<std::string> data_group_14;
  std::optional<pki::Digest> digest;
};

struct Options {
  std::string path = "-";
  std::string folder, challenge, response;
};

absl::StatusOr<std::string> Hex(const std::string& text, const std::string& name) {
  std::string digits;
  for (const char c : text) {
    if (absl::ascii_isspace(static_cast<unsigned char>(c))) continue;
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": is not hexadecimal"));
    }
    digits += c;
  }
  if (digits.size() % 2 != 0) return absl::InvalidArgumentError(absl::StrCat(name, ": has an odd number of digits"));
  return absl::HexStringToBytes(digits);
}

absl::StatusOr<std::string> HexField(const ordered_json& record, const char* name) {
  const auto field = record.find(name);
  if (field == record.end() || !field->is_string()) return absl::InvalidArgumentError(absl::StrCat(name, ": missing"));
  return Hex(field->get<std::string>(), name);
}

// "sha256", "SHA-256".
absl::StatusOr<pki::Digest> DigestByName(std::string name) {
  const std::string wanted = absl::StrReplaceAll(absl::AsciiStrToUpper(name), {{"-", ""}, {"_", ""}});
  for (const pki::Digest digest :
       {pki::Digest::kSha1, pki::Digest::kSha224, pki::Digest::kSha256, pki::Digest::kSha384, pki::Digest::kSha512}) {
    const std::string known(pki::DigestName(digest));
    if (absl::StrReplaceAll(known, {{"-", ""}}) == wanted) return digest;
  }
  return absl::InvalidArgumentError("hash: unknown");
}

absl::StatusOr<Answer> ReadAnswer(const ordered_json& record) {
  if (!record.is_object()) return absl::InvalidArgumentError("is no object");
  Answer answer;
  GH_ASSIGN_OR_RETURN(answer.data_group_15, HexField(record, "dg15"));
  GH_ASSIGN_OR_RETURN(answer.challenge, HexField(record, "challenge"));
  GH_ASSIGN_OR_RETURN(answer.signature, HexField(record, "signature"));
  if (record.contains("dg14") && !record["dg14"].is_null()) {
    GH_ASSIGN_OR_RETURN(answer.data_group_14, HexField(record, "dg14"));
  }
  if (record.contains("hash") && record["hash"].is_string()) {
    GH_ASSIGN_OR_RETURN(answer.digest, DigestByName(record["hash"].get<std::string>()));
  }
  return answer;
}

absl::StatusOr<Answer> ReadFolder(const Options& options) {
  Answer answer;
  GH_ASSIGN_OR_RETURN(answer.data_group_15, ReadInput(options.folder + "/EF.DG15.bin"));
  absl::StatusOr<std::string> group_14 = ReadInput(options.folder + "/EF.DG14.bin");
  if (group_14.ok()) answer.data_group_14 = *std::move(group_14);
  GH_ASSIGN_OR_RETURN(answer.challenge, Hex(options.challenge, "--challenge"));
  GH_ASSIGN_OR_RETURN(answer.signature, Hex(options.response, "--response"));
  return answer;
}

ordered_json Judge(const Answer& answer, ordered_json json) {
  emrtd::ActiveAuthenticationInput input{.data_group_15 = pki::AsBytes(answer.data_group_15),
                                         .digest = answer.digest,
                                         .challenge = pki::AsBytes(answer.challenge),
                                         .signature = pki::AsBytes(answer.signature)};
  if (answer.data_group_14) input.data_group_14 = pki::AsBytes(*answer.data_group_14);
  const emrtd::ActiveAuthentication judged = emrtd::VerifyActiveAuthentication(input);
  json["result"] = ToWord(judged.state);
  json["algorithm"] = judged.algorithm;
  json["hash"] = judged.digest ? pki::DigestName(*judged.digest) : "";
  json["reason"] = ToWord(judged.reason);
  json["notes"] = ordered_json::array();
  for (const emrtd::ActiveAuthenticationNote note : judged.notes) json["notes"].push_back(ToWord(note));
  json["detail"] = judged.detail;
  return json;
}

// An array, one object, or an object a line; a broken line stands as null, so that the others keep their number.
std::vector<ordered_json> SplitVectors(const std::string& text) {
  const ordered_json whole = ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (whole.is_array()) return whole.get<std::vector<ordered_json>>();
  if (whole.is_object()) return {whole};
  std::vector<ordered_json> records;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipWhitespace())) {
    const ordered_json record = ordered_json::parse(line.begin(), line.end(), nullptr, /*allow_exceptions=*/false);
    records.push_back(record.is_discarded() ? ordered_json() : record);
  }
  return records;
}

class Printer {
 public:
  explicit Printer(Context& context) : context_(context) {}

  void Print(const absl::StatusOr<Answer>& answer, ordered_json json) {
    if (answer.ok()) {
      json = Judge(*answer, std::move(json));
    } else {
      context_.Fail(answer.status());
      json["result"] = "undetermined";
      json["reason"] = "input";
      json["detail"] = std::string(answer.status().message());
    }
    worst_ = std::max<int>(worst_, !answer.ok() ? kBadUsage : json["result"] == "valid" ? kDone : kCheckSaysNo);
    if (context_.json) {
      *context_.out << JsonLine(json) << "\n";
    } else {
      table_.Add({json.contains("index") ? absl::StrCat(json["index"].get<size_t>()) : "", json["result"],
                  json.value("algorithm", ""), json.value("hash", ""), json["reason"], json.value("type", "")});
    }
  }
  void Finish() {
    if (!context_.json) table_.Print(*context_.out, context_.colour);
    context_.exit_code = worst_;
  }

 private:
  Context& context_;
  Table table_{{"index", "result", "algorithm", "hash", "reason", "type"}};
  int worst_ = kDone;
};

void ActiveAuth(Context& context, const Options& options) {
  Printer printer(context);
  if (!options.folder.empty()) {
    ordered_json json;
    json["input"] = options.folder;
    printer.Print(ReadFolder(options), std::move(json));
    return printer.Finish();
  }
  const absl::StatusOr<std::string> text = ReadInput(options.path);
  if (!text.ok()) return context.Fail(text.status());
  const std::vector<ordered_json> records = SplitVectors(*text);
  if (records.empty()) return context.Fail(absl::InvalidArgumentError("there is no vector"));
  for (size_t i = 0; i < records.size(); ++i) {
    ordered_json json;
    json["index"] = i;
    if (records[i].is_object() && records[i].contains("type")) json["type"] = records[i]["type"];
    printer.Print(ReadAnswer(records[i]), std::move(json));
  }
  printer.Finish();
}

}  // namespace

void AddActiveAuthVerb(CLI::App& document, Context& context) {
  CLI::App* verb = AddVerb(document, "active-auth", "Judge answers of chips to Active Authentication");
  auto options = std::make_shared<Options>();
  verb->add_option("FILE", options->path,
                   "JSON with dg15, dg14, challenge, signature in hexadecimal: an array, or an object a line; - for "
                   "standard input");
  verb->add_option("--dir", options->folder, "Folder with EF.DG15.bin and EF.DG14.bin instead");
  verb->add_option("--challenge", options->challenge, "With --dir: eight octets, hexadecimal");
  verb->add_option("--response", options->response, "With --dir: what the chip answered, hexadecimal");
  verb->callback([&context, options] { ActiveAuth(context, *options); });
}

}  // namespace gatehouse::cli
