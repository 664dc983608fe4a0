// Erasure on every backend.
#include <atomic>
#include <mutex>
#include <thread>

#include "gatehouse/traveller/v1/traveller_events.pb.h"
#include "services/traveller/events.h"
#include "services/traveller/store_testing.h"

namespace gatehouse::traveller {
namespace {

using ::testing::SizeIs;

class ErasureStoreTest : public StoreTest {};

TEST_P(ErasureStoreTest, AnErasureReachesEverythingAndLeavesIdsAndTimes) {
  base::Identity renewed = AnnaEriksson();
  renewed.document.number = "X1234567";
  base::Identity stranger = AnnaEriksson();
  stranger.name.primary = "OTHER";
  ASSERT_OK_AND_ASSIGN(const Recorded first, Record("r1", PassageOf(AnnaEriksson())));
  ASSERT_OK_AND_ASSIGN(const Recorded second, Record("r2", PassageOf(renewed, clock_.Now())));
  ASSERT_OK_AND_ASSIGN(const Recorded linked, Record("r3", PassageOf(stranger)));
  const NewCorrection correction{.request = {.id = "c1"},
                                 .crossing = first.crossing,
                                 .field = CorrectedField::kPost,
                                 .value = "SOUTH-2",
                                 .reason = "typed wrong",
                                 .officer = "officer.two"};
  ASSERT_OK(register_->Correct(correction).status());
  ASSERT_OK_AND_ASSIGN(const std::vector<events::StoredEvent> before, outbox_->Read(0, 100));

  ASSERT_OK_AND_ASSIGN(const Erasure erasure, Erase(first.person));
  EXPECT_EQ(erasure.crossing_count, 2);
  EXPECT_EQ(erasure.document_count, 2);
  const std::string hers = " WHERE person_id = '" + first.person.value() + "'";
  for (const char* table : {"person", "person_document", "person_identity", "crossing"}) {
    EXPECT_EQ(Count(table + hers), 0) << table;
  }
  EXPECT_EQ(Count("correction"), 0);
  EXPECT_EQ(Count("person_link"), 0) << "nor does another person's link say who she was";
  EXPECT_EQ(Count("erased_crossing" + hers), 2);
  EXPECT_EQ(Count("crossing"), 1) << "the stranger's";

  // What was published opens for nobody, and the erasure is published.
  for (const events::StoredEvent& stored : before) {
    gatehouse::traveller::v1::CrossingRecorded payload;
    if (stored.event.type != "gatehouse.traveller.crossing_recorded.v1") continue;
    ASSERT_TRUE(payload.ParseFromString(stored.event.data));
    if (payload.person_id() != first.person.value()) continue;
    EXPECT_TRUE(
        seal::IsErased(sealer_->Open(payload.person_id(), kEventIdentityContext, payload.sealed_identity()).status()));
  }
  ASSERT_OK_AND_ASSIGN(const std::vector<events::StoredEvent> after, outbox_->Read(0, 100));
  ASSERT_THAT(after, SizeIs(before.size() + 1));
  EXPECT_EQ(after.back().event.type, "gatehouse.traveller.person_erased.v1");
  EXPECT_EQ(after.back().event.subject, first.person.value());

  Open();
  const CrossingId never("0190a8a0-0000-7000-8000-00000000ffff");
  ASSERT_OK_AND_ASSIGN(const CrossingPage asked,
                       register_->List({.crossings = {first.crossing, linked.crossing, never}}, {}, 10));
  ASSERT_THAT(asked.crossings, SizeIs(1));
  EXPECT_EQ(asked.crossings[0].id, linked.crossing);
  EXPECT_THAT(asked.erased, ::testing::ElementsAre(first.crossing)) << "and not what was never here";
  EXPECT_EQ(ReasonOf(register_->Find({.person = first.person}, 1).status()), Reason::kPersonErased);
  EXPECT_EQ(ReasonOf(register_->Correct(correction).status()), Reason::kPersonErased);
  ASSERT_OK_AND_ASSIGN(const Recorded redriven, Record("r1", PassageOf(AnnaEriksson())));
  EXPECT_TRUE(redriven.repeated) << "a re-drive of before the erasure makes no second crossing";
  EXPECT_EQ(redriven.crossing, first.crossing);
  ASSERT_OK_AND_ASSIGN(const Recorded back, Record("r4", PassageOf(AnnaEriksson())));
  EXPECT_FALSE(back.repeated);
  EXPECT_NE(back.person, first.person);
  ASSERT_OK_AND_ASSIGN(const Traveller found, register_->Find({.document = AnnaEriksson().document}, 5));
  EXPECT_EQ(found.person.id, back.person);
  EXPECT_THAT(found.history, SizeIs(1));
  ASSERT_OK(register_->Find({.person = linked.person}, 1).status());
}

TEST_P(ErasureStoreTest, AnErasureIsMadeOnceAndItsReceiptKept) {
  ASSERT_OK_AND_ASSIGN(const Recorded recorded, Record("r1", PassageOf(AnnaEriksson())));
  EXPECT_EQ(ReasonOf(Erase(PersonId("0190a8a0-0000-7000-8000-00000000ffff"), "e0").status()), Reason::kPersonNotFound);
  ASSERT_OK_AND_ASSIGN(const Erasure erasure, Erase(recorded.person));
  clock_.Advance(absl::Hours(1));
  Open();
  ASSERT_OK_AND_ASSIGN(const Erasure again, Erase(recorded.person));
  EXPECT_EQ(again.id, erasure.id);
  EXPECT_EQ(again.time, erasure.time);
  EXPECT_EQ(ReasonOf(Erase(recorded.person, "e2").status()), Reason::kPersonErased);
  ASSERT_OK_AND_ASSIGN(const Recorded other, Record("r2", PassageOf(AnnaEriksson())));
  EXPECT_EQ(ReasonOf(Erase(other.person, "e1").status()), Reason::kRequestIdReused);
  ASSERT_OK(register_->Find({.person = other.person}, 1).status());
  ASSERT_OK_AND_ASSIGN(const ErasurePage page, register_->ListErasures({}, 10));
  ASSERT_THAT(page.erasures, SizeIs(1));
  EXPECT_EQ(page.erasures[0].officer, "data.protection");
  EXPECT_EQ(page.erasures[0].case_reference, "AZ-7/2026");
  EXPECT_EQ(page.erasures[0].reason, ErasureReason::kCourtOrder);
  EXPECT_EQ(Count("erasure WHERE person_id = '" + other.person.value() + "'"), 0);
}

// Rows of before an erasure, put back from a copy, under a key that stays destroyed.
TEST_P(ErasureStoreTest, WhoeverIsErasedAndComesBackToARestoredStoreIsStored) {
  ASSERT_OK_AND_ASSIGN(const Recorded before, Record("r1", PassageOf(AnnaEriksson())));
  ASSERT_OK(sealer_->Erase(before.person.value()));
  ASSERT_OK_AND_ASSIGN(const CrossingPage asked, register_->List({.crossings = {before.crossing}}, {}, 10));
  EXPECT_THAT(asked.crossings, SizeIs(0));
  EXPECT_THAT(asked.erased, ::testing::ElementsAre(before.crossing));
  ASSERT_OK_AND_ASSIGN(const Recorded after, Record("r2", PassageOf(AnnaEriksson())));
  EXPECT_NE(after.person, before.person);
  ASSERT_OK_AND_ASSIGN(const Traveller found, register_->Find({.document = AnnaEriksson().document}, 5));
  EXPECT_EQ(found.person.id, after.person);
  EXPECT_EQ(Count("erased_crossing"), 1);
}

// Counts a desk out, however it ends.
struct Leaving {
  std::atomic<int>& running;
  ~Leaving() { --running; }
};

// Whatever the order in which they meet: who is told that a crossing is recorded finds it, with its person or among
// what an erasure left.
TEST_P(ErasureStoreTest, NothingRecordedIsLostBesideAnErasure) {
  constexpr int kDesks = 4;
  constexpr int kEach = 15;
  std::mutex mutex;
  std::atomic<int> running = kDesks;
  std::vector<Recorded> all;
  std::vector<std::thread> desks;
  for (int desk = 0; desk < kDesks; ++desk) {
    desks.emplace_back([&, desk] {
      const Leaving leaving{running};
      for (int i = 0; i < kEach; ++i) {
        const absl::StatusOr<Recorded> recorded =
            Record("r" + std::to_string(desk) + "." + std::to_string(i), PassageOf(AnnaEriksson()));
        ASSERT_TRUE(recorded.ok()) << recorded.status();
        std::lock_guard lock(mutex);
        all.push_back(*recorded);
      }
    });
  }
  int erasures = 0;
  while (running > 0 && erasures < 10) {
    const absl::StatusOr<Traveller> found = register_->Find({.document = AnnaEriksson().document}, 1);
    if (found.ok()) erasures += Erase(found->person.id, "e" + std::to_string(erasures)).ok() ? 1 : 0;
  }
  for (std::thread& desk : desks) desk.join();
  ASSERT_THAT(all, SizeIs(kDesks * kEach));
  EXPECT_EQ(Count("crossing") + Count("erased_crossing"), kDesks * kEach);
  EXPECT_EQ(Count("crossing WHERE NOT EXISTS (SELECT 1 FROM person WHERE person.person_id = crossing.person_id)"), 0)
      << "no crossing of a person who is gone";
  ASSERT_OK_AND_ASSIGN(const CrossingPage page, register_->List({}, {}, 100));
  EXPECT_THAT(page.crossings, SizeIs(Count("crossing")));
}

TEST_P(ErasureStoreTest, PagesPassOverErasedPersons) {
  base::Identity other = AnnaEriksson();
  other.document.number = "X1234567";
  other.birth_date.year = 1980;
  ASSERT_OK_AND_ASSIGN(const Recorded erased, Record("r0", PassageOf(other, clock_.Now())));
  for (int i = 1; i <= 3; ++i) {
    ASSERT_OK(Record("e" + std::to_string(i), PassageOf(other, clock_.Now() + absl::Minutes(i))).status());
    ASSERT_OK(Record("r" + std::to_string(i), PassageOf(AnnaEriksson(), clock_.Now() + absl::Minutes(i))).status());
  }
  ASSERT_OK(sealer_->Erase(erased.person.value()));
  int seen = 0;
  std::optional<ListPosition> behind;
  do {
    ASSERT_OK_AND_ASSIGN(const CrossingPage page, register_->List({}, behind, 2));
    seen += static_cast<int>(page.crossings.size());
    for (const Crossing& crossing : page.crossings) EXPECT_NE(crossing.person, erased.person);
    behind = page.next;
  } while (behind);
  EXPECT_EQ(seen, 3);
  EXPECT_EQ(ReasonOf(register_->Find({.person = erased.person}, 1).status()), Reason::kPersonErased);
}

INSTANTIATE_TEST_SUITE_P(Stores, ErasureStoreTest, ::testing::ValuesIn(gatehouse::testing::kAllStoreKinds),
                         gatehouse::testing::StoreKindName);

}  // namespace
}  // namespace gatehouse::traveller
