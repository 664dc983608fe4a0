// What Handle() costs: an empty RPC over mTLS, bare (a gRPC callback service and nothing else), handled (authorisation,
// metrics, deadline, the hop to the module's pool), and audited (intent and outcome on disk before the answer). All
// three are measured in this run, in turns, by the same client with the same number of calls in flight; the figure that
// counts is the ratio to bare.
//
//   rpc_benchmark [--seconds N] [--rounds N] [--in-flight N] [--json]
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <latch>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gatehouse/event/v1/event_service.grpc.pb.h"
#include "libs/base/check.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/handle.h"
#include "tests/benchmark/measured_server.h"

namespace gatehouse {
namespace {

using benchmarks::CpuSeconds;
using benchmarks::Flags;
using benchmarks::Foundation;
using benchmarks::MeasuredServer;
using event::v1::EventService;
using event::v1::ListEventsRequest;
using event::v1::ListEventsResponse;
using SteadyClock = std::chrono::steady_clock;

constexpr char kMatrix[] = R"(
    identities { identity: "officer-1" roles: "officer" person: true }
    grants { method: "/gatehouse.event.v1.EventService/*" roles: "officer" })";

class BareService final : public EventService::CallbackService {
  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context, const ListEventsRequest* /*request*/,
                                       ListEventsResponse* /*response*/) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

class HandledService final : public EventService::WithRawCallbackMethod_ListEvents<EventService::CallbackService> {
 public:
  HandledService(rpc::Host& host, rpc::AuditRule audit)
      : host_(host), method_{.name = "/gatehouse.event.v1.EventService/ListEvents", .audit = audit} {}

 private:
  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                       grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<ListEventsRequest, ListEventsResponse>(
        host_, context, method_, request_bytes, response_bytes,
        [](rpc::Call&, const ListEventsRequest&, ListEventsResponse&) { return absl::OkStatus(); });
  }

  rpc::Host& host_;
  const rpc::Method method_;
};

std::string ReadText(const std::string& file) {
  std::ifstream stream(file);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

// gRPC as anybody would set it up for mTLS.
class BareServer {
 public:
  explicit BareServer(const rpc::TlsFiles& tls) {
    grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = ReadText(tls.ca_file);
    options.pem_key_cert_pairs.push_back({ReadText(tls.key_file), ReadText(tls.certificate_file)});
    grpc::ServerBuilder builder;
    builder.AddListeningPort("localhost:0", grpc::SslServerCredentials(options), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    GH_CHECK(server_ != nullptr);
  }
  ~BareServer() { server_->Shutdown(); }
  int port() const { return port_; }

 private:
  BareService service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

struct Round {
  double calls_per_s = 0;
  double p50_us = 0;
  double p99_us = 0;
  double cpu_us = 0;  // of client and server together
};

// Keeps `in_flight` calls going for a time: each answer sends the next call.
class Load {
 public:
  Load(int port, const rpc::TlsFiles& tls, const Flags& flags)
      : stub_(EventService::NewStub(*rpc::Connect("localhost:" + std::to_string(port), tls))), flags_(flags) {}

  Round Run() {
    latencies_us_.clear();
    until_ = SteadyClock::now() +
             std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(flags_.seconds));
    std::latch done(flags_.in_flight);
    const double cpu = CpuSeconds();
    const SteadyClock::time_point start = SteadyClock::now();
    for (int i = 0; i < flags_.in_flight; ++i) Send(new Attempt, done);
    done.wait();
    const double seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
    std::sort(latencies_us_.begin(), latencies_us_.end());
    const auto calls = static_cast<double>(latencies_us_.size());
    return {.calls_per_s = calls / seconds,
            .p50_us = latencies_us_[latencies_us_.size() / 2],
            .p99_us = latencies_us_[latencies_us_.size() * 99 / 100],
            .cpu_us = (CpuSeconds() - cpu) / calls * 1e6};
  }

 private:
  struct Attempt {
    grpc::ClientContext context;
    ListEventsRequest request;
    ListEventsResponse response;
    SteadyClock::time_point sent = SteadyClock::now();
  };

  void Send(Attempt* attempt, std::latch& done) {
    attempt->context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    stub_->async()->ListEvents(
        &attempt->context, &attempt->request, &attempt->response, [this, attempt, &done](const grpc::Status& status) {
          GH_CHECK(status.ok());
          const auto now = SteadyClock::now();
          {
            std::lock_guard lock(mutex_);
            latencies_us_.push_back(std::chrono::duration<double, std::micro>(now - attempt->sent).count());
          }
          delete attempt;
          if (now < until_) {
            Send(new Attempt, done);
          } else {
            done.count_down();
          }
        });
  }

  const std::unique_ptr<EventService::Stub> stub_;
  const Flags flags_;
  SteadyClock::time_point until_;
  std::mutex mutex_;
  std::vector<double> latencies_us_;
};

struct Contestant {
  const char* name;
  std::unique_ptr<Load> load;
  std::vector<Round> rounds;

  // The median by rate: one disturbed round does not count.
  Round Median() {
    std::sort(rounds.begin(), rounds.end(),
              [](const Round& a, const Round& b) { return a.calls_per_s < b.calls_per_s; });
    return rounds[rounds.size() / 2];
  }
};

void Print(const Flags& flags, std::vector<Contestant>& contestants) {
  const double bare = contestants.front().Median().calls_per_s;
  if (!flags.json) {
    std::printf("empty RPC over mTLS, %d in flight, median of %d rounds of %.1f s\n", flags.in_flight, flags.rounds,
                flags.seconds);
    std::printf("%-10s %10s %10s %10s %12s %8s\n", "", "calls/s", "p50 us", "p99 us", "CPU us/call", "ratio");
  }
  for (Contestant& contestant : contestants) {
    const Round round = contestant.Median();
    const double ratio = round.calls_per_s / bare;
    if (flags.json) {
      std::cout << nlohmann::json{{"benchmark", "rpc"},
                                  {"name", contestant.name},
                                  {"in_flight", flags.in_flight},
                                  {"calls_per_s", round.calls_per_s},
                                  {"p50_us", round.p50_us},
                                  {"p99_us", round.p99_us},
                                  {"cpu_us_per_call", round.cpu_us},
                                  {"ratio_to_bare", ratio}}
                << '\n';
    } else {
      std::printf("%-10s %10.0f %10.0f %10.0f %12.1f %8.2f\n", contestant.name, round.calls_per_s, round.p50_us,
                  round.p99_us, round.cpu_us, ratio);
    }
  }
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("What Handle() costs beside a bare gRPC callback service");
  flags.AddTo(app);
  CLI11_PARSE(app, argc, argv);

  Foundation foundation(kMatrix, "rpc_benchmark");
  const rpc::TlsFiles client = foundation.authority.Issue("officer-1");
  BareServer bare(foundation.authority.Issue("server"));
  MeasuredServer<HandledService> handled(foundation, "handled", rpc::NotAudited{"compared with the audited"});
  MeasuredServer<HandledService> audited(foundation, "audited", rpc::Audited{});
  std::vector<Contestant> contestants;
  contestants.push_back({"bare", std::make_unique<Load>(bare.port(), client, flags), {}});
  contestants.push_back({"handled", std::make_unique<Load>(handled.port(), client, flags), {}});
  contestants.push_back({"audited", std::make_unique<Load>(audited.port(), client, flags), {}});
  for (Contestant& contestant : contestants) contestant.load->Run();  // warm
  for (int round = 0; round < flags.rounds; ++round) {
    for (Contestant& contestant : contestants) contestant.rounds.push_back(contestant.load->Run());
  }
  Print(flags, contestants);
  return 0;
}

}  // namespace
}  // namespace gatehouse

int main(int argc, char** argv) { return gatehouse::Main(argc, argv); }
