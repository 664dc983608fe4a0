#include "services/watchlist/grpc_service.h"

#include <grpcpp/grpcpp.h>

#include "absl/strings/str_cat.h"
#include "gatehouse/watchlist/v1/watchlist_service.grpc.pb.h"
#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/errors.h"
#include "libs/rpc/local_methods.h"
#include "services/watchlist/convert.h"

namespace gatehouse::watchlist {
namespace {

constexpr int kMaxBatchQueries = 1000;
constexpr size_t kMaxImportBytes = 60 * 1024 * 1024;
constexpr rpc::Method kScreen{.name = "/gatehouse.watchlist.v1.WatchlistService/Screen", .audit = rpc::Audited{}};
constexpr rpc::Method kBatchScreen{.name = "/gatehouse.watchlist.v1.WatchlistService/BatchScreen",
                                   .audit = rpc::Audited{},
                                   .max_request_bytes = 4 * 1024 * 1024,
                                   .default_timeout = absl::Seconds(60),
                                   .lane = rpc::Lane::kBulk};
constexpr rpc::Method kListBases{.name = "/gatehouse.watchlist.v1.WatchlistService/ListBases",
                                 .audit = rpc::NotAudited{"names and ages of lists, nobody who is on them"},
                                 .lane = rpc::Lane::kAdmin};
// It writes persons: those who are listed.
constexpr rpc::Method kImportList{.name = "/gatehouse.watchlist.v1.WatchlistAdminService/ImportList",
                                  .audit = rpc::Audited{},
                                  .purpose = "list_administration",
                                  .max_request_bytes = kMaxImportBytes,
                                  .default_timeout = absl::Seconds(120),
                                  .lane = rpc::Lane::kBulk};

constexpr rpc::Method kAcceptStagedImport{.name = "/gatehouse.watchlist.v1.WatchlistAdminService/AcceptStagedImport",
                                          .audit = rpc::Audited{},
                                          .purpose = "list_administration",
                                          .default_timeout = absl::Seconds(120),
                                          .lane = rpc::Lane::kBulk};
constexpr rpc::Method kRejectStagedImport{.name = "/gatehouse.watchlist.v1.WatchlistAdminService/RejectStagedImport",
                                          .audit = rpc::Audited{},
                                          .purpose = "list_administration",
                                          .lane = rpc::Lane::kAdmin};
constexpr rpc::Method kConfirmBase{.name = "/gatehouse.watchlist.v1.WatchlistAdminService/ConfirmBase",
                                   .audit = rpc::Audited{},
                                   .purpose = "list_administration",
                                   .lane = rpc::Lane::kAdmin};
constexpr rpc::Method kListStagedImports{.name = "/gatehouse.watchlist.v1.WatchlistAdminService/ListStagedImports",
                                         .audit = rpc::NotAudited{"counts and names of lists, nobody who is on them"},
                                         .lane = rpc::Lane::kAdmin};

// A document by its number, somebody without one by the name and the date of birth.
void AddSubjects(const Query& query, rpc::Call& call) {
  if (query.document.has_value()) {
    call.AddDocument(
        {.number = query.document->number, .issuer = query.document->issuer, .type = query.document->type});
  }
  const std::string in_parts = absl::StrCat(query.primary, " ", query.secondary);
  for (const std::string& name : {query.name, in_parts, query.mrz_name}) {
    call.AddName({.name = name, .birth_date = query.birth_date});
  }
}

class WatchlistService final
    : public v1::WatchlistService::WithRawCallbackMethod_ListBases<v1::WatchlistService::WithRawCallbackMethod_Screen<
          v1::WatchlistService::WithRawCallbackMethod_BatchScreen<v1::WatchlistService::CallbackService>>> {
 public:
  WatchlistService(rpc::Host& host, const Watchlist& watchlist) : host_(host), watchlist_(watchlist) {
    rpc::Offer(host, kBatchScreen.name, this, &WatchlistService::BatchScreen);
  }

  grpc::ServerUnaryReactor* Screen(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                   grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::ScreenRequest, v1::ScreenResponse>(
        host_, context, kScreen, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::ScreenRequest& request, v1::ScreenResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(const Query query, FromProto(request.query(), "query."));
          AddSubjects(query, call);
          ToProto(query.id, watchlist_.Screen(query, request.all_candidates()), response.mutable_answer());
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* BatchScreen(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                        grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::BatchScreenRequest, v1::BatchScreenResponse>(
        host_, context, kBatchScreen, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::BatchScreenRequest& request,
               v1::BatchScreenResponse& response) -> absl::Status {
          if (request.queries_size() > kMaxBatchQueries) {
            return rpc::InvalidField("queries", absl::StrCat("more than ", kMaxBatchQueries));
          }
          for (int i = 0; i < request.queries_size(); ++i) {
            GH_RETURN_IF_ERROR(base::CheckWorkTime());
            GH_ASSIGN_OR_RETURN(const Query query, FromProto(request.queries(i), absl::StrCat("queries[", i, "].")));
            AddSubjects(query, call);
            ToProto(query.id, watchlist_.Screen(query, request.all_candidates()), response.add_answers());
          }
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ListBases(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                      grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::ListBasesRequest, v1::ListBasesResponse>(
        host_, context, kListBases, request_bytes, response_bytes,
        [this](rpc::Call&, const v1::ListBasesRequest&, v1::ListBasesResponse& response) -> absl::Status {
          for (const BaseInfo& info : watchlist_.Bases()) ToProto(info, response.add_bases());
          return absl::OkStatus();
        });
  }

 private:
  rpc::Host& host_;
  const Watchlist& watchlist_;
};

// A change is made once: a call with the id and the bytes of an earlier one gets that one's answer.
template <typename Request, typename Response>
absl::Status ChangeOnce(const Watchlist& watchlist, rpc::Call& call, const Request& request, Response& response,
                        const std::function<absl::StatusOr<ListChange>(const ChangeRequest&)>& make) {
  GH_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  const authz::Principal& principal = call.principal();
  ChangeRequest by;
  by.by.identity = principal.identity;
  by.by.person = principal.person;
  by.id = request.request_id();
  // The same id in another's mouth is another call.
  by.digest = absl::StrCat(call.request_digest(), principal.identity);
  by.render = [](const ListChange& change) {
    Response answer;
    ToProto(change, &answer);
    return answer.SerializeAsString();
  };
  GH_ASSIGN_OR_RETURN(std::optional<std::string> earlier, watchlist.FindAnswer(by));
  if (!earlier.has_value()) {
    const absl::StatusOr<ListChange> change = make(by);
    if (change.ok()) {
      ToProto(*change, &response);
      return absl::OkStatus();
    }
    // The same call at the same moment: its answer is ours.
    if (by.id.empty() || change.status().code() != absl::StatusCode::kAlreadyExists) return change.status();
    GH_ASSIGN_OR_RETURN(earlier, watchlist.FindAnswer(by));
    if (!earlier.has_value()) return change.status();
  }
  if (!response.ParseFromString(*earlier)) return absl::DataLossError("the kept answer is damaged");
  return absl::OkStatus();
}

// All that change something take the bytes as they were sent: a repeated request is known by them.
using RawAdminService = v1::WatchlistAdminService::WithRawCallbackMethod_ListStagedImports<
    v1::WatchlistAdminService::WithRawCallbackMethod_ImportList<
        v1::WatchlistAdminService::WithRawCallbackMethod_AcceptStagedImport<
            v1::WatchlistAdminService::WithRawCallbackMethod_RejectStagedImport<
                v1::WatchlistAdminService::WithRawCallbackMethod_ConfirmBase<
                    v1::WatchlistAdminService::CallbackService>>>>>;

class WatchlistAdminService final : public RawAdminService {
 public:
  WatchlistAdminService(rpc::Host& host, Watchlist& watchlist) : host_(host), watchlist_(watchlist) {}

  grpc::ServerUnaryReactor* ImportList(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override {
    return Change<v1::ImportListRequest, v1::ImportListResponse>(
        context, kImportList, request, response,
        [this](const v1::ImportListRequest& asked, const ChangeRequest& by) -> absl::StatusOr<ListChange> {
          GH_ASSIGN_OR_RETURN(const ImportOrder order, FromProto(asked));
          return watchlist_.Import(order, by);
        });
  }

  grpc::ServerUnaryReactor* AcceptStagedImport(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                               grpc::ByteBuffer* response) override {
    return Change<v1::AcceptStagedImportRequest, v1::AcceptStagedImportResponse>(
        context, kAcceptStagedImport, request, response,
        [this](const v1::AcceptStagedImportRequest& asked, const ChangeRequest& by) {
          return watchlist_.Accept(asked.staged_id(), by);
        });
  }

  grpc::ServerUnaryReactor* RejectStagedImport(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                               grpc::ByteBuffer* response) override {
    return Change<v1::RejectStagedImportRequest, v1::RejectStagedImportResponse>(
        context, kRejectStagedImport, request, response,
        [this](const v1::RejectStagedImportRequest& asked, const ChangeRequest& by) {
          return watchlist_.Reject(asked.staged_id(), asked.reason(), by);
        });
  }

  grpc::ServerUnaryReactor* ConfirmBase(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override {
    return Change<v1::ConfirmBaseRequest, v1::ConfirmBaseResponse>(
        context, kConfirmBase, request, response, [this](const v1::ConfirmBaseRequest& asked, const ChangeRequest& by) {
          return watchlist_.Confirm(asked.base(), by);
        });
  }

  grpc::ServerUnaryReactor* ListStagedImports(grpc::CallbackServerContext* context,
                                              const grpc::ByteBuffer* request_bytes,
                                              grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::ListStagedImportsRequest, v1::ListStagedImportsResponse>(
        host_, context, kListStagedImports, request_bytes, response_bytes,
        [this](rpc::Call&, const v1::ListStagedImportsRequest&,
               v1::ListStagedImportsResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(const std::vector<StagedImport> imports, watchlist_.ListStaged());
          for (const StagedImport& staged : imports) ToProto(staged, response.add_staged_imports());
          return absl::OkStatus();
        });
  }

 private:
  template <typename Request, typename Response, typename Make>
  grpc::ServerUnaryReactor* Change(grpc::CallbackServerContext* context, const rpc::Method& method,
                                   const grpc::ByteBuffer* request, grpc::ByteBuffer* response, Make make) {
    return rpc::Handle<Request, Response>(
        host_, context, method, request, response,
        [this, make = std::move(make)](rpc::Call& call, const Request& asked, Response& answer) -> absl::Status {
          return ChangeOnce(watchlist_, call, asked, answer,
                            [&](const ChangeRequest& by) -> absl::StatusOr<ListChange> { return make(asked, by); });
        });
  }

  rpc::Host& host_;
  Watchlist& watchlist_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeWatchlistService(rpc::Host& host, const Watchlist& watchlist) {
  return std::make_unique<WatchlistService>(host, watchlist);
}

std::unique_ptr<grpc::Service> MakeWatchlistAdminService(rpc::Host& host, Watchlist& watchlist) {
  return std::make_unique<WatchlistAdminService>(host, watchlist);
}

}  // namespace gatehouse::watchlist
