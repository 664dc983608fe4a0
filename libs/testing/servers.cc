#include "libs/testing/servers.h"

#include <memory>
#include <mutex>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "libs/base/random.h"
#include "libs/testing/temporary_kafka.h"
#include "libs/testing/temporary_postgresql.h"

namespace gatehouse::testing {
namespace {

// What a variable hands on; empty when it is not set.
absl::StatusOr<std::string> FromEnvironment(const char* variable) {
  const char* value = std::getenv(variable);
  absl::string_view text = value == nullptr ? "" : value;
  if (absl::ConsumePrefix(&text, "unavailable: ")) return absl::UnavailableError(text);
  return std::string(text);
}

// A server of this process, started at the first need; a failure is remembered, not tried again.
template <typename Server>
class Own {
 public:
  absl::StatusOr<Server*> Get() {
    std::lock_guard lock(mutex_);
    if (!tried_) {
      tried_ = true;
      server_ = Server::Start();
    }
    if (!server_.ok()) return server_.status();
    return server_->get();
  }

 private:
  std::mutex mutex_;
  bool tried_ = false;
  absl::StatusOr<std::unique_ptr<Server>> server_;
};

}  // namespace

absl::StatusOr<std::string> RequirePostgresql() {
  auto given = FromEnvironment("GATEHOUSE_TEST_POSTGRESQL");
  if (!given.ok() || !given->empty()) return given;
  static Own<TemporaryPostgresql> own;
  const auto server = own.Get();
  if (!server.ok()) return server.status();
  return (*server)->dsn();
}

absl::StatusOr<std::string> RequireKafka() {
  auto given = FromEnvironment("GATEHOUSE_TEST_KAFKA");
  if (!given.ok() || !given->empty()) return given;
  static Own<TemporaryKafka> own;
  const auto broker = own.Get();
  if (!broker.ok()) return broker.status();
  return (*broker)->address();
}

std::string UniqueName() {
  uint64_t number = 0;
  base::SystemRandom().Fill(reinterpret_cast<uint8_t*>(&number), sizeof(number));
  return absl::StrFormat("gh_%016x", number);
}

}  // namespace gatehouse::testing
