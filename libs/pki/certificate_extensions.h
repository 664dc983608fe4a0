// Reading of the extensions of a certificate into it. Internal to libs/pki.
#pragma once

#include "libs/pki/certificate.h"

namespace gatehouse::pki {

// Returns the first violation. `extensions` is the value of the SEQUENCE OF Extension.
absl::Status ReadCertificateExtensions(Bytes extensions, Certificate& certificate);

struct AuthorityKeyIdentifier {
  std::vector<uint8_t> key_identifier;
  // Of the authority's certificate; both or neither.
  DistinguishedName issuer;
  std::vector<uint8_t> serial;
};
// The extension of that name; shared with revocation lists.
absl::StatusOr<AuthorityKeyIdentifier> ReadAuthorityKeyIdentifier(Bytes value);

struct Extension {
  Bytes oid;
  bool critical = false;
  Bytes value;             // inside the OCTET STRING
  absl::Status violation;  // `critical` is neither 00 nor FF; taken as true
};
// One Extension; shared with certificate revocation lists.
absl::StatusOr<Extension> ReadExtension(const Tlv& element);

}  // namespace gatehouse::pki
