#include "services/document/trust.h"

#include <algorithm>
#include <utility>

#include "libs/base/status_macros.h"
#include "libs/pki/digest.h"

namespace gatehouse::document {
namespace {

TrustEntry CertificateEntry(const pki::Certificate& certificate, bool from_master_list) {
  TrustEntry entry;
  const bool authority = certificate.is_authority.value_or(false) || from_master_list;
  entry.kind = !authority ? "dsc" : certificate.self_issued() ? "csca" : "link";
  entry.country = certificate.subject.country();
  entry.subject = certificate.subject.text();
  entry.issuer = certificate.issuer.text();
  entry.serial = certificate.serial_text();
  entry.sha256 = certificate.fingerprint_text();
  entry.not_before = certificate.not_before;
  entry.not_after = certificate.not_after;
  return entry;
}

TrustEntry CrlEntry(const pki::CertificateRevocationList& crl) {
  TrustEntry entry;
  entry.kind = "crl";
  entry.country = crl.issuer.country();
  entry.issuer = crl.issuer.text();
  entry.sha256 = pki::ToHex(crl.fingerprint.bytes());
  entry.not_before = crl.this_update;
  entry.not_after = crl.next_update;
  return entry;
}

}  // namespace

Trust::Trust(Deps deps) : deps_(deps) { snapshot_.store = pki::TrustStore::Builder().Build(); }

absl::Status Trust::Refresh() {
  std::lock_guard import_lock(import_mutex_);
  int64_t newest = 0;
  std::vector<std::shared_ptr<const Imported>> imported;
  {
    std::lock_guard lock(mutex_);
    imported = imported_;
  }
  for (const auto& item : imported) newest = std::max(newest, item->file.import_number);
  GH_ASSIGN_OR_RETURN(std::vector<TrustFile> files, deps_.repository.LoadSince(newest));
  if (files.empty()) return absl::OkStatus();
  for (TrustFile& file : files) {
    auto item = std::make_shared<Imported>();
    item->material = pki::ReadTrustMaterial(file.name, file.content);
    file.content.clear();
    item->file = std::move(file);
    imported.push_back(std::move(item));
  }
  pki::TrustStore::Builder builder;
  TrustSnapshot snapshot;
  std::set<std::string> known;
  for (const auto& item : imported) {
    item->material.AddTo(builder);
    for (std::string& fingerprint : item->material.Fingerprints()) known.insert(std::move(fingerprint));
    snapshot.newest_import = std::max(snapshot.newest_import, item->file.imported_at);
  }
  snapshot.store = builder.Build();
  std::lock_guard lock(mutex_);
  imported_ = std::move(imported);
  known_ = std::move(known);
  snapshot_ = std::move(snapshot);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<TrustImportResult>> Trust::Import(const std::vector<NamedContent>& files,
                                                             const std::string& imported_by) {
  if (files.empty()) return absl::InvalidArgumentError("files: none given");
  std::vector<TrustImportResult> results;
  std::vector<TrustFile> accepted;
  std::set<std::string> known;
  {
    std::lock_guard lock(mutex_);
    known = known_;
  }
  for (const NamedContent& file : files) {
    const pki::TrustMaterial material = pki::ReadTrustMaterial(file.name, file.content);
    TrustImportResult result{.name = file.name, .kind = material.kind, .signer = material.signer};
    for (const std::string& fingerprint : material.Fingerprints()) {
      (known.insert(fingerprint).second ? result.accepted : result.already_known)++;
    }
    result.rejected = static_cast<int>(material.reasons.size());
    result.reasons = material.reasons;
    if (result.accepted > 0) {
      accepted.push_back(
          {.name = file.name,
           .content = file.content,
           .sha256 = pki::ToHex(pki::ComputeDigest(pki::Digest::kSha256, pki::AsBytes(file.content)).bytes()),
           .imported_by = imported_by,
           .imported_at = deps_.clock.Now()});
    }
    results.push_back(std::move(result));
  }
  if (!accepted.empty()) {
    GH_RETURN_IF_ERROR(deps_.repository.Save(accepted));
    GH_RETURN_IF_ERROR(Refresh());
  }
  return results;
}

TrustSnapshot Trust::snapshot() const {
  std::lock_guard lock(mutex_);
  return snapshot_;
}

std::vector<TrustEntry> Trust::List() const {
  std::vector<std::shared_ptr<const Imported>> imported;
  {
    std::lock_guard lock(mutex_);
    imported = imported_;
  }
  std::vector<TrustEntry> entries;
  for (const auto& item : imported) {
    const size_t first = entries.size();
    for (const auto& certificate : item->material.certificates)
      entries.push_back(CertificateEntry(*certificate, false));
    for (const pki::MasterList& list : item->material.master_lists) {
      for (const auto& certificate : list.certificates) entries.push_back(CertificateEntry(*certificate, true));
    }
    for (const auto& crl : item->material.crls) entries.push_back(CrlEntry(*crl));
    for (size_t i = first; i < entries.size(); ++i) {
      entries[i].source = item->file.name;
      entries[i].imported_by = item->file.imported_by;
      entries[i].imported_at = item->file.imported_at;
    }
  }
  return entries;
}

}  // namespace gatehouse::document
