#include "libs/emrtd/access/key_derivation.h"

#include <array>
#include <bit>

#include "libs/mrz/check_digit.h"
#include "libs/pki/digest.h"

namespace gatehouse::emrtd::access {
namespace {

constexpr size_t kKeySeedBytes = 16;
constexpr size_t kNumberCharacters = 9;

pki::Digest DigestOf(Cipher cipher) {
  return cipher == Cipher::kAes192 || cipher == Cipher::kAes256 ? pki::Digest::kSha256 : pki::Digest::kSha1;
}

void AppendWithCheckDigit(std::string& text, std::string_view field) {
  text.append(field);
  text.push_back(mrz::CheckSum(field).Digit());
}

}  // namespace

Octets DeriveKey(Cipher cipher, Bytes secret, KeyUse use) {
  const std::array<uint8_t, 4> counter = {0, 0, 0, static_cast<uint8_t>(use)};
  const std::array<Bytes, 2> parts = {secret, counter};
  const pki::DigestValue value = pki::ComputeDigest(DigestOf(cipher), parts);
  Octets key = Copy(value.bytes().first(KeyBytes(cipher)));
  if (cipher == Cipher::kTripleDes) {
    for (uint8_t& octet : key) {
      octet = static_cast<uint8_t>((octet & 0xFE) | (std::popcount(static_cast<uint8_t>(octet & 0xFE)) % 2 == 0));
    }
  }
  return key;
}

SessionKeys DeriveSessionKeys(Cipher cipher, Bytes secret) {
  return {.cipher = cipher,
          .encryption = base::Redacted(DeriveKey(cipher, secret, KeyUse::kEncryption)),
          .mac = base::Redacted(DeriveKey(cipher, secret, KeyUse::kMac)),
          .send_sequence_counter = Octets(BlockBytes(cipher))};
}

std::string_view Name(PasswordKind kind) {
  static constexpr std::array<std::string_view, 4> kNames = {"MRZ", "CAN", "PIN", "PUK"};
  return kNames[static_cast<size_t>(kind) - 1];
}

std::string MrzInformation(std::string_view document_number, std::string_view birth_date,
                           std::string_view expiry_date) {
  std::string number(document_number);
  if (number.size() < kNumberCharacters) number.append(kNumberCharacters - number.size(), mrz::kFiller);
  std::string information;
  AppendWithCheckDigit(information, number);
  AppendWithCheckDigit(information, birth_date);
  AppendWithCheckDigit(information, expiry_date);
  return information;
}

Octets BacKeySeed(std::string_view mrz_information) {
  const pki::DigestValue value = pki::ComputeDigest(pki::Digest::kSha1, pki::AsBytes(mrz_information));
  return Copy(value.bytes().first(kKeySeedBytes));
}

Octets PacePasswordKey(Cipher cipher, const Password& password) {
  const Bytes characters = pki::AsBytes(password.characters.Reveal());
  if (password.kind != PasswordKind::kMrz) return DeriveKey(cipher, characters, KeyUse::kPassword);
  const pki::DigestValue value = pki::ComputeDigest(pki::Digest::kSha1, characters);
  return DeriveKey(cipher, value.bytes(), KeyUse::kPassword);
}

}  // namespace gatehouse::emrtd::access
