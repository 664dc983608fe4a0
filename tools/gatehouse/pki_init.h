// A certificate authority for development: one P-256 CA and a certificate and key per identity, in one folder. What a
// State uses instead is its own PKI; Gatehouse only needs the same three files (its certificate, its key, the CA).
//
//   FOLDER/ca.crt  FOLDER/ca.key  FOLDER/<identity>.crt  FOLDER/<identity>.key      PEM; keys mode 0600
//
// The identity is the URI subject alternative name gatehouse:<identity>, by which Gatehouse knows the holder; the
// common name is for people to read. Services are servers and clients, and are reached under DNS names: the identity,
// localhost, 127.0.0.1 and ::1. People and machines are clients only.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"

namespace gatehouse::cli {

// The identities of deploy/authorization/matrix.textproto.
std::vector<std::string> DevelopmentServices();
std::vector<std::string> DevelopmentClients();

struct PkiOptions {
  std::vector<std::string> services;
  std::vector<std::string> clients;
  // More names or addresses under which the services are reached.
  std::vector<std::string> hosts;
  absl::Duration ca_validity = absl::Hours(24 * 3652);
  absl::Duration validity = absl::Hours(24 * 825);
  base::Clock* clock = &base::SystemClock();
  base::Random* random = &base::SystemRandom();  // serial numbers; keys come from OpenSSL
};

struct PkiEntry {
  std::string identity;  // "ca" for the authority
  std::string certificate_file;
  bool made = false;  // false: was there and was kept
  absl::Time not_after;
};

// Makes what is missing and keeps what is there, byte for byte; the CA comes first in the answer.
// INVALID_ARGUMENT for a name that is no identity (1 to 63 of a-z 0-9 - _ . beginning with a letter or digit; not
// "ca"). FAILED_PRECONDITION, having made nothing, when what is there does not fit together: half a pair, a key of
// another certificate, a certificate of another CA. Nothing is ever overwritten. UNAVAILABLE when the disk refuses.
absl::StatusOr<std::vector<PkiEntry>> MakeDevelopmentPki(const std::string& folder, const PkiOptions& options);

}  // namespace gatehouse::cli
