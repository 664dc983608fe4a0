// EF.SOD, the document security object of Doc 9303-10 section 4.6.2: the hashes of the data groups, signed by the DSC.
#pragma once

#include <map>
#include <string>

#include "tools/specimen/cms_maker.h"
#include "tools/specimen/data_groups.h"

namespace gatehouse::specimen {

struct SecurityObjectRequest {
  std::map<int, std::string> data_groups;  // number -> the whole file
  LdsVersion lds_version = LdsVersion::k0107;
  absl::Time signing_time;
  SignerId signer_id = SignerId::kIssuerAndSerial;
  Padding padding = Padding::kPkcs1;
};

// The whole file: tag 0x77 around the signed CMS. Version 0 of the inner object for LDS 1.7, version 1 with
// ldsVersionInfo for 1.8. Data groups are hashed with the digest of the signer's key.
std::string MakeSecurityObject(const SecurityObjectRequest& request, const Identity& signer);

}  // namespace gatehouse::specimen
