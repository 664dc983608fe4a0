#include "services/watchlist/grpc_service.h"

#include <grpcpp/grpcpp.h>

#include "absl/strings/str_cat.h"
#include "gatehouse/watchlist/v1/watchlist_service.grpc.pb.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/errors.h"
#include "services/watchlist/convert.h"

namespace gatehouse::watchlist {
namespace {

constexpr int kMaxBatchQueries = 1000;
constexpr size_t kMaxImportBytes = 60 * 1024 * 1024;
constexpr rpc::Method kScreen{.name = "/gatehouse.watchlist.v1.WatchlistService/Screen", .audit = rpc::Audited{}};
constexpr rpc::Method kBatchScreen{.name = "/gatehouse.watchlist.v1.WatchlistService/BatchScreen",
                                   .audit = rpc::Audited{},
                                   .max_request_bytes = 4 * 1024 * 1024,
                                   .default_timeout = absl::Seconds(60)};
constexpr rpc::Method kListBases{.name = "/gatehouse.watchlist.v1.WatchlistService/ListBases",
                                 .audit = rpc::NotAudited{"names and ages of lists, nobody who is on them"}};
// It writes persons: those who are listed.
constexpr rpc::Method kImportList{.name = "/gatehouse.watchlist.v1.WatchlistAdminService/ImportList",
                                  .audit = rpc::Audited{},
                                  .purpose = "list_administration",
                                  .max_request_bytes = kMaxImportBytes,
                                  .default_timeout = absl::Seconds(120)};

class WatchlistService final
    : public v1::WatchlistService::WithRawCallbackMethod_BatchScreen<v1::WatchlistService::CallbackService> {
 public:
  WatchlistService(rpc::Host& host, const Watchlist& watchlist) : host_(host), watchlist_(watchlist) {}

  grpc::ServerUnaryReactor* Screen(grpc::CallbackServerContext* context, const v1::ScreenRequest* request,
                                   v1::ScreenResponse* response) override {
    return rpc::Handle(host_, context, kScreen, *request, [this, request, response](rpc::Call&) -> absl::Status {
      GH_ASSIGN_OR_RETURN(const Query query, FromProto(request->query(), "query."));
      ToProto(query.id, watchlist_.Screen(query, request->all_candidates()), watchlist_.Now(),
              response->mutable_answer());
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* BatchScreen(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                        grpc::ByteBuffer* response_bytes) override {
    return rpc::HandleRaw<v1::BatchScreenRequest, v1::BatchScreenResponse>(
        host_, context, kBatchScreen, request_bytes, response_bytes,
        [this](rpc::Call&, const v1::BatchScreenRequest& request, v1::BatchScreenResponse& response) -> absl::Status {
          if (request.queries_size() > kMaxBatchQueries) {
            return rpc::InvalidField("queries", absl::StrCat("more than ", kMaxBatchQueries));
          }
          for (int i = 0; i < request.queries_size(); ++i) {
            GH_ASSIGN_OR_RETURN(const Query query, FromProto(request.queries(i), absl::StrCat("queries[", i, "].")));
            ToProto(query.id, watchlist_.Screen(query, request.all_candidates()), watchlist_.Now(),
                    response.add_answers());
          }
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ListBases(grpc::CallbackServerContext* context, const v1::ListBasesRequest* request,
                                      v1::ListBasesResponse* response) override {
    return rpc::Handle(host_, context, kListBases, *request, [this, response](rpc::Call&) -> absl::Status {
      for (const BaseInfo& info : watchlist_.Bases()) ToProto(info, response->add_bases());
      return absl::OkStatus();
    });
  }

 private:
  rpc::Host& host_;
  const Watchlist& watchlist_;
};

class WatchlistAdminService final
    : public v1::WatchlistAdminService::WithRawCallbackMethod_ImportList<v1::WatchlistAdminService::CallbackService> {
 public:
  WatchlistAdminService(rpc::Host& host, Watchlist& watchlist) : host_(host), watchlist_(watchlist) {}

  grpc::ServerUnaryReactor* ImportList(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                       grpc::ByteBuffer* response_bytes) override {
    return rpc::HandleRaw<v1::ImportListRequest, v1::ImportListResponse>(
        host_, context, kImportList, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::ImportListRequest& request,
               v1::ImportListResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(const std::string format, FormatFromProto(request.format()));
          GH_ASSIGN_OR_RETURN(const ImportOutcome outcome,
                              watchlist_.Import(request.base(), format, request.content(), call.principal().identity));
          ToProto(outcome, &response);
          return absl::OkStatus();
        });
  }

 private:
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
