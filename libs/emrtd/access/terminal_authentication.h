// Terminal Authentication version 1 (TR-03110-1 section 3.5, TR-03110-3 annex B): the terminal shows the chip that it
// may read fingerprints and irises, by a chain of CV certificates and a signature. Runs after Chip Authentication. The
// private key stays where it is: signing is a function that is given.
#pragma once

#include <functional>
#include <string>

#include "libs/emrtd/access/channel.h"

namespace gatehouse::emrtd::access {

// The longest chain that is sent: links between trust points, document verifier, terminal.
inline constexpr size_t kMaxCvChain = 8;

struct TerminalCredentials {
  // CV certificates, whole (7F21), each signed by the holder of the one before; the last is the terminal's own. May
  // begin above what a chip trusts: those are left out.
  std::vector<Octets> chain;
  // Signs octets with the terminal's key by the algorithm of its certificate: RSA as PKCS #1 says, ECDSA as plain r||s.
  std::function<absl::StatusOr<Octets>(Bytes)> sign;
};

struct TerminalAuthenticationInput {
  const TerminalCredentials* credentials = nullptr;
  // Names of the trust points the chip has, from EF.CVCA or from PACE.
  std::vector<std::string> trust_points;
  Octets chip_id;       // ID_PICC: after PACE its compressed key, after BAC the document number with its check digit
  Octets terminal_key;  // compressed ephemeral key of Chip Authentication
};

// NOT_FOUND: no certificate of the chain was signed by a trust point of the chip. PERMISSION_DENIED and others of
// SendExpectingSuccess: the chip refuses a certificate or the signature. INVALID_ARGUMENT: a certificate is malformed.
absl::Status RunTerminalAuthentication(Channel& channel, const TerminalAuthenticationInput& input);

// What is signed: ID_PICC || r_PICC || Comp(PK_PCD).
Octets TerminalAuthenticationMessage(Bytes chip_id, Bytes challenge, Bytes terminal_key);

// EF.CVCA: one or two names in DO 42, then zeros. INVALID_ARGUMENT for anything else.
absl::StatusOr<std::vector<std::string>> ReadCvca(Bytes file);

}  // namespace gatehouse::emrtd::access
