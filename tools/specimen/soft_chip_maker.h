// Makes a travel document with a chip that has every protocol, its clone, and the terminal that may read its fingers:
//   trust/               what an inspection system imports (state.h)
//   chip/                the software chip (soft_chip_folder.h)
//   clone/               all its files and none of its keys: other keys in their place
//   clone-without-keys/  the same, and it refuses to answer
//   terminal/            chain-N.cvcert from below the trust point to the terminal, and terminal.pem
// The same options give the same bytes, signatures included.
#pragma once

#include <filesystem>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/emrtd/lds/security_infos.h"

namespace gatehouse::specimen {

enum class ActiveAuthenticationKind { kNone, kRsa, kEcdsa };

struct SoftChipOptions {
  uint64_t seed = 1;
  absl::Time at;
  bool bac = true;
  // No EF.CardAccess when absent. The group and cipher are those of PACE and of Chip Authentication alike.
  std::optional<emrtd::PaceMapping> pace = emrtd::PaceMapping::kGeneric;
  int group = 13;  // brainpoolP256r1; 0 to 2 are MODP groups
  emrtd::Cipher cipher = emrtd::Cipher::kAes128;
  bool several_pace = false;  // a second PACEInfo with P-256 before it
  bool chip_authentication = true;
  emrtd::Cipher chip_authentication_cipher = emrtd::Cipher::kAes128;
  ActiveAuthenticationKind active_authentication = ActiveAuthenticationKind::kRsa;
  bool extended_length = true;
  bool fingerprints = true;  // DG3, behind Terminal Authentication
};

// INVALID_ARGUMENT: the options do not go together (CAM needs a curve and AES). UNAVAILABLE: the disk refuses.
absl::Status MakeSoftChip(const SoftChipOptions& options, const std::filesystem::path& folder);

}  // namespace gatehouse::specimen
