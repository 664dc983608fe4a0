// The module as it runs on a post. Chips are left to the stories.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <thread>

#include "absl/strings/str_replace.h"
#include "libs/rpc/errors.h"
#include "libs/sql/sql.h"
#include "services/inspection/post_testing.h"

namespace gatehouse::inspection {
namespace {

TEST_F(PostTest, WithoutListsNobodyIsClear) {
  ASSERT_OK_AND_ASSIGN(const pb::Inspection inspection, Inspect(Passport("UT1234567")));
  EXPECT_EQ(inspection.recommendation().outcome(), pb::RECOMMENDED_OUTCOME_REFER);
  EXPECT_EQ(inspection.recommendation().policy_version(), "test-1");
  EXPECT_EQ(Find(inspection, "mrz").status(), pb::CHECK_STATUS_SUCCESSFUL);
  EXPECT_EQ(Find(inspection, "chip").status(), pb::CHECK_STATUS_NOT_SUPPORTED);
  EXPECT_EQ(Find(inspection, "document_list").status(), pb::CHECK_STATUS_NOT_DONE);
  EXPECT_EQ(Find(inspection, "nominal_list").status(), pb::CHECK_STATUS_NOT_DONE);
  EXPECT_EQ(Find(inspection, "history").status(), pb::CHECK_STATUS_SUCCESSFUL);
  EXPECT_EQ(Find(inspection, "biometric").status(), pb::CHECK_STATUS_NOT_DONE);
  EXPECT_EQ(inspection.post(), "HOME");
  EXPECT_EQ(inspection.officer(), "officer-1");
  EXPECT_EQ(inspection.identity_source(), pb::IDENTITY_SOURCE_MRZ);
  EXPECT_EQ(inspection.identity().name().primary(), "ERIKSSON");
}

TEST_F(PostTest, ClearTravellerIsAdmittedByTheGateAndRemembered) {
  ImportLists();
  ASSERT_OK_AND_ASSIGN(const pb::Inspection inspection, Inspect(Passport("UT1234567"), "gate-1"));
  ASSERT_EQ(inspection.recommendation().outcome(), pb::RECOMMENDED_OUTCOME_CLEAR) << inspection.DebugString();
  ASSERT_OK_AND_ASSIGN(const pb::DecideResponse decided, Decide(inspection, pb::OUTCOME_ADMIT, "gate-1"));
  EXPECT_EQ(decided.decision().crossing_state(), pb::CROSSING_STATE_STORED);
  EXPECT_EQ(decided.decision().officer(), "gate-1");
  ASSERT_OK_AND_ASSIGN(const pb::DecideResponse again, Decide(inspection, pb::OUTCOME_ADMIT, "gate-1"));
  EXPECT_TRUE(again.repeated_request());
  EXPECT_EQ(again.decision().crossing_id(), decided.decision().crossing_id());
  EXPECT_EQ(Crossings(), 1);

  ASSERT_OK_AND_ASSIGN(const pb::Inspection twice, Inspect(Passport("UT1234567")));
  EXPECT_EQ(Find(twice, "history").status(), pb::CHECK_STATUS_UNDETERMINED);
  ASSERT_EQ(twice.history_size(), 1);
  EXPECT_EQ(twice.history(0).crossing_id(), decided.decision().crossing_id());
  ASSERT_OK_AND_ASSIGN(const pb::Inspection file, Get(twice.inspection_id()));
  ASSERT_EQ(file.history_size(), 1);
  EXPECT_EQ(file.history(0).crossing_id(), decided.decision().crossing_id());
  EXPECT_EQ(file.history_references_size(), 0);
  EXPECT_EQ(file.history_missing(), "");
  pb::InspectRequest elsewhere = Passport("UT1234567");
  elsewhere.set_post("OTHER");
  ASSERT_OK_AND_ASSIGN(const pb::Inspection two_posts, Inspect(elsewhere));
  EXPECT_THAT(Find(two_posts, "history").reason(), ::testing::HasSubstr("inspected at HOME"));
}

TEST_F(PostTest, ListedDocumentAndListedPersonAreReferredWithTheRecord) {
  ImportLists();
  ASSERT_OK_AND_ASSIGN(const pb::Inspection stolen, Inspect(Passport("UT7654321")));
  EXPECT_EQ(Find(stolen, "document_list").status(), pb::CHECK_STATUS_FAILED);
  EXPECT_THAT(Find(stolen, "document_list").reason(), ::testing::HasSubstr("S-1"));
  EXPECT_EQ(Find(stolen, "nominal_list").status(), pb::CHECK_STATUS_SUCCESSFUL);
  pb::InspectRequest listed;
  listed.mutable_keyed()->mutable_identity()->mutable_name()->set_full("Tariq Al-Madeup");
  listed.set_direction(register_pb::DIRECTION_EXIT);
  ASSERT_OK_AND_ASSIGN(const pb::Inspection person, Inspect(listed));
  EXPECT_EQ(Find(person, "nominal_list").status(), pb::CHECK_STATUS_FAILED) << Find(person, "nominal_list").reason();
  EXPECT_EQ(Find(person, "document_list").status(), pb::CHECK_STATUS_NOT_DONE);
  EXPECT_EQ(person.identity_source(), pb::IDENTITY_SOURCE_KEYED);
  EXPECT_EQ(person.recommendation().outcome(), pb::RECOMMENDED_OUTCOME_REFER);
  EXPECT_EQ(person.list_answers_size(), 2);
}

TEST_F(PostTest, EveryNumberAndNameThatWasShownIsAsked) {
  ImportLists();
  pb::InspectRequest request = Passport("UT1234567");
  request.mutable_keyed()->mutable_identity()->mutable_document()->set_number("UT7654321");
  request.mutable_document()->mutable_visual_zone()->mutable_identity()->mutable_name()->set_full("Tariq Al-Madeup");
  ASSERT_OK_AND_ASSIGN(const pb::Inspection inspection, Inspect(request));
  EXPECT_EQ(inspection.identity().document().number(), "UT1234567");
  EXPECT_EQ(Find(inspection, "document_list").status(), pb::CHECK_STATUS_FAILED);
  EXPECT_THAT(Find(inspection, "document_list").reason(), ::testing::HasSubstr("S-1) (shown: keyed)"));
  EXPECT_EQ(Find(inspection, "nominal_list").status(), pb::CHECK_STATUS_FAILED);
  EXPECT_THAT(Find(inspection, "nominal_list").reason(), ::testing::HasSubstr("(shown: page)"));
  EXPECT_EQ(Find(inspection, "history").status(), pb::CHECK_STATUS_SUCCESSFUL) << Find(inspection, "history").reason();
}

TEST_F(PostTest, WhatIsHeldAgainstTheDocumentIsACheckOfTheInspection) {
  ImportLists();
  pb::InspectRequest request = Passport("UT1234567");
  ASSERT_OK_AND_ASSIGN(const pb::Inspection plain, Inspect(request));
  EXPECT_NE(Find(plain, "document_verdict").status(), pb::CHECK_STATUS_FAILED);
  // Another number on the page than in the zone: no check of the inspection's own compares them.
  request.mutable_document()->mutable_visual_zone()->mutable_identity()->mutable_document()->set_number("UT7777777");
  ASSERT_OK_AND_ASSIGN(const pb::Inspection page, Inspect(request));
  EXPECT_EQ(Find(page, "document_verdict").status(), pb::CHECK_STATUS_FAILED);
  EXPECT_THAT(Find(page, "document_verdict").reason(), ::testing::HasSubstr("visual_zone_comparison"));
}

// Bytes, which do not depend on the machine. Before evidence was packed and referred to crossings these were thousands.
TEST_F(PostTest, APassageOfOneWhoCrossesOftenStaysSmall) {
  ImportLists();
  constexpr int kPassages = 14;
  for (int i = 0; i < kPassages; ++i) {
    pb::InspectRequest request = Passport("UT1234567");
    request.set_direction(i % 2 == 0 ? register_pb::DIRECTION_ENTRY : register_pb::DIRECTION_EXIT);
    ASSERT_OK_AND_ASSIGN(const pb::Inspection inspection, Inspect(request));
    EXPECT_EQ(inspection.history_size(), std::min(i, 10));
    ASSERT_OK(Decide(inspection, pb::OUTCOME_ADMIT).status());
  }
  ASSERT_TRUE(process_->process().Drain());
  ASSERT_OK_AND_ASSIGN(const auto database,
                       sql::Open({.dsn = "sqlite:" + (process_->data_dir() / "inspection.db").string()}));
  ASSERT_OK_AND_ASSIGN(const std::vector<sql::Row> rows,
                       database->Query("SELECT COUNT(*), MAX(LENGTH(sealed_inspection) + LENGTH(sealed_evidence)) "
                                       "FROM inspection"));
  EXPECT_EQ(rows[0].Int(0), kPassages);
  EXPECT_LT(rows[0].Int(1), 1600);
  ASSERT_OK_AND_ASSIGN(const std::vector<sql::Row> kept,
                       database->Query("SELECT SUM(LENGTH(sealed_request)) FROM crossing_intent"));
  EXPECT_EQ(kept[0].Int(0), 0);  // what was accepted is kept over there
}

TEST_F(PostTest, ARegisterThatIsAwayLeavesAFileWholeButForItsHistory) {
  ImportLists();
  ASSERT_OK_AND_ASSIGN(const pb::Inspection first, Inspect(Passport("UT1234567")));
  ASSERT_OK(Decide(first, pb::OUTCOME_ADMIT).status());
  ASSERT_OK_AND_ASSIGN(const pb::Inspection second, Inspect(Passport("UT1234567")));
  const std::string grant = "/gatehouse.traveller.v1.TravellerService/ListCrossings";
  WriteMatrix(absl::StrReplaceAll(matrix_, {{grant, grant + "Never"}}));
  ASSERT_OK(process_->Restart());
  ASSERT_OK_AND_ASSIGN(const pb::Inspection file, Get(second.inspection_id()));
  EXPECT_EQ(file.history_size(), 0);
  EXPECT_THAT(file.history_missing(), ::testing::HasSubstr("did not answer"));
  EXPECT_EQ(file.checks_size(), second.checks_size());
}

TEST_F(PostTest, ADecisionIsTakenOnceUnderARequestIdAndNeverForOtherBytes) {
  ASSERT_OK_AND_ASSIGN(const pb::Inspection inspection, Inspect(Passport("UT1234567")));
  pb::DecideRequest request;
  request.set_inspection_id(inspection.inspection_id());
  request.set_outcome(pb::OUTCOME_REFER);
  request.set_reason_code("CODE");
  request.set_request_id("d-1");
  const auto decide = [&] {
    return process_->Call<pb::InspectionService>("officer-1", &pb::InspectionService::Stub::Decide, request);
  };
  ASSERT_OK(decide().status());
  ASSERT_OK(Decide(inspection, pb::OUTCOME_ADMIT).status());
  ASSERT_OK_AND_ASSIGN(const pb::DecideResponse again, decide());
  EXPECT_TRUE(again.repeated_request());
  EXPECT_EQ(again.decision().outcome(), pb::OUTCOME_REFER);
  request.set_outcome(pb::OUTCOME_REFUSE);
  const absl::Status reused = decide().status();
  EXPECT_EQ(reused.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(rpc::Reason(reused), "REQUEST_ID_REUSED");
}

// The register has a crossing under this inspection's id that is not ours.
TEST_F(PostTest, ACrossingThatTheRegisterRefusesIsShownToASupervisor) {
  ASSERT_OK_AND_ASSIGN(const pb::Inspection inspection, Inspect(Passport("UT1234567")));
  register_pb::RecordCrossingRequest other;
  other.set_request_id(inspection.inspection_id());
  other.set_inspection_id(inspection.inspection_id());
  other.set_direction(register_pb::DIRECTION_EXIT);
  other.set_post("OTHER");
  other.mutable_crossing_time()->set_seconds(1772353800);
  other.set_outcome(register_pb::CROSSING_OUTCOME_ADMITTED);
  *other.mutable_identity() = inspection.identity();
  other.set_officer("officer-2");
  ASSERT_OK(
      process_
          ->Call<register_pb::CrossingService>("inspection", &register_pb::CrossingService::Stub::RecordCrossing, other)
          .status());
  ASSERT_OK_AND_ASSIGN(const pb::DecideResponse decided, Decide(inspection, pb::OUTCOME_ADMIT));
  EXPECT_EQ(decided.decision().crossing_state(), pb::CROSSING_STATE_REFUSED);
  EXPECT_EQ(decided.decision().crossing_refusal(), "REQUEST_ID_REUSED");

  const auto list = [&](const char* identity) {
    return process_->Call<pb::CrossingIntentService>(identity, &pb::CrossingIntentService::Stub::ListRefusedCrossings,
                                                     pb::ListRefusedCrossingsRequest());
  };
  ASSERT_OK_AND_ASSIGN(const pb::ListRefusedCrossingsResponse refused, list("supervisor"));
  ASSERT_EQ(refused.crossings_size(), 1);
  EXPECT_EQ(refused.crossings(0).inspection_id(), inspection.inspection_id());
  EXPECT_EQ(list("officer-1").status().code(), absl::StatusCode::kPermissionDenied);

  pb::RetryCrossingRequest retry;
  retry.set_inspection_id(inspection.inspection_id());
  ASSERT_OK(
      process_->Call<pb::CrossingIntentService>("supervisor", &pb::CrossingIntentService::Stub::RetryCrossing, retry)
          .status());
  // Nothing was mended, so it comes back, and is never lost.
  for (int i = 0; i < 100; ++i) {
    ASSERT_OK_AND_ASSIGN(const pb::ListRefusedCrossingsResponse now, list("supervisor"));
    if (now.crossings_size() == 1 && now.crossings(0).attempts() > refused.crossings(0).attempts()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  FAIL() << "the crossing was not sent again";
}

TEST_F(PostTest, AdverseDecisionsNeedAName) {
  ASSERT_OK_AND_ASSIGN(const pb::Inspection inspection, Inspect(Passport("UT1234567"), "gate-1"));
  for (const pb::Outcome outcome : {pb::OUTCOME_REFUSE, pb::OUTCOME_ABANDON, pb::OUTCOME_ADMIT}) {
    const absl::Status refused = Decide(inspection, outcome, "gate-1").status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
    EXPECT_EQ(rpc::Reason(refused), "NAMED_OFFICER_REQUIRED");
  }
  ASSERT_OK(Decide(inspection, pb::OUTCOME_REFER, "gate-1").status());
  ASSERT_OK_AND_ASSIGN(const pb::DecideResponse refused, Decide(inspection, pb::OUTCOME_REFUSE, "officer-2"));
  EXPECT_EQ(refused.decision().officer(), "officer-2");
  EXPECT_EQ(rpc::Reason(Decide(inspection, pb::OUTCOME_ADMIT).status()), "ALREADY_DECIDED");
  EXPECT_EQ(Decide(inspection, pb::OUTCOME_ADMIT, "auditor").status().code(), absl::StatusCode::kPermissionDenied);
  ASSERT_OK_AND_ASSIGN(const pb::Inspection read, Get(inspection.inspection_id()));
  EXPECT_EQ(read.state(), pb::INSPECTION_STATE_REFUSED);
  EXPECT_EQ(read.decisions_size(), 2);
}

TEST_F(PostTest, OneRequestOneInspection) {
  pb::InspectRequest request = Passport("UT1234567");
  request.set_request_id("r1");
  ASSERT_OK_AND_ASSIGN(const pb::Inspection first, Inspect(request));
  ASSERT_OK_AND_ASSIGN(const pb::Inspection second, Inspect(request));
  EXPECT_EQ(first.inspection_id(), second.inspection_id());
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
  request.set_conveyance("UT1");
  EXPECT_EQ(rpc::Reason(Inspect(request).status()), "REQUEST_ID_REUSED");
  pb::ListInspectionsRequest page;
  ASSERT_OK_AND_ASSIGN(const pb::ListInspectionsResponse all,
                       (process_->Call<pb::InspectionQueryService>(
                           "auditor", &pb::InspectionQueryService::Stub::ListInspections, page)));
  EXPECT_EQ(all.inspections_size(), 1);
}

// The register refuses while the matrix lacks its grant; after the restart it accepts, and the worker has told it.
TEST_F(PostTest, PendingCrossingIsDrivenAfterARestart) {
  WriteMatrix(absl::StrReplaceAll(matrix_, {{kRecordGrant, "/gatehouse.traveller.v1.CrossingService/Nothing"}}));
  ASSERT_OK(process_->Restart());
  ASSERT_OK_AND_ASSIGN(const pb::Inspection inspection, Inspect(Passport("UT1234567")));
  ASSERT_OK_AND_ASSIGN(const pb::DecideResponse decided, Decide(inspection, pb::OUTCOME_ADMIT));
  EXPECT_EQ(decided.decision().crossing_state(), pb::CROSSING_STATE_PENDING);
  EXPECT_EQ(Crossings(), 0);

  WriteMatrix(matrix_);
  clock_.Advance(absl::Minutes(2));
  ASSERT_OK(process_->Restart());
  for (int i = 0; i < 100 && Crossings() == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(Crossings(), 1);
  ASSERT_OK_AND_ASSIGN(const pb::Inspection read, Get(inspection.inspection_id()));
  EXPECT_EQ(read.decisions(0).crossing_state(), pb::CROSSING_STATE_STORED);
}

TEST_F(PostTest, BrokenZoneIsAFindingAndABrokenRequestIsNot) {
  pb::InspectRequest broken = Passport("UT1234567");
  broken.mutable_document()->mutable_mrz()->replace(50, 1, "9");
  ASSERT_OK_AND_ASSIGN(const pb::Inspection inspection, Inspect(broken));
  EXPECT_EQ(Find(inspection, "mrz").status(), pb::CHECK_STATUS_FAILED);
  broken.clear_direction();
  const absl::Status status = Inspect(broken).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  ASSERT_EQ(rpc::Violations(status).size(), 1u);
  EXPECT_EQ(rpc::Violations(status)[0].field, "direction");
}

// What --check-config asks is what a start refuses, of each module.
TEST(ModuleCheck, RefusesWhatAStartRefuses) {
  const testing::TemporaryFolder folder;
  const std::string no_policy = folder.File("policy.textproto");
  std::ofstream(no_policy) << "this is no policy";
  runtime::v1::Config config;
  for (const runtime::ModuleEntry& entry : {document::kModule, watchlist::kModule, inspection::kModule}) {
    ASSERT_NE(entry.check, nullptr) << entry.name;
    EXPECT_OK(entry.check(config)) << entry.name;
  }
  const auto refused = testing::StatusIs(absl::StatusCode::kInvalidArgument);
  config.mutable_document()->set_policy_file(no_policy);
  config.mutable_inspection()->set_policy_file(no_policy);
  config.mutable_watchlist()->add_required_person_bases("No Such Name");
  EXPECT_THAT(document::kModule.check(config), refused);
  EXPECT_THAT(watchlist::kModule.check(config), refused);
  EXPECT_THAT(inspection::kModule.check(config), refused);
}

}  // namespace
}  // namespace gatehouse::inspection
