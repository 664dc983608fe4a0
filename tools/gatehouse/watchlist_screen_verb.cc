// gatehouse watchlist screen
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
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

bool IsAnswer(const pb::BaseAnswer& base) {
  return base.status() == pb::BASE_STATUS_HIT || base.status() == pb::BASE_STATUS_NO_HIT;
}

// A row a hit, a row a base that gave no answer, and one row that says so where nothing was found: what was not
// searched never looks like a clear traveller.
void AddRows(const pb::ScreenAnswer& answer, Table& table) {
  const size_t before = table.size();
  size_t searched = 0;
  for (const pb::BaseAnswer& base : answer.bases()) {
    const std::string status = EnumWord(base, "status");
    searched += base.status() == pb::BASE_STATUS_NO_HIT ? 1 : 0;
    for (const pb::Hit& hit : base.hits()) {
      table.Add({answer.id(), base.base(), status, hit.record_id(), absl::StrFormat("%.1f", hit.score()),
                 EnumWord(hit, "band"), absl::StrJoin(hit.matched(), "; ")});
    }
    if (!IsAnswer(base)) {
      table.Add({answer.id(), base.base(), status, "", "", "",
                 absl::StrCat(base.required() ? "required: " : "", base.reason())});
    }
  }
  if (answer.bases().empty()) {
    table.Add({answer.id(), "", "not_searched", "", "", "", "no base is loaded"});
  } else if (table.size() == before) {
    table.Add({answer.id(), "", "no_hit", "", "", "", absl::StrCat("searched in ", searched, " bases")});
  }
}

void PrintAnswer(Context& context, const json& id, const pb::ScreenAnswer& answer, Table& table) {
  // Only an answer "nothing found" of every base is a yes: a stale or broken base is none, and no base at all is none.
  bool clear = !answer.bases().empty();
  for (const pb::BaseAnswer& base : answer.bases()) clear = clear && base.status() == pb::BASE_STATUS_NO_HIT;
  if (!clear) context.exit_code = std::max<int>(context.exit_code, kCheckSaysNo);
  if (context.json) {
    *context.out << JsonLine(AnswerJson(id, answer)) << "\n";
  } else {
    AddRows(answer, table);
  }
}

void PrintWrongLine(Context& context, const json& id, const absl::Status& status, Table& table) {
  *context.err << "gatehouse: query " << IdText(id) << ": " << std::string(status.message()) << "\n";
  context.exit_code = kBadUsage;
  if (!context.json) {
    table.Add({IdText(id), "", "refused", "", "", "", std::string(status.message())});
    return;
  }
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
            watchlist::ToProto(query.id, watchlist::Screen(query, index.bases(), {.now = now, .all = options.all}),
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
      PrintWrongLine(context, line.id, line.query.status(), table);
    } else if (answers.ok()) {
      PrintAnswer(context, line.id, (*answers)[next++], table);
    } else if (const auto alone = screen({*line.query}); alone.ok()) {
      PrintAnswer(context, line.id, alone->front(), table);
    } else {
      PrintWrongLine(context, line.id, alone.status(), table);
    }
  }
  lines.clear();
  return true;
}

void Screen(Context& context, const ScreenOptions& options) {
  const absl::StatusOr<std::string> text = ReadInput(options.batch);
  if (!text.ok()) return context.Fail(text.status());
  if (text->find_first_not_of(" \t\r\n") == std::string::npos) {
    return context.Fail(NothingToDo(options.batch, "query"));
  }
  const absl::StatusOr<Screener> screen = MakeScreener(context, options);
  if (!screen.ok()) return context.Fail(screen.status());
  Table table({"query", "base", "answer", "record", "score", "band", "matched, or why not"});
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

}  // namespace

void AddWatchlistScreenVerb(CLI::App& watchlist, Context& context) {
  CLI::App* screen = AddVerb(watchlist, "screen", "Screen travellers and documents");
  auto options = std::make_shared<ScreenOptions>();
  screen->add_option("--batch", options->batch, "JSON lines, one query a line; - for standard input")->required();
  screen->add_flag("--all", options->all, "The best candidates whatever their score");
  screen->add_option("--local", options->local, "The index of `watchlist import --local`, without a server");
  screen->callback([&context, options] { Screen(context, *options); });
}

}  // namespace gatehouse::cli
