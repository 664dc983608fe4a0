#include "tools/gatehouse/trust_client.h"

namespace gatehouse::cli {

std::unique_ptr<TrustStub> ConnectTrust(Context& context) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Dial(context);
  if (channel.ok()) return gatehouse::document::v1::TrustAdminService::NewStub(*channel);
  context.Fail(channel.status());
  return nullptr;
}

}  // namespace gatehouse::cli
