// From passwords and shared secrets to keys: the key derivation function of Doc 9303-11 section 9.7.1 (TR-03110-3
// annex A.2.3), the BAC keys of the machine-readable zone and the PACE key of a password.
#pragma once

#include <string>
#include <string_view>

#include "libs/base/redacted.h"
#include "libs/emrtd/access/cipher.h"

namespace gatehouse::emrtd::access {

// The 32-bit counter of the function.
enum class KeyUse : uint8_t { kEncryption = 1, kMac = 2, kPassword = 3 };

// KeyBytes(cipher) octets of SHA-1 (3DES, AES-128) or SHA-256 (AES-192, AES-256) over secret and counter. DES keys
// have odd parity.
Octets DeriveKey(Cipher cipher, Bytes secret, KeyUse use);

// What secure messaging starts from (secure_messaging.h). The counter is one block; zero but after BAC.
struct SessionKeys {
  Cipher cipher = Cipher::kTripleDes;
  base::Redacted<Octets> encryption;
  base::Redacted<Octets> mac;
  Octets send_sequence_counter;
};
// Counter zero.
SessionKeys DeriveSessionKeys(Cipher cipher, Bytes secret);

// Numbers as MSE:SET AT sends them in DO 83.
enum class PasswordKind : uint8_t { kMrz = 1, kCan = 2, kPin = 3, kPuk = 4 };
std::string_view Name(PasswordKind kind);

struct Password {
  PasswordKind kind = PasswordKind::kMrz;
  // kMrz: MrzInformation(); else the characters as printed or known (ISO 8859-1).
  base::Redacted<std::string> characters;
};

// Document number, birth date and expiry date (YYMMDD), each with its check digit. The number is whole, without
// trailing fillers, also where a TD1 continues it in the optional data; one shorter than nine characters is filled.
std::string MrzInformation(std::string_view document_number, std::string_view birth_date, std::string_view expiry_date);

// K_seed of BAC (Doc 9303-11 section 9.7.2): 16 octets.
Octets BacKeySeed(std::string_view mrz_information);
// K_pi of PACE (section 9.7.3), under which the nonce is encrypted.
Octets PacePasswordKey(Cipher cipher, const Password& password);

}  // namespace gatehouse::emrtd::access
