// One file of trust material, read: certificates, a master list, revocation lists, deviation and defect lists, or a
// file of the Public Key Directory with any of them. What is broken inside is skipped and named; the file as a whole is
// refused only when nothing of it can be used. A violation inside a certificate (certificate.h) does not keep it out:
// whoever gives it vouches for it byte for byte, and such a signer signs nothing.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/pki/deviation.h"
#include "libs/pki/master_list.h"
#include "libs/pki/pkd.h"
#include "libs/pki/trust_file.h"
#include "libs/pki/trust_store.h"

namespace gatehouse::pki {

struct TrustMaterial {
  std::string name;
  TrustFileKind kind = TrustFileKind::kUnknown;
  std::vector<CertificatePtr> certificates;  // loose ones
  std::vector<MasterList> master_lists;
  std::vector<CrlPtr> crls;
  std::vector<DeviationListPtr> deviation_lists;  // both kinds; a DeviationTable says which may be used
  // By the file alone: valid when every signed list in it holds together, undetermined when the authority of a list's
  // signer is not in it, invalid when one was refused. Whether an anchor stands behind it is JudgeListSigner's
  // question.
  ListSigner signer = ListSigner::kAbsent;
  std::vector<std::string> reasons;  // one sentence for each thing that was skipped

  // Of a file of the Public Key Directory.
  PkdVersions pkd_versions;
  std::vector<std::string> pkd_deleted;                // DNs that a delta takes out
  std::unordered_map<std::string, PkdMark> pkd_marks;  // key: fingerprint of a certificate or revocation list

  bool empty() const { return certificates.empty() && master_lists.empty() && crls.empty() && deviation_lists.empty(); }
  // Fingerprints (hex SHA-256) of everything usable.
  std::vector<std::string> Fingerprints() const;
  // Deviation lists are not part of a TrustStore and are left to the caller.
  void AddTo(TrustStore::Builder& builder) const;
};

// Never fails: a file of which nothing can be used is an empty material with its reasons. A list whose signature does
// not verify is not used.
TrustMaterial ReadTrustMaterial(std::string name, std::string_view content);

// The same for a file of the Public Key Directory of any length, without holding what is in it: each object is given to
// `take` as a material of its own, with its bytes, and forgotten. What is returned holds no object and says the rest:
// versions, deletions, reasons, the worst signer.
TrustMaterial WalkPkdMaterial(std::string name, std::string_view text,
                              const std::function<void(const TrustMaterial& one, Bytes der)>& take);

// Takes out of `held` what a delta deletes, by the DN its marks bear. What a delta changes under the same DN replaces
// what was there.
void ApplyDelta(const TrustMaterial& delta, TrustMaterial& held);

}  // namespace gatehouse::pki
