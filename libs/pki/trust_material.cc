#include "libs/pki/trust_material.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/pki/crl.h"

namespace gatehouse::pki {
namespace {

// The worst of several lists in one file.
void Note(ListSigner one, TrustMaterial& material) { material.signer = std::max(material.signer, one); }

void ReadCertificate(Bytes der, TrustMaterial& material) {
  absl::StatusOr<CertificatePtr> certificate = Certificate::Parse(der);
  if (certificate.ok()) {
    material.certificates.push_back(*std::move(certificate));
  } else {
    material.reasons.push_back(absl::StrCat("certificate skipped: ", certificate.status().message()));
  }
}

void ReadCrl(Bytes der, TrustMaterial& material) {
  absl::StatusOr<CrlPtr> crl = CertificateRevocationList::Parse(der);
  if (crl.ok()) {
    material.crls.push_back(*std::move(crl));
  } else {
    material.reasons.push_back(absl::StrCat("revocation list skipped: ", crl.status().message()));
  }
}

void ReadMasterList(Bytes der, TrustMaterial& material) {
  absl::StatusOr<MasterList> list = ParseMasterList(der);
  if (!list.ok()) {
    material.reasons.push_back(absl::StrCat("master list refused: ", list.status().message()));
    return;
  }
  for (const BrokenElement& broken : list->broken) {
    material.reasons.push_back(absl::StrCat("element ", broken.index, " skipped: ", broken.reason));
  }
  if (!list->signature.verdict.ok()) {
    Note(ListSigner::kInvalid, material);
    material.reasons.push_back(absl::StrCat("master list refused, its signature: ", list->signature.verdict.message()));
    return;
  }
  Note(ListSigner::kValid, material);
  material.master_lists.push_back(*std::move(list));
}

void ReadDeviations(const absl::StatusOr<DeviationListPtr>& list, std::string_view what, TrustMaterial& material) {
  if (!list.ok()) {
    material.reasons.push_back(absl::StrCat(std::string(what), " refused: ", list.status().message()));
    return;
  }
  const ListSignature& signature = (*list)->signature;
  if (!signature.signature_fits) {
    Note(ListSigner::kInvalid, material);
    material.reasons.push_back(
        absl::StrCat(std::string(what), " refused, its signature: ", signature.verdict.message()));
    return;
  }
  // Its authority need not be inside: the reader has it from elsewhere.
  Note(signature.verdict.ok() ? ListSigner::kValid : ListSigner::kUndetermined, material);
  for (const std::string& skipped : (*list)->skipped) material.reasons.push_back(skipped);
  material.deviation_lists.push_back(*list);
}

void ReadObject(Bytes der, TrustFileKind kind, TrustMaterial& material) {
  switch (kind) {
    case TrustFileKind::kCertificate:
      return ReadCertificate(der, material);
    case TrustFileKind::kRevocationList:
      return ReadCrl(der, material);
    case TrustFileKind::kMasterList:
      return ReadMasterList(der, material);
    case TrustFileKind::kDeviationList:
      return ReadDeviations(ParseDeviationList(der), "deviation list", material);
    case TrustFileKind::kDefectList:
      return ReadDeviations(ParseDefectList(der), "defect list", material);
    case TrustFileKind::kPkdLdif:
    case TrustFileKind::kUnknown:
      break;
  }
  material.reasons.emplace_back("neither a certificate nor a list of a kind we know");
}

// One object of the directory, with what the directory says of it.
void TakeFromPkd(const PkdObject& object, TrustMaterial& material) {
  const size_t certificates = material.certificates.size(), crls = material.crls.size();
  const size_t reasons = material.reasons.size();
  const Bytes der = AsBytes(object.der);
  ReadObject(der, ClassifyTrustFile(der), material);
  if (material.certificates.size() > certificates) {
    const Certificate& certificate = *material.certificates.back();
    if (RoleOf(certificate) == CertificateRole::kAuthority && !object.is_authority_attribute) {
      material.reasons.emplace_back("an authority's certificate among the signers is not taken from the directory");
      material.certificates.pop_back();
    } else {
      material.pkd_marks.emplace(certificate.fingerprint_text(), object.mark);
    }
  }
  if (material.crls.size() > crls) {
    material.pkd_marks.emplace(ToHex(material.crls.back()->fingerprint.bytes()), object.mark);
  }
  for (size_t i = reasons; i < material.reasons.size(); ++i) {
    material.reasons[i] = absl::StrCat("entry at line ", object.mark.line, ": ", material.reasons[i]);
  }
}

template <typename Value>
void Append(const std::vector<Value>& some, std::vector<Value>& all) {
  all.insert(all.end(), some.begin(), some.end());
}

TrustMaterial ReadPkdMaterial(std::string name, std::string_view text) {
  TrustMaterial whole;
  TrustMaterial rest = WalkPkdMaterial(std::move(name), text, [&](const TrustMaterial& one, Bytes) {
    Append(one.certificates, whole.certificates);
    Append(one.master_lists, whole.master_lists);
    Append(one.crls, whole.crls);
    Append(one.deviation_lists, whole.deviation_lists);
    whole.pkd_marks.insert(one.pkd_marks.begin(), one.pkd_marks.end());
  });
  rest.certificates = std::move(whole.certificates);
  rest.master_lists = std::move(whole.master_lists);
  rest.crls = std::move(whole.crls);
  rest.deviation_lists = std::move(whole.deviation_lists);
  rest.pkd_marks = std::move(whole.pkd_marks);
  return rest;
}

std::string FoldedDn(const std::string& dn) { return absl::AsciiStrToLower(dn); }

}  // namespace

std::vector<std::string> TrustMaterial::Fingerprints() const {
  std::vector<std::string> out;
  for (const CertificatePtr& certificate : certificates) out.push_back(certificate->fingerprint_text());
  for (const MasterList& list : master_lists) {
    for (const CertificatePtr& certificate : list.certificates) out.push_back(certificate->fingerprint_text());
  }
  for (const CrlPtr& crl : crls) out.push_back(ToHex(crl->fingerprint.bytes()));
  for (const DeviationListPtr& list : deviation_lists) out.push_back(ToHex(list->fingerprint.bytes()));
  return out;
}

void TrustMaterial::AddTo(TrustStore::Builder& builder) const {
  for (const CertificatePtr& certificate : certificates) builder.AddCertificate(certificate);
  for (const MasterList& list : master_lists) builder.AddMasterList(list);
  for (const CrlPtr& crl : crls) builder.AddCrl(crl);
}

TrustMaterial ReadTrustMaterial(std::string name, std::string_view content) {
  // Read where it lies: a dump of the directory has 100 MB.
  if (ClassifyTrustFile(AsBytes(content)) == TrustFileKind::kPkdLdif) return ReadPkdMaterial(std::move(name), content);
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
    ReadObject(der, kind, material);
  }
  return material;
}

TrustMaterial WalkPkdMaterial(std::string name, std::string_view text,
                              const std::function<void(const TrustMaterial& one, Bytes der)>& take) {
  TrustMaterial material{.name = std::move(name), .kind = TrustFileKind::kPkdLdif};
  bool is_empty = true;
  PkdFile file = ReadPkd(text, [&](const PkdObject& object) {
    TrustMaterial one{.kind = TrustFileKind::kPkdLdif};
    TakeFromPkd(object, one);
    Note(one.signer, material);
    for (std::string& reason : one.reasons) material.reasons.push_back(std::move(reason));
    one.reasons.clear();
    if (one.empty()) return;
    is_empty = false;
    take(one, AsBytes(object.der));
  });
  material.pkd_versions = std::move(file.versions);
  AddFromFileName(material.name, material.pkd_versions);
  material.pkd_deleted = std::move(file.deleted);
  for (std::string& skipped : file.skipped) material.reasons.push_back(std::move(skipped));
  // A version of the directory in which nothing changed is a delta of one line.
  if (is_empty && material.reasons.empty() && !material.pkd_versions.is_delta) {
    material.reasons.emplace_back("the file holds no certificate and no list");
  }
  return material;
}

void ApplyDelta(const TrustMaterial& delta, TrustMaterial& held) {
  std::unordered_set<std::string> gone;
  for (const std::string& dn : delta.pkd_deleted) gone.insert(FoldedDn(dn));
  for (const auto& [fingerprint, mark] : delta.pkd_marks) gone.insert(FoldedDn(mark.dn));
  const auto is_gone = [&](const std::string& fingerprint) {
    const auto mark = held.pkd_marks.find(fingerprint);
    if (mark == held.pkd_marks.end() || gone.count(FoldedDn(mark->second.dn)) == 0) return false;
    held.pkd_marks.erase(mark);
    return true;
  };
  std::erase_if(held.certificates, [&](const CertificatePtr& one) { return is_gone(one->fingerprint_text()); });
  std::erase_if(held.crls, [&](const CrlPtr& one) { return is_gone(ToHex(one->fingerprint.bytes())); });
}

}  // namespace gatehouse::pki
