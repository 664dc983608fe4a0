// Any bytes as a CV certificate and as a request for one. Nothing may crash or hang, and nothing that reads may be
// signed by itself unless it truly is.
#include <cstdlib>

#include "libs/emrtd/access/cv_chain.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatehouse::emrtd::access;
  const Bytes bytes(data, size);
  const auto certificate = ReadCvCertificate(bytes);
  if (certificate.ok()) {
    const CvChainResult result =
        VerifyCvChain({.trust_points = {}, .chain = {&*certificate, 1}, .day = certificate->effective});
    if (result.state == CvChainState::kValid) std::abort();
    (void)VerifyCvChain(
        {.trust_points = {&*certificate, 1}, .chain = {&*certificate, 1}, .day = certificate->effective});
  }
  const auto request = ReadCvRequest(bytes);
  if (request.ok()) (void)VerifyCvRequest(*request, certificate.ok() ? &certificate->key : nullptr);
  return 0;
}
