#include "libs/rpc/errors.h"

#include <grpcpp/support/status.h>

#include <algorithm>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace gatehouse::rpc {
namespace {

// The URLs under which the details ride, inside a status (payloads) and on the wire (Any).
constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kBadRequestUrl[] = "type.googleapis.com/google.rpc.BadRequest";

// gRPC drops trailers above 8 KiB, and base64 adds a third: text and details are cut well before that.
constexpr size_t kMaxTextBytes = 1024;
constexpr size_t kMaxDetailBytes = 4096;

// Trailers hold ASCII and proto strings UTF-8; error texts are our own English, so anything else is an echo of input
// that has no place in them.
std::string Printable(std::string_view text) {
  std::string printable(text.substr(0, kMaxTextBytes));
  std::replace_if(
      printable.begin(), printable.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return printable;
}

template <typename Detail>
Detail ReadDetail(const absl::Status& status, const char* url) {
  Detail detail;
  const absl::optional<absl::Cord> payload = status.GetPayload(url);
  if (payload.has_value() && !detail.ParseFromString(std::string(*payload))) detail.Clear();
  return detail;
}

void WriteDetail(absl::Status& status, const char* url, const google::protobuf::Message& detail) {
  status.SetPayload(url, absl::Cord(detail.SerializeAsString()));
}

void AddDetail(google::rpc::Status& wire, const char* url, const google::protobuf::Message& detail) {
  google::protobuf::Any& any = *wire.add_details();
  any.set_type_url(url);
  any.set_value(detail.SerializeAsString());
}

constexpr char kOutcomeUnknown[] = "OUTCOME_UNKNOWN";

std::string OuterText(const absl::Status& status, std::string_view call_id) {
  std::string text;
  if (absl::IsUnknown(status)) {
    text = "whether this was done is not known; send it again with the same request_id";
  } else if (StaysInside(status.code())) {
    text = "internal error";
  } else {
    text = Printable(std::string_view(status.message().data(), status.message().size()));
  }
  // A peer that served the same call may have said it already.
  const std::string suffix = absl::StrCat(" (call ", std::string(call_id), ")");
  if (!call_id.empty() && !text.ends_with(suffix)) text += suffix;
  return text;
}

// As many violations as fit: the first ones help most.
google::rpc::BadRequest Bounded(google::rpc::BadRequest bad_request) {
  auto& violations = *bad_request.mutable_field_violations();
  while (violations.size() > 1 && bad_request.ByteSizeLong() > kMaxDetailBytes) violations.RemoveLast();
  return bad_request;
}

}  // namespace

bool StaysInside(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

absl::Status InvalidField(std::string_view field, std::string_view description) {
  absl::Status status = absl::InvalidArgumentError(absl::StrCat(std::string(field), ": ", std::string(description)));
  AddViolation(status, field, description);
  return status;
}

void AddViolation(absl::Status& status, std::string_view field, std::string_view description) {
  auto bad_request = ReadDetail<google::rpc::BadRequest>(status, kBadRequestUrl);
  auto& violation = *bad_request.add_field_violations();
  violation.set_field(Printable(field));
  violation.set_description(Printable(description));
  WriteDetail(status, kBadRequestUrl, bad_request);
}

std::vector<FieldViolation> Violations(const absl::Status& status) {
  auto bad_request = ReadDetail<google::rpc::BadRequest>(status, kBadRequestUrl);
  std::vector<FieldViolation> violations;
  for (auto& violation : *bad_request.mutable_field_violations()) {
    violations.push_back({std::move(*violation.mutable_field()), std::move(*violation.mutable_description())});
  }
  return violations;
}

absl::Status WithReason(absl::Status status, std::string_view reason) {
  google::rpc::ErrorInfo info;
  info.set_reason(Printable(reason));
  WriteDetail(status, kErrorInfoUrl, info);
  return status;
}

std::string Reason(const absl::Status& status) {
  return ReadDetail<google::rpc::ErrorInfo>(status, kErrorInfoUrl).reason();
}

grpc::Status ToGrpc(const absl::Status& status, std::string_view domain, std::string_view call_id) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(OuterText(status, call_id));
  // A status without a reason of its service says at least its code, so that programs never read texts (AIP-193).
  auto info = ReadDetail<google::rpc::ErrorInfo>(status, kErrorInfoUrl);
  if (info.reason().empty()) {
    info.set_reason(absl::IsUnknown(status) ? kOutcomeUnknown : absl::StatusCodeToString(status.code()));
  }
  // A reason that came from another service keeps that service's domain.
  if (info.domain().empty()) info.set_domain(Printable(domain));
  AddDetail(wire, kErrorInfoUrl, info);
  const auto bad_request = Bounded(ReadDetail<google::rpc::BadRequest>(status, kBadRequestUrl));
  if (bad_request.field_violations_size() > 0) AddDetail(wire, kBadRequestUrl, bad_request);
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), wire.message(), wire.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status wire;
  if (!wire.ParseFromString(status.error_details())) return result;
  for (const google::protobuf::Any& detail : wire.details()) {
    if (detail.type_url() == kErrorInfoUrl || detail.type_url() == kBadRequestUrl) {
      result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
    }
  }
  return result;
}

}  // namespace gatehouse::rpc
