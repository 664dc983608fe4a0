#include "tools/gatehouse/render.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include "absl/strings/ascii.h"
#include "absl/time/time.h"
#include "gatehouse/type/v1/type.pb.h"
#include "libs/base/partial_date.h"

namespace gatehouse::cli {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using nlohmann::ordered_json;

// CheckState -> CHECK_STATE_, Tr03135Check -> TR03135_CHECK_.
std::string UpperSnake(const std::string& camel) {
  std::string out;
  for (size_t i = 0; i < camel.size(); ++i) {
    if (i > 0 && absl::ascii_isupper(camel[i])) out.push_back('_');
    out.push_back(absl::ascii_toupper(camel[i]));
  }
  return out + "_";
}

std::string Word(const EnumValueDescriptor& value) {
  std::string name = value.name();
  const std::string prefix = UpperSnake(value.type()->name());
  if (name.rfind(prefix, 0) == 0) name = name.substr(prefix.size());
  if (name == "UNSPECIFIED") return "";
  return absl::AsciiStrToLower(name);
}

ordered_json SingleValue(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  const bool repeated = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return repeated ? reflection.GetRepeatedInt32(message, &field, index) : reflection.GetInt32(message, &field);
    case FieldDescriptor::CPPTYPE_INT64:
      return repeated ? reflection.GetRepeatedInt64(message, &field, index) : reflection.GetInt64(message, &field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return repeated ? reflection.GetRepeatedUInt32(message, &field, index) : reflection.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return repeated ? reflection.GetRepeatedUInt64(message, &field, index) : reflection.GetUInt64(message, &field);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return repeated ? reflection.GetRepeatedDouble(message, &field, index) : reflection.GetDouble(message, &field);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return repeated ? reflection.GetRepeatedFloat(message, &field, index) : reflection.GetFloat(message, &field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return repeated ? reflection.GetRepeatedBool(message, &field, index) : reflection.GetBool(message, &field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return Word(
          *(repeated ? reflection.GetRepeatedEnum(message, &field, index) : reflection.GetEnum(message, &field)));
    case FieldDescriptor::CPPTYPE_STRING:
      return repeated ? reflection.GetRepeatedString(message, &field, index) : reflection.GetString(message, &field);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ToJson(repeated ? reflection.GetRepeatedMessage(message, &field, index)
                             : reflection.GetMessage(message, &field));
  }
  return nullptr;
}

// The messages that are values, not structures.
bool RenderValueMessage(const Message& value, const std::string& name, ordered_json& out) {
  const std::string& type = value.GetDescriptor()->full_name();
  if (type == "google.protobuf.Timestamp") {
    const auto& stamp = static_cast<const google::protobuf::Timestamp&>(value);
    const absl::Time time = absl::FromUnixSeconds(stamp.seconds()) + absl::Nanoseconds(stamp.nanos());
    out[name] =
        absl::FormatTime(stamp.nanos() == 0 ? "%Y-%m-%dT%H:%M:%SZ" : "%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
    return true;
  }
  if (type == "google.protobuf.Duration") {
    const auto& duration = static_cast<const google::protobuf::Duration&>(value);
    const double milliseconds = static_cast<double>(duration.seconds()) * 1e3 + duration.nanos() / 1e6;
    // Ages are told in seconds, what a check took in milliseconds.
    if (name.size() > 4 && name.substr(name.size() - 4) == "_age") {
      out[name + "_s"] = static_cast<int64_t>(milliseconds / 1e3);
    } else {
      out[name + "_ms"] = static_cast<double>(static_cast<int64_t>(milliseconds * 1000)) / 1000;
    }
    return true;
  }
  if (type == "gatehouse.type.v1.PartialDate") {
    const auto& date = static_cast<const gatehouse::type::v1::PartialDate&>(value);
    out[name] = base::PartialDate{date.year(), date.month(), date.day()}.ToString();
    return true;
  }
  return false;
}

}  // namespace

ordered_json ToJson(const Message& message) {
  ordered_json out = ordered_json::object();
  const Reflection& reflection = *message.GetReflection();
  const google::protobuf::Descriptor& descriptor = *message.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    const std::string& name = field.name();
    if (field.is_repeated()) {
      ordered_json list = ordered_json::array();
      for (int k = 0; k < reflection.FieldSize(message, &field); ++k) list.push_back(SingleValue(message, field, k));
      out[name] = std::move(list);
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!reflection.HasField(message, &field)) continue;
      const Message& value = reflection.GetMessage(message, &field);
      if (!RenderValueMessage(value, name, out)) out[name] = ToJson(value);
    } else if (field.type() == FieldDescriptor::TYPE_BYTES) {
      out[name + "_bytes"] = reflection.GetString(message, &field).size();
    } else {
      out[name] = SingleValue(message, field, -1);
    }
  }
  return out;
}

std::string JsonLine(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string EnumWord(const Message& message, const char* field) {
  const FieldDescriptor* descriptor = message.GetDescriptor()->FindFieldByName(field);
  return Word(*message.GetReflection()->GetEnum(message, descriptor));
}

}  // namespace gatehouse::cli
