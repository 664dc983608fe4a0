// Any bytes as a certificate revocation list, with every serial number in it looked up.
#include "libs/pki/crl.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatehouse::pki;
  const Bytes bytes(data, size);
  const absl::StatusOr<CrlPtr> crl = CertificateRevocationList::Parse(bytes);
  if (!crl.ok()) return 0;
  for (size_t at = 0; at + 8 <= size; at += 8) (void)(*crl)->Lists(bytes.subspan(at, 8));
  (void)(*crl)->Lists(bytes.first(size < 1 ? 0 : 1));
  return 0;
}
