// One rendering of messages for machines: a protobuf message as one JSON object with snake_case keys. Every field
// appears, in the order of the proto: unset messages and timestamps are left out, lists may be empty. Enum values are
// lower-case words without their type's prefix (OVERALL_VALID_WITH_DEFECT -> "valid_with_defect"; UNSPECIFIED -> "").
// Timestamps are RFC 3339 in UTC, durations are numbers in the field "<name>_ms" or "<name>_s", PartialDates are
// "YYYY-MM-DD" with 00 for unknown parts, bytes are left out except their size ("<name>_bytes").
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace google::protobuf {
class Message;
}

namespace gatehouse::cli {

nlohmann::ordered_json ToJson(const google::protobuf::Message& message);

// One line, with bytes that are not UTF-8 replaced.
std::string JsonLine(const nlohmann::ordered_json& json);

// The lower-case word of an enum value, by its descriptor; for tables.
std::string EnumWord(const google::protobuf::Message& message, const char* field);

}  // namespace gatehouse::cli
