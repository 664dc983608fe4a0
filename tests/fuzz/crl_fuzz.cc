// Any bytes as a certificate revocation list, with every serial number in it looked up.
#include "libs/pki/crl.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatehouse::pki;
  const Bytes bytes(data, size);
  const absl::StatusOr<CrlPtr> crl = CertificateRevocationList::Parse(bytes);
  if (!crl.ok()) return 0;
  for (size_t at = 0; at < size; ++at) {
    const RevokedCertificate* entry = (*crl)->Find(bytes.subspan(at, 1));
    if (entry != nullptr && ToWord(entry->reason).empty()) __builtin_trap();  // a reason nobody has a word for
  }
  return 0;
}
