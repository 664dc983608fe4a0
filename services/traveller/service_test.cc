// The module as it runs: over mTLS, with the authorisation matrix that is shipped.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <set>

#include "gatehouse/traveller/v1/error_reason.pb.h"
#include "gatehouse/traveller/v1/traveller_service.grpc.pb.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/values.h"
#include "libs/runtime/testing.h"
#include "libs/testing/status_matchers.h"
#include "services/traveller/convert.h"
#include "services/traveller/module.h"
#include "services/traveller/reason.h"
#include "services/traveller/test_passages.h"

namespace gatehouse::traveller {
namespace {

namespace pb = gatehouse::traveller::v1;

class ServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file("deploy/authorization/matrix.textproto");
    const std::string matrix{std::istreambuf_iterator<char>(file), {}};
    ASSERT_OK_AND_ASSIGN(process_, runtime::TestProcess::Start({kModule}, {.matrix = matrix}));
  }

  static pb::RecordCrossingRequest Passage(const std::string& request_id) {
    pb::RecordCrossingRequest request;
    request.set_request_id(request_id);
    request.set_inspection_id("0190a8a0-0000-7000-8000-000000000001");
    request.set_direction(pb::DIRECTION_ENTRY);
    request.set_post("NORTH-1");
    request.mutable_crossing_time()->set_seconds(1767225600);
    request.set_outcome(pb::CROSSING_OUTCOME_ADMITTED);
    *request.mutable_identity() = rpc::WriteIdentity(AnnaEriksson());
    request.set_officer("officer-1");
    return request;
  }

  absl::StatusOr<pb::RecordCrossingResponse> Record(const pb::RecordCrossingRequest& request,
                                                    const std::string& identity = "inspection") {
    return process_->Call<pb::CrossingService>(identity, &pb::CrossingService::Stub::RecordCrossing, request);
  }
  absl::StatusOr<pb::GetTravellerResponse> Get(const pb::GetTravellerRequest& request) {
    return process_->Call<pb::TravellerService>("officer-1", &pb::TravellerService::Stub::GetTraveller, request);
  }
  absl::StatusOr<pb::ListCrossingsResponse> List(const pb::ListCrossingsRequest& request) {
    return process_->Call<pb::TravellerService>("officer-1", &pb::TravellerService::Stub::ListCrossings, request);
  }
  absl::StatusOr<pb::CorrectCrossingResponse> Correct(const pb::CorrectCrossingRequest& request,
                                                      const std::string& identity = "supervisor") {
    return process_->Call<pb::CrossingService>(identity, &pb::CrossingService::Stub::CorrectCrossing, request);
  }

  absl::StatusOr<pb::ErasePersonResponse> Erase(const pb::ErasePersonRequest& request,
                                                const std::string& identity = "data-protection") {
    return process_->Call<pb::TravellerAdminService>(identity, &pb::TravellerAdminService::Stub::ErasePerson, request);
  }

  static std::string Blamed(const absl::Status& status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    const auto violations = rpc::Violations(status);
    return violations.empty() ? "" : violations[0].field;
  }

  std::unique_ptr<runtime::TestProcess> process_;
};

TEST_F(ServiceTest, RecordedIsFoundAlsoAfterARestart) {
  ASSERT_OK_AND_ASSIGN(const pb::RecordCrossingResponse recorded, Record(Passage("r1")));
  EXPECT_FALSE(recorded.repeated_request());
  ASSERT_OK(process_->Restart());
  ASSERT_OK_AND_ASSIGN(const pb::RecordCrossingResponse again, Record(Passage("r1")));
  EXPECT_TRUE(again.repeated_request());
  EXPECT_EQ(again.crossing_id(), recorded.crossing_id());

  pb::GetTravellerRequest request;
  request.mutable_document()->set_number("L898902C3");
  request.mutable_document()->set_issuer("UTO");
  request.set_history_size(5);
  ASSERT_OK_AND_ASSIGN(const pb::GetTravellerResponse found, Get(request));
  EXPECT_EQ(found.person().person_id(), recorded.person_id());
  EXPECT_EQ(found.person().crossing_count(), 1);
  EXPECT_EQ(found.person().last_direction(), pb::DIRECTION_ENTRY);
  ASSERT_EQ(found.history_size(), 1);
  EXPECT_EQ(found.history(0).crossing_id(), recorded.crossing_id());
  EXPECT_EQ(found.history(0).identity().name().primary(), "ERIKSSON");
}

TEST_F(ServiceTest, OnlyInspectionRecords) {
  EXPECT_EQ(Record(Passage("r1"), "officer-1").status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Record(Passage("r1"), "gate-1").status().code(), absl::StatusCode::kPermissionDenied);
  ASSERT_OK_AND_ASSIGN(const pb::ListCrossingsResponse page, List({}));
  EXPECT_EQ(page.crossings_size(), 0);
}

TEST_F(ServiceTest, ReasonsAndFieldsAreNamed) {
  ASSERT_OK(Record(Passage("r1")).status());
  pb::RecordCrossingRequest other = Passage("r1");
  other.set_post("SOUTH-2");
  EXPECT_EQ(rpc::Reason(Record(other).status()), "REQUEST_ID_REUSED");
  const auto blamed = [&](const std::function<void(pb::RecordCrossingRequest&)>& change) {
    pb::RecordCrossingRequest request = Passage("r2");
    change(request);
    return Blamed(Record(request).status());
  };
  EXPECT_EQ(blamed([](auto& request) { request.clear_request_id(); }), "request_id");
  EXPECT_EQ(blamed([](auto& request) { request.clear_inspection_id(); }), "inspection_id");
  EXPECT_EQ(blamed([](auto& request) { request.set_direction(pb::Direction(9)); }), "direction");
  EXPECT_EQ(blamed([](auto& request) { request.set_post("north 1"); }), "post");
  EXPECT_EQ(blamed([](auto& request) { request.set_conveyance("a\tb"); }), "conveyance");
  EXPECT_EQ(blamed([](auto& request) { request.clear_crossing_time(); }), "crossing_time");
  EXPECT_EQ(blamed([](auto& request) { request.mutable_crossing_time()->set_nanos(-1); }), "crossing_time");
  EXPECT_EQ(blamed([](auto& request) { request.clear_outcome(); }), "outcome");
  EXPECT_EQ(blamed([](auto& request) { request.set_reason_code("lower"); }), "reason_code");
  EXPECT_EQ(blamed([](auto& request) {
              request.set_outcome(pb::CROSSING_OUTCOME_REFUSED);
              request.clear_officer();
            }),
            "officer");
  EXPECT_EQ(blamed([](auto& request) { request.clear_identity(); }), "identity");
  EXPECT_EQ(
      blamed([](auto& request) { request.mutable_identity()->mutable_name()->set_primary(std::string(513, 'A')); }),
      "identity.name.primary");
  EXPECT_EQ(Blamed(Get({}).status()), "person_id");
  pb::GetTravellerRequest unknown;
  unknown.mutable_document()->set_number("NOBODY");
  EXPECT_EQ(rpc::Reason(Get(unknown).status()), "PERSON_NOT_FOUND");
  pb::ListCrossingsRequest page;
  page.set_page_size(1001);
  EXPECT_EQ(Blamed(List(page).status()), "page_size");
  page.set_page_size(1);
  page.set_page_token("made up");
  EXPECT_EQ(Blamed(List(page).status()), "page_token");
}

TEST(ErrorOf, EveryReasonHasItsWordAndWhatMayPassIsUnavailable) {
  const std::map<Reason, std::string> words = {{Reason::kPersonNotFound, "PERSON_NOT_FOUND"},
                                               {Reason::kPersonErased, "PERSON_ERASED"},
                                               {Reason::kSeveralPersons, "SEVERAL_PERSONS"},
                                               {Reason::kIdentityNotSearched, "IDENTITY_NOT_SEARCHED"},
                                               {Reason::kCrossingNotFound, "CROSSING_NOT_FOUND"},
                                               {Reason::kKeyLost, "KEY_LOST"},
                                               {Reason::kRowDamaged, "ROW_DAMAGED"},
                                               {Reason::kRequestIdReused, "REQUEST_ID_REUSED"},
                                               {Reason::kNamedOfficerRequired, "NAMED_OFFICER_REQUIRED"},
                                               {Reason::kTooManyCorrections, "TOO_MANY_CORRECTIONS"}};
  EXPECT_EQ(static_cast<int>(words.size()) + 1, pb::ErrorReason_ARRAYSIZE) << "and no word without its reason";
  for (const auto& [reason, word] : words) {
    EXPECT_EQ(rpc::Reason(ErrorOf(Refuse(reason, "no"))), word);
    EXPECT_EQ(absl::IsNotFound(Refuse(reason, "no")),
              reason == Reason::kPersonNotFound || reason == Reason::kCrossingNotFound);
  }
  // A full disk, a full queue, a deadlock.
  EXPECT_EQ(ErrorOf(absl::ResourceExhaustedError("disk full")).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorOf(absl::AbortedError("deadlock")).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(rpc::Reason(ErrorOf(absl::DataLossError("a cell of another type"))), "ROW_DAMAGED");
  EXPECT_EQ(rpc::Reason(ErrorOf(absl::NotFoundError("of whatever kind"))), "");
}

TEST_F(ServiceTest, PagesFollowTheirTokens) {
  for (int i = 0; i < 5; ++i) ASSERT_OK(Record(Passage("r" + std::to_string(i))).status());
  pb::ListCrossingsRequest request;
  request.set_page_size(2);
  std::set<std::string> seen;
  int pages = 0;
  do {
    ASSERT_OK_AND_ASSIGN(const pb::ListCrossingsResponse page, List(request));
    for (const pb::Crossing& crossing : page.crossings()) seen.insert(crossing.crossing_id());
    request.set_page_token(page.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(seen.size(), 5u);
}

TEST_F(ServiceTest, DataProtectionErasesInItsOwnNameAndTheErasedComesBackAsNew) {
  ASSERT_OK_AND_ASSIGN(const pb::RecordCrossingResponse recorded, Record(Passage("r1")));
  pb::ErasePersonRequest request;
  request.set_request_id("e1");
  request.set_person_id(recorded.person_id());
  request.set_case_reference("DP-2026/17");
  EXPECT_EQ(Blamed(Erase(request).status()), "reason");
  request.set_reason(pb::ERASURE_REASON_SUBJECT_REQUEST);
  for (const char* other : {"officer-1", "supervisor", "auditor", "operator", "inspection"}) {
    EXPECT_EQ(Erase(request, other).status().code(), absl::StatusCode::kPermissionDenied) << other;
  }
  ASSERT_OK_AND_ASSIGN(const pb::ErasePersonResponse erased, Erase(request));
  EXPECT_EQ(erased.erasure().officer(), "data-protection");
  EXPECT_EQ(erased.erasure().crossing_count(), 1);
  ASSERT_OK_AND_ASSIGN(const pb::ErasePersonResponse again, Erase(request));
  EXPECT_EQ(again.erasure().erasure_id(), erased.erasure().erasure_id());
  request.set_case_reference("DP-2026/18");
  EXPECT_EQ(rpc::Reason(Erase(request).status()), "REQUEST_ID_REUSED");
  request.set_case_reference("Anna Eriksson");
  EXPECT_EQ(Blamed(Erase(request).status()), "case_reference");

  pb::GetTravellerRequest by_id;
  by_id.set_person_id(recorded.person_id());
  EXPECT_EQ(rpc::Reason(Get(by_id).status()), "PERSON_ERASED");
  ASSERT_OK_AND_ASSIGN(const pb::RecordCrossingResponse back, Record(Passage("r2")));
  EXPECT_NE(back.person_id(), recorded.person_id());
  ASSERT_OK_AND_ASSIGN(const pb::ListErasuresResponse receipts,
                       process_->Call<pb::TravellerAdminService>(
                           "auditor", &pb::TravellerAdminService::Stub::ListErasures, pb::ListErasuresRequest()));
  ASSERT_EQ(receipts.erasures_size(), 1);
  EXPECT_EQ(receipts.erasures(0).person_id(), recorded.person_id());
  EXPECT_EQ(receipts.erasures(0).reason(), pb::ERASURE_REASON_SUBJECT_REQUEST);
}

TEST_F(ServiceTest, SupervisorsSeeWhoMayBeOnePerson) {
  ASSERT_OK_AND_ASSIGN(const pb::RecordCrossingResponse anna, Record(Passage("r1")));
  pb::RecordCrossingRequest stranger = Passage("r2");
  stranger.mutable_identity()->mutable_name()->set_primary("OTHER");
  ASSERT_OK_AND_ASSIGN(const pb::RecordCrossingResponse other, Record(stranger));
  EXPECT_NE(other.person_id(), anna.person_id());
  ASSERT_OK_AND_ASSIGN(const pb::ListPersonLinksResponse page,
                       process_->Call<pb::TravellerService>("supervisor", &pb::TravellerService::Stub::ListPersonLinks,
                                                            pb::ListPersonLinksRequest()));
  ASSERT_EQ(page.links_size(), 1);
  EXPECT_EQ(page.links(0).confidence(), pb::LINK_CONFIDENCE_LOW);
  EXPECT_EQ(page.links(0).document_person_id(), anna.person_id());
  pb::GetTravellerRequest request;
  request.set_person_id(anna.person_id());
  ASSERT_OK_AND_ASSIGN(const pb::GetTravellerResponse found, Get(request));
  ASSERT_EQ(found.person().links_size(), 1);
  EXPECT_EQ(found.person().links(0).person_id(), other.person_id());
}

TEST_F(ServiceTest, SupervisorsCorrectInTheirOwnName) {
  ASSERT_OK_AND_ASSIGN(const pb::RecordCrossingResponse recorded, Record(Passage("r1")));
  pb::CorrectCrossingRequest request;
  request.set_request_id("c1");
  request.set_crossing_id(recorded.crossing_id());
  request.set_field("direction");
  request.set_value("exit");
  request.set_reason("wrong lane");
  EXPECT_EQ(Correct(request, "officer-1").status().code(), absl::StatusCode::kPermissionDenied);
  ASSERT_OK_AND_ASSIGN(const pb::CorrectCrossingResponse corrected, Correct(request));
  EXPECT_EQ(corrected.crossing().direction(), pb::DIRECTION_ENTRY);
  ASSERT_EQ(corrected.crossing().corrections_size(), 1);
  EXPECT_EQ(corrected.crossing().corrections(0).officer(), "supervisor");
  request.set_request_id("c2");
  request.set_field("identity");
  EXPECT_EQ(Blamed(Correct(request).status()), "field");
  request.set_field("post");
  request.set_value("not a post");
  EXPECT_EQ(Blamed(Correct(request).status()), "value");
}

}  // namespace
}  // namespace gatehouse::traveller
