#include "libs/rpc/local_methods.h"

#include <gmock/gmock.h>

#include <thread>

#include "libs/base/deadline.h"
#include "libs/rpc/call_peer.h"
#include "libs/rpc/rpc_fixture.h"

namespace gatehouse::rpc {
namespace {

using ::testing::HasSubstr;

constexpr PeerMethod<EventService, ListEventsRequest, ListEventsResponse> kList{kListEvents,
                                                                                &EventService::Stub::ListEvents};

// Takes the bytes of its requests.
class RawToy final : public EventService::WithRawCallbackMethod_ListEvents<EventService::CallbackService> {
 public:
  explicit RawToy(Host& host) : host_(host) { Offer(host, kListEvents, this, &RawToy::ListEvents); }

  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override {
    return Handle<ListEventsRequest, ListEventsResponse>(
        host_, context, method, request, response,
        [this](Call& call, const ListEventsRequest& parsed, ListEventsResponse& answer) {
          digest = call.request_digest();
          answer.add_entries()->set_service(parsed.service());
          return absl::OkStatus();
        });
  }

  Method method{.name = kListEvents, .audit = NotAudited{"a toy"}};
  std::string digest;

 private:
  Host& host_;
};

class LocalMethodsTest : public RpcTest {
 protected:
  // One thread in the pool of the host, which stays idle.
  void StartWithPeer(const std::string& identity) {
    local_methods_ = &methods_;
    StartServer(/*threads=*/1);
    Offer(*host_, kListEvents, &service_, &ToyService::ListEvents);
    Connect(identity);
  }
  void Connect(const std::string& identity) {
    peer_ = MakeLocalPeer(identity, "the-token-of-this-start", base::SystemClock(), nullptr, &methods_);
    peer_->Attach(server_->InProcess());
  }
  ~LocalMethodsTest() override { peer_ = nullptr; }

  PeerAnswer Ask(const OnBehalf& on_behalf = {}) { return CallPeer(*peer_, kList, request_, on_behalf, response_); }

  LocalMethods methods_;
  std::unique_ptr<LocalPeer> peer_;
  ListEventsRequest request_;
  ListEventsResponse response_;
};

TEST_F(LocalMethodsTest, ServedOnTheCallersThreadAsTheModuleAndOnBehalfOfTheOfficer) {
  StartWithPeer("inspection");
  service_.method.audit = Audited{};
  request_.set_service("asked");
  const std::thread::id caller = std::this_thread::get_id();
  service_.body = [&](Call& call, const ListEventsRequest& request, ListEventsResponse& response) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    EXPECT_EQ(&request, &request_) << "the message itself, not a copy";
    EXPECT_EQ(call.principal().identity, "inspection");
    EXPECT_EQ(call.principal().officer, "officer-anna");
    EXPECT_EQ(call.id(), "the-outer-call");
    EXPECT_TRUE(call.principal().in_process);
    response.add_entries()->set_service("answered");
    return absl::OkStatus();
  };
  const PeerAnswer answer =
      Ask({.officer = "officer-anna", .purpose = "border_inspection", .call_id = "the-outer-call"});
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(response_.entries(0).service(), "answered");
  ASSERT_EQ(audit_.leaves().size(), 2u) << "intent and outcome, as of any other call";
  EXPECT_EQ(audit_.within(), 2);
}

TEST_F(LocalMethodsTest, TheMatrixJudgesALocalCallerToo) {
  StartWithPeer("cleaner");
  service_.body = [](Call&, const ListEventsRequest&, ListEventsResponse&) {
    ADD_FAILURE() << "the body ran";
    return absl::OkStatus();
  };
  EXPECT_EQ(Ask().status.code(), absl::StatusCode::kPermissionDenied);
  ASSERT_EQ(audit_.leaves().size(), 1u);
  EXPECT_EQ(audit_.leaves()[0].kind, audit::Kind::kRefusal);
}

TEST_F(LocalMethodsTest, WithoutTheTokenOfThisStartNobodyIsLocal) {
  StartWithPeer("inspection");
  peer_ = MakeLocalPeer("inspection", "another-token", base::SystemClock(), nullptr, &methods_);
  peer_->Attach(server_->InProcess());
  EXPECT_EQ(Ask().status.code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(LocalMethodsTest, TheBodyHasTheTimeOfItsCallerAndNoMore) {
  StartWithPeer("inspection");
  service_.body = [](Call&, const ListEventsRequest&, ListEventsResponse&) {
    EXPECT_LT(base::CurrentWorkTime().Left(), absl::Seconds(2));
    return base::CheckWorkTime();
  };
  const auto gone = std::make_shared<std::atomic<bool>>(false);
  {
    const base::WorkTimeScope scope(base::WorkTime::In(absl::Seconds(1), gone));
    EXPECT_TRUE(Ask().status.ok());
    *gone = true;
    EXPECT_EQ(Ask().status.code(), absl::StatusCode::kCancelled) << "whoever goes away takes the inner call along";
  }
  const base::WorkTimeScope over(base::WorkTime::In(absl::ZeroDuration()));
  EXPECT_EQ(Ask().status.code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(LocalMethodsTest, AnErrorKeepsItsReasonAndItsTextStaysInside) {
  StartWithPeer("inspection");
  service_.body = [](Call&, const ListEventsRequest&, ListEventsResponse&) {
    return WithReason(absl::NotFoundError("nobody"), "PERSON_NOT_FOUND");
  };
  EXPECT_EQ(Reason(Ask().status), "PERSON_NOT_FOUND");
  service_.body = [](Call&, const ListEventsRequest&, ListEventsResponse&) {
    return absl::DataLossError("row 7 of Smith, John");
  };
  const PeerAnswer damaged = Ask();
  EXPECT_EQ(damaged.status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(damaged.status.message()), Not(HasSubstr("Smith")));
}

TEST_F(LocalMethodsTest, ABodyThatThrowsIsInternal) {
  StartWithPeer("inspection");
  service_.body = [](Call&, const ListEventsRequest&, ListEventsResponse&) -> absl::Status {
    throw std::runtime_error("oops");
  };
  EXPECT_EQ(Ask().status.code(), absl::StatusCode::kInternal);
}

TEST_F(LocalMethodsTest, BeforeAndAfterItsTimeThePeerIsNotAsked) {
  StartWithPeer("inspection");
  peer_->Drop();
  const PeerAnswer answer = Ask();
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(answer.asked);
}

TEST_F(LocalMethodsTest, WhatIsNotOfferedGoesOverTheTransport) {
  StartServer();
  Connect("inspection");
  const std::thread::id caller = std::this_thread::get_id();
  service_.body = [&](Call& call, const ListEventsRequest&, ListEventsResponse&) {
    EXPECT_NE(std::this_thread::get_id(), caller);
    EXPECT_EQ(call.principal().identity, "inspection");
    return absl::OkStatus();
  };
  EXPECT_TRUE(Ask().status.ok());
}

TEST_F(LocalMethodsTest, AHandlerOfBytesTakesMessagesAndBytesAndKnowsBothAgain) {
  local_methods_ = &methods_;
  MakeHost();
  RawToy toy(*host_);
  ListenFor(toy);
  Connect("inspection");
  request_.set_service("asked");
  ASSERT_TRUE(Ask().status.ok());
  EXPECT_EQ(response_.entries(0).service(), "asked");
  const std::string of_message = toy.digest;
  std::string answer;
  ASSERT_TRUE(CallPeerRaw(*peer_, kListEvents, request_.SerializeAsString(), {}, answer).status.ok());
  EXPECT_EQ(toy.digest, of_message);
  ASSERT_TRUE(response_.ParseFromString(answer));
  EXPECT_EQ(response_.entries(0).service(), "asked");
  // Bytes that this release does not know count as they are.
  ASSERT_TRUE(CallPeerRaw(*peer_, kListEvents, request_.SerializeAsString() + "\xf8\x7f\x01", {}, answer).status.ok());
  EXPECT_NE(toy.digest, of_message);

  toy.method.max_request_bytes = 4;
  EXPECT_EQ(Reason(Ask().status), "REQUEST_TOO_LARGE");
  EXPECT_EQ(Reason(CallPeerRaw(*peer_, kListEvents, request_.SerializeAsString(), {}, answer).status),
            "REQUEST_TOO_LARGE");
  peer_ = nullptr;
  server_ = nullptr;
}

}  // namespace
}  // namespace gatehouse::rpc
