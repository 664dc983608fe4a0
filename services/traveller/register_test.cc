#include "services/traveller/register.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/testing/fake_clock.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/status_matchers.h"
#include "services/traveller/fake_crossing_store.h"
#include "services/traveller/test_passages.h"

namespace gatehouse::traveller {
namespace {

using ::gatehouse::testing::StatusIs;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RegisterTest : public ::testing::Test {
 protected:
  Recorded MustRecord(const std::string& request_id, const Passage& passage) {
    const absl::StatusOr<Recorded> recorded = register_.Record(request_id, passage);
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
  EXPECT_THAT(register_.Record("r1", other), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(store_.writes, 2);  // the refusal is not taken for a lost race and repeated
}

TEST_F(RegisterTest, SameDocumentIsTheSamePersonWhateverTheName) {
  base::Identity married = AnnaEriksson();
  married.name.primary = "SVENSSON";
  const Recorded first = MustRecord("r1", PassageOf(AnnaEriksson()));
  const Recorded second = MustRecord("r2", PassageOf(married));
  EXPECT_EQ(first.person, second.person);
  EXPECT_NE(first.crossing, second.crossing);
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

// The document says one person, the identity another: the document decides, and neither key changes hands.
TEST_F(RegisterTest, DocumentOutranksIdentity) {
  base::Identity other = AnnaEriksson();
  other.document.number = "X1234567";
  other.name.primary = "OTHER";
  const Recorded anna = MustRecord("r1", PassageOf(AnnaEriksson()));
  const Recorded second = MustRecord("r2", PassageOf(other));
  base::Identity mixed = AnnaEriksson();
  mixed.document = other.document;
  EXPECT_EQ(MustRecord("r3", PassageOf(mixed)).person, second.person);
  ASSERT_OK_AND_ASSIGN(const Traveller found, register_.Find({.identity = AnnaEriksson()}, 0));
  EXPECT_EQ(found.person.id, anna.person);
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
  const NewCorrection correction{.request_id = "c1",
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
  EXPECT_THAT(register_.Correct(other), StatusIs(absl::StatusCode::kAlreadyExists));

  ASSERT_OK_AND_ASSIGN(const Traveller found, register_.Find({.person = recorded.person}, 0));
  EXPECT_EQ(found.person.last_direction, Direction::kExit);
  EXPECT_THAT(found.history, IsEmpty());
}

TEST_F(RegisterTest, CorrectionNeedsANamedOfficerAndACrossing) {
  const Recorded recorded = MustRecord("r1", PassageOf(AnnaEriksson()));
  NewCorrection correction{.request_id = "c1",
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
  std::optional<CrossingPosition> behind;
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
