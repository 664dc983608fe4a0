// The little wire values that every service speaks (gatehouse.type.v1, times, page tokens) <-> the domain's. Reading
// validates and answers INVALID_ARGUMENT naming the field; what is read was bounded, and writing cannot fail. What a
// document says may be odd (a misread State, a number in strange letters): it is bounded here, and judged elsewhere.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gatehouse/type/v1/type.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "libs/base/identity.h"

namespace gatehouse::rpc {

inline constexpr size_t kMaxNameBytes = 512;  // of each part of a name
inline constexpr size_t kMaxDocumentNumberBytes = 64;
inline constexpr size_t kMaxCodeBytes = 8;  // State and document codes
inline constexpr size_t kMaxPageTokenBytes = 256;

absl::StatusOr<base::PartialDate> ReadDate(const gatehouse::type::v1::PartialDate& date, std::string_view field);
absl::StatusOr<base::DocumentKey> ReadDocumentKey(const gatehouse::type::v1::DocumentKey& key, std::string_view field);
absl::StatusOr<base::Identity> ReadIdentity(const gatehouse::type::v1::Identity& identity, std::string_view field);

gatehouse::type::v1::PartialDate WriteDate(const base::PartialDate& date);
gatehouse::type::v1::PersonName WriteName(const base::PersonName& name);
gatehouse::type::v1::Sex WriteSex(base::Sex sex);
gatehouse::type::v1::DocumentKey WriteDocumentKey(const base::DocumentKey& key);
gatehouse::type::v1::Identity WriteIdentity(const base::Identity& identity);

// Years 0001 to 9999, as google.protobuf.Timestamp allows.
absl::StatusOr<absl::Time> ReadTime(const google::protobuf::Timestamp& time, std::string_view field);
google::protobuf::Timestamp WriteTime(absl::Time time);
google::protobuf::Duration WriteDuration(absl::Duration duration);
absl::Duration ReadDuration(const google::protobuf::Duration& duration);

// A place in a list ordered by time, then id: behind this one. Opaque on the wire.
struct PagePosition {
  absl::Time time;
  std::string id;
};
struct Page {
  int size = 0;
  std::optional<PagePosition> behind;
};
// AIP-158 with our bounds: `size` 1 to `max_size`, 0 means 100; the token of an earlier answer, or empty.
absl::StatusOr<Page> ReadPage(int size, int max_size, std::string_view token);
std::string WritePageToken(const PagePosition& position);

}  // namespace gatehouse::rpc
