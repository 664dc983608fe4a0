// One file of trust material, read: certificates, a master list, revocation lists. What is broken inside is skipped and
// named; the file as a whole is refused only when nothing of it can be used. A violation inside a certificate
// (certificate.h) does not keep it out: whoever gives it vouches for it byte for byte, and such a signer signs nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/pki/trust_file.h"
#include "libs/pki/trust_store.h"

namespace gatehouse::pki {

// How the signer of a list was judged. kAbsent: the file is not a signed list.
enum class ListSigner { kAbsent, kValid, kInvalid };

struct TrustMaterial {
  std::string name;
  TrustFileKind kind = TrustFileKind::kUnknown;
  std::vector<CertificatePtr> certificates;  // loose ones
  std::vector<MasterList> master_lists;
  std::vector<CrlPtr> crls;
  ListSigner signer = ListSigner::kAbsent;
  std::vector<std::string> reasons;  // one sentence for each thing that was skipped

  bool empty() const { return certificates.empty() && master_lists.empty() && crls.empty(); }
  // Fingerprints (hex SHA-256) of everything usable.
  std::vector<std::string> Fingerprints() const;
  void AddTo(TrustStore::Builder& builder) const;
};

// Never fails: a file of which nothing can be used is an empty material with its reasons. A master list whose signature
// does not verify is not used.
TrustMaterial ReadTrustMaterial(std::string name, std::string_view content);

std::string_view ToWord(ListSigner signer);

}  // namespace gatehouse::pki
