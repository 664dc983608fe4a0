// The two kinds of group behind domain_parameters.h. Internal.
#pragma once

#include <memory>

#include "libs/emrtd/access/domain_parameters.h"

namespace gatehouse::emrtd::access {

// By OpenSSL's names.
std::unique_ptr<DomainParameters> MakeEllipticCurve(int id, const char* name);
std::unique_ptr<DomainParameters> MakeModpGroup(int id, const char* name, const char* openssl_name);

// True when `modulus` and `base` (big-endian, any leading zeros) are those of a MODP group.
bool IsModpGroup(const DomainParameters& group, Bytes modulus, Bytes base);

}  // namespace gatehouse::emrtd::access
