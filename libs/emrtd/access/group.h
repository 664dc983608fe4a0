// The groups that PACE and Chip Authentication compute in (Doc 9303-11 section 9.5.1, TR-03110-3 annex A.2.1): the
// standardised ones of lds/domain_parameters.h and no other. Whoever may choose a group may choose a weak one.
//
// An element of a group is its octets: of a curve the uncompressed point 04||x||y, of a MODP group the number y in as
// many octets as p has. Scalars are big-endian numbers of any size. Objects live for ever; thread-safe.
#pragma once

#include "absl/status/statusor.h"
#include "libs/base/random.h"
#include "libs/base/redacted.h"
#include "libs/emrtd/access/octets.h"
#include "libs/emrtd/lds/domain_parameters.h"

namespace gatehouse::emrtd::access {

class Group {
 public:
  virtual ~Group() = default;

  // nullptr for a number that is reserved.
  static const Group* Find(int id);
  // The group that stated domain parameters mean: by number, by name, or spelled out and number by number one of ours.
  // INVALID_ARGUMENT for any other.
  static absl::StatusOr<const Group*> Of(const emrtd::DomainParameters& stated);

  int id() const { return id_; }
  // OpenSSL's: "brainpoolP256r1", "dh_2048_256".
  std::string_view name() const { return name_; }
  bool elliptic() const { return elliptic_; }
  size_t element_bytes() const { return element_bytes_; }
  // Size of p.
  int field_bits() const { return field_bits_; }

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
  Group(int id, std::string_view name, bool elliptic, size_t element_bytes, int field_bits)
      : id_(id), name_(name), elliptic_(elliptic), element_bytes_(element_bytes), field_bits_(field_bits) {}

 private:
  const int id_;
  const std::string_view name_;
  const bool elliptic_;
  const size_t element_bytes_;
  const int field_bits_;
};

struct KeyPair {
  base::Redacted<Octets> private_key;  // scalar
  Octets public_key;                   // element
};

// A new key pair over `generator`, the group's own or a mapped one that was checked.
KeyPair GenerateKeyPair(const Group& group, base::Random& random, Bytes generator);
// The key pair of a given private key; INVALID_ARGUMENT when it is zero modulo the order.
absl::StatusOr<KeyPair> MakeKeyPair(const Group& group, Octets private_key, Bytes generator);

// The shared secret of our private key and the element the other side sent, which is checked first.
absl::StatusOr<Octets> Agree(const Group& group, const KeyPair& mine, Bytes theirs);

// A public key made short, as Terminal Authentication signs it (TR-03110-3 annex A.2.2.3): the x-coordinate of a point,
// the SHA-1 of a DH number.
Octets Compress(const Group& group, Bytes element);

// Public keys as data objects hold them: a point as it is, a DH number without leading zeros (TR-03110-3 annex D).
Octets EncodeElement(const Group& group, Bytes element);
// The element again, checked. A compressed point (02, 03), which DG14 may hold, is refused.
absl::StatusOr<Octets> DecodeElement(const Group& group, Bytes encoded);

}  // namespace gatehouse::emrtd::access
