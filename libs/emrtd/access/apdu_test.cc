#include "libs/emrtd/access/apdu.h"

#include "libs/emrtd/access/octets_for_tests.h"
#include "libs/testing/status_matchers.h"

namespace gatehouse::emrtd::access {
namespace {

using testing::StatusIs;

TEST(Apdu, CommandsHaveTheFourCasesOfTheStandardInBothLengths) {
  struct Case {
    Command command;
    const char* encoding;
  };
  const Octets three = {1, 2, 3};
  const Case cases[] = {
      {{.ins = ins::kSelect}, "00A40000"},
      {{.ins = ins::kGetChallenge, .expected = 8}, "0084000008"},
      {{.ins = ins::kReadBinary, .expected = 256}, "00B0000000"},
      {{.ins = ins::kSelect, .p1 = 4, .p2 = 12, .data = three}, "00A4040C03010203"},
      {{.ins = ins::kInternalAuthenticate, .data = three, .expected = 256}, "008800000301020300"},
      {{.ins = ins::kReadBinary, .expected = 257}, "00B00000000101"},
      {{.ins = ins::kReadBinary, .expected = 65536}, "00B00000000000"},
      {{.ins = ins::kSelect, .data = three, .extended = true}, "00A40000000003010203"},
      {{.ins = ins::kSelect, .data = three, .expected = 65536}, "00A400000000030102030000"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Encode(c.command), FromHex(c.encoding)) << c.encoding;
    ASSERT_OK_AND_ASSIGN(const Command decoded, DecodeCommand(FromHex(c.encoding)));
    EXPECT_EQ(decoded.ins, c.command.ins);
    EXPECT_EQ(decoded.data, c.command.data);
    EXPECT_EQ(decoded.expected, c.command.expected) << c.encoding;
    EXPECT_EQ(decoded.extended, c.command.NeedsExtended()) << c.encoding;
  }
}

TEST(Apdu, CommandsWhoseLengthsLieAreRefused) {
  for (const char* broken : {"", "00A400", "00A4000003AABB", "00A4000001AABBCC", "00A400000000",
                             "00A4000000000501020300", "00A4000000000301020304", "00A40000000000010203"}) {
    EXPECT_THAT(DecodeCommand(FromHex(broken)), StatusIs(absl::StatusCode::kInvalidArgument)) << broken;
  }
}

TEST(Apdu, ResponsesEndInTheirStatusWord) {
  ASSERT_OK_AND_ASSIGN(const Response response, DecodeResponse(FromHex("0102 6282")));
  EXPECT_EQ(response.data, FromHex("0102"));
  EXPECT_EQ(response.status, StatusWord::kEndOfFile);
  EXPECT_FALSE(response.ok());
  EXPECT_EQ(Encode(response), FromHex("01026282"));
  EXPECT_THAT(DecodeResponse(FromHex("90")), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(Apdu, StatusWordsHaveTexts) {
  EXPECT_EQ(Describe(StatusWord::kSecurityStatusNotSatisfied), "6982 security status not satisfied");
  EXPECT_EQ(Describe(static_cast<StatusWord>(0x63C2)), "63C2 2 tries left");
  EXPECT_EQ(Describe(static_cast<StatusWord>(0x6C12)), "6C12 wrong expected length, 18 is right");
  EXPECT_EQ(Describe(static_cast<StatusWord>(0x1234)), "1234");
}

TEST(Apdu, TlvLengthsAreMinimal) {
  EXPECT_EQ(EncodeTlv(0x87, FromHex("01")), FromHex("870101"));
  EXPECT_EQ(EncodeTlv(0x7F49, FromHex("")), FromHex("7F4900"));
  const Octets long_value(0x80), longer_value(0x100);
  EXPECT_EQ(Octets(EncodeTlv(0x7C, long_value)).at(1), 0x81);
  EXPECT_EQ(EncodeTlv(0x7C, longer_value).size(), 0x104u);
  EXPECT_OK(pki::ReadOnly(EncodeTlv(0x7C, longer_value), 0x7C, pki::Rules::kDer, "x"));
}

}  // namespace
}  // namespace gatehouse::emrtd::access
