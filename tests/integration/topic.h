// What an independent consumer (kcat) reads from a topic.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace gatehouse::integration {

struct Record {
  int partition = 0;
  int64_t offset = 0;
  std::string key;
  std::map<std::string, std::string> headers;
};

// Every record of the topic from its beginning to its present end; of one partition in order of offset.
absl::StatusOr<std::vector<Record>> ReadTopic(const std::string& brokers, const std::string& topic);

}  // namespace gatehouse::integration
