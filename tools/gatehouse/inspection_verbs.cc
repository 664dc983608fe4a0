// gatehouse inspect DIR|FILE.json ... | decide ID --outcome ... | inspections list | show | refused-crossings |
// retry-crossing
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gatehouse/inspection/v1/inspection_service.grpc.pb.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "tools/gatehouse/chip_folder.h"
#include "tools/gatehouse/client.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/identity_json.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::inspection::v1;

// So that a call which is sent twice is done once.
std::string NewRequestId() { return base::NewUuid(base::SystemClock(), base::SystemRandom()); }

struct InspectOptions {
  std::string direction = "entry";
  std::string post;
  std::string conveyance;
  std::vector<std::string> inputs;
};

// FILE.json: {"mrz": ..., "chip": FOLDER, "identity": {...keyed...}, "request_id": ...}; FOLDER is relative to the
// file.
absl::Status ReadInspectionFile(const std::string& path, pb::InspectRequest& request) {
  GH_ASSIGN_OR_RETURN(const std::string text, ReadInput(path, 1024 * 1024));
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError(absl::StrCat(path, ": not a JSON object"));
  for (const char* key : {"chip", "mrz", "request_id"}) {
    if (json.contains(key) && !json[key].is_string()) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": ", key, " must be a text"));
    }
  }
  if (json.contains("chip")) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path() / json["chip"].get<std::string>();
    GH_ASSIGN_OR_RETURN(*request.mutable_document(), ReadChipFolder(folder));
  }
  if (json.contains("mrz")) request.mutable_document()->set_mrz(json["mrz"].get<std::string>());
  if (json.contains("request_id")) request.set_request_id(json["request_id"].get<std::string>());
  if (json.contains("identity")) {
    GH_ASSIGN_OR_RETURN(*request.mutable_keyed()->mutable_identity(), IdentityFromJson(json["identity"]));
  }
  return absl::OkStatus();
}

absl::StatusOr<pb::InspectRequest> ReadInspectRequest(const std::string& input, const InspectOptions& options) {
  pb::InspectRequest request;
  if (absl::EndsWith(input, ".json")) {
    GH_RETURN_IF_ERROR(ReadInspectionFile(input, request));
  } else {
    GH_ASSIGN_OR_RETURN(*request.mutable_document(), ReadChipFolder(input));
  }
  if (request.request_id().empty()) request.set_request_id(NewRequestId());
  request.set_direction(options.direction == "exit" ? gatehouse::traveller::v1::DIRECTION_EXIT
                                                    : gatehouse::traveller::v1::DIRECTION_ENTRY);
  request.set_post(options.post);
  request.set_conveyance(options.conveyance);
  return request;
}

double Milliseconds(const google::protobuf::Duration& duration) {
  return static_cast<double>(duration.seconds()) * 1e3 + duration.nanos() / 1e6;
}

// One line a traveller: source, document, name, checks, recommendation, time, what stood out, and the id to decide by.
std::string Line(const std::string& source, const pb::Inspection& inspection, bool colour) {
  const auto& identity = inspection.identity();
  std::string checks;
  for (const pb::Check& check : inspection.checks()) {
    const char* mark = check.status() == pb::CHECK_STATUS_SUCCESSFUL      ? "+"
                       : check.status() == pb::CHECK_STATUS_FAILED        ? "-"
                       : check.status() == pb::CHECK_STATUS_NOT_DONE      ? "."
                       : check.status() == pb::CHECK_STATUS_NOT_SUPPORTED ? "o"
                                                                          : "?";
    absl::StrAppend(&checks, mark);
  }
  const std::string recommendation = EnumWord(inspection.recommendation(), "outcome");
  std::string why;
  for (const auto& reason : inspection.recommendation().reasons()) {
    absl::StrAppend(&why, why.empty() ? "" : "; ", reason.text());
  }
  const std::string name = absl::StrCat(identity.name().primary(), identity.name().secondary().empty() ? "" : ", ",
                                        identity.name().secondary());
  return absl::StrFormat("%-4s %-3s %-10s %-28.28s %-10s %s %6.1f ms  %s%s%s", source, identity.document().issuer(),
                         identity.document().number(), name, checks,
                         Paint(recommendation, colour) + std::string(recommendation.size() < 5 ? 1 : 0, ' '),
                         Milliseconds(inspection.duration()), why, why.empty() ? "" : "  ", inspection.inspection_id());
}

void PrintInspection(Context& context, const std::string& input, const pb::Inspection& inspection) {
  if (context.json) {
    nlohmann::ordered_json json;
    json["input"] = input;
    json.update(ToJson(inspection));
    *context.out << JsonLine(json) << std::endl;
  } else {
    *context.out << Line(std::filesystem::path(input).filename(), inspection, context.colour) << std::endl;
  }
}

void PrintWrongInput(Context& context, const std::string& input, const absl::Status& status) {
  const std::string prefix = absl::StartsWith(status.message(), input) ? "" : input + ": ";
  *context.err << "gatehouse: " << prefix << std::string(status.message()) << "\n";
  if (context.json) {
    nlohmann::ordered_json json;
    json["input"] = input;
    json["error"] = std::string(status.message());
    *context.out << JsonLine(json) << std::endl;
  }
}

void Inspect(Context& context, const InspectOptions& options) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
  if (!channel.ok()) return context.Fail(channel.status());
  const auto stub = pb::InspectionService::NewStub(*channel);
  absl::Status unreachable;  // nobody waits for it again, and every input has its line
  for (const std::string& input : options.inputs) {
    if (!unreachable.ok()) {
      PrintWrongInput(context, input, unreachable);
      continue;
    }
    const absl::StatusOr<pb::InspectRequest> request = ReadInspectRequest(input, options);
    if (!request.ok()) {
      // The traveller behind a bad file is still inspected.
      PrintWrongInput(context, input, request.status());
      context.exit_code = kBadUsage;
      continue;
    }
    pb::InspectResponse response;
    const auto call = NewCall(context);
    const grpc::Status status = stub->Inspect(call.get(), *request, &response);
    if (!status.ok()) {
      const absl::Status why = CallStatus(context, status);
      PrintWrongInput(context, input, why);
      context.exit_code = std::max<int>(context.exit_code, ExitCodeOf(why));
      if (ExitCodeOf(why) == kUnreachable) unreachable = why;
      continue;
    }
    const bool clear = response.inspection().recommendation().outcome() == pb::RECOMMENDED_OUTCOME_CLEAR;
    if (!clear && context.exit_code == kDone) context.exit_code = kCheckSaysNo;
    PrintInspection(context, input, response.inspection());
  }
}

struct DecideOptions {
  std::string inspection_id;
  std::string outcome;
  std::string reason;
};

void Decide(Context& context, const DecideOptions& options) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
  if (!channel.ok()) return context.Fail(channel.status());
  pb::DecideRequest request;
  request.set_inspection_id(options.inspection_id);
  request.set_reason_code(options.reason);
  request.set_request_id(NewRequestId());
  request.set_outcome(options.outcome == "admit"    ? pb::OUTCOME_ADMIT
                      : options.outcome == "refer"  ? pb::OUTCOME_REFER
                      : options.outcome == "refuse" ? pb::OUTCOME_REFUSE
                                                    : pb::OUTCOME_ABANDON);
  pb::DecideResponse response;
  const auto call = NewCall(context);
  const grpc::Status status = pb::InspectionService::NewStub(*channel)->Decide(call.get(), request, &response);
  if (!status.ok()) return context.Fail(CallStatus(context, status));
  if (context.json) {
    *context.out << JsonLine(ToJson(response)) << "\n";
    return;
  }
  const pb::Decision& decision = response.decision();
  *context.out << response.inspection_id() << "  " << Paint(EnumWord(decision, "outcome"), context.colour) << " by "
               << decision.officer() << ", crossing " << EnumWord(decision, "crossing_state") << " "
               << decision.crossing_id() << "\n";
  if (response.overtaken()) {
    *context.out << "another inspection of this document or person was made or decided since: look at it\n";
  }
}

struct ListOptions {
  std::string state;
  int limit = 100;
};

void List(Context& context, const ListOptions& options) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
  if (!channel.ok()) return context.Fail(channel.status());
  const auto stub = pb::InspectionQueryService::NewStub(*channel);
  pb::ListInspectionsRequest request;
  pb::InspectionState state = pb::INSPECTION_STATE_UNSPECIFIED;
  if (!options.state.empty()) {
    pb::InspectionState_Parse("INSPECTION_STATE_" + absl::AsciiStrToUpper(options.state), &state);
  }
  request.set_state(state);
  Table table({"time", "inspection", "state", "direction", "post", "recommendation", "decided by"});
  int left = options.limit;
  do {
    request.set_page_size(std::min(left, 1000));
    pb::ListInspectionsResponse response;
    const auto call = NewCall(context);
    const grpc::Status status = stub->ListInspections(call.get(), request, &response);
    if (!status.ok()) return context.Fail(CallStatus(context, status));
    for (const pb::Inspection& inspection : response.inspections()) {
      const nlohmann::ordered_json json = ToJson(inspection);
      if (context.json) {
        *context.out << JsonLine(json) << "\n";
        continue;
      }
      const int decisions = inspection.decisions_size();
      table.Add({json.value("inspection_time", ""), inspection.inspection_id(), EnumWord(inspection, "state"),
                 EnumWord(inspection, "direction"), inspection.post(),
                 inspection.unreadable().empty() ? EnumWord(inspection.recommendation(), "outcome")
                                                 : absl::StrCat("UNREADABLE ", inspection.unreadable()),
                 decisions == 0 ? "" : inspection.decisions(decisions - 1).officer()});
    }
    left -= response.inspections_size();
    request.set_page_token(response.next_page_token());
  } while (left > 0 && !request.page_token().empty());
  if (!context.json) table.Print(*context.out, context.colour);
}

void ListRefusedCrossings(Context& context) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
  if (!channel.ok()) return context.Fail(channel.status());
  pb::ListRefusedCrossingsRequest request;
  request.set_page_size(1000);
  pb::ListRefusedCrossingsResponse response;
  const auto call = NewCall(context);
  const grpc::Status status =
      pb::CrossingIntentService::NewStub(*channel)->ListRefusedCrossings(call.get(), request, &response);
  if (!status.ok()) return context.Fail(CallStatus(context, status));
  Table table({"refused", "inspection", "decided", "attempts", "reason"});
  for (const pb::RefusedCrossing& crossing : response.crossings()) {
    const nlohmann::ordered_json json = ToJson(crossing);
    if (context.json) *context.out << JsonLine(json) << "\n";
    table.Add({json.value("refusal_time", ""), crossing.inspection_id(), json.value("decision_time", ""),
               absl::StrCat(crossing.attempts()), crossing.reason()});
  }
  if (!context.json) table.Print(*context.out, context.colour);
}

void RetryCrossing(Context& context, const std::string& inspection_id) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
  if (!channel.ok()) return context.Fail(channel.status());
  pb::RetryCrossingRequest request;
  request.set_inspection_id(inspection_id);
  pb::RetryCrossingResponse response;
  const auto call = NewCall(context);
  const grpc::Status status =
      pb::CrossingIntentService::NewStub(*channel)->RetryCrossing(call.get(), request, &response);
  if (!status.ok()) return context.Fail(CallStatus(context, status));
  if (context.json) {
    nlohmann::ordered_json json;
    json["inspection_id"] = inspection_id;
    json["retried"] = true;
    *context.out << JsonLine(json) << "\n";
  } else {
    *context.out << inspection_id << "  its crossing is sent again\n";
  }
}

void Show(Context& context, const std::string& inspection_id) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
  if (!channel.ok()) return context.Fail(channel.status());
  pb::GetInspectionRequest request;
  request.set_inspection_id(inspection_id);
  pb::GetInspectionResponse response;
  const auto call = NewCall(context);
  const grpc::Status status =
      pb::InspectionQueryService::NewStub(*channel)->GetInspection(call.get(), request, &response);
  if (!status.ok()) return context.Fail(CallStatus(context, status));
  const pb::Inspection& inspection = response.inspection();
  if (context.json) {
    *context.out << JsonLine(ToJson(inspection)) << "\n";
    return;
  }
  *context.out << Line("", inspection, context.colour) << "\n";
  Table table({"check", "status", "time", "data", "reason"});
  for (const pb::Check& check : inspection.checks()) {
    table.Add({check.id(), EnumWord(check, "status"), absl::StrFormat("%.1f ms", Milliseconds(check.duration())),
               check.data_version(), check.reason()});
  }
  table.Print(*context.out, context.colour);
  if (!inspection.history_missing().empty()) *context.out << "history: " << inspection.history_missing() << "\n";
  for (const pb::Decision& decision : inspection.decisions()) {
    *context.out << "decided: " << EnumWord(decision, "outcome") << " " << decision.reason_code() << " by "
                 << decision.officer() << ", crossing " << EnumWord(decision, "crossing_state") << "\n";
  }
}

void AddInspectVerb(CLI::App& app, Context& context) {
  CLI::App* inspect = AddVerb(app, "inspect", "Inspect travellers: every check, and a recommendation");
  auto options = std::make_shared<InspectOptions>();
  inspect->add_option("--direction", options->direction, "entry or exit")
      ->check(CLI::IsMember({"entry", "exit"}))
      ->capture_default_str();
  inspect->add_option("--post", options->post, "Code of the post; the server's own when left out");
  inspect->add_option("--conveyance", options->conveyance, "Flight, ship or plate");
  inspect->add_option("INPUT", options->inputs, "Folders with mrz.txt and EF.*.bin, or FILE.json")->required();
  inspect->callback([&context, options] { Inspect(context, *options); });
}

}  // namespace

void AddInspectionVerbs(CLI::App& app, Context& context) {
  AddInspectVerb(app, context);
  CLI::App* decide = AddVerb(app, "decide", "Take the decision on an inspection");
  auto decision = std::make_shared<DecideOptions>();
  decide->add_option("ID", decision->inspection_id, "Id of the inspection")->required();
  decide->add_option("--outcome", decision->outcome, "admit, refer, refuse or abandon")
      ->required()
      ->check(CLI::IsMember({"admit", "refer", "refuse", "abandon"}));
  decide->add_option("--reason", decision->reason, "Coded reason; needed for refer and refuse");
  decide->callback([&context, decision] { Decide(context, *decision); });

  CLI::App* inspections = AddVerb(app, "inspections", "What was inspected");
  inspections->require_subcommand(1);
  CLI::App* list = AddVerb(*inspections, "list", "Inspections, newest first");
  auto filter = std::make_shared<ListOptions>();
  list->add_option("--state", filter->state, "open, referred, admitted, refused or abandoned")
      ->check(CLI::IsMember({"open", "referred", "admitted", "refused", "abandoned"}));
  list->add_option("--limit", filter->limit, "At most so many")->check(CLI::Range(1, 1'000'000));
  list->callback([&context, filter] { List(context, *filter); });
  CLI::App* show = AddVerb(*inspections, "show", "One inspection with every check");
  auto id = std::make_shared<std::string>();
  show->add_option("ID", *id, "Id of the inspection")->required();
  show->callback([&context, id] { Show(context, *id); });
  CLI::App* refused =
      AddVerb(*inspections, "refused-crossings", "Decided crossings that the traveller service refuses for good");
  refused->callback([&context] { ListRefusedCrossings(context); });
  CLI::App* retry = AddVerb(*inspections, "retry-crossing", "Send a refused crossing again, after it was mended");
  auto retried = std::make_shared<std::string>();
  retry->add_option("ID", *retried, "Id of the inspection")->required();
  retry->callback([&context, retried] { RetryCrossing(context, *retried); });
}

}  // namespace gatehouse::cli
