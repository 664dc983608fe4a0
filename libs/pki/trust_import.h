// One file of trust material into a TrustStore under construction: PEM or DER, certificate, master list or revocation
// list. What is broken is reported and left out, what is whole is taken.
#pragma once

#include "libs/pki/trust_file.h"
#include "libs/pki/trust_store.h"

namespace gatehouse::pki {

struct TrustImportReport {
  TrustFileKind kind = TrustFileKind::kUnknown;  // of the first object
  size_t accepted = 0;                           // certificates and revocation lists taken
  std::vector<BrokenElement> rejected;           // by place in the file or in the master list
  CertificatePtr master_list_signer;             // null unless the file is a master list that was taken
};

// INVALID_ARGUMENT: nothing of the file can be read. UNAUTHENTICATED: a master list whose signer does not hold; nothing
// of it is taken. UNIMPLEMENTED: a PKD LDIF.
absl::StatusOr<TrustImportReport> ImportTrustFile(Bytes file, TrustStore::Builder& builder);

}  // namespace gatehouse::pki
