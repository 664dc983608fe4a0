// The watch list over its real store, on both engines; and the wire conversions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/watchlist/v1/watchlist_events.pb.h"
#include "libs/rpc/errors.h"
#include "libs/seal/seal.h"
#include "libs/testing/fake_clock.h"
#include "libs/testing/paused_database.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/test_store.h"
#include "services/watchlist/base_conditions.h"
#include "services/watchlist/convert.h"
#include "services/watchlist/schema.h"
#include "services/watchlist/store.h"
#include "services/watchlist/watchlist.h"

namespace gatehouse::watchlist {
namespace {

using ::gatehouse::testing::FakeClock;
using ::gatehouse::testing::IsOk;
using ::gatehouse::testing::StatusIs;
using ::testing::ElementsAre;

constexpr char kStolen[] =
    "number,issuer,type,status,reported_date,record_id\n"
    "UT1234567,UTO,P,stolen,2026-01-05,S-1\n"
    "UT7654321,UTO,P,lost,2026-01-06,S-2\n";

constexpr char kStolenToo[] =
    "number,issuer,type,status,reported_date,record_id\n"
    "UT1234567,UTO,P,stolen,2026-01-05,S-1\n"
    "UT7654321,UTO,P,lost,2026-01-06,S-2\n"
    "UT7654322,UTO,P,lost,2026-01-06,S-3\n";

std::map<std::string, BaseAnswer> ByBase(const std::vector<BaseAnswer>& answers) {
  std::map<std::string, BaseAnswer> by_base;
  for (const BaseAnswer& answer : answers) by_base.emplace(answer.base, answer);
  return by_base;
}

class WatchlistStoreTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override {
    GH_REQUIRE_SERVER(test_store_, testing::MakeTestStore(GetParam()));
    absl::StatusOr<std::unique_ptr<sql::Database>> database = sql::Open({.dsn = test_store_->dsn()});
    ASSERT_THAT(database, IsOk());
    database_ = *std::move(database);
    ASSERT_THAT(sql::Migrate(*database_, Migrations()), IsOk());
    outbox_ = std::make_unique<events::Outbox>(*database_);
    auto sealer = MakeSealer(*database_);
    ASSERT_THAT(sealer, IsOk());
    sealer_ = *std::move(sealer);
    store_ = MakeBaseStore(DepsOn(*database_, *sealer_));
  }

  absl::StatusOr<std::unique_ptr<seal::Sealer>> MakeSealer(sql::Database& database) {
    return seal::Sealer::Make({.database = database,
                               .random = random_,
                               .master_key = seal::MasterKey(std::string(32, 'k')),
                               .service = "watchlist"});
  }

  StoreDeps DepsOn(sql::Database& database, seal::Sealer& sealer) {
    return {.database = database,
            .outbox = *outbox_,
            .sealer = sealer,
            .clock = clock_,
            .random = random_,
            .wake_relay = [this] { ++wakes_; }};
  }

  Watchlist MakeWatchlist() { return Watchlist({.store = *store_, .clock = clock_}); }

  absl::Status Execute(const std::string& sql, const sql::Params& params = {}) {
    return database_->Write([&](sql::Transaction& transaction) { return transaction.Execute(sql, params); });
  }

  static Query NumberQuery(const std::string& number) {
    Query query;
    query.id = "q";
    query.document = DocumentQuery{number, "UTO", "P"};
    return query;
  }

  FakeClock clock_;
  testing::SeededRandom random_{1};
  std::unique_ptr<testing::TestStore> test_store_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<events::Outbox> outbox_;
  std::unique_ptr<seal::Sealer> sealer_;
  std::unique_ptr<BaseStore> store_;
  int wakes_ = 0;
};

TEST_P(WatchlistStoreTest, AnImportIsServedStoredAndPublished) {
  Watchlist watchlist = MakeWatchlist();
  const auto outcome = watchlist.Import("stolen", "document-csv", kStolen, "list-owner");
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->info.records, 2);
  EXPECT_EQ(outcome->info.imported_by, "list-owner");
  EXPECT_EQ(wakes_, 1);

  const std::vector<BaseAnswer> answers = watchlist.Screen(NumberQuery("UT1234567"), false);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].status, BaseStatus::kHit);
  EXPECT_EQ(answers[0].hits[0].record_id, "S-1");

  const auto events = outbox_->Read(0, 10);
  ASSERT_THAT(events, IsOk());
  ASSERT_EQ(events->size(), 1u);
  v1::ListImported payload;
  ASSERT_TRUE(payload.ParseFromString((*events)[0].event.data));
  EXPECT_EQ(payload.base(), "stolen");
  EXPECT_EQ(payload.records(), 2);
  EXPECT_EQ((*events)[0].event.subject, "stolen");
}

TEST_P(WatchlistStoreTest, AnotherReplicaPicksUpWhatThisOneImported) {
  Watchlist here = MakeWatchlist();
  Watchlist there = MakeWatchlist();
  ASSERT_THAT(here.Import("stolen", "document-csv", kStolen, "list-owner"), IsOk());
  EXPECT_TRUE(there.Screen(NumberQuery("UT1234567"), false).empty()) << "no base is no answer, not no hit";
  ASSERT_THAT(there.Refresh(), IsOk());
  EXPECT_EQ(there.Screen(NumberQuery("UT1234567"), false).at(0).status, BaseStatus::kHit);
}

TEST_P(WatchlistStoreTest, ARequiredBaseThatWasNeverLoadedIsAnErrorByName) {
  Watchlist watchlist({.store = *store_, .clock = clock_, .required = {.persons = {"un"}, .documents = {"stolen"}}});
  ASSERT_THAT(watchlist.Import("other", "document-csv", kStolen, "list-owner"), IsOk());
  const auto answers = ByBase(watchlist.Screen(NumberQuery("UT0000000"), false));
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers.at("other").status, BaseStatus::kNoHit);
  EXPECT_FALSE(answers.at("other").required);
  EXPECT_EQ(answers.at("stolen").status, BaseStatus::kError);
  EXPECT_TRUE(answers.at("stolen").required);
  EXPECT_EQ(answers.at("stolen").reason, "it is required and not loaded");
  EXPECT_EQ(answers.at("un").status, BaseStatus::kNotSearched) << "it is required for persons";
  Query named;
  named.name = "Nobody Atall";
  EXPECT_EQ(ByBase(watchlist.Screen(named, false)).at("un").status, BaseStatus::kError);

  const std::vector<BaseInfo> bases = watchlist.Bases();
  ASSERT_EQ(bases.size(), 3u);
  EXPECT_EQ(bases[1].base, "stolen");
  EXPECT_EQ(bases[1].state, BaseState::kMissing);
  ASSERT_THAT(watchlist.Import("stolen", "document-csv", kStolen, "list-owner"), IsOk());
  EXPECT_EQ(ByBase(watchlist.Screen(NumberQuery("UT0000000"), false)).at("stolen").status, BaseStatus::kNoHit);
  EXPECT_EQ(watchlist.Bases()[1].state, BaseState::kServing);
}

// A wrong file under the right name.
TEST_P(WatchlistStoreTest, ARequiredBaseOfTheOtherKindIsNoAnswer) {
  Watchlist watchlist({.store = *store_, .clock = clock_, .required = {.persons = {"stolen"}}});
  ASSERT_THAT(watchlist.Import("stolen", "document-csv", kStolen, "list-owner"), IsOk());
  Query named;
  named.name = "Nobody Atall";
  const BaseAnswer answer = watchlist.Screen(named, false).at(0);
  EXPECT_EQ(answer.status, BaseStatus::kError);
  EXPECT_TRUE(answer.required);
}

TEST_P(WatchlistStoreTest, ADamagedBaseLeavesTheOthersServingAndSaysSo) {
  {
    Watchlist watchlist = MakeWatchlist();
    ASSERT_THAT(watchlist.Import("lost", "document-csv", kStolen, "list-owner"), IsOk());
    ASSERT_THAT(watchlist.Import("stolen", "document-csv", kStolen, "list-owner"), IsOk());
  }
  ASSERT_THAT(Execute("UPDATE watchlist_version SET content = ? WHERE base = 'lost'", {sql::Blob{"no list"}}), IsOk());
  Watchlist watchlist = MakeWatchlist();
  EXPECT_THAT(watchlist.Refresh(), IsOk()) << "the state of a base, not of the store";
  const auto answers = ByBase(watchlist.Screen(NumberQuery("UT1234567"), false));
  EXPECT_EQ(answers.at("stolen").status, BaseStatus::kHit);
  EXPECT_EQ(answers.at("lost").status, BaseStatus::kError);
  EXPECT_THAT(answers.at("lost").reason, ::testing::HasSubstr("cannot be used"));
  EXPECT_EQ(watchlist.Bases().at(0).state, BaseState::kUnusable);

  ASSERT_THAT(watchlist.Import("lost", "document-csv", kStolen, "list-owner"), IsOk());
  EXPECT_EQ(ByBase(watchlist.Screen(NumberQuery("UT1234567"), false)).at("lost").status, BaseStatus::kHit);
}

TEST_P(WatchlistStoreTest, AnEditionThatIsGoneIsMissedAndNotReplacedByTheOneBefore) {
  {
    Watchlist watchlist = MakeWatchlist();
    ASSERT_THAT(watchlist.Import("stolen", "document-csv", kStolen, "list-owner"), IsOk());
    ASSERT_THAT(watchlist.Import("stolen", "document-csv", kStolenToo, "list-owner"), IsOk());
  }
  ASSERT_THAT(Execute("DELETE FROM watchlist_version WHERE import_number = (SELECT MAX(import_number) FROM "
                      "watchlist_version)"),
              IsOk());
  Watchlist watchlist = MakeWatchlist();
  ASSERT_THAT(watchlist.Refresh(), IsOk());
  EXPECT_EQ(watchlist.Screen(NumberQuery("UT0000000"), false).at(0).status, BaseStatus::kError);

  ASSERT_THAT(Execute("DELETE FROM watchlist_base"), IsOk());
  Watchlist headless = MakeWatchlist();
  ASSERT_THAT(headless.Refresh(), IsOk());
  EXPECT_EQ(headless.Screen(NumberQuery("UT0000000"), false).at(0).status, BaseStatus::kError);
}

// A replica that has an older edition in memory still tells what it finds in it.
TEST_P(WatchlistStoreTest, HitsOfTheEditionBeforeAreToldWithTheError) {
  Watchlist here = MakeWatchlist();
  Watchlist there = MakeWatchlist();
  ASSERT_THAT(here.Import("stolen", "document-csv", kStolen, "list-owner"), IsOk());
  ASSERT_THAT(there.Refresh(), IsOk());
  ASSERT_THAT(here.Import("stolen", "document-csv", kStolenToo, "list-owner"), IsOk());
  ASSERT_THAT(Execute("UPDATE watchlist_version SET content = ? WHERE import_number = (SELECT MAX(import_number) FROM "
                      "watchlist_version)",
                      {sql::Blob{"no list"}}),
              IsOk());
  ASSERT_THAT(there.Refresh(), IsOk());
  const BaseAnswer answer = there.Screen(NumberQuery("UT1234567"), false).at(0);
  EXPECT_EQ(answer.status, BaseStatus::kError);
  EXPECT_EQ(answer.hits.size(), 1u);
}

TEST_P(WatchlistStoreTest, ConditionsNameWhatIsMissingAndEndWithIt) {
  const std::unique_ptr<observe::Metrics> metrics = observe::Metrics::Make();
  const std::unique_ptr<observe::Conditions> conditions = observe::Conditions::Make(*metrics, clock_);
  const auto raised = [&] {
    std::vector<std::string> names;
    for (const observe::Condition& condition : conditions->Raised()) names.push_back(condition.name);
    return names;
  };
  Watchlist unconfigured = MakeWatchlist();
  BaseConditions(*conditions).Tell(unconfigured.Refresh(), unconfigured.Bases());
  EXPECT_THAT(raised(), ElementsAre("watchlist.required_bases"));

  Watchlist watchlist({.store = *store_, .clock = clock_, .required = {.documents = {"stolen"}}});
  BaseConditions told(*conditions);
  told.Tell(watchlist.Refresh(), watchlist.Bases());
  EXPECT_THAT(raised(), ElementsAre("watchlist.base.stolen"));
  ASSERT_THAT(watchlist.Import("stolen", "document-csv", kStolen, "list-owner"), IsOk());
  told.Tell(watchlist.Refresh(), watchlist.Bases());
  EXPECT_THAT(raised(), ElementsAre());
  clock_.Advance(absl::Hours(24 * 31));
  told.Tell(absl::UnavailableError("the store is away"), watchlist.Bases());
  EXPECT_THAT(raised(), ElementsAre("watchlist.base.stolen", "watchlist.refresh"));
}

TEST_P(WatchlistStoreTest, ANewVersionReplacesTheOldAndOnlyThreeAreKept) {
  Watchlist watchlist = MakeWatchlist();
  for (int i = 0; i < 5; ++i) {
    const std::string csv = absl::StrCat("number,issuer,type,status,reported_date,record_id\nUT000000", i,
                                         ",UTO,P,stolen,2026-01-05,S-", i, "\n");
    ASSERT_THAT(watchlist.Import("stolen", "document-csv", csv, "list-owner"), IsOk());
  }
  EXPECT_EQ(watchlist.Screen(NumberQuery("UT0000004"), false).at(0).status, BaseStatus::kHit);
  EXPECT_EQ(watchlist.Screen(NumberQuery("UT0000003"), false).at(0).status, BaseStatus::kNoHit);
  const auto rows = database_->Query("SELECT COUNT(*) FROM watchlist_version");
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ((*rows)[0].Int(0), kKeptVersions);
}

TEST_P(WatchlistStoreTest, ABrokenFileChangesNothing) {
  Watchlist watchlist = MakeWatchlist();
  ASSERT_THAT(watchlist.Import("stolen", "document-csv", kStolen, "list-owner"), IsOk());
  EXPECT_THAT(watchlist.Import("stolen", "un-xml", "<CONSOLIDATED_LIST><INDIV", "list-owner"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(
      watchlist.Import("stolen", "document-csv",
                       "number,issuer,type,status,reported_date,record_id\n,UTO,P,stolen,2026-01-05,S-1\n", "x"),
      StatusIs(absl::StatusCode::kInvalidArgument))
      << "no usable row";
  EXPECT_THAT(watchlist.Import("Bad Name!", "document-csv", kStolen, "x"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(watchlist.Bases().size(), 1u);
  EXPECT_EQ(watchlist.Bases()[0].records, 2);
}

TEST_P(WatchlistStoreTest, TheContentIsSealedAtRest) {
  Watchlist watchlist = MakeWatchlist();
  ASSERT_THAT(watchlist.Import("stolen", "document-csv", kStolen, "list-owner"), IsOk());
  const auto rows = database_->Query("SELECT content FROM watchlist_version");
  ASSERT_THAT(rows, IsOk());
  EXPECT_THAT((*rows)[0].Bytes(0), ::testing::Not(::testing::HasSubstr("UT1234567")));
}

TEST_P(WatchlistStoreTest, AgesTurnIntoFreshness) {
  Watchlist watchlist = MakeWatchlist();
  ASSERT_THAT(watchlist.Import("stolen", "document-csv", kStolen, "list-owner"), IsOk());
  EXPECT_EQ(watchlist.Bases()[0].freshness, Freshness::kFresh);
  clock_.Advance(absl::Hours(25));
  EXPECT_EQ(watchlist.Bases()[0].freshness, Freshness::kAged);
  EXPECT_EQ(watchlist.Screen(NumberQuery("UT0000000"), false).at(0).status, BaseStatus::kNoHit);
  clock_.Advance(absl::Hours(24 * 30));
  EXPECT_EQ(watchlist.Bases()[0].freshness, Freshness::kStale);
  EXPECT_EQ(watchlist.Screen(NumberQuery("UT0000000"), false).at(0).status, BaseStatus::kStale);
}

INSTANTIATE_TEST_SUITE_P(Stores, WatchlistStoreTest, ::testing::ValuesIn(testing::kAllStoreKinds),
                         testing::StoreKindName);

// Replicas share a store; SQLite has one writer.
class WatchlistReplicaTest : public WatchlistStoreTest {};

TEST_P(WatchlistReplicaTest, AnImportThatCommitsLateIsServedAllTheSame) {
  auto other_process = sql::Open({.dsn = test_store_->dsn()});
  ASSERT_THAT(other_process, IsOk());
  const auto other_sealer = MakeSealer(**other_process);
  ASSERT_THAT(other_sealer, IsOk());
  const std::unique_ptr<BaseStore> other_store = MakeBaseStore(DepsOn(**other_process, **other_sealer));
  Watchlist other({.store = *other_store, .clock = clock_});
  Watchlist reader({.store = *other_store, .clock = clock_});

  testing::PausedDatabase slow(*database_, [&] {
    EXPECT_THAT(other.Import("lost", "document-csv", kStolen, "list-owner"), IsOk());
    EXPECT_THAT(reader.Refresh(), IsOk());
  });
  const std::unique_ptr<BaseStore> slow_store = MakeBaseStore(DepsOn(slow, *sealer_));
  Watchlist late({.store = *slow_store, .clock = clock_});
  ASSERT_THAT(late.Import("stolen", "document-csv", kStolen, "list-owner"), IsOk());

  ASSERT_EQ(reader.Bases().size(), 1u);
  ASSERT_THAT(reader.Refresh(), IsOk());
  EXPECT_EQ(reader.Bases().size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Stores, WatchlistReplicaTest, ::testing::Values(testing::StoreKind::kPostgresql),
                         testing::StoreKindName);

TEST(RequiredBasesTest, NamesAreChecked) {
  EXPECT_THAT((RequiredBases{.persons = {"un", "own"}, .documents = {"own"}}).Check(), IsOk());
  EXPECT_THAT((RequiredBases{.persons = {"UN list"}}).Check(), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT((RequiredBases{.documents = {"own", "own"}}).Check(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(WatchlistConvertTest, RefusesMalformedQueriesByField) {
  v1::ScreenQuery query;
  query.mutable_name()->set_full("ANNA ERIKSSON");
  query.mutable_birth_date()->set_year(1985);
  query.mutable_birth_date()->set_month(2);
  query.mutable_birth_date()->set_day(31);
  const absl::Status status = FromProto(query, "query.").status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_EQ(rpc::Violations(status).size(), 1u);
  EXPECT_EQ(rpc::Violations(status)[0].field, "query.birth_date");

  query.clear_birth_date();
  query.set_sex(static_cast<gatehouse::type::v1::Sex>(77));
  EXPECT_EQ(rpc::Violations(FromProto(query, "query.").status()).at(0).field, "query.sex");

  const absl::Status empty = FromProto(v1::ScreenQuery(), "queries[3].").status();
  ASSERT_EQ(rpc::Violations(empty).size(), 1u);
  EXPECT_EQ(rpc::Violations(empty)[0].field, "queries[3].name");
  EXPECT_EQ(rpc::Violations(empty)[0].description, "neither a name nor a document is given");
  EXPECT_THAT(FromProto(v1::ScreenQuery(), "query."), StatusIs(absl::StatusCode::kInvalidArgument))
      << "neither a name nor a document";
  EXPECT_THAT(FormatFromProto(v1::LIST_FORMAT_UNSPECIFIED), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace gatehouse::watchlist
