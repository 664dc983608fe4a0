#include "tools/gatehouse/identity_json.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/partial_date.h"
#include "libs/base/status_macros.h"

namespace gatehouse::cli {
namespace {

using nlohmann::json;

absl::StatusOr<std::string> Text(const json& object, const char* key) {
  const auto it = object.find(key);
  if (it == object.end() || it->is_null()) return std::string();
  if (!it->is_string()) return absl::InvalidArgumentError(absl::StrCat(key, " must be a text"));
  return it->get<std::string>();
}

absl::Status SetDate(const json& object, const char* key, gatehouse::type::v1::PartialDate* date) {
  // A year alone is often written as a number.
  const auto it = object.find(key);
  const bool is_number = it != object.end() && it->is_number_integer();
  GH_ASSIGN_OR_RETURN(const std::string text, is_number ? it->dump() : Text(object, key));
  if (text.empty()) return absl::OkStatus();
  const absl::StatusOr<base::PartialDate> parsed = base::ParsePartialDate(text);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(key, ": ", std::string(parsed.status().message())));
  }
  date->set_year(parsed->year);
  date->set_month(parsed->month);
  date->set_day(parsed->day);
  return absl::OkStatus();
}

absl::StatusOr<gatehouse::type::v1::Sex> ParseSex(const std::string& text) {
  const std::string word = absl::AsciiStrToLower(text);
  if (word.empty() || word == "<" || word == "u" || word == "unspecified") return gatehouse::type::v1::SEX_UNSPECIFIED;
  if (word == "f" || word == "female") return gatehouse::type::v1::SEX_FEMALE;
  if (word == "m" || word == "male") return gatehouse::type::v1::SEX_MALE;
  if (word == "x") return gatehouse::type::v1::SEX_X;
  return absl::InvalidArgumentError("sex is F, M, X or empty");
}

}  // namespace

absl::StatusOr<gatehouse::type::v1::Identity> IdentityFromJson(const json& object) {
  if (!object.is_object()) return absl::InvalidArgumentError("a JSON object is wanted");
  gatehouse::type::v1::Identity identity;
  GH_ASSIGN_OR_RETURN(*identity.mutable_name()->mutable_full(), Text(object, "name"));
  GH_ASSIGN_OR_RETURN(*identity.mutable_name()->mutable_primary(), Text(object, "primary"));
  GH_ASSIGN_OR_RETURN(*identity.mutable_name()->mutable_secondary(), Text(object, "secondary"));
  GH_ASSIGN_OR_RETURN(*identity.mutable_name()->mutable_mrz_name(), Text(object, "mrz_name"));
  GH_RETURN_IF_ERROR(SetDate(object, "birth_date", identity.mutable_birth_date()));
  GH_RETURN_IF_ERROR(SetDate(object, "expiry_date", identity.mutable_expiry_date()));
  GH_ASSIGN_OR_RETURN(const std::string sex, Text(object, "sex"));
  GH_ASSIGN_OR_RETURN(const gatehouse::type::v1::Sex parsed_sex, ParseSex(sex));
  identity.set_sex(parsed_sex);
  GH_ASSIGN_OR_RETURN(*identity.mutable_nationality(), Text(object, "nationality"));
  const auto document = object.find("document");
  if (document != object.end() && !document->is_null()) {
    if (!document->is_object()) return absl::InvalidArgumentError("document must be an object");
    GH_ASSIGN_OR_RETURN(*identity.mutable_document()->mutable_number(), Text(*document, "number"));
    GH_ASSIGN_OR_RETURN(*identity.mutable_document()->mutable_issuer(), Text(*document, "issuer"));
    GH_ASSIGN_OR_RETURN(*identity.mutable_document()->mutable_type(), Text(*document, "type"));
  }
  return identity;
}

}  // namespace gatehouse::cli
