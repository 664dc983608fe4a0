// The store on every backend: what the register relies on.
#include "services/traveller/store.h"

#include <set>
#include <thread>

#include "gatehouse/traveller/v1/traveller_events.pb.h"
#include "gatehouse/type/v1/type.pb.h"
#include "services/traveller/correction.h"
#include "services/traveller/events.h"
#include "services/traveller/store_testing.h"

namespace gatehouse::traveller {
namespace {

using ::gatehouse::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST_P(StoreTest, CrossingComesBackAsRecordedAlsoAfterARestart) {
  const Passage passage = PassageOf(AnnaEriksson(), absl::FromUnixSeconds(1767225600) + absl::Microseconds(7));
  ASSERT_OK_AND_ASSIGN(const Recorded recorded, Record("r1", passage));
  Open();
  ASSERT_OK_AND_ASSIGN(const CrossingPage page, register_->List({}, {}, 10));
  ASSERT_THAT(page.crossings, SizeIs(1));
  const Crossing& crossing = page.crossings[0];
  EXPECT_EQ(crossing.id, recorded.crossing);
  EXPECT_EQ(crossing.person, recorded.person);
  EXPECT_EQ(crossing.record_time, clock_.Now());
  EXPECT_EQ(crossing.passage.identity, passage.identity);
  EXPECT_EQ(crossing.passage.time, passage.time);
  EXPECT_EQ(crossing.passage.post, passage.post);
  EXPECT_EQ(crossing.passage.conveyance, passage.conveyance);
  EXPECT_EQ(crossing.passage.officer, passage.officer);
  EXPECT_EQ(crossing.passage.direction, passage.direction);
  EXPECT_EQ(crossing.passage.outcome, passage.outcome);
}

TEST_P(StoreTest, RepetitionAndClashOfARequest) {
  ASSERT_OK_AND_ASSIGN(const Recorded first, Record("r1", PassageOf(AnnaEriksson())));
  Open();
  ASSERT_OK_AND_ASSIGN(const Recorded second, Record("r1", PassageOf(AnnaEriksson())));
  EXPECT_TRUE(second.repeated);
  EXPECT_EQ(first.crossing, second.crossing);
  Passage other = PassageOf(AnnaEriksson());
  other.officer = "officer.two";
  EXPECT_THAT(Record("r1", other), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_P(StoreTest, EventIsCommittedWithTheFactOnceAndItsIdentityIsSealed) {
  ASSERT_OK_AND_ASSIGN(const Recorded recorded, Record("r1", PassageOf(AnnaEriksson())));
  ASSERT_OK(Record("r1", PassageOf(AnnaEriksson())).status());
  EXPECT_GE(wakes_, 1);
  ASSERT_OK_AND_ASSIGN(const std::vector<events::StoredEvent> events, outbox_->Read(0, 100));
  ASSERT_THAT(events, SizeIs(1));
  const events::Event& event = events[0].event;
  EXPECT_EQ(event.type, "gatehouse.traveller.crossing_recorded.v1");
  EXPECT_EQ(event.topic, "gatehouse.traveller.crossing.v1");
  EXPECT_EQ(event.subject, recorded.crossing.value());
  EXPECT_THAT(event.data, Not(HasSubstr("ERIKSSON")));
  gatehouse::traveller::v1::CrossingRecorded payload;
  ASSERT_TRUE(payload.ParseFromString(event.data));
  EXPECT_EQ(payload.person_id(), recorded.person.value());
  ASSERT_OK_AND_ASSIGN(const std::string opened,
                       sealer_->Open(recorded.person.value(), kEventIdentityContext, payload.sealed_identity()));
  gatehouse::type::v1::Identity identity;
  ASSERT_TRUE(identity.ParseFromString(opened));
  EXPECT_EQ(identity.name().primary(), "ERIKSSON");
}

// The other columns are ids and times.
TEST_P(StoreTest, RowsHoldNothingPersonalInTheClear) {
  ASSERT_OK_AND_ASSIGN(const Recorded recorded, Record("r1", PassageOf(AnnaEriksson())));
  ASSERT_OK(register_
                ->Correct({.request = {.id = "c1"},
                           .crossing = recorded.crossing,
                           .field = CorrectedField::kPost,
                           .value = "SOUTH-2",
                           .reason = "ERIKSSON was at the other lane",
                           .officer = "officer.two"})
                .status());
  for (const char* select : {"SELECT document_hash FROM person_document", "SELECT sealed_document FROM person_document",
                             "SELECT identity_hash FROM person_identity", "SELECT request_hash FROM crossing",
                             "SELECT document_hash FROM crossing", "SELECT sealed_crossing FROM crossing",
                             "SELECT request_hash FROM correction", "SELECT sealed_correction FROM correction"}) {
    ASSERT_OK_AND_ASSIGN(const std::vector<sql::Row> rows, database_->Query(select));
    ASSERT_THAT(rows, SizeIs(1)) << select;
    EXPECT_GE(rows[0].Bytes(0).size(), 28u) << select;  // a hash, or a nonce and a tag at least
    for (const char* personal : {"ERIKSSON", "ANNA", "L898902C3", "1974"}) {
      EXPECT_THAT(rows[0].Bytes(0), Not(HasSubstr(personal))) << select;
    }
  }
}

TEST_P(StoreTest, PersonIsFoundByDocumentAndByIdentityWithAllDocuments) {
  base::Identity renewed = AnnaEriksson();
  renewed.document.number = "X1234567";
  ASSERT_OK_AND_ASSIGN(const Recorded first, Record("r1", PassageOf(AnnaEriksson())));
  ASSERT_OK_AND_ASSIGN(const Recorded second, Record("r2", PassageOf(renewed, clock_.Now() + absl::Hours(1))));
  EXPECT_EQ(first.person, second.person);
  for (const TravellerQuery& query :
       {TravellerQuery{.person = first.person}, TravellerQuery{.document = AnnaEriksson().document},
        TravellerQuery{.document = renewed.document}, TravellerQuery{.identity = AnnaEriksson()}}) {
    ASSERT_OK_AND_ASSIGN(const Traveller found, register_->Find(query, 10));
    EXPECT_EQ(found.person.id, first.person);
    EXPECT_EQ(found.person.crossing_count, 2);
    EXPECT_EQ(found.person.identity.Reveal().document.number, "X1234567");
    EXPECT_THAT(found.person.documents.Reveal(), SizeIs(2));
    EXPECT_EQ(found.person.first_crossing_time, absl::FromUnixSeconds(1767225600));
    EXPECT_THAT(found.history, SizeIs(2));
  }
}

// Replicas share a store; SQLite has one writer.
class StoreReplicaTest : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Backends, StoreReplicaTest, ::testing::Values(gatehouse::testing::StoreKind::kPostgresql),
                         gatehouse::testing::StoreKindName);

TEST_P(StoreTest, ManyDesksMeetOneNewPersonAtOnceAndFindOne) {
  constexpr int kDesks = 8;
  std::vector<std::thread> desks;
  std::mutex mutex;
  std::set<std::string> persons;
  std::set<std::string> crossings;
  for (int desk = 0; desk < kDesks; ++desk) {
    desks.emplace_back([&, desk] {
      const absl::StatusOr<Recorded> recorded = Record("r" + std::to_string(desk), PassageOf(AnnaEriksson()));
      ASSERT_TRUE(recorded.ok()) << recorded.status();
      std::lock_guard lock(mutex);
      persons.insert(recorded->person.value());
      crossings.insert(recorded->crossing.value());
    });
  }
  for (std::thread& desk : desks) desk.join();
  EXPECT_THAT(persons, SizeIs(1));
  EXPECT_THAT(crossings, SizeIs(kDesks));
}

// Each correction is a version of the crossing, and the newest of a field stands: they have one order, also where two
// replicas correct at once and their clocks differ.
TEST_P(StoreReplicaTest, CorrectionsOfTwoReplicasHaveOneOrder) {
  constexpr int kEach = 15;
  ASSERT_OK_AND_ASSIGN(const Recorded recorded, Record("r1", PassageOf(AnnaEriksson())));
  ASSERT_OK_AND_ASSIGN(const auto other_database, sql::Open({.dsn = test_store_->dsn()}));
  ASSERT_OK_AND_ASSIGN(const auto other_sealer, seal::Sealer::Make({.database = *other_database,
                                                                    .random = random_,
                                                                    .master_key = seal::MasterKey(std::string(32, 'k')),
                                                                    .service = "traveller"}));
  gatehouse::testing::FakeClock slow_clock(clock_.Now() - absl::Hours(1));
  const auto other_store = MakeStore({.database = *other_database,
                                      .outbox = *outbox_,
                                      .sealer = *other_sealer,
                                      .clock = slow_clock,
                                      .random = random_,
                                      .wake_relay = [] {},
                                      .conditions = *conditions_});
  Register other({.store = *other_store, .clock = slow_clock, .random = random_});
  const auto correct = [&](Register& crossings, const std::string& name) {
    for (int i = 0; i < kEach; ++i) {
      const absl::StatusOr<Crossing> corrected = crossings.Correct({.request = {.id = name + std::to_string(i)},
                                                                    .crossing = recorded.crossing,
                                                                    .field = CorrectedField::kPost,
                                                                    .value = name,
                                                                    .reason = "typed wrongly",
                                                                    .officer = "supervisor"});
      // UNAVAILABLE: others were sooner four times; the caller tries again.
      ASSERT_TRUE(corrected.ok() || absl::IsUnavailable(corrected.status())) << corrected.status();
      i -= corrected.ok() ? 0 : 1;
    }
  };
  std::thread there([&] { correct(other, "THERE"); });
  correct(*register_, "HERE");
  there.join();
  ASSERT_OK(register_
                ->Correct({.request = {.id = "here-last"},
                           .crossing = recorded.crossing,
                           .field = CorrectedField::kPost,
                           .value = "HERE",
                           .reason = "typed wrongly",
                           .officer = "supervisor"})
                .status());
  ASSERT_OK_AND_ASSIGN(const Crossing last, other.Correct({.request = {.id = "there-last"},
                                                           .crossing = recorded.crossing,
                                                           .field = CorrectedField::kPost,
                                                           .value = "THERE",
                                                           .reason = "typed wrongly",
                                                           .officer = "supervisor"}));
  EXPECT_EQ(Corrected(last).post, "THERE") << "the last correction, though by a clock that is behind";

  std::set<int64_t> versions;
  ASSERT_OK_AND_ASSIGN(const std::vector<events::StoredEvent> events, outbox_->Read(0, 100));
  for (const events::StoredEvent& stored : events) versions.insert(stored.event.aggregate_version);
  EXPECT_THAT(versions, SizeIs(1 + 2 * kEach + 2)) << "one version each";
}

TEST_P(StoreTest, FiltersNarrow) {
  base::Identity other = AnnaEriksson();
  other.document.number = "X1234567";
  other.birth_date.year = 1980;
  Passage second = PassageOf(other);
  second.inspection_id = "0190a8a0-0000-7000-8000-000000000002";
  ASSERT_OK_AND_ASSIGN(const Recorded anna, Record("r1", PassageOf(AnnaEriksson())));
  ASSERT_OK_AND_ASSIGN(const Recorded someone, Record("r2", second));
  for (const CrossingFilter& filter :
       {CrossingFilter{.crossings = {someone.crossing}}, CrossingFilter{.person = someone.person},
        CrossingFilter{.document = base::DocumentText(other.document)},
        CrossingFilter{.inspection_id = second.inspection_id}}) {
    ASSERT_OK_AND_ASSIGN(const CrossingPage page, register_->List(filter, {}, 10));
    ASSERT_THAT(page.crossings, SizeIs(1));
    EXPECT_EQ(page.crossings[0].id, someone.crossing);
  }
  ASSERT_OK_AND_ASSIGN(const CrossingPage none,
                       register_->List({.person = anna.person, .inspection_id = second.inspection_id}, {}, 10));
  EXPECT_THAT(none.crossings, IsEmpty());
}

// Counted as they come, in whatever order and however often: no answer walks them all.
TEST_P(StoreTest, WhatIsKeptWithThePersonIsRightForLateRepeatedAndCorrectedCrossings) {
  const absl::Time start = clock_.Now();
  const auto expect = [&](int count, absl::Time first, absl::Time last, const char* what) {
    ASSERT_OK_AND_ASSIGN(const Traveller found, register_->Find({.identity = AnnaEriksson()}, 10));
    EXPECT_EQ(found.person.crossing_count, count) << what;
    EXPECT_EQ(found.person.first_crossing_time, first) << what;
    EXPECT_EQ(found.person.last_crossing_time, last) << what;
    EXPECT_THAT(found.history, SizeIs(count)) << what;
  };
  ASSERT_OK_AND_ASSIGN(const Recorded middle, Record("r1", PassageOf(AnnaEriksson(), start)));
  expect(1, start, start, "one");
  ASSERT_OK(Record("r2", PassageOf(AnnaEriksson(), start + absl::Hours(2))).status());
  ASSERT_OK_AND_ASSIGN(const Recorded late, Record("r3", PassageOf(AnnaEriksson(), start - absl::Hours(5))));
  expect(3, start - absl::Hours(5), start + absl::Hours(2), "one that came late");
  ASSERT_OK(Record("r3", PassageOf(AnnaEriksson(), start - absl::Hours(5))).status());
  expect(3, start - absl::Hours(5), start + absl::Hours(2), "a re-drive");
  const auto correct = [&](const CrossingId& crossing, const std::string& id, absl::Time time) {
    ASSERT_OK(register_
                  ->Correct({.request = {.id = id},
                             .crossing = crossing,
                             .field = CorrectedField::kCrossingTime,
                             .value = absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone()),
                             .reason = "the clock was wrong",
                             .officer = "supervisor"})
                  .status());
  };
  correct(late.crossing, "c1", start + absl::Hours(1));
  expect(3, start, start + absl::Hours(2), "the first was not the first");
  correct(late.crossing, "c2", start + absl::Hours(3));
  expect(3, start, start + absl::Hours(3), "it was the last");
  correct(middle.crossing, "c3", start - absl::Hours(1));
  Open();
  expect(3, start - absl::Hours(1), start + absl::Hours(3), "after a restart");
}

TEST_P(StoreTest, ManyDocumentsAreShownInPartAndCounted) {
  base::Identity identity = AnnaEriksson();
  for (int i = 0; i < kMaxDocuments + 3; ++i) {
    identity.document.number = "N" + std::to_string(i);
    ASSERT_OK(Record("r" + std::to_string(i), PassageOf(identity)).status());
  }
  ASSERT_OK_AND_ASSIGN(const Traveller found, register_->Find({.identity = AnnaEriksson()}, 0));
  EXPECT_EQ(found.person.document_count, kMaxDocuments + 3);
  ASSERT_THAT(found.person.documents.Reveal(), SizeIs(kMaxDocuments));
  EXPECT_EQ(found.person.documents.Reveal().front().number, identity.document.number) << "the newest first";
}

TEST_P(StoreTest, LinksAreListedByPageAndByPerson) {
  ASSERT_OK_AND_ASSIGN(const Recorded anna, Record("r0", PassageOf(AnnaEriksson())));
  std::vector<PersonId> strangers;
  for (int i = 0; i < 5; ++i) {
    clock_.Advance(absl::Seconds(1));
    base::Identity stranger = AnnaEriksson();
    stranger.birth_date.year = static_cast<int16_t>(1980 + i);
    ASSERT_OK_AND_ASSIGN(const Recorded recorded, Record("r" + std::to_string(i + 1), PassageOf(stranger)));
    strangers.push_back(recorded.person);
  }
  std::vector<PersonLink> all;
  std::optional<ListPosition> behind;
  do {
    ASSERT_OK_AND_ASSIGN(const LinkPage page, register_->ListLinks(anna.person, behind, 2));
    all.insert(all.end(), page.links.begin(), page.links.end());
    behind = page.next;
  } while (behind);
  ASSERT_THAT(all, SizeIs(5));
  for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].person, strangers[4 - i]);
  ASSERT_OK_AND_ASSIGN(const LinkPage one, register_->ListLinks(strangers[1], {}, 10));
  ASSERT_THAT(one.links, SizeIs(1));
  EXPECT_EQ(one.links[0].document_person, anna.person);
  ASSERT_OK_AND_ASSIGN(const LinkPage everybody, register_->ListLinks({}, {}, 10));
  EXPECT_THAT(everybody.links, SizeIs(5));
}

TEST_P(StoreTest, CorrectionsAreAppendedInOrderWithTheirEvents) {
  ASSERT_OK_AND_ASSIGN(const Recorded recorded, Record("r1", PassageOf(AnnaEriksson())));
  NewCorrection correction{
      .crossing = recorded.crossing, .field = CorrectedField::kPost, .reason = "typed wrong", .officer = "officer.two"};
  for (int i = 1; i <= 3; ++i) {
    clock_.Advance(absl::Seconds(1));
    correction.request.id = "c" + std::to_string(i);
    correction.value = "SOUTH-" + std::to_string(i);
    ASSERT_OK(register_->Correct(correction).status());
  }
  ASSERT_OK_AND_ASSIGN(const Crossing again, register_->Correct(correction));
  ASSERT_THAT(again.corrections, SizeIs(3));
  EXPECT_EQ(again.corrections[0].value, "SOUTH-1");
  EXPECT_EQ(again.corrections[2].value, "SOUTH-3");
  EXPECT_EQ(again.corrections[2].reason, "typed wrong");
  EXPECT_EQ(again.passage.post, "NORTH-1");
  ASSERT_OK_AND_ASSIGN(const std::vector<events::StoredEvent> events, outbox_->Read(0, 100));
  ASSERT_THAT(events, SizeIs(4));
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].event.aggregate_version, static_cast<int64_t>(i) + 1);
    EXPECT_EQ(events[i].event.subject, recorded.crossing.value());
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreTest, ::testing::ValuesIn(gatehouse::testing::kAllStoreKinds),
                         gatehouse::testing::StoreKindName);

}  // namespace
}  // namespace gatehouse::traveller
