// gatehouse document verify [--local] ... DIR...; mrz_verbs.cc has those about machine-readable zones, report_verbs.cc
// those about signed reports.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <future>
#include <memory>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "tools/gatehouse/chip_folder.h"
#include "tools/gatehouse/document_verifier.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/report_output.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::document::v1;
using nlohmann::ordered_json;

constexpr int kMaxJobs = 64;
// Folders in hand at once, for each job: enough that none waits, and memory stays bounded however long the batch.
constexpr size_t kFoldersPerJob = 8;

struct VerifyOptions {
  VerifierOptions verifier;
  bool batch = false;
  int jobs = 1;
  ReportOutput output;
  std::vector<std::string> folders;
};

using Answer = absl::StatusOr<pb::VerifyResponse>;

Answer VerifyFolder(const std::string& folder, const VerifyOptions& options, DocumentVerifier& verifier) {
  pb::VerifyRequest request;
  GH_ASSIGN_OR_RETURN(*request.mutable_document(), ReadChipFolder(folder));
  Request(options.output, request);
  return verifier.Verify(std::move(request));
}

// The tables of a run: of the documents, and of the notices that fit them, for whoever holds them.
struct Tables {
  Table documents{{"document", "overall", "verdict", "signature", "chain", "revocation", "data groups", "summary"}};
  Table notices{{"document", "notice", "kind", "look here", "source"}};
};

void PrintReport(Context& context, const std::string& folder, const VerifyOptions& options,
                 const pb::VerifyResponse& response, Tables& tables) {
  const pb::DocumentReport& report = response.report();
  if (options.output.is_alone()) {
    PrintReportAlone(context, options.output, response);
  } else if (context.json) {
    ordered_json json;
    json["input"] = folder;
    json.update(ToJson(report));
    *context.out << JsonLine(json) << std::endl;
  } else {
    std::string groups;
    for (const pb::DataGroupResult& group : report.data_groups()) {
      absl::StrAppend(&groups, groups.empty() ? "" : " ", group.number(), ":", group.state());
    }
    const std::string name = std::filesystem::path(folder).filename();
    tables.documents.Add({name, EnumWord(report, "overall"), EnumWord(report.verdict(), "state"),
                          report.checks().sod_signature(), report.checks().chain(), report.checks().revocation(),
                          groups, report.summary()});
    for (const pb::NoticeMatch& notice : report.notices()) {
      tables.notices.Add({name, notice.id(), notice.kind(), notice.look_here(), notice.source()});
    }
  }
}

void Print(Context& context, const std::string& folder, const VerifyOptions& options, const Answer& answer,
           Tables& tables) {
  if (!answer.ok()) {
    const int before = context.exit_code;
    context.Fail(answer.status());
    context.exit_code = std::max(before, context.exit_code);
    if (context.json) {
      ordered_json json;
      json["input"] = folder;
      json["overall"] = "undetermined";
      json["error"] = std::string(answer.status().message());
      *context.out << JsonLine(json) << std::endl;
    }
    return;
  }
  if (answer->report().overall() != pb::OVERALL_VALID) {
    context.exit_code = std::max<int>(context.exit_code, kCheckSaysNo);
  }
  PrintReport(context, folder, options, *answer, tables);
}

// Folders in the order they came, a bounded number in hand.
void VerifyMany(Context& context, const std::vector<std::string>& folders, const VerifyOptions& options,
                DocumentVerifier& verifier, Tables& tables) {
  if (options.jobs == 1) {
    for (const std::string& folder : folders) {
      Print(context, folder, options, VerifyFolder(folder, options, verifier), tables);
    }
    return;
  }
  std::vector<Answer> answers(folders.size(), absl::UnknownError("not verified"));
  std::vector<std::future<void>> jobs;
  for (int job = 0; job < options.jobs; ++job) {
    jobs.push_back(std::async(std::launch::async, [&, job] {
      for (size_t i = static_cast<size_t>(job); i < folders.size(); i += static_cast<size_t>(options.jobs)) {
        answers[i] = VerifyFolder(folders[i], options, verifier);
      }
    }));
  }
  for (std::future<void>& job : jobs) job.get();
  for (size_t i = 0; i < folders.size(); ++i) Print(context, folders[i], options, answers[i], tables);
}

void Verify(Context& context, const VerifyOptions& options) {
  if (options.folders.empty() && !options.batch) return context.Fail(absl::InvalidArgumentError("no DIR is named"));
  const auto verifier = DocumentVerifier::Make(context, options.verifier);
  if (!verifier.ok()) return context.Fail(verifier.status());
  Tables tables;
  const size_t in_hand = options.jobs == 1 ? 1 : kFoldersPerJob * static_cast<size_t>(options.jobs);
  std::vector<std::string> folders;
  bool any = !options.folders.empty();
  const auto verify_those_in_hand = [&](bool all) {
    if (folders.empty() || (!all && folders.size() < in_hand)) return;
    VerifyMany(context, folders, options, **verifier, tables);
    folders.clear();
  };
  for (const std::string& folder : options.folders) {
    folders.push_back(folder);
    verify_those_in_hand(false);
  }
  std::string line;
  while (options.batch && std::getline(std::cin, line)) {
    // A list that was made elsewhere may end its lines with CR LF.
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    any = true;
    folders.push_back(line);
    verify_those_in_hand(false);
  }
  if (!any) return context.Fail(NothingToDo("-", "folder"));
  verify_those_in_hand(true);
  if (!context.json && !options.output.is_alone()) {
    tables.documents.Print(*context.out, context.colour);
    if (tables.notices.size() > 0) {
      *context.out << "\n";
      tables.notices.Print(*context.out, context.colour);
    }
  }
}

}  // namespace

void AddVerifierOptions(CLI::App& verb, VerifierOptions& options) {
  verb.add_flag("--local", options.local, "Here, without a server; --trust implies it");
  verb.add_option("--trust", options.trust, "Certificates, master lists, CRLs, folders of them; judged here")
      ->allow_extra_args(false);
  verb.add_option("--crl", options.crls, "Certificate revocation lists (when judged here)")->allow_extra_args(false);
  verb.add_option("--policy", options.policy, "A document policy; the built-in one when left out (when judged here)");
  verb.add_option("--notices", options.notices, "A signed bundle of fraud notices (when judged here)");
  verb.add_option("--notice-issuer", options.notice_issuers,
                  "Certificates of those whose notices are taken (when judged here)")
      ->allow_extra_args(false);
}

void AddDocumentVerbs(CLI::App& app, Context& context) {
  CLI::App* document = AddVerb(app, "document", "Travel documents: machine-readable zones and chips");
  document->require_subcommand(1);
  AddMrzVerbs(*document, context);
  AddSealVerbs(*document, context);
  AddActiveAuthVerb(*document, context);
  AddChipVerbs(*document, context);
  AddCvVerb(*document, context);
  AddChipFileVerbs(*document, context);
  AddReportVerbs(*document, context);
  AddTrustVerbs(*document, context);
  AddNoticeVerbs(*document, context);

  CLI::App* verify = AddVerb(*document, "verify", "Verify documents: folders with mrz.txt and EF.*.bin");
  auto options = std::make_shared<VerifyOptions>();
  AddVerifierOptions(*verify, options->verifier);
  verify->add_option("--at", options->verifier.at, "Time of checking, RFC 3339 or a day; now when left out");
  verify->add_flag("--batch", options->batch, "Further folders from standard input, one a line");
  verify->add_option("--jobs", options->jobs, "Documents verified at once")->check(CLI::Range(1, kMaxJobs));
  AddReportOutput(*verify, options->output);
  verify->add_option("DIR", options->folders, "Folders of documents");
  verify->callback([&context, options] { Verify(context, *options); });
}

}  // namespace gatehouse::cli
