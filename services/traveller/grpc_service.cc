#include "services/traveller/grpc_service.h"

#include <grpcpp/grpcpp.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "gatehouse/traveller/v1/traveller_service.grpc.pb.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/local_methods.h"
#include "services/traveller/convert.h"

namespace gatehouse::traveller {
namespace {

namespace v1 = gatehouse::traveller::v1;

constexpr rpc::Method kGetTraveller{.name = "/gatehouse.traveller.v1.TravellerService/GetTraveller",
                                    .audit = rpc::Audited{}};
constexpr rpc::Method kListCrossings{.name = "/gatehouse.traveller.v1.TravellerService/ListCrossings",
                                     .audit = rpc::Audited{}};
constexpr rpc::Method kRecordCrossing{.name = "/gatehouse.traveller.v1.CrossingService/RecordCrossing",
                                      .audit = rpc::Audited{},
                                      .max_request_bytes = 64 * 1024};

// Somebody by the name and the date of birth, in every form the name was given.
void AddName(const base::Identity& identity, rpc::Call& call) {
  const base::PersonName& name = identity.name;
  for (const std::string& text : {name.full, absl::StrCat(name.primary, " ", name.secondary), name.mrz_name}) {
    if (text.size() > 1) call.AddName({.name = text, .birth_date = identity.birth_date});
  }
}

// What a list was asked for, also when it is empty.
void AddSubjects(const ListInput& input, rpc::Call& call) {
  if (input.filter.person) call.AddSubject(input.filter.person->value());
  if (input.document) call.AddDocument(*input.document);
  if (input.filter.inspection_id) call.AddSubject(*input.filter.inspection_id);
  for (const CrossingId& crossing : input.filter.crossings) call.AddSubject(crossing.value());
}

class TravellerService final
    : public v1::TravellerService::WithRawCallbackMethod_ListPersonLinks<
          v1::TravellerService::WithRawCallbackMethod_ListCrossings<
              v1::TravellerService::WithRawCallbackMethod_GetTraveller<v1::TravellerService::CallbackService>>> {
 public:
  TravellerService(rpc::Host& host, Register& crossings) : host_(host), register_(crossings) {
    rpc::Offer(host, kGetTraveller.name, this, &TravellerService::GetTraveller);
    rpc::Offer(host, kListCrossings.name, this, &TravellerService::ListCrossings);
  }

  grpc::ServerUnaryReactor* GetTraveller(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                         grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::GetTravellerRequest, v1::GetTravellerResponse>(
        host_, context, kGetTraveller, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::GetTravellerRequest& request,
               v1::GetTravellerResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(const FindInput input, FromProto(request));
          // Who was asked for, also when nobody is found.
          if (input.query.person.has_value()) call.AddSubject(input.query.person->value());
          if (input.query.document.has_value()) call.AddDocument(*input.query.document);
          if (input.query.identity.has_value()) {
            call.AddDocument(input.query.identity->document);
            AddName(*input.query.identity, call);
          }
          const absl::StatusOr<Traveller> found = register_.Find(input.query, input.history_size);
          if (!found.ok()) return ErrorOf(found.status());
          call.AddSubject(found->person.id.value());
          ToProto(*found, &response);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ListCrossings(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                          grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::ListCrossingsRequest, v1::ListCrossingsResponse>(
        host_, context, kListCrossings, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::ListCrossingsRequest& request,
               v1::ListCrossingsResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(const ListInput input, FromProto(request));
          AddSubjects(input, call);
          const absl::StatusOr<CrossingPage> page = register_.List(input.filter, input.behind, input.size);
          if (!page.ok()) return ErrorOf(page.status());
          std::set<std::string> persons;
          for (const Crossing& crossing : page->crossings) persons.insert(crossing.person.value());
          for (const std::string& person : persons) call.AddSubject(person);
          ToProto(*page, &response);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ListPersonLinks(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                            grpc::ByteBuffer* response_bytes) override {
    static constexpr rpc::Method kMethod{.name = "/gatehouse.traveller.v1.TravellerService/ListPersonLinks",
                                         .audit = rpc::Audited{},
                                         .lane = rpc::Lane::kAdmin};
    return rpc::Handle<v1::ListPersonLinksRequest, v1::ListPersonLinksResponse>(
        host_, context, kMethod, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::ListPersonLinksRequest& request,
               v1::ListPersonLinksResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(const LinksInput input, FromProto(request));
          if (input.person) call.AddSubject(input.person->value());
          const absl::StatusOr<LinkPage> page = register_.ListLinks(input.person, input.behind, input.size);
          if (!page.ok()) return ErrorOf(page.status());
          std::set<std::string> persons;
          for (const PersonLink& link : page->links) {
            persons.insert({link.person.value(), link.document_person.value()});
          }
          for (const std::string& person : persons) call.AddSubject(person);
          ToProto(*page, &response);
          return absl::OkStatus();
        });
  }

 private:
  rpc::Host& host_;
  Register& register_;
};

class CrossingService final
    : public v1::CrossingService::WithRawCallbackMethod_RecordCrossing<
          v1::CrossingService::WithRawCallbackMethod_CorrectCrossing<v1::CrossingService::CallbackService>> {
 public:
  CrossingService(rpc::Host& host, Register& crossings) : host_(host), register_(crossings) {
    rpc::Offer(host, kRecordCrossing.name, this, &CrossingService::RecordCrossing);
  }

  grpc::ServerUnaryReactor* RecordCrossing(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                           grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::RecordCrossingRequest, v1::RecordCrossingResponse>(
        host_, context, kRecordCrossing, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::RecordCrossingRequest& request,
               v1::RecordCrossingResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(const RecordInput input, FromProto(request, call.request_digest()));
          const absl::StatusOr<Recorded> recorded = register_.Record(input.request, input.passage);
          if (!recorded.ok()) return ErrorOf(recorded.status());
          call.AddSubject(recorded->person.value());
          call.AddSubject(recorded->crossing.value());
          ToProto(*recorded, &response);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* CorrectCrossing(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                            grpc::ByteBuffer* response_bytes) override {
    static constexpr rpc::Method kMethod{.name = "/gatehouse.traveller.v1.CrossingService/CorrectCrossing",
                                         .audit = rpc::Audited{},
                                         .purpose = "correction",
                                         .max_request_bytes = 64 * 1024,
                                         .lane = rpc::Lane::kAdmin};
    return rpc::Handle<v1::CorrectCrossingRequest, v1::CorrectCrossingResponse>(
        host_, context, kMethod, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::CorrectCrossingRequest& request,
               v1::CorrectCrossingResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(NewCorrection correction, FromProto(request, call.request_digest()));
          correction.officer = call.principal().officer;
          call.AddSubject(correction.crossing.value());
          const absl::StatusOr<Crossing> corrected = register_.Correct(correction);
          if (!corrected.ok()) return ErrorOf(corrected.status());
          call.AddSubject(corrected->person.value());
          ToProto(*corrected, response.mutable_crossing());
          return absl::OkStatus();
        });
  }

 private:
  rpc::Host& host_;
  Register& register_;
};

class TravellerAdminService final
    : public v1::TravellerAdminService::WithRawCallbackMethod_ListErasures<
          v1::TravellerAdminService::WithRawCallbackMethod_ErasePerson<v1::TravellerAdminService::CallbackService>> {
 public:
  TravellerAdminService(rpc::Host& host, Register& crossings) : host_(host), register_(crossings) {}

  grpc::ServerUnaryReactor* ErasePerson(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                        grpc::ByteBuffer* response_bytes) override {
    static constexpr rpc::Method kMethod{.name = "/gatehouse.traveller.v1.TravellerAdminService/ErasePerson",
                                         .audit = rpc::Audited{},
                                         .purpose = "erasure",
                                         .max_request_bytes = 64 * 1024,
                                         .lane = rpc::Lane::kAdmin};
    return rpc::Handle<v1::ErasePersonRequest, v1::ErasePersonResponse>(
        host_, context, kMethod, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::ErasePersonRequest& request,
               v1::ErasePersonResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(NewErasure erasure, FromProto(request, call.request_digest()));
          erasure.officer = call.principal().officer;
          call.AddSubject(erasure.person.value());
          const absl::StatusOr<Erasure> erased = register_.Erase(erasure);
          if (!erased.ok()) return ErrorOf(erased.status());
          call.AddSubject(erased->id.value());
          ToProto(*erased, response.mutable_erasure());
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ListErasures(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                         grpc::ByteBuffer* response_bytes) override {
    static constexpr rpc::Method kMethod{.name = "/gatehouse.traveller.v1.TravellerAdminService/ListErasures",
                                         .audit = rpc::Audited{},
                                         .purpose = "erasure",
                                         .lane = rpc::Lane::kAdmin};
    return rpc::Handle<v1::ListErasuresRequest, v1::ListErasuresResponse>(
        host_, context, kMethod, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::ListErasuresRequest& request,
               v1::ListErasuresResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(const ErasuresInput input, FromProto(request));
          const absl::StatusOr<ErasurePage> page = register_.ListErasures(input.behind, input.size);
          if (!page.ok()) return ErrorOf(page.status());
          for (const Erasure& erasure : page->erasures) call.AddSubject(erasure.person.value());
          ToProto(*page, &response);
          return absl::OkStatus();
        });
  }

 private:
  rpc::Host& host_;
  Register& register_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeTravellerService(rpc::Host& host, Register& crossings) {
  return std::make_unique<TravellerService>(host, crossings);
}

std::unique_ptr<grpc::Service> MakeCrossingService(rpc::Host& host, Register& crossings) {
  return std::make_unique<CrossingService>(host, crossings);
}

std::unique_ptr<grpc::Service> MakeTravellerAdminService(rpc::Host& host, Register& crossings) {
  return std::make_unique<TravellerAdminService>(host, crossings);
}

}  // namespace gatehouse::traveller
