#include "libs/signing/signing_keys.h"

#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/signing/pkcs11.h"

namespace gatehouse::signing {

absl::StatusOr<std::unique_ptr<pki::SigningKey>> OpenSigningKey(const std::string& where) {
  if (absl::StartsWith(where, "pkcs11:")) return OpenPkcs11Key(where);
  std::ifstream in(where, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat(where, ": no such key file, or it cannot be read"));
  const std::vector<uint8_t> file{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return pki::ReadSigningKey(file);
}

}  // namespace gatehouse::signing
