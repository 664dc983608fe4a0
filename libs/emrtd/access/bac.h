// Basic Access Control (Doc 9303-11 section 4.3): who has read the machine-readable zone may read the chip. Both
// halves of the mathematics, and the terminal's exchange. It proves that both sides know the zone, nothing about the
// chip's authenticity.
#pragma once

#include "libs/base/random.h"
#include "libs/emrtd/access/channel.h"

namespace gatehouse::emrtd::access {

inline constexpr size_t kBacChallengeBytes = 8;
inline constexpr size_t kBacDataBytes = 40;  // E_IFD||M_IFD of EXTERNAL AUTHENTICATE, and the chip's answer

class BacTerminal {
 public:
  // Draws RND.IFD and K.IFD.
  BacTerminal(std::string_view mrz_information, base::Random& random);

  // The data of EXTERNAL AUTHENTICATE for the chip's RND.IC of kBacChallengeBytes.
  absl::StatusOr<Octets> Authenticate(Bytes challenge);
  // UNAUTHENTICATED when the chip's answer does not fit the zone or the two random numbers.
  absl::StatusOr<SessionKeys> Finish(Bytes answer) const;

 private:
  const base::Redacted<Octets> encryption_key_;
  const base::Redacted<Octets> mac_key_;
  Octets own_random_;               // RND.IFD
  Octets chip_random_;              // RND.IC
  base::Redacted<Octets> own_key_;  // K.IFD
};

class BacChip {
 public:
  // Draws RND.IC and K.IC.
  BacChip(std::string_view mrz_information, base::Random& random);

  const Octets& challenge() const { return challenge_; }
  struct Answer {
    Octets data;  // of the response to EXTERNAL AUTHENTICATE
    SessionKeys keys;
  };
  // UNAUTHENTICATED (answer it with 6300) when the data do not fit. A challenge serves once: make a new object for the
  // next GET CHALLENGE.
  absl::StatusOr<Answer> Authenticate(Bytes data) const;

 private:
  const base::Redacted<Octets> encryption_key_;
  const base::Redacted<Octets> mac_key_;
  Octets challenge_;
  base::Redacted<Octets> own_key_;
};

// GET CHALLENGE and EXTERNAL AUTHENTICATE; afterwards `channel` is protected. PERMISSION_DENIED: the chip refuses the
// zone. UNAUTHENTICATED: its answer is wrong.
absl::Status RunBac(Channel& channel, std::string_view mrz_information, base::Random& random);

}  // namespace gatehouse::emrtd::access
