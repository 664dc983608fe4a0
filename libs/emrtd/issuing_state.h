// The state that the document names against the countries of those who signed it. Internal to libs/emrtd.
#pragma once

#include "libs/emrtd/passive_authentication.h"

namespace gatehouse::emrtd {

// Fills country_match, issuing_state, and the findings about country and document type. Reads report.signer.
void CheckIssuingState(const PassiveAuthenticationInput& input, PassiveAuthenticationReport& report);

}  // namespace gatehouse::emrtd
