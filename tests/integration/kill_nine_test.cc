// Nothing acknowledged is lost: a post under as many desks as it can serve is killed at a random moment, started again,
// and asked for every crossing it had acknowledged, and for the event of each.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gatehouse/event/v1/event_service.grpc.pb.h"
#include "gatehouse/inspection/v1/inspection_service.grpc.pb.h"
#include "gatehouse/traveller/v1/traveller_service.grpc.pb.h"
#include "libs/rpc/channel.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_folder.h"
#include "tests/integration/cli.h"
#include "tests/integration/country.h"
#include "tests/integration/deployment.h"
#include "tools/gatehouse/chip_folder.h"

namespace gatehouse::integration {
namespace {

namespace event = gatehouse::event::v1;
namespace inspection = gatehouse::inspection::v1;
namespace traveller = gatehouse::traveller::v1;

constexpr int kRounds = 20;
constexpr absl::Duration kBudget = absl::Seconds(100);  // of a run without GATEHOUSE_LONG
constexpr int kDesks = 24;
constexpr int kPageSize = 1000;

// What the post promised: inspection id -> crossing id; empty when it said PENDING.
using Promises = std::map<std::string, std::string>;

class Post {
 public:
  absl::Status Begin() {
    absl::StatusOr<Country> country =
        MakeCountry(folder_.File("country"), {"--seed", "9", "--travellers", "60", "--only-rsa"});
    if (!country.ok()) return country.status();
    for (const Traveller& one : country->travellers) {
      absl::StatusOr<gatehouse::document::v1::DocumentInput> document = cli::ReadChipFolder(one.folder);
      if (!document.ok()) return document.status();
      documents_.push_back(*std::move(document));
    }
    absl::StatusOr<std::unique_ptr<Deployment>> deployment = Deployment::Start(Shape::kPost, folder_.File("post"));
    if (!deployment.ok()) return deployment.status();
    deployment_ = *std::move(deployment);
    return absl::OkStatus();
  }

  std::shared_ptr<grpc::Channel> ConnectAs(const std::string& identity) {
    const std::string prefix = absl::StrCat(deployment_->pki(), "/", identity);
    auto channel = rpc::Connect(
        deployment_->address("inspection"),
        {.certificate_file = prefix + ".crt", .key_file = prefix + ".key", .ca_file = deployment_->pki() + "/ca.crt"});
    EXPECT_OK(channel);
    return *channel;
  }

  const gatehouse::document::v1::DocumentInput& document(size_t i) const { return documents_[i % documents_.size()]; }
  Process& process() { return *node().process; }
  absl::Status StartAgain() { return deployment_->StartNode(node()); }
  std::string audit_folder() { return deployment_->audit_folders()[0]; }

 private:
  Node& node() { return deployment_->node("inspection"); }

  testing::TemporaryFolder folder_;
  std::vector<gatehouse::document::v1::DocumentInput> documents_;
  std::unique_ptr<Deployment> deployment_;
};

// Inspects and admits one traveller after another until the post no longer answers.
void ServeDesk(Post& post, size_t first, std::atomic<bool>& open, std::mutex& mutex, Promises& promises) {
  const auto stub = inspection::InspectionService::NewStub(post.ConnectAs("officer-1"));
  for (size_t next = first; open; next += kDesks) {
    inspection::InspectRequest inspect;
    *inspect.mutable_document() = post.document(next);
    inspect.set_direction(traveller::DIRECTION_ENTRY);
    inspection::InspectResponse inspected;
    grpc::ClientContext inspect_call;
    inspect_call.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
    if (!stub->Inspect(&inspect_call, inspect, &inspected).ok()) continue;

    inspection::DecideRequest decide;
    decide.set_inspection_id(inspected.inspection().inspection_id());
    decide.set_outcome(inspection::OUTCOME_ADMIT);
    inspection::DecideResponse decided;
    grpc::ClientContext decide_call;
    decide_call.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
    if (!stub->Decide(&decide_call, decide, &decided).ok()) continue;
    const std::lock_guard lock(mutex);
    promises[decided.inspection_id()] = decided.decision().crossing_id();
  }
}

// Opens all desks, kills the post after `until_death`, closes them; adds what was acknowledged to `promises`.
void KillUnderLoad(Post& post, absl::Duration until_death, Promises& promises) {
  std::atomic<bool> open = true;
  std::mutex mutex;
  std::vector<std::thread> desks;
  for (size_t desk = 0; desk < kDesks; ++desk) {
    desks.emplace_back([&, desk] { ServeDesk(post, desk, open, mutex, promises); });
  }
  absl::SleepFor(until_death);
  post.process().KillNine();
  open = false;
  for (std::thread& desk : desks) desk.join();
}

// Crossing ids by inspection id.
std::multimap<std::string, std::string> ReadCrossings(Post& post) {
  const auto stub = traveller::TravellerService::NewStub(post.ConnectAs("officer-1"));
  std::multimap<std::string, std::string> crossings;
  traveller::ListCrossingsRequest request;
  request.set_page_size(kPageSize);
  do {
    traveller::ListCrossingsResponse response;
    grpc::ClientContext call;
    const grpc::Status status = stub->ListCrossings(&call, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    for (const traveller::Crossing& one : response.crossings()) {
      crossings.emplace(one.inspection_id(), one.crossing_id());
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return crossings;
}

// How often each crossing id is the subject of a crossing_recorded event.
std::map<std::string, int> CountCrossingEvents(Post& post) {
  const auto stub = event::EventService::NewStub(post.ConnectAs("operator"));
  std::map<std::string, int> counts;
  event::ListEventsRequest request;
  request.set_service("traveller");
  request.set_page_size(kPageSize);
  event::ListEventsResponse response;
  do {
    response.Clear();
    grpc::ClientContext call;
    const grpc::Status status = stub->ListEvents(&call, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    for (const auto& entry : response.entries()) {
      request.set_after_position(entry.event().position());
      if (entry.event().type() == "gatehouse.traveller.crossing_recorded.v1") ++counts[entry.event().subject()];
    }
  } while (response.entries_size() == kPageSize);
  return counts;
}

void ExpectEveryPromiseKept(Post& post, const Promises& promises) {
  // A crossing that was PENDING is re-driven after the start.
  std::multimap<std::string, std::string> crossings = ReadCrossings(post);
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  const auto all_there = [&] {
    return std::all_of(promises.begin(), promises.end(), [&](const auto& p) { return crossings.contains(p.first); });
  };
  while (!all_there() && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(100));
    crossings = ReadCrossings(post);
  }
  const std::map<std::string, int> events = CountCrossingEvents(post);
  for (const auto& [inspection_id, crossing_id] : promises) {
    ASSERT_EQ(crossings.count(inspection_id), 1u) << "crossings of inspection " << inspection_id;
    const std::string stored = crossings.find(inspection_id)->second;
    if (!crossing_id.empty()) {
      EXPECT_EQ(stored, crossing_id);
    }
  }
  // Not only the acknowledged: every crossing has one event, and every event its crossing.
  EXPECT_EQ(events.size(), crossings.size());
  for (const auto& [inspection_id, crossing_id] : crossings) {
    EXPECT_EQ(crossings.count(inspection_id), 1u) << inspection_id;
    const auto found = events.find(crossing_id);
    EXPECT_EQ(found == events.end() ? 0 : found->second, 1) << "events of crossing " << crossing_id;
  }
}

TEST(KillNineTest, APostKilledAtSaturationKeepsEveryAcknowledgedCrossing) {
  const uint32_t seed = std::random_device()();
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> until_death_ms(200, 1500);
  Post post;
  ASSERT_OK(post.Begin());
  Promises promises;
  const bool all = std::getenv("GATEHOUSE_LONG") != nullptr;
  const absl::Time end = absl::Now() + kBudget;
  int round = 0;
  for (; round < kRounds && (all || absl::Now() < end) && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round, ", seed ", seed));
    KillUnderLoad(post, absl::Milliseconds(until_death_ms(random)), promises);
    ASSERT_OK(post.StartAgain());
    ExpectEveryPromiseKept(post, promises);
    const Answer audit = RunGatehouse({"audit", "verify", "--dir", post.audit_folder(), "--json"});
    EXPECT_EQ(audit.exit_code, kDone) << audit.out << audit.err;
  }
  EXPECT_GT(promises.size(), static_cast<size_t>(round)) << "hardly anything was under way when the post died";
  std::cout << "killed " << round << " times under " << kDesks << " desks: all " << promises.size()
            << " acknowledged crossings are there, with their events (seed " << seed << ")\n";
}

}  // namespace
}  // namespace gatehouse::integration
