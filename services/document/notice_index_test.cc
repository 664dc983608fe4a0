#include "services/document/notice_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "absl/strings/str_cat.h"

namespace gatehouse::document {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Notice Counterfeit(const std::string& id) {
  Notice notice;
  notice.id = id;
  notice.kind = NoticeKind::kCounterfeit;
  notice.issuing_state = "UTO";
  return notice;
}

NoticeIndex IndexOf(const std::vector<Notice>& notices) {
  std::vector<NoticePtr> shared;
  for (const Notice& notice : notices) shared.push_back(std::make_shared<const Notice>(notice));
  return NoticeIndex(std::move(shared));
}

NoticeQuery Passport(std::string_view number) {
  return {.issuing_state = "UTO",
          .document_code = "PD",
          .document_number = number,
          .expiry_date = {2030, 6, 15},
          .day = absl::CivilDay(2026, 11, 25)};
}

std::vector<std::string> Ids(const NoticeAnswer& answer) {
  std::vector<std::string> ids;
  for (const NoticeMatch& match : answer.matches) ids.push_back(match.notice->id);
  return ids;
}

TEST(NoticeTest, PatternsHaveWildcards) {
  EXPECT_TRUE(FitsPattern("AB123", "AB123"));
  EXPECT_TRUE(FitsPattern("AB123", "A?#23"));
  EXPECT_FALSE(FitsPattern("AB123", "A##23")) << "B is no digit";
  EXPECT_FALSE(FitsPattern("AB123", "AB12"));
  EXPECT_FALSE(FitsPattern("AB12", "AB12?"));
}

TEST(NoticeTest, UnknownPartsLeaveADateOpen) {
  EXPECT_TRUE(MayLieBetween({2026, 5, 1}, {2026, 5, 1}, {2026, 5, 1}));
  EXPECT_FALSE(MayLieBetween({2026, 5, 1}, {2026, 5, 2}, {}));
  EXPECT_FALSE(MayLieBetween({2026, 5, 1}, {}, {2026, 4, 0}));
  EXPECT_TRUE(MayLieBetween({2026, 5, 1}, {2026, 0, 0}, {2026, 0, 0}));
  EXPECT_TRUE(MayLieBetween({}, {2026, 5, 2}, {2026, 5, 3}));
}

TEST(NoticeIndexTest, FindsByNumber) {
  Notice range = Counterfeit("range");
  range.number_ranges = {{"C00000100", "C00000199"}, {"X1", "X9"}};
  Notice pattern = Counterfeit("pattern");
  pattern.number_patterns = {"C000001##", "????????Z"};
  Notice single = Counterfeit("single");
  single.number_patterns = {"C00000150"};
  const NoticeIndex index = IndexOf({range, pattern, single});
  EXPECT_THAT(Ids(index.Match(Passport("C00000150"))), ElementsAre("pattern", "range", "single"));
  EXPECT_THAT(Ids(index.Match(Passport("C00000100"))), ElementsAre("pattern", "range"));
  EXPECT_THAT(Ids(index.Match(Passport("C00000200"))), IsEmpty());
  EXPECT_THAT(Ids(index.Match(Passport("X5"))), ElementsAre("range"));
  EXPECT_THAT(Ids(index.Match(Passport("C0000025Z"))), ElementsAre("pattern"));
  EXPECT_THAT(index.Match(Passport("X5")).matches[0].matched_by, ElementsAre("issuing_state", "number_range"));
}

TEST(NoticeIndexTest, AsksForStateCodeAndDates) {
  Notice notice = Counterfeit("n");
  notice.document_code = "P";
  notice.expiry_from = {2030, 1, 1};
  notice.expiry_until = {2030, 12, 31};
  notice.valid_from = {2026, 1, 1};
  const NoticeIndex index = IndexOf({notice});
  EXPECT_THAT(index.Match(Passport("A")).matches.at(0).matched_by,
              ElementsAre("issuing_state", "document_code", "expiry_date"));
  const auto found = [&](auto change) {
    NoticeQuery query = Passport("A");
    change(query);
    return !index.Match(query).matches.empty();
  };
  EXPECT_FALSE(found([](NoticeQuery& q) { q.issuing_state = "D"; }));
  EXPECT_FALSE(found([](NoticeQuery& q) { q.document_code = "I"; }));
  EXPECT_FALSE(found([](NoticeQuery& q) { q.expiry_date = {2031, 1, 1}; }));
  EXPECT_FALSE(found([](NoticeQuery& q) { q.day = absl::CivilDay(2025, 12, 31); }));
  // What was not read excludes nothing.
  EXPECT_TRUE(found([](NoticeQuery& q) { q.document_code = ""; }));
  EXPECT_TRUE(found([](NoticeQuery& q) { q.expiry_date = {}; }));
}

TEST(NoticeIndexTest, NothingToLookUnderIsNoAnswer) {
  const NoticeIndex index = IndexOf({Counterfeit("n")});
  EXPECT_TRUE(index.Match(Passport("A")).complete);
  EXPECT_FALSE(index.Match(Passport("")).complete);
  EXPECT_THAT(Ids(index.Match(Passport(""))), ElementsAre("n")) << "it asks for no number";
  NoticeQuery nobody = Passport("A");
  nobody.issuing_state = "<<<";
  EXPECT_FALSE(index.Match(nobody).complete);
}

TEST(NoticeIndexTest, FraudComesBeforeSpecimensAndGermanyHasOneKey) {
  Notice specimen = Counterfeit("a");
  specimen.kind = NoticeKind::kReferenceSpecimen;
  specimen.issuing_state = "D";
  Notice alteration = Counterfeit("b");
  alteration.issuing_state = "DEU";
  const NoticeIndex index = IndexOf({specimen, alteration});
  for (const char* code : {"D", "D<<", "DEU"}) {
    NoticeQuery query = Passport("A");
    query.issuing_state = code;
    EXPECT_THAT(Ids(index.Match(query)), ElementsAre("b", "a")) << code;
  }
  EXPECT_EQ(index.Find("a")->id, "a");
  EXPECT_EQ(index.Find("c"), nullptr);
}

TEST(NoticeIndexTest, IntervalsThatHoldEachOtherAreAllFound) {
  std::vector<Notice> notices;
  for (int i = 0; i < 500; ++i) {
    Notice notice = Counterfeit(absl::StrCat("n", absl::Dec(i, absl::kZeroPad4)));
    notice.number_ranges = {{absl::StrCat(absl::Dec(i * 37 % 1000, absl::kZeroPad4)),
                             absl::StrCat(absl::Dec(i * 37 % 1000 + i * 7 % 300, absl::kZeroPad4))}};
    notices.push_back(std::move(notice));
  }
  const NoticeIndex index = IndexOf(notices);
  for (int number = 0; number < 1300; number += 13) {
    const std::string text = absl::StrCat(absl::Dec(number, absl::kZeroPad4));
    std::vector<std::string> expected;
    for (const Notice& notice : notices) {
      if (notice.number_ranges[0].Holds(text)) expected.push_back(notice.id);
    }
    EXPECT_EQ(Ids(index.Match(Passport(text))), expected) << text;
  }
}

TEST(NoticeIndexTest, FiftyThousandNoticesAreNotScanned) {
  std::vector<Notice> notices;
  for (int i = 0; i < 50'000; ++i) {
    Notice notice = Counterfeit(absl::StrCat("n", absl::Dec(i, absl::kZeroPad5)));
    const std::string number = absl::StrCat("C", absl::Dec(i * 100, absl::kZeroPad8));
    if (i % 2 == 0) {
      notice.number_ranges = {{number, absl::StrCat("C", absl::Dec(i * 100 + 99, absl::kZeroPad8))}};
    } else {
      notice.number_patterns = {absl::StrCat(number.substr(0, 7), "##")};
    }
    notices.push_back(std::move(notice));
  }
  const NoticeIndex index = IndexOf(notices);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 50'000; ++i) {
    const std::string number = absl::StrCat("C", absl::Dec(i * 100 + 42, absl::kZeroPad8));
    ASSERT_EQ(index.Match(Passport(number)).matches.size(), 1u) << number;
  }
  // A scan would look at 2,500,000,000 notices; a loaded machine does this in well under a second.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace
}  // namespace gatehouse::document
