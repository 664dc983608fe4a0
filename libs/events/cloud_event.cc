#include "libs/events/cloud_event.h"

#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"

namespace gatehouse::events {
namespace {

constexpr std::string_view kSchemaPrefix = "proto:";
constexpr char kTimeFormat[] = "%Y-%m-%d%ET%H:%M:%E*SZ";

absl::Status Malformed(std::string_view header, std::string_view reason) {
  return absl::InvalidArgumentError(std::string("header ").append(header).append(": ").append(reason));
}

class HeaderMap {
 public:
  static absl::StatusOr<HeaderMap> Make(const Headers& headers) {
    HeaderMap map;
    for (const auto& [name, value] : headers) {
      if (!map.values_.emplace(name, value).second && name.rfind("ce_", 0) == 0) return Malformed(name, "repeated");
    }
    return map;
  }

  absl::StatusOr<std::string> Text(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return Malformed(name, "missing");
    if (found->second.empty()) return Malformed(name, "empty");
    return std::string(found->second);
  }

 private:
  std::map<std::string_view, std::string_view> values_;
};

absl::StatusOr<absl::Time> TimeOf(const HeaderMap& map) {
  GH_ASSIGN_OR_RETURN(const std::string text, map.Text("ce_time"));
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return Malformed("ce_time", "not RFC 3339");
  return time;
}

absl::StatusOr<int64_t> VersionOf(const HeaderMap& map) {
  GH_ASSIGN_OR_RETURN(const std::string text, map.Text("ce_aggregateversion"));
  int64_t version = 0;
  if (!absl::SimpleAtoi(text, &version)) return Malformed("ce_aggregateversion", "not a number");
  return version;
}

}  // namespace

Headers HeadersOf(const StoredEvent& stored) {
  const Event& event = stored.event;
  return {{"ce_specversion", "1.0"},
          {"ce_id", event.id},
          {"ce_type", event.type},
          {"ce_source", event.source},
          {"ce_subject", event.subject},
          {"ce_time", absl::FormatTime(kTimeFormat, event.time, absl::UTCTimeZone())},
          {"ce_dataschema", std::string(kSchemaPrefix) + event.data_schema},
          {"content-type", "application/protobuf"},
          {"ce_aggregateversion", absl::StrCat(event.aggregate_version)},
          {"ce_position", absl::StrCat(stored.position)}};
}

absl::StatusOr<Event> EventOf(const Headers& headers, std::string_view topic, std::string_view payload) {
  GH_ASSIGN_OR_RETURN(const HeaderMap map, HeaderMap::Make(headers));
  GH_ASSIGN_OR_RETURN(const std::string specification, map.Text("ce_specversion"));
  if (specification != "1.0") return Malformed("ce_specversion", "not 1.0");
  if (payload.size() > kMaxPayloadBytes) return absl::InvalidArgumentError("the payload is too large");
  Event event;
  GH_ASSIGN_OR_RETURN(event.id, map.Text("ce_id"));
  GH_ASSIGN_OR_RETURN(event.type, map.Text("ce_type"));
  GH_ASSIGN_OR_RETURN(event.source, map.Text("ce_source"));
  GH_ASSIGN_OR_RETURN(event.subject, map.Text("ce_subject"));
  GH_ASSIGN_OR_RETURN(event.time, TimeOf(map));
  GH_ASSIGN_OR_RETURN(const std::string schema, map.Text("ce_dataschema"));
  if (schema.rfind(kSchemaPrefix, 0) != 0) return Malformed("ce_dataschema", "not \"proto:\" and a message name");
  event.data_schema = schema.substr(kSchemaPrefix.size());
  GH_ASSIGN_OR_RETURN(event.aggregate_version, VersionOf(map));
  event.topic = std::string(topic);
  event.data = std::string(payload);
  return event;
}

}  // namespace gatehouse::events
