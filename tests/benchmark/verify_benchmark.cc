// What Verify costs over gRPC with mTLS beside its limit: an empty Handle() RPC of the same bytes, audited like Verify,
// plus the bare cryptography (one RSA-2048 check and the digests of the files), all measured in this run, in turns, by
// the same client with the same number of calls in flight, on one core. The document is one RSA-2048 chip with a DG2 of
// 15 kB whose signer is remembered, as on a border; documents seen before are looked up and remembered in SQLite, and
// some thousands of notices are asked, of which none fits. The handler is the service's own body on a trust store made
// here.
//
//   verify_benchmark [--seconds N] [--rounds N] [--in-flight N] [--json]
#include <grpcpp/grpcpp.h>
#include <openssl/evp.h>
#include <sched.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <latch>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gatehouse/document/v1/document_service.grpc.pb.h"
#include "libs/base/check.h"
#include "libs/base/periodic.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/specimen_for_tests.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/handle.h"
#include "services/document/convert.h"
#include "services/document/policy_file.h"
#include "services/document/presented_convert.h"
#include "services/document/schema.h"
#include "services/document/seen_store.h"
#include "tests/benchmark/measured_server.h"

namespace gatehouse {
namespace {

namespace pb = document::v1;
using benchmarks::CpuSeconds;
using benchmarks::Flags;
using benchmarks::Foundation;
using benchmarks::MeasuredServer;
using SteadyClock = std::chrono::steady_clock;

constexpr char kMatrix[] = R"(
    identities { identity: "officer-1" roles: "officer" person: true }
    grants { method: "/gatehouse.document.v1.DocumentService/*" roles: "officer" })";
// Its check digits are right: of a zone that is misread the repairs are searched too.
constexpr char kZone[] = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10";
constexpr size_t kPortraitBytes = 15'000;
constexpr size_t kMaxRequestBytes = 8 * 1024 * 1024;

// Stolen blanks of a few States, ours among them.
std::vector<document::NoticePtr> Notices() {
  constexpr int kNotices = 5'000;
  constexpr const char* kStates[] = {"UTO", "XOM", "EUE", "UNO", "RKS"};
  std::vector<document::NoticePtr> notices;
  for (int i = 0; i < kNotices; ++i) {
    auto notice = std::make_shared<document::Notice>();
    notice->id = absl::StrCat("BLANKS-", i);
    notice->kind = document::NoticeKind::kStolenBlank;
    notice->issuing_state = kStates[static_cast<size_t>(i) % std::size(kStates)];
    const std::string box = absl::StrFormat("A%06d", i);
    notice->number_ranges = {{box + "00", box + "99"}};
    notice->look_here = "Run a finger over the number.";
    notices.push_back(std::move(notice));
  }
  return notices;
}

// The chip and the State that signed it.
struct Document {
  Document() {
    chip.data_groups[1] = emrtd::specimen::MakeDataGroup1(kZone);
    chip.data_groups[2] = emrtd::specimen::MakeDataGroup2(kPortraitBytes);
    chip.Make();
    trust = emrtd::specimen::TrustIn(chip);
    pb::DocumentInput& input = *request.mutable_document();
    input.set_mrz(kZone);
    const auto add = [&](const std::string& name, const std::string& content) {
      pb::ChipFile* file = input.add_chip_files();
      file->set_name(name);
      file->set_content(content);
    };
    add("EF.COM", chip.com);
    add("EF.SOD", chip.security_object_file);
    for (const auto& [number, content] : chip.data_groups) add("EF.DG" + std::to_string(number), content);
    request.set_omit_face(true);
    request.mutable_check_time()->set_seconds(
        absl::ToUnixSeconds(absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone())));
  }
  emrtd::specimen::Keys keys{"RSA:2048"};
  emrtd::specimen::Chip chip{keys};
  std::shared_ptr<const pki::TrustStore> trust;
  const document::NoticeIndex notices{Notices()};
  pb::VerifyRequest request;
};

// Seconds of the cryptography alone: one signature check and the digests of all files.
double BareSeconds(const Document& document) {
  const pki::SignatureAlgorithm algorithm = pki::specimen::DefaultAlgorithm("RSA:2048");
  const std::string signature = document.keys.signer.Sign(algorithm, "data");
  const pki::DigestValue digest = pki::ComputeDigest(pki::Digest::kSha256, pki::AsBytes("data"));
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_pkey(nullptr, document.keys.signer.pkey(), nullptr);
  EVP_PKEY_verify_init(context);
  EVP_PKEY_CTX_set_signature_md(context, EVP_sha256());
  constexpr int kTimes = 5'000;
  const auto start = SteadyClock::now();
  for (int i = 0; i < kTimes; ++i) {
    GH_CHECK(EVP_PKEY_verify(context, pki::AsBytes(signature).data(), signature.size(), digest.octets.data(),
                             digest.size_bytes) == 1);
    for (const pb::ChipFile& file : document.request.document().chip_files()) {
      pki::ComputeDigest(pki::Digest::kSha256, pki::AsBytes(file.content()));
    }
  }
  EVP_PKEY_CTX_free(context);
  return std::chrono::duration<double>(SteadyClock::now() - start).count() / kTimes;
}

// The store of documents seen before.
struct Store {
  explicit Store(const std::string& file) {
    auto opened = sql::Open({.dsn = "sqlite:" + file});
    GH_CHECK(opened.ok());
    database = *std::move(opened);
    GH_CHECK(sql::Migrate(*database, document::Migrations()).ok());
    auto made = seal::Sealer::Make({.database = *database,
                                    .random = base::SystemRandom(),
                                    .master_key = seal::MasterKey(std::string(32, 'k')),
                                    .service = "document"});
    GH_CHECK(made.ok());
    sealer = *std::move(made);
    seen = document::MakeSeenStore({.database = *database, .sealer = *sealer, .retention = absl::Hours(24 * 30)});
  }
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<seal::Sealer> sealer;
  std::unique_ptr<document::SeenStore> seen;
};

class Service final : public pb::DocumentService::WithRawCallbackMethod_Verify<pb::DocumentService::CallbackService> {
 public:
  Service(rpc::Host& host, const Document& document, document::SeenDocuments& seen, bool empty)
      : host_(host), document_(document), seen_(seen), empty_(empty) {}

 private:
  grpc::ServerUnaryReactor* Verify(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                   grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<pb::VerifyRequest, pb::VerifyResponse>(
        host_, context, method_, request_bytes, response_bytes,
        [this](rpc::Call&, const pb::VerifyRequest& request, pb::VerifyResponse& response) -> absl::Status {
          if (empty_) return absl::OkStatus();
          GH_ASSIGN_OR_RETURN(const document::Presented presented, document::FromProto(request.document()));
          const absl::Time check_time = absl::FromUnixSeconds(request.check_time().seconds());
          document::Report report = document::Verify(presented, {.trust = *document_.trust,
                                                                 .policy = document::BuiltInPolicy(),
                                                                 .check_time = check_time,
                                                                 .seen = &seen_,
                                                                 .notices = &document_.notices,
                                                                 .notice_version = "1",
                                                                 .post = request.post(),
                                                                 .caller = "benchmark",
                                                                 .now = check_time});
          GH_CHECK(report.chip.overall == emrtd::Overall::kValid);
          if (request.omit_face()) report.face.reset();
          document::ToProto(std::move(report), check_time, response.mutable_report());
          return absl::OkStatus();
        });
  }

  rpc::Host& host_;
  const Document& document_;
  document::SeenDocuments& seen_;
  const bool empty_;
  const rpc::Method method_{.name = "/gatehouse.document.v1.DocumentService/Verify",
                            .audit = rpc::Audited{},
                            .max_request_bytes = kMaxRequestBytes};
};

struct Rate {
  double calls_per_s = 0;
  double cpu_us_per_call = 0;  // says more than the rate where others use the core too
};

// Keeps `in_flight` calls going for a time: each answer sends the next call.
class Load {
 public:
  Load(int port, const rpc::TlsFiles& tls, const Document& document, const Flags& flags)
      : stub_(pb::DocumentService::NewStub(*rpc::Connect("localhost:" + std::to_string(port), tls))),
        document_(document),
        flags_(flags) {}

  Rate Run() {
    calls_ = 0;
    const double cpu_seconds = CpuSeconds();
    until_ = SteadyClock::now() +
             std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(flags_.seconds));
    std::latch done(flags_.in_flight);
    const SteadyClock::time_point start = SteadyClock::now();
    for (int i = 0; i < flags_.in_flight; ++i) Send(done);
    done.wait();
    return {.calls_per_s = calls_ / std::chrono::duration<double>(SteadyClock::now() - start).count(),
            .cpu_us_per_call = (CpuSeconds() - cpu_seconds) / calls_ * 1e6};
  }

 private:
  struct Attempt {
    grpc::ClientContext context;
    google::protobuf::Arena arena;
    pb::VerifyResponse* const response = google::protobuf::Arena::CreateMessage<pb::VerifyResponse>(&arena);
  };

  void Send(std::latch& done) {
    auto* attempt = new Attempt;
    attempt->context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    stub_->async()->Verify(&attempt->context, &document_.request, attempt->response,
                           [this, attempt, &done](const grpc::Status& status) {
                             GH_CHECK(status.ok());
                             delete attempt;
                             ++calls_;
                             if (SteadyClock::now() < until_) {
                               Send(done);
                             } else {
                               done.count_down();
                             }
                           });
  }

  const std::unique_ptr<pb::DocumentService::Stub> stub_;
  const Document& document_;
  const Flags flags_;
  SteadyClock::time_point until_;
  std::atomic<int> calls_ = 0;
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Rate Median(const std::vector<Rate>& rates) {
  std::vector<double> calls, cpu;
  for (const Rate& rate : rates) {
    calls.push_back(rate.calls_per_s);
    cpu.push_back(rate.cpu_us_per_call);
  }
  return {.calls_per_s = Median(calls), .cpu_us_per_call = Median(cpu)};
}

// Before any thread is made: all of them inherit it.
void StayOnOneCore() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  sched_setaffinity(0, sizeof(one), &one);
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("What Verify costs beside an empty RPC and the bare cryptography");
  flags.AddTo(app);
  CLI11_PARSE(app, argc, argv);
  StayOnOneCore();

  const Document document;
  Foundation foundation(kMatrix, "verify_benchmark");
  const Store store(foundation.folder.File("document.db"));
  base::Periodic remember(absl::Seconds(1), absl::Seconds(30), [&] { GH_CHECK(store.seen->Flush(absl::Now()).ok()); });
  remember.Start();
  const rpc::TlsFiles client = foundation.authority.Issue("officer-1");
  MeasuredServer<Service> empty(foundation, "empty", document, *store.seen, /*empty=*/true);
  MeasuredServer<Service> verifying(foundation, "document", document, *store.seen, /*empty=*/false);
  Load empty_load(empty.port(), client, document, flags);
  Load verify_load(verifying.port(), client, document, flags);
  empty_load.Run();  // warm
  verify_load.Run();
  std::vector<Rate> empty_rates, verify_rates;
  std::vector<double> bare_seconds;
  for (int round = 0; round < flags.rounds; ++round) {
    empty_rates.push_back(empty_load.Run());
    verify_rates.push_back(verify_load.Run());
    bare_seconds.push_back(BareSeconds(document));
  }
  remember.Stop();
  const Rate rpc = Median(empty_rates);
  const Rate rate = Median(verify_rates);
  const double bare_us = Median(bare_seconds) * 1e6;
  const double limit = 1 / (1 / rpc.calls_per_s + bare_us * 1e-6);
  if (flags.json) {
    std::cout << nlohmann::json{{"benchmark", "verify"},
                                {"in_flight", flags.in_flight},
                                {"calls_per_s", rate.calls_per_s},
                                {"cpu_us_per_call", rate.cpu_us_per_call},
                                {"empty_calls_per_s", rpc.calls_per_s},
                                {"empty_cpu_us_per_call", rpc.cpu_us_per_call},
                                {"bare_cryptography_us", bare_us},
                                {"limit_calls_per_s", limit},
                                {"ratio", rate.calls_per_s / limit}}
              << '\n';
  } else {
    std::printf(
        "Verify %.0f/s (%.0f us CPU); empty RPC of the same bytes %.0f/s (%.0f us); bare cryptography %.1f us; "
        "limit %.0f/s; ratio %.2f\n",
        rate.calls_per_s, rate.cpu_us_per_call, rpc.calls_per_s, rpc.cpu_us_per_call, bare_us, limit,
        rate.calls_per_s / limit);
  }
  return 0;
}

}  // namespace
}  // namespace gatehouse

int main(int argc, char** argv) { return gatehouse::Main(argc, argv); }
