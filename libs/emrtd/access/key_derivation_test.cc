#include "libs/emrtd/access/key_derivation.h"

#include <gtest/gtest.h>

#include "libs/emrtd/access/octets_for_tests.h"

namespace gatehouse::emrtd::access {
namespace {

// Doc 9303-11 appendix D.1 and D.2.
TEST(KeyDerivation, BacKeysOfTheWorkedExample) {
  const std::string information = MrzInformation("L898902C", "690806", "940623");
  EXPECT_EQ(information, "L898902C<369080619406236");
  const Octets seed = BacKeySeed(information);
  EXPECT_EQ(seed, FromHex("239AB9CB282DAF66231DC5A4DF6BFBAE"));
  EXPECT_EQ(DeriveKey(Cipher::kTripleDes, seed, KeyUse::kEncryption), FromHex("AB94FDECF2674FDFB9B391F85D7F76F2"));
  EXPECT_EQ(DeriveKey(Cipher::kTripleDes, seed, KeyUse::kMac), FromHex("7962D9ECE03D1ACD4C76089DCE131543"));
}

TEST(KeyDerivation, ALongDocumentNumberIsTakenWhole) {
  EXPECT_EQ(MrzInformation("D23145890734", "340712", "950712"), "D23145890734934071279507122");
}

// Doc 9303-11 appendix G.1.
TEST(KeyDerivation, PaceKeysOfTheWorkedExample) {
  const Password mrz{PasswordKind::kMrz, base::Redacted<std::string>(MrzInformation("T22000129", "640812", "101031"))};
  EXPECT_EQ(mrz.characters.Reveal(), "T22000129364081251010318");
  EXPECT_EQ(PacePasswordKey(Cipher::kAes128, mrz), FromHex("89DED1B26624EC1E634C1989302849DD"));
  const SessionKeys keys =
      DeriveSessionKeys(Cipher::kAes128, FromHex("28768D20701247DAE81804C9E780EDE582A9996DB4A315020B2733197DB84925"));
  EXPECT_EQ(keys.encryption.Reveal(), FromHex("F5F0E35C0D7161EE6724EE513A0D9A7F"));
  EXPECT_EQ(keys.mac.Reveal(), FromHex("FE251C7858B356B24514B3BD5F4297D1"));
  EXPECT_EQ(keys.send_sequence_counter, Octets(16));
}

TEST(KeyDerivation, LongKeysComeFromSha256) {
  const Octets secret = {1, 2, 3};
  const Octets key_192 = DeriveKey(Cipher::kAes192, secret, KeyUse::kMac);
  const Octets key_256 = DeriveKey(Cipher::kAes256, secret, KeyUse::kMac);
  EXPECT_EQ(key_192.size(), 24u);
  EXPECT_EQ(Copy(Bytes(key_256).first(24)), key_192);
  EXPECT_NE(DeriveKey(Cipher::kAes256, secret, KeyUse::kEncryption), key_256);
}

TEST(KeyDerivation, OtherPasswordsAreTakenAsTheyAre) {
  const Password can{PasswordKind::kCan, base::Redacted<std::string>("123456")};
  EXPECT_EQ(PacePasswordKey(Cipher::kAes128, can),
            DeriveKey(Cipher::kAes128, pki::AsBytes("123456"), KeyUse::kPassword));
  EXPECT_EQ(Name(PasswordKind::kCan), "CAN");
}

// RFC 4493 section 4, and the padding of ISO 9797-1.
TEST(Cipher, CmacAndPadding) {
  const Octets key = FromHex("2B7E151628AED2A6ABF7158809CF4F3C");
  const Mac mac = ComputeMac(Cipher::kAes128, key, FromHex("6BC1BEE22E409F96E93D7E117393172A"));
  EXPECT_EQ(Octets(mac.begin(), mac.end()), FromHex("070A16B46B4D4144"));
  EXPECT_EQ(Pad(FromHex("0102"), 8), FromHex("0102800000000000"));
  EXPECT_EQ(Pad(Octets(8), 8).size(), 16u);
  EXPECT_EQ(UnpaddedSize(FromHex("0102800000000000"), 8), 2u);
  EXPECT_EQ(UnpaddedSize(FromHex("8000000000000000"), 8), 0u);
  EXPECT_EQ(UnpaddedSize(FromHex("0102810000000000"), 8), std::nullopt);
  EXPECT_EQ(UnpaddedSize(Octets(8), 8), std::nullopt);
  EXPECT_EQ(UnpaddedSize(Octets(7), 8), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::emrtd::access
