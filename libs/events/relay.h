// The relay: one elected process per store (sql::Database::TryLead) reads the outbox by position, publishes to the
// sink, and moves the cursor after the acknowledgement. A crash between the two repeats events: "once" means once per
// id. An event that the broker rejects for good, or a row that cannot be read any more, is set aside as a dead letter
// (dead_letters.h) before the cursor moves, and the stream goes on.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/clock.h"
#include "libs/events/dead_letters.h"
#include "libs/events/outbox.h"
#include "libs/events/sink.h"

namespace gatehouse::events {

class Relay {
 public:
  struct Deps {
    sql::Database& database;
    Outbox& outbox;
    Sink& sink;
    std::string name;  // for leadership and logs, for example "traveller"
    int batch_size = 500;
    int idle_poll_ms = 200;
    base::Clock* clock = &base::SystemClock();
  };
  explicit Relay(Deps deps);
  ~Relay();  // stops

  void Start();
  // Returns after the batch in flight. A failing sink is retried after idle_poll_ms, then twice that, up to 5 s.
  void Stop();
  // Tells the relay that something was committed, so it does not wait for its poll.
  void Wake();

  struct Counters {
    int64_t published = 0;  // events acknowledged by the sink, repeats included
    int64_t failures = 0;   // rounds that failed, in the store or in the sink
    int64_t set_aside = 0;  // events that became dead letters
    bool leading = false;
    absl::Status last_failure;  // of the newest failed round; OK again after a good one
  };
  Counters counters() const;

 private:
  enum class Round { kIdle, kPublished, kFailed };
  void Loop();
  bool Lead();  // takes the lease, or sees whether it is still held
  Round PublishOnce();
  absl::Status Advance(int64_t position, const std::vector<DeadLetter>& letters);
  Round Failed(const absl::Status& status);

  Deps deps_;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool woken_ = false;
  std::unique_ptr<sql::Lease> lease_;
  Counters counters_;
};

}  // namespace gatehouse::events
