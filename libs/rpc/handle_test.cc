#include "libs/rpc/handle.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>
#include <type_traits>

#include "libs/rpc/rpc_fixture.h"

namespace gatehouse::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using HandleTest = RpcTest;

// A method that does not say whether it is audited does not compile.
template <typename T>
concept MadeOfAName = requires {
  T{.name = "/gatehouse.event.v1.EventService/ListEvents"};
};
static_assert(!MadeOfAName<Method>);
static_assert(!std::is_default_constructible_v<AuditRule>);
static_assert(!std::is_convertible_v<bool, AuditRule> && !std::is_convertible_v<const char*, AuditRule>);

TEST_F(HandleTest, TheBodySeesWhoCalls) {
  authz::Principal seen;
  absl::Duration left;
  service_.body = [&](Call& call, const ListEventsRequest&, ListEventsResponse&) {
    seen = call.principal();
    left = call.deadline() - absl::Now();
    return absl::OkStatus();
  };
  StartServer();
  const grpc::Status status = CallWith(*StubAs("officer-anna"));
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(seen.identity, "officer-anna");
  EXPECT_EQ(seen.officer, "officer-anna");
  EXPECT_EQ(seen.purpose, "border_inspection");
  EXPECT_FALSE(seen.in_process);
  EXPECT_LE(left, absl::Seconds(10) - absl::Milliseconds(50)) << "time to fail well is kept back";
  EXPECT_GT(left, absl::Seconds(8));
  EXPECT_TRUE(audit_.leaves().empty()) << "a method that touches no person leaves nothing";
}

TEST_F(HandleTest, AnIdentityTheMatrixDoesNotKnowIsRefusedAndAudited) {
  bool ran = false;
  service_.body = [&](Call&, const ListEventsRequest&, ListEventsResponse&) {
    ran = true;
    return absl::OkStatus();
  };
  StartServer();
  EXPECT_EQ(CallWith(*StubAs("stranger")).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_FALSE(ran);
  const std::vector<audit::Leaf> leaves = audit_.leaves();
  ASSERT_EQ(leaves.size(), 1u);
  EXPECT_EQ(leaves[0].kind, audit::Kind::kRefusal);
  EXPECT_EQ(leaves[0].identity, "stranger");
  EXPECT_EQ(leaves[0].verb, kListEvents);
  EXPECT_EQ(leaves[0].outcome, "PERMISSION_DENIED");
}

TEST_F(HandleTest, AnUngrantedMethodIsRefusedAndAudited) {
  StartServer();
  EXPECT_EQ(CallWith(*StubAs("cleaner")).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  ASSERT_EQ(audit_.leaves().size(), 1u);
  EXPECT_EQ(audit_.leaves()[0].kind, audit::Kind::kRefusal);
}

TEST_F(HandleTest, ARefusalThatCannotBeAuditedStaysARefusal) {
  audit_.Fail(audit::Kind::kRefusal);
  StartServer();
  EXPECT_EQ(CallWith(*StubAs("stranger")).error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(HandleTest, OnlyWhoMayActForOthersForwardsOfficerPurposeAndCallId) {
  authz::Principal seen;
  std::string id;
  service_.body = [&](Call& call, const ListEventsRequest&, ListEventsResponse&) {
    seen = call.principal();
    id = call.id();
    return absl::OkStatus();
  };
  StartServer();
  const Metadata forwarded = {{kOfficerKey, "officer-bela"}, {kPurposeKey, "second_line"}, {kCallIdKey, "call-1"}};

  ASSERT_TRUE(CallWith(*StubAs("inspection"), forwarded).ok());
  EXPECT_EQ(seen.identity, "inspection");
  EXPECT_EQ(seen.officer, "officer-bela");
  EXPECT_EQ(seen.purpose, "second_line");
  EXPECT_EQ(id, "call-1");

  ASSERT_TRUE(CallWith(*StubAs("desk"), forwarded).ok());
  EXPECT_EQ(seen.officer, "") << "a desk is no person and may not speak for one";
  EXPECT_EQ(seen.purpose, "border_inspection");
  EXPECT_NE(id, "call-1");

  ASSERT_TRUE(CallWith(*StubAs("officer-anna"), forwarded).ok());
  EXPECT_EQ(seen.officer, "officer-anna") << "an officer cannot pass for another";
}

TEST_F(HandleTest, ForwardedMetadataIsBounded) {
  StartServer();
  const grpc::Status status = CallWith(*StubAs("inspection"), {{kOfficerKey, std::string(kMaxOfficerBytes + 1, 'o')}});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  ASSERT_EQ(Violations(FromGrpc(status)).size(), 1u);
  EXPECT_EQ(Violations(FromGrpc(status))[0].field, kOfficerKey);
}

TEST_F(HandleTest, APersonalCallLeavesIntentAndOutcomeWithSubjects) {
  service_.method.audit = Audited{};
  service_.body = [&](Call& call, const ListEventsRequest&, ListEventsResponse&) {
    EXPECT_EQ(audit_.leaves().size(), 1u) << "the intent is written before the body runs";
    call.AddSubject("person-1");
    call.AddSubject("crossing-2");
    return absl::NotFoundError("no such crossing");
  };
  StartServer();
  EXPECT_EQ(CallWith(*StubAs("officer-anna")).error_code(), grpc::StatusCode::NOT_FOUND);
  const std::vector<audit::Leaf> leaves = audit_.leaves();
  ASSERT_EQ(leaves.size(), 2u);
  EXPECT_EQ(leaves[0].kind, audit::Kind::kIntent);
  EXPECT_EQ(leaves[0].officer, "officer-anna");
  EXPECT_EQ(leaves[0].role, "officer");
  EXPECT_EQ(leaves[0].purpose, "border_inspection");
  EXPECT_EQ(leaves[0].outcome, "");
  EXPECT_EQ(leaves[1].kind, audit::Kind::kOutcome);
  EXPECT_EQ(leaves[1].call_id, leaves[0].call_id);
  EXPECT_EQ(leaves[1].outcome, "NOT_FOUND");
  EXPECT_EQ(leaves[1].subjects, (std::vector<std::string>{"person-1", "crossing-2"}));
}

TEST_F(HandleTest, WhoHasNoIdIsASubjectToo) {
  service_.method.audit = Audited{};
  service_.body = [&](Call& call, const ListEventsRequest&, ListEventsResponse&) {
    for (int i = 0; i < 2500; ++i) call.AddSubject("person-" + std::to_string(i));
    call.AddDocument({.number = "L898902C3", .issuer = "UTO"});
    call.AddName({.name = "ERIKSSON ANNA"});
    return absl::OkStatus();
  };
  StartServer();
  ASSERT_TRUE(CallWith(*StubAs("officer-anna")).ok());
  const std::vector<audit::Leaf> leaves = audit_.leaves();
  ASSERT_EQ(leaves.size(), 2u);
  EXPECT_EQ(leaves[1].subjects.size(), 2500u) << "the log makes several leaves of it";
  ASSERT_EQ(leaves[1].documents.size(), 1u);
  EXPECT_EQ(leaves[1].documents[0].number, "L898902C3");
  ASSERT_EQ(leaves[1].names.size(), 1u);
}

TEST_F(HandleTest, OfManyRefusalsTheRestIsCountedAndWrittenAtTheEndToo) {
  StartServer();
  const auto stub = StubAs("stranger");
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(CallWith(*stub).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  }
  EXPECT_LT(audit_.leaves().size(), 20u);
  server_ = nullptr;
  gatekeeper_ = nullptr;
  uint32_t refusals = 0;
  for (const audit::Leaf& leaf : audit_.leaves()) refusals += leaf.count;
  EXPECT_EQ(refusals, 200u);
}

// A disk that hangs holds each thread for a while, and not for ever.
TEST_F(HandleTest, NothingWaitsForTheAuditLogWithoutEnd) {
  service_.method.audit = Audited{};
  StartServer();
  ASSERT_TRUE(CallWith(*StubAs("officer-anna")).ok());
  const auto stranger = StubAs("stranger");
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(CallWith(*stranger).ok());
  const std::unique_ptr<LocalPeer> peer = MakeLocalPeer("nobody", "the-token-of-this-start", base::SystemClock());
  peer->Attach(server_->InProcess());
  for (int i = 0; i < 50; ++i) {
    const auto context = peer->NewContext({}, absl::Seconds(5));
    ListEventsResponse response;
    EXPECT_FALSE(EventService::NewStub(peer->channel())->ListEvents(context.get(), {}, &response).ok());
  }
  server_ = nullptr;
  gatekeeper_ = nullptr;
  host_ = nullptr;
  EXPECT_GE(audit_.leaves().size(), 6u) << "intent, outcome, refusals of both, and the rest counted at the end";
  EXPECT_LE(audit_.longest_wait(), absl::Seconds(10));
}

TEST_F(HandleTest, WithoutAnIntentNothingRuns) {
  bool ran = false;
  service_.method.audit = Audited{};
  service_.body = [&](Call&, const ListEventsRequest&, ListEventsResponse&) {
    ran = true;
    return absl::OkStatus();
  };
  audit_.Fail(audit::Kind::kIntent);
  StartServer();
  EXPECT_EQ(CallWith(*StubAs("officer-anna")).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_FALSE(ran);
}

TEST_F(HandleTest, WithoutAnOutcomeThereIsNoAnswerAndNoRetry) {
  std::atomic<int> runs{0};
  service_.method.audit = Audited{};
  service_.body = [&](Call&, const ListEventsRequest&, ListEventsResponse&) {
    ++runs;
    return absl::OkStatus();
  };
  audit_.Fail(audit::Kind::kOutcome);
  StartServer();
  EXPECT_EQ(CallWith(*StubAs("officer-anna")).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(runs, 1);
}

TEST_F(HandleTest, ALocalTokenIsRefusedOverTheNetworkEvenWhenItIsRight) {
  StartServer();
  const grpc::Status status = CallWith(
      *StubAs("officer-anna"), {{kLocalTokenKey, "the-token-of-this-start"}, {kLocalIdentityKey, "inspection"}});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  ASSERT_EQ(audit_.leaves().size(), 1u);
  EXPECT_EQ(audit_.leaves()[0].identity, "officer-anna") << "the leaf names the certificate that tried";
  EXPECT_EQ(audit_.leaves()[0].kind, audit::Kind::kRefusal);
}

TEST_F(HandleTest, InProcessCallersProveThemselvesByTheToken) {
  authz::Principal seen;
  service_.body = [&](Call& call, const ListEventsRequest&, ListEventsResponse&) {
    seen = call.principal();
    return absl::OkStatus();
  };
  StartServer();
  const auto call_as = [&](const std::string& identity, const std::string& token) {
    const std::unique_ptr<LocalPeer> peer = MakeLocalPeer(identity, token, base::SystemClock());
    peer->Attach(server_->InProcess());
    const auto stub = EventService::NewStub(peer->channel());
    const auto context = peer->NewContext({.officer = "officer-anna", .purpose = "p"}, absl::Seconds(5));
    ListEventsResponse response;
    return stub->ListEvents(context.get(), {}, &response);
  };
  ASSERT_TRUE(call_as("inspection", "the-token-of-this-start").ok());
  EXPECT_EQ(seen.identity, "inspection");
  EXPECT_TRUE(seen.in_process);
  EXPECT_EQ(seen.officer, "officer-anna");
  EXPECT_EQ(call_as("inspection", "the-token-of-that-start").error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(call_as("inspection", "").error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(call_as("", "the-token-of-this-start").error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(call_as("stranger", "the-token-of-this-start").error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(HandleTest, OnlyLeavesOfInProcessCallsGoWithinTheOneTheyServe) {
  service_.method.audit = Audited{};
  StartServer();
  ASSERT_TRUE(CallWith(*StubAs("officer-anna")).ok());
  EXPECT_EQ(audit_.leaves().size(), 2u);
  EXPECT_EQ(audit_.within(), 0);
  const std::unique_ptr<LocalPeer> peer = MakeLocalPeer("inspection", "the-token-of-this-start", base::SystemClock());
  peer->Attach(server_->InProcess());
  const auto context = peer->NewContext({.call_id = "the-outer-call"}, absl::Seconds(5));
  ListEventsResponse response;
  ASSERT_TRUE(EventService::NewStub(peer->channel())->ListEvents(context.get(), {}, &response).ok());
  EXPECT_EQ(audit_.within(), 2);
  EXPECT_EQ(audit_.leaves()[2].call_id, "the-outer-call");
}

TEST_F(HandleTest, AnOversizedRequestIsRefusedWithItsSize) {
  service_.method.max_request_bytes = 100;
  StartServer();
  ListEventsRequest request;
  request.set_service(std::string(101, 's'));
  const grpc::Status status = CallWith(*StubAs("desk"), {}, absl::Seconds(5), request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Reason(FromGrpc(status)), "REQUEST_TOO_LARGE");
  EXPECT_THAT(status.error_message(), HasSubstr("at most 100"));
}

TEST_F(HandleTest, ExceptionsStopAtTheBarrierAndTheirTextStaysInside) {
  service_.method.audit = Audited{};
  service_.body = [](Call&, const ListEventsRequest&, ListEventsResponse&) -> absl::Status {
    throw std::runtime_error("ERIKSSON");
  };
  StartServer();
  const auto stub = StubAs("officer-anna");
  ::testing::internal::CaptureStderr();
  const grpc::Status status = CallWith(*stub);
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_THAT(status.error_message(), Not(HasSubstr("ERIKSSON")));
  EXPECT_THAT(log, HasSubstr("std::runtime_error"));
  EXPECT_THAT(log, Not(HasSubstr("ERIKSSON")));
  ASSERT_EQ(audit_.leaves().size(), 2u);
  EXPECT_EQ(audit_.leaves()[1].outcome, "INTERNAL");
}

TEST_F(HandleTest, FieldViolationsReachTheCaller) {
  service_.body = [](Call&, const ListEventsRequest&, ListEventsResponse&) {
    return InvalidField("page_size", "is over 1000");
  };
  StartServer();
  const absl::Status status = FromGrpc(CallWith(*StubAs("desk")));
  ASSERT_EQ(Violations(status).size(), 1u);
  EXPECT_EQ(Violations(status)[0].field, "page_size");
}

TEST_F(HandleTest, AFullQueueAnswersAtOnce) {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  service_.body = [&](Call&, const ListEventsRequest&, ListEventsResponse&) {
    opened.wait();
    return absl::OkStatus();
  };
  StartServer(/*threads=*/1, /*queue_bound=*/1);
  const auto stub = StubAs("desk");
  std::vector<std::future<grpc::Status>> taken;
  for (int in_flight = 1; in_flight <= 2; ++in_flight) {  // one runs, one waits
    taken.push_back(std::async(std::launch::async, [&] { return CallWith(*stub); }));
    const std::string expected = "gatehouse_toy_calls_in_flight " + std::to_string(in_flight);
    while (metrics_->Text().find(expected) == std::string::npos) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // counted on arrival: let it reach its place
  }
  EXPECT_EQ(CallWith(*stub).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  open.set_value();
  for (std::future<grpc::Status>& call : taken) EXPECT_TRUE(call.get().ok());
}

// An import that takes its time, and all that wait behind it, are in nobody's way at the desk.
TEST_F(HandleTest, AFullLaneLeavesTheOthersFree) {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::atomic<int> imports{0};
  service_.body = [&](Call&, const ListEventsRequest&, ListEventsResponse&) {
    if (service_.method.lane != Lane::kBulk) return absl::OkStatus();
    ++imports;
    opened.wait();
    return absl::OkStatus();
  };
  StartServer(/*threads=*/1, /*queue_bound=*/1);
  const auto stub = StubAs("desk");
  service_.method.lane = Lane::kBulk;
  std::vector<std::future<grpc::Status>> taken;
  for (int in_flight = 1; in_flight <= 2; ++in_flight) {  // one runs, one waits
    taken.push_back(std::async(std::launch::async, [&] { return CallWith(*stub); }));
    const std::string expected = "gatehouse_toy_calls_in_flight " + std::to_string(in_flight);
    while (metrics_->Text().find(expected) == std::string::npos) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // counted on arrival: let it reach its place
  }
  const grpc::Status third = CallWith(*stub);
  EXPECT_EQ(third.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(third.error_message(), HasSubstr("bulk"));
  for (const Lane lane : {Lane::kLine, Lane::kAdmin}) {
    service_.method.lane = lane;
    EXPECT_TRUE(CallWith(*stub).ok()) << ToWord(lane);
  }
  EXPECT_EQ(imports, 1);
  open.set_value();
  for (std::future<grpc::Status>& call : taken) EXPECT_TRUE(call.get().ok());
}

TEST_F(HandleTest, ACallThatExpiredInTheQueueIsNotRun) {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::atomic<int> running{0};
  service_.body = [&](Call&, const ListEventsRequest&, ListEventsResponse&) {
    ++running;
    opened.wait();
    return absl::OkStatus();
  };
  StartServer(/*threads=*/1, /*queue_bound=*/10);
  const auto stub = StubAs("desk");
  std::future<grpc::Status> first = std::async(std::launch::async, [&] { return CallWith(*stub); });
  while (running == 0) std::this_thread::yield();
  constexpr absl::Duration kTime = absl::Seconds(1);
  std::future<grpc::Status> second = std::async(std::launch::async, [&] { return CallWith(*stub, {}, kTime); });
  while (metrics_->Text().find("gatehouse_toy_calls_in_flight 2") == std::string::npos) {
    ASSERT_EQ(second.wait_for(std::chrono::seconds(0)), std::future_status::timeout) << "it never arrived";
  }
  EXPECT_EQ(second.get().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  // The server counts the time from the arrival, so it may be over a little later there.
  absl::SleepFor(kTime);
  open.set_value();
  EXPECT_TRUE(first.get().ok());
  host_.reset();  // waits for the queue
  EXPECT_EQ(running, 1) << "the expired call did not run";
  EXPECT_THAT(metrics_->Text(), HasSubstr("DEADLINE_EXCEEDED"));
}

TEST_F(HandleTest, ACallThatWasCancelledInTheQueueIsNotRun) {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::atomic<int> running{0};
  service_.body = [&](Call&, const ListEventsRequest&, ListEventsResponse&) {
    ++running;
    opened.wait();
    return absl::OkStatus();
  };
  StartServer(/*threads=*/1, /*queue_bound=*/10);
  const auto stub = StubAs("desk");
  std::future<grpc::Status> first = std::async(std::launch::async, [&] { return CallWith(*stub); });
  while (running == 0) std::this_thread::yield();
  grpc::ClientContext context;
  ListEventsResponse response;
  std::future<grpc::Status> second =
      std::async(std::launch::async, [&] { return stub->ListEvents(&context, {}, &response); });
  while (metrics_->Text().find("gatehouse_toy_calls_in_flight 2") == std::string::npos) std::this_thread::yield();
  context.TryCancel();
  EXPECT_EQ(second.get().error_code(), grpc::StatusCode::CANCELLED);
  // The server hears of it a moment later; only then may the queue go on.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  open.set_value();
  EXPECT_TRUE(first.get().ok());
  host_.reset();  // waits for the queue
  EXPECT_EQ(running, 1);
  EXPECT_THAT(metrics_->Text(), HasSubstr("CANCELLED"));
}

TEST_F(HandleTest, CallsAreCountedByMethodAndCode) {
  StartServer();
  ASSERT_TRUE(CallWith(*StubAs("desk")).ok());
  CallWith(*StubAs("stranger"));
  const std::string text = metrics_->Text();
  EXPECT_THAT(text, HasSubstr("gatehouse_toy_calls_total{code=\"OK\",method=\"/gatehouse.event.v1.EventService/"
                              "ListEvents\"} 1"));
  EXPECT_THAT(text, HasSubstr("gatehouse_runtime_refused_calls_total 1")) << "it reached no module";
  EXPECT_THAT(text, HasSubstr("gatehouse_toy_calls_in_flight 0"));
}

}  // namespace
}  // namespace gatehouse::rpc
