// A writing call that was answered, kept with what it did in one transaction: the same request sent again is answered
// as before and does nothing twice (docs/decisions/0032-sent-again-only-when-it-has-not-run.md).
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gatehouse::document {

struct AnsweredRequest {
  std::string id;      // the caller's request_id, unique over all calls of the service
  std::string digest;  // keyed, of method, caller and the bytes as the caller sent them
  std::string answer;  // as it was sent
  absl::Time time;
};

// What a change needs to keep its request with it. `render` makes the answer from the outcome, before the change is
// durable; it may be called again when another replica was first. Without an id nothing is kept.
template <typename Outcome>
struct Asked {
  std::string id = {};
  std::string digest = {};
  absl::Time time = absl::UnixEpoch();
  std::function<std::string(const Outcome&)> render = nullptr;

  std::optional<AnsweredRequest> Answered(const Outcome& outcome) const {
    if (id.empty()) return std::nullopt;
    return AnsweredRequest{id, digest, render(outcome), time};
  }
};

class RequestRepository {
 public:
  virtual ~RequestRepository() = default;
  virtual absl::StatusOr<std::optional<AnsweredRequest>> Find(const std::string& id) = 0;
  // Of a call that changed nothing. One that is there already stays as it is.
  virtual absl::Status Keep(const AnsweredRequest& request) = 0;
  // Forgets what is older than `oldest`, a bounded part at once.
  virtual absl::Status Prune(absl::Time oldest) = 0;
};

}  // namespace gatehouse::document
