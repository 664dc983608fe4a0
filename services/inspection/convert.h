// gatehouse.inspection.v1 <-> the domain. Every field of a request is validated here, and nowhere else: what is wrong
// is INVALID_ARGUMENT with the field. A bad document is not: it is what an inspection finds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gatehouse/inspection/v1/inspection.pb.h"
#include "gatehouse/inspection/v1/inspection_service.pb.h"
#include "libs/rpc/values.h"
#include "services/inspection/decision.h"
#include "services/inspection/desk.h"
#include "services/inspection/inspector.h"

namespace gatehouse::inspection {

struct DecideInput {
  InspectionId inspection;
  RequestKey key;
  DecisionRequest request;
};
struct ListInput {
  std::optional<State> state;
  std::optional<InspectionPosition> behind;
  int size = 0;
};

// What a request says beside its id (RequestKey::content) is the digest of its bytes, which the caller of these adds.
// `default_post` serves requests that name none; when it is empty too, that is an error.
absl::StatusOr<InspectInput> FromProto(const gatehouse::inspection::v1::InspectRequest& request,
                                       const std::string& default_post);
absl::StatusOr<DecideInput> FromProto(const gatehouse::inspection::v1::DecideRequest& request);
absl::StatusOr<InspectionId> FromProto(const gatehouse::inspection::v1::GetInspectionRequest& request);
absl::StatusOr<InspectionId> FromProto(const gatehouse::inspection::v1::RetryCrossingRequest& request);
absl::StatusOr<int> FromProto(const gatehouse::inspection::v1::ListRefusedCrossingsRequest& request);  // how many
absl::StatusOr<ListInput> FromProto(const gatehouse::inspection::v1::ListInspectionsRequest& request);

bool IsPostCode(std::string_view text);  // 1 to 16 characters A-Z 0-9 -

gatehouse::traveller::v1::Direction WriteDirection(Direction direction);
gatehouse::inspection::v1::CheckStatus WriteCheckStatus(CheckStatus status);
gatehouse::inspection::v1::Outcome WriteOutcome(Outcome outcome);
std::optional<CheckStatus> ReadCheckStatus(gatehouse::inspection::v1::CheckStatus status);

// With the evidence, when the inspection has it.
void ToProto(const Inspection& inspection, gatehouse::inspection::v1::Inspection* written);
void ToProto(const std::vector<RefusedCrossing>& refused,
             gatehouse::inspection::v1::ListRefusedCrossingsResponse* response);
void ToProto(const DeskAnswer& answer, gatehouse::inspection::v1::DecideResponse* response);

// The status of a ruling, with its reason: NAMED_OFFICER_REQUIRED, ALREADY_DECIDED, INSPECTION_TOO_OLD,
// DECIDED_ELSEWHERE.
absl::Status StatusOf(Ruling ruling);
// Adds the reason of the closed set: REQUEST_ID_REUSED, NO_SUCH_INSPECTION, INSPECTION_ERASED, KEY_LOST,
// ROW_DAMAGED.
absl::Status WithReason(absl::Status status);

// The stored forms: the inspection without evidence, decisions and state, which have columns and rows of their own.
// DATA_LOSS when a blob does not read.
std::string StoredInspection(const Inspection& inspection);
absl::StatusOr<Inspection> ReadStoredInspection(const std::string& blob);
std::string StoredDecision(const Decision& decision);
absl::StatusOr<Decision> ReadStoredDecision(const std::string& blob);

}  // namespace gatehouse::inspection
