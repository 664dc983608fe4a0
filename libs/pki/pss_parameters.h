// RSASSA-PSS-params, which stand in signature algorithms and in keys bound to them. Internal to libs/pki.
#pragma once

#include "libs/pki/signature.h"

namespace gatehouse::pki {

// `parent` stands behind the identifier of the algorithm; absent parameters have their defaults.
absl::StatusOr<SignatureAlgorithm> ReadPssParameters(TlvReader parent, std::string_view field);

}  // namespace gatehouse::pki
