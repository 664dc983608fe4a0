// Who calls: from the verified client certificate of the connection, or, in process, from the module's local token.
// Private to libs/rpc.
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "absl/status/status.h"
#include "libs/authz/authz.h"

namespace grpc {
class AuthContext;
class CallbackServerContext;
}  // namespace grpc

namespace gatehouse::rpc {

// What the connection proves. `identity` is set also when the matrix refuses it, for the audit leaf.
struct Caller {
  absl::Status status;  // UNAUTHENTICATED without proof; PERMISSION_DENIED when the matrix does not know the identity
  std::string identity;
  authz::Principal principal;
};

// Thread-safe.
class CallerFinder {
 public:
  CallerFinder(const authz::Matrix& matrix, std::string local_token)
      : matrix_(matrix), local_token_(std::move(local_token)) {}

  // Never null.
  std::shared_ptr<const Caller> Find(const grpc::CallbackServerContext& context);

 private:
  std::shared_ptr<const Caller> FindByToken(const grpc::CallbackServerContext& context) const;
  std::shared_ptr<const Caller> FindByCertificate(const grpc::AuthContext& connection);

  const authz::Matrix& matrix_;
  const std::string local_token_;
  // By the certificate itself, so that two certificates never share an entry.
  std::shared_mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const Caller>> by_certificate_;
};

}  // namespace gatehouse::rpc
