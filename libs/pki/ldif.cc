#include "libs/pki/ldif.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/status_macros.h"
#include "libs/pki/tlv.h"

namespace gatehouse::pki {
namespace {

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

// The first line of `text` without its end; `bytes` counts it with its end.
std::string_view FirstLine(std::string_view text, size_t& bytes) {
  const size_t end = text.find('\n');
  bytes = end == std::string_view::npos ? text.size() : end + 1;
  std::string_view line = text.substr(0, end);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

// "name: value" and "name:: base64"; the value is decoded.
absl::StatusOr<LdifAttribute> SplitLine(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return Malformed("line", "is no attribute with a colon");
  LdifAttribute attribute{.name = absl::AsciiStrToLower(View(line.substr(0, colon)))};
  absl::string_view value = View(line.substr(colon + 1));
  if (absl::StartsWith(value, "<")) return Malformed(attribute.name, "names a value elsewhere, which is not fetched");
  const bool encoded = absl::ConsumePrefix(&value, ":");
  while (absl::ConsumePrefix(&value, " ")) {
  }
  if (!encoded) {
    attribute.value = std::string(value);
  } else if (!absl::Base64Unescape(value, &attribute.value)) {
    return Malformed(attribute.name, "is not Base64");
  }
  return attribute;
}

std::optional<LdifChange> ChangeOf(const std::string& word) {
  const std::string folded = absl::AsciiStrToLower(word);
  if (folded == "add") return LdifChange::kAdd;
  if (folded == "modify") return LdifChange::kModify;
  if (folded == "delete") return LdifChange::kDelete;
  if (folded == "modrdn" || folded == "moddn") return LdifChange::kRename;
  return std::nullopt;
}

std::optional<LdifModification::Kind> KindOf(const std::string& word) {
  if (word == "add") return LdifModification::Kind::kAdd;
  if (word == "replace") return LdifModification::Kind::kReplace;
  if (word == "delete") return LdifModification::Kind::kDelete;
  return std::nullopt;
}

// A line of a modification: one that begins a part, a value of the part, or the "-" that ends it.
absl::Status ReadModificationLine(std::string_view line, bool& inside, std::vector<LdifModification>& modifications) {
  if (line == "-") {
    inside = false;
    return absl::OkStatus();
  }
  GH_ASSIGN_OR_RETURN(LdifAttribute attribute, SplitLine(line));
  if (inside) {
    if (attribute.name != modifications.back().name) return Malformed(attribute.name, "stands in another's part");
    modifications.back().values.push_back(std::move(attribute.value));
    return absl::OkStatus();
  }
  const auto kind = KindOf(attribute.name);
  if (!kind) return Malformed(attribute.name, "is neither add, replace nor delete");
  modifications.push_back({.kind = *kind, .name = absl::AsciiStrToLower(attribute.value)});
  inside = true;
  return absl::OkStatus();
}

}  // namespace

const std::string* LdifRecord::Find(std::string_view name) const {
  const auto found = std::find_if(attributes.begin(), attributes.end(), [&](const LdifAttribute& attribute) {
    return std::string_view(attribute.name).substr(0, attribute.name.find(';')) == name;
  });
  return found == attributes.end() ? nullptr : &found->value;
}

bool LdifReader::AtBlankLine() const {
  return rest_.empty() || rest_.front() == '\n' || absl::StartsWith(View(rest_), "\r\n");
}

bool LdifReader::NextLine(std::string& line) {
  while (!AtBlankLine()) {
    size_t bytes = 0;
    const std::string_view first = FirstLine(rest_, bytes);
    const bool comment = first.front() == '#';
    // What is over the limit is walked past, not kept.
    const auto keep = [&](std::string_view part) {
      record_bytes_ += part.size();
      if (!comment && record_bytes_ <= kMaxLdifRecordBytes) line.append(part);
    };
    line.clear();
    keep(first);
    rest_.remove_prefix(bytes);
    ++line_;
    while (!rest_.empty() && rest_.front() == ' ') {
      keep(FirstLine(rest_, bytes).substr(1));
      rest_.remove_prefix(bytes);
      ++line_;
    }
    if (!comment) return true;
  }
  return false;
}

void LdifReader::SkipBlankLines() {
  while (!rest_.empty() && AtBlankLine()) {
    rest_.remove_prefix(rest_.front() == '\n' ? 1 : 2);
    ++line_;
  }
}

absl::StatusOr<LdifRecord> LdifReader::ReadRecord() {
  LdifRecord record{.line = line_};
  std::string line;
  bool inside = false;  // a part of a modification
  while (NextLine(line)) {
    if (record_bytes_ > kMaxLdifRecordBytes) return Malformed("record", "is longer than the limit");
    if (record.change == LdifChange::kModify) {
      if (record.modifications.size() >= kMaxLdifAttributes) return Malformed("record", "has too many parts");
      GH_RETURN_IF_ERROR(ReadModificationLine(line, inside, record.modifications));
      continue;
    }
    GH_ASSIGN_OR_RETURN(LdifAttribute attribute, SplitLine(line));
    if (attribute.name == "dn" && record.dn.empty()) {
      record.dn = std::move(attribute.value);
    } else if (record.dn.empty()) {
      // "version: 1" may stand before the first DN, and on its own.
      if (attribute.name != "version") return Malformed(attribute.name, "stands before the dn");
    } else if (attribute.name == "changetype") {
      const auto change = ChangeOf(attribute.value);
      if (!change || !record.attributes.empty()) return Malformed("changetype", "is unknown or stands too late");
      record.change = *change;
    } else if (attribute.name != "control") {
      if (record.attributes.size() >= kMaxLdifAttributes) return Malformed("record", "has too many attributes");
      record.attributes.push_back(std::move(attribute));
    }
  }
  return record;
}

std::optional<absl::StatusOr<LdifRecord>> LdifReader::Next() {
  while (true) {
    SkipBlankLines();
    if (rest_.empty()) return std::nullopt;
    const size_t first_line = line_;
    record_bytes_ = 0;
    absl::StatusOr<LdifRecord> record = ReadRecord();
    if (!record.ok()) {
      std::string ignored;
      while (NextLine(ignored)) {
      }
      return absl::InvalidArgumentError(absl::StrCat("line ", first_line, ": ", record.status().message()));
    }
    if (!record->dn.empty()) return record;
  }
}

namespace {

// Reads one escaped character at `at`, which stands on the backslash.
absl::Status ReadEscape(std::string_view dn, size_t& at, std::string& out) {
  if (at + 1 >= dn.size()) return Malformed("dn", "ends inside an escape");
  const auto is_hex = [&](size_t i) {
    return i < dn.size() && absl::ascii_isxdigit(static_cast<unsigned char>(dn[i]));
  };
  if (is_hex(at + 1) && is_hex(at + 2)) {
    out += absl::HexStringToBytes(View(dn.substr(at + 1, 2)));
    at += 3;
  } else {
    out += dn[at + 1];
    at += 2;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::vector<DnPart>>> ParseDn(std::string_view dn) {
  std::vector<std::vector<DnPart>> names;
  if (dn.empty()) return names;
  names.emplace_back();
  size_t at = 0;
  while (true) {
    while (at < dn.size() && dn[at] == ' ') ++at;
    const size_t equals = dn.find('=', at);
    if (equals == std::string_view::npos || equals == at) return Malformed("dn", "has a part without a type");
    std::string type = absl::AsciiStrToLower(View(dn.substr(at, equals - at)));
    absl::StripAsciiWhitespace(&type);
    if (type.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") != std::string::npos) {
      return Malformed("dn", "has a part whose type is no name");
    }
    std::string value;
    at = equals + 1;
    while (at < dn.size() && dn[at] != ',' && dn[at] != '+' && dn[at] != ';') {
      if (dn[at] == '\\') {
        GH_RETURN_IF_ERROR(ReadEscape(dn, at, value));
      } else {
        value += dn[at++];
      }
    }
    names.back().push_back({std::move(type), std::move(value)});
    if (at >= dn.size()) return names;
    if (dn[at] != '+') names.emplace_back();
    ++at;
  }
}

}  // namespace gatehouse::pki
