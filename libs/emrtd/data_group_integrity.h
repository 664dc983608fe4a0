// Data groups against the security object, and EF.COM against both. Internal to libs/emrtd.
#pragma once

#include "libs/emrtd/passive_authentication.h"

namespace gatehouse::emrtd {

// Fills data_groups, digest_algorithm, and the findings about data groups and EF.COM.
void CheckDataGroups(const ChipFiles& files, const absl::StatusOr<SecurityObject>& object,
                     PassiveAuthenticationReport& report);

// kNotPresent when the report does not speak of it.
DataGroupState StateOf(const PassiveAuthenticationReport& report, int number);

}  // namespace gatehouse::emrtd
