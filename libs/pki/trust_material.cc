#include "libs/pki/trust_material.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/pki/crl.h"
#include "libs/pki/master_list.h"

namespace gatehouse::pki {
namespace {

void ReadCertificate(const std::vector<uint8_t>& der, TrustMaterial& material) {
  absl::StatusOr<CertificatePtr> certificate = Certificate::Parse(der);
  if (certificate.ok()) {
    material.certificates.push_back(*std::move(certificate));
  } else {
    material.reasons.push_back(absl::StrCat("certificate skipped: ", certificate.status().message()));
  }
}

void ReadCrl(const std::vector<uint8_t>& der, TrustMaterial& material) {
  absl::StatusOr<CrlPtr> crl = CertificateRevocationList::Parse(der);
  if (crl.ok()) {
    material.crls.push_back(*std::move(crl));
  } else {
    material.reasons.push_back(absl::StrCat("revocation list skipped: ", crl.status().message()));
  }
}

void ReadMasterList(const std::vector<uint8_t>& der, TrustMaterial& material) {
  absl::StatusOr<MasterList> list = ParseMasterList(der);
  if (!list.ok()) {
    material.reasons.push_back(absl::StrCat("master list refused: ", list.status().message()));
    return;
  }
  for (const BrokenElement& broken : list->broken) {
    material.reasons.push_back(absl::StrCat("element ", broken.index, " skipped: ", broken.reason));
  }
  if (!list->signer_verdict.ok()) {
    material.signer = ListSigner::kInvalid;
    material.reasons.push_back(absl::StrCat("master list refused, its signature: ", list->signer_verdict.message()));
    return;
  }
  material.signer = ListSigner::kValid;
  material.master_lists.push_back(*std::move(list));
}

}  // namespace

std::vector<std::string> TrustMaterial::Fingerprints() const {
  std::vector<std::string> out;
  for (const CertificatePtr& certificate : certificates) out.push_back(certificate->fingerprint_text());
  for (const MasterList& list : master_lists) {
    for (const CertificatePtr& certificate : list.certificates) out.push_back(certificate->fingerprint_text());
  }
  for (const CrlPtr& crl : crls) out.push_back(ToHex(crl->fingerprint.bytes()));
  return out;
}

void TrustMaterial::AddTo(TrustStore::Builder& builder) const {
  for (const CertificatePtr& certificate : certificates) builder.AddCertificate(certificate);
  for (const MasterList& list : master_lists) builder.AddMasterList(list);
  for (const CrlPtr& crl : crls) builder.AddCrl(crl);
}

TrustMaterial ReadTrustMaterial(std::string name, std::string_view content) {
  TrustMaterial material;
  material.name = std::move(name);
  const absl::StatusOr<std::vector<std::vector<uint8_t>>> objects = ReadTrustObjects(AsBytes(content));
  if (!objects.ok()) {
    material.reasons.emplace_back(objects.status().message());
    return material;
  }
  for (const std::vector<uint8_t>& der : *objects) {
    const TrustFileKind kind = ClassifyTrustFile(der);
    if (material.kind == TrustFileKind::kUnknown) material.kind = kind;
    switch (kind) {
      case TrustFileKind::kCertificate:
        ReadCertificate(der, material);
        break;
      case TrustFileKind::kRevocationList:
        ReadCrl(der, material);
        break;
      case TrustFileKind::kMasterList:
        ReadMasterList(der, material);
        break;
      case TrustFileKind::kPkdLdif:
        material.reasons.emplace_back(
            "PKD LDIF is NOT_DONE: import its certificates, master lists and "
            "CRLs one by one");
        break;
      case TrustFileKind::kUnknown:
        material.reasons.emplace_back("neither a certificate, a master list nor a revocation list");
        break;
    }
  }
  return material;
}

std::string_view ToWord(ListSigner signer) {
  switch (signer) {
    case ListSigner::kAbsent:
      return "absent";
    case ListSigner::kValid:
      return "valid";
    case ListSigner::kInvalid:
      break;
  }
  return "invalid";
}

}  // namespace gatehouse::pki
