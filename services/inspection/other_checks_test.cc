// List and history checks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/inspection/history_check.h"
#include "services/inspection/list_checks.h"

namespace gatehouse::inspection {
namespace {

using ::testing::HasSubstr;

BaseAnswer Answer(std::string base, BaseStatus status, absl::Duration age = absl::Hours(3)) {
  return {.base = std::move(base), .status = status, .reason = "why", .version = "v1", .age = age};
}

// Two bases: "lost" holds documents, "un" holds names and documents.
ListAnswers Answers(BaseStatus lost, BaseStatus un_document, BaseStatus un_name) {
  return {.by_document = {Answer("lost", lost), Answer("un", un_document)},
          .by_name = {Answer("lost", BaseStatus::kNotSearched), Answer("un", un_name)}};
}

TEST(CheckLists, SuccessfulOnlyWhenEveryBaseOfTheKindSaysNoHit) {
  constexpr BaseStatus kAll[] = {BaseStatus::kHit,   BaseStatus::kNoHit,   BaseStatus::kNotSearched,
                                 BaseStatus::kError, BaseStatus::kTimeout, BaseStatus::kStale};
  for (const BaseStatus first : kAll) {
    for (const BaseStatus second : kAll) {
      // A third base keeps "not searched" of these two from meaning "of another kind".
      const ListAnswers answers{
          .by_document = {Answer("a", first), Answer("b", second)},
          .by_name = {Answer("a", BaseStatus::kNotSearched), Answer("b", BaseStatus::kNotSearched)}};
      const CheckStatus status = CheckLists(answers, true, true).document_list.status;
      const bool hit = first == BaseStatus::kHit || second == BaseStatus::kHit;
      const bool none = first == BaseStatus::kNoHit && second == BaseStatus::kNoHit;
      EXPECT_EQ(status, hit    ? CheckStatus::kFailed
                        : none ? CheckStatus::kSuccessful
                               : CheckStatus::kUndetermined)
          << static_cast<int>(first) << " " << static_cast<int>(second);
    }
  }
}

TEST(CheckLists, BaseOfTheOtherKindIsNotMissed) {
  const ListChecks checks = CheckLists(Answers(BaseStatus::kNoHit, BaseStatus::kNoHit, BaseStatus::kNoHit), true, true);
  EXPECT_EQ(checks.document_list.status, CheckStatus::kSuccessful);
  EXPECT_EQ(checks.nominal_list.status, CheckStatus::kSuccessful);
  EXPECT_EQ(checks.nominal_list.data_version, "un v1");
  EXPECT_EQ(checks.document_list.data_version, "lost v1, un v1");
  EXPECT_EQ(checks.document_list.data_age, absl::Hours(3));
}

TEST(CheckLists, BaseThatAnswersNeitherQuestionIsMissedByBoth) {
  const ListChecks checks =
      CheckLists(Answers(BaseStatus::kNoHit, BaseStatus::kNotSearched, BaseStatus::kNotSearched), true, true);
  EXPECT_EQ(checks.document_list.status, CheckStatus::kUndetermined);
  EXPECT_EQ(checks.nominal_list.status, CheckStatus::kUndetermined);
}

TEST(CheckLists, NoBaseAtAllIsNotDone) {
  const ListChecks none = CheckLists({}, true, true);
  EXPECT_EQ(none.document_list.status, CheckStatus::kNotDone);
  EXPECT_EQ(none.nominal_list.status, CheckStatus::kNotDone);
  // Only a list of stolen documents is loaded: the nominal check was not done.
  const ListAnswers documents_only{.by_document = {Answer("lost", BaseStatus::kNoHit)},
                                   .by_name = {Answer("lost", BaseStatus::kNotSearched)}};
  const ListChecks checks = CheckLists(documents_only, true, true);
  EXPECT_EQ(checks.document_list.status, CheckStatus::kSuccessful);
  EXPECT_EQ(checks.nominal_list.status, CheckStatus::kNotDone);
}

TEST(CheckLists, ARequiredBaseWithoutAnAnswerIsNotDoneAndNamed) {
  for (const BaseStatus missing : {BaseStatus::kError, BaseStatus::kTimeout, BaseStatus::kStale}) {
    ListAnswers answers = Answers(missing, BaseStatus::kNoHit, BaseStatus::kNoHit);
    answers.by_document[0].required = true;
    answers.by_document[0].version = "";
    const ListChecks checks = CheckLists(answers, true, true);
    EXPECT_EQ(checks.document_list.status, CheckStatus::kNotDone);
    EXPECT_THAT(checks.document_list.reason, HasSubstr("no answer from lost: "));
    EXPECT_EQ(checks.document_list.data_version, "lost (none), un v1");
    EXPECT_EQ(checks.nominal_list.status, CheckStatus::kSuccessful);
    answers.by_document[1].status = BaseStatus::kHit;
    EXPECT_EQ(CheckLists(answers, true, true).document_list.status, CheckStatus::kFailed) << "hits count all the same";
  }
}

TEST(CheckLists, NothingToAskByIsNotDone) {
  const ListAnswers answers = Answers(BaseStatus::kNoHit, BaseStatus::kNoHit, BaseStatus::kNoHit);
  EXPECT_EQ(CheckLists(answers, false, true).document_list.status, CheckStatus::kNotDone);
  EXPECT_EQ(CheckLists(answers, true, false).nominal_list.status, CheckStatus::kNotDone);
}

TEST(CheckLists, ABaseThatSearchedOneNameAndNotTheOtherIsMissed) {
  ListAnswers answers = Answers(BaseStatus::kNoHit, BaseStatus::kNoHit, BaseStatus::kNoHit);
  answers.by_name.push_back(Answer("un", BaseStatus::kNotSearched));
  answers.by_name.back().shown_at = "page";
  const ListChecks checks = CheckLists(answers, true, true);
  EXPECT_EQ(checks.nominal_list.status, CheckStatus::kUndetermined);
  EXPECT_THAT(checks.nominal_list.reason, HasSubstr("(shown: page)"));
  EXPECT_EQ(checks.nominal_list.data_version, "un v1");
}

TEST(CheckLists, HitInStaleDataIsStillAHitAndSaysWhere) {
  ListAnswers answers = Answers(BaseStatus::kStale, BaseStatus::kNoHit, BaseStatus::kNoHit);
  answers.by_document[0].hits = {{.record_id = "r9", .document_status = "stolen"}};
  const Check check = CheckLists(answers, true, true).document_list;
  EXPECT_EQ(check.status, CheckStatus::kFailed);
  EXPECT_EQ(check.reason, "listed in lost (stolen, record r9)");
  answers.by_document[0].hits.clear();
  answers.by_document[0].age = absl::Hours(24 * 45);
  const Check stale = CheckLists(answers, true, true).document_list;
  EXPECT_EQ(stale.status, CheckStatus::kUndetermined);
  EXPECT_THAT(stale.reason, HasSubstr("45 days old"));
}

PastCrossing Past(Direction direction, bool admitted = true) {
  return {.direction = direction, .admitted = admitted, .post = "SOUTH-2", .time = absl::FromUnixSeconds(1767225600)};
}

Check Of(History history, Direction direction, std::optional<std::string> seen_elsewhere = {}) {
  return CheckHistory({{.shown_at = "zone", .history = std::move(history)}}, direction, seen_elsewhere, {});
}

TEST(CheckHistory, UnknownTravellerIsNothingUnusual) {
  const Check check = Of({}, Direction::kEntry);
  EXPECT_EQ(check.status, CheckStatus::kSuccessful);
  EXPECT_EQ(check.reason, "no earlier crossing is known");
}

TEST(CheckHistory, EntryAfterExitIsOrderly) {
  EXPECT_EQ(Of({.crossings = {Past(Direction::kExit)}}, Direction::kEntry).status, CheckStatus::kSuccessful);
}

TEST(CheckHistory, AnIdentityThatWasNotSearchedIsNoCleanHistory) {
  const auto judge = [](std::vector<HistoryAnswer> answers) {
    return CheckHistory(answers, Direction::kEntry, std::nullopt, {});
  };
  const HistoryAnswer half{.shown_at = "keyed", .history = History{.identity_not_searched = true}};
  const HistoryAnswer silent{.shown_at = "chip", .missing = "no answer"};
  EXPECT_EQ(judge({half}).status, CheckStatus::kUndetermined);
  EXPECT_THAT(judge({half}).reason, HasSubstr("asked by the document alone"));
  EXPECT_EQ(judge({{.shown_at = "chip", .history = History{}}, half}).status, CheckStatus::kUndetermined);
  EXPECT_EQ(judge({silent, half}).status, CheckStatus::kNotDone);
}

TEST(CheckHistory, TravellersThatTheRegisterHoldsApartAreADoubt) {
  const Check check = CheckHistory({{.shown_at = "chip", .history = History{.person = "p1", .crossing_count = 1}},
                                    {.shown_at = "zone", .history = History{.person = "p2", .crossing_count = 1}}},
                                   Direction::kEntry, {}, {});
  EXPECT_EQ(check.status, CheckStatus::kUndetermined);
  EXPECT_EQ(check.reason, "what was shown belongs to 2 different travellers of the register");
}

TEST(CheckHistory, ADoubtStandsBesideAnAnswerThatIsMissing) {
  const Check check = CheckHistory({{.shown_at = "chip", .history = History{.document_of_another = true}},
                                    {.shown_at = "zone", .missing = "silence"}},
                                   Direction::kEntry, {}, {});
  EXPECT_EQ(check.status, CheckStatus::kUndetermined);
  EXPECT_THAT(check.reason, HasSubstr("another identity (shown: chip)"));
  EXPECT_THAT(check.reason, HasSubstr("silence (shown: zone)"));
  EXPECT_EQ(CheckHistory({{.shown_at = "zone", .missing = "silence"}}, Direction::kEntry, {}, {}).status,
            CheckStatus::kNotDone);
}

TEST(CheckHistory, EachDoubtIsReported) {
  const Check twice = Of({.crossings = {Past(Direction::kEntry)}}, Direction::kEntry);
  EXPECT_EQ(twice.status, CheckStatus::kUndetermined);
  EXPECT_EQ(twice.reason, "the last crossing was also an entry, at SOUTH-2 on 2026-01-01");

  const Check refused = Of({.crossings = {Past(Direction::kEntry, false), Past(Direction::kExit)}}, Direction::kEntry);
  EXPECT_EQ(refused.status, CheckStatus::kUndetermined);
  EXPECT_EQ(refused.reason, "refused at SOUTH-2 on 2026-01-01");

  const Check two_posts = Of({}, Direction::kEntry, "WEST-3");
  EXPECT_EQ(two_posts.status, CheckStatus::kUndetermined);
  EXPECT_THAT(two_posts.reason, HasSubstr("WEST-3"));

  const Check borrowed = Of({.document_of_another = true}, Direction::kEntry);
  EXPECT_EQ(borrowed.status, CheckStatus::kUndetermined);

  const Check all =
      Of({.crossings = {Past(Direction::kExit, false), Past(Direction::kExit)}, .document_of_another = true},
         Direction::kExit, "WEST-3");
  EXPECT_THAT(all.reason, HasSubstr("WEST-3"));
  EXPECT_THAT(all.reason, HasSubstr("another identity"));
  EXPECT_THAT(all.reason, HasSubstr("refused"));
  EXPECT_THAT(all.reason, HasSubstr("also an exit"));
}

}  // namespace
}  // namespace gatehouse::inspection
