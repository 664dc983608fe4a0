#include "libs/runtime/toy_module.h"

#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <functional>
#include <future>
#include <utility>

#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "libs/rpc/errors.h"

namespace gatehouse::runtime {
namespace {

using ::google::protobuf::StringValue;
using Stub = grpc::TemplatedGenericStub<StringValue, StringValue>;
using Answer = std::function<absl::StatusOr<std::string>(rpc::Call&)>;

constexpr char kAsk[] = "/gatehouse.test.Caller/Ask";
constexpr char kAnswer[] = "/gatehouse.test.Called/Answer";

std::atomic<ToyGate*> gate{nullptr};

// One method from StringValue to StringValue, as a generated callback service would be.
class ToyService final : public grpc::Service {
 public:
  ToyService(rpc::Host& host, const char* method, Answer answer) : host_(host), method_(method), answer_(answer) {
    AddMethod(new grpc::internal::RpcServiceMethod(method, grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodRawCallback(0, new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
                                 [this](grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) { return Serve(context, request, response); }));
  }

 private:
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                  grpc::ByteBuffer* response_bytes) {
    const rpc::Method method{.name = method_, .audit = rpc::Audited{}};
    return rpc::Handle<StringValue, StringValue>(
        host_, context, method, request_bytes, response_bytes,
        [this](rpc::Call& call, const StringValue&, StringValue& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(*response.mutable_value(), answer_(call));
          return absl::OkStatus();
        });
  }

  rpc::Host& host_;
  const char* const method_;
  const Answer answer_;
};

absl::StatusOr<std::string> Call(Stub& stub, const char* method, grpc::ClientContext& context) {
  StringValue request;
  StringValue response;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, method, {}, &request, &response,
                 [&](grpc::Status status) { done.set_value(std::move(status)); });
  GH_RETURN_IF_ERROR(rpc::FromGrpc(done.get_future().get()));
  return response.value();
}

class Called final : public Module {
 public:
  explicit Called(Platform& platform)
      : platform_(platform), service_(platform.host(), kAnswer, [this](rpc::Call& call) { return Answer(call); }) {}
  std::vector<grpc::Service*> services() override { return {&service_}; }
  absl::Status Start() override { return absl::OkStatus(); }
  void Stop() override {}

 private:
  absl::StatusOr<std::string> Answer(rpc::Call& call) {
    const events::Event event{.id = base::NewUuid(platform_.clock(), platform_.random()),
                              .type = "gatehouse.test.asked.v1",
                              .source = "//gatehouse/test",
                              .subject = call.id(),
                              .time = platform_.clock().Now(),
                              .data_schema = "google.protobuf.Empty",
                              .topic = "gatehouse.test.question.v1"};
    GH_RETURN_IF_ERROR(platform_.database().Write([&](sql::Transaction& transaction) {
      platform_.outbox().Append(transaction, event);
      return absl::OkStatus();
    }));
    platform_.WakeRelay();
    return call.principal().identity + " for " + call.principal().officer;
  }

  Platform& platform_;
  ToyService service_;
};

class Caller final : public Module {
 public:
  Caller(Platform& platform, rpc::Peer& called)
      : called_(called), service_(platform.host(), kAsk, [this](rpc::Call& call) { return Ask(call); }) {}
  std::vector<grpc::Service*> services() override { return {&service_}; }
  absl::Status Start() override {
    stub_ = std::make_unique<Stub>(called_.channel());
    return absl::OkStatus();
  }
  void Stop() override { stub_ = nullptr; }

 private:
  absl::StatusOr<std::string> Ask(rpc::Call& call) {
    ToyGate::Pass();
    const auto context = called_.NewContext(rpc::OnBehalfOf(call), absl::Seconds(5));
    return Call(*stub_, kAnswer, *context);
  }

  rpc::Peer& called_;
  std::unique_ptr<Stub> stub_;
  ToyService service_;
};

absl::StatusOr<std::unique_ptr<Module>> MakeCalled(Platform& platform) { return std::make_unique<Called>(platform); }

absl::StatusOr<std::unique_ptr<Module>> MakeCaller(Platform& platform) {
  GH_ASSIGN_OR_RETURN(rpc::Peer * called, platform.peer("called"));
  return std::make_unique<Caller>(platform, *called);
}

std::span<const sql::Migration> Migrations() {
  static const auto& kSql = *new std::string(std::string(events::kEventTablesSql) + seal::kSealTablesSql);
  static const auto& kMigrations =
      *new std::vector<sql::Migration>{{.version = 1, .min_reader = 1, .name = "toy", .sql = kSql}};
  return kMigrations;
}

}  // namespace

const ModuleEntry kCalledToy{.name = "called", .migrations = Migrations(), .make = MakeCalled};
const ModuleEntry kCallerToy{.name = "caller", .migrations = Migrations(), .make = MakeCaller};

absl::StatusOr<std::string> AskToy(const std::shared_ptr<grpc::Channel>& channel) {
  Stub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  return Call(stub, kAsk, context);
}

ToyGate::ToyGate() { gate = this; }
ToyGate::~ToyGate() { gate = nullptr; }

void ToyGate::Pass() {
  ToyGate* closed = gate;
  if (closed == nullptr) return;
  std::unique_lock lock(closed->mutex_);
  closed->arrived_ = true;
  closed->changed_.notify_all();
  closed->changed_.wait(lock, [closed] { return closed->open_; });
}

void ToyGate::AwaitArrival() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return arrived_; });
}

void ToyGate::Open() {
  std::lock_guard lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

}  // namespace gatehouse::runtime
