#include "libs/rpc/caller.h"

#include <grpcpp/grpcpp.h>
#include <openssl/crypto.h>

#include <string_view>
#include <utility>
#include <vector>

#include "libs/rpc/metadata.h"

namespace gatehouse::rpc {
namespace {

// More certificates than this in one process's life (renewals included) start the cache anew.
constexpr size_t kMaxCachedCertificates = 4096;

constexpr std::string_view kUriPrefix = "gatehouse://";
// Development certificates carry it for the host name check of clients; it names nobody.
constexpr std::string_view kLocalhost = "localhost";

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

// Every name the certificate proves, the most specific first.
std::vector<std::string> NamesOf(const grpc::AuthContext& connection) {
  std::vector<std::string> names;
  for (const grpc::string_ref& uri : connection.FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME)) {
    if (View(uri).starts_with(kUriPrefix)) names.emplace_back(View(uri).substr(kUriPrefix.size()));
  }
  for (const grpc::string_ref& dns : connection.FindPropertyValues(GRPC_PEER_DNS_PROPERTY_NAME)) {
    if (View(dns) != kLocalhost) names.emplace_back(View(dns));
  }
  for (const grpc::string_ref& common : connection.FindPropertyValues(GRPC_X509_CN_PROPERTY_NAME)) {
    names.emplace_back(View(common));
  }
  return names;
}

Caller Unauthenticated(std::string_view why) {
  return Caller{.status = absl::UnauthenticatedError(absl::string_view(why.data(), why.size()))};
}

Caller Identify(const authz::Matrix& matrix, const std::vector<std::string>& names) {
  if (names.empty()) return Unauthenticated("the client certificate names nobody");
  for (const std::string& name : names) {
    absl::StatusOr<authz::Principal> principal = matrix.Find(name);
    if (!principal.ok()) continue;
    return Caller{.identity = name, .principal = *std::move(principal)};
  }
  return Caller{.status = absl::PermissionDeniedError("the authorisation matrix does not know this identity"),
                .identity = names.front()};
}

}  // namespace

std::shared_ptr<const Caller> CallerFinder::Find(const grpc::CallbackServerContext& context) {
  const std::shared_ptr<const grpc::AuthContext> connection = context.auth_context();
  if (IsInProcess(context, *connection)) return FindByToken(context);
  std::shared_ptr<const Caller> caller = FindByCertificate(*connection);
  if (HasMetadata(context, kLocalTokenKey) || HasMetadata(context, kLocalIdentityKey)) {
    // Whoever sends it from outside tries to be a module. The leaf names the certificate that tried.
    Caller refused = Unauthenticated("a local token is not accepted over the network");
    refused.identity = caller->identity;
    return std::make_shared<const Caller>(std::move(refused));
  }
  return caller;
}

std::shared_ptr<const Caller> CallerFinder::FindByToken(const grpc::CallbackServerContext& context) const {
  const std::string_view token = Metadata(context, kLocalTokenKey);
  if (local_token_.empty() || token.size() != local_token_.size() ||
      CRYPTO_memcmp(token.data(), local_token_.data(), token.size()) != 0) {
    return std::make_shared<const Caller>(Unauthenticated("no local token"));
  }
  const std::string identity(Metadata(context, kLocalIdentityKey));
  if (identity.empty()) return std::make_shared<const Caller>(Unauthenticated("no local identity"));
  Caller caller = Identify(matrix_, {identity});
  caller.principal.in_process = true;
  return std::make_shared<const Caller>(std::move(caller));
}

std::shared_ptr<const Caller> CallerFinder::FindByCertificate(const grpc::AuthContext& connection) {
  const std::vector<grpc::string_ref> found = connection.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (found.size() != 1) return std::make_shared<const Caller>(Unauthenticated("no client certificate"));
  std::string certificate(View(found.front()));
  {
    std::shared_lock lock(mutex_);
    const auto known = by_certificate_.find(certificate);
    if (known != by_certificate_.end()) return known->second;
  }
  auto caller = std::make_shared<const Caller>(Identify(matrix_, NamesOf(connection)));
  std::lock_guard lock(mutex_);
  if (by_certificate_.size() >= kMaxCachedCertificates) by_certificate_.clear();
  by_certificate_.insert_or_assign(std::move(certificate), caller);
  return caller;
}

}  // namespace gatehouse::rpc
