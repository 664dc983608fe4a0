// gatehouse trust import PATH... | list
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "gatehouse/document/v1/document_service.grpc.pb.h"
#include "tools/gatehouse/client.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::document::v1;

absl::StatusOr<pb::ImportTrustRequest> ReadTrustFiles(const std::vector<std::string>& paths) {
  pb::ImportTrustRequest request;
  for (const std::string& path : paths) {
    absl::StatusOr<std::vector<std::string>> files = ListInput(path);
    if (!files.ok()) return files.status();
    for (const std::string& file : *files) {
      absl::StatusOr<std::string> content = ReadInput(file);
      if (!content.ok()) return content.status();
      pb::TrustFile* entry = request.add_files();
      entry->set_name(std::filesystem::path(file).filename());
      entry->set_content(*std::move(content));
    }
  }
  return request;
}

void Import(Context& context, const std::vector<std::string>& paths) {
  absl::StatusOr<pb::ImportTrustRequest> request = ReadTrustFiles(paths);
  if (!request.ok()) return context.Fail(request.status());
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
  if (!channel.ok()) return context.Fail(channel.status());
  pb::ImportTrustResponse response;
  const auto call = NewCall(context);
  const grpc::Status status = pb::TrustAdminService::NewStub(*channel)->ImportTrust(call.get(), *request, &response);
  if (!status.ok()) return context.Fail(CallStatus(context, status));
  Table table({"file", "kind", "signer", "accepted", "known", "rejected", "reasons"});
  for (const pb::TrustImportResult& result : response.results()) {
    // A file of which nothing could be used is a no; single broken elements of a list are reported and skipped.
    if (result.accepted() + result.already_known() == 0) context.exit_code = kCheckSaysNo;
    if (context.json) {
      *context.out << JsonLine(ToJson(result)) << "\n";
    } else {
      table.Add({result.name(), result.kind(), result.signer(), absl::StrCat(result.accepted()),
                 absl::StrCat(result.already_known()), absl::StrCat(result.rejected()),
                 result.reasons_size() == 0 ? "" : result.reasons(0)});
    }
  }
  if (!context.json) {
    table.Print(*context.out, context.colour);
    *context.out << "trust store version " << response.trust_version() << "\n";
  }
}

void List(Context& context) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
  if (!channel.ok()) return context.Fail(channel.status());
  const auto stub = pb::TrustAdminService::NewStub(*channel);
  Table table({"kind", "country", "subject", "valid until", "source", "imported by"});
  pb::ListTrustRequest request;
  do {
    pb::ListTrustResponse response;
    const auto call = NewCall(context);
    const grpc::Status status = stub->ListTrust(call.get(), request, &response);
    if (!status.ok()) return context.Fail(CallStatus(context, status));
    for (const pb::TrustEntry& entry : response.entries()) {
      const nlohmann::ordered_json json = ToJson(entry);
      if (context.json) {
        *context.out << JsonLine(json) << "\n";
      } else {
        table.Add({entry.kind(), entry.country(), entry.subject(), json.value("not_after", ""), entry.source(),
                   entry.imported_by()});
      }
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (!context.json) table.Print(*context.out, context.colour);
}

}  // namespace

void AddTrustVerbs(CLI::App& app, Context& context) {
  CLI::App* trust = AddVerb(app, "trust", "The trust store: certificates, master lists, revocation lists");
  trust->require_subcommand(1);
  AddLocalTrustVerbs(*trust, context);
  CLI::App* import = AddVerb(*trust, "import", "Import certificates, master lists and CRLs from files and folders");
  auto paths = std::make_shared<std::vector<std::string>>();
  import->add_option("PATH", *paths, "Files or folders")->required();
  import->callback([&context, paths] { Import(context, *paths);
});
CLI::App* list = AddVerb(*trust, "list", "What the trust store holds, with where it came from");
list->callback([&context] { List(context); });
}  // namespace gatehouse::cli

}  // namespace gatehouse::cli
