#include "tools/specimen/security_object_maker.h"

#include "libs/base/check.h"
#include "tools/specimen/tlv.h"

namespace gatehouse::specimen {
namespace {

constexpr uint32_t kSequence = 0x30;
constexpr uint32_t kOctetString = 0x04;
constexpr uint32_t kNull = 0x05;
constexpr uint32_t kPrintableString = 0x13;

std::string Digest(const EVP_MD* algorithm, const std::string& bytes) {
  unsigned char value[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  GH_CHECK(EVP_Digest(bytes.data(), bytes.size(), value, &size, algorithm, nullptr) == 1);
  return std::string(reinterpret_cast<char*>(value), size);
}

const char* DigestOid(const EVP_MD* algorithm) {
  return EVP_MD_is_a(algorithm, "SHA384") ? "2.16.840.1.101.3.4.2.2" : "2.16.840.1.101.3.4.2.1";
}

std::string LdsSecurityObject(const SecurityObjectRequest& request, const EVP_MD* algorithm) {
  std::string hashes;
  for (const auto& [number, file] : request.data_groups) {
    const std::string hash = Tlv(kOctetString, Digest(algorithm, file));
    hashes += Tlv(kSequence, DerInteger(static_cast<uint8_t>(number)) + hash);
  }
  const bool with_version = request.lds_version == LdsVersion::k0108;
  std::string body = DerInteger(with_version ? 1 : 0);
  body += Tlv(kSequence, DerOid(DigestOid(algorithm)) + Tlv(kNull, ""));
  body += Tlv(kSequence, hashes);
  if (with_version) body += Tlv(kSequence, Tlv(kPrintableString, "0108") + Tlv(kPrintableString, "040000"));
  return Tlv(kSequence, body);
}

}  // namespace

std::string MakeSecurityObject(const SecurityObjectRequest& request, const Identity& signer) {
  const CmsRequest cms{.content_type = "2.23.136.1.1.1",  // id-icao-mrtd-security-ldsSecurityObject
                       .content = LdsSecurityObject(request, signer.key.digest()),
                       .signing_time = request.signing_time,
                       .signer_id = request.signer_id,
                       .padding = request.padding};
  return Tlv(0x77, SignCms(cms, signer));
}

}  // namespace gatehouse::specimen
