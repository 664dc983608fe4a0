// The signature of a list that one authority publishes for others: master list, deviation list, defect list (Doc
// 9303-12 sections 9 and 10, TR-03129-2 section 7). All are a CMS SignedData whose signer is a certificate for this
// one purpose, issued by a country authority that is embedded, or listed, or held by the reader.
//
// Two questions are kept apart. Does the list hold together: the signature fits, the signer is for this purpose, and
// an authority in the list issued it? Anybody can make such a list. And does the reader trust that authority? That is
// asked of a TrustStore, and only then may a list change anything.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/pki/trust_store.h"

namespace gatehouse::pki {

inline constexpr size_t kMaxListSignerCertificates = 64;

struct ListSignature {
  // OK: the list holds together, as said above. Else what is wrong, or missing.
  absl::Status verdict = absl::UnknownError("not judged");
  // The signature fits and the signer may sign such lists; whether its authority is in the list does not matter.
  bool signature_fits = false;
  CertificatePtr signer;     // null when none could be found
  CertificatePtr authority;  // embedded or listed, whose key made the signer; null when none was found
  std::optional<absl::Time> signing_time;
};

// `listed`: country certificates that the list itself carries as content. With several SignerInfos one that holds is
// enough; nobody can add one that does.
ListSignature JudgeListSignature(const SignedData& data, CertificateRole role,
                                 const std::vector<CertificatePtr>& listed);

// How the signer of a list was judged. kAbsent: not a signed list.
enum class ListSigner { kAbsent, kValid, kUndetermined, kInvalid };
// "absent", "valid", "undetermined", "invalid".
std::string_view ToWord(ListSigner signer);

struct ListSignerVerdict {
  // kValid: the signer leads to an anchor that the reader holds. kUndetermined: the list is whole, and its authority is
  // not one of them. kInvalid: the signature, the purpose or the issuing is wrong.
  ListSigner state = ListSigner::kAbsent;
  CertificatePtr anchor;  // that the signer leads to; null unless kValid
  std::string reason;     // empty when kValid
};
ListSignerVerdict JudgeListSigner(const ListSignature& signature, CertificateRole role, const TrustStore& held);

}  // namespace gatehouse::pki
