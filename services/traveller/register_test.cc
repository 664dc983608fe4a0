#include "services/traveller/register.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "libs/testing/fake_clock.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/status_matchers.h"
#include "services/traveller/fake_crossing_store.h"
#include "services/traveller/reason.h"
#include "services/traveller/test_passages.h"

namespace gatehouse::traveller {
namespace {

using ::gatehouse::testing::StatusIs;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RegisterTest : public ::testing::Test {
 protected:
  Recorded MustRecord(const std::string& request_id, const Passage& passage) {
    const absl::StatusOr<Recorded> recorded = register_.Record(RequestOf(request_id, passage), passage);
    EXPECT_TRUE(recorded.ok()) << recorded.status();
    return recorded.ok() ? *recorded : Recorded();
  }

  FakeCrossingStore store_;
  gatehouse::testing::FakeClock clock_;
  gatehouse::testing::SeededRandom random_{7};
  Register register_{{.store = store_, .clock = clock_, .random = random_}};
};

TEST_F(RegisterTest, SameRequestMakesOneCrossing) {
  const Recorded first = MustRecord("r1", PassageOf(AnnaEriksson()));
  const Recorded second = MustRecord("r1", PassageOf(AnnaEriksson()));
  EXPECT_FALSE(first.repeated);
  EXPECT_TRUE(second.repeated);
  EXPECT_EQ(first.crossing, second.crossing);
  EXPECT_EQ(first.person, second.person);
  ASSERT_OK_AND_ASSIGN(const CrossingPage page, register_.List({}, {}, 10));
  EXPECT_THAT(page.crossings, SizeIs(1));
}

TEST_F(RegisterTest, SameRequestWithOtherContentIsRefused) {
  MustRecord("r1", PassageOf(AnnaEriksson()));
  Passage other = PassageOf(AnnaEriksson());
  other.outcome = CrossingOutcome::kRefused;
  EXPECT_THAT(register_.Record(RequestOf("r1", other), other), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(store_.writes, 2);  // the refusal is not taken for a lost race and repeated
}

// A stranger with a known number is not that number's person: he has his own crossings, and both are shown.
TEST_F(RegisterTest, AKnownDocumentUnderAnUnknownIdentityIsAnotherPersonForReview) {
  base::Identity stranger = AnnaEriksson();
  stranger.name = {.primary = "OTHER", .secondary = "ONE"};
  stranger.birth_date = {1990, 1, 2};
  const Recorded anna = MustRecord("r1", PassageOf(AnnaEriksson()));
  const Recorded first = MustRecord("r2", PassageOf(stranger));
  const Recorded second = MustRecord("r3", PassageOf(stranger));
  EXPECT_NE(first.person, anna.person);
  EXPECT_EQ(second.person, first.person) << "and not a new one each time";

  ASSERT_OK_AND_ASSIGN(const LinkPage links, register_.ListLinks({}, {}, 10));
  ASSERT_THAT(links.links, SizeIs(1)) << "once, however often it is shown";
  EXPECT_EQ(links.links[0].person, first.person);
  EXPECT_EQ(links.links[0].document_person, anna.person);
  EXPECT_EQ(links.links[0].confidence, Confidence::kLow);
  EXPECT_EQ(links.links[0].crossing, first.crossing);
  for (const PersonId& person : {anna.person, first.person}) {
    ASSERT_OK_AND_ASSIGN(const Traveller found, register_.Find({.person = person}, 10));
    EXPECT_THAT(found.links, SizeIs(1));
    EXPECT_EQ(found.person.crossing_count, person == anna.person ? 1 : 2);
  }
  // What inspection asks: the stranger is shown with his own crossings, and that the document is another's.
  ASSERT_OK_AND_ASSIGN(const Traveller shown,
                       register_.Find({.document = stranger.document, .identity = stranger}, 10));
  EXPECT_EQ(shown.person.id, first.person);
  EXPECT_TRUE(shown.document_of_another);
  ASSERT_OK_AND_ASSIGN(const Traveller own,
                       register_.Find({.document = stranger.document, .identity = AnnaEriksson()}, 10));
  EXPECT_EQ(own.person.id, anna.person);
  EXPECT_FALSE(own.document_of_another);
}

TEST_F(RegisterTest, WhoKeysNoSexOrNoWholeBirthDateIsStillTheDocumentsPerson) {
  const Recorded anna = MustRecord("r1", PassageOf(AnnaEriksson()));
  base::Identity keyed = AnnaEriksson();
  keyed.sex = base::Sex::kUnspecified;
  EXPECT_EQ(MustRecord("r2", PassageOf(keyed)).person, anna.person);
  base::Identity half = AnnaEriksson();
  half.birth_date = {1974, 0, 0};
  EXPECT_EQ(MustRecord("r3", PassageOf(half)).person, anna.person);
  ASSERT_OK_AND_ASSIGN(const LinkPage links, register_.ListLinks({}, {}, 10));
  EXPECT_THAT(links.links, IsEmpty());
}

// A half identity first, the whole one later: the document's person had none that it could differ from.
TEST_F(RegisterTest, AHalfIdentityIsCompletedByTheSameDocument) {
  base::Identity half = AnnaEriksson();
  half.birth_date = {1974, 0, 0};
  const Recorded first = MustRecord("r1", PassageOf(half));
  EXPECT_EQ(MustRecord("r2", PassageOf(AnnaEriksson())).person, first.person);
}

TEST_F(RegisterTest, AnErasedPersonWhoComesBackIsANewPersonAndTheCrossingIsStored) {
  const Recorded before = MustRecord("r1", PassageOf(AnnaEriksson()));
  ASSERT_OK_AND_ASSIGN(const Erasure erasure, register_.Erase({.request = {.id = "e1"},
                                                               .person = before.person,
                                                               .reason = ErasureReason::kSubjectRequest,
                                                               .case_reference = "DP-1",
                                                               .officer = "data.protection"}));
  EXPECT_EQ(erasure.crossing_count, 1);
  EXPECT_EQ(ReasonOf(register_.Find({.person = before.person}, 1).status()), Reason::kPersonErased);
  EXPECT_EQ(ReasonOf(register_.Find({.identity = AnnaEriksson()}, 1).status()), Reason::kPersonNotFound);
  const Recorded after = MustRecord("r2", PassageOf(AnnaEriksson()));
  EXPECT_NE(after.person, before.person);
  ASSERT_OK_AND_ASSIGN(const Traveller found, register_.Find({.document = AnnaEriksson().document}, 1));
  EXPECT_EQ(found.person.id, after.person);
  EXPECT_EQ(found.person.crossing_count, 1);
}

TEST_F(RegisterTest, AnErasureHasANamedOfficer) {
  const Recorded recorded = MustRecord("r1", PassageOf(AnnaEriksson()));
  EXPECT_EQ(ReasonOf(register_.Erase({.request = {.id = "e1"}, .person = recorded.person}).status()),
            Reason::kNamedOfficerRequired);
  EXPECT_OK(register_.Find({.person = recorded.person}, 1).status());
}

// The key was destroyed and the rows came back from an older copy.
TEST_F(RegisterTest, KeysThatARestoredStoreStillHoldsOfAnErasedPersonAreReleased) {
  const Recorded before = MustRecord("r1", PassageOf(AnnaEriksson()));
  store_.DestroyKeyOnly(before.person);
  const Recorded after = MustRecord("r2", PassageOf(AnnaEriksson()));
  EXPECT_NE(after.person, before.person);
  EXPECT_FALSE(after.repeated);
  EXPECT_EQ(store_.releases, 1);
}

TEST_F(RegisterTest, ACrossingThatDoesNotReadStopsNoListAndIsNoHistory) {
  const Recorded damaged = MustRecord("r1", PassageOf(AnnaEriksson()));
  const Recorded whole = MustRecord("r2", PassageOf(AnnaEriksson()));
  ASSERT_EQ(whole.person, damaged.person);
  store_.Damage(damaged.crossing);
  ASSERT_OK_AND_ASSIGN(const CrossingPage page, register_.List({}, {}, 10));
  EXPECT_THAT(page.crossings, SizeIs(2));
  EXPECT_EQ(ReasonOf(register_.Find({.person = whole.person}, 2).status()), Reason::kRowDamaged);
}

TEST_F(RegisterTest, ACorrectedTimeMovesTheCrossing) {
  const absl::Time start = absl::FromUnixSeconds(1767225600);
  const Recorded first = MustRecord("r1", PassageOf(AnnaEriksson(), start));
  const Recorded second = MustRecord("r2", PassageOf(AnnaEriksson(), start + absl::Hours(1)));
  ASSERT_OK(register_
                .Correct({.request = {.id = "c1"},
                          .crossing = first.crossing,
                          .field = CorrectedField::kCrossingTime,
                          .value = absl::FormatTime(absl::RFC3339_full, start + absl::Hours(2), absl::UTCTimeZone()),
                          .reason = "clock",
                          .officer = "supervisor"})
                .status());
  ASSERT_OK_AND_ASSIGN(const Traveller found, register_.Find({.person = first.person}, 2));
  EXPECT_EQ(found.history[0].id, first.crossing);
  EXPECT_EQ(found.person.first_crossing_time, start + absl::Hours(1));
  EXPECT_EQ(found.person.last_crossing_time, start + absl::Hours(2));
  EXPECT_EQ(found.history[1].id, second.crossing);
}

TEST_F(RegisterTest, SameIdentityWithANewDocumentIsTheSamePersonAndBothDocumentsFindHer) {
  base::Identity renewed = AnnaEriksson();
  renewed.document.number = "X1234567";
  const Recorded first = MustRecord("r1", PassageOf(AnnaEriksson()));
  const Recorded second = MustRecord("r2", PassageOf(renewed));
  EXPECT_EQ(first.person, second.person);
  ASSERT_OK_AND_ASSIGN(const Traveller found, register_.Find({.document = renewed.document}, 10));
  EXPECT_EQ(found.person.id, first.person);
  EXPECT_EQ(found.person.crossing_count, 2);
  EXPECT_THAT(found.person.documents.Reveal(), SizeIs(2));
}

TEST_F(RegisterTest, OtherDocumentAndOtherIdentityIsAnotherPerson) {
  base::Identity other = AnnaEriksson();
  other.document.number = "X1234567";
  other.birth_date.year = 1975;
  EXPECT_NE(MustRecord("r1", PassageOf(AnnaEriksson())).person, MustRecord("r2", PassageOf(other)).person);
}

TEST_F(RegisterTest, WhoeverDoesNotKnowTheSexFindsThePersonUnlessThereAreTwo) {
  const Recorded anna = MustRecord("r1", PassageOf(AnnaEriksson()));
  base::Identity asked = AnnaEriksson();
  asked.sex = base::Sex::kUnspecified;
  ASSERT_OK_AND_ASSIGN(const Traveller found, register_.Find({.identity = asked}, 0));
  EXPECT_EQ(found.person.id, anna.person);

  base::Identity namesake = AnnaEriksson();
  namesake.sex = base::Sex::kMale;
  namesake.document.number = "X1234567";
  MustRecord("r2", PassageOf(namesake));
  EXPECT_THAT(register_.Find({.identity = asked}, 0), StatusIs(absl::StatusCode::kFailedPrecondition));
}

// Recorded without a sex, shown later with one; and the other way round.
TEST_F(RegisterTest, ASexThatOneSideDoesNotStateIsNoDifference) {
  base::Identity unsaid = AnnaEriksson();
  unsaid.sex = base::Sex::kUnspecified;
  base::Identity renewed = AnnaEriksson();
  renewed.document.number = "X1234567";
  const Recorded recorded = MustRecord("r1", PassageOf(unsaid));
  ASSERT_OK_AND_ASSIGN(const Traveller found, register_.Find({.document = renewed.document, .identity = renewed}, 0));
  EXPECT_EQ(found.person.id, recorded.person);
  EXPECT_EQ(MustRecord("r2", PassageOf(renewed)).person, recorded.person);
  // Now she has a sex, and a namesake of another one is not she.
  base::Identity namesake = renewed;
  namesake.sex = base::Sex::kMale;
  namesake.document.number = "X7654321";
  EXPECT_EQ(ReasonOf(register_.Find({.identity = namesake}, 0).status()), Reason::kPersonNotFound);
  EXPECT_NE(MustRecord("r3", PassageOf(namesake)).person, recorded.person);
}

TEST_F(RegisterTest, WhoIsRecordedWithoutASexIsWhoeverIsKnownAloneByTheRest) {
  base::Identity unsaid = AnnaEriksson();
  unsaid.sex = base::Sex::kUnspecified;
  unsaid.document.number = "X1234567";
  const Recorded anna = MustRecord("r1", PassageOf(AnnaEriksson()));
  EXPECT_EQ(MustRecord("r2", PassageOf(unsaid)).person, anna.person);
}

TEST_F(RegisterTest, WhoCouldBeTwoIsANewPersonAndTheCrossingIsStored) {
  base::Identity namesake = AnnaEriksson();
  namesake.sex = base::Sex::kMale;
  namesake.document.number = "X7654321";
  base::Identity unsaid = AnnaEriksson();
  unsaid.sex = base::Sex::kUnspecified;
  unsaid.document.number = "X1234567";
  const Recorded anna = MustRecord("r1", PassageOf(AnnaEriksson()));
  const Recorded other = MustRecord("r2", PassageOf(namesake));
  const Recorded third = MustRecord("r3", PassageOf(unsaid));
  EXPECT_NE(third.person, anna.person);
  EXPECT_NE(third.person, other.person);
}

TEST_F(RegisterTest, HalfAnIdentityBesideADocumentIsSaidNotToBeSearched) {
  base::Identity half = AnnaEriksson();
  half.birth_date = {1974, 0, 0};
  half.document.number = "X1234567";
  MustRecord("r1", PassageOf(AnnaEriksson()));
  EXPECT_EQ(ReasonOf(register_.Find({.document = half.document, .identity = half}, 0).status()),
            Reason::kIdentityNotSearched);
  half.document = AnnaEriksson().document;
  ASSERT_OK_AND_ASSIGN(Traveller found, register_.Find({.document = half.document, .identity = half}, 0));
  EXPECT_TRUE(found.identity_not_searched);
  ASSERT_OK_AND_ASSIGN(found, register_.Find({.document = half.document, .identity = AnnaEriksson()}, 0));
  EXPECT_FALSE(found.identity_not_searched);
  ASSERT_OK_AND_ASSIGN(found, register_.Find({.document = half.document}, 0));
  EXPECT_FALSE(found.identity_not_searched);
}

// The document says one person, the identity another: the identity decides, neither key changes hands, and both are
// linked.
TEST_F(RegisterTest, IdentityOutranksADocumentOfAnother) {
  base::Identity other = AnnaEriksson();
  other.document.number = "X1234567";
  other.name.primary = "OTHER";
  const Recorded anna = MustRecord("r1", PassageOf(AnnaEriksson()));
  const Recorded second = MustRecord("r2", PassageOf(other));
  base::Identity mixed = AnnaEriksson();
  mixed.document = other.document;
  EXPECT_EQ(MustRecord("r3", PassageOf(mixed)).person, anna.person);
  ASSERT_OK_AND_ASSIGN(const Traveller found, register_.Find({.document = other.document}, 0));
  EXPECT_EQ(found.person.id, second.person);
  ASSERT_OK_AND_ASSIGN(const LinkPage links, register_.ListLinks(second.person, {}, 10));
  EXPECT_THAT(links.links, SizeIs(1));
}

TEST_F(RegisterTest, PersonWithoutAnyKeyIsNewEachTime) {
  base::Identity unknown;
  unknown.name.full = "UNKNOWN";
  EXPECT_NE(MustRecord("r1", PassageOf(unknown)).person, MustRecord("r2", PassageOf(unknown)).person);
}

TEST_F(RegisterTest, TwoPostsThatMeetOneNewPersonAtOneMomentFindOnePerson) {
  Recorded sooner;
  store_.interlope = [&] { sooner = MustRecord("r2", PassageOf(AnnaEriksson())); };
  const Recorded later = MustRecord("r1", PassageOf(AnnaEriksson()));
  EXPECT_EQ(later.person, sooner.person);
  EXPECT_NE(later.crossing, sooner.crossing);
}

TEST_F(RegisterTest, RacingRepetitionOfOneRequestMakesOneCrossing) {
  Recorded sooner;
  store_.interlope = [&] { sooner = MustRecord("r1", PassageOf(AnnaEriksson())); };
  const Recorded later = MustRecord("r1", PassageOf(AnnaEriksson()));
  EXPECT_EQ(later.crossing, sooner.crossing);
  EXPECT_TRUE(later.repeated);
}

TEST_F(RegisterTest, CorrectionIsAppendedOnceAndTheRecordStands) {
  const Recorded recorded = MustRecord("r1", PassageOf(AnnaEriksson()));
  const NewCorrection correction{.request = {.id = "c1", .digest = "one"},
                                 .crossing = recorded.crossing,
                                 .field = CorrectedField::kDirection,
                                 .value = "exit",
                                 .reason = "wrong lane",
                                 .officer = "officer.two"};
  ASSERT_OK_AND_ASSIGN(const Crossing corrected, register_.Correct(correction));
  EXPECT_EQ(corrected.passage.direction, Direction::kEntry);
  ASSERT_THAT(corrected.corrections, SizeIs(1));
  EXPECT_EQ(corrected.corrections[0].officer, "officer.two");
  ASSERT_OK_AND_ASSIGN(const Crossing again, register_.Correct(correction));
  EXPECT_THAT(again.corrections, SizeIs(1));

  NewCorrection other = correction;
  other.value = "entry";
  other.request.digest = "other";
  EXPECT_THAT(register_.Correct(other), StatusIs(absl::StatusCode::kAlreadyExists));

  ASSERT_OK_AND_ASSIGN(const Traveller found, register_.Find({.person = recorded.person}, 0));
  EXPECT_EQ(found.person.last_direction, Direction::kExit);
  EXPECT_THAT(found.history, IsEmpty());
}

TEST_F(RegisterTest, CorrectionNeedsANamedOfficerAndACrossing) {
  const Recorded recorded = MustRecord("r1", PassageOf(AnnaEriksson()));
  NewCorrection correction{.request = {.id = "c1", .digest = "one"},
                           .crossing = recorded.crossing,
                           .field = CorrectedField::kPost,
                           .value = "SOUTH-2",
                           .reason = "typed wrong"};
  EXPECT_THAT(register_.Correct(correction), StatusIs(absl::StatusCode::kPermissionDenied));
  correction.officer = "officer.two";
  correction.crossing = CrossingId("0190a8a0-0000-7000-8000-00000000ffff");
  EXPECT_THAT(register_.Correct(correction), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(RegisterTest, RefusedEntryDoesNotBringAnybodyIn) {
  const absl::Time start = absl::FromUnixSeconds(1767225600);
  Passage exit = PassageOf(AnnaEriksson(), start);
  exit.direction = Direction::kExit;
  Passage refused = PassageOf(AnnaEriksson(), start + absl::Hours(1));
  refused.outcome = CrossingOutcome::kRefused;
  MustRecord("r1", exit);
  MustRecord("r2", refused);
  ASSERT_OK_AND_ASSIGN(const Traveller found, register_.Find({.identity = AnnaEriksson()}, 10));
  EXPECT_EQ(found.person.last_direction, Direction::kExit);
  EXPECT_EQ(found.person.first_crossing_time, start);
  EXPECT_EQ(found.person.last_crossing_time, start + absl::Hours(1));
}

TEST_F(RegisterTest, TheLastDirectionIsLookedForBehindTheHistoryThatIsShown) {
  const absl::Time start = absl::FromUnixSeconds(1767225600);
  Passage exit = PassageOf(AnnaEriksson(), start);
  exit.direction = Direction::kExit;
  MustRecord("r0", exit);
  Passage refused = PassageOf(AnnaEriksson());
  refused.outcome = CrossingOutcome::kRefused;
  for (int i = 1; i <= 5; ++i) {
    refused.time = start + absl::Hours(i);
    MustRecord("r" + std::to_string(i), refused);
  }
  for (const int history : {0, 1, 3, 6, 10}) {
    ASSERT_OK_AND_ASSIGN(const Traveller found, register_.Find({.identity = AnnaEriksson()}, history));
    EXPECT_EQ(found.person.last_direction, Direction::kExit) << history;
    EXPECT_THAT(found.history, SizeIs(std::min(history, 6)));
  }
}

TEST_F(RegisterTest, DocumentInOtherHandsIsSaid) {
  MustRecord("r1", PassageOf(AnnaEriksson()));
  base::Identity other = AnnaEriksson();
  other.name.primary = "OTHER";
  ASSERT_OK_AND_ASSIGN(Traveller found, register_.Find({.document = other.document, .identity = other}, 1));
  EXPECT_TRUE(found.document_of_another);
  ASSERT_OK_AND_ASSIGN(found, register_.Find({.document = other.document, .identity = AnnaEriksson()}, 1));
  EXPECT_FALSE(found.document_of_another);
  ASSERT_OK_AND_ASSIGN(found, register_.Find({.document = other.document}, 1));
  EXPECT_FALSE(found.document_of_another);
}

TEST_F(RegisterTest, UnknownDocumentIsLookedUpByIdentity) {
  const Recorded recorded = MustRecord("r1", PassageOf(AnnaEriksson()));
  base::Identity renewed = AnnaEriksson();
  renewed.document.number = "NEW1";
  ASSERT_OK_AND_ASSIGN(const Traveller found, register_.Find({.document = renewed.document, .identity = renewed}, 1));
  EXPECT_EQ(found.person.id, recorded.person);
  EXPECT_FALSE(found.document_of_another);
}

TEST_F(RegisterTest, UnknownTravellerIsNotFound) {
  EXPECT_THAT(register_.Find({.document = base::DocumentKey{.number = "NONE", .issuer = "UTO"}}, 1),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(register_.Find({.identity = AnnaEriksson()}, 1), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(register_.Find({.person = PersonId("0190a8a0-0000-7000-8000-00000000ffff")}, 1),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(RegisterTest, PagesCoverEverythingOnceNewestFirst) {
  const absl::Time start = absl::FromUnixSeconds(1767225600);
  for (int i = 0; i < 7; ++i) {
    MustRecord("r" + std::to_string(i), PassageOf(AnnaEriksson(), start + absl::Minutes(i / 2)));  // equal times too
  }
  std::vector<Crossing> all;
  std::optional<ListPosition> behind;
  int pages = 0;
  do {
    ASSERT_OK_AND_ASSIGN(CrossingPage page, register_.List({}, behind, 3));
    all.insert(all.end(), page.crossings.begin(), page.crossings.end());
    behind = page.next;
    ++pages;
  } while (behind);
  EXPECT_EQ(pages, 3);
  ASSERT_THAT(all, SizeIs(7));
  for (size_t i = 1; i < all.size(); ++i) {
    EXPECT_GT(std::pair(all[i - 1].passage.time, all[i - 1].id), std::pair(all[i].passage.time, all[i].id));
  }
}

}  // namespace
}  // namespace gatehouse::traveller
