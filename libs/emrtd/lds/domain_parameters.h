// Domain parameters of Diffie-Hellman and of elliptic curves as PACE and Chip Authentication state them (TR-03110-3
// A.2.1, Doc 9303-11 section 9.5): by a number of the standard, by the name of a curve, or spelled out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "libs/pki/tlv.h"

namespace gatehouse::emrtd {

using pki::Bytes;

enum class KeyAgreement { kDh, kEcdh };
std::string_view ToWord(KeyAgreement agreement);  // "dh", "ecdh"

// A group of more bits is refused: the time of an exponentiation grows with the cube.
inline constexpr size_t kMaxDhBytes = 8192 / 8;

struct StandardisedParameters {
  int id = 0;  // 0..31
  KeyAgreement agreement = KeyAgreement::kEcdh;
  std::string_view group;  // OpenSSL's name: "dh_2048_256", "brainpoolP256r1"
};
// Nullptr for the numbers 3 to 7 and 19 to 31, which are reserved, and for those that are none.
const StandardisedParameters* FindStandardisedParameters(int id);

struct DomainParameters {
  KeyAgreement agreement = KeyAgreement::kEcdh;
  std::optional<int> standardised_id;  // when given by the number
  // OpenSSL's name of the group. Curves always have one: what is spelled out was compared number by number with the
  // known curves (pki/curve_parameters.h). Empty for a DH group that is spelled out, which the next three then hold.
  std::string group;
  bool explicit_parameters = false;
  // Big-endian, no leading zero octet. `order` is empty where it is not stated (PKCS #3).
  Bytes prime, generator, order;
};

// An AlgorithmIdentifier: standardizedDomainParameters, id-ecPublicKey (or id-ecDH), dhpublicnumber (RFC 3279), or
// dhKeyAgreement (PKCS #3). INVALID_ARGUMENT for anything else, for unknown or altered curves, and for groups beyond
// kMaxDhBytes. Whether a DH group that is spelled out is a good one is for its user to check.
absl::StatusOr<DomainParameters> ReadDomainParameters(const pki::Tlv& algorithm_identifier, std::string_view field);

// A SubjectPublicKeyInfo for key agreement.
struct AgreementKey {
  DomainParameters domain;
  Bytes subject_public_key_info;  // whole
  // ECDH: the point, 04 and both coordinates, or 02/03 and one; not yet known to lie on the curve. DH: the number,
  // big-endian, no leading zero octet.
  Bytes public_key;
};
absl::StatusOr<AgreementKey> ReadAgreementKey(const pki::Tlv& subject_public_key_info, std::string_view field);

}  // namespace gatehouse::emrtd
