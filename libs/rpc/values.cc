#include "libs/rpc/values.h"

#include <cstdint>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "libs/rpc/errors.h"

namespace gatehouse::rpc {
namespace {

namespace type = gatehouse::type::v1;

constexpr int64_t kFirstSecond = -62135596800;  // 0001-01-01T00:00:00Z
constexpr int64_t kLastSecond = 253402300799;   // 9999-12-31T23:59:59Z

absl::Status CheckSize(const std::string& text, size_t max_bytes, std::string_view field, std::string_view part) {
  if (text.size() <= max_bytes) return absl::OkStatus();
  return InvalidField(
      absl::StrCat(absl::string_view(field.data(), field.size()), ".", absl::string_view(part.data(), part.size())),
      absl::StrCat("must be at most ", max_bytes, " bytes"));
}

std::string Within(std::string_view field, const char* part) {
  return absl::StrCat(absl::string_view(field.data(), field.size()), ".", part);
}

absl::StatusOr<base::PersonName> ReadName(const type::PersonName& name, std::string_view field) {
  GH_RETURN_IF_ERROR(CheckSize(name.primary(), kMaxNameBytes, field, "primary"));
  GH_RETURN_IF_ERROR(CheckSize(name.secondary(), kMaxNameBytes, field, "secondary"));
  GH_RETURN_IF_ERROR(CheckSize(name.full(), kMaxNameBytes, field, "full"));
  GH_RETURN_IF_ERROR(CheckSize(name.mrz_name(), kMaxNameBytes, field, "mrz_name"));
  return base::PersonName{name.primary(), name.secondary(), name.full(), name.mrz_name()};
}

absl::StatusOr<base::Sex> ReadSex(type::Sex sex, std::string_view field) {
  switch (sex) {
    case type::SEX_UNSPECIFIED:
      return base::Sex::kUnspecified;
    case type::SEX_FEMALE:
      return base::Sex::kFemale;
    case type::SEX_MALE:
      return base::Sex::kMale;
    case type::SEX_X:
      return base::Sex::kX;
    default:
      return InvalidField(field, "is not a known sex");
  }
}

}  // namespace

absl::StatusOr<base::PartialDate> ReadDate(const type::PartialDate& date, std::string_view field) {
  const base::PartialDate read{date.year(), date.month(), date.day()};
  if (!base::IsPossible(read)) return InvalidField(field, "is not a possible date");
  return read;
}

absl::StatusOr<base::DocumentKey> ReadDocumentKey(const type::DocumentKey& key, std::string_view field) {
  GH_RETURN_IF_ERROR(CheckSize(key.number(), kMaxDocumentNumberBytes, field, "number"));
  GH_RETURN_IF_ERROR(CheckSize(key.issuer(), kMaxCodeBytes, field, "issuer"));
  GH_RETURN_IF_ERROR(CheckSize(key.type(), kMaxCodeBytes, field, "type"));
  return base::DocumentKey{key.number(), key.issuer(), key.type()};
}

absl::StatusOr<base::Identity> ReadIdentity(const type::Identity& identity, std::string_view field) {
  base::Identity read;
  GH_ASSIGN_OR_RETURN(read.name, ReadName(identity.name(), Within(field, "name")));
  GH_ASSIGN_OR_RETURN(read.birth_date, ReadDate(identity.birth_date(), Within(field, "birth_date")));
  GH_ASSIGN_OR_RETURN(read.sex, ReadSex(identity.sex(), Within(field, "sex")));
  GH_RETURN_IF_ERROR(CheckSize(identity.nationality(), kMaxCodeBytes, field, "nationality"));
  read.nationality = identity.nationality();
  GH_ASSIGN_OR_RETURN(read.document, ReadDocumentKey(identity.document(), Within(field, "document")));
  GH_ASSIGN_OR_RETURN(read.expiry_date, ReadDate(identity.expiry_date(), Within(field, "expiry_date")));
  return read;
}

type::PartialDate WriteDate(const base::PartialDate& date) {
  type::PartialDate written;
  written.set_year(date.year);
  written.set_month(date.month);
  written.set_day(date.day);
  return written;
}

type::PersonName WriteName(const base::PersonName& name) {
  type::PersonName written;
  written.set_primary(name.primary);
  written.set_secondary(name.secondary);
  written.set_full(name.full);
  written.set_mrz_name(name.mrz_name);
  return written;
}

type::Sex WriteSex(base::Sex sex) {
  switch (sex) {
    case base::Sex::kUnspecified:
      return type::SEX_UNSPECIFIED;
    case base::Sex::kFemale:
      return type::SEX_FEMALE;
    case base::Sex::kMale:
      return type::SEX_MALE;
    case base::Sex::kX:
      return type::SEX_X;
  }
  return type::SEX_UNSPECIFIED;
}

type::DocumentKey WriteDocumentKey(const base::DocumentKey& key) {
  type::DocumentKey written;
  written.set_number(key.number);
  written.set_issuer(key.issuer);
  written.set_type(key.type);
  return written;
}

type::Identity WriteIdentity(const base::Identity& identity) {
  type::Identity written;
  *written.mutable_name() = WriteName(identity.name);
  *written.mutable_birth_date() = WriteDate(identity.birth_date);
  written.set_sex(WriteSex(identity.sex));
  written.set_nationality(identity.nationality);
  *written.mutable_document() = WriteDocumentKey(identity.document);
  *written.mutable_expiry_date() = WriteDate(identity.expiry_date);
  return written;
}

absl::StatusOr<absl::Time> ReadTime(const google::protobuf::Timestamp& time, std::string_view field) {
  if (time.seconds() < kFirstSecond || time.seconds() > kLastSecond || time.nanos() < 0 || time.nanos() > 999'999'999) {
    return InvalidField(field, "is not a time between the years 1 and 9999");
  }
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

google::protobuf::Timestamp WriteTime(absl::Time time) {
  google::protobuf::Timestamp written;
  const int64_t seconds = absl::ToUnixSeconds(time);
  written.set_seconds(seconds);
  written.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return written;
}

google::protobuf::Duration WriteDuration(absl::Duration duration) {
  google::protobuf::Duration written;
  absl::Duration rest;
  written.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &rest));
  written.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return written;
}

absl::Duration ReadDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

absl::StatusOr<Page> ReadPage(int size, int max_size, std::string_view token) {
  constexpr int kDefaultSize = 100;
  if (size < 0 || size > max_size) return InvalidField("page_size", absl::StrCat("must be 0 to ", max_size));
  Page page{.size = size == 0 ? kDefaultSize : size};
  if (token.empty()) return page;
  const absl::Status not_ours = InvalidField("page_token", "is not a token of an earlier answer");
  std::string text;
  if (token.size() > kMaxPageTokenBytes ||
      !absl::WebSafeBase64Unescape(absl::string_view(token.data(), token.size()), &text)) {
    return not_ours;
  }
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  int64_t micros = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &micros) || !base::IsUuid(parts[1])) return not_ours;
  page.behind = PagePosition{absl::FromUnixMicros(micros), parts[1]};
  return page;
}

std::string WritePageToken(const PagePosition& position) {
  return absl::WebSafeBase64Escape(absl::StrCat(absl::ToUnixMicros(position.time), ":", position.id));
}

}  // namespace gatehouse::rpc
