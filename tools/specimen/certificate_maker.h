// Certificates and revocation lists in the profiles of Doc 9303-12 section 7: country signing CA (CSCA), CSCA link,
// document signer (DSC) and master list signer; and
// of a signer of notices, which Doc 9303 does not know.
#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tools/specimen/key.h"

namespace gatehouse::specimen {

enum class Profile { kAuthority, kLink, kDocumentSigner, kMasterListSigner, kNoticeSigner };

struct Period {
  absl::Time begin;
  absl::Time end;
};

// A certificate together with its private key.
struct Identity {
  KeyPair key;
  std::shared_ptr<X509> certificate;
};

struct CertificateRequest {
  Profile profile = Profile::kDocumentSigner;
  std::string common_name;  // C=UT, O=Utopia and the unit are added
  uint64_t serial = 0;      // > 0
  Period validity;
  Period private_key_usage;           // when the key may sign (privateKeyUsagePeriod)
  Padding padding = Padding::kPkcs1;  // of the issuer's signature
};

// Issues for `key`, signed by `issuer`; a null issuer signs itself.
Identity Issue(const CertificateRequest& request, const KeyPair& key, const Identity* issuer);

struct RevocationRequest {
  uint64_t number = 1;  // CRL number
  Period validity;      // thisUpdate, nextUpdate
  std::vector<uint64_t> serials;
  absl::Time revoked_at;
};

// The DER of a v2 CRL of `issuer`.
std::string MakeCrl(const RevocationRequest& request, const Identity& issuer);

std::string ToDer(const X509& certificate);

}  // namespace gatehouse::specimen
