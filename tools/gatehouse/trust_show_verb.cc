// gatehouse trust show SHA256... | show --local --trust PATH... SHA256... | show --local [--trust PATH...] PATH...
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/document/trust_convert.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/local_trust.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/trust_client.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::document::v1;
using nlohmann::ordered_json;

std::string Word(std::string_view word) { return std::string(word); }
std::string Instant(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()); }

constexpr size_t kDigestDigits = 64;
constexpr size_t kMinDigits = 8;

struct ShowOptions {
  bool local = false;
  std::vector<std::string> trust;
  std::vector<std::string> things;  // digests, or files and folders
};

// Whose signature a list bears, and whether an anchor that was given stands behind it.
ordered_json SignerJson(const pki::ListSignature& signature, pki::CertificateRole role, const LocalTrust& trust) {
  const pki::ListSignerVerdict verdict = pki::JudgeListSigner(signature, role, *trust.store);
  ordered_json json = {{"verdict", Word(ToWord(verdict.state))},
                       {"holds_together", signature.verdict.ok()},
                       {"subject", signature.signer != nullptr ? signature.signer->subject.text() : ""},
                       {"issuer", signature.signer != nullptr ? signature.signer->issuer.text() : ""},
                       {"serial", signature.signer != nullptr ? signature.signer->serial_text() : ""},
                       {"anchor", nullptr},
                       {"reason", verdict.reason}};
  if (verdict.anchor != nullptr) {
    const auto source = trust.sources.find(verdict.anchor->fingerprint_text());
    json["anchor"] = {{"subject", verdict.anchor->subject.text()},
                      {"sha256", verdict.anchor->fingerprint_text()},
                      {"source", source == trust.sources.end() ? "" : source->second}};
  }
  return json;
}

void AddSigner(ordered_json& json, const pki::ListSignature& signature, pki::CertificateRole role,
               const LocalTrust& trust) {
  json["signer"] = SignerJson(signature, role, trust);
  json["signing_time"] = signature.signing_time ? Instant(*signature.signing_time) : "";
}

ordered_json PkdSummary(const pki::TrustMaterial& material) {
  size_t nonconformant = 0;
  for (const auto& [fingerprint, mark] : material.pkd_marks) nonconformant += mark.conformance.nonconformant ? 1 : 0;
  const pki::PkdVersions& versions = material.pkd_versions;
  return {{"delta", versions.is_delta},
          {"first_version", versions.first().value_or(0)},
          {"last_version", versions.last().value_or(0)},
          {"nonconformant", nonconformant},
          {"deleted", material.pkd_deleted.size()}};
}

ordered_json MaterialJson(const pki::TrustMaterial& material, const LocalTrust& trust) {
  size_t listed = 0, deviations = 0, numbers = 0;
  for (const pki::MasterList& list : material.master_lists) listed += list.certificates.size();
  for (const pki::DeviationListPtr& list : material.deviation_lists) {
    deviations += list->deviations.size();
    numbers += list->document_number_count();
  }
  ordered_json json = {{"input", material.name},
                       {"kind", Word(ToWord(material.kind))},
                       {"certificates", material.certificates.size() + listed},
                       {"crls", material.crls.size()},
                       {"master_lists", material.master_lists.size()},
                       {"deviation_lists", material.deviation_lists.size()},
                       {"deviations", deviations},
                       {"document_numbers", numbers},
                       {"signer", nullptr},
                       {"signing_time", ""},
                       {"pkd", nullptr},
                       {"skipped", material.reasons}};
  if (material.kind == pki::TrustFileKind::kPkdLdif) {
    json["pkd"] = PkdSummary(material);
  } else if (!material.master_lists.empty()) {
    AddSigner(json, material.master_lists[0].signature, pki::CertificateRole::kMasterListSigner, trust);
  } else if (!material.deviation_lists.empty()) {
    const bool defects = material.deviation_lists[0]->source == pki::DeviationSource::kDefectList;
    AddSigner(json, material.deviation_lists[0]->signature,
              defects ? pki::CertificateRole::kDefectListSigner : pki::CertificateRole::kDeviationListSigner, trust);
    ordered_json types = ordered_json::array();
    for (const pki::Deviation& deviation : material.deviation_lists[0]->deviations) {
      for (const pki::DeviationDescription& one : deviation.descriptions) {
        if (types.size() >= 100) break;
        types.push_back({{"type", Word(ToWord(one.type))},
                         {"oid", one.oid},
                         {"description", one.text},
                         {"document_numbers", deviation.documents.numbers.size()}});
      }
    }
    json["deviation_types"] = std::move(types);
  } else if (material.signer != pki::ListSigner::kAbsent) {
    json["signer"] = {{"verdict", Word(ToWord(material.signer))}};
  }
  return json;
}

void ShowFile(Context& context, const std::string& file, const LocalTrust& trust, Table& table) {
  const absl::StatusOr<std::string> content = ReadInput(file);
  ordered_json json;
  if (content.ok()) {
    const pki::TrustMaterial material = pki::ReadTrustMaterial(file, *content);
    if (material.empty() && material.pkd_deleted.empty()) {
      context.exit_code = std::max<int>(context.exit_code, kCheckSaysNo);
    }
    json = MaterialJson(material, trust);
  } else {
    context.Fail(content.status());
    json = {{"input", file}, {"kind", "unknown"}, {"error", std::string(content.status().message())}};
  }
  if (context.json) {
    *context.out << JsonLine(json) << "\n";
    return;
  }
  const ordered_json signer = json.value("signer", ordered_json());
  const auto count = [&](const char* name) { return absl::StrCat(json.value(name, 0)); };
  table.Add({file, json["kind"], count("certificates"), count("crls"), count("deviations"), count("document_numbers"),
             signer.is_object() ? signer.value("verdict", "") : "",
             signer.is_object() ? signer.value("subject", "") : "",
             json.contains("skipped") ? absl::StrCat(json["skipped"].size()) : ""});
}

void ShowFiles(Context& context, const ShowOptions& options) {
  const absl::StatusOr<LocalTrust> trust = ReadLocalTrust(context, options.trust);
  if (!trust.ok()) return context.Fail(trust.status());
  Table table({"file", "kind", "certificates", "crls", "deviations", "numbers", "signer", "signed by", "skipped"});
  for (const std::string& path : options.things) {
    const absl::StatusOr<std::vector<std::string>> files = ListInput(path);
    if (!files.ok()) {
      context.Fail(files.status());
      if (context.json) {
        const std::string reason(files.status().message());
        *context.out << JsonLine({{"input", path}, {"kind", "unknown"}, {"error", reason}}) << "\n";
      }
      continue;
    }
    for (const std::string& file : *files) ShowFile(context, file, *trust, table);
  }
  if (!context.json) table.Print(*context.out, context.colour);
}

std::string VersionWords(const pb::TrustElement& element) {
  return absl::StrJoin(element.versions(), ", ", [](std::string* out, const pb::TrustVersionRange& range) {
    absl::StrAppend(out, range.first(), range.last() == range.first() ? "" : " to ");
    if (range.last() == 0) absl::StrAppend(out, "now");
    if (range.last() > range.first()) absl::StrAppend(out, range.last());
  });
}

void PrintElement(Context& context, const pb::TrustElement& element) {
  const ordered_json json = ToJson(element);
  if (context.json) {
    *context.out << JsonLine(json) << "\n";
    return;
  }
  const pb::TrustEntry& entry = element.entry();
  const ordered_json& said = json.at("entry");
  const auto line = [&](const char* name, const std::string& value) {
    if (value.find_first_not_of(' ') == std::string::npos) return;
    *context.out << name << std::string(17 - std::string_view(name).size(), ' ') << value << "\n";
  };
  line("sha256", entry.sha256());
  line("kind", entry.kind());
  line("state", element.state());
  line("subject", entry.subject());
  line("issuer", entry.issuer());
  line("serial", entry.serial());
  line("validity", said.contains("not_before")
                       ? absl::StrCat(said.at("not_before").get<std::string>(), " to ", said.value("not_after", ""))
                       : "");
  line("key", element.key());
  line("signed with", element.signature_algorithm());
  if (entry.kind() == "crl") line("revoked", absl::StrCat(element.revoked()));
  line("chain", absl::StrCat(entry.chain(), entry.chain_reason().empty() ? "" : ": ", entry.chain_reason()));
  line("pkd",
       absl::StrCat(entry.nonconformant() ? "nc-data " : "", entry.conformance_code(), " ", entry.conformance_text()));
  line("source", entry.source());
  line("source sha256", entry.source_sha256());
  line("note", entry.source_note());
  line("imported by", entry.imported_by());
  line("imported at", said.value("import_time", ""));
  line("people", absl::StrJoin(element.people(), ", "));
  line("list signer", entry.signer() == "absent" ? "" : entry.signer());
  line("signed by", entry.signer_certificate());
  line("signer's anchor", entry.signer_anchor());
  line("superseded by", element.superseded_by());
  line("in use", VersionWords(element));
  for (size_t i = 0; i < static_cast<size_t>(element.events_size()); ++i) {
    const pb::TrustElementEvent& event = element.events(static_cast<int>(i));
    line(i == 0 ? "history" : "", absl::StrCat(json.at("events").at(i).value("time", ""), " ", event.what(), " by ",
                                               event.by(), event.note().empty() ? "" : ": ", event.note()));
  }
  *context.out << "\n";
}

// The first digits of a digest, as the table of `trust list` shows them.
bool IsBeginning(const std::string& thing) {
  return thing.size() >= kMinDigits && thing.size() < kDigestDigits &&
         std::all_of(thing.begin(), thing.end(), absl::ascii_isxdigit);
}

// The only one of the digests that begins so.
class Beginning {
 public:
  explicit Beginning(const std::string& digits) : digits_(absl::AsciiStrToLower(digits)) {}
  void Consider(const std::string& digest) {
    if (!absl::StartsWith(digest, digits_)) return;
    ++count_;
    digest_ = digest;
  }
  absl::StatusOr<std::string> Whole() const {
    if (count_ == 1) return digest_;
    if (count_ == 0) return absl::NotFoundError(absl::StrCat(digits_, ": nothing that is used begins so"));
    return absl::InvalidArgumentError(absl::StrCat(digits_, ": ", count_, " digests begin so; give more digits"));
  }

 private:
  const std::string digits_;
  int count_ = 0;
  std::string digest_;
};

// Nothing when there is no such one or no answer; the context has failed then.
std::optional<std::string> WholeDigest(Context& context, TrustStub& stub, const std::string& thing) {
  if (!IsBeginning(thing)) return thing;
  Beginning beginning(thing);
  const auto consider = [&](const pb::ListTrustResponse& page) {
    for (const pb::TrustEntry& entry : page.entries()) beginning.Consider(entry.sha256());
  };
  if (!EachTrustPage(context, stub, &TrustStub::ListTrust, pb::ListTrustRequest(), consider)) return std::nullopt;
  absl::StatusOr<std::string> whole = beginning.Whole();
  if (whole.ok()) return *std::move(whole);
  context.Fail(whole.status());
  return std::nullopt;
}

absl::StatusOr<std::string> WholeDigest(const pki::TrustSnapshot& content, const std::string& thing) {
  if (!IsBeginning(thing)) return thing;
  Beginning beginning(thing);
  for (uint32_t i = 0; i < content.size(); ++i) {
    beginning.Consider(pki::ToText(content.element(i).fingerprint));
  }
  return beginning.Whole();
}

void ShowElements(Context& context, const std::vector<std::string>& digests) {
  const auto stub = ConnectTrust(context);
  if (stub == nullptr) return;
  for (const std::string& thing : digests) {
    const std::optional<std::string> digest = WholeDigest(context, *stub, thing);
    if (!digest) continue;
    pb::GetTrustElementRequest request;
    request.set_sha256(*digest);
    pb::GetTrustElementResponse response;
    if (CallTrust(context, *stub, &TrustStub::GetTrustElement, request, response)) {
      PrintElement(context, response.element());
    }
  }
}

// "given": by files, which have no history.
void ShowElementsLocally(Context& context, const ShowOptions& options) {
  const absl::StatusOr<LocalTrust> trust = ReadLocalTrust(context, options.trust);
  if (!trust.ok()) return context.Fail(trust.status());
  const pki::TrustSnapshot& content = trust->store->content();
  for (const std::string& thing : options.things) {
    const absl::StatusOr<std::string> digest = WholeDigest(content, thing);
    if (!digest.ok()) {
      context.Fail(digest.status());
      continue;
    }
    const absl::StatusOr<pki::Fingerprint> fingerprint = pki::ParseFingerprint(*digest);
    const std::optional<uint32_t> index = fingerprint.ok() ? content.Find(*fingerprint) : std::nullopt;
    if (!index) {
      context.Fail(absl::NotFoundError(absl::StrCat(thing, ": in none of the files of --trust")));
      continue;
    }
    const pki::TrustElement element = content.element(*index);
    pb::TrustElement shown;
    document::ToProto(LocalEntry(*trust, *index), shown.mutable_entry());
    shown.mutable_entry()->clear_import_time();  // nobody imported it
    document::ToProto(document::DetailsOf(element.role, element.content), &shown);
    shown.set_state("given");
    PrintElement(context, shown);
  }
}

// A file may be called like a digest; then it is meant.
bool IsDigest(const std::string& thing) {
  std::error_code error;
  return (IsBeginning(thing) || pki::ParseFingerprint(thing).ok()) && !std::filesystem::exists(thing, error);
}

void Show(Context& context, const ShowOptions& options) {
  const auto digests = std::count_if(options.things.begin(), options.things.end(), IsDigest);
  if (!options.local) {
    if (!options.trust.empty()) return context.Fail(absl::InvalidArgumentError("trust show: --trust needs --local"));
    return ShowElements(context, options.things);
  }
  if (digests == 0) return ShowFiles(context, options);
  if (static_cast<size_t>(digests) < options.things.size()) {
    return context.Fail(absl::InvalidArgumentError("trust show: digests or files, not both at once"));
  }
  ShowElementsLocally(context, options);
}

}  // namespace

void AddTrustShowVerb(CLI::App& trust, Context& context) {
  CLI::App* verb = AddVerb(trust, "show", "One element with its history, by digest; with --local what files hold");
  const auto options = std::make_shared<ShowOptions>();
  verb->add_flag("--local", options->local, "Here, without a server");
  verb->add_option("--trust", options->trust,
                   "With --local: files to look the digests up in, and anchors that the signers of lists are judged by")
      ->allow_extra_args(false);
  verb->add_option("SHA256", options->things,
                   "Digests, or their first digits as `trust list` shows them; or files and folders")
      ->required();
  verb->callback([&context, options] { Show(context, *options); });
}

}  // namespace gatehouse::cli
