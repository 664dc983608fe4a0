// Finding the signer of a security object and checking its signature. Internal to libs/emrtd.
#pragma once

#include "libs/emrtd/passive_authentication.h"

namespace gatehouse::emrtd {

// Fills sod_signature, its reason and algorithm, and the findings about SignedData. Returns the verdict on the signer's
// certificate, null when none is known.
pki::SignerVerdictPtr CheckSecurityObjectSignature(const SecurityObject& object, const pki::TrustStore& trust,
                                                   PassiveAuthenticationReport& report);

}  // namespace gatehouse::emrtd
