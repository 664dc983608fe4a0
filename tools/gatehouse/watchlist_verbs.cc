// gatehouse watchlist import | bases, and below it watchlist_screen_verb.cc and watchlist_review_verbs.cc
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "gatehouse/watchlist/v1/watchlist_service.grpc.pb.h"
#include "libs/base/partial_date.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/values.h"
#include "services/watchlist/convert.h"
#include "services/watchlist/local_index.h"
#include "services/watchlist/watchlist.h"
#include "tools/gatehouse/client.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/verbs.h"
#include "tools/gatehouse/watchlist_output.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::watchlist::v1;
using nlohmann::ordered_json;

struct ImportOptions {
  std::string base;
  std::string format;
  std::string local;
  std::string published;
  std::string allow_older;
  std::vector<std::string> removes;
  std::vector<std::string> paths;
};

// What the owner has to know of an import that is done, and of one that is not.
void Explain(Context& context, const std::string& path, const pb::ImportListResponse& response) {
  for (const pb::RejectedRow& row : response.rejected_rows()) {
    *context.err << path << ":" << row.line() << ": " << row.field() << ": " << row.reason() << "\n";
  }
  switch (response.result()) {
    case pb::IMPORT_RESULT_STAGED:
      context.exit_code = kCheckSaysNo;
      *context.err << path << ": waits for a second person, and what served goes on: "
                   << absl::StrJoin(response.staged_import().reasons(), "; ")
                   << "\nanother person: gatehouse watchlist accept " << response.staged_import().staged_id()
                   << ", or gatehouse watchlist reject\n";
      break;
    case pb::IMPORT_RESULT_UNCHANGED:
      *context.err << path << ": the same file as is held: nothing is changed, and its age is not renewed; two people "
                   << "renew it: gatehouse watchlist confirm --base " << response.base().base() << "\n";
      break;
    default:
      if (response.base().has_version_date()) break;
      *context.err << path << ": the list carries no date, so nobody knows how old it is: give the owner's with "
                   << "--published, or let two people say that it is current (gatehouse watchlist confirm)\n";
  }
}

void PrintImport(Context& context, const std::string& path, const pb::ImportListResponse& response) {
  Explain(context, path, response);
  if (!context.json) {
    if (response.has_staged_import()) PrintStaged(context, {response.staged_import()});
    if (response.has_base()) PrintBases(context, {response.base()});
    return;
  }
  ordered_json item;
  item["input"] = path;
  item.update(ToJson(response.base()));
  const ordered_json whole = ToJson(response);
  item["result"] = whole["result"];
  if (response.has_staged_import()) item["staged_import"] = whole["staged_import"];
  item["rejected_rows"] = whole["rejected_rows"];
  *context.out << JsonLine(item) << "\n";
}

// A folder is a working copy of whoever uses it: nobody reviews what goes into it.
absl::StatusOr<pb::ImportListResponse> ImportIntoFolder(const ImportOptions& options, const std::string& content) {
  GH_ASSIGN_OR_RETURN(watchlist::ImportResult import, watchlist::ImportList(options.format, content));
  const absl::Time now = absl::Now();
  GH_RETURN_IF_ERROR(watchlist::GiveDate(options.published, now, import));
  watchlist::ListChange change;
  change.rejected = std::move(import.rejected);
  const watchlist::SnapshotContent edition = watchlist::MakeContent(options.base, std::move(import), now);
  GH_RETURN_IF_ERROR(watchlist::LocalIndex::Save(options.local, edition));
  change.info = watchlist::Describe(edition, {}, now, watchlist::Ages());
  change.info->rejected = static_cast<int64_t>(change.rejected.size());
  pb::ImportListResponse response;
  watchlist::ToProto(change, &response);
  return response;
}

absl::StatusOr<pb::ImportListRequest> MakeRequest(const ImportOptions& options, const std::string& content) {
  pb::ImportListRequest request;
  request.set_base(options.base);
  request.set_format(options.format == "un-xml" ? pb::LIST_FORMAT_UN_XML : pb::LIST_FORMAT_DOCUMENT_CSV);
  request.set_content(content);
  request.set_allow_older(options.allow_older);
  for (const std::string& id : options.removes) request.add_removed_record_ids(id);
  if (!options.published.empty()) {
    GH_ASSIGN_OR_RETURN(const base::PartialDate day, base::ParsePartialDate(options.published));
    *request.mutable_published_date() = rpc::WriteDate(day);
  }
  return request;
}

// Imports one file; the service, or an index in a folder.
using Importer = std::function<absl::StatusOr<pb::ImportListResponse>(const std::string& content)>;

absl::StatusOr<Importer> MakeImporter(Context& context, const ImportOptions& options) {
  if (!options.local.empty()) {
    if (!options.allow_older.empty() || !options.removes.empty()) {
      return absl::InvalidArgumentError(
          "--allow-older and --removes are for a server: a folder takes what it is given");
    }
    return [options](const std::string& content) { return ImportIntoFolder(options, content); };
  }
  GH_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, Dial(context));
  const std::shared_ptr<pb::WatchlistAdminService::Stub> stub = pb::WatchlistAdminService::NewStub(channel);
  return [&context, options, stub](const std::string& content) -> absl::StatusOr<pb::ImportListResponse> {
    GH_ASSIGN_OR_RETURN(const pb::ImportListRequest request, MakeRequest(options, content));
    pb::ImportListResponse response;
    const auto call = NewCall(context);
    const grpc::Status status = stub->ImportList(call.get(), request, &response);
    if (!status.ok()) return CallStatus(context, status);
    return response;
  };
}

void Import(Context& context, const ImportOptions& options) {
  const absl::StatusOr<Importer> import = MakeImporter(context, options);
  if (!import.ok()) return context.Fail(import.status());
  for (const std::string& path : options.paths) {
    const absl::StatusOr<std::string> content = ReadInput(path);
    if (!content.ok()) return context.Fail(content.status());
    const absl::StatusOr<pb::ImportListResponse> response = (*import)(*content);
    if (!response.ok()) {
      if (context.json) {
        ordered_json item;
        item["input"] = path;
        item["error"] = std::string(response.status().message());
        *context.out << JsonLine(item) << "\n";
      }
      return context.Fail(
          absl::Status(response.status().code(), absl::StrCat(path, ": ", response.status().message())));
    }
    PrintImport(context, path, *response);
  }
}

void Bases(Context& context, const std::string& local) {
  std::vector<pb::Base> bases;
  if (!local.empty()) {
    const absl::StatusOr<watchlist::LocalIndex> index = watchlist::LocalIndex::Load(local);
    if (!index.ok()) return context.Fail(index.status());
    for (const watchlist::Base& item : index->bases()) {
      watchlist::ToProto(watchlist::Describe(item.snapshot->content(), {}, absl::Now(), watchlist::Ages()),
                         &bases.emplace_back());
    }
  } else {
    const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
    if (!channel.ok()) return context.Fail(channel.status());
    pb::ListBasesResponse response;
    const auto call = NewCall(context);
    const grpc::Status status = pb::WatchlistService::NewStub(*channel)->ListBases(call.get(), {}, &response);
    if (!status.ok()) return context.Fail(CallStatus(context, status));
    bases = {response.bases().begin(), response.bases().end()};
  }
  PrintBases(context, bases);
}

}  // namespace

void AddWatchlistVerbs(CLI::App& app, Context& context) {
  CLI::App* watchlist = AddVerb(app, "watchlist", "Lists of persons and documents");
  watchlist->require_subcommand(1);
  CLI::App* import = AddVerb(*watchlist, "import", "Import a list as the new edition of a base");
  auto options = std::make_shared<ImportOptions>();
  import->add_option("--base", options->base, "Name of the base")->required();
  import->add_option("--format", options->format, "un-xml or document-csv")
      ->required()
      ->check(CLI::IsMember({"un-xml", "document-csv"}));
  import->add_option("--local", options->local, "Into an index in this folder, without a server");
  import->add_option("--published", options->published, "The owner's date of the edition, YYYY-MM-DD, if it has none");
  import->add_option("--allow-older", options->allow_older,
                     "The version or date of this file, though a newer one is held; a second person has to accept it");
  import->add_option("--removes", options->removes, "A record that the owner ordered removed; does not count as lost")
      ->expected(1)
      ->take_all();
  import->add_option("PATH", options->paths, "Files")->required();
  import->callback([&context, options] { Import(context, *options);
});
AddWatchlistScreenVerb(*watchlist, context);
AddWatchlistReviewVerbs(*watchlist, context);

CLI::App* bases = AddVerb(*watchlist, "bases", "Every base with its version, age and state");
auto local = std::make_shared<std::string>();
bases->add_option("--local", *local, "The index in this folder, without a server");
bases->callback([&context, local] { Bases(context, *local); });
}  // namespace gatehouse::cli

}  // namespace gatehouse::cli
