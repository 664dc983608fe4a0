#include "tools/gatehouse/local_trust.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/status_macros.h"
#include "libs/pki/certificate_check.h"
#include "libs/pki/pkd_held.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/progress_bar.h"

namespace gatehouse::cli {
namespace {

// The Public Key Directory as far as it has been read: whole files, with their deltas applied.
class Directory {
 public:
  // OK when the file was taken in; else why it does not follow what is held.
  absl::Status Take(pki::TrustMaterial& material) {
    GH_RETURN_IF_ERROR(versions_.MayTake(material.pkd_versions));
    if (material.pkd_versions.is_delta) {
      for (pki::TrustMaterial* held : held_) pki::ApplyDelta(material, *held);
    }
    held_.push_back(&material);
    versions_.Take(material.pkd_versions);
    return absl::OkStatus();
  }

 private:
  std::vector<pki::TrustMaterial*> held_;
  pki::PkdHeld versions_;
};

struct Input {
  std::string file;
  bool is_alone;         // named by itself, not found in a folder
  bool is_list = false;  // named as a revocation list
};

absl::Status AddInputs(const std::vector<std::string>& paths, bool are_lists, std::vector<Input>& inputs) {
  for (const std::string& path : paths) {
    GH_ASSIGN_OR_RETURN(const std::vector<std::string> files, ListInput(path));
    for (const std::string& file : files) inputs.push_back({file, files.size() == 1, are_lists && file == path});
  }
  return absl::OkStatus();
}

// A revocation list by its kind or its name, of which something cannot be read.
bool LacksList(const pki::TrustMaterial& material) {
  if (material.kind == pki::TrustFileKind::kRevocationList) return !material.reasons.empty();
  return material.kind == pki::TrustFileKind::kUnknown && absl::EndsWithIgnoreCase(material.name, ".crl");
}

absl::StatusOr<std::vector<pki::TrustMaterial>> ReadMaterials(Context& context, const std::vector<std::string>& paths,
                                                              const std::vector<std::string>& crls) {
  std::vector<Input> inputs;
  GH_RETURN_IF_ERROR(AddInputs(paths, /*are_lists=*/false, inputs));
  GH_RETURN_IF_ERROR(AddInputs(crls, /*are_lists=*/true, inputs));
  std::vector<pki::TrustMaterial> materials;
  ProgressBar bar(context);
  for (const Input& input : inputs) {
    bar.Show("reading", materials.size(), inputs.size());
    GH_ASSIGN_OR_RETURN(const std::string content, ReadInput(input.file));
    pki::TrustMaterial material = pki::ReadTrustMaterial(input.file, content);
    if (input.is_list && (material.crls.empty() || LacksList(material))) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--crl ", input.file, ": ", material.reasons.empty() ? "no revocation list" : material.reasons.front()));
    }
    for (const std::string& reason : material.reasons) {
      // A folder may hold other files beside: only what looked like trust material is worth a word.
      if (!input.is_alone && material.kind == pki::TrustFileKind::kUnknown && !LacksList(material)) continue;
      bar.Hide();
      *context.err << "gatehouse: " << input.file << ": " << reason << "\n";
    }
    materials.push_back(std::move(material));
  }
  return materials;
}

}  // namespace

absl::StatusOr<LocalTrust> ReadLocalTrust(Context& context, const std::vector<std::string>& paths,
                                          const std::vector<std::string>& crls) {
  GH_ASSIGN_OR_RETURN(std::vector<pki::TrustMaterial> materials, ReadMaterials(context, paths, crls));
  const auto refuse = [&](const std::string& name, const absl::Status& why) {
    *context.err << "gatehouse: " << name << ": " << std::string(why.message()) << "\n";
  };
  Directory directory;
  for (pki::TrustMaterial& material : materials) {
    if (material.kind != pki::TrustFileKind::kPkdLdif) continue;
    const absl::Status taken = directory.Take(material);
    if (taken.ok()) continue;
    refuse(material.name, taken);
    material = {.name = material.name, .kind = material.kind};
  }
  LocalTrust trust;
  pki::TrustStore::Builder builder;
  pki::MissingTrust missing;
  for (pki::TrustMaterial& material : materials) {
    if (LacksList(material)) missing.lists = absl::StrCat(material.name, " cannot be read");
    for (const std::string& fingerprint : material.Fingerprints()) trust.sources.emplace(fingerprint, material.name);
    trust.pkd_marks.merge(material.pkd_marks);
    material.AddTo(builder);
  }
  trust.store = builder.Build();
  if (!missing.empty()) {
    const std::shared_ptr<const pki::TrustSnapshot> content(trust.store, &trust.store->content());
    GH_ASSIGN_OR_RETURN(trust.store, pki::TrustStore::Open(content, std::move(missing)));
  }
  // A deviation list is judged by all anchors that were given, wherever they stand in the order.
  for (const pki::TrustMaterial& material : materials) {
    for (const pki::DeviationListPtr& list : material.deviation_lists) {
      const absl::Status added = trust.deviations.Add(material.name, list, *trust.store);
      if (!added.ok()) refuse(material.name, added);
    }
  }
  return trust;
}

document::TrustEntry LocalEntry(const LocalTrust& trust, uint32_t index) {
  const pki::TrustElement element = trust.store->content().element(index);
  const std::string fingerprint = pki::ToText(element.fingerprint);
  pki::TrustSource source;
  if (const auto file = trust.sources.find(fingerprint); file != trust.sources.end()) source.name = file->second;
  if (const auto mark = trust.pkd_marks.find(fingerprint); mark != trust.pkd_marks.end()) {
    source.pkd = mark->second.conformance;
  }
  document::TrustEntry entry = document::EntryOf(element.role, element.content, source);
  if (element.role != pki::TrustRole::kSigner) return entry;
  if (const auto verdict = trust.store->Judge(element.content); verdict.ok()) {
    entry.chain = pki::ToWord((*verdict)->chain);
    entry.chain_reason = (*verdict)->reason;
  }
  return entry;
}

absl::StatusOr<absl::Time> ParseCheckTime(const std::string& at) {
  if (at.empty()) return absl::Now();
  absl::Time time;
  if (absl::ParseTime(absl::RFC3339_full, at, &time, nullptr)) return time;
  absl::CivilDay day;
  if (absl::ParseCivilTime(at, &day)) return absl::FromCivil(day, absl::UTCTimeZone());
  return absl::InvalidArgumentError("--at: give RFC 3339, like 2026-06-15T00:00:00Z, or a day, which begins in UTC");
}

}  // namespace gatehouse::cli
