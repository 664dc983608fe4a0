// Signed CMS content (RFC 5652) as Doc 9303 uses it twice: the document security object and the master list.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tools/specimen/certificate_maker.h"

namespace gatehouse::specimen {

enum class SignerId { kIssuerAndSerial, kKeyIdentifier };

struct CmsRequest {
  const char* content_type = nullptr;  // dotted object identifier
  std::string content;                 // DER of the content
  absl::Time signing_time;
  SignerId signer_id = SignerId::kIssuerAndSerial;
  Padding padding = Padding::kPkcs1;
  std::vector<std::shared_ptr<X509>> further_certificates;  // beside the signer's own
};

// DER of the ContentInfo, with contentType, messageDigest and signingTime among the signed attributes.
std::string SignCms(const CmsRequest& request, const Identity& signer);

}  // namespace gatehouse::specimen
