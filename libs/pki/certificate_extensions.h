// Reading of the extensions of a certificate into it. Internal to libs/pki.
#pragma once

#include "libs/pki/certificate.h"

namespace gatehouse::pki {

// Returns the first violation. `extensions` is the value of the SEQUENCE OF Extension.
absl::Status ReadCertificateExtensions(Bytes extensions, Certificate& certificate);

// The keyIdentifier of an authorityKeyIdentifier extension into `key_identifier`; shared with revocation lists.
absl::Status ReadAuthorityKeyIdentifier(Bytes value, std::vector<uint8_t>& key_identifier);

struct Extension {
  Bytes oid;
  bool critical = false;
  Bytes value;             // inside the OCTET STRING
  absl::Status violation;  // `critical` is neither 00 nor FF; taken as true
};
// One Extension; shared with certificate revocation lists.
absl::StatusOr<Extension> ReadExtension(const Tlv& element);

}  // namespace gatehouse::pki
