// Who calls: from the verified client certificate of the connection, or, in process, from the module's local token.
// Judged anew at each call: a certificate expires and a matrix changes while a connection lives. Private to libs/rpc.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "libs/authz/authz.h"
#include "libs/rpc/arrival.h"
#include "libs/rpc/peer_certificate.h"

namespace gatehouse::rpc {

// What the connection proves. `identity` is set also when the matrix refuses it, for the audit leaf.
struct Caller {
  // UNAUTHENTICATED without proof, or with one that is not valid now or names several; PERMISSION_DENIED when the
  // matrix does not know the identity.
  absl::Status status;
  std::string identity;
  authz::Principal principal;
};

// Thread-safe.
class CallerFinder {
 public:
  CallerFinder(const authz::Matrix& matrix, std::string local_token)
      : matrix_(matrix), local_token_(std::move(local_token)) {}

  Caller Find(const Arrival& arrival);

  // The holder of a PEM certificate. Its validity counts by the system's clock, as it does in the handshake.
  // `claims_to_be_local`: the call carries metadata of a local token, which a network caller must not.
  authz::Holder FindHolder(std::string_view certificate, bool claims_to_be_local);

 private:
  Caller FindByToken(const Arrival& arrival) const;
  Caller FindByCertificate(const Arrival& arrival);

  const authz::Matrix& matrix_;
  const std::string local_token_;
  PeerCertificates certificates_;
};

}  // namespace gatehouse::rpc
