// Reading a certificate for who asks what it says and who signed it, and uses no key of it: the import of many signers.
// Reading a key costs more than checking a signature.
#pragma once

#include "libs/pki/certificate.h"

namespace gatehouse::pki {

// As Certificate::Parse, with `public_key` an error.
absl::StatusOr<CertificatePtr> ParseCertificateWithoutKey(Bytes der);

}  // namespace gatehouse::pki
