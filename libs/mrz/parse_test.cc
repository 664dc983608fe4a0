#include "libs/mrz/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

#include "absl/strings/str_replace.h"
#include "libs/mrz/check_digit.h"

namespace gatehouse::mrz {
namespace {

using ::testing::ElementsAre;

// The specimens of Doc 9303 parts 4 to 7, appendix B.
constexpr std::string_view kTd3 =
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10\n";
constexpr std::string_view kTd1 =
    "I<UTOD231458907<<<<<<<<<<<<<<<\n"
    "7408122F1204159UTO<<<<<<<<<<<6\n"
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<\n";
constexpr std::string_view kTd2 =
    "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\n"
    "D231458907UTO7408122F1204159<<<<<<<6\n";
constexpr std::string_view kMrvA =
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
    "L8988901C4XXX4009078F96121096ZE184226B<<<<<<\n";
constexpr std::string_view kMrvB =
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\n"
    "L8988901C4XXX4009078F9612109<<<<<<<<\n";

// A specimen with another character at `position` of its joined lines.
std::string With(std::string_view specimen, size_t position, char character) {
  std::string joined = absl::StrReplaceAll(absl::string_view(specimen.data(), specimen.size()), {{"\n", ""}});
  joined[position] = character;
  return joined;
}

// A passport with this name field, its other line good.
ParsedMrz WithName(std::string name) {
  name.resize(39, '<');
  return Parse("P<UTO" + name + std::string(kTd3.substr(44)));
}

TEST(ParseTest, ReadsThePassportSpecimen) {
  const ParsedMrz mrz = Parse(kTd3);
  EXPECT_EQ(mrz.format(), Format::kTd3);
  EXPECT_TRUE(mrz.valid());
  EXPECT_TRUE(mrz.defects().empty());
  EXPECT_EQ(mrz.document_code(), "P");
  EXPECT_EQ(mrz.issuing_state(), "UTO");
  EXPECT_EQ(mrz.document_number(), "L898902C3");
  EXPECT_EQ(mrz.nationality(), "UTO");
  EXPECT_EQ(mrz.birth_date(), "740812");
  EXPECT_EQ(mrz.sex(), Sex::kFemale);
  EXPECT_EQ(mrz.expiry_date(), "120415");
  EXPECT_EQ(mrz.optional_data_1(), "ZE184226B");
  EXPECT_EQ(mrz.optional_data_2(), "");
  EXPECT_EQ(mrz.primary_identifier(), "ERIKSSON");
  EXPECT_EQ(mrz.secondary_identifier(), "ANNA MARIA");
  EXPECT_FALSE(mrz.name_truncated());
  EXPECT_EQ(mrz.line_count(), 2);
  EXPECT_EQ(mrz.line(1), "L898902C36UTO7408122F1204159ZE184226B<<<<<10");
}

TEST(ParseTest, ReadsTheOtherSpecimens) {
  const ParsedMrz td1 = Parse(kTd1);
  EXPECT_EQ(td1.format(), Format::kTd1);
  EXPECT_TRUE(td1.valid() && td1.defects().empty());
  EXPECT_EQ(td1.document_number(), "D23145890");
  EXPECT_EQ(td1.check_digits().optional, CheckState::kAbsent);
  EXPECT_EQ(td1.check_digits().composite, CheckState::kValid);
  EXPECT_EQ(td1.secondary_identifier(), "ANNA MARIA");

  const ParsedMrz td2 = Parse(kTd2);
  EXPECT_EQ(td2.format(), Format::kTd2);
  EXPECT_TRUE(td2.valid() && td2.defects().empty());

  const ParsedMrz mrv_a = Parse(kMrvA);
  EXPECT_EQ(mrv_a.format(), Format::kMrvA);
  EXPECT_TRUE(mrv_a.valid() && mrv_a.defects().empty());
  EXPECT_EQ(mrv_a.check_digits().composite, CheckState::kAbsent);
  EXPECT_EQ(mrv_a.check_digits().optional, CheckState::kAbsent);
  EXPECT_EQ(mrv_a.optional_data_1(), "6ZE184226B");

  const ParsedMrz mrv_b = Parse(kMrvB);
  EXPECT_EQ(mrv_b.format(), Format::kMrvB);
  EXPECT_TRUE(mrv_b.valid() && mrv_b.defects().empty());
}

TEST(ParseTest, TakesLinesHoweverTheyAreBroken) {
  const std::string text(kTd1);
  for (const std::string& form :
       {absl::StrReplaceAll(text, {{"\n", "\r\n"}}), absl::StrReplaceAll(text, {{"\n", "\r"}}),
        absl::StrReplaceAll(text, {{"\n", ""}}), absl::StrReplaceAll(text, {{"\n", " \n\n\t"}}), "\n  " + text}) {
    const ParsedMrz mrz = Parse(form);
    EXPECT_EQ(mrz.format(), Format::kTd1);
    EXPECT_TRUE(mrz.valid());
    EXPECT_EQ(mrz.line(2), "ERIKSSON<<ANNA<MARIA<<<<<<<<<<");
  }
}

TEST(ParseTest, SaysWhenNoFormatFits) {
  const std::string text(kTd3);
  for (const std::string& form :
       {std::string(), std::string("\n\n"), text.substr(1), text + "<", text + text, std::string(88, ' '),
        std::string(kTd1.substr(0, 61)), std::string(89, '<'), std::string("\xff\xfe\0", 3)}) {
    const ParsedMrz mrz = Parse(form);
    EXPECT_EQ(mrz.format(), Format::kUnknown);
    EXPECT_FALSE(mrz.valid());
    EXPECT_THAT(mrz.defects().List(), ElementsAre(Defect::kUnknownFormat));
    EXPECT_EQ(mrz.text(), "");
    EXPECT_EQ(mrz.document_number(), "");
    EXPECT_EQ(mrz.primary_identifier(), "");
    EXPECT_EQ(mrz.check_digits().number, CheckState::kAbsent);
  }
  const ParsedMrz endless = Parse(std::string(kMaxTextBytes + 1, '<'));
  EXPECT_THAT(endless.defects().List(), ElementsAre(Defect::kTextTooLong));
}

TEST(ParseTest, NoPassportPassesForAVisaNorTheOtherWay) {
  EXPECT_EQ(Parse(With(kTd3, 0, 'V')).format(), Format::kMrvA);
  EXPECT_EQ(Parse(With(kMrvB, 0, 'A')).format(), Format::kTd2);
  EXPECT_EQ(Parse(With(kTd1, 0, 'V')).format(), Format::kTd1) << "there is no visa of this size";
  EXPECT_TRUE(Parse(With(kTd1, 0, 'V')).defects().Has(Defect::kDocumentCode));
}

TEST(ParseTest, RefusesCharactersOutsideTheAlphabet) {
  for (const char bad : {'a', ' ', '*', '\0', '\x80', '\xff'}) {
    const ParsedMrz name = Parse(With(kTd3, 6, bad));
    EXPECT_FALSE(name.valid());
    EXPECT_THAT(name.defects().List(), ElementsAre(Defect::kIllegalCharacter));
    const ParsedMrz number = Parse(With(kTd3, 45, bad));
    EXPECT_EQ(number.check_digits().number, CheckState::kInvalid);
    EXPECT_EQ(number.check_digits().composite, CheckState::kInvalid);
  }
}

TEST(CheckDigitTest, EveryWrongDigitIsFoundInItsFieldAndTheComposite) {
  struct Place {
    size_t position;
    CheckState CheckDigits::*digit;
    Defect defect;
  };
  for (const Place& place : {Place{53, &CheckDigits::number, Defect::kNumberCheckDigit},
                             Place{63, &CheckDigits::birth_date, Defect::kBirthDateCheckDigit},
                             Place{71, &CheckDigits::expiry, Defect::kExpiryCheckDigit},
                             Place{86, &CheckDigits::optional, Defect::kOptionalCheckDigit}}) {
    const std::string good = With(kTd3, 0, 'P');
    const char wrong = good[place.position] == '9' ? '0' : static_cast<char>(good[place.position] + 1);
    const ParsedMrz mrz = Parse(With(kTd3, place.position, wrong));
    EXPECT_EQ(mrz.check_digits().*place.digit, CheckState::kInvalid);
    EXPECT_THAT(mrz.defects().List(), ElementsAre(place.defect, Defect::kCompositeCheckDigit));
    EXPECT_FALSE(mrz.valid());
  }
}

TEST(CheckDigitTest, AnUnusedOptionalFieldMayHaveAFillerAUsedOneMayNot) {
  constexpr std::string_view kUpper = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n";
  const auto lower = [&](const std::string& optional_and_digit) {
    const std::string data = "L898902C36UTO7408122F1204159" + optional_and_digit;
    CheckSum composite(data.substr(0, 10));
    composite.Add(data.substr(13, 7));
    composite.Add(data.substr(21, 22));
    return std::string(kUpper) + data + composite.Digit();
  };
  const ParsedMrz filler = Parse(lower("<<<<<<<<<<<<<<<"));
  EXPECT_TRUE(filler.valid());
  EXPECT_EQ(filler.check_digits().optional, CheckState::kAbsent);
  const ParsedMrz zero = Parse(lower("<<<<<<<<<<<<<<0"));
  EXPECT_TRUE(zero.valid());
  EXPECT_EQ(zero.check_digits().optional, CheckState::kValid);
  EXPECT_EQ(Parse(lower("<<<<<<<<<<<<<<1")).check_digits().optional, CheckState::kInvalid);
  // Both sum to 0, so that only the filler itself is wrong.
  for (const char* used : {"0<<<<<<<<<<<<<<", "A<<<<<<<<<<<<<<"}) {
    const ParsedMrz mrz = Parse(lower(used));
    EXPECT_EQ(mrz.check_digits().optional, CheckState::kInvalid) << used;
    EXPECT_EQ(mrz.check_digits().composite, CheckState::kValid) << used;
    EXPECT_FALSE(mrz.valid()) << used;
  }
}

TEST(CheckDigitTest, AFillerIsNoCheckDigitOfAPassportNumber) {
  EXPECT_EQ(Parse(With(kTd3, 53, '<')).check_digits().number, CheckState::kInvalid);
  EXPECT_EQ(Parse(With(kMrvB, 45, '<')).check_digits().number, CheckState::kInvalid);
}

TEST(LongNumberTest, GoesOnInTheOptionalData) {
  // The examples of Doc 9303-5 and -6, appendix: number D23145890734, check digit 9.
  const ParsedMrz card = Parse(
      "I<UTOD23145890<7349<<<<<<<<<<<\n"
      "3407127M9507122UTO<<<<<<<<<<<2\n"
      "STEVENSON<<PETER<JOHN<<<<<<<<<\n");
  const ParsedMrz larger = Parse(
      "I<UTOSTEVENSON<<PETER<<<<<<<<<<<<<<<\n"
      "D23145890<UTO3407127M95071227349<<<8\n");
  for (const ParsedMrz& mrz : {card, larger}) {
    EXPECT_TRUE(mrz.valid() && mrz.defects().empty());
    EXPECT_EQ(mrz.document_number(), "D23145890734");
    EXPECT_EQ(mrz.optional_data_1(), "");
  }
}

// A card whose number field, check digit and optional data are these 25 characters.
ParsedMrz Card(std::string number_to_optional) {
  number_to_optional.resize(25, '<');
  return Parse("I<UTO" + number_to_optional + std::string(kTd1.substr(30)));
}

TEST(LongNumberTest, HasAnyLengthFromTen) {
  for (size_t size = 10; size <= 22; ++size) {
    const std::string number = std::string("A1B2C3D4E5F6G7H8I9J0K1").substr(0, size);
    const ParsedMrz mrz = Card(number.substr(0, 9) + "<" + number.substr(9) + CheckDigit(number) + "<");
    EXPECT_EQ(mrz.check_digits().number, CheckState::kValid) << size;
    EXPECT_EQ(mrz.document_number(), number);
    EXPECT_FALSE(mrz.defects().Has(Defect::kLongNumberFiller));
  }
}

TEST(LongNumberTest, LeavesTheOptionalDataBehindIt) {
  const std::string number = "1234567890";
  EXPECT_EQ(Card("123456789<0" + std::string(1, CheckDigit(number)) + "<OHDA1").optional_data_1(), "OHDA1");
}

TEST(LongNumberTest, NeedsTheFillerBehindItsCheckDigit) {
  const std::string number = "A1B2C3D4E5F6G7H8I9J0K1L";
  const ParsedMrz mrz = Card(number.substr(0, 9) + "<" + number.substr(9) + CheckDigit(number));
  EXPECT_EQ(mrz.check_digits().number, CheckState::kValid);
  EXPECT_TRUE(mrz.defects().Has(Defect::kLongNumberFiller));
  EXPECT_EQ(mrz.document_number(), number);
}

TEST(LongNumberTest, AFillerWithAnotherMeaningIsAFindingAndTheNumberStays) {
  for (const char* card : {"D23145890<", "D23145890<7", "D23145890<<1234", "D23145890<19800101"}) {
    const ParsedMrz mrz = Card(card);
    EXPECT_EQ(mrz.check_digits().number, CheckState::kInvalid) << card;
    EXPECT_TRUE(mrz.defects().Has(Defect::kLongNumberCheckDigit)) << card;
    EXPECT_FALSE(mrz.defects().Has(Defect::kNumberCheckDigit)) << card;
    EXPECT_EQ(mrz.document_number(), "D23145890") << card;
  }
  EXPECT_EQ(Card("D23145890<19800101").optional_data_1(), "19800101");
}

TEST(DateFieldTest, LettersAreInvalidThoughTheirDigitAgrees) {
  // A counts 10: as the year's first digit it weighs 70, as a 0 does.
  const ParsedMrz mrz = Parse(
      "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\n"
      "L8988901C4XXXA409072F9612109<<<<<<<<\n");
  EXPECT_TRUE(CheckSum("A40907").Matches('2'));
  EXPECT_EQ(mrz.check_digits().birth_date, CheckState::kInvalid);
  EXPECT_THAT(mrz.defects().List(), ElementsAre(Defect::kBirthDateCharacters));
  EXPECT_FALSE(mrz.valid());
}

TEST(DateFieldTest, UnknownPartsAreNoDefectAndImpossibleOnesAreANote) {
  const auto visa = [](const std::string& birth) {
    return Parse("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL8988901C4XXX" + birth + CheckDigit(birth) +
                 "F9612109<<<<<<<<\n");
  };
  for (const char* unknown : {"40<<<<", "4009<<", "<<<<<<"}) {
    EXPECT_TRUE(visa(unknown).valid() && visa(unknown).defects().empty()) << unknown;
  }
  for (const char* impossible : {"401307", "400931", "4<0907"}) {
    EXPECT_EQ(visa(impossible).check_digits().birth_date, CheckState::kValid) << impossible;
    EXPECT_THAT(visa(impossible).defects().List(), ElementsAre(Defect::kBirthDateImpossible)) << impossible;
  }
}

TEST(NameTest, DividesPrimaryAndSecondary) {
  EXPECT_EQ(WithName("VAN<DER<MUELLEN<<MARTIN").primary_identifier(), "VAN DER MUELLEN");
  EXPECT_EQ(WithName("VAN<DER<MUELLEN<<MARTIN").secondary_identifier(), "MARTIN");
  const ParsedMrz single = WithName("ARKFREITH");
  EXPECT_EQ(single.primary_identifier(), "ARKFREITH");
  EXPECT_EQ(single.secondary_identifier(), "");
  EXPECT_TRUE(single.defects().empty());
}

TEST(NameTest, NotesOddSeparatorsAndStillReads) {
  for (const char* odd : {"SILVA<<CARVALHO<<FERNANDA", "SILVA<<<CARVALHO<FERNANDA"}) {
    const ParsedMrz mrz = WithName(odd);
    EXPECT_EQ(mrz.primary_identifier(), "SILVA") << odd;
    EXPECT_EQ(mrz.secondary_identifier(), "CARVALHO FERNANDA") << odd;
    EXPECT_THAT(mrz.defects().List(), ElementsAre(Defect::kNameSeparators)) << odd;
    EXPECT_TRUE(mrz.valid());
  }
  EXPECT_EQ(WithName("<<ANNA").primary_identifier(), "");
  EXPECT_EQ(WithName("<<ANNA").secondary_identifier(), "ANNA");
  EXPECT_TRUE(WithName("<<ANNA").defects().Has(Defect::kNameSeparators));
  EXPECT_TRUE(WithName("").defects().Has(Defect::kNameMissing));
  EXPECT_TRUE(WithName("ERIKS5ON<<ANNA").defects().Has(Defect::kNameCharacters));
}

TEST(NameTest, ANameThatFillsItsFieldMayBeCut) {
  EXPECT_TRUE(WithName("PAPANDROPOULOUS<<JONATHON<WARREN<TREVOR").name_truncated());
  EXPECT_FALSE(WithName("PAPANDROPOULOUS<<JONATHON<WARREN<TREVO").name_truncated());
}

TEST(NoteTest, UnknownCodesAndSexesAreNotes) {
  const std::string unknown_state = With(kMrvB, 4, 'Q');  // UTQ
  EXPECT_TRUE(Parse(unknown_state).valid());
  EXPECT_THAT(Parse(unknown_state).defects().List(), ElementsAre(Defect::kIssuingState));
  EXPECT_THAT(Parse(With(kMrvB, 48, 'Q')).defects().List(), ElementsAre(Defect::kNationality));
  EXPECT_EQ(Parse(With(kMrvB, 56, 'X')).sex(), Sex::kX);
  EXPECT_THAT(Parse(With(kMrvB, 56, 'X')).defects().List(), ElementsAre(Defect::kSexX));
  EXPECT_EQ(Parse(With(kMrvB, 56, '<')).sex(), Sex::kUnspecified);
  EXPECT_TRUE(Parse(With(kMrvB, 56, '<')).defects().empty());
  EXPECT_THAT(Parse(With(kMrvB, 56, '1')).defects().List(), ElementsAre(Defect::kSexInvalid));
}

TEST(DefectTest, EachHasItsOwnWordAndAReason) {
  std::set<std::string_view> words;
  for (int i = 0; i < kDefectCount; ++i) {
    const DefectInfo& info = Describe(static_cast<Defect>(i));
    EXPECT_TRUE(words.insert(info.name).second) << info.name;
    EXPECT_EQ(info.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << info.name;
    EXPECT_FALSE(info.reason.empty()) << info.name;
  }
  EXPECT_EQ(DefectName(Defect::kNameSeparators), "name_separators") << "the table follows the enum";
  EXPECT_EQ(DefectName(Defect::kLongNumberCheckDigit), "long_number_check_failed");
}

TEST(ParsedMrzTest, ACopyStandsOnItsOwn) {
  ParsedMrz copy;
  {
    const ParsedMrz mrz = Parse(kTd3);
    copy = mrz;
  }
  EXPECT_EQ(copy.document_number(), "L898902C3");
  EXPECT_EQ(copy.text().data() >= reinterpret_cast<const char*>(&copy), true);
  EXPECT_EQ(copy.primary_identifier(), "ERIKSSON");
}

TEST(HostileTest, RandomBytesOfTheRightSizeAreReadWithoutHarm) {
  std::mt19937 random(20261124);
  for (const size_t size : {72u, 88u, 90u}) {
    for (int i = 0; i < 2000; ++i) {
      std::string text(size, '<');
      for (char& c : text) c = static_cast<char>(random());
      const ParsedMrz mrz = Parse(text);
      EXPECT_FALSE(mrz.valid());
      EXPECT_LE(mrz.primary_identifier().size() + mrz.secondary_identifier().size(), kMaxMrzCharacters);
    }
  }
}

}  // namespace
}  // namespace gatehouse::mrz
