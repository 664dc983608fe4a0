// gatehouse document verify [--local] ... DIR...; mrz_verbs.cc has those about machine-readable zones.
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gatehouse/document/v1/document_service.grpc.pb.h"
#include "libs/base/status_macros.h"
#include "services/document/convert.h"
#include "services/document/policy_file.h"
#include "services/document/presented_convert.h"
#include "tools/gatehouse/chip_folder.h"
#include "tools/gatehouse/client.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/local_trust.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::document::v1;
using nlohmann::ordered_json;

struct VerifyOptions {
  bool local = false;
  bool batch = false;
  std::vector<std::string> trust;
  std::vector<std::string> crls;
  std::string at;
  std::vector<std::string> folders;
};

// Verifies one folder; the report, or why the folder cannot be read.
using Verifier = std::function<absl::StatusOr<pb::DocumentReport>(const pb::DocumentInput&)>;

void PrintReport(Context& context, const std::string& folder, const pb::DocumentReport& report, Table& table) {
  if (context.json) {
    ordered_json json;
    json["input"] = folder;
    json.update(ToJson(report));
    *context.out << JsonLine(json) << std::endl;
    return;
  }
  std::string groups;
  for (const pb::DataGroupResult& group : report.data_groups()) {
    absl::StrAppend(&groups, groups.empty() ? "" : " ", group.number(), ":", group.state());
  }
  table.Add({std::filesystem::path(folder).filename(), EnumWord(report, "overall"), report.checks().sod_signature(),
             report.checks().chain(), report.checks().revocation(), groups, report.summary()});
}

void VerifyFolder(Context& context, const std::string& folder, const Verifier& verify, Table& table) {
  absl::StatusOr<pb::DocumentInput> input = ReadChipFolder(folder);
  const absl::StatusOr<pb::DocumentReport> report = input.ok() ? verify(*input) : input.status();
  if (!report.ok()) {
    const int before = context.exit_code;
    context.Fail(report.status());
    context.exit_code = std::max(before, context.exit_code);
    if (context.json) {
      ordered_json json;
      json["input"] = folder;
      json["overall"] = "undetermined";
      json["error"] = std::string(report.status().message());
      *context.out << JsonLine(json) << std::endl;
    }
    return;
  }
  if (report->overall() != pb::OVERALL_VALID) context.exit_code = std::max<int>(context.exit_code, kCheckSaysNo);
  PrintReport(context, folder, *report, table);
}

absl::StatusOr<Verifier> MakeVerifier(Context& context, const VerifyOptions& options, absl::Time check_time) {
  if (options.local) {
    std::vector<std::string> paths = options.trust;
    paths.insert(paths.end(), options.crls.begin(), options.crls.end());
    GH_ASSIGN_OR_RETURN(LocalTrust given, ReadLocalTrust(context, paths));
    const auto trust = std::make_shared<const LocalTrust>(std::move(given));
    return [trust, check_time](const pb::DocumentInput& input) -> absl::StatusOr<pb::DocumentReport> {
      GH_ASSIGN_OR_RETURN(const document::Presented presented, document::FromProto(input));
      pb::DocumentReport report;
      document::ToProto(document::Verify(presented, {.trust = *trust->store,
                                                     .policy = document::BuiltInPolicy(),
                                                     .check_time = check_time,
                                                     .deviations = &trust->deviations}),
                        check_time, &report);
      return report;
    };
  }
  if (!options.trust.empty() || !options.crls.empty()) {
    return absl::InvalidArgumentError("--trust and --crl go with --local; a server uses its own trust store");
  }
  GH_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, Dial(context));
  const std::shared_ptr<pb::DocumentService::Stub> stub = pb::DocumentService::NewStub(channel);
  const bool fixed_time = !options.at.empty();
  return
      [&context, stub, check_time, fixed_time](const pb::DocumentInput& input) -> absl::StatusOr<pb::DocumentReport> {
        pb::VerifyRequest request;
        *request.mutable_document() = input;
        if (fixed_time) request.mutable_check_time()->set_seconds(absl::ToUnixSeconds(check_time));
        pb::VerifyResponse response;
        const auto call = NewCall(context);
        const grpc::Status status = stub->Verify(call.get(), request, &response);
        if (!status.ok()) return CallStatus(context, status);
        return response.report();
      };
}

void Verify(Context& context, const VerifyOptions& options) {
  if (options.folders.empty() && !options.batch) return context.Fail(absl::InvalidArgumentError("no DIR is named"));
  const absl::StatusOr<absl::Time> check_time = ParseCheckTime(options.at);
  if (!check_time.ok()) return context.Fail(check_time.status());
  const absl::StatusOr<Verifier> verify = MakeVerifier(context, options, *check_time);
  if (!verify.ok()) return context.Fail(verify.status());
  Table table({"document", "overall", "signature", "chain", "revocation", "data groups", "summary"});
  for (const std::string& folder : options.folders) VerifyFolder(context, folder, *verify, table);
  std::string line;
  while (options.batch && std::getline(std::cin, line)) {
    if (!line.empty()) VerifyFolder(context, line, *verify, table);
  }
  if (!context.json) table.Print(*context.out, context.colour);
}

}  // namespace

void AddDocumentVerbs(CLI::App& app, Context& context) {
  CLI::App* document = AddVerb(app, "document", "Travel documents: machine-readable zones and chips");
  document->require_subcommand(1);
  AddMrzVerbs(*document, context);
  AddSealVerbs(*document, context);
  AddActiveAuthVerb(*document, context);
  AddChipFileVerbs(*document, context);

  CLI::App* verify = AddVerb(*document, "verify", "Verify documents: folders with mrz.txt and EF.*.bin");
  auto options = std::make_shared<VerifyOptions>();
  verify->add_flag("--local", options->local, "Here, without a server");
  verify->add_option("--trust", options->trust, "Certificates, master lists, folders of them (with --local)")
      ->allow_extra_args(false);
  verify->add_option("--crl", options->crls, "Certificate revocation lists (with --local)")->allow_extra_args(false);
  verify->add_option("--at", options->at, "Time of checking, RFC 3339 or a day; now when left out");
  verify->add_flag("--batch", options->batch, "Further folders from standard input, one a line");
  verify->add_option("DIR", options->folders, "Folders of documents");
  verify->callback([&context, options] { Verify(context, *options); });
}

}  // namespace gatehouse::cli
