// gatehouse crossings list | traveller show
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "gatehouse/traveller/v1/traveller_service.grpc.pb.h"
#include "libs/base/partial_date.h"
#include "tools/gatehouse/client.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::traveller::v1;

struct Selection {
  std::string person_id;
  std::string number;
  std::string issuer;
  std::string inspection_id;
  std::string primary;
  std::string secondary;
  std::string birth_date;
  std::string nationality;
  int limit = 100;
};

std::vector<std::string> CrossingRow(const pb::Crossing& crossing) {
  const nlohmann::ordered_json json = ToJson(crossing);
  return {json.value("crossing_time", ""),
          EnumWord(crossing, "direction"),
          crossing.post(),
          EnumWord(crossing, "outcome"),
          crossing.identity().document().issuer(),
          crossing.identity().document().number(),
          absl::StrCat(crossing.identity().name().primary(), ", ", crossing.identity().name().secondary()),
          crossing.officer(),
          crossing.crossing_id()};
}

Table CrossingTable() {
  return Table({"time", "direction", "post", "outcome", "issuer", "document", "name", "officer", "crossing"});
}

void ListCrossings(Context& context, const Selection& selection) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
  if (!channel.ok()) return context.Fail(channel.status());
  const auto stub = pb::TravellerService::NewStub(*channel);
  pb::ListCrossingsRequest request;
  request.set_person_id(selection.person_id);
  request.set_inspection_id(selection.inspection_id);
  if (!selection.number.empty()) {
    request.mutable_document()->set_number(selection.number);
    request.mutable_document()->set_issuer(selection.issuer);
  }
  Table table = CrossingTable();
  int left = selection.limit;
  do {
    request.set_page_size(std::min(left, 1000));
    pb::ListCrossingsResponse response;
    const auto call = NewCall(context);
    const grpc::Status status = stub->ListCrossings(call.get(), request, &response);
    if (!status.ok()) return context.Fail(CallStatus(context, status));
    for (const pb::Crossing& crossing : response.crossings()) {
      if (context.json) {
        *context.out << JsonLine(ToJson(crossing)) << "\n";
      } else {
        table.Add(CrossingRow(crossing));
      }
    }
    left -= response.crossings_size();
    request.set_page_token(response.next_page_token());
  } while (left > 0 && !request.page_token().empty());
  if (!context.json) table.Print(*context.out, context.colour);
}

absl::StatusOr<pb::GetTravellerRequest> ShowRequest(const Selection& selection) {
  pb::GetTravellerRequest request;
  request.set_history_size(std::min(selection.limit, 100));
  if (!selection.person_id.empty()) {
    request.set_person_id(selection.person_id);
  } else if (!selection.number.empty()) {
    request.mutable_document()->set_number(selection.number);
    request.mutable_document()->set_issuer(selection.issuer);
  } else if (!selection.primary.empty()) {
    const absl::StatusOr<base::PartialDate> birth = base::ParsePartialDate(selection.birth_date);
    if (!birth.ok()) return absl::InvalidArgumentError(absl::StrCat("--birth-date: ", birth.status().message()));
    auto* identity = request.mutable_identity();
    identity->mutable_name()->set_primary(selection.primary);
    identity->mutable_name()->set_secondary(selection.secondary);
    identity->mutable_birth_date()->set_year(birth->year);
    identity->mutable_birth_date()->set_month(birth->month);
    identity->mutable_birth_date()->set_day(birth->day);
    identity->set_nationality(selection.nationality);
  } else {
    return absl::InvalidArgumentError(
        "say who: --person ID, or --number N --issuer STATE, or --primary NAME --birth-date DATE --nationality STATE");
  }
  return request;
}

void Show(Context& context, const Selection& selection) {
  const absl::StatusOr<pb::GetTravellerRequest> request = ShowRequest(selection);
  if (!request.ok()) return context.Fail(request.status());
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
  if (!channel.ok()) return context.Fail(channel.status());
  pb::GetTravellerResponse response;
  const auto call = NewCall(context);
  const grpc::Status status = pb::TravellerService::NewStub(*channel)->GetTraveller(call.get(), *request, &response);
  if (!status.ok()) return context.Fail(CallStatus(context, status));
  if (context.json) {
    *context.out << JsonLine(ToJson(response)) << "\n";
    return;
  }
  const pb::Person& person = response.person();
  *context.out << person.identity().name().primary() << ", " << person.identity().name().secondary() << "  "
               << ToJson(person.identity()).value("birth_date", "") << "  " << person.identity().nationality()
               << "  person " << person.person_id() << ", " << person.crossing_count() << " crossings\n";
  Table table = CrossingTable();
  for (const pb::Crossing& crossing : response.history()) table.Add(CrossingRow(crossing));
  table.Print(*context.out, context.colour);
}

void AddSelection(CLI::App& verb, Selection& selection) {
  verb.add_option("--person", selection.person_id, "Id of the person");
  CLI::Option* number = verb.add_option("--number", selection.number, "Document number");
  CLI::Option* issuer = verb.add_option("--issuer", selection.issuer, "Issuing State of the document");
  number->needs(issuer);
  verb.add_option("--limit", selection.limit, "At most so many crossings")->check(CLI::Range(1, 1'000'000));
}

}  // namespace

void AddTravellerVerbs(CLI::App& app, Context& context) {
  CLI::App* crossings = AddVerb(app, "crossings", "Crossings of the border");
  crossings->require_subcommand(1);
  CLI::App* list = AddVerb(*crossings, "list", "Crossings, newest first");
  auto filter = std::make_shared<Selection>();
  AddSelection(*list, *filter);
  list->add_option("--inspection", filter->inspection_id, "The crossing of this inspection");
  list->callback([&context, filter] { ListCrossings(context, *filter); });

  CLI::App* traveller = AddVerb(app, "traveller", "Persons and their history");
  traveller->require_subcommand(1);
  CLI::App* show = AddVerb(*traveller, "show", "One person, by id, by document or by name and birth date");
  auto who = std::make_shared<Selection>();
  AddSelection(*show, *who);
  show->add_option("--primary", who->primary, "Primary identifier (family name)");
  show->add_option("--secondary", who->secondary, "Secondary identifier (given names)");
  show->add_option("--birth-date", who->birth_date, "YYYY-MM-DD, 00 for unknown parts");
  show->add_option("--nationality", who->nationality, "Alpha-3");
  show->callback([&context, who] { Show(context, *who); });
}

}  // namespace gatehouse::cli
