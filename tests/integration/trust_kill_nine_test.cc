// The trust store under kill -9, between the person who imports and the person who accepts: an import is there whole or
// not at all, one person stays one, what was acknowledged counts, and no version of the store is made or told twice.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gatehouse/document/v1/document_events.pb.h"
#include "gatehouse/event/v1/event_service.grpc.pb.h"
#include "libs/audit/audit.h"
#include "libs/pki/specimen_for_tests.h"
#include "libs/pki/trust_content.h"
#include "libs/rpc/channel.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_folder.h"
#include "tests/integration/cli.h"
#include "tests/integration/deployment.h"

namespace gatehouse::integration {
namespace {

namespace event = gatehouse::event::v1;
using namespace pki::specimen;

constexpr int kPageSize = 1000;
constexpr int kRounds = 20;
constexpr absl::Duration kBudget = absl::Seconds(60);  // of a run without GATEHOUSE_LONG
constexpr int kSigners = 150;
constexpr size_t kMaxAuditLeaves = 100'000;
constexpr char kImport[] = "/gatehouse.document.v1.TrustAdminService/ImportTrust";
constexpr char kAccept[] = "/gatehouse.document.v1.TrustAdminService/AcceptTrust";

// A State that one round brings: its anchor waits for a second person, its signers do not.
struct State {
  std::string folder;
  std::string anchor;  // sha256
};

State MakeState(const std::string& folder, int round) {
  static const Key& key = *new Key("prime256v1");
  std::filesystem::create_directories(folder);
  CertificateRequest request{.issuer = Name("UT", absl::StrCat("CSCA ", round)),
                             .subject = Name("UT", absl::StrCat("CSCA ", round)),
                             .key_info = key.info,
                             .authority = true,
                             .key_usage = 0x06,
                             .algorithm = DefaultAlgorithm("prime256v1")};
  const std::string anchor = MakeCertificate(request, key);
  std::ofstream(folder + "/csca.der", std::ios::binary) << anchor;
  request.authority.reset();
  request.key_usage = 0x80;
  for (int i = 0; i < kSigners; ++i) {
    request.serial = 1000 + i;
    request.subject = Name("UT", absl::StrCat("DS ", i));
    std::ofstream(absl::StrCat(folder, "/ds-", i, ".der"), std::ios::binary) << MakeCertificate(request, key);
  }
  return {.folder = folder, .anchor = pki::ToText(pki::FingerprintOf(pki::AsBytes(anchor)))};
}

class TrustKillNineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto deployment = Deployment::Start(Shape::kPost, folder_.File("post"));
    ASSERT_OK(deployment);
    deployment_ = *std::move(deployment);
  }
  Answer As(const std::string& person, const Arguments& verb) {
    return Caller(person, deployment_->address("document"), deployment_->pki()).Run(verb);
  }
  void KillNine() { deployment_->node("document").process->KillNine(); }
  void StartAgain() { ASSERT_OK(deployment_->StartNode(deployment_->node("document"))); }
  // What the person was told when the post died that long after the question, and nothing else was said.
  Answer AskAndKill(const std::string& person, const Arguments& verb, absl::Duration until_death) {
    Answer answer;
    std::thread asks([&] { answer = As(person, verb); });
    absl::SleepFor(until_death);
    KillNine();
    asks.join();
    cut_short_ += answer.exit_code == kDone ? 0 : 1;
    return answer;
  }
  json Import(const std::string& id) {
    for (const json& one : As("auditor", {"trust", "pending", "--all"}).lines) {
      if (one["import_id"] == id) return one;
    }
    return json::object();
  }
  std::string StateOf(const std::string& anchor) {
    const Answer shown = As("auditor", {"trust", "show", anchor});
    return shown.lines.empty() ? "" : shown.lines[0].value("state", "");
  }

  void StageUnderKill(const State& state, absl::Duration until_death, std::string& id);
  void AcceptUnderKill(const State& state, const std::string& id, absl::Duration until_death);
  void ExpectNoVersionTwice();
  std::vector<event::ListEventsResponse::Entry> Events();
  void ExpectEveryStepOnRecord();

  testing::TemporaryFolder folder_;
  std::unique_ptr<Deployment> deployment_;
  std::vector<std::string> imported_, accepted_;  // acknowledged
  int cut_short_ = 0;                             // calls that the death left without an answer
};

// Whole, or not at all and then again.
void TrustKillNineTest::StageUnderKill(const State& state, absl::Duration until_death, std::string& id) {
  const size_t before = As("auditor", {"trust", "pending", "--all"}).lines.size();
  Answer told = AskAndKill("trust-operator", {"trust", "import", state.folder}, until_death);
  StartAgain();
  std::vector<json> imports = As("auditor", {"trust", "pending", "--all"}).lines;
  ASSERT_GE(imports.size(), before);
  ASSERT_LE(imports.size(), before + 1);
  if (told.exit_code == kDone) {
    ASSERT_EQ(imports.size(), before + 1) << "acknowledged and lost";
    EXPECT_EQ(imports.back()["import_id"], told.lines.at(0)["import_id"]);
  }
  if (imports.size() == before) {
    EXPECT_EQ(StateOf(state.anchor), "") << "nothing of it is there";
    told = As("trust-operator", {"trust", "import", state.folder});
    ASSERT_EQ(told.exit_code, kDone) << told.err;
    imports = As("auditor", {"trust", "pending", "--all"}).lines;
  }
  id = imports.back()["import_id"];
  if (told.exit_code == kDone) imported_.push_back(id);
  const Answer difference = As("trust-operator-2", {"trust", "diff", id});
  EXPECT_EQ(difference.lines.size(), size_t{kSigners} + 1) << "whole";
  // What one person imported waits, also after the post has died right behind its answer.
  KillNine();
  StartAgain();
  EXPECT_EQ(StateOf(state.anchor), "staged");
  EXPECT_EQ(As("trust-operator", {"trust", "accept", id}).exit_code, kCheckSaysNo) << "the same person";
  EXPECT_EQ(StateOf(state.anchor), "staged");
}

void TrustKillNineTest::AcceptUnderKill(const State& state, const std::string& id, absl::Duration until_death) {
  const Answer told = AskAndKill("trust-operator-2", {"trust", "accept", id}, until_death);
  StartAgain();
  const std::string word = Import(id).value("state", "");
  if (told.exit_code == kDone) {
    EXPECT_EQ(word, "accepted") << "acknowledged and lost";
    accepted_.push_back(id);
  }
  if (word == "pending") {
    EXPECT_EQ(StateOf(state.anchor), "staged");
    const Answer again = As("trust-operator-2", {"trust", "accept", id});
    ASSERT_EQ(again.exit_code, kDone) << again.err;
    accepted_.push_back(id);
  } else {
    EXPECT_EQ(word, "accepted");
    EXPECT_EQ(As("trust-operator-2", {"trust", "accept", id}).exit_code, kCheckSaysNo) << "decided is decided";
  }
  EXPECT_EQ(StateOf(state.anchor), "in_use");
  EXPECT_EQ(StateOf(state.anchor.substr(0, 16)), "in_use") << "found by its first digits";
  EXPECT_EQ(Import(id)["accepted_by"], json({"trust-operator-2"}));
}

// Numbers without a gap, each made once and told once.
void TrustKillNineTest::ExpectNoVersionTwice() {
  const std::vector<json> versions = As("auditor", {"trust", "versions"}).lines;
  for (size_t i = 0; i < versions.size(); ++i) EXPECT_EQ(versions[i]["number"], versions.size() - i);
  std::map<int64_t, int> told;
  for (const auto& entry : Events()) {
    if (entry.event().type() != "gatehouse.document.trust_version_changed.v1") continue;
    gatehouse::document::v1::TrustVersionChanged changed;
    ASSERT_TRUE(changed.ParseFromString(entry.event().data()));
    ++told[changed.number()];
  }
  EXPECT_EQ(told.size(), versions.size());
  for (const auto& [version, times] : told) EXPECT_EQ(times, 1) << "version " << version;
}

std::vector<event::ListEventsResponse::Entry> TrustKillNineTest::Events() {
  const std::string prefix = deployment_->pki() + "/operator";
  const auto channel = rpc::Connect(
      deployment_->address("document"),
      {.certificate_file = prefix + ".crt", .key_file = prefix + ".key", .ca_file = deployment_->pki() + "/ca.crt"});
  EXPECT_OK(channel);
  const auto stub = event::EventService::NewStub(*channel);
  std::vector<event::ListEventsResponse::Entry> events;
  event::ListEventsRequest request;
  request.set_service("document");
  request.set_page_size(kPageSize);
  event::ListEventsResponse response;
  do {
    response.Clear();
    grpc::ClientContext call;
    const grpc::Status status = stub->ListEvents(&call, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    events.insert(events.end(), response.entries().begin(), response.entries().end());
    if (!events.empty()) request.set_after_position(events.back().event().position());
  } while (response.entries_size() == kPageSize);
  return events;
}

void TrustKillNineTest::ExpectEveryStepOnRecord() {
  const std::string folder = deployment_->audit_folders()[0];
  const Answer chain = RunGatehouse({"audit", "verify", "--dir", folder, "--json"});
  EXPECT_EQ(chain.exit_code, kDone) << chain.out << chain.err;
  const auto leaves = audit::ReadLeaves(folder, kMaxAuditLeaves);
  ASSERT_OK(leaves);
  const auto is_done = [&](const char* verb, const std::string& person, const std::string& id) {
    return std::any_of(leaves->begin(), leaves->end(), [&](const audit::Leaf& leaf) {
      return leaf.kind == audit::Kind::kOutcome && leaf.verb == verb && leaf.outcome == "OK" &&
             leaf.identity == person &&
             std::find(leaf.subjects.begin(), leaf.subjects.end(), id) != leaf.subjects.end();
    });
  };
  for (const std::string& id : imported_) EXPECT_TRUE(is_done(kImport, "trust-operator", id)) << id;
  for (const std::string& id : accepted_) EXPECT_TRUE(is_done(kAccept, "trust-operator-2", id)) << id;
}

TEST_F(TrustKillNineTest, BetweenTwoPeopleNothingIsLostAndNothingCountsTwice) {
  const uint32_t seed = std::random_device()();
  std::mt19937 random(seed);
  // From before the call arrives to after its answer.
  std::uniform_int_distribution<int> until_death_ms(5, 250);
  const bool all = std::getenv("GATEHOUSE_LONG") != nullptr;
  const absl::Time end = absl::Now() + kBudget;
  int round = 0;
  for (; round < kRounds && (all || absl::Now() < end) && !HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round, ", seed ", seed));
    const State state = MakeState(folder_.File(absl::StrCat("state-", round)), round);
    std::string id;
    StageUnderKill(state, absl::Milliseconds(until_death_ms(random)), id);
    if (HasFatalFailure()) return;
    AcceptUnderKill(state, id, absl::Milliseconds(until_death_ms(random)));
    if (HasFatalFailure()) return;
    ExpectNoVersionTwice();
    ExpectEveryStepOnRecord();
  }
  EXPECT_GT(round, 0);
  std::cout << "killed " << 3 * round << " times between two people: " << imported_.size() << " acknowledged imports, "
            << accepted_.size() << " acknowledged acceptances, " << cut_short_ << " calls cut short (seed " << seed
            << ")\n";
}

}  // namespace
}  // namespace gatehouse::integration
