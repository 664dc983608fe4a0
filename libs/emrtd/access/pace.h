// PACE (Doc 9303-11 section 4.4, TR-03110-2 section 3.2): a password of little entropy opens the chip without giving an
// eavesdropper anything to try passwords on. The mathematics of both halves; pace_exchange.h has the commands.
// Generic mapping (GM) and integrated mapping (IM) over ECDH and DH, chip authentication mapping (CAM) over ECDH.
// Each object is one run and is used in the order of its functions, once (GH_CHECK).
#pragma once

#include <optional>

#include "libs/base/random.h"
#include "libs/emrtd/access/group.h"
#include "libs/emrtd/access/key_derivation.h"
#include "libs/emrtd/lds/security_infos.h"

namespace gatehouse::emrtd::access {

// A PACEInfo that we can run.
struct PaceProtocol {
  Octets identifier;  // value octets of the protocol's object identifier
  PaceMapping mapping = PaceMapping::kGeneric;
  Cipher cipher = Cipher::kAes128;
  const Group* group = nullptr;
  std::optional<int> parameter_id;
};

// INVALID_ARGUMENT: parameters that are not standardised, or that do not go with the protocol (CAM over DH or with
// 3DES, IM over a curve that has none); NOT_FOUND: none are given; UNIMPLEMENTED: a version other than 2.
absl::StatusOr<PaceProtocol> ResolvePace(const SecurityInfos& card_access, const PaceInfo& info);
// All that resolve, in the order to try them: CAM, GM, IM; then the longer key; curves before MODP groups; then the
// larger group.
std::vector<PaceProtocol> UsablePaceProtocols(const SecurityInfos& card_access);

// What PACE-CAM leaves to be checked: that the chip, which chose the mapping key, knows the private key of a static
// public key that the state signed in EF.CardSecurity (Doc 9303-11 section 4.4.3.5.2).
struct ChipAuthenticationMapping {
  const Group* group = nullptr;
  Octets data;         // CA_IC, a scalar
  Octets mapping_key;  // PK_Map,IC, an element
};
// OK when `data` times the static key is the mapping key. Means something only when EF.CardSecurity has passed passive
// authentication. UNAUTHENTICATED: it is not; INVALID_ARGUMENT: the key is of another group or malformed.
absl::Status VerifyChipAuthenticationMapping(const ChipAuthenticationMapping& mapping, const AgreementKey& static_key);

struct PaceResult {
  SessionKeys keys;
  Octets chip_key;  // the chip's ephemeral public key, compressed: ID_PICC of Terminal Authentication
  std::optional<ChipAuthenticationMapping> mapping;  // with CAM only
};

class PaceTerminal {
 public:
  // `random` must outlive the object.
  PaceTerminal(PaceProtocol protocol, const Password& password, base::Random& random);

  absl::Status SetNonce(Bytes encrypted);   // DO 80
  Octets MappingData();                     // DO 81: a public key, or the nonce t of IM
  absl::Status SetMappingData(Bytes data);  // DO 82: a public key; IM: empty
  Octets EphemeralKey();                    // DO 83
  absl::Status SetEphemeralKey(Bytes key);  // DO 84
  Octets Token() const;                     // DO 85
  // DO 86, and DO 8A of CAM, else empty. UNAUTHENTICATED: the chip used another password, or is not who it was.
  absl::StatusOr<PaceResult> Finish(Bytes token, Bytes encrypted_data) const;

 private:
  const PaceProtocol protocol_;
  const base::Redacted<Octets> password_key_;
  base::Random& random_;
  base::Redacted<Octets> nonce_;
  Octets own_nonce_;  // IM
  KeyPair mapping_;
  Octets chip_mapping_key_;
  Octets generator_;
  KeyPair ephemeral_;
  Octets chip_key_;
  std::optional<SessionKeys> keys_;
};

class PaceChip {
 public:
  // `static_key`: of CAM, over the protocol's group; must outlive the object, as must `random`.
  PaceChip(PaceProtocol protocol, const Password& password, base::Random& random, const KeyPair* static_key);

  Octets EncryptedNonce() const;                         // DO 80
  absl::StatusOr<Octets> AnswerMapping(Bytes data);      // DO 81 to DO 82; IM: empty
  absl::StatusOr<Octets> AnswerEphemeralKey(Bytes key);  // DO 83 to DO 84
  struct Answer {
    Octets token;           // DO 86
    Octets encrypted_data;  // DO 8A with CAM, else empty
    SessionKeys keys;
    Octets own_key;  // compressed: ID_PICC of Terminal Authentication
  };
  // DO 85. UNAUTHENTICATED (answer it with 6300): the terminal used another password.
  absl::StatusOr<Answer> AnswerToken(Bytes token) const;

 private:
  const PaceProtocol protocol_;
  const base::Redacted<Octets> password_key_;
  base::Random& random_;
  const KeyPair* const static_key_;
  base::Redacted<Octets> nonce_;
  KeyPair mapping_;
  Octets generator_;
  KeyPair ephemeral_;
  Octets terminal_key_;
  std::optional<SessionKeys> keys_;
};

}  // namespace gatehouse::emrtd::access
