// Any bytes as a master list, and as any file given for trust.
#include "libs/pki/master_list.h"
#include "libs/pki/trust_file.h"
#include "libs/pki/trust_store.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatehouse::pki;
  const Bytes bytes(data, size);
  (void)ClassifyTrustFile(bytes);
  (void)ReadTrustObjects(bytes);
  const absl::StatusOr<MasterList> list = ParseMasterList(bytes);
  if (!list.ok()) return 0;
  TrustStore::Builder builder;
  builder.AddMasterList(*list);
  const auto store = builder.Build();
  for (const CertificatePtr& certificate : list->certificates) (void)store->Judge(certificate);
  return 0;
}
