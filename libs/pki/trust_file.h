// What a file given as trust material holds. Reading folders and files is the caller's; here are bytes only.
#pragma once

#include <string>
#include <vector>

#include "libs/pki/tlv.h"

namespace gatehouse::pki {

inline constexpr size_t kMaxPemObjects = 4096;

enum class TrustFileKind {
  kUnknown,
  kCertificate,
  kMasterList,
  kRevocationList,
  kDeviationList,
  kDefectList,
  kPkdLdif,  // of the ICAO Public Key Directory, whole or a delta
};
// "certificate", "master_list", "revocation_list", "deviation_list", "defect_list", "pkd_ldif", "unknown".
std::string_view ToWord(TrustFileKind kind);

// By the first elements only: a file of a kind may still be broken.
TrustFileKind ClassifyTrustFile(Bytes bytes);

// The DER objects of a file: the file itself, or what its PEM blocks hold. INVALID_ARGUMENT for broken Base64 and for
// more blocks than the limit.
absl::StatusOr<std::vector<std::vector<uint8_t>>> ReadTrustObjects(Bytes file);

}  // namespace gatehouse::pki
