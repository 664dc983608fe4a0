// Two inspections of one traveller beside each other, on a post: what is not in the register yet is seen all the same.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <array>
#include <thread>

#include "absl/strings/str_replace.h"
#include "libs/rpc/errors.h"
#include "services/inspection/post_testing.h"

namespace gatehouse::inspection {
namespace {

using ::testing::HasSubstr;

class OvertakenTest : public PostTest {
 protected:
  void SetUp() override {
    PostTest::SetUp();
    ImportLists();
  }

  static bool IsClear(const pb::Inspection& inspection) {
    return inspection.recommendation().outcome() == pb::RECOMMENDED_OUTCOME_CLEAR;
  }
};

TEST_F(OvertakenTest, OfOneDocumentAtTwoPostsAtOneMomentAtLeastOneIsReferred) {
  const auto stub = pb::InspectionService::NewStub(process_->ChannelAs("officer-1"));
  for (int round = 0; round < 30; ++round) {
    std::array<bool, 2> clear = {};
    std::array<std::thread, 2> posts;
    for (size_t i = 0; i < posts.size(); ++i) {
      posts[i] = std::thread([&, i] {
        pb::InspectRequest request = Passport("UT10000" + std::to_string(10 + round));
        request.set_post("POST-" + std::to_string(i));
        grpc::ClientContext context;
        pb::InspectResponse response;
        const grpc::Status status = stub->Inspect(&context, request, &response);
        ASSERT_TRUE(status.ok()) << status.error_message();
        clear[i] = IsClear(response.inspection());
      });
    }
    for (std::thread& post : posts) post.join();
    EXPECT_FALSE(clear[0] && clear[1]) << round;
  }
}

// The register refuses while the matrix lacks its grant, as it would on a full disk.
TEST_F(OvertakenTest, ARefusalThatIsNotInTheRegisterIsKnownAtTheNextInspection) {
  WriteMatrix(absl::StrReplaceAll(matrix_, {{kRecordGrant, "/gatehouse.traveller.v1.CrossingService/Nothing"}}));
  ASSERT_OK(process_->Restart());
  ASSERT_OK_AND_ASSIGN(const pb::Inspection first, Inspect(Passport("UT1234567")));
  ASSERT_TRUE(IsClear(first)) << first.DebugString();
  ASSERT_OK_AND_ASSIGN(const pb::DecideResponse refused, Decide(first, pb::OUTCOME_REFUSE));
  ASSERT_EQ(refused.decision().crossing_state(), pb::CROSSING_STATE_PENDING);
  // The same document, and the same person with another one.
  for (const char* number : {"UT1234567", "UT2222222"}) {
    ASSERT_OK_AND_ASSIGN(const pb::Inspection again, Inspect(Passport(number), "gate-1"));
    EXPECT_EQ(Find(again, "history").status(), pb::CHECK_STATUS_UNDETERMINED) << number;
    EXPECT_THAT(Find(again, "history").reason(), HasSubstr("not in the register yet: refused at HOME on 2"));
    EXPECT_EQ(rpc::Reason(Decide(again, pb::OUTCOME_ADMIT, "gate-1").status()), "NAMED_OFFICER_REQUIRED");
  }
  ASSERT_OK_AND_ASSIGN(const pb::Inspection other, Inspect(Passport("UT3333333", "SMITH")));
  EXPECT_TRUE(IsClear(other));
}

TEST_F(OvertakenTest, WhoWaitsAtTheSecondLineIsNotClearAtAGate) {
  ASSERT_OK_AND_ASSIGN(const pb::Inspection first, Inspect(Passport("UT1234567"), "gate-1"));
  ASSERT_OK(Decide(first, pb::OUTCOME_REFER, "gate-1").status());
  ASSERT_OK_AND_ASSIGN(const pb::Inspection again, Inspect(Passport("UT1234567"), "gate-1"));
  EXPECT_THAT(Find(again, "history").reason(), HasSubstr("and not decided yet"));
  EXPECT_FALSE(IsClear(again));
}

TEST_F(OvertakenTest, AGateDoesNotAdmitWhomAnOfficerRefusedMeanwhile) {
  ASSERT_OK_AND_ASSIGN(const pb::Inspection at_the_desk, Inspect(Passport("UT1234567")));
  ASSERT_OK_AND_ASSIGN(const pb::Inspection at_the_gate, Inspect(Passport("UT1234567"), "gate-1"));
  ASSERT_TRUE(IsClear(at_the_desk) && IsClear(at_the_gate));
  ASSERT_OK_AND_ASSIGN(const pb::DecideResponse refused, Decide(at_the_desk, pb::OUTCOME_REFUSE));
  EXPECT_TRUE(refused.overtaken()) << "there is another inspection to look at";
  const absl::Status gate = Decide(at_the_gate, pb::OUTCOME_ADMIT, "gate-1").status();
  EXPECT_EQ(gate.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::Reason(gate), "DECIDED_ELSEWHERE");
  EXPECT_EQ(Get(at_the_gate.inspection_id())->state(), pb::INSPECTION_STATE_OPEN);
  // A named human is told, and may.
  ASSERT_OK_AND_ASSIGN(const pb::DecideResponse admitted, Decide(at_the_gate, pb::OUTCOME_ADMIT));
  EXPECT_TRUE(admitted.overtaken());
}

TEST_F(OvertakenTest, OfTwoLanesWithOneDocumentOneGateAdmits) {
  ASSERT_OK_AND_ASSIGN(const pb::Inspection first, Inspect(Passport("UT1234567"), "gate-1"));
  ASSERT_OK_AND_ASSIGN(const pb::Inspection second, Inspect(Passport("UT1234567"), "gate-1"));
  ASSERT_TRUE(IsClear(first) && IsClear(second));
  EXPECT_EQ(rpc::Reason(Decide(first, pb::OUTCOME_ADMIT, "gate-1").status()), "DECIDED_ELSEWHERE");
  ASSERT_OK_AND_ASSIGN(const pb::DecideResponse admitted, Decide(second, pb::OUTCOME_ADMIT, "gate-1"));
  EXPECT_FALSE(admitted.overtaken());
  ASSERT_OK_AND_ASSIGN(const pb::DecideResponse again, Decide(second, pb::OUTCOME_ADMIT, "gate-1"));
  EXPECT_TRUE(again.repeated_request());
  EXPECT_EQ(rpc::Reason(Decide(first, pb::OUTCOME_ADMIT, "gate-1").status()), "DECIDED_ELSEWHERE");
  EXPECT_EQ(Crossings(), 1);
}

TEST_F(OvertakenTest, ARepeatedRequestBringsBackAnOldClearAndNobodyDecidesOnIt) {
  pb::InspectRequest request = Passport("UT1234567");
  request.set_request_id("r1");
  ASSERT_OK_AND_ASSIGN(const pb::Inspection inspection, Inspect(request, "gate-1"));
  clock_.Advance(absl::Hours(24 * 60));
  ASSERT_OK_AND_ASSIGN(const pb::Inspection again, Inspect(request, "gate-1"));
  ASSERT_EQ(again.inspection_id(), inspection.inspection_id());
  EXPECT_TRUE(IsClear(again));
  const absl::Status old = Decide(again, pb::OUTCOME_ADMIT, "gate-1").status();
  EXPECT_EQ(old.code(), absl::StatusCode::kFailedPrecondition);
  // The second only when the closer was sooner.
  EXPECT_THAT(rpc::Reason(old), ::testing::AnyOf("INSPECTION_TOO_OLD", "ALREADY_DECIDED"));
  EXPECT_EQ(Crossings(), 0);
}

}  // namespace
}  // namespace gatehouse::inspection
