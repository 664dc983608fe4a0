#include "libs/emrtd/access/pace_mapping.h"

#include <array>

#include "libs/base/status_macros.h"

namespace gatehouse::emrtd::access {
namespace {

// The constants c0 and c1 of Doc 9303-11 section 4.4.3.3.2 for l = 128 and l = 256.
constexpr std::array<uint8_t, 16> kShortC0 = {0xA6, 0x68, 0x89, 0x2A, 0x7C, 0x41, 0xE3, 0xCA,
                                              0x73, 0x9F, 0x40, 0xB0, 0x57, 0xD8, 0x59, 0x04};
constexpr std::array<uint8_t, 16> kShortC1 = {0xA4, 0xE1, 0x36, 0xAC, 0x72, 0x5F, 0x73, 0x8B,
                                              0x01, 0xC1, 0xF6, 0x02, 0x17, 0xC1, 0x88, 0xAD};
constexpr std::array<uint8_t, 32> kLongC0 = {0xD4, 0x63, 0xD6, 0x52, 0x34, 0x12, 0x4E, 0xF7, 0x89, 0x70, 0x54,
                                             0x98, 0x6D, 0xCA, 0x0A, 0x17, 0x4E, 0x28, 0xDF, 0x75, 0x8C, 0xBA,
                                             0xA0, 0x3F, 0x24, 0x06, 0x16, 0x41, 0x4D, 0x5A, 0x16, 0x76};
constexpr std::array<uint8_t, 32> kLongC1 = {0x54, 0xBD, 0x72, 0x55, 0xF0, 0xAA, 0xF8, 0x31, 0xBE, 0xC3, 0x42,
                                             0x3F, 0xCF, 0x39, 0xD6, 0x9B, 0x6C, 0xBF, 0x06, 0x66, 0x77, 0xD0,
                                             0xFA, 0xAE, 0x5A, 0xAD, 0xD9, 0x9D, 0xF8, 0xE5, 0x35, 0x17};

}  // namespace

size_t NonceBytes(Cipher cipher) { return KeyBytes(cipher) <= 16 ? 16 : 32; }

absl::StatusOr<Octets> MapGeneric(const Group& group, Bytes nonce, const KeyPair& mine, Bytes theirs) {
  GH_ASSIGN_OR_RETURN(const Octets shared, group.Multiply(mine.private_key.Reveal(), theirs));
  GH_ASSIGN_OR_RETURN(const Octets from_nonce, group.Multiply(nonce, group.generator()));
  return group.Add(from_nonce, shared);
}

Octets PseudoRandom(Cipher cipher, Bytes nonce, Bytes terminal_nonce, int field_bits) {
  const bool long_blocks = NonceBytes(cipher) == 32;
  const Bytes c0 = long_blocks ? Bytes(kLongC0) : Bytes(kShortC0);
  const Bytes c1 = long_blocks ? Bytes(kLongC1) : Bytes(kShortC1);
  const size_t bits = static_cast<size_t>(field_bits) + 64;
  // The key of a round is the first k bits of the block before it.
  const auto key_of = [&](const Octets& block) { return Bytes(block).first(KeyBytes(cipher)); };
  Octets block = EncryptCbc(cipher, terminal_nonce, {}, nonce);
  Octets result;
  while (result.size() * 8 < bits) {
    Append(result, EncryptCbc(cipher, key_of(block), {}, c1));
    block = EncryptCbc(cipher, key_of(block), {}, c0);
  }
  return result;
}

absl::StatusOr<Octets> MapIntegrated(const PaceProtocol& protocol, Bytes nonce, Bytes terminal_nonce) {
  return protocol.group->MapToElement(
      PseudoRandom(protocol.cipher, nonce, terminal_nonce, protocol.group->field_bits()));
}

}  // namespace gatehouse::emrtd::access
