#include "services/document/trust_import.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/pki/trust_snapshot.h"

namespace gatehouse::document {
namespace {

using pki::TrustRole;

std::string Describe(const pki::Certificate& certificate) {
  return absl::StrCat(certificate.subject.text(), " serial ", certificate.serial_text());
}

class Planner {
 public:
  Planner(const pki::TrustStore& used, const std::set<pki::Fingerprint>& waiting)
      : used_(used), content_(used.content()), waiting_(waiting) {}

  TrustPlan Plan(const std::vector<NamedContent>& files) {
    for (const NamedContent& file : files) AddFile(file);
    for (const TrustAddition& addition : plan_.change.additions) plan_.change.pending += addition.pending ? 1 : 0;
    return std::move(plan_);
  }

 private:
  void AddFile(const NamedContent& file) {
    const pki::TrustMaterial material = pki::ReadTrustMaterial(file.name, file.content);
    result_ = {.name = file.name, .kind = material.kind, .reasons = material.reasons, .signer = material.signer};
    result_.sha256 = pki::ToText(pki::FingerprintOf(pki::AsBytes(file.content)));
    result_.rejected = static_cast<int>(material.reasons.size());
    source_ = static_cast<uint32_t>(plan_.change.sources.size());
    plan_.change.sources.push_back({.name = file.name, .sha256 = result_.sha256});

    for (const pki::MasterList& list : material.master_lists) AddMasterList(list);
    for (const pki::CertificatePtr& certificate : material.certificates) AddCertificate(certificate);
    for (const pki::CrlPtr& crl : material.crls) AddCrl(*crl);
    AddDeviationLists(material, file.content);

    pki::TrustSource& source = plan_.change.sources[source_];
    source.list_signer = pki::ToWord(result_.signer);
    source.list_signer_certificate = result_.signer_certificate;
    source.list_signer_anchor = result_.signer_anchor;
    plan_.results.push_back(std::move(result_));
  }

  void NoteSigner(const pki::ListSignature& signature, pki::CertificateRole role) {
    if (signature.signer != nullptr) result_.signer_certificate = Describe(*signature.signer);
    const pki::ListSignerVerdict verdict = pki::JudgeListSigner(signature, role, used_);
    if (verdict.anchor != nullptr) result_.signer_anchor = Describe(*verdict.anchor);
  }

  // Whatever list brings a new anchor, two people accept it; what the list's signer leads to is what they look at.
  void AddMasterList(const pki::MasterList& list) {
    NoteSigner(list.signature, pki::CertificateRole::kMasterListSigner);
    for (const pki::CertificatePtr& certificate : list.certificates) {
      Add(TrustRole::kAnchor, certificate->der, /*pending=*/true);
    }
  }

  void AddCertificate(const pki::CertificatePtr& certificate) {
    if (!pki::TrustStore::Builder::IsAuthority(*certificate)) {
      Add(TrustRole::kSigner, certificate->der, /*pending=*/false);
    } else if (pki::IsSelfSigned(*certificate)) {
      Add(TrustRole::kAnchor, certificate->der, /*pending=*/true);
    } else {
      Add(TrustRole::kLink, certificate->der, !used_.LeadsToAnchor(certificate));
    }
  }

  void AddCrl(const pki::CertificateRevocationList& crl) {
    const bool well_signed = used_.IsWellSigned(crl);
    std::optional<pki::Fingerprint> replaces;
    for (const uint32_t index : content_.CrlsOfIssuer(crl.issuer)) {
      const pki::TrustElement held = content_.element(index);
      const absl::StatusOr<pki::CrlPtr> other = pki::CertificateRevocationList::Parse(held.content);
      if (!other.ok() || !((*other)->issuer == crl.issuer) || !content_.IsWellSigned(index) ||
          (*other)->authority_key_identifier != crl.authority_key_identifier) {
        continue;
      }
      if (crl.this_update < (*other)->this_update) {
        result_.reasons.push_back("revocation list skipped: a newer one of this issuer is held");
        ++result_.rejected;
        return;
      }
      if (well_signed && (*other)->fingerprint.octets != crl.fingerprint.octets) replaces = held.fingerprint;
    }
    Add(TrustRole::kCrl, crl.der, !well_signed, replaces);
  }

  // They tolerate what would else be a fault, so two people accept them.
  void AddDeviationLists(const pki::TrustMaterial& material, std::string_view content) {
    if (material.deviation_lists.empty()) return;
    const auto objects = pki::ReadTrustObjects(pki::AsBytes(content));
    if (!objects.ok()) return;
    for (const pki::DeviationListPtr& list : material.deviation_lists) {
      const bool by_state = list->source == pki::DeviationSource::kDeviationList;
      NoteSigner(list->signature,
                 by_state ? pki::CertificateRole::kDeviationListSigner : pki::CertificateRole::kDefectListSigner);
      for (const std::vector<uint8_t>& object : *objects) {
        if (!pki::Equal(pki::FingerprintOf(object), list->fingerprint.bytes())) continue;
        Add(by_state ? TrustRole::kDeviationList : TrustRole::kDefectTable, object, /*pending=*/true);
      }
    }
  }

  void Add(TrustRole role, const std::vector<uint8_t>& der, bool pending,
           std::optional<pki::Fingerprint> replaces = std::nullopt) {
    const pki::Fingerprint fingerprint = pki::FingerprintOf(pki::Bytes(der));
    const std::optional<uint32_t> held = content_.Find(fingerprint);
    const bool rises = held && role < content_.element(*held).role;
    if ((held && !rises) || waiting_.contains(fingerprint) || !seen_.insert(fingerprint).second) {
      ++result_.already_known;
      return;
    }
    const auto& removed = content_.removed();
    pending |= std::binary_search(removed.begin(), removed.end(), fingerprint);
    ++result_.accepted;
    result_.pending += pending ? 1 : 0;
    plan_.change.additions.push_back({.role = role,
                                      .content = std::string(pki::AsText(pki::Bytes(der))),
                                      .fingerprint = fingerprint,
                                      .source = source_,
                                      .pending = pending,
                                      .replaces = replaces});
  }

  const pki::TrustStore& used_;
  const pki::TrustSnapshot& content_;
  const std::set<pki::Fingerprint>& waiting_;
  std::set<pki::Fingerprint> seen_;
  TrustPlan plan_;
  TrustImportResult result_;
  uint32_t source_ = 0;
};

}  // namespace

TrustPlan PlanImport(const std::vector<NamedContent>& files, const pki::TrustStore& used,
                     const std::set<pki::Fingerprint>& waiting) {
  return Planner(used, waiting).Plan(files);
}

}  // namespace gatehouse::document
