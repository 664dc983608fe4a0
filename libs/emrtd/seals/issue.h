// Making a visible digital seal (Doc 9303-13): fields in, the bytes of the barcode out. The key is a port, so that it
// may be a file or a token.
#pragma once

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "libs/emrtd/seals/seal.h"
#include "libs/pki/signing_key.h"

namespace gatehouse::emrtd::seals {

struct IssueRequest {
  int version = 4;                    // 3 or 4
  std::string issuing_country;        // "UTO", "D"
  std::string signer_identifier;      // country and name of the signer's certificate, "UTTS"
  std::string certificate_reference;  // its serial number in hexadecimal digits; version 3: at most five
  absl::CivilDay issue_date;
  absl::CivilDay signature_date;
  uint16_t feature_definition = 0;  // 0x5D01
  struct Field {
    std::string name;   // of the definition: "passport_number"; "tag_9" for a tag it does not have
    std::string value;  // as Feature::value: text, a zone with or without line breaks, digits of a number, "P90D"
  };
  std::vector<Field> fields;  // written in this order
};

// Signed by the key, with the digest of its size. INVALID_ARGUMENT names the field: a definition that is not in the
// tables, a required feature missing, a text that its coding does not have, a key that is not for seals.
absl::StatusOr<std::string> IssueVds(const IssueRequest& request, const pki::SigningKey& key);

// How a seal names the signer of this certificate: identifier and reference. INVALID_ARGUMENT when the certificate has
// no country, or a common name that is not of two letters.
absl::StatusOr<SignerReference> ReferenceTo(const pki::Certificate& certificate);

}  // namespace gatehouse::emrtd::seals
