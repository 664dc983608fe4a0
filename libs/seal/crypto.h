// The three primitives of sealing, over OpenSSL: AES-256-GCM (NIST SP 800-38D), HKDF-SHA-256 (RFC 5869), HMAC-SHA-256.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/random.h"

namespace gatehouse::seal {

// Wiped when it goes.
class Key {
 public:
  static constexpr size_t kBytes = 32;
  Key() = default;
  Key(const Key&) = default;
  Key& operator=(const Key&) = default;
  ~Key();
  static Key Random(base::Random& random);
  static std::optional<Key> FromBytes(std::string_view bytes);

  const uint8_t* data() const { return bytes_.data(); }
  uint8_t* data() { return bytes_.data(); }
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }

 private:
  std::array<uint8_t, kBytes> bytes_ = {};
};

// A key of its own for each purpose; `info` names the purpose.
Key DeriveKey(std::string_view master_key, std::string_view info);

// nonce (12 bytes, random), ciphertext, tag (16 bytes).
inline constexpr size_t kOverheadBytes = 12 + 16;
std::string Encrypt(const Key& key, base::Random& random, std::string_view authenticated, std::string_view plaintext);
// Nothing when it does not authenticate.
std::optional<std::string> Decrypt(const Key& key, std::string_view authenticated, std::string_view encrypted);

std::string Hmac(const Key& key, std::string_view value);

}  // namespace gatehouse::seal
