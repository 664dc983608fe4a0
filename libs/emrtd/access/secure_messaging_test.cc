#include "libs/emrtd/access/secure_messaging.h"

#include "libs/emrtd/access/octets_for_tests.h"
#include "libs/testing/status_matchers.h"

namespace gatehouse::emrtd::access {
namespace {

using testing::StatusIs;

// Doc 9303-11 appendix D.4.
SessionKeys WorkedKeys() {
  return {.cipher = Cipher::kTripleDes,
          .encryption = base::Redacted(FromHex("979EC13B1CBFE9DCD01AB0FED307EAE5")),
          .mac = base::Redacted(FromHex("F1CB1F1FB5ADF208806B89DC579DC1F8")),
          .send_sequence_counter = FromHex("887022120C06C226")};
}

SessionKeys KeysOf(Cipher cipher) { return DeriveSessionKeys(cipher, FromHex("00112233")); }

constexpr Cipher kCiphers[] = {Cipher::kTripleDes, Cipher::kAes128, Cipher::kAes192, Cipher::kAes256};

TEST(SecureMessaging, TheWorkedExampleOnBothSides) {
  struct Exchange {
    const char* command;
    const char* protected_command;
    const char* response;
    const char* protected_response;
  };
  const Exchange exchanges[] = {
      {"00A4020C02011E", "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800", "9000",
       "990290008E08FA855A5D4C50A8ED9000"},
      {"00B0000004", "0CB000000D9701048E08ED6705417E96BA5500", "60145F019000",
       "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000"},
      {"00B0000412", "0CB000040D9701128E082EA28A70F3C7B53500", "04303130365F36063034303030305C0261759000",
       "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000"},
  };
  SecureMessaging terminal(WorkedKeys()), chip(WorkedKeys());
  for (const Exchange& exchange : exchanges) {
    ASSERT_OK_AND_ASSIGN(const Command command, DecodeCommand(FromHex(exchange.command)));
    ASSERT_OK_AND_ASSIGN(const Command wrapped, terminal.WrapCommand(command));
    EXPECT_EQ(Encode(wrapped), FromHex(exchange.protected_command));
    ASSERT_OK_AND_ASSIGN(const Command opened, chip.UnwrapCommand(wrapped));
    EXPECT_EQ(Encode(opened), FromHex(exchange.command));
    ASSERT_OK_AND_ASSIGN(const Response response, DecodeResponse(FromHex(exchange.response)));
    ASSERT_OK_AND_ASSIGN(const Response answer, chip.WrapResponse(response));
    EXPECT_EQ(Encode(answer), FromHex(exchange.protected_response));
    ASSERT_OK_AND_ASSIGN(const Response read, terminal.UnwrapResponse(answer));
    EXPECT_EQ(Encode(read), FromHex(exchange.response));
  }
}

TEST(SecureMessaging, CarriesEveryShapeUnderEveryCipher) {
  for (const Cipher cipher : kCiphers) {
    SecureMessaging terminal(KeysOf(cipher)), chip(KeysOf(cipher));
    for (const size_t size : {0, 1, 15, 16, 17, 240, 255, 256, 5000, 65000}) {
      for (const uint8_t instruction : {ins::kReadBinary, ins::kReadBinaryOdd}) {
        const Command command{.ins = instruction,
                              .p1 = 1,
                              .data = Octets(size, 0x5A),
                              .expected = size == 1 ? 0 : static_cast<int>(size) + 1};
        ASSERT_OK_AND_ASSIGN(const Command wrapped, terminal.WrapCommand(command));
        ASSERT_OK_AND_ASSIGN(const Command sent, DecodeCommand(Encode(wrapped)));
        ASSERT_OK_AND_ASSIGN(const Command opened, chip.UnwrapCommand(sent));
        EXPECT_EQ(opened.cla, 0);
        EXPECT_EQ(opened.data, command.data);
        EXPECT_EQ(opened.expected, command.expected);
        const Response response{.data = Octets(size, 0xA5), .status = StatusWord::kEndOfFile};
        ASSERT_OK_AND_ASSIGN(const Response answer, chip.WrapResponse(response));
        if (size > 0) {
          EXPECT_EQ(answer.data[0], instruction == ins::kReadBinary ? 0x87 : 0x85);
        }
        ASSERT_OK_AND_ASSIGN(const Response read, terminal.UnwrapResponse(answer));
        EXPECT_EQ(read.data, response.data);
        EXPECT_EQ(read.status, StatusWord::kEndOfFile);
      }
    }
  }
}

// Every bit of a protected response, and of a protected command with its header, one at a time.
TEST(SecureMessaging, NoFlippedBitIsAcceptedAndTheSessionDies) {
  for (const Cipher cipher : kCiphers) {
    SecureMessaging maker(KeysOf(cipher));
    ASSERT_OK_AND_ASSIGN(const Command command, maker.WrapCommand({.ins = 0xB0, .data = {1, 2, 3}, .expected = 4}));
    const Octets encoded = Encode(command);
    for (size_t bit = 0; bit < encoded.size() * 8; ++bit) {
      Octets bent = encoded;
      bent[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      SecureMessaging chip(KeysOf(cipher));
      const absl::StatusOr<Command> decoded = DecodeCommand(bent);
      // The outer Le is the one octet without protection.
      if (!decoded.ok() || bit / 8 == encoded.size() - 1) continue;
      EXPECT_FALSE(chip.UnwrapCommand(*decoded).ok()) << bit;
      EXPECT_FALSE(chip.alive());
    }
    SecureMessaging chip(KeysOf(cipher));
    ASSERT_OK_AND_ASSIGN(const Response response, chip.WrapResponse({.data = {1, 2, 3}}));
    for (size_t bit = 0; bit < response.data.size() * 8; ++bit) {
      Response bent = response;
      bent.data[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      SecureMessaging terminal(KeysOf(cipher));
      EXPECT_FALSE(terminal.UnwrapResponse(bent).ok()) << bit;
      EXPECT_THAT(terminal.UnwrapResponse(response), StatusIs(absl::StatusCode::kFailedPrecondition));
      EXPECT_THAT(terminal.WrapCommand({}), StatusIs(absl::StatusCode::kFailedPrecondition));
    }
  }
}

TEST(SecureMessaging, AnAnswerIsAcceptedOnceAndInOrder) {
  SecureMessaging terminal(KeysOf(Cipher::kAes128)), chip(KeysOf(Cipher::kAes128));
  ASSERT_OK_AND_ASSIGN(const Command first, terminal.WrapCommand({.ins = 0xB0, .expected = 4}));
  ASSERT_OK(chip.UnwrapCommand(first));
  ASSERT_OK_AND_ASSIGN(const Response answer, chip.WrapResponse({.data = {1}}));
  ASSERT_OK(terminal.UnwrapResponse(answer));
  ASSERT_OK(terminal.WrapCommand({.ins = 0xB0, .expected = 4}));
  EXPECT_THAT(terminal.UnwrapResponse(answer), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(chip.UnwrapCommand(first), StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST(SecureMessaging, NamesWhatWentWrong) {
  SecureMessaging terminal(KeysOf(Cipher::kAes128));
  EXPECT_THAT(terminal.UnwrapResponse({.status = StatusWord::kWrongSecureMessagingObject}),
              StatusIs(absl::StatusCode::kAborted, ::testing::HasSubstr("6988")));
  SecureMessaging chip(KeysOf(Cipher::kAes128));
  const absl::Status plain = chip.UnwrapCommand({.ins = 0xB0, .expected = 4}).status();
  EXPECT_EQ(AnswerToBrokenCommand(plain), StatusWord::kMissingSecureMessagingObject);
  EXPECT_FALSE(chip.alive());
  EXPECT_EQ(AnswerToBrokenCommand(absl::UnauthenticatedError("")), StatusWord::kWrongSecureMessagingObject);
  // The right checksum over a response without DO 99, over one with trailing objects, over a broken cryptogram.
  for (const char* broken : {"", "8E08", "99029000", "9902900099029000 8E080000000000000000", "8701 02"}) {
    SecureMessaging other(KeysOf(Cipher::kAes128));
    EXPECT_FALSE(other.UnwrapResponse({.data = FromHex(broken)}).ok()) << broken;
  }
}

TEST(SecureMessaging, WhatAShortResponseCarries) {
  for (const Cipher cipher : kCiphers) {
    SecureMessaging chip(KeysOf(cipher));
    const int most = MaxProtectedData(cipher, kMaxShortExpected);
    ASSERT_OK_AND_ASSIGN(const Response response, chip.WrapResponse({.data = Octets(static_cast<size_t>(most))}));
    EXPECT_LE(response.data.size(), 256u);
    EXPECT_GT(most, 215);
  }
}

}  // namespace
}  // namespace gatehouse::emrtd::access
