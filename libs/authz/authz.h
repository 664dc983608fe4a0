// Who may call what: data, reviewed like code. The matrix is a text-format gatehouse.runtime.v1.AuthorizationMatrix:
// identities (certificate names) have roles; grants say which roles may call a method. What is not granted is refused.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gatehouse::authz {

// Who calls, as far as this process has proof of it.
struct Principal {
  std::string identity;            // from the verified client certificate, or the module's name in process
  std::vector<std::string> roles;  // from the matrix
  bool person = false;             // a named human
  bool may_act_for = false;        // may forward the officer and the purpose of its own caller
  bool in_process = false;         // by the per-start token of the in-process channel
  std::string officer;             // the named human behind the call: itself, or forwarded by one who may; else empty
  std::string purpose;             // why; the default of the method when nobody said
};

inline constexpr size_t kMaxMatrixBytes = 4 * 1024 * 1024;

// Immutable, thread-safe. A look-up is one hash, whatever the size of the matrix.
class Matrix {
 public:
  // INVALID_ARGUMENT with the line for a malformed text, an unknown field, an identity or a method given twice, a
  // method that is not "/package.Service/Method" or "/package.Service/*", a grant to nobody, a role that no grant knows
  // (a typing error would otherwise lock somebody out in silence).
  static absl::StatusOr<std::unique_ptr<Matrix>> Parse(std::string_view text);
  virtual ~Matrix() = default;

  // The principal of a certificate identity; PERMISSION_DENIED when the matrix does not know it.
  virtual absl::StatusOr<Principal> Find(std::string_view identity) const = 0;
  // The role by which `principal` may call `method` ("/package.Service/Method"): the first of its roles that a grant of
  // the method or of its whole service names. PERMISSION_DENIED otherwise, also for a method nobody was granted.
  virtual absl::StatusOr<std::string> Authorise(const Principal& principal, std::string_view method) const = 0;
};

}  // namespace gatehouse::authz
