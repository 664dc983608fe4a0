#include "libs/pki/pkd.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/status_macros.h"

namespace gatehouse::pki {
namespace {

constexpr size_t kMaxSkippedTold = 10'000;

// Attributes whose value is an object of ours. Servers write options (";binary") and both spellings.
constexpr std::array<std::string_view, 8> kObjectAttributes = {
    "usercertificate",         "cacertificate",        "cscacertificate",         "certificaterevocationlist",
    "authorityrevocationlist", "pkdmasterlistcontent", "pkddeviationlistcontent", "pkdbarcodesignercertificate"};

std::string_view PlainName(std::string_view name) { return name.substr(0, name.find(';')); }

bool IsObject(std::string_view name) {
  return std::find(kObjectAttributes.begin(), kObjectAttributes.end(), PlainName(name)) != kObjectAttributes.end();
}

bool IsAuthorityAttribute(std::string_view name) {
  return PlainName(name) == "cacertificate" || PlainName(name) == "cscacertificate";
}

absl::StatusOr<PkdMark> ReadMark(const LdifRecord& record) {
  PkdMark mark{.line = record.line, .dn = record.dn};
  GH_ASSIGN_OR_RETURN(const auto names, ParseDn(record.dn));
  for (const std::vector<DnPart>& parts : names) {
    for (const DnPart& part : parts) {
      if (part.type == "c" && mark.country.empty()) mark.country = absl::AsciiStrToUpper(part.value);
      if (part.type == "o" && mark.container.empty()) mark.container = absl::AsciiStrToLower(part.value);
      if (part.type == "dc" && absl::AsciiStrToLower(part.value) == "nc-data") mark.conformance.nonconformant = true;
    }
  }
  return mark;
}

PkdCollection CollectionOf(const PkdMark& mark) {
  if (mark.conformance.nonconformant) return PkdCollection::kNonconformant;
  return mark.container == "ml" ? PkdCollection::kMasterLists : PkdCollection::kSigners;
}

// It is shown on terminals and kept with every entry.
std::string Printable(std::string_view text) {
  std::string told(text.substr(0, kMaxConformanceBytes));
  std::replace_if(
      told.begin(), told.end(), [](char c) { return !absl::ascii_isprint(static_cast<unsigned char>(c)); }, '?');
  return told;
}

// The attributes of an entry, or those that a modification writes.
std::vector<LdifAttribute> WrittenAttributes(LdifRecord& record) {
  if (record.change != LdifChange::kModify) return std::move(record.attributes);
  std::vector<LdifAttribute> written;
  for (LdifModification& modification : record.modifications) {
    if (modification.kind == LdifModification::Kind::kDelete) continue;
    for (std::string& value : modification.values) written.push_back({modification.name, std::move(value)});
  }
  return written;
}

absl::Status ReadEntry(LdifRecord& record, PkdFile& file, const std::function<void(const PkdObject&)>& take) {
  GH_ASSIGN_OR_RETURN(PkdMark mark, ReadMark(record));
  if (!mark.container.empty()) file.versions.collections.insert(CollectionOf(mark));
  if (record.change == LdifChange::kRename)
    return Malformed("changetype", "renames an entry, which the PKD never does");
  if (record.change == LdifChange::kDelete) {
    file.deleted.push_back(record.dn);
    ++file.versions.deletions;
    return absl::OkStatus();
  }
  const std::vector<LdifAttribute> attributes = WrittenAttributes(record);
  for (const LdifAttribute& attribute : attributes) {
    if (attribute.name == "pkdversion") {
      int64_t version = 0;
      if (!absl::SimpleAtoi(attribute.value, &version) || version < 0) {
        return Malformed("pkdVersion", "is not a number");
      }
      mark.version = version;
      file.versions.stated.insert(version);
    } else if (attribute.name == "pkdconformancecode") {
      mark.conformance.code = Printable(attribute.value);
    } else if (attribute.name == "pkdconformancetext") {
      mark.conformance.text = Printable(attribute.value);
    }
  }
  for (const LdifAttribute& attribute : attributes) {
    if (!IsObject(attribute.name) || attribute.value.empty()) continue;
    take({.mark = mark, .der = attribute.value, .is_authority_attribute = IsAuthorityAttribute(attribute.name)});
  }
  return absl::OkStatus();
}

std::string Numbers(int64_t from, int64_t to) {
  return from == to ? absl::StrCat(from) : absl::StrCat(from, " to ", to);
}

}  // namespace

PkdFile ReadPkd(std::string_view text, const std::function<void(const PkdObject&)>& take) {
  PkdFile file;
  const auto skip = [&](size_t line, std::string_view reason) {
    if (file.skipped.size() < kMaxSkippedTold) {
      file.skipped.push_back(absl::StrCat("entry at line ", line, " skipped: ", std::string(reason)));
    }
  };
  LdifReader reader(text);
  while (auto record = reader.Next()) {
    if (!record->ok()) {
      if (file.skipped.size() < kMaxSkippedTold) {
        file.skipped.push_back(absl::StrCat("entry skipped: ", record->status().message()));
      }
      continue;
    }
    if (++file.entries > kMaxPkdEntries) {
      file.skipped.push_back("the rest of the file skipped: more entries than the limit");
      break;
    }
    file.versions.is_delta |= (*record)->change != LdifChange::kContent;
    const size_t line = (*record)->line;
    const absl::Status read = ReadEntry(**record, file, take);
    if (!read.ok()) skip(line, {read.message().data(), read.message().size()});
  }
  return file;
}

PkdFile ReadPkdSummary(std::string_view path, std::string_view text) {
  PkdFile file = ReadPkd(text, [](const PkdObject&) {});
  AddFromFileName(path, file.versions);
  return file;
}

void AddFromFileName(std::string_view path, PkdVersions& versions) {
  const std::string name = absl::AsciiStrToLower(std::string(path.substr(path.find_last_of('/') + 1)));
  const std::vector<std::string> parts = absl::StrSplit(name, absl::ByAnyChar("-."));
  int collection = 0;
  int64_t version = 0;
  if (parts.size() < 4 || parts[0] != "icaopkd" || !absl::SimpleAtoi(parts[1], &collection) || collection < 1 ||
      collection > static_cast<int>(PkdCollection::kNonconformant)) {
    return;
  }
  versions.collections = {static_cast<PkdCollection>(collection)};
  versions.is_delta |= std::find(parts.begin(), parts.end(), "delta") != parts.end();
  const bool has_version = absl::SimpleAtoi(parts[parts.size() - 2], &version) && version >= 0;
  if (has_version && versions.stated.empty()) versions.stated.insert(version);
}

std::vector<std::string> NameValues(std::string_view text) {
  std::vector<std::string> values;
  const std::string whole(text);
  for (const absl::string_view part : absl::StrSplit(whole, ',')) {
    const size_t equals = part.find('=');
    std::string value(equals == absl::string_view::npos ? part : part.substr(equals + 1));
    absl::RemoveExtraAsciiWhitespace(&value);
    absl::AsciiStrToLower(&value);
    values.push_back(std::move(value));
  }
  std::sort(values.begin(), values.end());
  return values;
}

absl::StatusOr<PkdName> ParsePkdName(std::string_view dn) {
  PkdName name;
  GH_ASSIGN_OR_RETURN(const auto parts, ParseDn(dn));
  for (const std::vector<DnPart>& relative : parts) {
    for (const DnPart& part : relative) {
      if (part.type == "o" && name.container.empty()) name.container = absl::AsciiStrToLower(part.value);
    }
  }
  if (parts.empty() || name.container.empty()) return Malformed("dn", "names no container");
  std::vector<std::string> issuer;
  for (const DnPart& part : parts.front()) {
    if (part.type == "cn") {
      GH_ASSIGN_OR_RETURN(const auto names, ParseDn(part.value));
      for (const std::vector<DnPart>& attributes : names) {
        for (const DnPart& attribute : attributes) issuer.push_back(absl::StrCat(attribute.type, "=", attribute.value));
      }
    } else if (part.type == "sn") {
      if (!std::all_of(part.value.begin(), part.value.end(), [](char c) { return absl::ascii_isxdigit(c); })) {
        return Malformed("dn", "has a serial number that is not hexadecimal");
      }
      name.serial = absl::HexStringToBytes(part.value.size() % 2 == 0 ? part.value : absl::StrCat("0", part.value));
    }
  }
  if (issuer.empty()) return Malformed("dn", "names no issuer");
  name.issuer = NameValues(absl::StrJoin(issuer, ","));
  return name;
}

absl::Status CheckFollows(const PkdVersions& delta, int64_t held) {
  if (!delta.is_delta) return absl::OkStatus();
  if (delta.stated.empty()) {
    return absl::FailedPreconditionError("the delta states no version, so nobody knows whether it follows");
  }
  if (*delta.last() <= held) {
    return absl::FailedPreconditionError(
        absl::StrCat("the delta ends with version ", *delta.last(), ", version ", held, " is held already"));
  }
  std::vector<std::string> missing;
  int64_t next = held + 1;
  for (const int64_t version : delta.stated) {
    if (version > next) missing.push_back(Numbers(next, version - 1));
    next = std::max(next, version + 1);
  }
  // A version may consist of deletions, and those bear no number; inside the delta they may be what seems to be
  // missing.
  const bool gap_at_start = *delta.first() > held + 1;
  if (missing.empty() || (!gap_at_start && delta.deletions > 0)) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("version ", held, " is held and the delta goes from ",
                                                    *delta.first(), " to ", *delta.last(), ": missing ",
                                                    absl::StrJoin(missing, ", ")));
}

}  // namespace gatehouse::pki
