// What only a cluster can show: a process that dies while the others go on, and events on a broker that anybody may
// read.
#include <libpq-fe.h>
#include <librdkafka/rdkafka.h>

#include <atomic>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/story_fixture.h"
#include "tests/integration/topic.h"

namespace gatehouse::integration {
namespace {

using ::testing::AnyOf;
using ::testing::Ge;
using ::testing::SizeIs;

class ClusterTest : public StoryTest {
 protected:
  // Everybody has arrived; these chapters are about their leaving.
  void SetUp() override {
    StoryTest::SetUp();
    if (!IsSkipped() && !HasFatalFailure()) story().Passages();
  }

  static Answer InspectLeaving(const std::string& folder) {
    return story().As("officer-1", "inspection")(InspectAtDesk({"--direction", "exit", folder}));
  }

  // The state of the newest decision's crossing.
  static std::string CrossingState(const std::string& inspection_id) {
    const Answer shown = story().As("officer-1", "inspection")({"inspections", "show", inspection_id});
    EXPECT_THAT(shown.lines, SizeIs(1)) << shown.err;
    return shown.lines.empty() ? "" : shown.lines[0]["decisions"].back().value("crossing_state", "");
  }

  static std::vector<json> CrossingsOf(const std::string& inspection_id) {
    return story().As("officer-1", "traveller")({"crossings", "list", "--inspection", inspection_id}).lines;
  }

  static std::vector<std::string> GoodTravellers(size_t count) {
    std::vector<std::string> folders;
    for (const Traveller& traveller : story().country().travellers) {
      if (traveller.fault == "none" && folders.size() < count) folders.push_back(traveller.folder);
    }
    return folders;
  }
};

INSTANTIATE_TEST_SUITE_P(Processes, ClusterTest, ::testing::Values(Shape::kCluster),
                         [](const auto&) { return "OnPostgresqlAndKafka"; });

template <typename Condition>
bool Eventually(Condition condition, absl::Duration timeout = absl::Seconds(30)) {
  const absl::Time deadline = absl::Now() + timeout;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(100));
  }
  return true;
}

TEST_P(ClusterTest, WithTheListsAwayTheOthersAnswerAndNobodyIsClear) {
  Node& watchlist = story().deployment().node("watchlist");
  watchlist.process->KillNine();
  const Answer answer = InspectLeaving(GoodTravellers(1)[0]);
  EXPECT_EQ(answer.exit_code, kCheckSaysNo);
  ASSERT_THAT(answer.lines, SizeIs(1)) << answer.err;
  const json& inspection = answer.lines[0];
  EXPECT_EQ(inspection["recommendation"].value("outcome", ""), "refer");
  for (const char* id : {"document_list", "nominal_list"}) {
    EXPECT_THAT(CheckOf(inspection, id).value("status", ""), AnyOf("not_done", "aborted", "undetermined")) << id;
  }
  for (const char* id : {"mrz", "chip", "mrz_chip_match", "document_validity", "history"}) {
    EXPECT_EQ(CheckOf(inspection, id).value("status", ""), "successful") << id;
  }
  const absl::Status started = story().deployment().StartNode(watchlist);
  ASSERT_TRUE(started.ok()) << started;
  EXPECT_TRUE(Eventually([&] { return InspectLeaving(GoodTravellers(1)[0]).exit_code == kDone; }))
      << "the lists are back, the traveller is clear again";
}

// inspection.deadline_ms where the configuration names none.
constexpr absl::Duration kInspectionTime = absl::Seconds(3);

// A process that hangs keeps its connections and answers nothing: worse than one that died.
TEST_P(ClusterTest, AStoppedWatchlistKeepsNobodyWaitingAndClearsNobody) {
  const std::string folder = GoodTravellers(1)[0];
  ASSERT_TRUE(Eventually([&] { return InspectLeaving(folder).exit_code == kDone; }));
  Process& watchlist = *story().deployment().node("watchlist").process;
  watchlist.Stop();
  for (int i = 0; i < 6; ++i) {
    const Answer answer = InspectLeaving(folder);
    EXPECT_EQ(answer.exit_code, kCheckSaysNo) << "an inspection goes on without the lists: " << answer.err;
    if (answer.lines.empty()) continue;
    const json& inspection = answer.lines[0];
    EXPECT_EQ(inspection["recommendation"].value("outcome", ""), "refer");
    for (const char* id : {"document_list", "nominal_list"}) {
      EXPECT_EQ(CheckOf(inspection, id).value("status", ""), "not_done") << id;
    }
    for (const char* id : {"mrz", "chip", "history"}) {
      EXPECT_EQ(CheckOf(inspection, id).value("status", ""), "successful") << id << ": the others are not held up";
    }
  }
  // The first few wait as long as an inspection may; then nobody waits for what does not answer.
  EXPECT_TRUE(Eventually([&] {
    const absl::Time begin = absl::Now();
    EXPECT_EQ(InspectLeaving(folder).exit_code, kCheckSaysNo);
    return absl::Now() - begin < kInspectionTime / 2;
  })) << "each inspection still waits for the lists";
  watchlist.Continue();
  EXPECT_TRUE(Eventually([&] { return InspectLeaving(folder).exit_code == kDone; }))
      << "the lists answer again, the traveller is clear again";
}

// A session of somebody else's: a person at psql, a tool that forgot its transaction.
class ForeignLock {
 public:
  ForeignLock(const std::string& dsn, const std::string& tables) : session_(PQconnectdb(dsn.c_str())) {
    const std::string lock = "BEGIN; LOCK TABLE " + tables + " IN ACCESS EXCLUSIVE MODE";
    PGresult* const result = PQexec(session_, lock.c_str());
    held_ = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
  }
  ~ForeignLock() { PQfinish(session_); }
  ForeignLock(const ForeignLock&) = delete;
  ForeignLock& operator=(const ForeignLock&) = delete;
  bool held() const { return held_; }

 private:
  PGconn* const session_;
  bool held_ = false;
};

// The server takes connections and answers nothing about these tables.
TEST_P(ClusterTest, AHungStoreHoldsNobodyUpClearsNobodyAndLosesNothing) {
  constexpr absl::Duration kLongest = absl::Seconds(60);  // far over every deadline, far under for ever
  Node& traveller = story().deployment().node("traveller");
  const auto health = [] { return story().As("operator", "traveller")({"health"}).exit_code; };
  const std::vector<std::string> folders = GoodTravellers(12);
  const Answer open = InspectLeaving(folders[9]);
  ASSERT_THAT(open.lines, SizeIs(1)) << open.err;
  const std::string decided = open.lines[0].value("inspection_id", "");
  {
    const ForeignLock lock(traveller.store->dsn(), "person, crossing");
    ASSERT_TRUE(lock.held());
    const absl::Time begin = absl::Now();
    const Answer decision = story().As("officer-1", "inspection")({"decide", decided, "--outcome", "admit"});
    EXPECT_EQ(decision.exit_code, kDone) << decision.err;
    ASSERT_THAT(decision.lines, SizeIs(1));
    EXPECT_EQ(decision.lines[0]["decision"].value("crossing_state", ""), "pending");
    const Answer inspected = InspectLeaving(folders[10]);
    EXPECT_EQ(inspected.exit_code, kCheckSaysNo) << inspected.err;
    ASSERT_THAT(inspected.lines, SizeIs(1));
    EXPECT_EQ(CheckOf(inspected.lines[0], "history").value("status", ""), "not_done");
    EXPECT_EQ(CheckOf(inspected.lines[0], "document_list").value("status", ""), "successful");
    EXPECT_NE(story().As("officer-1", "traveller")({"crossings", "list"}).exit_code, kDone)
        << "no list, not an empty one";
    EXPECT_LT(absl::Now() - begin, kLongest);
    EXPECT_TRUE(Eventually([&] { return health() == kCheckSaysNo; }, kLongest)) << "health says that it serves";
  }
  EXPECT_TRUE(Eventually([&] { return health() == kDone; }, kLongest));
  EXPECT_TRUE(Eventually([&] { return CrossingState(decided) == "stored"; }, kLongest)) << "what was acknowledged";
  EXPECT_THAT(CrossingsOf(decided), SizeIs(1));
  EXPECT_TRUE(Eventually([&] { return InspectLeaving(folders[10]).exit_code == kDone; })) << "clear again";
  EXPECT_TRUE(traveller.process->running()) << "without a restart";
}

TEST_P(ClusterTest, DecisionsOutliveTheDeathOfTheTravellerService) {
  std::vector<std::string> inspections;
  for (const std::string& folder : GoodTravellers(8)) {
    const Answer answer = InspectLeaving(folder);
    ASSERT_THAT(answer.lines, SizeIs(1)) << answer.err;
    inspections.push_back(answer.lines[0].value("inspection_id", ""));
  }

  Node& traveller = story().deployment().node("traveller");
  std::vector<Answer> decisions;
  std::atomic<bool> under_way = false;
  std::thread desk([&] {
    for (const std::string& id : inspections) {
      decisions.push_back(story().As("officer-1", "inspection")({"decide", id, "--outcome", "admit"}));
      if (decisions.size() == 2) {
        under_way = true;
        under_way.notify_one();
      }
    }
  });
  under_way.wait(false);
  traveller.process->KillNine();
  desk.join();

  int pending = 0;
  for (const Answer& decision : decisions) {
    ASSERT_EQ(decision.exit_code, kDone) << decision.err;
    const std::string state = decision.lines[0]["decision"].value("crossing_state", "");
    EXPECT_THAT(state, AnyOf("stored", "pending"));
    pending += state == "pending" ? 1 : 0;
  }
  EXPECT_GT(pending, 0) << "the service died before the last decision";

  const absl::Status started = story().deployment().StartNode(traveller);
  ASSERT_TRUE(started.ok()) << started;
  for (const std::string& id : inspections) {
    EXPECT_TRUE(Eventually([&] { return CrossingState(id) == "stored"; })) << id;
    EXPECT_THAT(CrossingsOf(id), SizeIs(1)) << id;
  }
}

// The outbox is what was promised, the broker is what others see: the same events, in the same order.
TEST_P(ClusterTest, AnIndependentConsumerReadsEveryEventOfTheOutboxes) {
  std::string ignored;
  GH_REQUIRE_SERVER(ignored, FindProgram("kcat"));
  size_t total = 0;
  size_t repeats = 0;
  for (const char* service : kServices) {
    SCOPED_TRACE(service);
    std::vector<json> outbox;
    EXPECT_TRUE(Eventually([&] {
      outbox = story().Events(service);
      return std::all_of(outbox.begin(), outbox.end(),
                         [](const json& event) { return event.value("published", false); });
    })) << "the relay has not published everything";

    std::set<std::string> topics;
    for (const json& event : outbox) topics.insert(event.value("topic", ""));
    std::map<std::string, std::vector<Record>> by_id;   // repeats behind the first
    std::map<std::string, std::vector<Record>> by_key;  // first appearances, in the order of the broker
    for (const std::string& topic : topics) {
      const absl::StatusOr<std::vector<Record>> records = ReadTopic(story().deployment().brokers(), topic);
      ASSERT_TRUE(records.ok()) << records.status();
      for (const Record& record : *records) {
        const auto id = record.headers.find("ce_id");
        ASSERT_NE(id, record.headers.end()) << "a record without ce_id in " << topic;
        by_id[id->second].push_back(record);
        if (by_id[id->second].size() == 1) by_key[record.key].push_back(record);
      }
    }

    for (const json& event : outbox) {
      const std::vector<Record>& copies = by_id[event.value("id", "")];
      ASSERT_THAT(copies.size(), Ge(1u)) << "lost: " << event;
      repeats += copies.size() - 1;
      const Record& record = copies[0];
      EXPECT_EQ(record.key, event.value("subject", ""));
      EXPECT_EQ(record.headers.at("ce_specversion"), "1.0");
      EXPECT_EQ(record.headers.at("ce_type"), event.value("type", ""));
      EXPECT_EQ(record.headers.at("ce_source"), event.value("source", ""));
      EXPECT_EQ(record.headers.at("ce_subject"), event.value("subject", ""));
      EXPECT_EQ(record.headers.at("ce_position"), std::to_string(event.value("position", int64_t{0})));
      EXPECT_EQ(record.headers.at("ce_aggregateversion"), std::to_string(event.value("aggregate_version", int64_t{0})));
      EXPECT_TRUE(record.headers.contains("ce_time"));
    }
    std::map<std::string, std::vector<std::string>> outbox_by_key;
    for (const json& event : outbox) outbox_by_key[event.value("subject", "")].push_back(event.value("id", ""));
    for (const auto& [key, ids] : outbox_by_key) {
      std::vector<std::string> read;
      for (const Record& record : by_key[key]) {
        EXPECT_EQ(record.partition, by_key[key][0].partition) << "one key, one partition";
        // Another run may have used the same broker, and a base has the same name in every run.
        if (std::find(ids.begin(), ids.end(), record.headers.at("ce_id")) != ids.end()) {
          read.push_back(record.headers.at("ce_id"));
        }
      }
      EXPECT_EQ(read, ids) << key;
    }
    total += outbox.size();
  }
  std::cout << total << " events in the outboxes, all read by kcat, " << repeats << " repeated\n";
}

// The largest record a topic takes, as whoever keeps the broker sets it; the broker's default again at the end.
class TopicLimit {
 public:
  TopicLimit(std::string brokers, std::string topic, const char* bytes)
      : brokers_(std::move(brokers)), topic_(std::move(topic)) {
    Set(bytes);
  }
  ~TopicLimit() { Set(nullptr); }
  TopicLimit(const TopicLimit&) = delete;
  TopicLimit& operator=(const TopicLimit&) = delete;

 private:
  void Set(const char* bytes) const {
    char reason[256];
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    ASSERT_EQ(rd_kafka_conf_set(conf, "bootstrap.servers", brokers_.c_str(), reason, sizeof reason), RD_KAFKA_CONF_OK);
    rd_kafka_t* const client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
    ASSERT_NE(client, nullptr) << reason;
    rd_kafka_ConfigResource_t* wanted = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic_.c_str());
    if (bytes != nullptr) rd_kafka_ConfigResource_set_config(wanted, "max.message.bytes", bytes);
    rd_kafka_queue_t* const queue = rd_kafka_queue_new(client);
    rd_kafka_AlterConfigs(client, &wanted, 1, nullptr, queue);
    rd_kafka_event_t* const answer = rd_kafka_queue_poll(queue, 30'000);
    EXPECT_TRUE(answer != nullptr && rd_kafka_event_error(answer) == RD_KAFKA_RESP_ERR_NO_ERROR);
    if (answer != nullptr) rd_kafka_event_destroy(answer);
    rd_kafka_queue_destroy(queue);
    rd_kafka_ConfigResource_destroy(wanted);
    rd_kafka_destroy(client);
  }

  const std::string brokers_;
  const std::string topic_;
};

// Whether health has it raised.
bool IsRaised(const Answer& health, const std::string& condition) {
  for (const json& one : health.lines.empty() ? json::array() : health.lines[0]["conditions"]) {
    if (one.value("name", "") == condition && one.value("state", "over") != "over") return true;
  }
  return false;
}

// The last chapter: what the broker refuses for good is missing in its topic from then on.
TEST_P(ClusterTest, APoisonEventIsSetAsideAndTheStreamGoesOn) {
  constexpr char kTopic[] = "gatehouse.watchlist.base.v1";
  Node& watchlist = story().deployment().node("watchlist");
  const auto health = [] { return story().As("operator", "watchlist")({"health"}); };
  const auto import = [](int edition) {
    const std::string file = story().File(absl::StrCat("poison-", edition, ".csv"));
    std::ofstream(file) << "# published: " << absl::FormatTime("%Y-%m-%d", absl::Now(), absl::UTCTimeZone())
                        << "\nnumber,issuer,type,status\nPOISON" << edition << ",UTO,P,stolen\n";
    const Answer answer = story().As("list-owner", "watchlist")(
        {"watchlist", "import", "--base", absl::StrCat("poison-", edition), "--format", "document-csv", file});
    EXPECT_EQ(answer.exit_code, kCheckSaysNo) << "a new base waits, and that it does is an event: " << answer.err;
  };
  int edition = 0;
  {
    const TopicLimit limit(story().deployment().brokers(), kTopic, "64");
    // The broker takes a moment to heed it.
    EXPECT_TRUE(Eventually([&] {
      import(++edition);
      absl::SleepFor(absl::Seconds(1));
      return IsRaised(health(), "watchlist.dead_letters");
    })) << health().out;
  }
  EXPECT_EQ(health().exit_code, kDone) << "the module serves on";
  EXPECT_TRUE(Eventually([&] {
    import(++edition);
    const auto records = ReadTopic(story().deployment().brokers(), kTopic);
    std::map<std::string, int> times;
    if (records.ok()) {
      for (const Record& record : *records) ++times[record.headers.at("ce_id")];
    }
    const std::vector<json> outbox = story().Events("watchlist");
    const auto found = times.find(outbox.back().value("id", ""));
    return found != times.end() && found->second == 1;
  })) << "the stream goes on";
  EXPECT_TRUE(watchlist.process->running());
}

}  // namespace
}  // namespace gatehouse::integration
