#include "libs/rpc/caller.h"

#include <grpcpp/grpcpp.h>
#include <openssl/crypto.h>

#include <utility>
#include <vector>

#include "libs/rpc/metadata.h"

namespace gatehouse::rpc {
namespace {

std::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

std::string_view Metadata(const grpc::CallbackServerContext& context, const char* key) {
  const auto found = context.client_metadata().find(key);
  return found == context.client_metadata().end() ? std::string_view() : View(found->second);
}

bool HasMetadata(const grpc::CallbackServerContext& context, const char* key) {
  return context.client_metadata().find(key) != context.client_metadata().end();
}

// A network transport always says how it is secured, "insecure" included; the in-process one says nothing and has no
// address.
bool IsInProcess(const grpc::CallbackServerContext& context, const grpc::AuthContext& connection) {
  return connection.begin() == connection.end() && context.peer() == "unknown";
}

Caller Unauthenticated(const char* why) { return Caller{.status = absl::UnauthenticatedError(why)}; }

}  // namespace

Caller CallerFinder::Find(const grpc::CallbackServerContext& context) {
  const std::shared_ptr<const grpc::AuthContext> connection = context.auth_context();
  if (IsInProcess(context, *connection)) return FindByToken(context);
  return FindByCertificate(context, *connection);
}

Caller CallerFinder::FindByToken(const grpc::CallbackServerContext& context) const {
  const std::string_view token = Metadata(context, kLocalTokenKey);
  if (local_token_.empty() || token.size() != local_token_.size() ||
      CRYPTO_memcmp(token.data(), local_token_.data(), token.size()) != 0) {
    return Unauthenticated("no local token");
  }
  std::string identity(Metadata(context, kLocalIdentityKey));
  if (identity.empty()) return Unauthenticated("no local identity");
  absl::StatusOr<authz::Principal> principal = matrix_.Find(identity);
  if (!principal.ok()) return Caller{.status = principal.status(), .identity = std::move(identity)};
  principal->in_process = true;
  return Caller{.identity = std::move(identity), .principal = *std::move(principal)};
}

Caller CallerFinder::FindByCertificate(const grpc::CallbackServerContext& context,
                                       const grpc::AuthContext& connection) {
  const std::vector<grpc::string_ref> found = connection.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (found.size() != 1) return Unauthenticated("no client certificate");
  const bool claims_to_be_local = HasMetadata(context, kLocalTokenKey) || HasMetadata(context, kLocalIdentityKey);
  authz::Holder holder = FindHolder(View(found.front()), claims_to_be_local);
  Caller caller{.status = std::move(holder.status), .identity = std::move(holder.identity)};
  if (caller.status.ok()) caller.principal = *holder.principal;
  return caller;
}

authz::Holder CallerFinder::FindHolder(std::string_view certificate, bool claims_to_be_local) {
  const std::shared_ptr<const PeerCertificate> read = certificates_.Find(certificate);
  authz::Holder holder = matrix_.Identify(read->names);
  const absl::Status valid = read->CheckValid(absl::Now());
  if (!valid.ok()) holder.status = valid;
  // Whoever sends it from outside tries to be a module. The leaf names the certificate that tried.
  if (claims_to_be_local) holder.status = absl::UnauthenticatedError("a local token is not accepted over the network");
  if (!holder.status.ok()) holder.principal = nullptr;
  return holder;
}

}  // namespace gatehouse::rpc
