// Any bytes as a certificate and as a revocation list, then put to use.
#include "libs/pki/trust_store.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatehouse::pki;
  const Bytes bytes(data, size);
  TrustStore::Builder builder;
  absl::StatusOr<CertificatePtr> certificate = Certificate::Parse(bytes);
  if (certificate.ok()) builder.AddCertificate(*certificate);
  absl::StatusOr<CrlPtr> crl = CertificateRevocationList::Parse(bytes);
  if (crl.ok()) builder.AddCrl(*crl);
  const auto store = builder.Build();
  if (certificate.ok()) {
    (void)store->Judge(*certificate);
    (void)store->Revocation(**certificate, absl::UnixEpoch());
  }
  return 0;
}
