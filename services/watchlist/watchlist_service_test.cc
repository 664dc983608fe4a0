// The watch list over its real store, on both engines; and the wire conversions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
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

constexpr char kPersonWithPassport[] =
    "<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><REFERENCE_NUMBER>ZZi.001</REFERENCE_NUMBER><FIRST_NAME>IVAN</"
    "FIRST_NAME>"
    "<SECOND_NAME>PETROV</SECOND_NAME><INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT>"
    "<NUMBER>XX0000001</NUMBER></INDIVIDUAL_DOCUMENT></INDIVIDUAL></INDIVIDUALS><ENTITIES/></CONSOLIDATED_LIST>";

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

  Watchlist MakeWatchlist(RequiredBases required = {}) {
    return Watchlist({.store = *store_, .clock = clock_, .random = random_, .required = std::move(required)});
  }

  std::string Today() { return Day(0); }

  // By a person, of today's edition.
  absl::StatusOr<ListChange> Import(Watchlist& watchlist, const std::string& base, const std::string& format,
                                    const std::string& bytes, const std::string& by) {
    return ImportOf(watchlist, {.base = base, .format = format, .bytes = bytes, .published = Today()}, by);
  }

  static ChangeRequest By(const std::string& identity, bool person = true) {
    ChangeRequest request;
    request.by.identity = identity;
    request.by.person = person;
    return request;
  }

  std::string Day(int from_today) {
    return absl::FormatCivilTime(absl::ToCivilDay(clock_.Now(), absl::UTCTimeZone()) + from_today);
  }

  // Numbers UT0000000 and so on.
  static std::string ListOf(int entries) {
    std::string csv = "number,issuer,type,status,reported_date,record_id\n";
    for (int i = 0; i < entries; ++i) absl::StrAppendFormat(&csv, "UT%07d,UTO,P,stolen,2026-01-05,S-%d\n", i, i);
    return csv;
  }

  static absl::StatusOr<ListChange> ImportOf(Watchlist& watchlist, const ImportOrder& order,
                                             const std::string& by = "list-owner") {
    return watchlist.Import(order, By(by));
  }

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
  const auto outcome = Import(watchlist, "stolen", "document-csv", kStolen, "list-owner");
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->info->records, 2);
  EXPECT_EQ(outcome->info->imported_by, "list-owner");
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
  ASSERT_THAT(Import(here, "stolen", "document-csv", kStolen, "list-owner"), IsOk());
  EXPECT_TRUE(there.Screen(NumberQuery("UT1234567"), false).empty()) << "no base is no answer, not no hit";
  ASSERT_THAT(there.Refresh(), IsOk());
  EXPECT_EQ(there.Screen(NumberQuery("UT1234567"), false).at(0).status, BaseStatus::kHit);
}

TEST_P(WatchlistStoreTest, ARequiredBaseThatWasNeverLoadedIsAnErrorByName) {
  Watchlist watchlist = MakeWatchlist({.persons = {"un"}, .documents = {"stolen"}});
  const auto other = Import(watchlist, "other", "document-csv", kStolen, "list-owner");
  ASSERT_THAT(other, IsOk());
  ASSERT_EQ(other->result, ChangeResult::kStaged);
  EXPECT_THAT(other->staged->reasons, ElementsAre("a new base of a name that the configuration does not know"));
  ASSERT_EQ(watchlist.Bases().size(), 2u) << "a slip of the pen makes no base";
  ASSERT_THAT(watchlist.Accept(other->staged->id, By("list-owner-2")), IsOk());
  EXPECT_EQ(Import(watchlist, "other", "document-csv", kStolenToo, "list-owner")->result, ChangeResult::kImported);
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
  ASSERT_THAT(Import(watchlist, "stolen", "document-csv", kStolen, "list-owner"), IsOk());
  EXPECT_EQ(ByBase(watchlist.Screen(NumberQuery("UT0000000"), false)).at("stolen").status, BaseStatus::kNoHit);
  EXPECT_EQ(watchlist.Bases()[1].state, BaseState::kServing);
}

// A wrong file under the right name.
TEST_P(WatchlistStoreTest, ARequiredBaseOfTheOtherKindIsNoAnswer) {
  Watchlist watchlist = MakeWatchlist({.persons = {"stolen"}});
  const auto import = Import(watchlist, "stolen", "document-csv", kStolen, "list-owner");
  ASSERT_THAT(import, IsOk());
  ASSERT_EQ(import->result, ChangeResult::kStaged);
  ASSERT_THAT(watchlist.Accept(import->staged->id, By("list-owner-2")), IsOk());
  Query named;
  named.name = "Nobody Atall";
  const BaseAnswer answer = watchlist.Screen(named, false).at(0);
  EXPECT_EQ(answer.status, BaseStatus::kError);
  EXPECT_TRUE(answer.required);
}

// Some of its persons carry a document, which makes it no list of documents.
TEST_P(WatchlistStoreTest, APersonsListUnderTheNameOfTheDocumentsListWaitsAndAnswersNoDocument) {
  Watchlist watchlist = MakeWatchlist({.documents = {"stolen"}});
  const auto import = Import(watchlist, "stolen", "un-xml", kPersonWithPassport, "list-owner");
  ASSERT_THAT(import, IsOk());
  ASSERT_EQ(import->result, ChangeResult::kStaged);
  EXPECT_THAT(import->staged->reasons,
              ElementsAre("the configuration requires the base for documents, and un-xml is of another kind"));
  EXPECT_EQ(watchlist.Bases().at(0).state, BaseState::kMissing);

  ASSERT_THAT(watchlist.Accept(import->staged->id, By("list-owner-2")), IsOk());
  const BaseAnswer answer = watchlist.Screen(NumberQuery("UT1234567"), false).at(0);
  EXPECT_EQ(answer.status, BaseStatus::kError) << "two people cannot make it one either";
  EXPECT_EQ(answer.reason, "it is required for documents and holds a list of another kind (un-xml)");
  EXPECT_TRUE(answer.required);
  EXPECT_EQ(watchlist.Bases().at(0).state, BaseState::kUnusable);
  EXPECT_EQ(watchlist.Bases().at(0).fault, answer.reason);
  const std::unique_ptr<observe::Metrics> metrics = observe::Metrics::Make();
  const std::unique_ptr<observe::Conditions> conditions = observe::Conditions::Make(*metrics, clock_);
  BaseConditions(*conditions).Tell(absl::OkStatus(), watchlist.Bases());
  ASSERT_EQ(conditions->Raised().size(), 1u);
  EXPECT_EQ(conditions->Raised()[0].name, "watchlist.base.stolen");

  const auto back = Import(watchlist, "stolen", "document-csv", kStolen, "list-owner");
  ASSERT_THAT(back, IsOk());
  ASSERT_EQ(back->result, ChangeResult::kStaged);
  EXPECT_THAT(back->staged->reasons, ::testing::Contains("its format is document-csv, and the base holds un-xml"));
  ASSERT_THAT(watchlist.Accept(back->staged->id, By("list-owner-2")), IsOk());
  EXPECT_EQ(watchlist.Screen(NumberQuery("UT1234567"), false).at(0).status, BaseStatus::kHit);
  BaseConditions(*conditions).Tell(absl::OkStatus(), watchlist.Bases());
  EXPECT_EQ(watchlist.Bases().at(0).state, BaseState::kServing);
}

TEST_P(WatchlistStoreTest, ManySmallLossesOfADayAreOneAndTwoPeopleEndTheCount) {
  Watchlist watchlist = MakeWatchlist();
  const auto shrink = [&](int entries) {
    const auto change = Import(watchlist, "stolen", "document-csv", ListOf(entries), "list-owner");
    EXPECT_THAT(change, IsOk());
    return *change;
  };
  shrink(200);
  EXPECT_EQ(shrink(190).result, ChangeResult::kImported);
  EXPECT_EQ(shrink(180).result, ChangeResult::kImported);
  const ListChange third = shrink(170);
  ASSERT_EQ(third.result, ChangeResult::kStaged);
  EXPECT_THAT(
      third.staged->reasons,
      ElementsAre("it lacks 10 of the 180 entries that are held, and 20 others were lost in the last 24 hours"));
  EXPECT_EQ(shrink(181).result, ChangeResult::kImported) << "what grows loses nothing";
  const ListChange fourth = shrink(170);
  ASSERT_EQ(fourth.result, ChangeResult::kStaged);
  ASSERT_THAT(watchlist.Accept(fourth.staged->id, By("list-owner-2")), IsOk());
  EXPECT_EQ(shrink(160).result, ChangeResult::kImported) << "two people said what it held";
  EXPECT_EQ(shrink(150).result, ChangeResult::kStaged);
  clock_.Advance(kLossWindow + absl::Hours(1));
  EXPECT_EQ(shrink(150).result, ChangeResult::kImported) << "another day";
}

// It leaves every traveller's checks without an answer: somebody has to hear of it.
TEST_P(WatchlistStoreTest, ABaseThatNobodyRequiresIsToldOfWhenItIsStaleOrEmpty) {
  const std::unique_ptr<observe::Metrics> metrics = observe::Metrics::Make();
  const std::unique_ptr<observe::Conditions> conditions = observe::Conditions::Make(*metrics, clock_);
  Watchlist watchlist = MakeWatchlist();
  ASSERT_THAT(ImportOf(watchlist, {.base = "dateless", .format = "document-csv", .bytes = kStolen}), IsOk());
  ASSERT_THAT(Import(watchlist, "empty", "document-csv", ListOf(0), "list-owner"), IsOk());
  ASSERT_THAT(Import(watchlist, "well", "document-csv", kStolen, "list-owner"), IsOk());
  BaseConditions(*conditions).Tell(absl::OkStatus(), watchlist.Bases());
  std::vector<std::string> names;
  for (const observe::Condition& condition : conditions->Raised()) names.push_back(condition.name);
  EXPECT_THAT(names, ElementsAre("watchlist.base.dateless", "watchlist.base.empty", "watchlist.required_bases"));
}

TEST_P(WatchlistStoreTest, ADamagedBaseLeavesTheOthersServingAndSaysSo) {
  {
    Watchlist watchlist = MakeWatchlist();
    ASSERT_THAT(Import(watchlist, "lost", "document-csv", kStolen, "list-owner"), IsOk());
    ASSERT_THAT(Import(watchlist, "stolen", "document-csv", kStolen, "list-owner"), IsOk());
  }
  ASSERT_THAT(Execute("UPDATE watchlist_version SET content = ? WHERE base = 'lost'", {sql::Blob{"no list"}}), IsOk());
  Watchlist watchlist = MakeWatchlist();
  EXPECT_THAT(watchlist.Refresh(), IsOk()) << "the state of a base, not of the store";
  const auto answers = ByBase(watchlist.Screen(NumberQuery("UT1234567"), false));
  EXPECT_EQ(answers.at("stolen").status, BaseStatus::kHit);
  EXPECT_EQ(answers.at("lost").status, BaseStatus::kError);
  EXPECT_THAT(answers.at("lost").reason, ::testing::HasSubstr("cannot be used"));
  EXPECT_EQ(watchlist.Bases().at(0).state, BaseState::kUnusable);

  ASSERT_THAT(Import(watchlist, "lost", "document-csv", kStolen, "list-owner"), IsOk());
  EXPECT_EQ(ByBase(watchlist.Screen(NumberQuery("UT1234567"), false)).at("lost").status, BaseStatus::kHit);
}

// A TEXT cell where a BLOB belongs; PostgreSQL checks its own cells.
TEST_P(WatchlistStoreTest, ACellOfTheWrongTypeStopsOneBaseOnly) {
  {
    Watchlist watchlist = MakeWatchlist();
    ASSERT_THAT(Import(watchlist, "lost", "document-csv", kStolen, "list-owner"), IsOk());
    ASSERT_THAT(Import(watchlist, "stolen", "document-csv", kStolen, "list-owner"), IsOk());
    ASSERT_THAT(Import(watchlist, "third", "document-csv", kStolen, "list-owner"), IsOk());
  }
  if (GetParam() != testing::StoreKind::kSqlite) return;
  ASSERT_THAT(Execute("UPDATE watchlist_version SET content = CAST(content AS TEXT) WHERE base = 'lost'"), IsOk());
  ASSERT_THAT(Execute("UPDATE watchlist_base SET records = 'many' WHERE base = 'third'"), IsOk());
  Watchlist watchlist = MakeWatchlist();
  EXPECT_THAT(watchlist.Refresh(), IsOk());
  auto answers = ByBase(watchlist.Screen(NumberQuery("UT1234567"), false));
  EXPECT_EQ(answers.at("lost").status, BaseStatus::kError);
  EXPECT_EQ(answers.at("stolen").status, BaseStatus::kHit);
  EXPECT_EQ(answers.at("third").status, BaseStatus::kError);

  const auto mended = Import(watchlist, "third", "document-csv", kStolen, "list-owner");
  ASSERT_THAT(mended, IsOk());
  ASSERT_EQ(mended->result, ChangeResult::kStaged) << "nobody can say what it takes the place of";
  ASSERT_THAT(watchlist.Accept(mended->staged->id, By("list-owner-2")), IsOk());
  EXPECT_EQ(ByBase(watchlist.Screen(NumberQuery("UT1234567"), false)).at("third").status, BaseStatus::kHit);
}

TEST_P(WatchlistStoreTest, ANameThatCannotBeReadFailsNoOtherBase) {
  if (GetParam() != testing::StoreKind::kSqlite) return;  // PostgreSQL checks its own cells
  {
    Watchlist watchlist = MakeWatchlist();
    ASSERT_THAT(Import(watchlist, "lost", "document-csv", kStolen, "list-owner"), IsOk());
    ASSERT_THAT(Import(watchlist, "stolen", "document-csv", kStolen, "list-owner"), IsOk());
  }
  ASSERT_THAT(Execute("UPDATE watchlist_base SET base = CAST(base AS BLOB) WHERE base = 'lost'"), IsOk());
  Watchlist watchlist = MakeWatchlist();
  EXPECT_THAT(watchlist.Refresh(), StatusIs(absl::StatusCode::kDataLoss));
  const auto answers = ByBase(watchlist.Screen(NumberQuery("UT1234567"), false));
  EXPECT_EQ(answers.at("lost").status, BaseStatus::kError) << "its editions tell its name";
  EXPECT_EQ(answers.at("stolen").status, BaseStatus::kError);
  EXPECT_EQ(answers.at("stolen").hits.size(), 1u) << "what is found is told";
}

// As many rows, well formed, and not the base's: while the edition that is held cannot be read nobody sees that.
TEST_P(WatchlistStoreTest, AWrongFileInPlaceOfADamagedEditionWaits) {
  {
    Watchlist watchlist = MakeWatchlist();
    ASSERT_THAT(Import(watchlist, "stolen", "document-csv", ListOf(20), "list-owner"), IsOk());
  }
  ASSERT_THAT(Execute("UPDATE watchlist_version SET content = ?", {sql::Blob{"no list"}}), IsOk());
  Watchlist watchlist = MakeWatchlist();
  ASSERT_THAT(watchlist.Refresh(), IsOk());
  std::string wrong = "number,issuer,type,status,reported_date,record_id\n";
  for (int i = 0; i < 20; ++i) absl::StrAppendFormat(&wrong, "XX%07d,XXX,P,stolen,2026-01-05,X-%d\n", i, i);
  const auto replaced = Import(watchlist, "stolen", "document-csv", wrong, "list-owner");
  ASSERT_THAT(replaced, IsOk());
  EXPECT_EQ(replaced->result, ChangeResult::kStaged);
  EXPECT_EQ(watchlist.Screen(NumberQuery("UT0000001"), false).at(0).status, BaseStatus::kError);
  EXPECT_EQ(Import(watchlist, "stolen", "document-csv", ListOf(20), "list-owner")->result, ChangeResult::kImported);
  EXPECT_EQ(watchlist.Screen(NumberQuery("UT0000001"), false).at(0).status, BaseStatus::kHit);
}

TEST_P(WatchlistStoreTest, AnEditionThatIsGoneIsMissedAndNotReplacedByTheOneBefore) {
  {
    Watchlist watchlist = MakeWatchlist();
    ASSERT_THAT(Import(watchlist, "stolen", "document-csv", kStolen, "list-owner"), IsOk());
    ASSERT_THAT(Import(watchlist, "stolen", "document-csv", kStolenToo, "list-owner"), IsOk());
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
  ASSERT_THAT(Import(here, "stolen", "document-csv", kStolen, "list-owner"), IsOk());
  ASSERT_THAT(there.Refresh(), IsOk());
  ASSERT_THAT(Import(here, "stolen", "document-csv", kStolenToo, "list-owner"), IsOk());
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

  Watchlist watchlist = MakeWatchlist({.documents = {"stolen"}});
  BaseConditions told(*conditions);
  told.Tell(watchlist.Refresh(), watchlist.Bases());
  EXPECT_THAT(raised(), ElementsAre("watchlist.base.stolen"));
  ASSERT_THAT(Import(watchlist, "stolen", "document-csv", kStolen, "list-owner"), IsOk());
  told.Tell(watchlist.Refresh(), watchlist.Bases());
  EXPECT_THAT(raised(), ElementsAre());
  clock_.Advance(absl::Hours(24 * 31));
  told.Tell(absl::UnavailableError("the store is away"), watchlist.Bases());
  EXPECT_THAT(raised(), ElementsAre("watchlist.base.stolen", "watchlist.refresh"));
}

// A transfer that broke off at a line break: all that is left is well formed.
TEST_P(WatchlistStoreTest, ACutListWaitsForASecondPersonAndWhatServedGoesOn) {
  Watchlist watchlist = MakeWatchlist();
  ASSERT_THAT(Import(watchlist, "stolen", "document-csv", ListOf(100), "list-owner"), IsOk());
  const auto cut = Import(watchlist, "stolen", "document-csv", ListOf(3), "list-owner");
  ASSERT_THAT(cut, IsOk());
  ASSERT_EQ(cut->result, ChangeResult::kStaged);
  EXPECT_THAT(cut->staged->reasons, ElementsAre("it lacks 97 of the 100 entries that are held"));
  EXPECT_EQ(watchlist.Screen(NumberQuery("UT0000099"), false).at(0).status, BaseStatus::kHit);
  EXPECT_EQ(watchlist.Bases().at(0).records, 100);

  const std::string id = cut->staged->id;
  EXPECT_THAT(watchlist.Accept(id, By("list-owner")), StatusIs(absl::StatusCode::kPermissionDenied))
      << "the same person";
  EXPECT_THAT(watchlist.Accept(id, By("robot", false)), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(watchlist.Accept("elsewhere", By("list-owner-2")), StatusIs(absl::StatusCode::kNotFound));
  const auto accepted = watchlist.Accept(id, By("list-owner-2"));
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->info->records, 3);
  EXPECT_EQ(accepted->info->accepted_by, "list-owner-2");
  EXPECT_EQ(watchlist.Screen(NumberQuery("UT0000099"), false).at(0).status, BaseStatus::kNoHit);
  EXPECT_EQ(watchlist.Bases().at(0).accepted_by, "list-owner-2");
  EXPECT_THAT(watchlist.Accept(id, By("list-owner-3")), StatusIs(absl::StatusCode::kFailedPrecondition)) << "decided";
  const auto content = database_->Query("SELECT content FROM watchlist_staged");
  ASSERT_THAT(content, IsOk());
  EXPECT_EQ((*content)[0].Bytes(0), "") << "it is kept once";
  const auto events = outbox_->Read(0, 10);
  ASSERT_THAT(events, IsOk());
  std::vector<std::string> types;
  for (const auto& stored : *events) types.push_back(stored.event.type);
  EXPECT_THAT(types,
              ElementsAre("gatehouse.watchlist.list_imported.v1", "gatehouse.watchlist.list_staged.v1",
                          "gatehouse.watchlist.staged_import_decided.v1", "gatehouse.watchlist.list_imported.v1"));
}

TEST_P(WatchlistStoreTest, ARejectedEditionIsGoneAndALaterOneSupersedesWhatWaits) {
  Watchlist watchlist = MakeWatchlist();
  ASSERT_THAT(Import(watchlist, "stolen", "document-csv", ListOf(100), "list-owner"), IsOk());
  const auto first = Import(watchlist, "stolen", "document-csv", ListOf(3), "list-owner");
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(watchlist.Reject(first->staged->id, "", By("list-owner-2")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_THAT(watchlist.Reject(first->staged->id, "cut off", By("list-owner-2")), IsOk());
  EXPECT_THAT(watchlist.Accept(first->staged->id, By("list-owner-2")), StatusIs(absl::StatusCode::kFailedPrecondition));

  const auto second = Import(watchlist, "stolen", "document-csv", ListOf(4), "list-owner");
  ASSERT_THAT(second, IsOk());
  ASSERT_THAT(Import(watchlist, "stolen", "document-csv", ListOf(101), "list-owner"), IsOk());
  EXPECT_THAT(watchlist.Accept(second->staged->id, By("list-owner-2")), StatusIs(absl::StatusCode::kFailedPrecondition))
      << "another edition came";
  const auto staged = watchlist.ListStaged();
  ASSERT_THAT(staged, IsOk());
  ASSERT_EQ(staged->size(), 2u);
  for (const StagedImport& import : *staged) {
    EXPECT_EQ(import.state, import.id == first->staged->id ? StagedState::kRejected : StagedState::kSuperseded);
  }
  EXPECT_EQ(watchlist.Bases().at(0).records, 101);
}

TEST_P(WatchlistStoreTest, AMachinesImportNeedsTwoPersonsBesides) {
  Watchlist watchlist = MakeWatchlist();
  ASSERT_THAT(Import(watchlist, "stolen", "document-csv", ListOf(100), "list-owner"), IsOk());
  const auto cut = watchlist.Import(
      {.base = "stolen", .format = "document-csv", .bytes = ListOf(3), .published = Today()}, By("feed", false));
  ASSERT_THAT(cut, IsOk());
  const auto first = watchlist.Accept(cut->staged->id, By("list-owner"));
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->result, ChangeResult::kStaged);
  EXPECT_EQ(watchlist.Bases().at(0).records, 100);
  EXPECT_THAT(watchlist.Accept(cut->staged->id, By("list-owner")), StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_THAT(watchlist.Accept(cut->staged->id, By("list-owner-2")), IsOk());
  EXPECT_EQ(watchlist.Bases().at(0).records, 3);
}

TEST_P(WatchlistStoreTest, ImportingLastMonthsFileAgainRenewsNothing) {
  Watchlist watchlist = MakeWatchlist();
  const std::string last_month = Day(-32);  // its day ended more than 30 days ago at any hour
  const ImportOrder order{.base = "stolen", .format = "document-csv", .bytes = kStolen, .published = last_month};
  ASSERT_THAT(ImportOf(watchlist, order), IsOk());
  EXPECT_EQ(watchlist.Bases().at(0).freshness, Freshness::kStale) << "ages count from the owner's date";
  EXPECT_EQ(watchlist.Screen(NumberQuery("UT0000000"), false).at(0).status, BaseStatus::kStale);
  const auto again = ImportOf(watchlist, order);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->result, ChangeResult::kUnchanged);
  EXPECT_EQ(watchlist.Bases().at(0).freshness, Freshness::kStale);
  const auto rows = database_->Query("SELECT COUNT(*) FROM watchlist_version");
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ((*rows)[0].Int(0), 1);

  ASSERT_THAT(Import(watchlist, "stolen", "document-csv", kStolenToo, "list-owner"), IsOk());
  EXPECT_EQ(watchlist.Bases().at(0).freshness, Freshness::kFresh);
  EXPECT_THAT(ImportOf(watchlist, order), StatusIs(absl::StatusCode::kFailedPrecondition)) << "older than what is held";
  ImportOrder named = order;
  named.terms.allow_older = last_month;
  const auto staged = ImportOf(watchlist, named);
  ASSERT_THAT(staged, IsOk());
  EXPECT_EQ(staged->result, ChangeResult::kStaged);
}

TEST_P(WatchlistStoreTest, TwoPeopleRenewAnAgeAndOneDoesNot) {
  Watchlist watchlist = MakeWatchlist();
  ASSERT_THAT(ImportOf(watchlist, {.base = "stolen", .format = "document-csv", .bytes = kStolen}), IsOk());
  EXPECT_EQ(watchlist.Bases().at(0).confirmed_at, std::nullopt) << "the list carries no date";
  EXPECT_EQ(watchlist.Screen(NumberQuery("UT0000000"), false).at(0).status, BaseStatus::kStale);
  EXPECT_EQ(watchlist.Screen(NumberQuery("UT1234567"), false).at(0).hits.size(), 1u);

  EXPECT_THAT(watchlist.Confirm("stolen", By("feed", false)), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(watchlist.Confirm("other", By("list-owner")), StatusIs(absl::StatusCode::kNotFound));
  const auto first = watchlist.Confirm("stolen", By("list-owner"));
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(first->info->confirmed_by, ElementsAre("list-owner"));
  ASSERT_THAT(watchlist.Confirm("stolen", By("list-owner")), IsOk());
  EXPECT_EQ(watchlist.Bases().at(0).freshness, Freshness::kStale) << "one person twice is one person";
  ASSERT_THAT(watchlist.Confirm("stolen", By("list-owner-2")), IsOk());
  EXPECT_EQ(watchlist.Bases().at(0).freshness, Freshness::kFresh);
  EXPECT_EQ(watchlist.Screen(NumberQuery("UT0000000"), false).at(0).status, BaseStatus::kNoHit);

  Watchlist replica = MakeWatchlist();
  ASSERT_THAT(replica.Refresh(), IsOk());
  EXPECT_EQ(replica.Bases().at(0).freshness, Freshness::kFresh);
  ASSERT_THAT(ImportOf(watchlist, {.base = "stolen", .format = "document-csv", .bytes = kStolenToo}), IsOk());
  EXPECT_EQ(watchlist.Bases().at(0).freshness, Freshness::kStale) << "what was said of another edition";
}

TEST_P(WatchlistStoreTest, ACallThatIsSentTwiceIsDoneOnce) {
  Watchlist watchlist = MakeWatchlist();
  const auto render = [](const ListChange& change) { return absl::StrCat("records ", change.info->records); };
  ChangeRequest request = By("list-owner");
  request.id = "r-1";
  request.digest = std::string("\0\xff", 2);
  request.render = render;
  EXPECT_THAT(watchlist.FindAnswer(request), testing::IsOkAndHolds(std::nullopt));
  const ImportOrder order{.base = "stolen", .format = "document-csv", .bytes = kStolen, .published = Today()};
  ASSERT_THAT(watchlist.Import(order, request), IsOk());
  EXPECT_THAT(watchlist.FindAnswer(request), testing::IsOkAndHolds("records 2"));
  ChangeRequest other = request;
  other.digest = "of another body";
  EXPECT_THAT(watchlist.FindAnswer(other), StatusIs(absl::StatusCode::kAlreadyExists));
  // Had it come at the same moment, the table would have been the truth.
  ImportOrder next = order;
  next.bytes = kStolenToo;
  EXPECT_THAT(watchlist.Import(next, other), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(watchlist.Bases().at(0).records, 2);
  clock_.Advance(kKeptRequests + absl::Hours(1));
  ChangeRequest later = By("list-owner");
  later.id = "r-2";
  later.render = render;
  ASSERT_THAT(watchlist.Confirm("stolen", later), IsOk());
  EXPECT_THAT(watchlist.FindAnswer(request), testing::IsOkAndHolds(std::nullopt)) << "ids are kept for a time";
}

TEST_P(WatchlistStoreTest, ANewVersionReplacesTheOldAndOnlyThreeAreKept) {
  Watchlist watchlist = MakeWatchlist();
  for (int i = 0; i < 5; ++i) {
    const std::string csv = absl::StrCat("number,issuer,type,status,reported_date,record_id\nUT000000", i,
                                         ",UTO,P,stolen,2026-01-05,S-", i, "\n");
    ASSERT_THAT(Import(watchlist, "stolen", "document-csv", csv, "list-owner"), IsOk());
    clock_.Advance(kLossWindow + absl::Hours(1));  // an entry a day
  }
  EXPECT_EQ(watchlist.Screen(NumberQuery("UT0000004"), false).at(0).status, BaseStatus::kHit);
  EXPECT_EQ(watchlist.Screen(NumberQuery("UT0000003"), false).at(0).status, BaseStatus::kNoHit);
  const auto rows = database_->Query("SELECT COUNT(*) FROM watchlist_version");
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ((*rows)[0].Int(0), kKeptVersions);
}

TEST_P(WatchlistStoreTest, ABrokenFileChangesNothing) {
  Watchlist watchlist = MakeWatchlist();
  ASSERT_THAT(Import(watchlist, "stolen", "document-csv", kStolen, "list-owner"), IsOk());
  EXPECT_THAT(Import(watchlist, "stolen", "un-xml", "<CONSOLIDATED_LIST><INDIV", "list-owner"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Import(watchlist, "stolen", "document-csv",
                     "number,issuer,type,status,reported_date,record_id\n,UTO,P,stolen,2026-01-05,S-1\n", "x"),
              StatusIs(absl::StatusCode::kInvalidArgument))
      << "no usable row";
  EXPECT_THAT(Import(watchlist, "Bad Name!", "document-csv", kStolen, "x"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(watchlist.Bases().size(), 1u);
  EXPECT_EQ(watchlist.Bases()[0].records, 2);
}

TEST_P(WatchlistStoreTest, TheContentIsSealedAtRest) {
  Watchlist watchlist = MakeWatchlist();
  ASSERT_THAT(Import(watchlist, "stolen", "document-csv", kStolen, "list-owner"), IsOk());
  const auto rows = database_->Query("SELECT content FROM watchlist_version");
  ASSERT_THAT(rows, IsOk());
  EXPECT_THAT((*rows)[0].Bytes(0), ::testing::Not(::testing::HasSubstr("UT1234567")));
}

TEST_P(WatchlistStoreTest, AgesTurnIntoFreshness) {
  Watchlist watchlist = MakeWatchlist();
  ASSERT_THAT(Import(watchlist, "stolen", "document-csv", kStolen, "list-owner"), IsOk());
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
  Watchlist other({.store = *other_store, .clock = clock_, .random = random_});
  Watchlist reader({.store = *other_store, .clock = clock_, .random = random_});

  testing::PausedDatabase slow(*database_, [&] {
    EXPECT_THAT(Import(other, "lost", "document-csv", kStolen, "list-owner"), IsOk());
    EXPECT_THAT(reader.Refresh(), IsOk());
  });
  const std::unique_ptr<BaseStore> slow_store = MakeBaseStore(DepsOn(slow, *sealer_));
  Watchlist late({.store = *slow_store, .clock = clock_, .random = random_});
  ASSERT_THAT(Import(late, "stolen", "document-csv", kStolen, "list-owner"), IsOk());

  ASSERT_EQ(reader.Bases().size(), 1u);
  ASSERT_THAT(reader.Refresh(), IsOk());
  EXPECT_EQ(reader.Bases().size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Stores, WatchlistReplicaTest, ::testing::Values(testing::StoreKind::kPostgresql),
                         testing::StoreKindName);

TEST(RequiredBasesTest, NamesAreChecked) {
  EXPECT_THAT((RequiredBases{.persons = {"un", "own"}, .documents = {"lost"}}).Check(), IsOk());
  EXPECT_THAT((RequiredBases{.persons = {"un", "own"}, .documents = {"own"}}).Check(),
              StatusIs(absl::StatusCode::kInvalidArgument))
      << "a base is of one kind";
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
