// Finding the certificate that a seal names as its signer, and what it is worth. Internal to libs/emrtd/seals.
#pragma once

#include <vector>

#include "libs/emrtd/seals/verify.h"

namespace gatehouse::emrtd::seals {

struct SignerCandidate {
  pki::CertificatePtr certificate;
  bool embedded = false;  // came with the seal, nobody vouches for it
};

// Those that fit the reference, the best first. Names in the report what cannot be read.
std::vector<SignerCandidate> FindSigners(const Seal& seal, const pki::TrustStore& trust, SealReport& report);

// Fills signer_signature, chain, authority, revocation, validity and the findings about `signer`.
void JudgeSealSigner(const Seal& seal, const SignerCandidate& signer, const SealInput& input, SealReport& report);

}  // namespace gatehouse::emrtd::seals
