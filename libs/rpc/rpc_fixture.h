// A server with one toy service behind mTLS, for the tests of libs/rpc: the event service, whose handler is what the
// test says.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gatehouse/event/v1/event_service.grpc.pb.h"
#include "libs/base/check.h"
#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/admission.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/gatekeeper.h"
#include "libs/rpc/handle.h"
#include "libs/rpc/local_methods.h"
#include "libs/rpc/metadata.h"
#include "libs/rpc/server.h"
#include "libs/rpc/test_certificates.h"

namespace gatehouse::rpc {

using event::v1::EventService;
using event::v1::ListEventsRequest;
using event::v1::ListEventsResponse;

inline constexpr char kListEvents[] = "/gatehouse.event.v1.EventService/ListEvents";

// Remembers leaves, and fails when told.
class FakeAudit final : public audit::Log {
 public:
  absl::Status Append(const audit::Leaf& leaf) override {
    std::lock_guard lock(mutex_);
    if (leaf.kind == failing_kind_ && failing_) return absl::UnavailableError("disk full");
    longest_wait_ = std::max(longest_wait_, base::CurrentWorkTime().Left());
    leaves_.push_back(leaf);
    return absl::OkStatus();
  }
  absl::Status AppendWithin(const audit::Leaf& leaf) override {
    GH_RETURN_IF_ERROR(Append(leaf));
    std::lock_guard lock(mutex_);
    ++within_;
    return absl::OkStatus();
  }
  // How many of the leaves came by AppendWithin.
  int within() {
    std::lock_guard lock(mutex_);
    return within_;
  }
  void Fail(audit::Kind kind) {
    std::lock_guard lock(mutex_);
    failing_ = true;
    failing_kind_ = kind;
  }
  // What the thread of a leaf would have waited for a disk that hangs, of all leaves the longest.
  absl::Duration longest_wait() {
    std::lock_guard lock(mutex_);
    return longest_wait_;
  }
  std::vector<audit::Leaf> leaves() {
    std::lock_guard lock(mutex_);
    return leaves_;
  }

 private:
  std::mutex mutex_;
  bool failing_ = false;
  audit::Kind failing_kind_ = audit::Kind::kIntent;
  std::vector<audit::Leaf> leaves_;
  int within_ = 0;
  absl::Duration longest_wait_;
};

class ToyService final : public EventService::WithRawCallbackMethod_ListEvents<EventService::CallbackService> {
 public:
  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                       grpc::ByteBuffer* response_bytes) override {
    return Handle<ListEventsRequest, ListEventsResponse>(
        *host, context, method, request_bytes, response_bytes,
        [this](Call& call, const ListEventsRequest& request, ListEventsResponse& response) {
          return body(call, request, response);
        });
  }

  Host* host = nullptr;
  Method method{.name = kListEvents, .audit = NotAudited{"a toy"}};
  std::function<absl::Status(Call&, const ListEventsRequest&, ListEventsResponse&)> body =
      [](Call&, const ListEventsRequest&, ListEventsResponse&) { return absl::OkStatus(); };
};

class RpcTest : public ::testing::Test {
 protected:
  static constexpr char kMatrix[] = R"(
      identities { identity: "officer-anna" roles: "officer" person: true }
      identities { identity: "desk" roles: "officer" }
      identities { identity: "inspection" roles: "service" may_act_for: true }
      identities { identity: "toy" roles: "service" }
      identities { identity: "cleaner" roles: "nobody" }
      grants { method: "/gatehouse.event.v1.EventService/ListEvents" roles: "officer" roles: "service" }
      grants { method: "/gatehouse.other.v1.OtherService/*" roles: "nobody" }
      grants { method: "/grpc.health.v1.Health/*" roles: "officer" })";

  RpcTest() {
    WriteMatrix(kMatrix);
    absl::StatusOr<std::unique_ptr<authz::MatrixFile>> matrix = authz::MatrixFile::Open(authority_.folder() / "matrix");
    GH_CHECK(matrix.ok());
    matrix_ = *std::move(matrix);
    gatekeeper_ = Gatekeeper::Make({.matrix = *matrix_,
                                    .audit = audit_,
                                    .clock = base::SystemClock(),
                                    .random = base::SystemRandom(),
                                    .metrics = *metrics_});
  }

  ~RpcTest() override {
    server_ = nullptr;
    gatekeeper_ = nullptr;
    host_ = nullptr;
  }

  void WriteMatrix(const std::string& text) { std::ofstream(authority_.folder() / "matrix") << text; }

  void MakeHost(size_t threads = 4, size_t queue_bound = 64, Admission::Limits limits = Admission::Limits::Of(100)) {
    admission_ = std::make_unique<Admission>(limits);
    host_ = Host::Make({.service = "toy",
                        .clock = base::SystemClock(),
                        .random = base::SystemRandom(),
                        .matrix = *matrix_,
                        .audit = audit_,
                        .metrics = *metrics_,
                        .local_token = "the-token-of-this-start",
                        .lanes = {.line = {threads, queue_bound}, .bulk = {1, 1}, .admin = {1, 1}},
                        .admission = admission_.get(),
                        .heard = heard_,
                        .local_methods = local_methods_});
  }

  void ListenFor(grpc::Service& service) {
    absl::StatusOr<std::unique_ptr<Server>> server = Server::Start({.listen = "localhost:0",
                                                                    .tls = authority_.Issue("toy"),
                                                                    .admission = admission_.get(),
                                                                    .gatekeeper = gatekeeper_.get(),
                                                                    .heard = heard_},
                                                                   {&service});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    admission_->Open();
    server_->SetServing(true);
  }

  void StartServer(size_t threads = 4, size_t queue_bound = 64, int max_calls = 100) {
    MakeHost(threads, queue_bound, {.calls = max_calls, .calls_of_machine = max_calls, .calls_of_person = max_calls});
    service_.host = host_.get();
    ListenFor(service_);
  }

  std::string address() const { return "localhost:" + std::to_string(server_->port()); }

  std::unique_ptr<EventService::Stub> StubOf(const TlsFiles& tls) {
    absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Connect(address(), tls);
    GH_CHECK(channel.ok());
    return EventService::NewStub(*channel);
  }
  std::unique_ptr<EventService::Stub> StubAs(const std::string& identity) { return StubOf(authority_.Issue(identity)); }

  using Metadata = std::vector<std::pair<std::string, std::string>>;
  grpc::Status CallWith(EventService::Stub& stub, const Metadata& metadata = {},
                        absl::Duration timeout = absl::Seconds(10), const ListEventsRequest& request = {}) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMicroseconds(timeout));
    for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
    ListEventsResponse response;
    return stub.ListEvents(&context, request, &response);
  }

  TestAuthority authority_;
  FakeAudit audit_;
  std::unique_ptr<authz::MatrixFile> matrix_;
  std::unique_ptr<observe::Metrics> metrics_ = observe::Metrics::Make();
  std::unique_ptr<Gatekeeper> gatekeeper_;
  std::unique_ptr<Admission> admission_;
  LocalMethods* local_methods_ = nullptr;
  Heard* heard_ = nullptr;
  ToyService service_;
  std::unique_ptr<Host> host_;
  std::unique_ptr<Server> server_;
};

}  // namespace gatehouse::rpc
