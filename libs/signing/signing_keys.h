// Opens a signing key where it is kept: a file, or a token behind PKCS#11. Level 2, like drivers: what signs knows only
// pki::SigningKey.
//   OpenSigningKey("/etc/gatehouse/seal.pem");
//   OpenSigningKey("pkcs11:token=visa;object=seal?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/run/pin");
#pragma once

#include <memory>
#include <string>

#include "libs/pki/signing_key.h"

namespace gatehouse::signing {

// A path, or an RFC 7512 URI: it names the token and the key (object or id), the module by module-path, and the file
// that holds the PIN by pin-source. A PIN in the URI itself (pin-value) is refused: command lines are seen by others.
// NOT_FOUND when there is no such file, token or key; FAILED_PRECONDITION when the token refuses the PIN;
// INVALID_ARGUMENT for a broken URI or key. The key lives in the token and stays usable until it is destroyed.
absl::StatusOr<std::unique_ptr<pki::SigningKey>> OpenSigningKey(const std::string& where);

}  // namespace gatehouse::signing
