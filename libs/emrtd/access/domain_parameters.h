// The groups that PACE and Chip Authentication compute in: the standardised domain parameters of Doc 9303-11 section
// 9.5.1 (TR-03110-3 annex A.2.1), by number:
//   0-2    the MODP groups of RFC 5114 with subgroups of 160, 224 and 256 bits (DH)
//   8-18   P-192, brainpoolP192r1, P-224, brainpoolP224r1, P-256, brainpoolP256r1, brainpoolP320r1, P-384,
//          brainpoolP384r1, brainpoolP512r1, P-521 (ECDH)
// Everything else is reserved and refused: whoever may choose a group may choose a weak one.
//
// An element of a group is its octets: of a curve the uncompressed point 04||x||y, of a MODP group the number y in as
// many octets as p has. Scalars are big-endian numbers of any size. Objects live for ever; thread-safe.
#pragma once

#include "absl/status/statusor.h"
#include "libs/base/random.h"
#include "libs/base/redacted.h"
#include "libs/emrtd/access/octets.h"

namespace gatehouse::emrtd::access {

class DomainParameters {
 public:
  virtual ~DomainParameters() = default;

  // nullptr for a number that is reserved.
  static const DomainParameters* Find(int id);
  // The group of a public key's AlgorithmIdentifier: a named curve, explicit curve parameters, or a DH group (X9.42
  // dhpublicnumber or PKCS #3) that is number by number one of the above. INVALID_ARGUMENT for any other.
  static absl::StatusOr<const DomainParameters*> Match(const pki::Tlv& algorithm_identifier);

  int id() const { return id_; }
  // "brainpoolP256r1", "MODP 2048/256".
  std::string_view name() const { return name_; }
  bool elliptic() const { return elliptic_; }
  size_t element_bytes() const { return element_bytes_; }

  virtual const Octets& generator() const = 0;
  virtual const Octets& order() const = 0;

  // OK for an element other people may have chosen: of the right size, on the curve and not infinity, or between 2 and
  // p-2 and of the subgroup. Each function below that takes an element requires this check (INVALID_ARGUMENT).
  virtual absl::Status CheckElement(Bytes element) const = 0;

  // scalar * element (DH: element^scalar). INVALID_ARGUMENT when the result is neutral.
  virtual absl::StatusOr<Octets> Multiply(Bytes scalar, Bytes element) const = 0;
  // a + b (DH: a * b). INVALID_ARGUMENT when the result is neutral.
  virtual absl::StatusOr<Octets> Add(Bytes a, Bytes b) const = 0;
  // What two parties share: the x-coordinate, or the number itself; field size in octets.
  virtual Octets SharedSecretOf(Bytes element) const = 0;
  // The integrated mapping's last step (Doc 9303-11 section 4.4.3.3.2): a number to an element. INVALID_ARGUMENT for
  // the few numbers that have none.
  virtual absl::StatusOr<Octets> MapToElement(Bytes number) const = 0;

  // A number from 1 to order-1.
  virtual Octets RandomScalar(base::Random& random) const = 0;
  // a / b modulo the order; b is not zero modulo it. Scalars are as long as the order.
  virtual Octets DivideScalars(Bytes a, Bytes b) const = 0;

 protected:
  DomainParameters(int id, std::string_view name, bool elliptic, size_t element_bytes)
      : id_(id), name_(name), elliptic_(elliptic), element_bytes_(element_bytes) {}

 private:
  const int id_;
  const std::string_view name_;
  const bool elliptic_;
  const size_t element_bytes_;
};

struct KeyPair {
  base::Redacted<Octets> private_key;  // scalar
  Octets public_key;                   // element
};

// A new key pair over `generator`, the group's own or a mapped one that was checked.
KeyPair GenerateKeyPair(const DomainParameters& group, base::Random& random, Bytes generator);
// The key pair of a given private key; INVALID_ARGUMENT when it is zero modulo the order.
absl::StatusOr<KeyPair> MakeKeyPair(const DomainParameters& group, Octets private_key, Bytes generator);

// The shared secret of our private key and the element the other side sent, which is checked first.
absl::StatusOr<Octets> Agree(const DomainParameters& group, const KeyPair& mine, Bytes theirs);

// Public keys as data objects hold them: a point as it is, a DH number without leading zeros (TR-03110-3 annex D).
Octets EncodeElement(const DomainParameters& group, Bytes element);
// The element again, checked.
absl::StatusOr<Octets> DecodeElement(const DomainParameters& group, Bytes encoded);

}  // namespace gatehouse::emrtd::access
