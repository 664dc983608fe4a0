// Elliptic curves by name and by explicit domain parameters (ECParameters, RFC 3279 section 2.3.5, TR-03111). Nearly
// every EC country key spells its curve out. Whoever may choose the generator can forge any key (CVE-2020-0601), so
// explicit parameters are compared number by number with the curves below, and are otherwise refused.
#pragma once

#include <string>
#include <vector>

#include "libs/pki/tlv.h"

namespace gatehouse::pki {

struct Curve {
  std::string name;  // OpenSSL's: "prime256v1", "brainpoolP256r1"
  int field_bytes = 0;
  bool explicit_parameters = false;
};

// The parameters element of an id-ecPublicKey AlgorithmIdentifier. INVALID_ARGUMENT for an unknown curve, one whose
// numbers were altered, a binary field, or implicitCA.
absl::StatusOr<Curve> ReadCurve(const Tlv& parameters);

// The other known curves whose points are as long as this one's.
std::vector<Curve> OtherCurvesOfSize(const Curve& curve);

}  // namespace gatehouse::pki
