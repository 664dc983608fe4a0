// Challenges for active authentication: random, issued by this service, remembered by it, and good for one answer. A
// chip that was once made to answer a known challenge could otherwise be played back for ever (Doc 9303-11
// section 6.1).
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "services/document/ports.h"

namespace gatehouse::document {

inline constexpr size_t kChallengeBytes = 8;
// A reader opens the chip, reads DG15 and asks within seconds.
inline constexpr absl::Duration kChallengeLifetime = absl::Minutes(2);

// Thread-safe.
class Challenges {
 public:
  struct Deps {
    ChallengeRepository& repository;
    base::Clock& clock;
    base::Random& random;
  };
  explicit Challenges(Deps deps) : deps_(deps) {}

  // Durable on return.
  absl::StatusOr<Challenge> Issue();
  // The challenge, once and never again, by whichever replica asks first; nothing when it was never issued, has
  // expired, or was used. An error means that it is not known which.
  absl::StatusOr<std::optional<std::string>> Consume(const std::string& id);

 private:
  Deps deps_;
};

}  // namespace gatehouse::document
