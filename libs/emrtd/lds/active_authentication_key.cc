#include "libs/emrtd/lds/active_authentication_key.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/data_groups.h"
#include "libs/emrtd/lds/elementary_file.h"

namespace gatehouse::emrtd {

absl::StatusOr<ActiveAuthenticationKey> ReadDataGroup15(Bytes file) {
  ActiveAuthenticationKey read;
  GH_ASSIGN_OR_RETURN(const Bytes contents,
                      OpenFile(file, DataGroupTag(15), kMaxPublicKeyFileBytes, "DG15", read.findings));
  GH_ASSIGN_OR_RETURN(const pki::Tlv info,
                      pki::ReadOnly(contents, pki::tag::kSequence, pki::Rules::kBer, "DG15 subjectPublicKeyInfo"));
  if (!IsDer(info.encoding)) read.findings.push_back({FileDefect::kNotDer, "DG15"});
  read.subject_public_key_info = info.encoding;
  read.key = pki::PublicKey::Parse(info.encoding);
  return read;
}

std::string Describe(const pki::PublicKey& key) {
  if (key.is_rsa()) return absl::StrCat("RSA ", key.bits(), " bits");
  return absl::StrCat("EC ", key.curve(), " ", key.bits(), " bits",
                      key.explicit_parameters() ? ", explicit parameters" : "");
}

}  // namespace gatehouse::emrtd
