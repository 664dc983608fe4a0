#include "services/document/notice_grpc_service.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>

#include "gatehouse/document/v1/notice_service.grpc.pb.h"
#include "libs/base/status_macros.h"
#include "libs/mrz/states.h"
#include "libs/rpc/errors.h"
#include "services/document/notice_convert.h"
#include "services/document/page_convert.h"

namespace gatehouse::document {
namespace {

constexpr int kMaxNoticePageSize = 200;  // a notice may have a thousand ranges of numbers
constexpr size_t kMaxToldRefusals = 1000;

constexpr rpc::NotAudited kAboutKinds("notices speak of kinds and ranges of documents, not of a person");
constexpr rpc::Method kListNotices{.name = "/gatehouse.document.v1.NoticeService/ListNotices", .audit = kAboutKinds};
constexpr rpc::Method kGetNotice{.name = "/gatehouse.document.v1.NoticeService/GetNotice", .audit = kAboutKinds};
// Audited like calls about a person: a notice makes officers look at everybody who comes after with such a document.
constexpr rpc::Method kImportNotices{.name = "/gatehouse.document.v1.NoticeAdminService/ImportNotices",
                                     .audit = rpc::Audited{},
                                     .purpose = "notice_administration",
                                     .max_request_bytes = kMaxNoticeFileBytes + 64 * 1024,
                                     .default_timeout = absl::Seconds(120),
                                     .lane = rpc::Lane::kBulk};
constexpr rpc::Method kListNoticeImports{.name = "/gatehouse.document.v1.NoticeAdminService/ListNoticeImports",
                                         .audit = kAboutKinds,
                                         .purpose = "notice_administration",
                                         .lane = rpc::Lane::kAdmin};
constexpr rpc::Method kListNoticeStatistics{.name = "/gatehouse.document.v1.NoticeAdminService/ListNoticeStatistics",
                                            .audit = kAboutKinds,
                                            .purpose = "notice_administration",
                                            .lane = rpc::Lane::kAdmin};

class NoticeService final
    : public v1::NoticeService::WithRawCallbackMethod_GetNotice<
          v1::NoticeService::WithRawCallbackMethod_ListNotices<v1::NoticeService::CallbackService>> {
 public:
  NoticeService(rpc::Host& host, const Notices& notices, base::Clock& clock)
      : host_(host), notices_(notices), clock_(clock) {}

  grpc::ServerUnaryReactor* ListNotices(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                        grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::ListNoticesRequest, v1::ListNoticesResponse>(
        host_, context, kListNotices, request_bytes, response_bytes,
        [this](rpc::Call&, const v1::ListNoticesRequest& request, v1::ListNoticesResponse& response) -> absl::Status {
          const NoticesHeldPtr held = notices_.held();
          const std::vector<NoticePtr> wanted = Wanted(request, *held->index);
          GH_ASSIGN_OR_RETURN(const Page page,
                              ReadPage(request.page_size(), request.page_token(), wanted.size(), kMaxNoticePageSize));
          for (size_t i = page.first; i < page.end; ++i) {
            v1::Notice* item = response.add_notices();
            ToProto(*wanted[i], item);
            ToProto(held->origins.at(wanted[i]->id), item);
            item->clear_features();
          }
          response.set_next_page_token(page.next);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* GetNotice(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                      grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::GetNoticeRequest, v1::GetNoticeResponse>(
        host_, context, kGetNotice, request_bytes, response_bytes,
        [this](rpc::Call&, const v1::GetNoticeRequest& request, v1::GetNoticeResponse& response) -> absl::Status {
          if (request.id().empty()) return rpc::InvalidField("id", "missing");
          GH_ASSIGN_OR_RETURN(const KeptNotice kept, notices_.Load(request.id()));
          ToProto(kept.notice, response.mutable_notice());
          ToProto(kept.origin, response.mutable_notice());
          return absl::OkStatus();
        });
  }

 private:
  std::vector<NoticePtr> Wanted(const v1::ListNoticesRequest& request, const NoticeIndex& index) {
    const absl::CivilDay day = absl::ToCivilDay(clock_.Now(), absl::UTCTimeZone());
    const base::PartialDate today{static_cast<int>(day.year()), day.month(), day.day()};
    const std::string_view state = request.issuing_state();
    std::vector<NoticePtr> wanted;
    for (const NoticePtr& notice : index.notices()) {
      if (!state.empty() && StateKey(notice->issuing_state) != StateKey(state)) continue;
      if (request.in_force() && !MayLieBetween(today, notice->valid_from, notice->valid_until)) continue;
      wanted.push_back(notice);
    }
    return wanted;
  }

  rpc::Host& host_;
  const Notices& notices_;
  base::Clock& clock_;
};

class NoticeAdminService final
    : public v1::NoticeAdminService::WithRawCallbackMethod_ListNoticeStatistics<
          v1::NoticeAdminService::WithRawCallbackMethod_ListNoticeImports<
              v1::NoticeAdminService::WithRawCallbackMethod_ImportNotices<v1::NoticeAdminService::CallbackService>>> {
 public:
  NoticeAdminService(rpc::Host& host, Notices& notices, NoticeCounts& counts, const OnceDeps& once)
      : host_(host), notices_(notices), counts_(counts), once_(once) {}

  grpc::ServerUnaryReactor* ImportNotices(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request_bytes,
                                          grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::ImportNoticesRequest, v1::ImportNoticesResponse>(
        host_, context, kImportNotices, request_bytes, response_bytes,
        [this](rpc::Call& call, const v1::ImportNoticesRequest& request,
               v1::ImportNoticesResponse& response) -> absl::Status {
          GH_RETURN_IF_ERROR((Once<Notices::ImportOutcome, v1::ImportNoticesResponse>(
              once_, call, kImportNotices.name, request.request_id(), response,
              [](const Notices::ImportOutcome& outcome, v1::ImportNoticesResponse& out) {
                ToProto(outcome.made, out.mutable_import());
                const size_t told = std::min(outcome.refused.size(), kMaxToldRefusals);
                for (size_t i = 0; i < told; ++i) ToProto(outcome.refused[i], out.add_refused());
              },
              [&](const auto& asked) {
                return notices_.Import(request.name(), request.content(), request.note(), call.principal().identity,
                                       asked);
              })));
          if (response.import().number() != 0) call.AddSubject(response.import().import_id());
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ListNoticeImports(grpc::CallbackServerContext* context,
                                              const grpc::ByteBuffer* request_bytes,
                                              grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::ListNoticeImportsRequest, v1::ListNoticeImportsResponse>(
        host_, context, kListNoticeImports, request_bytes, response_bytes,
        [this](rpc::Call&, const v1::ListNoticeImportsRequest& request,
               v1::ListNoticeImportsResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(const std::vector<NoticeImport> imports, notices_.Imports());
          GH_ASSIGN_OR_RETURN(const Page page, ReadPage(request.page_size(), request.page_token(), imports.size()));
          for (size_t i = page.first; i < page.end; ++i) ToProto(imports[i], response.add_imports());
          response.set_next_page_token(page.next);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ListNoticeStatistics(grpc::CallbackServerContext* context,
                                                 const grpc::ByteBuffer* request_bytes,
                                                 grpc::ByteBuffer* response_bytes) override {
    return rpc::Handle<v1::ListNoticeStatisticsRequest, v1::ListNoticeStatisticsResponse>(
        host_, context, kListNoticeStatistics, request_bytes, response_bytes,
        [this](rpc::Call&, const v1::ListNoticeStatisticsRequest& request,
               v1::ListNoticeStatisticsResponse& response) -> absl::Status {
          GH_ASSIGN_OR_RETURN(const std::vector<NoticeCount> counts, counts_.Read());
          GH_ASSIGN_OR_RETURN(const Page page, ReadPage(request.page_size(), request.page_token(), counts.size()));
          const NoticesHeldPtr held = notices_.held();
          for (size_t i = page.first; i < page.end; ++i) {
            v1::NoticeStatistics* item = response.add_statistics();
            ToProto(counts[i], item);
            const NoticePtr notice = held->index->Find(counts[i].notice_id);
            if (notice == nullptr) continue;  // imported by another replica a moment ago
            item->set_kind(std::string(ToWord(notice->kind)));
            item->set_issuing_state(notice->issuing_state);
          }
          response.set_next_page_token(page.next);
          return absl::OkStatus();
        });
  }

 private:
  rpc::Host& host_;
  Notices& notices_;
  NoticeCounts& counts_;
  const OnceDeps once_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeNoticeService(rpc::Host& host, const Notices& notices, base::Clock& clock) {
  return std::make_unique<NoticeService>(host, notices, clock);
}

std::unique_ptr<grpc::Service> MakeNoticeAdminService(rpc::Host& host, Notices& notices, NoticeCounts& counts,
                                                      const OnceDeps& once) {
  return std::make_unique<NoticeAdminService>(host, notices, counts, once);
}

}  // namespace gatehouse::document
