// The client certificate of a connection, as the handshake verified it. Private to libs/rpc.
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/authz/authz.h"

namespace gatehouse::rpc {

struct PeerCertificate {
  authz::CertificateNames names;
  // Both infinitely far in the past when it cannot be read.
  absl::Time not_before = absl::InfinitePast();
  absl::Time not_after = absl::InfinitePast();

  // OK, or UNAUTHENTICATED when it is not valid (any more, yet) at `now`: a connection lives longer than a handshake.
  absl::Status CheckValid(absl::Time now) const;
};

// Reads each certificate once. Thread-safe.
class PeerCertificates {
 public:
  // Never null. By the certificate itself, so that two never share an entry.
  std::shared_ptr<const PeerCertificate> Find(std::string_view pem);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::shared_mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const PeerCertificate>, Hash, std::equal_to<>> by_pem_;
};

}  // namespace gatehouse::rpc
