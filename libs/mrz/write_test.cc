#include "libs/mrz/write.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "absl/strings/str_replace.h"

namespace gatehouse::mrz {
namespace {

constexpr Format kFormats[] = {Format::kTd1, Format::kTd2, Format::kTd3, Format::kMrvA, Format::kMrvB};

// The bearer of the specimens of Doc 9303.
MrzFields Eriksson(Format format) {
  const bool visa = LayoutOf(format)->visa();
  return {.format = format,
          .document_code = visa                     ? "V"
                           : format == Format::kTd3 ? "P"
                                                    : "I",
          .issuing_state = "UTO",
          .document_number = "D23145890",
          .nationality = "UTO",
          .birth_date = {1974, 8, 12},
          .sex = Sex::kFemale,
          .expiry_date = {2012, 4, 15},
          .primary_identifier = "Eriksson",
          .secondary_identifier = "Anna Maria"};
}

std::string Refusal(const MrzFields& fields) {
  const absl::StatusOr<std::string> written = Write(fields);
  return written.ok() ? "written" : std::string(written.status().message());
}

TEST(WriteTest, MakesTheSpecimens) {
  MrzFields passport = Eriksson(Format::kTd3);
  passport.document_number = "L898902C3";
  passport.optional_data_1 = "ZE184226B";
  EXPECT_EQ(*Write(passport),
            "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
            "L898902C36UTO7408122F1204159ZE184226B<<<<<10");
  EXPECT_EQ(*Write(Eriksson(Format::kTd1)),
            "I<UTOD231458907<<<<<<<<<<<<<<<\n"
            "7408122F1204159UTO<<<<<<<<<<<6\n"
            "ERIKSSON<<ANNA<MARIA<<<<<<<<<<");
  EXPECT_EQ(*Write(Eriksson(Format::kTd2)),
            "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\n"
            "D231458907UTO7408122F1204159<<<<<<<6");
  MrzFields visa = Eriksson(Format::kMrvA);
  visa.document_number = "L8988901C";
  visa.nationality = "XXX";
  visa.birth_date = {1940, 9, 7};
  visa.expiry_date = {1996, 12, 10};
  visa.optional_data_1 = "6ZE184226B";
  EXPECT_EQ(*Write(visa),
            "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
            "L8988901C4XXX4009078F96121096ZE184226B<<<<<<");
}

TEST(WriteTest, PutsALongNumberWhereTheStandardHasIt) {
  MrzFields card = Eriksson(Format::kTd1);
  card.document_number = "D23145890734";
  card.optional_data_1 = "X1";
  const std::string written = *Write(card);
  EXPECT_EQ(written.substr(0, 15), "I<UTOD23145890<");
  EXPECT_EQ(written.substr(15, 3), "734");
  EXPECT_EQ(written.substr(19, 3), "<X1");
  const ParsedMrz mrz = Parse(written);
  EXPECT_TRUE(mrz.valid() && mrz.defects().empty());
  EXPECT_EQ(mrz.document_number(), card.document_number);
  EXPECT_EQ(mrz.optional_data_1(), "X1");
}

TEST(WriteTest, LeavesUnknownPartsOfADateOpen) {
  MrzFields fields = Eriksson(Format::kTd3);
  fields.birth_date = {2000, 0, 0};
  const ParsedMrz mrz = Parse(*Write(fields));
  EXPECT_EQ(mrz.birth_date(), "00<<<<");
  EXPECT_TRUE(mrz.valid() && mrz.defects().empty());
}

TEST(WriteTest, RefusesWhatDoesNotFitAndNamesTheField) {
  const auto refusal = [](auto change) {
    MrzFields fields = Eriksson(Format::kTd3);
    change(fields);
    return Refusal(fields);
  };
  EXPECT_EQ(refusal([](MrzFields& f) { f.format = Format::kUnknown; }), "format: unknown");
  EXPECT_EQ(refusal([](MrzFields& f) { f.document_code = "V"; }),
            "document_code: V is for visas, and visas have no other");
  EXPECT_EQ(refusal([](MrzFields& f) { f.document_number = "1234567890"; }),
            "document_number: too long for this format");
  EXPECT_EQ(refusal([](MrzFields& f) { f.document_number = "l898902c3"; }),
            "document_number: only A-Z, 0-9 and < can be written");
  EXPECT_EQ(refusal([](MrzFields& f) { f.issuing_state = "UTOP"; }), "issuing_state: too long for its place");
  EXPECT_EQ(refusal([](MrzFields& f) { f.nationality = "UT0"; }), "nationality: only letters and < can be written");
  EXPECT_EQ(refusal([](MrzFields& f) { f.secondary_identifier = "Louis 14"; }),
            "secondary_identifier: a digit (Doc 9303-3 section 4.6)");
  EXPECT_EQ(refusal([](MrzFields& f) { f.optional_data_2 = "X"; }), "optional_data_2: too long for its place");
  EXPECT_EQ(refusal([](MrzFields& f) { f.birth_date = {1974, 2, 30}; }), "birth_date: no such day in the calendar");
  EXPECT_EQ(refusal([](MrzFields& f) { f.primary_identifier = "'"; }),
            "primary_identifier: empty; a single name is the primary identifier");
  MrzFields card = Eriksson(Format::kTd2);
  card.document_number = "12345678901234";
  EXPECT_EQ(Refusal(card), "written");
  card.document_number += "5";
  EXPECT_EQ(Refusal(card), "document_number: too long for this format");
}

class RandomFields {
 public:
  explicit RandomFields(uint32_t seed) : random_(seed) {}

  MrzFields Make(Format format) {
    const Layout& layout = *LayoutOf(format);
    MrzFields fields = Eriksson(format);
    fields.document_number = Text(kAlphanumeric, 1, layout.long_number ? layout.number.size + 5 : layout.number.size);
    fields.birth_date = {2000 + Number(0, 26), Number(0, 12), 0};
    if (fields.birth_date.month != 0) fields.birth_date.day = Number(0, 28);
    fields.expiry_date = {2030, Number(1, 12), Number(1, 28)};
    fields.sex = static_cast<Sex>(Number(0, 2));
    fields.primary_identifier = Text(kLetters, 1, 10) + " " + Text(kLetters, 1, 5);
    fields.secondary_identifier = Text(kLetters, 0, 8);
    if (fields.document_number.size() <= layout.number.size) {
      fields.optional_data_1 = Text(kAlphanumeric, 0, layout.optional_1.size);
    }
    fields.optional_data_2 = Text(kAlphanumeric, 0, layout.optional_2.size);
    return fields;
  }

  int Number(int first, int last) { return std::uniform_int_distribution<int>(first, last)(random_); }

 private:
  static constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  static constexpr std::string_view kAlphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

  std::string Text(std::string_view alphabet, size_t shortest, size_t longest) {
    std::string text(static_cast<size_t>(Number(static_cast<int>(shortest), static_cast<int>(longest))), '<');
    for (char& c : text) c = alphabet[static_cast<size_t>(Number(0, static_cast<int>(alphabet.size()) - 1))];
    return text;
  }

  std::mt19937 random_;
};

TEST(WritePropertyTest, WhatIsWrittenIsReadBack) {
  RandomFields random(9303);
  for (const Format format : kFormats) {
    for (int i = 0; i < 500; ++i) {
      const MrzFields fields = random.Make(format);
      const absl::StatusOr<std::string> written = Write(fields);
      ASSERT_TRUE(written.ok()) << written.status().message();
      SCOPED_TRACE(*written);
      const ParsedMrz mrz = Parse(*written);
      ASSERT_EQ(mrz.format(), format);
      EXPECT_TRUE(mrz.valid());
      EXPECT_TRUE(mrz.defects().empty());
      EXPECT_EQ(mrz.document_number(), fields.document_number);
      EXPECT_EQ(mrz.primary_identifier(), fields.primary_identifier);
      EXPECT_EQ(mrz.secondary_identifier(), fields.secondary_identifier);
      EXPECT_EQ(mrz.sex(), fields.sex);
      EXPECT_EQ(mrz.optional_data_1(), fields.optional_data_1);
      EXPECT_EQ(mrz.optional_data_2(), fields.optional_data_2);
    }
  }
}

TEST(WritePropertyTest, AnyChangedDigitOfNumberOrDateIsCaught) {
  RandomFields random(7501);
  for (const Format format : kFormats) {
    const Layout& layout = *LayoutOf(format);
    for (int i = 0; i < 50; ++i) {
      const std::string good = absl::StrReplaceAll(*Write(random.Make(format)), {{"\n", ""}});
      for (const Span& span : {layout.number, layout.birth_date, layout.expiry_date}) {
        for (size_t at = span.at; at < size_t{span.at} + span.size; ++at) {
          if (good[at] < '0' || good[at] > '9') continue;
          std::string changed = good;
          changed[at] = static_cast<char>('0' + (good[at] - '0' + random.Number(1, 9)) % 10);
          EXPECT_FALSE(Parse(changed).valid()) << good << " at " << at;
        }
      }
    }
  }
}

}  // namespace
}  // namespace gatehouse::mrz
