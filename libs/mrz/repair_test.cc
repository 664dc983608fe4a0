#include "libs/mrz/repair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "libs/mrz/check_digit.h"
#include "libs/mrz/write.h"

namespace gatehouse::mrz {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The specimen of Doc 9303-4, joined.
const std::string kTd3 =
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10";

struct Change {
  size_t position;
  char to;
};

std::string Misread(std::string text, std::initializer_list<Change> changes) {
  for (const Change& change : changes) text[change.position] = change.to;
  return text;
}

// "53:O>0" for each swap; "none" without a repair.
std::string Told(const std::string& read) {
  const std::optional<Repair> repair = FindRepair(Parse(read));
  if (!repair) return "none";
  std::string told;
  for (const Swap& swap : repair->swaps) {
    absl::StrAppend(&told, told.empty() ? "" : " ", swap.position, ":", std::string(1, swap.from), ">",
                    std::string(1, swap.to));
  }
  return told;
}

// A passport with this number.
std::string Passport(const std::string& number, const std::string& optional_data = "") {
  return *Write({.document_code = "P",
                 .issuing_state = "UTO",
                 .document_number = number,
                 .nationality = "UTO",
                 .birth_date = {1974, 8, 12},
                 .sex = Sex::kFemale,
                 .expiry_date = {2032, 4, 15},
                 .primary_identifier = "ERIKSSON",
                 .optional_data_1 = optional_data});
}

// Write() puts a line feed between the lines.
constexpr size_t kNumberAt = 45;

TEST(RepairTest, AFieldOfDigitsHasNoLetters) {
  EXPECT_EQ(Told(Misread(kTd3, {{58, 'A'}})), "none") << "A is taken for nothing";
  EXPECT_EQ(Told(Misread(kTd3, {{61, 'I'}})), "61:I>1");
  EXPECT_EQ(Told(Misread(kTd3, {{59, 'O'}, {60, 'B'}, {62, 'Z'}})), "59:O>0 60:B>8 62:Z>2");
  EXPECT_EQ(Told(Misread(kTd3, {{53, 'G'}})), "53:G>6") << "the check digit of the number";
  EXPECT_EQ(Told(Misread(kTd3, {{87, 'O'}})), "87:O>0") << "the composite";
}

TEST(RepairTest, AFieldOfLettersHasNoDigits) {
  EXPECT_EQ(Told(Misread(kTd3, {{4, '0'}})), "4:0>O");
  EXPECT_EQ(Told(Misread(kTd3, {{56, '0'}})), "56:0>O");
  EXPECT_EQ(Told(Misread(kTd3, {{7, '1'}, {9, '5'}, {10, '5'}})), "7:1>I 9:5>S 10:5>S");
  EXPECT_EQ(Told(Misread(kTd3, {{7, '3'}})), "none") << "3 is taken for nothing";
  EXPECT_EQ(Told(Misread(kTd3, {{2, '8'}})), "none") << "BTO is no State";
}

TEST(RepairTest, WhatIsRightStays) {
  EXPECT_EQ(Told(kTd3), "none");
  EXPECT_FALSE(FindRepair(Parse("no zone")));
  EXPECT_EQ(Told(Misread(Passport("XA7AC4A77"), {{kNumberAt + 1, 'C'}})), "none") << "A and C are no pair";
}

TEST(RepairTest, ACheckDigitDecidesBetweenLetterAndDigit) {
  EXPECT_EQ(Told(Misread(kTd3, {{49, 'O'}})), "49:O>0");
  EXPECT_EQ(Told(Misread(Passport("XA7AC4A77", "ZE4377C"), {{kNumberAt + 28, '2'}})), "72:2>Z") << "optional data";
  const std::string read = Misread(kTd3, {{49, 'O'}, {61, 'I'}});
  const std::optional<Repair> repair = FindRepair(Parse(read));
  ASSERT_TRUE(repair);
  EXPECT_EQ(repair->text, kTd3);
  EXPECT_TRUE(Parse(repair->text).valid());
  EXPECT_EQ(Parse(read).text(), read) << "what was read is kept";
}

TEST(RepairTest, TwoAnswersAreNone) {
  // Both places weigh 7: 0 for O in one or in the other gives the same check digit.
  EXPECT_EQ(Told(Misread(Passport("O12O34O77"), {{kNumberAt, '0'}})), "none");
  EXPECT_EQ(Told(Misread(Passport("OA2AC4A77"), {{kNumberAt, '0'}})), "44:0>O") << "no other place may be meant";
}

TEST(RepairTest, GAndSixAreToldApartByAlphabetsOnly) {
  EXPECT_EQ(CheckDigit("G"), CheckDigit("6"));
  EXPECT_EQ(Told(Misread(Passport("6A7AC4A77"), {{kNumberAt, 'G'}})), "none") << "no check digit sees it";
  EXPECT_EQ(Told(Misread(Passport("OA2AC4A67"), {{kNumberAt, '0'}})), "44:0>O") << "nor is it in the way";
}

TEST(RepairTest, ReadsLongNumbers) {
  const std::string card =
      "I<UTOD23145890<7349<<<<<<<<<<<"
      "3407127M9507122UTO<<<<<<<<<<<2"
      "STEVENSON<<PETER<JOHN<<<<<<<<<";
  EXPECT_EQ(Told(card), "none");
  EXPECT_EQ(Told(Misread(card, {{31, 'A'}})), "none");
  EXPECT_EQ(Told(Misread(card, {{38, 'S'}})), "none") << "9 is in no pair";
  EXPECT_EQ(Told(Misread(card, {{39, 'S'}, {60, '5'}})), "39:S>5 60:5>S");
}

TEST(RepairTest, TheOptionalDataOfAVisaIsCoveredByNothing) {
  const std::string visa =
      "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
      "L8988901C4XXX4009078F96121096ZE184226B<<<<<<";
  const std::optional<Repair> repair = FindRepair(Parse(Misread(visa, {{58, 'O'}, {73, '2'}})));
  ASSERT_TRUE(repair);
  ASSERT_EQ(repair->swaps.size(), 1u);
  EXPECT_EQ(repair->swaps[0].position, 58);
  EXPECT_EQ(repair->text[73], '2');
}

TEST(RepairTest, ARepairBringsNoNewDefect) {
  // Month 1S is 15, and all check digits agree with that: still no date.
  const std::string line = "L898902C36UTO741512" + std::string(1, CheckDigit("741512")) + "F1204159ZE184226B<<<<<1";
  CheckSum composite(line.substr(0, 10));
  composite.Add(line.substr(13, 7));
  composite.Add(line.substr(21, 22));
  const std::string impossible = kTd3.substr(0, 44) + line + composite.Digit();
  ASSERT_TRUE(Parse(impossible).valid());
  EXPECT_EQ(Told(Misread(impossible, {{60, 'S'}})), "none");
}

TEST(RepairTest, WhateverIsOfferedIsValidAndDiffersByPairsOnly) {
  std::mt19937 random(20261125);
  constexpr std::string_view kPairs = "O0I1B8S5Z2G6";
  int offered = 0;
  for (int round = 0; round < 300; ++round) {
    std::string read = kTd3;
    for (int i = 0; i < 3; ++i) read[random() % read.size()] = kPairs[random() % kPairs.size()];
    const std::optional<Repair> repair = FindRepair(Parse(read));
    if (!repair) continue;
    ++offered;
    ASSERT_FALSE(repair->swaps.empty());
    EXPECT_TRUE(Parse(repair->text).valid());
    std::string undone = repair->text;
    for (const Swap& swap : repair->swaps) {
      EXPECT_EQ(kPairs.find(swap.from) / 2, kPairs.find(swap.to) / 2);
      undone[swap.position] = swap.from;
    }
    EXPECT_EQ(undone, read);
  }
  EXPECT_GT(offered, 0);
}

}  // namespace
}  // namespace gatehouse::mrz
