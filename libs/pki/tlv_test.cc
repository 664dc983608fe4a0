#include "libs/pki/tlv.h"

#include <gtest/gtest.h>

#include "libs/pki/oid.h"
#include "libs/pki/specimen_for_tests.h"

namespace gatehouse::pki {
namespace {

using namespace std::string_literals;

TEST(TlvTest, ReadsNestedElementsInPlace) {
  const std::string bytes = specimen::Sequence({specimen::Integer(5), specimen::Octets(std::string(300, 'x'))});
  const auto outer = ReadOnly(AsBytes(bytes), tag::kSequence, Rules::kDer, "outer");
  ASSERT_TRUE(outer.ok()) << outer.status();
  TlvReader reader(outer->value, Rules::kDer);
  EXPECT_EQ(*ReadSmallInteger(*reader.Expect(tag::kInteger, "number"), "number"), 5);
  EXPECT_EQ(reader.Expect(tag::kOctetString, "octets")->value.size(), 300u);
  EXPECT_TRUE(reader.at_end());
}

TEST(TlvTest, ReadsTagsOfTwoBytes) {
  const std::string bytes = "\x7F\x61\x03\x5F\x2E\x00"s;
  EXPECT_EQ(ReadOnly(AsBytes(bytes), 0x7F61, Rules::kDer, "group")->value.size(), 3u);
}

TEST(TlvTest, DerForbidsWhatBerAllows) {
  for (const std::string& bytes : {"\x30\x80\x00\x00"s, "\x30\x81\x00"s, "\x30\x82\x00\x01\x05"s}) {
    EXPECT_FALSE(ReadOnly(AsBytes(bytes), tag::kSequence, Rules::kDer, "").ok());
    EXPECT_TRUE(ReadOnly(AsBytes(bytes), tag::kSequence, Rules::kBer, "").ok());
  }
}

TEST(TlvTest, FindsTheEndOfNestedIndefiniteLengths) {
  const std::string bytes = "\x30\x80\x24\x80\x04\x01x\x00\x00\x02\x01\x07\x00\x00"s + "rest";
  TlvReader reader(AsBytes(bytes), Rules::kBer);
  const auto outer = reader.Next("outer");
  ASSERT_TRUE(outer.ok()) << outer.status();
  EXPECT_EQ(outer->value.size(), 10u);
  EXPECT_EQ(AsText(reader.rest()), "rest");
}

TEST(TlvTest, RefusesHostileLengthsAndDepths) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "\x30\x80";
  for (const std::string& bytes : {""s, "\x30"s, "\x30\x05\x01"s, "\x30\x84\xFF\xFF\xFF\xFF\x00"s, "\x30\x85\x01"s,
                                   "\x1F\x81\x81\x81\x01\x00"s, "\x04\x80\x00\x00"s, deep}) {
    EXPECT_FALSE(TlvReader(AsBytes(bytes), Rules::kBer).Next("field").ok());
  }
}

TEST(TlvTest, AFlagIsZeroOrAllOnes) {
  const auto read = [](std::string_view value) {
    const std::string bytes = specimen::Element(0x01, value);
    return ReadBoolean(*ReadOnly(AsBytes(bytes), tag::kBoolean, Rules::kDer, ""), "flag");
  };
  EXPECT_TRUE(*read("\xFF"));
  EXPECT_FALSE(*read("\x00"s));
  EXPECT_FALSE(read("\x01").ok());
  EXPECT_FALSE(read("").ok());
}

TEST(TlvTest, ReadsBothKindsOfTime) {
  const auto read = [](uint8_t tag, std::string_view text) {
    const std::string bytes = specimen::Element(tag, text);
    return ReadTime(*ReadOnly(AsBytes(bytes), tag, Rules::kDer, ""), "time");
  };
  const absl::Time expected = absl::FromCivil(absl::CivilSecond(2021, 6, 1, 12, 30, 5), absl::UTCTimeZone());
  EXPECT_EQ(*read(0x17, "210601123005Z"), expected);
  EXPECT_EQ(*read(0x18, "20210601123005Z"), expected);
  EXPECT_EQ(*read(0x17, "2106011230Z"), expected - absl::Seconds(5));
  EXPECT_EQ(absl::FormatTime("%Y", *read(0x17, "500101000000Z"), absl::UTCTimeZone()), "1950");
  for (const char* bad : {"210601123005", "21060112300Z", "210231000000Z", "2106011230xxZ", "211301000000Z", "Z", ""}) {
    EXPECT_FALSE(read(0x17, bad).ok()) << bad;
  }
}

TEST(OidTest, EncodesAndPrints) {
  EXPECT_EQ(ToHex(oid::kLdsSecurityObject.bytes()), "678108010101");
  EXPECT_EQ(ToHex(oid::kRsassaPss.bytes()), "2a864886f70d01010a");
  EXPECT_EQ(OidText(oid::kDocumentTypeList.bytes()), "2.23.136.1.1.6.2");
  EXPECT_EQ(OidText(oid::kEcdsaPlainSha256.bytes()), "0.4.0.127.0.7.1.1.4.1.3");
}

}  // namespace
}  // namespace gatehouse::pki
