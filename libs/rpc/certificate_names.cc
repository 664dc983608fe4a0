#include "libs/rpc/certificate_names.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "libs/rpc/peer_certificate.h"
#include "libs/rpc/tls_files.h"

namespace gatehouse::rpc {

absl::StatusOr<authz::CertificateNames> ReadCertificateNames(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string pem(kMaxTlsFileBytes, '\0');
  stream.read(pem.data(), static_cast<std::streamsize>(pem.size()));
  pem.resize(static_cast<size_t>(stream.gcount()));
  authz::CertificateNames names = PeerCertificates().Find(pem)->names;
  if (names.sha256.empty()) return absl::InvalidArgumentError(absl::StrCat(file, ": no certificate can be read"));
  return names;
}

}  // namespace gatehouse::rpc
