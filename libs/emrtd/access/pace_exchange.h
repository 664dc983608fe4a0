// The commands of PACE (Doc 9303-11 section 4.4.4): MSE:SET AT, then four GENERAL AUTHENTICATE in a chain.
#pragma once

#include "libs/emrtd/access/channel.h"
#include "libs/emrtd/access/pace.h"

namespace gatehouse::emrtd::access {

struct PaceRun {
  PaceProtocol protocol;
  Password password;
  // DO 84 of MSE:SET AT. Needed where EF.CardAccess has several PACEInfos; a chip with one may not expect it.
  bool send_parameter_id = false;
};

struct PaceEstablished {
  PaceResult result;  // its keys are those of `channel` now
  // DO 87 and 88 of the last answer: names of the trust points for Terminal Authentication; may be empty.
  std::vector<std::string> authority_references;
};

// Afterwards `channel` is protected. PERMISSION_DENIED: the chip refuses the password (63xx), or says that one try or
// none is left, and then none is spent. UNAUTHENTICATED: its own token is wrong. INVALID_ARGUMENT names the object.
absl::StatusOr<PaceEstablished> RunPace(Channel& channel, const PaceRun& run, base::Random& random);

// The data field of MSE:SET AT, for whoever answers it too: DO 80, 83 and 84.
Octets EncodePaceSetAt(const PaceRun& run);

}  // namespace gatehouse::emrtd::access
