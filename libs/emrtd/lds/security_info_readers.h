// One SecurityInfo after another, by protocol. Internal to libs/emrtd/lds.
#pragma once

#include "libs/emrtd/lds/security_infos.h"

namespace gatehouse::emrtd {

// Adds `element` to where its protocol belongs. One of a known protocol whose contents cannot be read is kept under
// `others` with a finding: a broken info must not hide its neighbours, and offers nothing itself. `depth` 1 is inside a
// PrivilegedTerminalInfo. The error is a SEQUENCE that does not begin with an identifier.
absl::Status AddSecurityInfo(const pki::Tlv& element, int depth, SecurityInfos& infos);

// The SET of a PrivilegedTerminalInfo.
absl::Status AddPrivilegedTerminalInfos(const pki::Tlv& set, int depth, SecurityInfos& infos);

// Findings about keys and infos of Chip Authentication that do not name each other.
void NoteChipAuthentication(SecurityInfos& infos);

}  // namespace gatehouse::emrtd
