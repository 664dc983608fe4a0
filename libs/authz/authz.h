// Who may call what: data, reviewed like code. The matrix is a text-format gatehouse.runtime.v1.AuthorizationMatrix:
// identities have roles; grants say which roles may call a method. What is not granted is refused. Who holds a
// certificate is told by its one URI name, gatehouse:IDENTITY, or, for people, by the certificates the matrix lists
// (docs/decisions/0033-names-of-machines-and-people.md).
#pragma once

#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
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

// What a verified client certificate says of its holder.
struct CertificateNames {
  std::vector<std::string> uris;  // every URI subject alternative name
  std::string issuer;             // the issuer's distinguished name, RFC 2253
  std::string serial;             // upper-case hex, without leading zeros
  std::string sha256;             // of the DER, lower-case hex
};

// gatehouse:officer-1 names officer-1.
inline constexpr std::string_view kIdentityUriScheme = "gatehouse:";
inline constexpr size_t kMaxIdentityBytes = 64;
// 1 to kMaxIdentityBytes of A-Z a-z 0-9 . _ -
bool IsIdentity(std::string_view text);

// Who holds a certificate, as far as the certificate and the matrix agree on one.
struct Holder {
  // UNAUTHENTICATED when the certificate names nobody, or more than one (two URIs, a URI that is not ours, a URI beside
  // an entry of `certificates` that names somebody else); PERMISSION_DENIED when the matrix does not know the name.
  absl::Status status;
  std::string identity;                        // for the audit leaf also when refused: the name, or certificate:SHA256
  std::shared_ptr<const Principal> principal;  // null when refused
};

inline constexpr size_t kMaxMatrixBytes = 4 * 1024 * 1024;

// Thread-safe; immutable but for MatrixFile. A look-up is one hash, whatever the size of the matrix.
class Matrix {
 public:
  // INVALID_ARGUMENT with the line for a malformed text, an unknown field, an identity or a method given twice, a
  // method that is not "/package.Service/Method" or "/package.Service/*", a grant to nobody, a role that no grant knows
  // (a typing error would otherwise lock somebody out in silence), a certificate that is half described, is given twice
  // or stands for a machine.
  static absl::StatusOr<std::unique_ptr<Matrix>> Parse(std::string_view text);
  virtual ~Matrix() = default;

  // The principal of a certificate identity; PERMISSION_DENIED when the matrix does not know it.
  virtual absl::StatusOr<Principal> Find(std::string_view identity) const = 0;
  // The holder of a certificate: by the reviewed `certificates` of people, else by its URI. Never by a common name, a
  // DNS name or an address: authorities write those for other purposes.
  virtual Holder Identify(const CertificateNames& certificate) const = 0;
  // The role by which `principal` may call `method` ("/package.Service/Method"): the first of its roles that a grant of
  // the method or of its whole service names. PERMISSION_DENIED otherwise, also for a method nobody was granted.
  virtual absl::StatusOr<std::string> Authorise(const Principal& principal, std::string_view method) const = 0;
  // Whether any grant names `method` or its whole service, to whomever: what nobody was granted may be a name that its
  // caller made up.
  virtual bool Knows(std::string_view method) const = 0;
};

// The matrix of a file, read again while the process runs, so that a removed officer is refused at his next call.
class MatrixFile final : public Matrix {
 public:
  // INVALID_ARGUMENT, with the file and the line, for one that cannot be read or parsed.
  static absl::StatusOr<std::unique_ptr<MatrixFile>> Open(std::string file);

  // Takes the file as it is now. On an error, as of Open, the last good matrix stays in force. Not more than one
  // thread.
  absl::Status Reread();

  absl::StatusOr<Principal> Find(std::string_view identity) const override { return current()->Find(identity); }
  Holder Identify(const CertificateNames& certificate) const override { return current()->Identify(certificate); }
  absl::StatusOr<std::string> Authorise(const Principal& principal, std::string_view method) const override {
    return current()->Authorise(principal, method);
  }
  bool Knows(std::string_view method) const override { return current()->Knows(method); }

 private:
  explicit MatrixFile(std::string file) : file_(std::move(file)) {}
  std::shared_ptr<const Matrix> current() const {
    std::shared_lock lock(mutex_);
    return matrix_;
  }

  const std::string file_;
  std::string text_;  // of what is in force
  mutable std::shared_mutex mutex_;
  std::shared_ptr<const Matrix> matrix_;
};

}  // namespace gatehouse::authz
