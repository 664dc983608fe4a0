#include "libs/events/kafka_client.h"

#include "absl/strings/str_cat.h"

namespace gatehouse::events {

absl::StatusOr<KafkaOwner<rd_kafka_conf_t>> MakeKafkaConf(const KafkaSettings& settings) {
  KafkaOwner<rd_kafka_conf_t> conf(rd_kafka_conf_new());
  char reason[256];
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), reason, sizeof(reason)) != RD_KAFKA_CONF_OK) {
      return absl::InvalidArgumentError(absl::StrCat("kafka setting ", name, ": ", reason));
    }
  }
  // Failures come back as statuses; librdkafka need not print them as well.
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  return conf;
}

absl::StatusOr<KafkaOwner<rd_kafka_t>> MakeKafkaClient(rd_kafka_type_t type, KafkaOwner<rd_kafka_conf_t> conf) {
  char reason[256];
  KafkaOwner<rd_kafka_t> client(rd_kafka_new(type, conf.get(), reason, sizeof(reason)));
  if (client == nullptr) return absl::InvalidArgumentError(absl::StrCat("kafka: ", reason));
  (void)conf.release();  // the client's from now on
  return client;
}

absl::Status KafkaUnavailable(rd_kafka_resp_err_t code) {
  return absl::UnavailableError(absl::StrCat("kafka: ", rd_kafka_err2str(code)));
}

}  // namespace gatehouse::events
