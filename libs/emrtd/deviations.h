// Known deviations applied to a report: what a state's deviation list or the reader's own defect list says of this
// document changes the states of checks as the table in deviations.cc lays down (TR-03135-1 section 5.8.2). No
// deviation ever makes a check successful that failed: at best it is undetermined, and a person decides. Internal to
// libs/emrtd.
#pragma once

#include "libs/emrtd/passive_authentication.h"

namespace gatehouse::emrtd {

// After all checks and before the overall verdict. Each deviation that is met is a finding, whether it changed anything
// or not.
void ApplyDeviations(const PassiveAuthenticationInput& input, PassiveAuthenticationReport& report);

}  // namespace gatehouse::emrtd
