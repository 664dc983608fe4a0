// A key in a token behind PKCS#11, by p11-kit. Internal to libs/signing.
#pragma once

#include <memory>
#include <string>

#include "libs/pki/signing_key.h"

namespace gatehouse::signing {

// As OpenSigningKey, for "pkcs11:" URIs.
absl::StatusOr<std::unique_ptr<pki::SigningKey>> OpenPkcs11Key(const std::string& uri);

}  // namespace gatehouse::signing
