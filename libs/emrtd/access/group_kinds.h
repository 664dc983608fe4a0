// The two kinds of group behind group.h. Internal.
#pragma once

#include <memory>

#include "libs/emrtd/access/group.h"

namespace gatehouse::emrtd::access {

// By OpenSSL's names, which must live for ever.
std::unique_ptr<Group> MakeEllipticCurve(int id, std::string_view name);
std::unique_ptr<Group> MakeModpGroup(int id, std::string_view name);

// True when `modulus` and `base` (big-endian, any leading zeros) are those of a MODP group.
bool IsModpGroup(const Group& group, Bytes modulus, Bytes base);

}  // namespace gatehouse::emrtd::access
