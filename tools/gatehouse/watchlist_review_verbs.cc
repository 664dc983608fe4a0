// gatehouse watchlist staged | accept ID | reject ID | confirm
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_join.h"
#include "gatehouse/watchlist/v1/watchlist_service.grpc.pb.h"
#include "tools/gatehouse/client.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/verbs.h"
#include "tools/gatehouse/watchlist_output.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::watchlist::v1;
using Stub = pb::WatchlistAdminService::Stub;

// False when the call failed, which then is told.
template <typename Request, typename Response>
bool Call(Context& context, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
          const Request& request, Response& response) {
  const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
  if (!channel.ok()) {
    context.Fail(channel.status());
    return false;
  }
  const auto stub = pb::WatchlistAdminService::NewStub(*channel);
  const auto call = NewCall(context);
  const grpc::Status status = (stub.get()->*method)(call.get(), request, &response);
  if (!status.ok()) context.Fail(CallStatus(context, status));
  return status.ok();
}

void Staged(Context& context) {
  pb::ListStagedImportsResponse response;
  if (!Call(context, &Stub::ListStagedImports, pb::ListStagedImportsRequest(), response)) return;
  PrintStaged(context, {response.staged_imports().begin(), response.staged_imports().end()});
}

void Accept(Context& context, const std::string& id) {
  pb::AcceptStagedImportRequest request;
  request.set_staged_id(id);
  pb::AcceptStagedImportResponse response;
  if (!Call(context, &Stub::AcceptStagedImport, request, response)) return;
  PrintStaged(context, {response.staged_import()});
  if (response.staged_import().state() == pb::STAGED_STATE_WAITING) {
    context.exit_code = kCheckSaysNo;
    *context.err << "a machine imported it: one more person has to accept it\n";
  }
}

void Reject(Context& context, const std::string& id, const std::string& reason) {
  pb::RejectStagedImportRequest request;
  request.set_staged_id(id);
  request.set_reason(reason);
  pb::RejectStagedImportResponse response;
  if (Call(context, &Stub::RejectStagedImport, request, response)) PrintStaged(context, {response.staged_import()});
}

void Confirm(Context& context, const std::string& base) {
  pb::ConfirmBaseRequest request;
  request.set_base(base);
  pb::ConfirmBaseResponse response;
  if (!Call(context, &Stub::ConfirmBase, request, response)) return;
  PrintBases(context, {response.base()});
  if (response.base().confirmed_by_size() < 2) {
    *context.err << "said by " << absl::StrJoin(response.base().confirmed_by(), ", ")
                 << "; a second person has to say so too: gatehouse watchlist confirm --base " << base << "\n";
  }
}

}  // namespace

void AddWatchlistReviewVerbs(CLI::App& watchlist, Context& context) {
  CLI::App* staged = AddVerb(watchlist, "staged", "Editions that wait for a second person, or did");
  staged->callback([&context] { Staged(context); });

  auto id = std::make_shared<std::string>();
  CLI::App* accept = AddVerb(watchlist, "accept", "Let a staged edition serve; not by whoever imported it");
  accept->add_option("ID", *id, "Of `watchlist import` or `watchlist staged`")->required();
  accept->callback([&context, id] { Accept(context, *id); });

  auto reason = std::make_shared<std::string>();
  CLI::App* reject = AddVerb(watchlist, "reject", "Drop a staged edition; what serves goes on");
  reject->add_option("ID", *id, "Of `watchlist import` or `watchlist staged`")->required();
  reject->add_option("--reason", *reason, "Why")->required();
  reject->callback([&context, id, reason] { Reject(context, *id, *reason); });

  auto base = std::make_shared<std::string>();
  CLI::App* confirm =
      AddVerb(watchlist, "confirm", "Say that the edition which serves is current; two people renew it");
  confirm->add_option("--base", *base, "Name of the base")->required();
  confirm->callback([&context, base] { Confirm(context, *base); });
}

}  // namespace gatehouse::cli
