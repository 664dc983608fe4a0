// What does not read, on every backend.
#include <map>
#include <set>

#include "services/traveller/store_testing.h"

namespace gatehouse::traveller {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class DamagedStoreTest : public StoreTest {};

// Three answers that have nothing in common, and none of them is "nobody".
TEST_P(DamagedStoreTest, AnErasedPersonALostKeyAndADamagedRowAreToldApart) {
  ASSERT_OK_AND_ASSIGN(const Recorded recorded, Record("r1", PassageOf(AnnaEriksson())));
  const auto found = [&] { return ReasonOf(register_->Find({.person = recorded.person}, 1).status()); };
  const auto execute = [&](std::string_view statement, sql::Params params) {
    Execute(statement, std::move(params));
    Open();  // without the keys in memory
  };
  ASSERT_OK_AND_ASSIGN(const std::vector<sql::Row> kept, database_->Query("SELECT sealed_crossing FROM crossing"));
  execute("UPDATE crossing SET sealed_crossing = ?", {sql::Blob{kept[0].Bytes(0).substr(1)}});
  EXPECT_EQ(found(), Reason::kRowDamaged);
  execute("UPDATE crossing SET sealed_crossing = ?", {sql::Blob{kept[0].Bytes(0)}});
  EXPECT_EQ(found(), std::nullopt);

  execute("DELETE FROM seal_key WHERE subject = ?", {recorded.person.value()});
  EXPECT_EQ(found(), Reason::kKeyLost);
  EXPECT_EQ(ReasonOf(Record("r2", PassageOf(AnnaEriksson())).status()), Reason::kKeyLost)
      << "and no new key in its place";
  EXPECT_EQ(found(), Reason::kKeyLost);

  ASSERT_OK(sealer_->Erase(recorded.person.value()));
  EXPECT_EQ(found(), Reason::kPersonErased);
  EXPECT_EQ(ReasonOf(register_->Find({.person = PersonId("0190a8a0-0000-7000-8000-00000000ffff")}, 1).status()),
            Reason::kPersonNotFound);
}

// What is left of a person who was not erased is damage, and never "no crossing is known".
TEST_P(DamagedStoreTest, AMissingRowOfAPersonIsNotAnUnknownPerson) {
  ASSERT_OK_AND_ASSIGN(const Recorded recorded, Record("r1", PassageOf(AnnaEriksson())));
  const TravellerQuery queries[] = {
      {.document = AnnaEriksson().document}, {.identity = AnnaEriksson()}, {.person = recorded.person}};
  Execute("DELETE FROM person");
  for (const TravellerQuery& query : queries) {
    EXPECT_EQ(ReasonOf(register_->Find(query, 10).status()), Reason::kRowDamaged);
  }
  Execute("DELETE FROM person_document");
  Execute("DELETE FROM person_identity");
  EXPECT_EQ(ReasonOf(register_->Find(queries[0], 10).status()), Reason::kRowDamaged);
  EXPECT_EQ(ReasonOf(register_->Find(queries[2], 10).status()), Reason::kRowDamaged);
}

TEST_P(DamagedStoreTest, ACrossingIsFoundByItsDocumentAlsoWithoutTheRowsOfTheKeys) {
  ASSERT_OK_AND_ASSIGN(const Recorded recorded, Record("r1", PassageOf(AnnaEriksson())));
  Execute("DELETE FROM person_document");
  Execute("DELETE FROM person_identity");
  ASSERT_OK_AND_ASSIGN(const Traveller found,
                       register_->Find({.document = AnnaEriksson().document, .identity = AnnaEriksson()}, 10));
  EXPECT_EQ(found.person.id, recorded.person);
  EXPECT_THAT(found.history, SizeIs(1));
  // Whoever was erased left no crossing.
  ASSERT_OK(Erase(recorded.person).status());
  EXPECT_EQ(ReasonOf(register_->Find({.document = AnnaEriksson().document}, 10).status()), Reason::kPersonNotFound);
}

TEST_P(DamagedStoreTest, OneBadRowStopsNoListAndIsHeard) {
  std::vector<CrossingId> crossings;
  for (int i = 0; i < 4; ++i) {
    ASSERT_OK_AND_ASSIGN(const Recorded recorded,
                         Record("r" + std::to_string(i), PassageOf(AnnaEriksson(), clock_.Now() + absl::Minutes(i))));
    crossings.push_back(recorded.crossing);
  }
  const NewCorrection correction{.request = {.id = "c1"},
                                 .crossing = crossings[2],
                                 .field = CorrectedField::kPost,
                                 .value = "SOUTH-2",
                                 .reason = "typed wrong",
                                 .officer = "officer.two"};
  ASSERT_OK(register_->Correct(correction).status());
  const auto kept =
      database_->Query("SELECT sealed_crossing FROM crossing WHERE crossing_id = ?", {crossings[1].value()});
  Execute("UPDATE crossing SET sealed_crossing = ? WHERE crossing_id = ?", {sql::Blob{"noise"}, crossings[1].value()});
  Execute("UPDATE correction SET sealed_correction = ?", {sql::Blob{"noise"}});

  std::vector<Crossing> all;
  std::optional<ListPosition> behind;
  do {
    ASSERT_OK_AND_ASSIGN(CrossingPage page, register_->List({}, behind, 1));
    all.insert(all.end(), page.crossings.begin(), page.crossings.end());
    behind = page.next;
  } while (behind);
  ASSERT_THAT(all, SizeIs(4));
  for (size_t i = 0; i < all.size(); ++i) {
    const bool damaged = i == 1 || i == 2;
    EXPECT_EQ(all[i].id, crossings[3 - i]);
    EXPECT_EQ(all[i].unreadable, damaged ? std::optional(Reason::kRowDamaged) : std::nullopt);
    EXPECT_EQ(all[i].passage.identity.Reveal().name.primary, damaged ? "" : "ERIKSSON");
  }
  const auto raised = [&] {
    std::set<std::string> names;
    for (const observe::Condition& condition : conditions_->Raised()) names.insert(condition.name);
    return names;
  };
  EXPECT_THAT(raised(), ::testing::ElementsAre("traveller.row_damaged"));
  EXPECT_EQ(ReasonOf(register_->Find({.document = AnnaEriksson().document}, 10).status()), Reason::kRowDamaged);

  // What is mended reads again, and what is erased need not.
  Execute("UPDATE crossing SET sealed_crossing = ? WHERE crossing_id = ?",
          {sql::Blob{(*kept)[0].Bytes(0)}, crossings[1].value()});
  ASSERT_OK(register_->List({}, {}, 10).status());
  EXPECT_THAT(raised(), ::testing::ElementsAre("traveller.row_damaged")) << "the correction";
  ASSERT_OK(Erase(all[0].person).status());
  EXPECT_THAT(raised(), IsEmpty());
}

TEST_P(DamagedStoreTest, ALostKeyIsHeardToo) {
  ASSERT_OK_AND_ASSIGN(const Recorded recorded, Record("r1", PassageOf(AnnaEriksson())));
  Execute("DELETE FROM seal_key WHERE subject = ?", {recorded.person.value()});
  Open();
  ASSERT_OK_AND_ASSIGN(const CrossingPage page, register_->List({}, {}, 10));
  ASSERT_THAT(page.crossings, SizeIs(1));
  EXPECT_EQ(page.crossings[0].unreadable, Reason::kKeyLost);
  ASSERT_THAT(conditions_->Raised(), SizeIs(1));
  EXPECT_EQ(conditions_->Raised()[0].name, "traveller.key_lost");
}

INSTANTIATE_TEST_SUITE_P(Stores, DamagedStoreTest, ::testing::ValuesIn(gatehouse::testing::kAllStoreKinds),
                         gatehouse::testing::StoreKindName);

// Only SQLite stores a text where a number belongs.
class DamagedCellTest : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Backends, DamagedCellTest, ::testing::Values(gatehouse::testing::StoreKind::kSqlite),
                         gatehouse::testing::StoreKindName);

TEST_P(DamagedCellTest, ACellOfAnotherTypeStopsNoList) {
  std::vector<std::string> crossings;
  for (int i = 0; i < 5; ++i) {
    ASSERT_OK_AND_ASSIGN(const Recorded recorded,
                         Record("r" + std::to_string(i), PassageOf(AnnaEriksson(), clock_.Now() + absl::Minutes(i))));
    crossings.push_back(recorded.crossing.value());
  }
  Execute("UPDATE crossing SET crossing_time = 'yesterday' WHERE crossing_id = ?", {crossings[0]});
  Execute("UPDATE crossing SET sealed_crossing = 'text' WHERE crossing_id = ?", {crossings[2]});
  Execute("UPDATE crossing SET record_time = x'00' WHERE crossing_id = ?", {crossings[4]});
  for (const int size : {2, 10}) {
    std::map<std::string, bool> readable;
    std::optional<ListPosition> behind;
    do {
      ASSERT_OK_AND_ASSIGN(const CrossingPage page, register_->List({}, behind, size));
      for (const Crossing& crossing : page.crossings) readable[crossing.id.value()] = !crossing.unreadable;
      behind = page.next;
    } while (behind);
    ASSERT_THAT(readable, SizeIs(5)) << size;
    for (size_t i = 0; i < crossings.size(); ++i) EXPECT_EQ(readable[crossings[i]], i % 2 == 1) << size;
  }
}

}  // namespace
}  // namespace gatehouse::traveller
