// Known deviations applied to a report: what a state's deviation list or the reader's own defect list says of this
// document changes the states of checks as the table in deviations.cc lays down (TR-03135-1 section 5.8.2). No
// deviation ever makes a check successful that failed: at best it is undetermined, and a person decides. (What a list
// says of the signer's key is another matter, since there a signature is checked: signer_deviations.h.) Internal to
// libs/emrtd.
#pragma once

#include "libs/emrtd/passive_authentication.h"

namespace gatehouse::emrtd {

// Field of a certificate, as deviation lists number them (CertificateBodyField of Doc 9303-3 section 7.3.5.1).
inline constexpr int kFieldPublicKey = 7;

// What is known of the document, to look it up by. `signer` may be null.
pki::DocumentFacts FactsOf(const PassiveAuthenticationInput& input, const pki::Certificate* signer,
                           std::optional<absl::Time> signing_time);

// After all checks and before the overall verdict. Each deviation that is met is a finding, whether it changed anything
// or not. `signer`: the one that the security object names, also where another was put in its place; null when unknown.
void ApplyDeviations(const PassiveAuthenticationInput& input, const pki::CertificatePtr& signer,
                     PassiveAuthenticationReport& report);

}  // namespace gatehouse::emrtd
