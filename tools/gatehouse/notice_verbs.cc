// gatehouse notice import FILE | list | show ID | stats | imports; the same below `gatehouse document notice`
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "gatehouse/document/v1/notice_service.grpc.pb.h"
#include "services/document/notice_file.h"
#include "tools/gatehouse/client.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::document::v1;
using nlohmann::ordered_json;
using AdminStub = pb::NoticeAdminService::Stub;
using ReadStub = pb::NoticeService::Stub;

template <typename Service>
std::unique_ptr<typename Service::Stub> Connect(Context& context) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
  if (channel.ok()) return Service::NewStub(*channel);
  context.Fail(channel.status());
  return nullptr;
}

// True when the call was answered; else the context has failed.
template <typename Stub, typename Request, typename Response>
bool Call(Context& context, Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
          const Request& request, Response& response) {
  const auto call = NewCall(context);
  const grpc::Status status = (stub.*method)(call.get(), request, &response);
  if (!status.ok()) context.Fail(CallStatus(context, status));
  return status.ok();
}

// Every page of a list, one after another.
template <typename Stub, typename Request, typename Response, typename Each>
void EachPage(Context& context, Stub& stub,
              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), Request request,
              Each each) {
  do {
    Response response;
    if (!Call(context, stub, method, request, response)) return;
    each(response);
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
}

// "P 2020-01-01 - open", what of the documents of a State is meant.
std::string Between(const ordered_json& json, const char* from, const char* until) {
  const std::string first = json.value(from, ""), last = json.value(until, "");
  if (first.empty() && last.empty()) return "always";
  return absl::StrCat(first.empty() ? "open" : first, " to ", last.empty() ? "open" : last);
}

// The first range or pattern, and how many more there are.
std::string NumbersOf(const pb::Notice& notice) {
  const int count = notice.number_ranges_size() + notice.number_patterns_size();
  if (count == 0) return "all";
  const std::string first = notice.number_ranges_size() > 0
                                ? absl::StrCat(notice.number_ranges(0).first(), "-", notice.number_ranges(0).last())
                                : notice.number_patterns(0);
  return count == 1 ? first : absl::StrCat(first, " and ", count - 1, " more");
}

void Import(Context& context, const std::string& path, const std::string& note) {
  absl::StatusOr<std::string> content = ReadInput(path, document::kMaxNoticeFileBytes);
  if (!content.ok()) return context.Fail(content.status());
  const auto stub = Connect<pb::NoticeAdminService>(context);
  if (stub == nullptr) return;
  pb::ImportNoticesRequest request;
  request.set_request_id(NewRequestId());
  request.set_name(std::filesystem::path(path).filename());
  request.set_content(*std::move(content));
  request.set_note(note);
  pb::ImportNoticesResponse response;
  if (!Call(context, *stub, &AdminStub::ImportNotices, request, response)) return;
  const pb::NoticeImport& made = response.import();
  // A bundle of which nothing could be used is a no; single bad notices are reported and skipped.
  if (made.number() == 0 && made.refused() > 0) context.exit_code = kCheckSaysNo;
  if (context.json) {
    ordered_json json = ToJson(made);
    json["refused_notices"] = ToJson(response)["refused"];
    *context.out << JsonLine(json) << "\n";
    return;
  }
  Table table({"import", "publisher", "bundle", "signer", "added", "replaced", "refused"});
  table.Add({made.number() == 0 ? "none" : absl::StrCat(made.number()), made.publisher(),
             absl::StrCat(made.bundle_number()), made.signer(), absl::StrCat(made.added()),
             absl::StrCat(made.replaced()), absl::StrCat(made.refused())});
  table.Print(*context.out, context.colour);
  for (const pb::NoticeRefusal& refusal : response.refused()) {
    *context.err << "left out" << (refusal.id().empty() ? "" : " " + refusal.id()) << ": " << refusal.reason() << "\n";
  }
  if (made.refused() > response.refused_size()) {
    *context.err << "left out: " << made.refused() - response.refused_size() << " more\n";
  }
}

void Imports(Context& context) {
  const auto stub = Connect<pb::NoticeAdminService>(context);
  if (stub == nullptr) return;
  Table table(
      {"import", "time", "by", "publisher", "bundle", "signer", "added", "replaced", "refused", "file", "note"});
  EachPage(
      context, *stub, &AdminStub::ListNoticeImports, pb::ListNoticeImportsRequest(),
      [&](const pb::ListNoticeImportsResponse& page) {
        for (const pb::NoticeImport& made : page.imports()) {
          const ordered_json json = ToJson(made);
          if (context.json) {
            *context.out << JsonLine(json) << "\n";
          } else {
            table.Add({absl::StrCat(made.number()), json.value("import_time", ""), made.imported_by(), made.publisher(),
                       absl::StrCat(made.bundle_number()), made.signer(), absl::StrCat(made.added()),
                       absl::StrCat(made.replaced()), absl::StrCat(made.refused()), made.name(), made.note()});
          }
        }
      });
  if (!context.json && context.exit_code == kDone) table.Print(*context.out, context.colour);
}

void List(Context& context, const pb::ListNoticesRequest& request) {
  const auto stub = Connect<pb::NoticeService>(context);
  if (stub == nullptr) return;
  Table table({"notice", "kind", "state", "code", "numbers", "in force", "look here", "source"});
  EachPage(context, *stub, &ReadStub::ListNotices, request, [&](const pb::ListNoticesResponse& page) {
    for (const pb::Notice& notice : page.notices()) {
      const ordered_json json = ToJson(notice);
      if (context.json) {
        *context.out << JsonLine(json) << "\n";
      } else {
        table.Add({notice.id(), notice.kind(), notice.issuing_state(), notice.document_code(), NumbersOf(notice),
                   Between(json, "valid_from", "valid_until"), notice.look_here(), notice.source()});
      }
    }
  });
  if (!context.json && context.exit_code == kDone) table.Print(*context.out, context.colour);
}

// The pictures as FOLDER/feature-1.jpeg and so on: an id is no file name.
absl::Status WritePictures(const pb::Notice& notice, const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  for (int i = 0; i < notice.features_size(); ++i) {
    const pb::NoticeImage& image = notice.features(i).image();
    if (image.content().empty()) continue;
    const bool is_png = image.format() == "png";
    const std::string path = absl::StrCat(folder, "/feature-", i + 1, is_png ? ".png" : ".jpeg");
    std::ofstream file(path, std::ios::binary);
    if (!file.write(image.content().data(), static_cast<std::streamsize>(image.content().size())).flush()) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be written"));
    }
  }
  return absl::OkStatus();
}

void Show(Context& context, const std::string& id, const std::string& folder) {
  const auto stub = Connect<pb::NoticeService>(context);
  if (stub == nullptr) return;
  pb::GetNoticeRequest request;
  request.set_id(id);
  pb::GetNoticeResponse response;
  if (!Call(context, *stub, &ReadStub::GetNotice, request, response)) return;
  const pb::Notice& notice = response.notice();
  if (!folder.empty()) {
    if (const absl::Status written = WritePictures(notice, folder); !written.ok()) return context.Fail(written);
  }
  const ordered_json json = ToJson(notice);
  if (context.json) {
    *context.out << JsonLine(json) << "\n";
    return;
  }
  std::ostream& out = *context.out;
  out << Paint(notice.kind(), context.colour) << " " << notice.id() << "\n"
      << "look here: " << notice.look_here() << "\n"
      << "documents: " << notice.issuing_state() << " "
      << (notice.document_code().empty() ? "all" : notice.document_code()) << " " << notice.model() << " "
      << notice.series() << "\n"
      << "numbers:   " << NumbersOf(notice) << "\n"
      << "expiring:  " << Between(json, "expiry_from", "expiry_until") << "\n"
      << "in force:  " << Between(json, "valid_from", "valid_until") << "\n"
      << "source:    " << notice.source() << ", import " << notice.import_number() << ", vouched for by "
      << notice.issuer() << "\n";
  if (notice.features_size() == 0) return;
  Table table({"feature", "place", "expected", "picture"});
  for (const pb::NoticeFeature& feature : notice.features()) {
    table.Add({feature.name(), feature.place(), feature.expected(), feature.image().format()});
  }
  table.Print(out, context.colour);
}

void Statistics(Context& context) {
  const auto stub = Connect<pb::NoticeAdminService>(context);
  if (stub == nullptr) return;
  Table table({"notice", "kind", "state", "matches", "first", "last"});
  EachPage(context, *stub, &AdminStub::ListNoticeStatistics, pb::ListNoticeStatisticsRequest(),
           [&](const pb::ListNoticeStatisticsResponse& page) {
             for (const pb::NoticeStatistics& one : page.statistics()) {
               const ordered_json json = ToJson(one);
               if (context.json) {
                 *context.out << JsonLine(json) << "\n";
               } else {
                 table.Add({one.id(), one.kind(), one.issuing_state(), absl::StrCat(one.matches()),
                            json.value("first_match_time", ""), json.value("last_match_time", "")});
               }
             }
           });
  if (!context.json && context.exit_code == kDone) table.Print(*context.out, context.colour);
}

}  // namespace

// clang-format takes a variable named `import` for a module, hence the longer names.
void AddNoticeVerbs(CLI::App& parent, Context& context) {
  CLI::App* notice = AddVerb(parent, "notice", "Reference specimens and fraud notices");
  notice->require_subcommand(1);

  CLI::App* importing = AddVerb(*notice, "import", "Import a signed bundle of notices");
  const auto path = std::make_shared<std::string>();
  const auto note = std::make_shared<std::string>();
  importing->add_option("FILE", *path, "The bundle, or - for standard input")->required();
  importing->add_option("--note", *note, "Where it is from, in your words; kept with the import");
  importing->callback([&context, path, note] { Import(context, *path, *note); });

  CLI::App* imports = AddVerb(*notice, "imports", "Who imported what, and who had signed it; the newest first");
  imports->callback([&context] { Imports(context); });

  CLI::App* list = AddVerb(*notice, "list", "What is kept");
  const auto wanted = std::make_shared<std::pair<std::string, bool>>();
  list->add_option("--state", wanted->first, "Only those about documents of this State");
  list->add_flag("--in-force", wanted->second, "Only those in force today");
  list->callback([&context, wanted] {
    pb::ListNoticesRequest request;
    request.set_issuing_state(wanted->first);
    request.set_in_force(wanted->second);
    List(context, request);
  });

  CLI::App* show = AddVerb(*notice, "show", "One notice with its features");
  const auto id = std::make_shared<std::string>();
  const auto folder = std::make_shared<std::string>();
  show->add_option("ID", *id, "As `notice list` and a report show it")->required();
  show->add_option("--pictures", *folder, "Write its pictures to this folder");
  show->callback([&context, id, folder] { Show(context, *id, *folder); });

  CLI::App* stats = AddVerb(*notice, "stats", "How often each notice fitted a document");
  stats->callback([&context] { Statistics(context); });
}

}  // namespace gatehouse::cli
