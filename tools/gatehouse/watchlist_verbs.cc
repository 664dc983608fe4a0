// gatehouse watchlist import | screen | bases
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <functional>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gatehouse/watchlist/v1/watchlist_service.grpc.pb.h"
#include "libs/base/status_macros.h"
#include "services/watchlist/convert.h"
#include "services/watchlist/local_index.h"
#include "services/watchlist/watchlist.h"
#include "tools/gatehouse/client.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/identity_json.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::watchlist::v1;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kBatchSize = 200;

struct ImportOptions {
  std::string base;
  std::string format;
  std::string local;
  std::vector<std::string> paths;
};

std::string NeededFor(const pb::Base& base) {
  if (base.required_for_persons() && base.required_for_documents()) return "persons, documents";
  if (base.required_for_persons()) return "persons";
  return base.required_for_documents() ? "documents" : "";
}

void PrintBase(Context& context, const pb::Base& base, Table& table) {
  const ordered_json item = ToJson(base);
  if (context.json) {
    *context.out << JsonLine(item) << "\n";
    return;
  }
  const bool is_there = !base.sha256().empty();
  table.Add({base.base(), EnumWord(base, "state"), NeededFor(base), is_there ? EnumWord(base, "format") : "",
             base.data_version(), item.value("import_time", ""), base.freshness(),
             is_there ? absl::StrCat(base.records()) : "", is_there ? absl::StrCat(base.rejected()) : "",
             base.imported_by(), base.fault()});
}

Table BaseTable() {
  return Table({"base", "state", "required for", "format", "version", "imported", "freshness", "records", "rejected",
                "by", "fault"});
}

void PrintImport(Context& context, const std::string& path, const pb::ImportListResponse& response) {
  for (const pb::RejectedRow& row : response.rejected_rows()) {
    *context.err << path << ":" << row.line() << ": " << row.field() << ": " << row.reason() << "\n";
  }
  if (context.json) {
    ordered_json item;
    item["input"] = path;
    item.update(ToJson(response.base()));
    item["rejected_rows"] = ToJson(response)["rejected_rows"];
    *context.out << JsonLine(item) << "\n";
    return;
  }
  Table table = BaseTable();
  PrintBase(context, response.base(), table);
  table.Print(*context.out, context.colour);
}

absl::StatusOr<pb::ImportListResponse> ImportIntoFolder(const ImportOptions& options, const std::string& content) {
  GH_ASSIGN_OR_RETURN(watchlist::ImportResult import, watchlist::ImportList(options.format, content));
  watchlist::ImportOutcome outcome;
  outcome.rejected = std::move(import.rejected);
  const absl::Time now = absl::Now();
  const auto snapshot = watchlist::Snapshot::Build(watchlist::MakeContent(options.base, std::move(import), now));
  GH_RETURN_IF_ERROR(watchlist::LocalIndex::Save(options.local, snapshot->content()));
  outcome.info = watchlist::Describe(*snapshot, now, watchlist::Ages());
  outcome.info.rejected = static_cast<int64_t>(outcome.rejected.size());
  pb::ImportListResponse response;
  watchlist::ToProto(outcome, &response);
  return response;
}

// Imports one file; the service, or an index in a folder.
using Importer = std::function<absl::StatusOr<pb::ImportListResponse>(const std::string& content)>;

absl::StatusOr<Importer> MakeImporter(Context& context, const ImportOptions& options) {
  if (!options.local.empty()) {
    return [options](const std::string& content) { return ImportIntoFolder(options, content); };
  }
  GH_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, Dial(context));
  const std::shared_ptr<pb::WatchlistAdminService::Stub> stub = pb::WatchlistAdminService::NewStub(channel);
  return [&context, options, stub](const std::string& content) -> absl::StatusOr<pb::ImportListResponse> {
    pb::ImportListRequest request;
    request.set_base(options.base);
    request.set_format(options.format == "un-xml" ? pb::LIST_FORMAT_UN_XML : pb::LIST_FORMAT_DOCUMENT_CSV);
    request.set_content(content);
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

absl::Status NoBase(const std::string& folder) {
  return absl::NotFoundError(
      absl::StrCat(folder, ": no base here; make one with `gatehouse watchlist import --local ", folder, " ...`"));
}

struct ScreenOptions {
  std::string batch;
  std::string local;
  bool all = false;
};

// One line of the batch: a query, or why it is none.
struct Line {
  json id;  // as it was given, text or number; the line's number when there is none
  absl::StatusOr<pb::ScreenQuery> query;
};

std::string IdText(const json& id) { return id.is_string() ? id.get<std::string>() : id.dump(); }

Line ReadLine(const std::string& text, int number) {
  Line line{.id = number, .query = absl::InvalidArgumentError("not a JSON object")};
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return line;
  if (object.contains("id")) line.id = object["id"];
  const absl::StatusOr<gatehouse::type::v1::Identity> identity = IdentityFromJson(object);
  if (!identity.ok()) {
    line.query = identity.status();
    return line;
  }
  pb::ScreenQuery query;
  query.set_id(IdText(line.id));
  *query.mutable_name() = identity->name();
  *query.mutable_birth_date() = identity->birth_date();
  query.set_sex(identity->sex());
  query.set_nationality(identity->nationality());
  *query.mutable_document() = identity->document();
  line.query = std::move(query);
  return line;
}

// {id, hits [...], bases [...]}: the hits of all bases, best first, and what each base answered.
ordered_json AnswerJson(const json& id, const pb::ScreenAnswer& answer) {
  std::vector<const pb::Hit*> hits;
  ordered_json bases = ordered_json::array();
  for (const pb::BaseAnswer& base : answer.bases()) {
    for (const pb::Hit& hit : base.hits()) hits.push_back(&hit);
    ordered_json item = ToJson(base);
    item.erase("hits");
    bases.push_back(std::move(item));
  }
  std::stable_sort(hits.begin(), hits.end(),
                   [](const pb::Hit* a, const pb::Hit* b) { return a->score() > b->score(); });
  ordered_json out;
  out["id"] = id;
  out["hits"] = ordered_json::array();
  for (const pb::Hit* hit : hits) out["hits"].push_back(ToJson(*hit));
  out["bases"] = std::move(bases);
  return out;
}

void PrintAnswer(Context& context, const json& id, const pb::ScreenAnswer& answer, Table& table) {
  const ordered_json item = AnswerJson(id, answer);
  // Only an answer "nothing found" of every base is a yes: a stale or broken base is none.
  for (const pb::BaseAnswer& base : answer.bases()) {
    if (base.status() != pb::BASE_STATUS_NO_HIT) context.exit_code = std::max<int>(context.exit_code, kCheckSaysNo);
  }
  if (context.json) {
    *context.out << JsonLine(item) << "\n";
    return;
  }
  if (item["hits"].empty()) table.Add({answer.id(), "", "", "", "", ""});
  for (const ordered_json& hit : item["hits"]) {
    table.Add({answer.id(), hit.value("base", ""), hit.value("record_id", ""),
               absl::StrFormat("%.1f", hit.value("score", 0.0)), hit.value("band", ""),
               absl::StrJoin(hit["matched"].get<std::vector<std::string>>(), "; ")});
  }
}

void PrintWrongLine(Context& context, const json& id, const absl::Status& status) {
  *context.err << "gatehouse: query " << IdText(id) << ": " << std::string(status.message()) << "\n";
  context.exit_code = kBadUsage;
  if (!context.json) return;
  ordered_json item;
  item["id"] = id;
  item["hits"] = ordered_json::array();
  item["error"] = std::string(status.message());
  *context.out << JsonLine(item) << "\n";
}

// Answers a batch of queries, in their order.
using Screener = std::function<absl::StatusOr<std::vector<pb::ScreenAnswer>>(const std::vector<pb::ScreenQuery>&)>;

absl::StatusOr<Screener> MakeScreener(Context& context, const ScreenOptions& options) {
  if (!options.local.empty()) {
    GH_ASSIGN_OR_RETURN(const watchlist::LocalIndex index, watchlist::LocalIndex::Load(options.local));
    if (index.bases().empty()) return NoBase(options.local);
    return
        [index, options](const std::vector<pb::ScreenQuery>& queries) -> absl::StatusOr<std::vector<pb::ScreenAnswer>> {
          std::vector<pb::ScreenAnswer> answers(queries.size());
          for (size_t i = 0; i < queries.size(); ++i) {
            GH_ASSIGN_OR_RETURN(const watchlist::Query query, watchlist::FromProto(queries[i], ""));
            // A folder is a working copy of whoever uses it: its age is shown, and never makes it stale.
            const absl::Time now = absl::Now();
            watchlist::ToProto(query.id, watchlist::Screen(query, index.bases(), {.now = now, .all = options.all}), now,
                               &answers[i]);
          }
          return answers;
        };
  }
  GH_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, Dial(context));
  const std::shared_ptr<pb::WatchlistService::Stub> stub = pb::WatchlistService::NewStub(channel);
  return [&context, stub,
          options](const std::vector<pb::ScreenQuery>& queries) -> absl::StatusOr<std::vector<pb::ScreenAnswer>> {
    pb::BatchScreenRequest request;
    request.set_all_candidates(options.all);
    for (const pb::ScreenQuery& query : queries) *request.add_queries() = query;
    pb::BatchScreenResponse response;
    const auto call = NewCall(context);
    const grpc::Status status = stub->BatchScreen(call.get(), request, &response);
    if (!status.ok()) return CallStatus(context, status);
    return std::vector<pb::ScreenAnswer>(response.answers().begin(), response.answers().end());
  };
}

// Screens the lines gathered so far. A batch that is refused is asked again query by query, so that one malformed query
// does not take its neighbours' answers.
bool ScreenLines(Context& context, const Screener& screen, std::vector<Line>& lines, Table& table) {
  std::vector<pb::ScreenQuery> queries;
  for (const Line& line : lines) {
    if (line.query.ok()) queries.push_back(*line.query);
  }
  absl::StatusOr<std::vector<pb::ScreenAnswer>> answers = screen(queries);
  if (!answers.ok() && answers.status().code() != absl::StatusCode::kInvalidArgument) {
    context.Fail(answers.status());
    return false;
  }
  size_t next = 0;
  for (const Line& line : lines) {
    if (!line.query.ok()) {
      PrintWrongLine(context, line.id, line.query.status());
    } else if (answers.ok()) {
      PrintAnswer(context, line.id, (*answers)[next++], table);
    } else if (const auto alone = screen({*line.query}); alone.ok()) {
      PrintAnswer(context, line.id, alone->front(), table);
    } else {
      PrintWrongLine(context, line.id, alone.status());
    }
  }
  lines.clear();
  return true;
}

void Screen(Context& context, const ScreenOptions& options) {
  const absl::StatusOr<std::string> text = ReadInput(options.batch);
  if (!text.ok()) return context.Fail(text.status());
  const absl::StatusOr<Screener> screen = MakeScreener(context, options);
  if (!screen.ok()) return context.Fail(screen.status());
  Table table({"query", "base", "record", "score", "band", "matched"});
  std::vector<Line> lines;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    ++number;
    if (line.find_first_not_of(" \t\r") == absl::string_view::npos) continue;
    lines.push_back(ReadLine(std::string(line), number));
    if (lines.size() >= kBatchSize && !ScreenLines(context, *screen, lines, table)) return;
  }
  if (!lines.empty() && !ScreenLines(context, *screen, lines, table)) return;
  if (!context.json) table.Print(*context.out, context.colour);
}

void Bases(Context& context, const std::string& local) {
  Table table = BaseTable();
  if (!local.empty()) {
    const absl::StatusOr<watchlist::LocalIndex> index = watchlist::LocalIndex::Load(local);
    if (!index.ok()) return context.Fail(index.status());
    for (const watchlist::Base& item : index->bases()) {
      pb::Base base;
      watchlist::ToProto(watchlist::Describe(*item.snapshot, absl::Now(), watchlist::Ages()), &base);
      PrintBase(context, base, table);
    }
  } else {
    const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
    if (!channel.ok()) return context.Fail(channel.status());
    pb::ListBasesResponse response;
    const auto call = NewCall(context);
    const grpc::Status status = pb::WatchlistService::NewStub(*channel)->ListBases(call.get(), {}, &response);
    if (!status.ok()) return context.Fail(CallStatus(context, status));
    for (const pb::Base& base : response.bases()) PrintBase(context, base, table);
  }
  if (!context.json) table.Print(*context.out, context.colour);
}

}  // namespace

void AddWatchlistVerbs(CLI::App& app, Context& context) {
  CLI::App* watchlist = AddVerb(app, "watchlist", "Lists of persons and documents");
  watchlist->require_subcommand(1);
  CLI::App* import = AddVerb(*watchlist, "import", "Import a list as the new version of a base");
  auto import_options = std::make_shared<ImportOptions>();
  import->add_option("--base", import_options->base, "Name of the base")->required();
  import->add_option("--format", import_options->format, "un-xml or document-csv")
      ->required()
      ->check(CLI::IsMember({"un-xml", "document-csv"}));
  import->add_option("--local", import_options->local, "Into an index in this folder, without a server");
  import->add_option("PATH", import_options->paths, "Files")->required();
  import->callback([&context, import_options] { Import(context, *import_options);
});

CLI::App* screen = AddVerb(*watchlist, "screen", "Screen travellers and documents");
auto screen_options = std::make_shared<ScreenOptions>();
screen->add_option("--batch", screen_options->batch, "JSON lines, one query a line; - for standard input")->required();
screen->add_flag("--all", screen_options->all, "The best candidates whatever their score");
screen->add_option("--local", screen_options->local, "The index of `watchlist import --local`, without a server");
screen->callback([&context, screen_options] { Screen(context, *screen_options); });

CLI::App* bases = AddVerb(*watchlist, "bases", "Every base with its version and age");
auto local = std::make_shared<std::string>();
bases->add_option("--local", *local, "The index in this folder, without a server");
bases->callback([&context, local] { Bases(context, *local); });
}  // namespace gatehouse::cli

}  // namespace gatehouse::cli
