#include "libs/rpc/caller.h"

#include <openssl/crypto.h>

#include <optional>
#include <utility>

#include "libs/rpc/metadata.h"

namespace gatehouse::rpc {
namespace {

Caller Unauthenticated(const char* why) { return Caller{.status = absl::UnauthenticatedError(why)}; }

}  // namespace

Caller CallerFinder::Find(const Arrival& arrival) {
  return arrival.IsInProcess() ? FindByToken(arrival) : FindByCertificate(arrival);
}

Caller CallerFinder::FindByToken(const Arrival& arrival) const {
  const std::string_view token = arrival.Metadata(kLocalTokenKey).value_or("");
  if (local_token_.empty() || token.size() != local_token_.size() ||
      CRYPTO_memcmp(token.data(), local_token_.data(), token.size()) != 0) {
    return Unauthenticated("no local token");
  }
  std::string identity(arrival.Metadata(kLocalIdentityKey).value_or(""));
  if (identity.empty()) return Unauthenticated("no local identity");
  absl::StatusOr<authz::Principal> principal = matrix_.Find(identity);
  if (!principal.ok()) return Caller{.status = principal.status(), .identity = std::move(identity)};
  principal->in_process = true;
  return Caller{.identity = std::move(identity), .principal = *std::move(principal)};
}

Caller CallerFinder::FindByCertificate(const Arrival& arrival) {
  const std::optional<std::string_view> certificate = arrival.Certificate();
  if (!certificate) return Unauthenticated("no client certificate");
  const bool claims_to_be_local = arrival.Metadata(kLocalTokenKey) || arrival.Metadata(kLocalIdentityKey);
  authz::Holder holder = FindHolder(*certificate, claims_to_be_local);
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
