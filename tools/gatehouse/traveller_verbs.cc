// gatehouse crossings list | traveller show | links | erase | erasures
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "gatehouse/traveller/v1/traveller_service.grpc.pb.h"
#include "libs/base/clock.h"
#include "libs/base/partial_date.h"
#include "libs/base/random.h"
#include "libs/base/uuid.h"
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
  if (crossing.unreadable() != pb::ERROR_REASON_UNSPECIFIED) {
    return {json.value("crossing_time", ""), "UNREADABLE", "", EnumWord(crossing, "unreadable"), "", "", "", "",
            crossing.crossing_id()};
  }
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
  for (const pb::PersonLink& link : person.links()) {
    const bool shown = link.person_id() == person.person_id();
    *context.out << "possibly the same, confidence " << EnumWord(link, "confidence") << ": person "
                 << (shown ? link.document_person_id() : link.person_id())
                 << (shown ? ", whose document number was shown" : ", who showed this document number") << "\n";
  }
}

// Every page of a list of the service, until `limit` items are shown.
template <typename Request, typename Ask>
void ShowPages(Context& context, Request request, int limit, Table table, Ask ask) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
  if (!channel.ok()) return context.Fail(channel.status());
  int left = limit;
  do {
    request.set_page_size(std::min(left, 1000));
    const auto call = NewCall(context);
    const grpc::Status status = ask(*channel, call.get(), request, table, left);
    if (!status.ok()) return context.Fail(CallStatus(context, status));
  } while (left > 0 && !request.page_token().empty());
  if (!context.json) table.Print(*context.out, context.colour);
}

void ListLinks(Context& context, const Selection& selection) {
  pb::ListPersonLinksRequest first;
  first.set_person_id(selection.person_id);
  Table links({"seen", "confidence", "person", "person of the document", "crossing"});
  ShowPages(context, first, selection.limit, links,
            [&context](const auto& channel, grpc::ClientContext* call, auto& request, Table& table, int& left) {
              pb::ListPersonLinksResponse response;
              grpc::Status status = pb::TravellerService::NewStub(channel)->ListPersonLinks(call, request, &response);
              for (const pb::PersonLink& link : response.links()) {
                if (context.json) *context.out << JsonLine(ToJson(link)) << "\n";
                table.Add({ToJson(link).value("link_time", ""), EnumWord(link, "confidence"), link.person_id(),
                           link.document_person_id(), link.crossing_id()});
              }
              left -= response.links_size();
              request.set_page_token(response.next_page_token());
              return status;
            });
}

std::vector<std::string> ErasureRow(const pb::Erasure& erasure) {
  return {ToJson(erasure).value("erase_time", ""),
          erasure.person_id(),
          EnumWord(erasure, "reason"),
          erasure.case_reference(),
          erasure.officer(),
          absl::StrCat(erasure.crossing_count()),
          absl::StrCat(erasure.document_count()),
          erasure.erasure_id()};
}

Table ErasureTable() {
  return Table({"time", "person", "reason", "case", "officer", "crossings", "documents", "erasure"});
}

void ListErasures(Context& context, const Selection& selection) {
  ShowPages(context, pb::ListErasuresRequest(), selection.limit, ErasureTable(),
            [&context](const auto& channel, grpc::ClientContext* call, auto& request, Table& table, int& left) {
              pb::ListErasuresResponse response;
              grpc::Status status = pb::TravellerAdminService::NewStub(channel)->ListErasures(call, request, &response);
              for (const pb::Erasure& erasure : response.erasures()) {
                if (context.json) *context.out << JsonLine(ToJson(erasure)) << "\n";
                table.Add(ErasureRow(erasure));
              }
              left -= response.erasures_size();
              request.set_page_token(response.next_page_token());
              return status;
            });
}

struct ErasureOrder {
  std::string person_id;
  std::string reason;
  std::string case_reference;
  std::string request_id;
};

const std::map<std::string, pb::ErasureReason> kErasureReasons = {
    {"retention-ended", pb::ERASURE_REASON_RETENTION_ENDED},
    {"subject-request", pb::ERASURE_REASON_SUBJECT_REQUEST},
    {"court-order", pb::ERASURE_REASON_COURT_ORDER},
    {"unlawful-record", pb::ERASURE_REASON_UNLAWFUL_RECORD},
};

void Erase(Context& context, const ErasureOrder& order) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
  if (!channel.ok()) return context.Fail(channel.status());
  pb::ErasePersonRequest request;
  request.set_request_id(order.request_id.empty() ? base::NewUuid(base::SystemClock(), base::SystemRandom())
                                                  : order.request_id);
  request.set_person_id(order.person_id);
  request.set_reason(kErasureReasons.at(order.reason));
  request.set_case_reference(order.case_reference);
  pb::ErasePersonResponse response;
  const auto call = NewCall(context);
  const grpc::Status status = pb::TravellerAdminService::NewStub(*channel)->ErasePerson(call.get(), request, &response);
  if (!status.ok()) return context.Fail(CallStatus(context, status));
  if (context.json) {
    *context.out << JsonLine(ToJson(response.erasure())) << "\n";
    return;
  }
  Table table = ErasureTable();
  table.Add(ErasureRow(response.erasure()));
  table.Print(*context.out, context.colour);
}

void AddErasureVerbs(CLI::App& traveller, Context& context) {
  CLI::App* erase = AddVerb(traveller, "erase", "Erase a person for good, on the order of a file");
  auto order = std::make_shared<ErasureOrder>();
  erase->add_option("--person", order->person_id, "Id of the person")->required();
  erase->add_option("--reason", order->reason, "Why the person is erased")
      ->required()
      ->check(CLI::IsMember(kErasureReasons));
  erase->add_option("--case", order->case_reference, "The file that ordered it, never a name")->required();
  erase->add_option("--request-id", order->request_id, "To send the same order again after a doubtful answer");
  erase->callback([&context, order] { Erase(context, *order); });

  CLI::App* erasures = AddVerb(traveller, "erasures", "The receipts of all erasures, newest first");
  auto shown = std::make_shared<Selection>();
  erasures->add_option("--limit", shown->limit, "At most so many")->check(CLI::Range(1, 1'000'000));
  erasures->callback([&context, shown] { ListErasures(context, *shown); });
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
  traveller->alias("travellers");
  CLI::App* show = AddVerb(*traveller, "show", "One person, by id, by document or by name and birth date");
  auto who = std::make_shared<Selection>();
  AddSelection(*show, *who);
  show->add_option("--primary", who->primary, "Primary identifier (family name)");
  show->add_option("--secondary", who->secondary, "Secondary identifier (given names)");
  show->add_option("--birth-date", who->birth_date, "YYYY-MM-DD, 00 for unknown parts");
  show->add_option("--nationality", who->nationality, "Alpha-3");
  show->callback([&context, who] { Show(context, *who); });

  CLI::App* links = AddVerb(*traveller, "links", "Persons who may be one, for review, newest first");
  auto linked = std::make_shared<Selection>();
  links->add_option("--person", linked->person_id, "Of this person only");
  links->add_option("--limit", linked->limit, "At most so many")->check(CLI::Range(1, 1'000'000));
  links->callback([&context, linked] { ListLinks(context, *linked); });
  AddErasureVerbs(*traveller, context);
}

}  // namespace gatehouse::cli
