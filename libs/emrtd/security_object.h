// EF.SOD, the document security object (Doc 9303-10 section 4.6.2): what the issuing state signed. Tag 77 around a CMS
// SignedData around the LDSSecurityObject, which lists the digests of the data groups. Read in place: the caller's
// bytes must outlive the value.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/pki/signed_data.h"

namespace gatehouse::emrtd {

using pki::Bytes;

// LDSSecurityObject; version 1 (LDS 1.8) states the versions that version 0 leaves to the unsigned EF.COM.
struct LdsSecurityObject {
  int version = 0;
  pki::Digest digest = pki::Digest::kSha256;
  struct DataGroupDigest {
    int number = 0;  // 1..16
    Bytes digest;
  };
  std::vector<DataGroupDigest> data_groups;  // in the order of the file; no number twice
  std::string lds_version;                   // "0108"; empty in version 0
  std::string unicode_version;               // "040000"; empty in version 0

  // nullptr when the number is not listed.
  const DataGroupDigest* Find(int number) const;
};

// eContentType: the one of today, and those that old documents bear.
enum class SecurityObjectContentType { kIcao, kOldIcao, kOldDutch, kData, kOther };

struct SecurityObject {
  pki::SignedData signed_data;
  SecurityObjectContentType content_type = SecurityObjectContentType::kOther;
  size_t trailing_bytes = 0;  // bytes of the file after the object; no signature covers them
  // The signed list, or why it cannot be read; the signature over it may be genuine all the same.
  absl::StatusOr<LdsSecurityObject> lds = absl::UnknownError("not read");
};

// INVALID_ARGUMENT names the field. Files over kMaxSecurityObjectBytes are refused unread.
absl::StatusOr<SecurityObject> ReadSecurityObject(Bytes file);

}  // namespace gatehouse::emrtd
