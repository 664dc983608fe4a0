// Whom a certificate file names, as those who are shown it will read it.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/authz/authz.h"

namespace gatehouse::rpc {

// Of the first certificate of a PEM file. INVALID_ARGUMENT, with the file, when it cannot be read. Whether it is valid
// now, and whether a key fits, says CheckTlsFiles.
absl::StatusOr<authz::CertificateNames> ReadCertificateNames(const std::string& file);

}  // namespace gatehouse::rpc
