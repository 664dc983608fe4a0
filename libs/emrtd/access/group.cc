#include "libs/emrtd/access/group.h"

#include <algorithm>

#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/access/group_kinds.h"
#include "libs/pki/digest.h"

namespace gatehouse::emrtd::access {
namespace {

using pki::Malformed;

constexpr int kMaxId = 31;

using AllGroups = std::vector<std::unique_ptr<Group>>;

const AllGroups& Groups() {
  static const auto& groups = *[] {
    auto* all = new AllGroups;
    for (int id = 0; id <= kMaxId; ++id) {
      const StandardisedParameters* parameters = FindStandardisedParameters(id);
      if (parameters == nullptr) continue;
      all->push_back(parameters->agreement == KeyAgreement::kDh ? MakeModpGroup(id, parameters->group)
                                                                : MakeEllipticCurve(id, parameters->group));
    }
    return all;
  }();
  return groups;
}

bool IsZero(Bytes number) {
  return std::all_of(number.begin(), number.end(), [](uint8_t octet) { return octet == 0; });
}

}  // namespace

const Group* Group::Find(int id) {
  for (const auto& group : Groups()) {
    if (group->id() == id) return group.get();
  }
  return nullptr;
}

absl::StatusOr<const Group*> Group::Of(const emrtd::DomainParameters& stated) {
  for (const auto& group : Groups()) {
    // Known p and g leave no choice of the rest (q, cofactor, or the length of private keys).
    if (stated.group.empty() ? IsModpGroup(*group, stated.prime, stated.generator) : group->name() == stated.group) {
      return group.get();
    }
  }
  return Malformed("domain parameters", "are not standardised for key agreement: " + stated.group);
}

KeyPair GenerateKeyPair(const Group& group, base::Random& random, Bytes generator) {
  absl::StatusOr<KeyPair> pair = MakeKeyPair(group, group.RandomScalar(random), generator);
  GH_CHECK(pair.ok());
  return *std::move(pair);
}

absl::StatusOr<KeyPair> MakeKeyPair(const Group& group, Octets private_key, Bytes generator) {
  if (IsZero(private_key)) return Malformed("private key", "is zero");
  GH_ASSIGN_OR_RETURN(Octets public_key, group.Multiply(private_key, generator));
  return KeyPair{.private_key = base::Redacted(std::move(private_key)), .public_key = std::move(public_key)};
}

absl::StatusOr<Octets> Agree(const Group& group, const KeyPair& mine, Bytes theirs) {
  GH_ASSIGN_OR_RETURN(const Octets shared, group.Multiply(mine.private_key.Reveal(), theirs));
  return group.SharedSecretOf(shared);
}

Octets Compress(const Group& group, Bytes element) {
  if (group.elliptic()) return group.SharedSecretOf(element);
  return Copy(pki::ComputeDigest(pki::Digest::kSha1, EncodeElement(group, element)).bytes());
}

Octets EncodeElement(const Group& group, Bytes element) {
  if (group.elliptic()) return Copy(element);
  return Octets(std::find_if(element.begin(), element.end(), [](uint8_t octet) { return octet != 0; }), element.end());
}

absl::StatusOr<Octets> DecodeElement(const Group& group, Bytes encoded) {
  if (encoded.size() > group.element_bytes()) return Malformed("public key", "is too long for its group");
  Octets element = Copy(encoded);
  if (!group.elliptic()) element.insert(element.begin(), group.element_bytes() - element.size(), 0);
  GH_RETURN_IF_ERROR(group.CheckElement(element));
  return element;
}

}  // namespace gatehouse::emrtd::access
