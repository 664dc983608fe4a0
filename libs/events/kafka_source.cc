#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/periodic.h"
#include "libs/base/status_macros.h"
#include "libs/events/cloud_event.h"
#include "libs/events/consumer.h"
#include "libs/events/kafka_client.h"

namespace gatehouse::events {
namespace {

constexpr absl::Duration kLongestPoll = absl::Hours(1);
constexpr absl::Duration kKeepPause = absl::Seconds(1);
constexpr absl::Duration kKeepPatience = absl::Seconds(5);
constexpr int kMaxKept = 100;         // in one round of the keeper
constexpr size_t kMaxPending = 5000;  // what was on its way when the partitions were paused is far less
constexpr int kSessionTimeout_ms = 45'000;

Headers HeadersOfMessage(const rd_kafka_message_t* message) {
  Headers headers;
  rd_kafka_headers_t* held = nullptr;
  if (rd_kafka_message_headers(message, &held) != RD_KAFKA_RESP_ERR_NO_ERROR) return headers;
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(held, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    headers.emplace_back(name, value == nullptr ? std::string() : std::string(static_cast<const char*>(value), size));
  }
  return headers;
}

class KafkaSource : public Source {
 public:
  explicit KafkaSource(KafkaSourceOptions options)
      : options_(std::move(options)), keeper_(kKeepPause, kKeepPatience, [this] { KeepMembership(); }) {}

  ~KafkaSource() override {
    keeper_.Stop();
    if (consumer_ != nullptr) rd_kafka_consumer_close(consumer_.get());
  }

  absl::Status Connect() {
    GH_ASSIGN_OR_RETURN(auto conf,
                        MakeKafkaConf({{"bootstrap.servers", options_.brokers},
                                       {"group.id", options_.group},
                                       {"enable.auto.commit", "false"},
                                       {"auto.offset.reset", "earliest"},
                                       {"max.poll.interval.ms", absl::StrCat(options_.max_poll_interval_ms)},
                                       // At most the interval, as the library wants it.
                                       {"session.timeout.ms",
                                        absl::StrCat(std::min(kSessionTimeout_ms, options_.max_poll_interval_ms))},
                                       // Finds a topic that is made after we subscribed to it.
                                       {"topic.metadata.refresh.interval.ms", "10000"},
                                       {"allow.auto.create.topics", "true"}}));
    rd_kafka_conf_set_opaque(conf.get(), this);
    rd_kafka_conf_set_rebalance_cb(conf.get(), OnRebalance);
    GH_ASSIGN_OR_RETURN(consumer_, MakeKafkaClient(RD_KAFKA_CONSUMER, std::move(conf)));
    rd_kafka_poll_set_consumer(consumer_.get());
    const KafkaOwner<rd_kafka_topic_partition_list_t> topics(
        rd_kafka_topic_partition_list_new(static_cast<int>(options_.topics.size())));
    for (const std::string& topic : options_.topics) {
      rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    }
    const rd_kafka_resp_err_t error = rd_kafka_subscribe(consumer_.get(), topics.get());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return KafkaUnavailable(error);
    keeper_.Start();
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<Event>> Poll(int limit, absl::Duration timeout) override {
    const std::lock_guard lock(mutex_);
    const auto wanted = static_cast<size_t>(std::max(limit, 1));
    if (pending_.empty()) GH_RETURN_IF_ERROR(Fetch(wanted, timeout));
    handed_out_ = std::min(wanted, pending_.size());
    std::vector<Event> events;
    for (size_t i = 0; i < handed_out_; ++i) {
      if (pending_[i].event.ok()) events.push_back(*pending_[i].event);
    }
    return events;
  }

  absl::Status Commit() override {
    const std::lock_guard lock(mutex_);
    if (handed_out_ == 0) return absl::OkStatus();
    std::map<std::pair<std::string, int32_t>, int64_t> next;
    for (size_t i = 0; i < handed_out_; ++i) next[{pending_[i].topic, pending_[i].partition}] = pending_[i].offset + 1;
    const KafkaOwner<rd_kafka_topic_partition_list_t> offsets(
        rd_kafka_topic_partition_list_new(static_cast<int>(next.size())));
    for (const auto& [place, offset] : next) {
      rd_kafka_topic_partition_list_add(offsets.get(), place.first.c_str(), place.second)->offset = offset;
    }
    const rd_kafka_resp_err_t error = rd_kafka_commit(consumer_.get(), offsets.get(), /*async=*/0);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return KafkaUnavailable(error);
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<ptrdiff_t>(handed_out_));
    handed_out_ = 0;
    return absl::OkStatus();
  }

 private:
  // A record fetched and not yet committed. One that is no event of ours keeps its place, so that its offset is
  // committed with its neighbours'.
  struct Pending {
    absl::StatusOr<Event> event;
    std::string topic;
    int32_t partition;
    int64_t offset;
  };

  // On the keeper's thread, between polls. What had been on its way before the partitions were paused is kept in its
  // place; nothing more comes until the next Fetch.
  void KeepMembership() {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock()) return;  // somebody polls
    if (!paused_) Pause();
    for (int i = 0; i < kMaxKept && pending_.size() < kMaxPending; ++i) {
      const KafkaOwner<rd_kafka_message_t> message(rd_kafka_consumer_poll(consumer_.get(), 0));
      if (message == nullptr) break;
      // What is wrong is said to the next Poll, which meets it again.
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) Keep(message.get());
    }
  }

  void Pause() {
    rd_kafka_topic_partition_list_t* assigned = nullptr;
    if (rd_kafka_assignment(consumer_.get(), &assigned) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    const KafkaOwner<rd_kafka_topic_partition_list_t> owner(assigned);
    paused_ = assigned->cnt > 0 && rd_kafka_pause_partitions(consumer_.get(), assigned) == RD_KAFKA_RESP_ERR_NO_ERROR;
  }

  void Resume() {
    if (!paused_) return;
    paused_ = false;
    rd_kafka_topic_partition_list_t* assigned = nullptr;
    if (rd_kafka_assignment(consumer_.get(), &assigned) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    const KafkaOwner<rd_kafka_topic_partition_list_t> owner(assigned);
    rd_kafka_resume_partitions(consumer_.get(), assigned);
  }

  absl::Status Fetch(size_t wanted, absl::Duration timeout) {
    Resume();
    int wait_ms = static_cast<int>(absl::ToInt64Milliseconds(std::clamp(timeout, absl::ZeroDuration(), kLongestPoll)));
    while (pending_.size() < wanted) {
      const KafkaOwner<rd_kafka_message_t> message(rd_kafka_consumer_poll(consumer_.get(), wait_ms));
      if (message == nullptr) break;
      if (message->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) break;  // nobody published to it yet
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (!pending_.empty()) break;  // it will come again
        return KafkaUnavailable(message->err);
      }
      Keep(message.get());
      wait_ms = 0;
    }
    return absl::OkStatus();
  }

  void Keep(const rd_kafka_message_t* message) {
    const std::string topic = rd_kafka_topic_name(message->rkt);
    const std::string_view payload(static_cast<const char*>(message->payload), message->len);
    auto event = EventOf(HeadersOfMessage(message), topic, payload);
    if (!event.ok() && options_.on_malformed) options_.on_malformed(event.status());
    pending_.push_back({std::move(event), topic, message->partition, message->offset});
  }

  // What was fetched of partitions that go elsewhere is fetched by their next owner.
  static void OnRebalance(rd_kafka_t* consumer, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions,
                          void* self) {
    auto* const source = static_cast<KafkaSource*>(self);
    const bool assigned = what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    source->pending_.clear();
    source->handed_out_ = 0;
    source->paused_ = false;
    rd_kafka_assign(consumer, assigned ? partitions : nullptr);
  }

  const KafkaSourceOptions options_;
  std::mutex mutex_;
  std::deque<Pending> pending_;
  size_t handed_out_ = 0;
  bool paused_ = false;
  KafkaOwner<rd_kafka_t> consumer_;
  base::Periodic keeper_;  // last: it uses the others
};

}  // namespace

absl::StatusOr<std::unique_ptr<Source>> MakeKafkaSource(const KafkaSourceOptions& options) {
  if (options.brokers.empty()) return absl::InvalidArgumentError("kafka brokers: empty");
  if (options.topics.empty()) return absl::InvalidArgumentError("kafka topics: empty");
  auto source = std::make_unique<KafkaSource>(options);
  GH_RETURN_IF_ERROR(source->Connect());
  return source;
}

}  // namespace gatehouse::events
