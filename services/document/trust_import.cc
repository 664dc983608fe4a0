#include "services/document/trust_import.h"

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>

#include "absl/strings/ascii.h"
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
  Planner(const pki::TrustStore& used, const std::set<pki::Fingerprint>& waiting, const pki::PkdHeld& held,
          const pki::ProgressListener& progress)
      : used_(used), content_(used.content()), waiting_(waiting), held_(held), progress_(progress) {}

  TrustPlan Plan(const std::vector<NamedContent>& files) {
    const pki::PkdHeld before = held_;
    for (const NamedContent& file : files) AddFile(file);
    if (!(held_ == before)) plan_.change.pkd_held = held_;
    for (const auto& [fingerprint, pending] : removals_) {
      plan_.change.removals.push_back({.fingerprint = fingerprint, .pending = pending});
      plan_.change.pending += pending ? 1 : 0;
    }
    for (const TrustAddition& addition : plan_.change.additions) plan_.change.pending += addition.pending ? 1 : 0;
    return std::move(plan_);
  }

 private:
  void AddFile(const NamedContent& file) {
    result_ = {.name = file.name, .kind = pki::ClassifyTrustFile(pki::AsBytes(file.content))};
    result_.sha256 = pki::ToText(pki::FingerprintOf(pki::AsBytes(file.content)));
    source_ = static_cast<uint32_t>(plan_.change.sources.size());
    plan_.change.sources.push_back({.name = file.name, .sha256 = result_.sha256});
    marked_sources_.clear();

    const bool is_directory = result_.kind == pki::TrustFileKind::kPkdLdif;
    const pki::PkdFile summary = is_directory ? pki::ReadPkdSummary(file.name, file.content) : pki::PkdFile();
    if (is_directory && !summary.versions.is_delta) {
      AddWholeDirectory(file, summary.entries);
    } else {
      const pki::TrustMaterial material = pki::ReadTrustMaterial(file.name, file.content);
      NoteFile(material);
      if (!is_directory || TakeVersion(material.pkd_versions)) {
        AddElements(material);
        AddDeviationLists(material, file);
      }
    }

    for (size_t i = source_; i < plan_.change.sources.size(); ++i) {
      pki::TrustSource& source = plan_.change.sources[i];
      source.list_signer = pki::ToWord(result_.signer);
      source.list_signer_certificate = result_.signer_certificate;
      source.list_signer_anchor = result_.signer_anchor;
    }
    plan_.results.push_back(std::move(result_));
  }

  void NoteFile(const pki::TrustMaterial& material) {
    result_.kind = material.kind;
    result_.signer = material.signer;
    result_.reasons.insert(result_.reasons.begin(), material.reasons.begin(), material.reasons.end());
    result_.rejected += static_cast<int>(material.reasons.size());
  }

  // A whole file takes nothing out, so nothing of it need be known before its entries are taken one by one.
  void AddWholeDirectory(const NamedContent& file, size_t entries) {
    bool is_empty = true;
    pki::ProgressStep step(progress_, "reading", entries);
    const pki::TrustMaterial rest =
        pki::WalkPkdMaterial(file.name, file.content, [&](const pki::TrustMaterial& one, pki::Bytes der) {
          is_empty = false;
          AddElements(one);
          for (const pki::DeviationListPtr& list : one.deviation_lists) AddDeviationList(*list, der);
          step.Done();
        });
    NoteFile(rest);
    // One of which nothing can be used is not held.
    if (!is_empty) TakeVersion(rest.pkd_versions);
  }

  void AddElements(const pki::TrustMaterial& material) {
    marks_ = &material.pkd_marks;
    if (material.pkd_versions.is_delta) TakeOutDeleted(material);
    for (const pki::MasterList& list : material.master_lists) AddMasterList(list);
    for (const pki::CertificatePtr& certificate : material.certificates) {
      AddCertificate(certificate, material.pkd_versions.is_delta);
    }
    for (const pki::CrlPtr& crl : material.crls) AddCrl(*crl);
    for (const auto& [fingerprint, mark] : material.pkd_marks) {
      planned_names_[KeyOf(mark.dn)] = *pki::ParseFingerprint(fingerprint);
    }
    marks_ = nullptr;
  }

  // False when the file is a delta that does not follow.
  bool TakeVersion(const pki::PkdVersions& versions) {
    const absl::Status follows = held_.MayTake(versions);
    if (!follows.ok()) {
      result_.reasons.insert(result_.reasons.begin(), std::string(follows.message()));
      ++result_.rejected;
      return false;
    }
    held_.Take(versions);
    result_.pkd_version = held_.VersionOf(versions).value_or(0);
    return true;
  }

  void TakeOutDeleted(const pki::TrustMaterial& delta) {
    std::vector<std::string> unknown;
    for (const std::string& dn : delta.pkd_deleted) {
      if (TakeOutPlanned(dn)) {
        ++result_.deleted;
      } else if (!TakeOutUsed(dn)) {
        unknown.push_back(dn);
      }
    }
    // Also a signer that changes under its name, when it came in this import. Lists are weighed by AddCrl alone.
    for (const auto& [fingerprint, mark] : delta.pkd_marks) {
      const auto planned = planned_names_.find(KeyOf(mark.dn));
      if (mark.container == "crl") continue;
      if (planned != planned_names_.end() && pki::ToText(planned->second) != fingerprint) TakeOutPlanned(mark.dn);
    }
    if (unknown.empty()) return;
    result_.reasons.push_back(
        absl::StrCat(unknown.size(), " deleted entries name nothing that is used, the first: ", unknown.front()));
  }

  // A directory has tens of thousands of names.
  static pki::Fingerprint KeyOf(const std::string& dn) {
    const std::string folded = absl::AsciiStrToLower(dn);
    return pki::FingerprintOf(pki::AsBytes(folded));
  }

  // What an earlier file of this import brought.
  bool TakeOutPlanned(const std::string& dn) {
    const auto planned = planned_names_.find(KeyOf(dn));
    if (planned == planned_names_.end()) return false;
    const pki::Fingerprint fingerprint = planned->second;
    planned_names_.erase(planned);
    auto& additions = plan_.change.additions;
    const auto addition = std::find_if(additions.begin(), additions.end(),
                                       [&](const TrustAddition& one) { return one.fingerprint == fingerprint; });
    if (addition == additions.end()) return false;  // it was known already
    if (addition->replaces) removals_[*addition->replaces] = addition->role == TrustRole::kCrl;
    additions.erase(addition);
    seen_.erase(fingerprint);
    return true;
  }

  bool TakeOutUsed(const std::string& dn) {
    const absl::StatusOr<pki::PkdName> name = pki::ParsePkdName(dn);
    if (!name.ok()) return false;
    const bool is_list = name->container == "crl";
    const std::vector<pki::Fingerprint> meant = is_list ? CrlsUnder(*name) : SignersUnder(name->issuer, name->serial);
    for (const pki::Fingerprint& fingerprint : meant) {
      // Without its list a revoked signer may seem good.
      if (removals_.emplace(fingerprint, is_list).second) ++result_.deleted;
    }
    return !meant.empty();
  }

  std::vector<pki::Fingerprint> SignersUnder(const std::vector<std::string>& issuer, std::string_view serial) const {
    std::vector<pki::Fingerprint> found;
    if (serial.empty()) return found;
    for (const pki::CertificatePtr& signer : used_.SignersOfSerial(pki::AsBytes(serial))) {
      const pki::Fingerprint fingerprint = pki::FingerprintOf(pki::Bytes(signer->der));
      const std::optional<uint32_t> held = content_.Find(fingerprint);
      if (held && content_.element(*held).role == TrustRole::kSigner &&
          pki::NameValues(signer->issuer.text()) == issuer) {
        found.push_back(fingerprint);
      }
    }
    return found;
  }

  std::vector<pki::Fingerprint> CrlsUnder(const pki::PkdName& name) {
    if (crls_.empty()) {
      for (uint32_t i = 0; i < content_.size(); ++i) {
        const pki::TrustElement element = content_.element(i);
        if (element.role != TrustRole::kCrl) continue;
        const absl::StatusOr<pki::CrlPtr> crl = pki::CertificateRevocationList::Parse(element.content);
        if (crl.ok()) crls_[pki::NameValues((*crl)->issuer.text())].push_back(element.fingerprint);
      }
    }
    const auto found = crls_.find(name.issuer);
    return found == crls_.end() ? std::vector<pki::Fingerprint>() : found->second;
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
      if (!NamesItsState(*certificate)) continue;
      Add(TrustRole::kAnchor, certificate->der, /*pending=*/true);
    }
  }

  // Doc 9303-12 section 7.1.1: an authority's subject has a country. One without is of another trade, a web server's
  // for one, and would vouch for passports.
  bool NamesItsState(const pki::Certificate& authority) {
    if (!authority.subject.country().empty()) return true;
    result_.reasons.push_back(absl::StrCat("authority refused: its subject names no country: ", Describe(authority)));
    ++result_.rejected;
    return false;
  }

  void AddCertificate(const pki::CertificatePtr& certificate, bool replaces_its_name) {
    const bool is_authority = pki::TrustStore::Builder::IsAuthority(*certificate);
    if (is_authority && !NamesItsState(*certificate)) return;
    if (!is_authority) {
      std::optional<pki::Fingerprint> replaces;
      if (replaces_its_name) {
        for (const pki::Fingerprint& held :
             SignersUnder(pki::NameValues(certificate->issuer.text()), pki::AsText(certificate->serial))) {
          if (held != pki::FingerprintOf(pki::Bytes(certificate->der))) replaces = held;
        }
      }
      Add(TrustRole::kSigner, certificate->der, /*pending=*/false, replaces);
    } else if (pki::IsSelfSigned(*certificate)) {
      Add(TrustRole::kAnchor, certificate->der, /*pending=*/true);
    } else {
      Add(TrustRole::kLink, certificate->der, !used_.LeadsToAnchor(certificate));
    }
  }

  // A list takes the place of an earlier one that the same key signed; a namesake's is none of its business.
  void AddCrl(const pki::CertificateRevocationList& crl) {
    const pki::CertificatePtr signer = used_.SignerOf(crl);
    std::optional<pki::Fingerprint> replaces;
    for (const uint32_t index : content_.CrlsOfIssuer(crl.issuer)) {
      const pki::TrustElement held = content_.element(index);
      const pki::CertificatePtr other_signer = used_.SignerOfCrl(index);
      const bool same_key = signer != nullptr && other_signer != nullptr &&
                            pki::Equal(signer->subject_public_key_info, other_signer->subject_public_key_info);
      const auto other = same_key ? pki::CertificateRevocationList::Parse(held.content)
                                  : absl::StatusOr<pki::CrlPtr>(absl::NotFoundError("of another key"));
      if (!other.ok() || !((*other)->issuer == crl.issuer)) continue;
      if (crl.this_update < (*other)->this_update && (*other)->Supersedes(crl)) {
        result_.reasons.push_back("revocation list skipped: a newer one of this issuer is held");
        ++result_.rejected;
        return;
      }
      if ((*other)->this_update < crl.this_update && crl.Supersedes(**other)) replaces = held.fingerprint;
    }
    Add(TrustRole::kCrl, crl.der, signer == nullptr, replaces);
  }

  // It tolerates what would else be a fault, so two people accept it.
  void AddDeviationList(const pki::DeviationList& list, pki::Bytes der) {
    NoteSigner(list.signature,
               IsOfState(list) ? pki::CertificateRole::kDeviationListSigner : pki::CertificateRole::kDefectListSigner);
    Add(IsOfState(list) ? TrustRole::kDeviationList : TrustRole::kDefectTable, {der.begin(), der.end()},
        /*pending=*/true);
  }

  // A list does not hold the bytes it was read from.
  void AddDeviationLists(const pki::TrustMaterial& material, const NamedContent& file) {
    if (material.deviation_lists.empty()) return;
    if (material.kind == pki::TrustFileKind::kPkdLdif) {
      pki::WalkPkdMaterial(file.name, file.content, [&](const pki::TrustMaterial& one, pki::Bytes der) {
        for (const pki::DeviationListPtr& list : one.deviation_lists) AddDeviationList(*list, der);
      });
      return;
    }
    const auto objects = pki::ReadTrustObjects(pki::AsBytes(file.content));
    if (!objects.ok()) return;
    for (const pki::DeviationListPtr& list : material.deviation_lists) {
      for (const std::vector<uint8_t>& object : *objects) {
        if (!pki::Equal(pki::FingerprintOf(object), list->fingerprint.bytes())) continue;
        AddDeviationList(*list, object);
        break;
      }
    }
  }
  static bool IsOfState(const pki::DeviationList& list) { return list.source == pki::DeviationSource::kDeviationList; }

  void Add(TrustRole role, const std::vector<uint8_t>& der, bool pending,
           std::optional<pki::Fingerprint> replaces = std::nullopt) {
    const pki::Fingerprint fingerprint = pki::FingerprintOf(pki::Bytes(der));
    const std::optional<uint32_t> held = content_.Find(fingerprint);
    removals_.erase(fingerprint);  // deleted and there again
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
                                      .source = SourceOf(fingerprint),
                                      .pending = pending,
                                      .replaces = replaces});
  }

  // The file at hand, with what the directory says of this one.
  uint32_t SourceOf(const pki::Fingerprint& fingerprint) {
    if (marks_ == nullptr) return source_;
    const auto mark = marks_->find(pki::ToText(fingerprint));
    if (mark == marks_->end() || mark->second.conformance.empty()) return source_;
    const auto next = static_cast<uint32_t>(plan_.change.sources.size());
    const auto [at, is_new] = marked_sources_.emplace(mark->second.conformance, next);
    if (is_new) {
      plan_.change.sources.push_back(plan_.change.sources[source_]);
      plan_.change.sources.back().pkd = mark->second.conformance;
    }
    return at->second;
  }

  const pki::TrustStore& used_;
  const pki::TrustSnapshot& content_;
  const std::set<pki::Fingerprint>& waiting_;
  std::set<pki::Fingerprint> seen_;
  pki::PkdHeld held_;
  const pki::ProgressListener& progress_;
  std::map<pki::Fingerprint, bool> removals_;                               // pending or not
  std::map<pki::Fingerprint, pki::Fingerprint> planned_names_;              // of this import, by KeyOf(DN)
  std::map<std::vector<std::string>, std::vector<pki::Fingerprint>> crls_;  // in use, by the values of the issuer
  TrustPlan plan_;
  TrustImportResult result_;
  // Of the file at hand.
  uint32_t source_ = 0;
  std::map<pki::PkdConformance, uint32_t> marked_sources_;
  const std::unordered_map<std::string, pki::PkdMark>* marks_ = nullptr;
};

}  // namespace

TrustPlan PlanImport(const std::vector<NamedContent>& files, const pki::TrustStore& used,
                     const std::set<pki::Fingerprint>& waiting, const pki::PkdHeld& held,
                     const pki::ProgressListener& progress) {
  return Planner(used, waiting, held, progress).Plan(files);
}

}  // namespace gatehouse::document
