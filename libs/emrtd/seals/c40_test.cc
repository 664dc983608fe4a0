#include "libs/emrtd/seals/c40.h"

#include <gtest/gtest.h>

#include "libs/emrtd/seals/seal_date.h"
#include "libs/emrtd/seals/seal_tlv.h"

namespace gatehouse::emrtd::seals {
namespace {

std::string Decode(std::string_view bytes) {
  const auto text = DecodeC40(pki::AsBytes(bytes), "text");
  return text.ok() ? *text : "error";
}

TEST(C40Test, ReadsWhatTheStandardShows) {
  EXPECT_EQ(Decode("\xD9\xC5"), "UTO");
  EXPECT_EQ(Decode("\x6A\xBC"), "D  ");
  // Doc 9303-13: XK CD: the last character after FE, plus one.
  EXPECT_EQ(Decode("\xEB\x11\xFE\x45"), "XKCD");
}

TEST(C40Test, WritesAndReadsEveryLength) {
  const std::string zone = "UTO<<ERIKSSON4711<ANNA";
  for (size_t size = 0; size <= zone.size(); ++size) {
    const std::string text = zone.substr(0, size);
    const auto bytes = EncodeC40(text, "text");
    ASSERT_TRUE(bytes.ok());
    EXPECT_EQ(bytes->size(), C40Bytes(size));
    std::string blank = text;
    std::replace(blank.begin(), blank.end(), '<', ' ');
    EXPECT_EQ(*DecodeC40(*bytes, "text"), blank);
  }
  EXPECT_FALSE(EncodeC40("a", "text").ok());
  EXPECT_FALSE(EncodeC40("\xC3\x84", "text").ok());
}

std::string Pack(int a, int b, int c) {
  const int packed = 1600 * a + 40 * b + c + 1;
  return {static_cast<char>(packed >> 8), static_cast<char>(packed)};
}

TEST(C40Test, UnderstandsShifts) {
  EXPECT_EQ(Decode(Pack(1, 0, 1) + Pack(14, 2, 1)), "!/a");
  EXPECT_EQ(Decode(Pack(0, 10, 14)), "\nA");
  EXPECT_EQ(Decode(Pack(1, 15, 1) + Pack(22, 14, 0)), ":[A") << "a shift at the end is the pad";
  // The upper shift adds 128: Latin-1 C4, in UTF-8 C3 84.
  EXPECT_EQ(Decode(Pack(1, 30, 2) + Pack(4, 14, 14)),
            "\xC3\xA4"
            "AA");
  EXPECT_EQ(Decode(Pack(1, 28, 14)), "error");
}

TEST(C40Test, ReadsAsciiAfterUnlatchAndAtTheEnd) {
  EXPECT_EQ(Decode("\xD9\xC5\x42"), "UTOA") << "one byte left is ASCII";
  EXPECT_EQ(Decode(std::string_view("\xFE\x42\x81", 3)), "A") << "81 is the pad";
  EXPECT_EQ(Decode(std::string_view("\xFE\xAC", 2)), "42") << "a pair of digits";
  EXPECT_EQ(Decode(std::string_view("\xFE\xFF", 2)), "error");
  EXPECT_EQ(Decode(std::string_view("\0\0", 2)), "error");
  EXPECT_EQ(Decode(""), "");
}

TEST(SealDateTest, KeepsWhatIsNoDate) {
  EXPECT_EQ(ReadSealDate(pki::AsBytes(WriteSealDate(absl::CivilDay(2024, 2, 29)))).text(), "2024-02-29");
  const SealDate impossible = ReadSealDate(pki::AsBytes("\x4E\xF9\x7E"));
  EXPECT_FALSE(impossible.possible());
  EXPECT_EQ(impossible.text(), impossible.digits);
  EXPECT_FALSE(ReadSealDate(pki::AsBytes("\x01")).present());
  EXPECT_FALSE(ReadSealDate(pki::AsBytes(std::string_view("\0\0\0", 3))).possible());
}

TEST(SealDateTest, MasksUnknownDigits) {
  std::string bytes = WriteMaskedDate(absl::CivilDay(1900, 10, 1));
  bytes[0] = 0x33;  // day, and the last two digits of the year
  const SealDate date = ReadMaskedDate(pki::AsBytes(bytes));
  EXPECT_EQ(date.text(), "19xx-10-xx");
  EXPECT_TRUE(date.possible());
  EXPECT_FALSE(date.day);
}

TEST(SealTlvTest, EveryByteIsATag) {
  const std::string bytes =
      WriteElement(0x7F, "one") + WriteElement(0x1F, std::string(300, 'x')) + WriteElement(0xFF, "");
  std::vector<Element> elements;
  ASSERT_TRUE(ReadElements(pki::AsBytes(bytes), "test", elements).ok());
  ASSERT_EQ(elements.size(), 3u);
  EXPECT_EQ(elements[1].value.size(), 300u);
  elements.clear();
  ASSERT_TRUE(ReadElements(pki::AsBytes(bytes + "?"), "test", elements, 0xFF).ok())
      << "what follows the last is no matter";
  elements.clear();
  EXPECT_FALSE(ReadElements(pki::AsBytes(bytes + "?"), "test", elements).ok());
  EXPECT_EQ(elements.size(), 3u) << "those before the broken one are there";
  elements.clear();
  EXPECT_FALSE(ReadElements(pki::AsBytes("\x01\x84\xFF\xFF\xFF\xFF"), "test", elements).ok());
}

}  // namespace
}  // namespace gatehouse::emrtd::seals
