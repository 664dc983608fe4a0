// The virtual component of a digital travel credential (ICAO technical report "DTC: Virtual Component Data Structure
// and PKI Mechanisms"): DTCContentInfo ::= SEQUENCE { version, DTCData, dtcTBS [0] OPTIONAL, dtcSignerInfo [1] OPTIONAL
// }. DTCData has the files of a chip, EF.SOD as [0] and data group n as [n], each an OCTET STRING. A credential bound
// to an eMRTD (type 1) has nothing else, and is verified by passive authentication of those files. One bound to a
// physical component (types 2 and 3) has DTCSecurityInfo [22] and a DTC signer's signature besides: dtcTBS, a SEQUENCE
// of what is signed of each file, and dtcSignerInfo, under a certificate with the extended key usage 2.23.136.1.1.12.1.
// What stands inside those two the public texts do not say, so that the signature is not checked here: such a
// credential is read, and its overall state is at best undetermined.
#pragma once

#include "libs/emrtd/seals/verify.h"

namespace gatehouse::emrtd::seals {

inline constexpr size_t kMaxDtcBytes = 4 * 1024 * 1024;

enum class DtcType { kEmrtdBound = 1, kEmrtdAndComponentBound = 2, kComponentBound = 3 };

// Seal::document_type of a credential: "dtc_type_1".
std::string DtcTypeWord(DtcType type);

struct Dtc {
  int version = 0;
  DtcType type = DtcType::kEmrtdBound;
  ChipFiles files;  // spans into the caller's bytes, which must outlive the value
  Findings findings;
};

// True for a SEQUENCE of an INTEGER and a SEQUENCE: by the first elements only.
bool IsDtc(pki::Bytes bytes);

// Strict DER; INVALID_ARGUMENT names the field.
absl::StatusOr<Dtc> ReadDtc(pki::Bytes bytes);

// What is told of a credential in the words of a seal.
struct DtcReport {
  Seal seal;  // kind, version, issuing country; the zone of DG1 and the digests' data groups as features
  SealReport report;
  PassiveAuthenticationReport passive_authentication;
};
DtcReport VerifyDtc(const Dtc& dtc, const SealInput& input);

}  // namespace gatehouse::emrtd::seals
