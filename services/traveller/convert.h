// gatehouse.traveller.v1 <-> the domain. Every field of a request is validated here, and nowhere else: what is wrong is
// INVALID_ARGUMENT with the field.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "gatehouse/traveller/v1/traveller.pb.h"
#include "gatehouse/traveller/v1/traveller_service.pb.h"
#include "libs/rpc/values.h"
#include "services/traveller/register.h"

namespace gatehouse::traveller {

struct RecordInput {
  Request request;
  Passage passage;
};
struct FindInput {
  TravellerQuery query;
  int history_size = 0;
};
struct ListInput {
  CrossingFilter filter;
  std::optional<base::DocumentKey> document;  // as it was asked for; in `filter` by its text
  std::optional<ListPosition> behind;
  int size = 0;
};

struct LinksInput {
  std::optional<PersonId> person;
  std::optional<ListPosition> behind;
  int size = 0;
};
struct ErasuresInput {
  std::optional<ListPosition> behind;
  int size = 0;
};

// `digest`: of the request as the caller sent it.
absl::StatusOr<RecordInput> FromProto(const gatehouse::traveller::v1::RecordCrossingRequest& request,
                                      std::string digest);
absl::StatusOr<NewCorrection> FromProto(const gatehouse::traveller::v1::CorrectCrossingRequest& request,
                                        std::string digest);
absl::StatusOr<NewErasure> FromProto(const gatehouse::traveller::v1::ErasePersonRequest& request, std::string digest);
absl::StatusOr<FindInput> FromProto(const gatehouse::traveller::v1::GetTravellerRequest& request);
absl::StatusOr<ListInput> FromProto(const gatehouse::traveller::v1::ListCrossingsRequest& request);
absl::StatusOr<LinksInput> FromProto(const gatehouse::traveller::v1::ListPersonLinksRequest& request);
absl::StatusOr<ErasuresInput> FromProto(const gatehouse::traveller::v1::ListErasuresRequest& request);

gatehouse::traveller::v1::Direction WriteDirection(Direction direction);
gatehouse::traveller::v1::CrossingOutcome WriteOutcome(CrossingOutcome outcome);
void ToProto(const Recorded& recorded, gatehouse::traveller::v1::RecordCrossingResponse* response);
void ToProto(const Crossing& crossing, gatehouse::traveller::v1::Crossing* written);
void ToProto(const Traveller& traveller, gatehouse::traveller::v1::GetTravellerResponse* response);
void ToProto(const CrossingPage& page, gatehouse::traveller::v1::ListCrossingsResponse* response);
void ToProto(const LinkPage& page, gatehouse::traveller::v1::ListPersonLinksResponse* response);
void ToProto(const Erasure& erasure, gatehouse::traveller::v1::Erasure* written);
void ToProto(const ErasurePage& page, gatehouse::traveller::v1::ListErasuresResponse* response);

// The stored forms. kRowDamaged when a blob does not read.
std::string StoredPassage(const Passage& passage);
absl::StatusOr<Passage> ReadStoredPassage(const std::string& blob);
std::string StoredCorrection(const Correction& correction);
absl::StatusOr<Correction> ReadStoredCorrection(const std::string& blob);
std::string StoredDocument(const base::DocumentKey& document);
absl::StatusOr<base::DocumentKey> ReadStoredDocument(const std::string& blob);

// The status as the caller reads it: a reason of the domain by its word (v1::ErrorReason). What the store could not do
// for want of room or because of others is UNAVAILABLE, since it may pass.
absl::Status ErrorOf(absl::Status status);

}  // namespace gatehouse::traveller
