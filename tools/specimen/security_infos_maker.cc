#include "tools/specimen/security_infos_maker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tools/specimen/tlv.h"

namespace gatehouse::specimen {
namespace {

constexpr const char* kBsiProtocols = "0.4.0.127.0.7.2.2";

std::string Info(const std::string& protocol, const std::string& contents) {
  return Tlv(0x30, DerOid(protocol.c_str()) + contents);
}

std::string KeyId(std::optional<int> key_id) { return key_id ? DerInteger(static_cast<uint8_t>(*key_id)) : ""; }

int CipherArc(emrtd::Cipher cipher) { return static_cast<int>(cipher) + 1; }

}  // namespace

std::string MakePaceInfo(emrtd::PaceMapping mapping, bool elliptic, emrtd::Cipher cipher, int parameter_id) {
  const int arc = mapping == emrtd::PaceMapping::kChipAuthentication ? 6
                  : mapping == emrtd::PaceMapping::kIntegrated       ? (elliptic ? 4 : 3)
                                                                     : (elliptic ? 2 : 1);
  return Info(absl::StrCat(kBsiProtocols, ".4.", arc, ".", CipherArc(cipher)),
              DerInteger(2) + DerInteger(static_cast<uint8_t>(parameter_id)));
}

std::string MakeChipAuthenticationInfo(bool elliptic, emrtd::Cipher cipher, std::optional<int> key_id) {
  return Info(absl::StrCat(kBsiProtocols, ".3.", elliptic ? 2 : 1, ".", CipherArc(cipher)),
              DerInteger(1) + KeyId(key_id));
}

std::string MakeChipAuthenticationPublicKeyInfo(bool elliptic, const std::string& subject_public_key_info,
                                                std::optional<int> key_id) {
  return Info(absl::StrCat(kBsiProtocols, ".1.", elliptic ? 2 : 1), subject_public_key_info + KeyId(key_id));
}

std::string MakeTerminalAuthenticationInfo() { return Info(absl::StrCat(kBsiProtocols, ".2"), DerInteger(1)); }

std::string MakeActiveAuthenticationInfo(const char* signature_algorithm) {
  return Info("2.23.136.1.1.5", DerInteger(1) + DerOid(signature_algorithm));
}

std::string MakeSecurityInfos(std::vector<std::string> infos) {
  std::sort(infos.begin(), infos.end());
  std::string joined;
  for (const std::string& info : infos) joined += info;
  return Tlv(0x31, joined);
}

}  // namespace gatehouse::specimen
