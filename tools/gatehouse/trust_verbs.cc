// gatehouse trust import PATH... | accept ID | reject ID | pending | diff ID | versions | remove SHA256... | export
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/trust_client.h"
#include "tools/gatehouse/trust_progress.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::document::v1;
using Stub = TrustStub;
using nlohmann::ordered_json;

// How many bytes one call may carry; the service refuses more.
constexpr size_t kMaxImportBytes = 60 * 1024 * 1024;
constexpr size_t kShownHexDigits = 16;

absl::StatusOr<pb::ImportTrustRequest> ReadTrustFiles(const std::vector<std::string>& paths) {
  pb::ImportTrustRequest request;
  request.set_request_id(NewRequestId());
  size_t bytes = 0;
  for (const std::string& path : paths) {
    absl::StatusOr<std::vector<std::string>> files = ListInput(path);
    if (!files.ok()) return files.status();
    for (const std::string& file : *files) {
      absl::StatusOr<std::string> content = ReadInput(file);
      if (!content.ok()) return content.status();
      bytes += content->size();
      if (bytes > kMaxImportBytes) {
        return absl::InvalidArgumentError(
            absl::StrCat(file, ": more than ", kMaxImportBytes, " bytes in one import; import the rest by another"));
      }
      pb::TrustFile* entry = request.add_files();
      entry->set_name(std::filesystem::path(file).filename());
      entry->set_content(*std::move(content));
    }
  }
  return request;
}

void Import(Context& context, const std::vector<std::string>& paths, const std::string& note) {
  absl::StatusOr<pb::ImportTrustRequest> request = ReadTrustFiles(paths);
  if (!request.ok()) return context.Fail(request.status());
  request->set_note(note);
  const auto stub = ConnectTrust(context);
  if (stub == nullptr) return;
  if (request->files_size() > 1) *context.err << "importing " << request->files_size() << " files\n";
  pb::ImportTrustResponse response;
  {
    const TrustProgressWatch watch(context, *stub);
    if (!CallTrust(context, *stub, &Stub::ImportTrust, *request, response)) return;
  }
  Table table({"file", "kind", "signer", "accepted", "pending", "known", "rejected", "reasons"});
  for (const pb::TrustImportResult& result : response.results()) {
    // A file of which nothing could be used is a no; single broken elements of a list are reported and skipped. A delta
    // of the directory that only deletes, or changes nothing, is taken all the same.
    const bool is_taken = result.accepted() + result.already_known() + result.deleted() > 0 ||
                          (result.pkd_version() > 0 && result.rejected() == 0);
    if (!is_taken) context.exit_code = kCheckSaysNo;
    if (context.json) {
      ordered_json line = ToJson(result);
      line["import_id"] = response.import_id();
      *context.out << JsonLine(line) << "\n";
    } else {
      table.Add({result.name(), result.kind(), result.signer(), absl::StrCat(result.accepted()),
                 absl::StrCat(result.pending()), absl::StrCat(result.already_known()), absl::StrCat(result.rejected()),
                 result.reasons_size() == 0 ? "" : result.reasons(0)});
    }
  }
  if (!context.json) {
    table.Print(*context.out, context.colour);
    *context.out << "trust store version " << response.trust_version() << "\n";
  }
  if (response.pending() > 0) {
    *context.err << response.pending() << " elements wait for a second person: gatehouse trust diff "
                 << response.import_id() << ", then gatehouse trust accept " << response.import_id() << "\n";
  }
}

void PrintImports(Context& context, const std::vector<pb::TrustImport>& imports) {
  Table table({"import", "kind", "state", "pending", "by", "accepted by", "time", "note"});
  for (const pb::TrustImport& import : imports) {
    const ordered_json json = ToJson(import);
    if (context.json) {
      *context.out << JsonLine(json) << "\n";
    } else {
      table.Add({import.import_id(), import.kind(), EnumWord(import, "state"), absl::StrCat(import.pending()),
                 import.imported_by(), absl::StrJoin(import.accepted_by(), ", "), json.value("import_time", ""),
                 import.note()});
    }
  }
  if (!context.json) table.Print(*context.out, context.colour);
}

void Accept(Context& context, const std::vector<std::string>& ids) {
  const auto stub = ConnectTrust(context);
  if (stub == nullptr) return;
  std::vector<pb::TrustImport> accepted;
  for (const std::string& id : ids) {
    pb::AcceptTrustRequest request;
    request.set_request_id(NewRequestId());
    request.set_import_id(id);
    pb::AcceptTrustResponse response;
    const TrustProgressWatch watch(context, *stub);
    if (CallTrust(context, *stub, &Stub::AcceptTrust, request, response)) accepted.push_back(response.import());
  }
  PrintImports(context, accepted);
}

void Reject(Context& context, const std::string& id, const std::string& reason) {
  const auto stub = ConnectTrust(context);
  if (stub == nullptr) return;
  pb::RejectTrustRequest request;
  request.set_request_id(NewRequestId());
  request.set_import_id(id);
  request.set_reason(reason);
  pb::RejectTrustResponse response;
  if (CallTrust(context, *stub, &Stub::RejectTrust, request, response)) PrintImports(context, {response.import()});
}

void Remove(Context& context, const std::vector<std::string>& sha256, const std::string& reason) {
  const auto stub = ConnectTrust(context);
  if (stub == nullptr) return;
  pb::RemoveTrustRequest request;
  request.set_request_id(NewRequestId());
  for (const std::string& one : sha256) request.add_sha256(one);
  request.set_reason(reason);
  pb::RemoveTrustResponse response;
  if (CallTrust(context, *stub, &Stub::RemoveTrust, request, response)) PrintImports(context, {response.import()});
}

void Imports(Context& context, bool pending_only) {
  const auto stub = ConnectTrust(context);
  if (stub == nullptr) return;
  std::vector<pb::TrustImport> imports;
  pb::ListTrustImportsRequest request;
  request.set_pending_only(pending_only);
  EachTrustPage(context, *stub, &Stub::ListTrustImports, request, [&](const pb::ListTrustImportsResponse& page) {
    imports.insert(imports.end(), page.imports().begin(), page.imports().end());
  });
  if (context.exit_code == kDone) PrintImports(context, imports);
}

void Diff(Context& context, const std::string& id) {
  const auto stub = ConnectTrust(context);
  if (stub == nullptr) return;
  Table table({"change", "state", "kind", "country", "subject or issuer", "sha256", "list signer", "signer's anchor"});
  pb::DiffTrustRequest request;
  request.set_import_id(id);
  EachTrustPage(context, *stub, &Stub::DiffTrust, request, [&](const pb::DiffTrustResponse& page) {
    for (const pb::TrustDifference& difference : page.differences()) {
      const pb::TrustEntry& entry = difference.entry();
      if (context.json) {
        *context.out << JsonLine(ToJson(difference)) << "\n";
      } else {
        table.Add({difference.change(), difference.pending() ? "pending" : "used", entry.kind(), entry.country(),
                   entry.subject().empty() ? entry.issuer() : entry.subject(),
                   entry.sha256().substr(0, kShownHexDigits), entry.signer(), entry.signer_anchor()});
      }
    }
  });
  if (!context.json && context.exit_code == kDone) table.Print(*context.out, context.colour);
}

void Versions(Context& context) {
  const auto stub = ConnectTrust(context);
  if (stub == nullptr) return;
  Table table({"version", "digest", "time", "cause", "by", "added", "removed", "import"});
  EachTrustPage(context, *stub, &Stub::ListTrustVersions, pb::ListTrustVersionsRequest(),
                [&](const pb::ListTrustVersionsResponse& page) {
                  for (const pb::TrustVersion& version : page.versions()) {
                    const ordered_json json = ToJson(version);
                    if (context.json) {
                      *context.out << JsonLine(json) << "\n";
                    } else {
                      table.Add({absl::StrCat(version.number()), version.trust_version().substr(0, kShownHexDigits),
                                 json.value("time", ""), version.cause(), version.by(), absl::StrCat(version.added()),
                                 absl::StrCat(version.removed()), version.import_id()});
                    }
                  }
                });
  if (!context.json && context.exit_code == kDone) table.Print(*context.out, context.colour);
}

void ImportPack(Context& context, const std::string& path) {
  absl::StatusOr<std::string> content = ReadInput(path);
  if (!content.ok()) return context.Fail(content.status());
  const auto stub = ConnectTrust(context);
  if (stub == nullptr) return;
  pb::ImportTrustPackRequest request;
  request.set_request_id(NewRequestId());
  request.set_pack(*std::move(content));
  pb::ImportTrustPackResponse response;
  {
    const TrustProgressWatch watch(context, *stub);
    if (!CallTrust(context, *stub, &Stub::ImportTrustPack, request, response)) return;
  }
  if (context.json) {
    *context.out << JsonLine(ToJson(response)) << "\n";
  } else {
    *context.out << "pack version " << response.version_number() << " of " << response.signer_certificate() << ": "
                 << response.added() << " added, " << response.removed() << " removed\ntrust store version "
                 << response.trust_version() << "\n";
  }
}

void ExportPack(Context& context, const std::string& path, bool omit_signers) {
  const auto stub = ConnectTrust(context);
  if (stub == nullptr) return;
  pb::ExportTrustPackRequest request;
  request.set_omit_signers(omit_signers);
  pb::ExportTrustPackResponse response;
  if (!CallTrust(context, *stub, &Stub::ExportTrustPack, request, response)) return;
  std::ofstream file(path, std::ios::binary);
  if (!file.write(response.pack().data(), static_cast<std::streamsize>(response.pack().size())).flush()) {
    return context.Fail(absl::InvalidArgumentError(absl::StrCat(path, ": cannot be written")));
  }
  if (context.json) {
    *context.out << JsonLine(ToJson(response)) << "\n";
  } else {
    *context.out << path << ": " << response.pack().size() << " bytes, version " << response.version_number() << ", "
                 << response.trust_version() << "\n";
  }
}

// clang-format takes a variable named `import` for a module, hence the longer names.
void AddImport(CLI::App& trust, Context& context) {
  CLI::App* verb = AddVerb(trust, "import", "Import certificates, lists and CRLs from files and folders, or a pack");
  const auto paths = std::make_shared<std::vector<std::string>>();
  const auto note = std::make_shared<std::string>();
  const auto pack = std::make_shared<std::string>();
  CLI::Option* files = verb->add_option("PATH", *paths, "Files or folders");
  verb->add_option("--note", *note, "Where they are from, in your words; kept with every element");
  verb->add_option("--pack", *pack, "A pack that a centre exported: what is used here becomes what it says")
      ->excludes(files);
  verb->callback([&context, paths, note, pack] {
    if (!pack->empty()) return ImportPack(context, *pack);
    if (paths->empty()) return context.Fail(absl::InvalidArgumentError("give PATH... or --pack FILE"));
    Import(context, *paths, *note);
  });
}

void AddExport(CLI::App& trust, Context& context) {
  CLI::App* verb = AddVerb(trust, "export", "Write what is used now as a signed pack for posts");
  const auto path = std::make_shared<std::string>();
  const auto omit_signers = std::make_shared<bool>(false);
  verb->add_option("--pack", *path, "File to write")->required();
  verb->add_flag("--omit-signers", *omit_signers, "Without the signers known for look-up: smaller by far");
  verb->callback([&context, path, omit_signers] { ExportPack(context, *path, *omit_signers); });
}

void AddDecisions(CLI::App& trust, Context& context) {
  CLI::App* accept =
      AddVerb(trust, "accept", "Stand behind another person's import: its anchors are used from then on");
  const auto accepted = std::make_shared<std::vector<std::string>>();
  accept->add_option("IMPORT", *accepted, "Ids, as `trust pending` shows them")->required();
  accept->callback([&context, accepted] { Accept(context, *accepted); });

  CLI::App* reject = AddVerb(trust, "reject", "Refuse what waits of an import");
  const auto rejected = std::make_shared<std::string>();
  const auto reason = std::make_shared<std::string>();
  reject->add_option("IMPORT", *rejected, "Its id")->required();
  reject->add_option("--reason", *reason, "Why")->required();
  reject->callback([&context, rejected, reason] { Reject(context, *rejected, *reason); });

  CLI::App* remove = AddVerb(trust, "remove", "Take elements out of use; to use one again needs two people");
  const auto removed = std::make_shared<std::vector<std::string>>();
  remove->add_option("SHA256", *removed, "As `trust list --json` shows them")->required();
  remove->add_option("--reason", *reason, "Why")->required();
  remove->callback([&context, removed, reason] { Remove(context, *removed, *reason); });
}

void AddLooks(CLI::App& trust, Context& context) {
  CLI::App* pending = AddVerb(trust, "pending", "Imports that wait for a second person");
  const auto all = std::make_shared<bool>(false);
  pending->add_flag("--all", *all, "Also those that are decided");
  pending->callback([&context, all] { Imports(context, !*all); });

  CLI::App* diff = AddVerb(trust, "diff", "What an import changes: what is new, replaced, removed, and what waits");
  const auto id = std::make_shared<std::string>();
  diff->add_option("IMPORT", *id, "Its id")->required();
  diff->callback([&context, id] { Diff(context, *id); });

  CLI::App* versions = AddVerb(trust, "versions", "What was used when, the newest first");
  versions->callback([&context] { Versions(context); });
}

}  // namespace

void AddTrustVerbs(CLI::App& app, Context& context) {
  CLI::App* trust = AddVerb(app, "trust", "The trust store: certificates, lists, revocation lists, packs");
  trust->require_subcommand(1);
  AddLocalTrustVerbs(*trust, context);
  AddTrustListVerb(*trust, context);
  AddTrustShowVerb(*trust, context);
  AddImport(*trust, context);
  AddExport(*trust, context);
  AddDecisions(*trust, context);
  AddLooks(*trust, context);
}

}  // namespace gatehouse::cli
