#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/base/status_macros.h"
#include "libs/events/cloud_event.h"
#include "libs/events/kafka_client.h"
#include "libs/events/sink.h"

namespace gatehouse::events {
namespace {

constexpr int kPoll_ms = 50;
constexpr absl::Duration kPurgePatience = absl::Seconds(5);

// What became of the events of one Publish; the delivery reports write to it.
struct Delivery {
  size_t awaited = 0;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;  // the first
  // Of one event, for its report.
  struct Message {
    Delivery* delivery;
    bool delivered = false;
  };
  std::vector<Message> messages;
};

void OnDelivered(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  auto* const mine = static_cast<Delivery::Message*>(message->_private);
  --mine->delivery->awaited;
  mine->delivered = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (!mine->delivered && mine->delivery->error == RD_KAFKA_RESP_ERR_NO_ERROR) mine->delivery->error = message->err;
}

// What is wrong with an event itself, and no waiting mends.
bool IsForGood(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:  // a name that no topic can have
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return true;
    default:
      return false;
  }
}

// The broker judges a batch of records, not one: which of its events is refused shows when each goes alone. A producer
// without gaps stops at the first refused one, and says only that.
bool MayBeForGood(rd_kafka_resp_err_t error) {
  return IsForGood(error) || error == RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE || error == RD_KAFKA_RESP_ERR__FATAL;
}

rd_kafka_headers_t* MakeHeaders(const StoredEvent& event) {
  const Headers headers = HeadersOf(event);
  rd_kafka_headers_t* const made = rd_kafka_headers_new(headers.size());
  for (const auto& [name, value] : headers) {
    rd_kafka_header_add(made, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  return made;
}

class KafkaSink : public Sink {
 public:
  explicit KafkaSink(KafkaOptions options) : options_(std::move(options)) {}

  // A single message never times out by itself: the idempotent producer retries in order until our own deadline, so
  // what the broker has of each partition is always a beginning of what we sent, and the relay's repeat of the batch
  // keeps the order per key. Whatever fails, the producer is made anew: some of its errors are final.
  absl::StatusOr<std::vector<Rejected>> Publish(std::span<const StoredEvent> events) override {
    Delivery together;
    const absl::Status status = PublishTogether(events, together);
    if (status.ok()) return std::vector<Rejected>();
    if (!MayBeForGood(together.error)) return status;
    // One of them is refused for good: those the broker does not have go one by one, in their order.
    std::vector<Rejected> rejected;
    for (size_t i = 0; i < events.size(); ++i) {
      if (i < together.messages.size() && together.messages[i].delivered) continue;
      Delivery alone;
      const absl::Status sent = PublishTogether(events.subspan(i, 1), alone);
      if (sent.ok()) continue;
      if (!IsForGood(alone.error)) return sent;
      rejected.push_back({.position = events[i].position, .reason = rd_kafka_err2str(alone.error)});
    }
    return rejected;
  }

  absl::Status Connect() {
    GH_ASSIGN_OR_RETURN(auto conf, MakeKafkaConf({{"bootstrap.servers", options_.brokers},
                                                  {"client.id", options_.client_id},
                                                  {"enable.idempotence", "true"},
                                                  {"enable.gapless.guarantee", "true"},
                                                  {"acks", "all"},
                                                  {"compression.codec", "lz4"},
                                                  {"linger.ms", "2"},
                                                  {"message.timeout.ms", "0"},
                                                  // Java's default, so that every client finds a key where we put it.
                                                  {"partitioner", "murmur2_random"}}));
    rd_kafka_conf_set_dr_msg_cb(conf.get(), OnDelivered);
    GH_ASSIGN_OR_RETURN(producer_, MakeKafkaClient(RD_KAFKA_PRODUCER, std::move(conf)));
    return absl::OkStatus();
  }

 private:
  absl::Status PublishTogether(std::span<const StoredEvent> events, Delivery& delivery) {
    if (producer_ == nullptr) GH_RETURN_IF_ERROR(Connect());
    const absl::Time deadline = absl::Now() + absl::Milliseconds(options_.delivery_timeout_ms);
    delivery.messages.assign(events.size(), {.delivery = &delivery});
    absl::Status status;
    for (size_t i = 0; i < events.size() && status.ok(); ++i) {
      status = Produce(events[i], delivery.messages[i], deadline);
    }
    while (status.ok() && delivery.awaited > 0) {
      rd_kafka_poll(producer_.get(), kPoll_ms);
      if (delivery.error != RD_KAFKA_RESP_ERR_NO_ERROR) status = KafkaUnavailable(delivery.error);
      if (absl::Now() > deadline && delivery.awaited > 0) status = Late();
    }
    if (status.ok() && delivery.error != RD_KAFKA_RESP_ERR_NO_ERROR) status = KafkaUnavailable(delivery.error);
    if (!status.ok()) Discard(delivery);
    return status;
  }

  absl::Status Produce(const StoredEvent& stored, Delivery::Message& message, absl::Time deadline) {
    Delivery& delivery = *message.delivery;
    const Event& event = stored.event;
    while (true) {
      rd_kafka_headers_t* const headers = MakeHeaders(stored);
      const rd_kafka_resp_err_t error =
          rd_kafka_producev(producer_.get(), RD_KAFKA_V_TOPIC(event.topic.c_str()),
                            RD_KAFKA_V_KEY(event.subject.data(), event.subject.size()),
                            RD_KAFKA_V_VALUE(const_cast<char*>(event.data.data()), event.data.size()),
                            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(headers),
                            RD_KAFKA_V_OPAQUE(&message), RD_KAFKA_V_END);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++delivery.awaited;
        return absl::OkStatus();
      }
      rd_kafka_headers_destroy(headers);
      if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        if (delivery.error == RD_KAFKA_RESP_ERR_NO_ERROR) delivery.error = error;
        return KafkaUnavailable(error);
      }
      if (absl::Now() > deadline) return Late();
      rd_kafka_poll(producer_.get(), kPoll_ms);
    }
  }

  absl::Status Late() const {
    return absl::UnavailableError(absl::StrCat("kafka: not acknowledged within ", options_.delivery_timeout_ms, " ms"));
  }

  // No report comes after this, so `delivery` may go.
  void Discard(Delivery& delivery) {
    rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    const absl::Time deadline = absl::Now() + kPurgePatience;
    while (delivery.awaited > 0 && absl::Now() < deadline) rd_kafka_poll(producer_.get(), kPoll_ms);
    producer_.reset();
  }

  const KafkaOptions options_;
  KafkaOwner<rd_kafka_t> producer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Sink>> MakeKafkaSink(const KafkaOptions& options) {
  if (options.brokers.empty()) return absl::InvalidArgumentError("kafka brokers: empty");
  auto sink = std::make_unique<KafkaSink>(options);
  GH_RETURN_IF_ERROR(sink->Connect());  // finds wrong settings now, not at the first event
  return sink;
}

}  // namespace gatehouse::events
