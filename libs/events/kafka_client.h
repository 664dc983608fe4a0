// Owners of librdkafka's handles, shared by sink and source.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace gatehouse::events {

struct KafkaDeleter {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};
template <typename T>
using KafkaOwner = std::unique_ptr<T, KafkaDeleter>;

using KafkaSettings = std::vector<std::pair<std::string, std::string>>;

// INVALID_ARGUMENT naming a setting that the library refuses.
absl::StatusOr<KafkaOwner<rd_kafka_conf_t>> MakeKafkaConf(const KafkaSettings& settings);
// Takes the configuration.
absl::StatusOr<KafkaOwner<rd_kafka_t>> MakeKafkaClient(rd_kafka_type_t type, KafkaOwner<rd_kafka_conf_t> conf);

absl::Status KafkaUnavailable(rd_kafka_resp_err_t code);

}  // namespace gatehouse::events
