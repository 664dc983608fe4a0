// The way to one chip: whoever has a reader, a card in a virtual reader or a chip in software implements it.
#pragma once

#include "absl/status/statusor.h"
#include "libs/emrtd/access/octets.h"

namespace gatehouse::emrtd::access {

// One chip, from when it entered the field or was powered. Used by one thread at a time. A call may block for as long
// as the chip computes; whoever implements it bounds that.
class Transport {
 public:
  virtual ~Transport() = default;

  // Sends a command APDU and returns the response APDU, both as they travel (apdu.h). UNAVAILABLE: the chip is gone;
  // DEADLINE_EXCEEDED: it does not answer. After either nothing more can be had from it.
  virtual absl::StatusOr<Octets> Transmit(Bytes command) = 0;

  // ATR or the ATR that a contactless reader makes up (PC/SC part 3); empty when there is none.
  virtual Octets AnswerToReset() const = 0;
};

}  // namespace gatehouse::emrtd::access
