// The overall verdict from the states, by the table in passive_authentication.h. Internal to libs/emrtd.
#pragma once

#include "libs/emrtd/passive_authentication.h"

namespace gatehouse::emrtd {

Overall DrawOverall(const PassiveAuthenticationReport& report);

}  // namespace gatehouse::emrtd
