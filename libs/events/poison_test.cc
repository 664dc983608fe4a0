// A real broker that refuses one event for good, and a consumer that is slow: what Kafka itself does then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/events/consumer.h"
#include "libs/events/outbox.h"
#include "libs/events/relay.h"
#include "libs/events/sink.h"
#include "libs/events/test_event.h"
#include "libs/sql/migrate.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_folder.h"

namespace gatehouse::events {
namespace {

// A topic that takes records up to `max_bytes`.
void MakeTopic(const std::string& brokers, const std::string& topic, int max_bytes) {
  char reason[256];
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  ASSERT_EQ(rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), reason, sizeof reason), RD_KAFKA_CONF_OK);
  rd_kafka_t* const client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
  ASSERT_NE(client, nullptr);
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(topic.c_str(), 2, 1, reason, sizeof reason);
  rd_kafka_NewTopic_set_config(wanted, "max.message.bytes", absl::StrCat(max_bytes).c_str());
  rd_kafka_queue_t* const queue = rd_kafka_queue_new(client);
  rd_kafka_CreateTopics(client, &wanted, 1, nullptr, queue);
  rd_kafka_event_t* const answer = rd_kafka_queue_poll(queue, 30'000);
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(rd_kafka_event_error(answer), RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_event_destroy(answer);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(wanted);
  rd_kafka_destroy(client);
}

// Random bytes: lz4 makes nothing of them.
std::string Incompressible(size_t size) {
  std::string bytes(size, '\0');
  base::SystemRandom().Fill(reinterpret_cast<uint8_t*>(bytes.data()), bytes.size());
  return bytes;
}

TEST(PoisonTest, AnEventTooLargeForItsTopicIsRejectedAndTheRestIsPublishedOnceInOrder) {
  std::string brokers;
  GH_REQUIRE_SERVER(brokers, testing::RequireKafka());
  const std::string topic = testing::UniqueName();
  MakeTopic(brokers, topic, 20'000);
  std::vector<StoredEvent> events;
  for (int i = 1; i <= 60; ++i) {
    events.push_back({.position = i, .event = MakeTestEvent(absl::StrCat("subject-", i % 4), i, topic)});
  }
  for (const int poison : {10, 11, 40}) events[poison - 1].event.data = Incompressible(100'000);
  ASSERT_OK_AND_ASSIGN(const auto sink, MakeKafkaSink({.brokers = brokers}));
  ASSERT_OK_AND_ASSIGN(const auto rejected, sink->Publish(events));
  std::set<int64_t> positions;
  for (const Rejected& each : rejected) {
    positions.insert(each.position);
    EXPECT_THAT(each.reason, ::testing::HasSubstr("too large"));
  }
  EXPECT_EQ(positions, (std::set<int64_t>{10, 11, 40}));
  // And the next batch goes through.
  const StoredEvent next = {.position = 61, .event = MakeTestEvent("subject-1", 61, topic)};
  ASSERT_OK_AND_ASSIGN(const auto none, sink->Publish(std::span(&next, 1)));
  EXPECT_TRUE(none.empty());

  ASSERT_OK_AND_ASSIGN(const auto source, MakeKafkaSource({.brokers = brokers, .group = topic, .topics = {topic}}));
  std::map<std::string, int> times;
  std::map<std::string, int64_t> newest;
  for (int i = 0; i < 60 && times.size() < 58; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto polled, source->Poll(100, absl::Milliseconds(500)));
    for (const Event& event : polled) {
      ++times[event.id];
      EXPECT_GT(event.aggregate_version, newest[event.subject]) << "order per key";
      newest[event.subject] = event.aggregate_version;
    }
    ASSERT_OK(source->Commit());
  }
  EXPECT_EQ(times.size(), 58u);
  for (const auto& [id, count] : times) EXPECT_EQ(count, 1) << id;
}

// From the store to the broker: what an operator and a consumer see.
TEST(PoisonTest, TheRelayKeepsThePoisonAsADeadLetterAndPublishesEverythingElse) {
  std::string brokers;
  GH_REQUIRE_SERVER(brokers, testing::RequireKafka());
  const std::string topic = testing::UniqueName();
  MakeTopic(brokers, topic, 20'000);
  const testing::TemporaryFolder folder;
  ASSERT_OK_AND_ASSIGN(const auto database, sql::Open({.dsn = "sqlite:" + folder.File("a.db")}));
  const sql::Migration tables = {.version = 1, .min_reader = 1, .name = "events", .sql = kEventTablesSql};
  ASSERT_OK(sql::Migrate(*database, std::vector{tables}));
  Outbox outbox(*database);
  std::set<std::string> others;
  for (int i = 1; i <= 30; ++i) {
    Event event = MakeTestEvent(absl::StrCat("subject-", i % 3), i, topic);
    if (i == 7) event.data = Incompressible(100'000);
    if (i != 7) others.insert(event.id);
    ASSERT_OK(Append(*database, outbox, event));
  }
  ASSERT_OK_AND_ASSIGN(const auto sink, MakeKafkaSink({.brokers = brokers}));
  Relay relay({.database = *database, .outbox = outbox, .sink = *sink, .name = "test", .idle_poll_ms = 10});
  relay.Start();
  for (int i = 0; i < 1200 && *outbox.PublishedPosition() < 30; ++i) absl::SleepFor(absl::Milliseconds(50));
  relay.Stop();
  EXPECT_EQ(*outbox.PublishedPosition(), 30) << relay.counters().last_failure;
  ASSERT_OK_AND_ASSIGN(const auto letters, database->Query("SELECT position, topic, reason FROM event_dead_letter"));
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].Int(0), 7);
  EXPECT_EQ(letters[0].Text(1), topic);
  EXPECT_THAT(letters[0].Text(2), ::testing::HasSubstr("too large"));

  ASSERT_OK_AND_ASSIGN(const auto source, MakeKafkaSource({.brokers = brokers, .group = topic, .topics = {topic}}));
  std::multiset<std::string> seen;
  for (int i = 0; i < 60 && seen.size() < others.size(); ++i) {
    ASSERT_OK_AND_ASSIGN(const auto polled, source->Poll(100, absl::Milliseconds(500)));
    for (const Event& event : polled) seen.insert(event.id);
    ASSERT_OK(source->Commit());
  }
  EXPECT_EQ(seen, std::multiset<std::string>(others.begin(), others.end())) << "each of the others, once";
}

TEST(PoisonTest, AMemberWhoseHandlerTakesLongIsNotExpelled) {
  std::string brokers;
  GH_REQUIRE_SERVER(brokers, testing::RequireKafka());
  const std::string topic = testing::UniqueName();
  ASSERT_OK_AND_ASSIGN(const auto sink, MakeKafkaSink({.brokers = brokers}));
  std::vector<StoredEvent> events;
  for (int i = 1; i <= 5; ++i) events.push_back({.position = i, .event = MakeTestEvent("subject", i, topic)});
  for (int i = 0; i < 5 && !sink->Publish(events).ok(); ++i) absl::SleepFor(absl::Seconds(1));
  const KafkaSourceOptions options{.brokers = brokers, .group = topic, .topics = {topic}, .max_poll_interval_ms = 6000};
  ASSERT_OK_AND_ASSIGN(const auto source, MakeKafkaSource(options));
  std::vector<Event> first;
  for (int i = 0; i < 40 && first.empty(); ++i) {
    ASSERT_OK_AND_ASSIGN(first, source->Poll(1, absl::Milliseconds(500)));
  }
  ASSERT_EQ(first.size(), 1u);
  absl::SleepFor(absl::Seconds(10));  // a handler that takes longer than the interval
  EXPECT_OK(source->Commit());
  // It is a member still: it goes on where it stood.
  std::vector<Event> second;
  for (int i = 0; i < 40 && second.empty(); ++i) {
    ASSERT_OK_AND_ASSIGN(second, source->Poll(1, absl::Milliseconds(500)));
    if (second.empty()) {
      EXPECT_OK(source->Commit());
    }
  }
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].aggregate_version, 2);
  EXPECT_OK(source->Commit());
}

}  // namespace
}  // namespace gatehouse::events
