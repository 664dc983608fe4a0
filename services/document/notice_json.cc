#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/mrz/check_digit.h"
#include "libs/mrz/states.h"
#include "services/document/notice_file.h"

namespace gatehouse::document {
namespace {

using nlohmann::json;

constexpr char kFormat[] = "gatehouse-notices";
constexpr int kVersion = 1;

absl::Status Wrong(const std::string& field, std::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", std::string(reason)));
}

// Texts are shown on terminals and kept in databases: neither takes these well. U+0080 to U+009F are C2 80 to C2 9F.
bool HasControlCharacter(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) return true;
    if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

// A text field of `object`; "" when it is missing and need not be there. `path` is where the object stands: "", or
// "features[0]." and the like.
absl::StatusOr<std::string> Text(const json& object, const char* key, bool required = false,
                                 const std::string& path = "") {
  const std::string field = path + key;
  const auto at = object.find(key);
  if (at == object.end()) return required ? absl::StatusOr<std::string>(Wrong(field, "missing")) : std::string();
  if (!at->is_string()) return Wrong(field, "not a text");
  std::string text = at->get<std::string>();
  if (text.size() > kMaxNoticeTextBytes) {
    return Wrong(field, absl::StrCat("longer than ", kMaxNoticeTextBytes, " bytes"));
  }
  if (required && text.empty()) return Wrong(field, "empty");
  if (HasControlCharacter(text)) return Wrong(field, "has a control character");
  return text;
}

absl::StatusOr<base::PartialDate> Date(const json& object, const char* key) {
  GH_ASSIGN_OR_RETURN(const std::string text, Text(object, key));
  if (text.empty()) return base::PartialDate{};
  absl::StatusOr<base::PartialDate> date = base::ParsePartialDate(text);
  if (!date.ok()) return Wrong(key, std::string(date.status().message()));
  return date;
}

// The elements of a list that may be missing.
absl::StatusOr<const json*> List(const json& object, const char* key, size_t limit) {
  static const json kNone = json::array();
  const auto at = object.find(key);
  if (at == object.end()) return &kNone;
  if (!at->is_array()) return Wrong(key, "not a list");
  if (at->size() > limit) return Wrong(key, absl::StrCat("more than ", limit));
  return &*at;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNoticeNumber &&
         std::all_of(text.begin(), text.end(), [](char c) { return mrz::IsDigit(c) || mrz::IsLetter(c); });
}

absl::StatusOr<NumberRange> ReadRange(const json& object, const std::string& field) {
  if (!object.is_object()) return Wrong(field, "not an object");
  NumberRange range;
  GH_ASSIGN_OR_RETURN(range.first, Text(object, "first", /*required=*/true, field + "."));
  GH_ASSIGN_OR_RETURN(range.last, Text(object, "last", /*required=*/true, field + "."));
  if (!IsNumber(range.first)) return Wrong(field + ".first", "not a document number (A-Z and 0-9)");
  if (!IsNumber(range.last)) return Wrong(field + ".last", "not a document number (A-Z and 0-9)");
  if (range.first.size() != range.last.size()) return Wrong(field + ".last", "not as long as the first");
  if (range.last < range.first) return Wrong(field + ".last", "before the first");
  return range;
}

absl::StatusOr<std::string> ReadPattern(const json& value, const std::string& field) {
  if (!value.is_string()) return Wrong(field, "not a text");
  std::string pattern = value.get<std::string>();
  std::string plain = pattern;
  std::replace(plain.begin(), plain.end(), kAnyCharacter, '0');
  std::replace(plain.begin(), plain.end(), kAnyDigit, '0');
  if (!IsNumber(plain)) return Wrong(field, "not a pattern (A-Z, 0-9, ? for any character, # for any digit)");
  return pattern;
}

absl::StatusOr<NoticeImage> ReadImage(const json& feature, const std::string& field) {
  NoticeImage image;
  const auto at = feature.find("image");
  if (at == feature.end()) return image;
  if (!at->is_object()) return Wrong(field, "not an object");
  GH_ASSIGN_OR_RETURN(image.format, Text(*at, "format", /*required=*/true, field + "."));
  const auto content = at->find("content");
  if (content == at->end() || !content->is_string()) return Wrong(field + ".content", "missing, or not a text");
  const std::string& encoded = content->get_ref<const std::string&>();
  if (encoded.size() > kMaxNoticeImageBytes / 3 * 4 + 4) return Wrong(field + ".content", "too large");
  if (!absl::Base64Unescape(encoded, &image.content)) return Wrong(field + ".content", "not base64");
  const bool jpeg = image.format == "jpeg" && image.content.rfind("\xFF\xD8\xFF", 0) == 0;
  const bool png = image.format == "png" && image.content.rfind("\x89PNG\r\n\x1A\n", 0) == 0;
  if (!jpeg && !png) return Wrong(field, "not a jpeg or png as its format says");
  return image;
}

absl::StatusOr<NoticeFeature> ReadFeature(const json& object, const std::string& field) {
  if (!object.is_object()) return Wrong(field, "not an object");
  NoticeFeature feature;
  GH_ASSIGN_OR_RETURN(feature.name, Text(object, "name", /*required=*/true, field + "."));
  GH_ASSIGN_OR_RETURN(feature.place, Text(object, "place", /*required=*/false, field + "."));
  GH_ASSIGN_OR_RETURN(feature.expected, Text(object, "expected", /*required=*/false, field + "."));
  GH_ASSIGN_OR_RETURN(feature.image, ReadImage(object, field + ".image"));
  return feature;
}

absl::StatusOr<NoticeKind> ReadKind(const json& object) {
  GH_ASSIGN_OR_RETURN(const std::string word, Text(object, "kind", /*required=*/true));
  if (const std::optional<NoticeKind> kind = NoticeKindOf(word)) return *kind;
  return Wrong("kind", "one of reference_specimen, counterfeit, stolen_blank, impostor, alteration");
}

absl::Status ReadNumbers(const json& object, Notice& notice) {
  GH_ASSIGN_OR_RETURN(const json* ranges, List(object, "number_ranges", kMaxNumberRanges));
  for (size_t i = 0; i < ranges->size(); ++i) {
    GH_ASSIGN_OR_RETURN(NumberRange range, ReadRange((*ranges)[i], absl::StrCat("number_ranges[", i, "]")));
    notice.number_ranges.push_back(std::move(range));
  }
  GH_ASSIGN_OR_RETURN(const json* patterns, List(object, "number_patterns", kMaxNumberRanges));
  for (size_t i = 0; i < patterns->size(); ++i) {
    GH_ASSIGN_OR_RETURN(std::string pattern, ReadPattern((*patterns)[i], absl::StrCat("number_patterns[", i, "]")));
    notice.number_patterns.push_back(std::move(pattern));
  }
  return absl::OkStatus();
}

absl::StatusOr<Notice> ReadNotice(const json& object) {
  if (!object.is_object()) return absl::InvalidArgumentError("not an object");
  Notice notice;
  GH_ASSIGN_OR_RETURN(notice.id, Text(object, "id", /*required=*/true));
  GH_ASSIGN_OR_RETURN(notice.kind, ReadKind(object));
  GH_ASSIGN_OR_RETURN(notice.issuing_state, Text(object, "issuing_state", /*required=*/true));
  if (!mrz::IsKnownState(notice.issuing_state)) return Wrong("issuing_state", "not a code of Doc 9303-3");
  GH_ASSIGN_OR_RETURN(notice.document_code, Text(object, "document_code"));
  if (notice.document_code.size() > 2 ||
      !std::all_of(notice.document_code.begin(), notice.document_code.end(), mrz::IsLetter)) {
    return Wrong("document_code", "at most two letters A-Z");
  }
  GH_ASSIGN_OR_RETURN(notice.model, Text(object, "model"));
  GH_ASSIGN_OR_RETURN(notice.series, Text(object, "series"));
  GH_RETURN_IF_ERROR(ReadNumbers(object, notice));
  GH_ASSIGN_OR_RETURN(notice.expiry_from, Date(object, "expiry_from"));
  GH_ASSIGN_OR_RETURN(notice.expiry_until, Date(object, "expiry_until"));
  GH_ASSIGN_OR_RETURN(notice.valid_from, Date(object, "valid_from"));
  GH_ASSIGN_OR_RETURN(notice.valid_until, Date(object, "valid_until"));
  GH_ASSIGN_OR_RETURN(const json* features, List(object, "features", kMaxNoticeFeatures));
  for (size_t i = 0; i < features->size(); ++i) {
    GH_ASSIGN_OR_RETURN(NoticeFeature feature, ReadFeature((*features)[i], absl::StrCat("features[", i, "]")));
    notice.features.push_back(std::move(feature));
  }
  GH_ASSIGN_OR_RETURN(notice.look_here, Text(object, "look_here", /*required=*/true));
  GH_ASSIGN_OR_RETURN(notice.source, Text(object, "source", /*required=*/true));
  return notice;
}

}  // namespace

absl::StatusOr<NoticeBundle> ReadNotices(std::string_view text) {
  if (text.size() > kMaxNoticeFileBytes) return Wrong("bundle", "too large");
  bool too_deep = false;
  const auto watch = [&too_deep](int depth, json::parse_event_t, json&) {
    too_deep |= depth > kMaxNoticeNesting;
    return !too_deep;
  };
  const json bundle = json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (too_deep) return Wrong("bundle", "nested too deeply");
  if (!bundle.is_object()) return Wrong("bundle", "not a JSON object");
  GH_ASSIGN_OR_RETURN(const std::string format, Text(bundle, "format", /*required=*/true));
  if (format != kFormat) return Wrong("format", kFormat);
  if (!bundle.contains("version") || bundle["version"] != kVersion) return Wrong("version", "not one we read");
  NoticeBundle out;
  GH_ASSIGN_OR_RETURN(out.publisher, Text(bundle, "publisher", /*required=*/true));
  const auto number = bundle.find("number");
  // Within what an int64_t holds, and JSON readers without big numbers too.
  if (number == bundle.end() || !number->is_number_unsigned() || *number < 1u || *number > kMaxBundleNumber) {
    return Wrong("number", "not a whole number from 1");
  }
  out.number = number->get<int64_t>();
  GH_ASSIGN_OR_RETURN(const json* notices, List(bundle, "notices", kMaxNotices));
  std::set<std::string> ids;
  for (size_t row = 0; row < notices->size(); ++row) {
    absl::StatusOr<Notice> notice = ReadNotice((*notices)[row]);
    if (notice.ok() && !ids.insert(notice->id).second) notice = Wrong("id", "stands twice in this bundle");
    if (notice.ok()) {
      out.notices.push_back(*std::move(notice));
      out.rows.push_back(row);
      continue;
    }
    const json& object = (*notices)[row];
    const absl::StatusOr<std::string> id =
        object.is_object() ? Text(object, "id") : absl::StatusOr<std::string>(std::string());
    out.refused.push_back({row, id.value_or(""), absl::StrCat("notices[", row, "].", notice.status().message())});
  }
  return out;
}

}  // namespace gatehouse::document
