// Is the chip the one that the State signed, or a copy of its files (Doc 9303-11 section 6, TR-03135 section 5.6.3)?
// Whether the document owes a proof is decided by the signed EF.SOD alone, never by EF.COM, which a copy may shorten. A
// proof counts only after passive authentication has bound the key it was made with: DG15 and DG14 by EF.SOD,
// EF.CardSecurity by its own signature. A document that owes a proof and failed it is suspected of being a copy, and so
// is one whose chip does not do what its signed DG14 has a key for; one whose proof was not asked for leaves that open,
// and says so (NOT_DONE), which a chip that was asked never does. A proof that failed is not made good by another that
// held (docs/decisions/0015-failed-proof-wins.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/emrtd/passive_authentication.h"
#include "libs/emrtd/tr03135.h"

namespace gatehouse::emrtd {

enum class AccessProtocol {
  kBasicAccessControl,
  kPace,
  kPaceChipAuthenticationMapping,
  kChipAuthentication,
  kTerminalAuthentication,
};
// The id of its check: "basic_access_control", "pace_chip_authentication_mapping".
std::string_view ToWord(AccessProtocol protocol);

// What became of one protocol between chip and terminal, as the reader that ran it says.
struct AccessOutcome {
  AccessProtocol protocol = AccessProtocol::kBasicAccessControl;
  Tr03135State state = Tr03135State::kUndetermined;
  std::string algorithm;  // OID in dots, where the protocol has one
  std::string detail;     // why it is not successful; never personal data
  // Chip authentication and PACE-CAM: SubjectPublicKeyInfo whose private key the chip has shown to hold.
  Bytes chip_public_key = {};
};

enum class ChallengeOrigin {
  kIssued,    // by this system, remembered, and not used before
  kReader,    // by the reader itself: as good as the reader
  kNotKnown,  // it names one that was never issued, has expired, or was used
};

struct ActiveAuthenticationAnswer {
  ChallengeOrigin origin = ChallengeOrigin::kNotKnown;
  Bytes challenge;  // 8 bytes; empty when not known
  Bytes response;
};

struct ChipAuthenticityInput {
  const PassiveAuthenticationReport* passive = nullptr;  // never null
  const pki::TrustStore* trust = nullptr;                // never null; judges who signed EF.CardSecurity
  absl::Time check_time;
  bool has_chip = false;
  Bytes data_group_14;                 // empty when not read
  Bytes data_group_15;                 // empty when not read
  std::optional<Bytes> card_access;    // EF.CardAccess
  std::optional<Bytes> card_security;  // EF.CardSecurity
  std::vector<AccessOutcome> outcomes;
  std::optional<ActiveAuthenticationAnswer> active_authentication;
  bool trust_reader_challenges = false;
};

// In this order: basic_access_control, pace, terminal_authentication, active_authentication, chip_authentication,
// pace_chip_authentication_mapping, chip_cloning.
std::vector<Tr03135Check> ChipAuthenticityChecks(const ChipAuthenticityInput& input);

}  // namespace gatehouse::emrtd
