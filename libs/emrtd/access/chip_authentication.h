// Chip Authentication version 1 (Doc 9303-11 section 6.2, TR-03110-1 section 3.4): the chip shows that it has the
// private key to a public key in DG14, and secure messaging starts anew under keys that a copied chip cannot know. The
// result says nothing until passive authentication has bound DG14 to the state: what is returned here is evidence, and
// the verdict is made elsewhere.
#pragma once

#include <optional>

#include "libs/base/random.h"
#include "libs/emrtd/access/channel.h"
#include "libs/emrtd/access/group.h"
#include "libs/emrtd/lds/security_infos.h"

namespace gatehouse::emrtd::access {

// That the chip answered under keys which need this private key.
struct ChipAuthenticationEvidence {
  Octets subject_public_key_info;  // of DG14, whole
  std::optional<int> key_id;
  KeyAgreement agreement = KeyAgreement::kEcdh;
  Cipher cipher = Cipher::kTripleDes;
  Octets terminal_key;  // our ephemeral public key, compressed: what Terminal Authentication signs
};

// Runs it with one key of DG14 and reads under the new keys, so that OK means the chip has the private key. Afterwards
// `channel` has the new keys. UNAUTHENTICATED: the chip could not answer under them. NOT_FOUND, FAILED_PRECONDITION and
// others of SendExpectingSuccess: it refused a command. UNIMPLEMENTED: nothing was asked of it, because we cannot:
// version 2 and 3, which need Terminal Authentication first, a malformed key, a group that is not standardised.
absl::StatusOr<ChipAuthenticationEvidence> RunChipAuthentication(Channel& channel, const ChipAuthenticationOffer& offer,
                                                                 base::Random& random);

// Value octets of id-CA-<agreement>-<cipher>.
Octets ChipAuthenticationIdentifier(KeyAgreement agreement, Cipher cipher);

// The chip's half: the session keys for the terminal's public key as DO 91 (MSE:SET KAT) or DO 80 (GENERAL
// AUTHENTICATE) brought it.
absl::StatusOr<SessionKeys> AnswerChipAuthentication(const Group& group, const KeyPair& static_key, Cipher cipher,
                                                     Bytes terminal_key);

}  // namespace gatehouse::emrtd::access
