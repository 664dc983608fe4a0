// What a list says of a document signer's certificate that decides by which key the security object is checked: that
// another certificate stands in its place (TR-03129-2), or that it names the wrong curve for its key (Doc 9303-3
// section 7.3.5.1). Neither is ever tried without the list. Internal to libs/emrtd.
#pragma once

#include "libs/emrtd/passive_authentication.h"

namespace gatehouse::emrtd {

// The verdict on the signer to go on with: `verdict` itself, or that on its replacement. A replacement is used when it
// is of the same country, leads to an anchor and made the signature of the security object; else the list's word only
// makes the checks undetermined (deviations.h). Another curve of the same size is tried when the signature does not
// fit, and a signature that fits so is valid with the defect public_key_on_other_curve.
pki::SignerVerdictPtr ApplySignerDeviations(const PassiveAuthenticationInput& input, const SecurityObject& object,
                                            pki::SignerVerdictPtr verdict, PassiveAuthenticationReport& report);

}  // namespace gatehouse::emrtd
