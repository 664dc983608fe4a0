#include "services/document/challenges.h"

#include "libs/base/status_macros.h"
#include "libs/pki/digest.h"

namespace gatehouse::document {
namespace {

// Too many to guess.
constexpr size_t kIdBytes = 16;

std::string RandomBytes(base::Random& random, size_t size) {
  std::string bytes(size, '\0');
  random.Fill(reinterpret_cast<uint8_t*>(bytes.data()), bytes.size());
  return bytes;
}

}  // namespace

absl::StatusOr<Challenge> Challenges::Issue() {
  Challenge challenge{.id = pki::ToHex(pki::AsBytes(RandomBytes(deps_.random, kIdBytes))),
                      .bytes = RandomBytes(deps_.random, kChallengeBytes),
                      .expiry = deps_.clock.Now() + kChallengeLifetime};
  GH_RETURN_IF_ERROR(deps_.repository.Save(challenge, deps_.clock.Now()));
  return challenge;
}

absl::StatusOr<std::optional<std::string>> Challenges::Consume(const std::string& id) {
  return deps_.repository.Take(id, deps_.clock.Now());
}

}  // namespace gatehouse::document
