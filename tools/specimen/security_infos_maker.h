// SecurityInfos (TR-03110-3 A.1, Doc 9303-11 section 9.2) of EF.CardAccess, DG14 and EF.CardSecurity, one SEQUENCE
// each.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/emrtd/lds/security_infos.h"

namespace gatehouse::specimen {

std::string MakePaceInfo(emrtd::PaceMapping mapping, bool elliptic, emrtd::Cipher cipher, int parameter_id);
std::string MakeChipAuthenticationInfo(bool elliptic, emrtd::Cipher cipher, std::optional<int> key_id);
std::string MakeChipAuthenticationPublicKeyInfo(bool elliptic, const std::string& subject_public_key_info,
                                                std::optional<int> key_id);
std::string MakeTerminalAuthenticationInfo();
std::string MakeActiveAuthenticationInfo(const char* signature_algorithm);  // dotted
// The SET around them, in the order of DER.
std::string MakeSecurityInfos(std::vector<std::string> infos);

}  // namespace gatehouse::specimen
