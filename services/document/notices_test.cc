// Notices on both databases: whose are taken, what an import changes, what survives, and what is counted.
#include "services/document/notices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "libs/testing/fake_clock.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/test_store.h"
#include "services/document/notice_check.h"
#include "services/document/notice_counts.h"
#include "services/document/notice_publisher_for_tests.h"
#include "services/document/notice_store.h"
#include "services/document/schema.h"

namespace gatehouse::document {
namespace {

using ::gatehouse::testing::IsOk;
using ::gatehouse::testing::StatusIs;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kPicture[] = "\xFF\xD8\xFF\xE0 a picture";

json WithPicture(json row, const std::string& picture = kPicture) {
  row["features"] = json::array({{{"name", "thread"}},
                                 {{"name", "watermark"},
                                  {"place", "data page"},
                                  {"image", {{"format", "jpeg"}, {"content", absl::Base64Escape(picture)}}}}});
  return row;
}

std::vector<std::string> IdsOf(const Notices& notices) {
  std::vector<std::string> ids;
  for (const NoticePtr& notice : notices.held()->index->notices()) ids.push_back(notice->id);
  return ids;
}

class NoticesTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override {
    GH_REQUIRE_SERVER(test_store_, testing::MakeTestStore(GetParam()));
    absl::StatusOr<std::unique_ptr<sql::Database>> database = sql::Open({.dsn = test_store_->dsn()});
    ASSERT_THAT(database, IsOk());
    database_ = *std::move(database);
    ASSERT_THAT(sql::Migrate(*database_, Migrations()), IsOk());
    repository_ = MakeNoticeRepository(*database_);
  }

  // A process that shares the store.
  std::unique_ptr<Notices> Replica(NoticeRepository* repository = nullptr) {
    std::vector<pki::CertificatePtr> issuers;
    for (const NoticePublisher* publisher : {&police_, &ministry_}) {
      issuers.push_back(*pki::Certificate::Parse(pki::AsBytes(publisher->certificate())));
    }
    auto notices =
        std::make_unique<Notices>(Notices::Deps{.repository = repository == nullptr ? *repository_ : *repository,
                                                .clock = clock_,
                                                .random = random_,
                                                .issuers = std::move(issuers)});
    EXPECT_THAT(notices->Refresh(), IsOk());
    return notices;
  }
  absl::StatusOr<Notices::ImportOutcome> Import(Notices& notices, const std::string& bundle) {
    return notices.Import("notices.cms", bundle, "by courier", "trust-operator");
  }

  testing::FakeClock clock_{absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone())};
  testing::SeededRandom random_{1};
  NoticePublisher police_{"Police"}, ministry_{"Ministry"}, stranger_{"Stranger"};
  std::unique_ptr<testing::TestStore> test_store_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<NoticeRepository> repository_;
};

TEST_P(NoticesTest, AnImportSaysWhoWhenWhatAndWhoSigned) {
  const auto notices = Replica();
  const std::string bundle = police_.SignNotices({NoticePublisher::Row("P-1"), NoticePublisher::Row("P-2")});
  ASSERT_THAT(Import(*notices, bundle), IsOk());
  EXPECT_THAT(IdsOf(*notices), ElementsAre("P-1", "P-2"));
  const auto imports = notices->Imports();
  ASSERT_THAT(imports, IsOk());
  ASSERT_THAT(*imports, SizeIs(1));
  const NoticeImport& made = imports->front();
  EXPECT_EQ(made.number, 1);
  EXPECT_FALSE(made.import_id.empty());
  EXPECT_EQ(made.imported_by, "trust-operator");
  EXPECT_EQ(made.time, clock_.Now());
  EXPECT_EQ(made.note, "by courier");
  EXPECT_EQ(made.file_name, "notices.cms");
  EXPECT_EQ(made.sha256, pki::ToHex(pki::ComputeDigest(pki::Digest::kSha256, pki::AsBytes(bundle)).bytes()));
  EXPECT_EQ(made.publisher, "Utopia Border Police");
  EXPECT_EQ(made.bundle_number, 1);
  EXPECT_THAT(made.signer, HasSubstr("Police"));
  EXPECT_THAT(made.signer, HasSubstr("serial 02"));
  EXPECT_EQ(made.added, 2);
  EXPECT_EQ(made.replaced, 0);
  EXPECT_EQ(made.refused, 0);
}

TEST_P(NoticesTest, NothingOfAnUnsignedOrWronglySignedBundleIsKept) {
  const auto notices = Replica();
  const std::string text = NoticePublisher::NoticesText({NoticePublisher::Row("P-1")});
  EXPECT_THAT(Import(*notices, text), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Import(*notices, stranger_.Sign(text)), StatusIs(absl::StatusCode::kUnauthenticated));
  std::string altered = police_.Sign(text);
  altered[altered.find("P-1")] = 'Q';
  EXPECT_THAT(Import(*notices, altered), StatusIs(absl::StatusCode::kUnauthenticated));
  Notices nobody({.repository = *repository_, .clock = clock_, .random = random_});
  EXPECT_THAT(Import(nobody, police_.Sign(text)), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(notices->Import("x", police_.Sign(text), std::string(kMaxNoticeNoteBytes + 1, 'n'), "somebody"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(*notices->Imports(), IsEmpty());
  EXPECT_THAT(IdsOf(*Replica()), IsEmpty());
}

TEST_P(NoticesTest, BadNoticesAreToldAndTheirNeighboursKept) {
  const auto notices = Replica();
  json bad = NoticePublisher::Row("P-2");
  bad["kind"] = "rumour";
  const auto mixed = Import(*notices, police_.SignNotices({NoticePublisher::Row("P-1"), bad}));
  ASSERT_THAT(mixed, IsOk());
  EXPECT_EQ(mixed->made.added, 1);
  EXPECT_EQ(mixed->made.refused, 1);
  ASSERT_THAT(mixed->refused, SizeIs(1));
  EXPECT_THAT(mixed->refused[0].reason, HasSubstr("notices[1].kind: one of"));
  EXPECT_THAT(IdsOf(*notices), ElementsAre("P-1"));

  const auto none_good = Import(*notices, police_.SignNotices({bad}));
  ASSERT_THAT(none_good, IsOk());
  EXPECT_EQ(none_good->made.number, 0);
  EXPECT_THAT(none_good->refused, SizeIs(1));
  EXPECT_THAT(*notices->Imports(), SizeIs(1)) << "nothing was changed";
}

TEST_P(NoticesTest, NoPublisherSilencesAnother) {
  const auto notices = Replica();
  ASSERT_THAT(Import(*notices, police_.SignNotices({NoticePublisher::Row("N-1")})), IsOk());
  json silent = NoticePublisher::Row("N-1");
  silent["valid_until"] = "2020-01-01";
  const auto outcome = Import(*notices, ministry_.SignNotices({NoticePublisher::Row("N-2"), silent}));
  ASSERT_THAT(outcome, IsOk());
  ASSERT_THAT(outcome->refused, SizeIs(1));
  EXPECT_THAT(outcome->refused[0].reason, HasSubstr("notices[1].id: in use under another issuer"));
  EXPECT_EQ(outcome->made.added, 1);
  EXPECT_TRUE(notices->held()->index->Find("N-1")->valid_until.empty());
  EXPECT_THAT(IdsOf(*notices), ElementsAre("N-1", "N-2"));
}

TEST_P(NoticesTest, ALaterBundleReplacesWhatItNamesPicturesIncluded) {
  const auto notices = Replica();
  ASSERT_THAT(
      Import(*notices, police_.SignNotices({WithPicture(NoticePublisher::Row("P-1")), NoticePublisher::Row("P-2")})),
      IsOk());
  const auto kept = notices->Load("P-1");
  ASSERT_THAT(kept, IsOk());
  EXPECT_EQ(kept->notice.features.at(1).image.content, kPicture);
  EXPECT_EQ(kept->notice.features.at(0).image.content, "");
  EXPECT_EQ(kept->origin.import_number, 1);
  EXPECT_EQ(notices->held()->index->Find("P-1")->features.at(1).image.content, "") << "pictures stay in the store";

  json changed = NoticePublisher::Row("P-1", "stolen_blank", "X###");
  changed["valid_from"] = "2026-02";
  changed["look_here"] = "Feel the edge.";
  const auto outcome = Import(*notices, police_.SignNotices({changed}));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->made.replaced, 1);
  EXPECT_EQ(outcome->made.added, 0);
  const auto replica = Replica();
  EXPECT_THAT(IdsOf(*replica), ElementsAre("P-1", "P-2"));
  const auto now = replica->Load("P-1");
  ASSERT_THAT(now, IsOk());
  EXPECT_EQ(now->notice.kind, NoticeKind::kStolenBlank);
  EXPECT_THAT(now->notice.number_patterns, ElementsAre("X###"));
  EXPECT_EQ(now->notice.valid_from, (base::PartialDate{2026, 2, 0}));
  EXPECT_EQ(now->notice.look_here, "Feel the edge.");
  EXPECT_THAT(now->notice.features, IsEmpty());
  EXPECT_EQ(now->origin.import_number, 2);
  EXPECT_THAT(database_->Query("SELECT feature FROM document_notice_image").value(), IsEmpty());
  EXPECT_THAT(replica->Load("P-9"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(NoticesTest, AnOldBundleUndoesNothing) {
  const auto notices = Replica();
  const std::string first = police_.SignNotices({NoticePublisher::Row("P-1")}, 1);
  json ended = NoticePublisher::Row("P-1");
  ended["valid_until"] = "2026-05-01";
  const std::string second = police_.SignNotices({ended}, 2);
  ASSERT_THAT(Import(*notices, first), IsOk());
  ASSERT_THAT(Import(*notices, second), IsOk());
  const auto again = Import(*Replica(), first);
  EXPECT_THAT(again, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(again.status().message()), HasSubstr("bundle 2 of the publisher was imported already"));
  EXPECT_THAT(Import(*notices, police_.SignNotices({NoticePublisher::Row("P-1")}, 2)),
              StatusIs(absl::StatusCode::kFailedPrecondition))
      << "two bundles of one number";
  EXPECT_THAT(Import(*notices, second), IsOk()) << "the same again changes nothing";
  EXPECT_FALSE(notices->held()->index->Find("P-1")->valid_until.empty());
  EXPECT_THAT(Import(*notices, ministry_.SignNotices({NoticePublisher::Row("M-1")}, 1)), IsOk())
      << "others count for themselves";
  EXPECT_EQ(notices->Imports()->front().bundle_number, 1);
}

TEST_P(NoticesTest, ReplicasSeeEachOthersImports) {
  const auto first = Replica(), second = Replica();
  ASSERT_THAT(Import(*first, police_.SignNotices({NoticePublisher::Row("A")})), IsOk());
  // The second has not seen it yet, and its import must not be lost over it.
  ASSERT_THAT(Import(*second, ministry_.SignNotices({NoticePublisher::Row("B")})), IsOk());
  EXPECT_THAT(IdsOf(*second), ElementsAre("A", "B"));
  EXPECT_THAT(IdsOf(*first), ElementsAre("A"));
  ASSERT_THAT(first->Refresh(), IsOk());
  EXPECT_THAT(IdsOf(*first), ElementsAre("A", "B"));
  EXPECT_EQ(first->held()->import_number, 2);
}

TEST_P(NoticesTest, ADamagedNoticeIsNamedAndTheOthersServe) {
  ASSERT_THAT(Import(*Replica(), police_.SignNotices({NoticePublisher::Row("P-1"), NoticePublisher::Row("P-2")})),
              IsOk());
  ASSERT_THAT(database_->Write([](sql::Transaction& transaction) {
    return transaction.Execute("UPDATE document_notice SET content = ? WHERE notice_id = 'P-2'", {sql::Blob{"?"}});
  }),
              IsOk());
  const auto notices = Replica();
  ASSERT_THAT(notices->Refresh(), IsOk());
  EXPECT_THAT(IdsOf(*notices), ElementsAre("P-1"));
  EXPECT_THAT(notices->damage(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(std::string(notices->damage().message()), HasSubstr("P-2"));
  const NoticeQuery query{.issuing_state = "XXX", .document_code = "P", .document_number = "1"};
  const NoticeFinding finding = LookUpNotices(notices->held()->index.get(), "1", "", {query});
  EXPECT_EQ(finding.check.state, emrtd::Tr03135State::kUndetermined) << "that none fits says nothing";
  EXPECT_THAT(finding.check.detail, HasSubstr("1 cannot"));
}

// A row that is gone is no notice that never was.
TEST_P(NoticesTest, NoneThatFitsSaysNothingWhileANoticeIsLost) {
  ASSERT_THAT(Import(*Replica(), police_.SignNotices({NoticePublisher::Row("P-1"), NoticePublisher::Row("P-2")})),
              IsOk());
  const auto check = [&] {
    const NoticeQuery query{.issuing_state = "XXX", .document_code = "P", .document_number = "1"};
    const auto notices = Replica();
    EXPECT_THAT(notices->Refresh(), IsOk());
    EXPECT_EQ(Import(*notices, police_.SignNotices({NoticePublisher::Row("P-3")})).status().code(),
              absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(notices->damage(), StatusIs(absl::StatusCode::kDataLoss));
    return LookUpNotices(notices->held()->index.get(), "1", notices->held()->may_lack(), {query}).check;
  };
  for (const char* damage : {"DELETE FROM document_notice WHERE notice_id = 'P-2'", "DELETE FROM document_notice",
                             "DELETE FROM document_head"}) {
    ASSERT_THAT(database_->Write([&](sql::Transaction& transaction) { return transaction.Execute(damage); }), IsOk());
    EXPECT_EQ(check().state, emrtd::Tr03135State::kUndetermined) << damage;
  }
}

// Another process that imports whenever this one has looked and before it writes.
class Overtaken : public NoticeRepository {
 public:
  explicit Overtaken(NoticeRepository& real) : real_(real) {}
  std::function<void()> before_append = nullptr;
  int failing_counts = 0;
  absl::Status away;  // what it answers instead of the newest import

  absl::Status Append(const NoticeImport& made, const std::vector<const Notice*>& notices,
                      const AnsweredRequest* answered) override {
    if (const auto overtake = std::exchange(before_append, nullptr)) overtake();
    return real_.Append(made, notices, answered);
  }
  absl::StatusOr<Extent> Held() override {
    if (!away.ok()) return away;
    return real_.Held();
  }
  absl::StatusOr<std::vector<KeptNotice>> NoticesSince(int64_t number) override { return real_.NoticesSince(number); }
  absl::Status LoadImages(Notice& notice) override { return real_.LoadImages(notice); }
  absl::StatusOr<std::vector<NoticeImport>> Imports() override { return real_.Imports(); }
  absl::Status AddCounts(const std::vector<NoticeCount>& counts) override {
    if (failing_counts-- > 0) return absl::UnavailableError("away");
    return real_.AddCounts(counts);
  }
  absl::StatusOr<std::vector<NoticeCount>> Counts() override { return real_.Counts(); }

 private:
  NoticeRepository& real_;
};

TEST_P(NoticesTest, AnImportThatWasOvertakenIsPlannedAnew) {
  const auto other = Replica();
  Overtaken repository(*repository_);
  const auto notices = Replica(&repository);
  repository.before_append = [&] {
    EXPECT_THAT(Import(*other, ministry_.SignNotices({NoticePublisher::Row("N-1")})), IsOk());
  };
  const auto outcome =
      Import(*notices, police_.SignNotices({NoticePublisher::Row("N-1"), NoticePublisher::Row("N-2")}));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->made.number, 2);
  EXPECT_EQ(outcome->made.added, 1) << "N-1 belongs to whoever was first";
  EXPECT_THAT(outcome->refused, SizeIs(1));
  EXPECT_THAT(IdsOf(*notices), ElementsAre("N-1", "N-2"));
}

// Another replica may have imported what fits, and this one cannot see it.
TEST_P(NoticesTest, NoneThatFitsSaysNothingOnceTheStoreIsSilentForLong) {
  Overtaken repository(*repository_);
  const auto notices = Replica(&repository);
  ASSERT_THAT(Import(*notices, police_.SignNotices({NoticePublisher::Row("P-1")})), IsOk());
  const auto check = [&] {
    const NoticeQuery query{.issuing_state = "XXX", .document_code = "P", .document_number = "1"};
    const NoticesHeldPtr held = notices->held();
    return LookUpNotices(held->index.get(), "1", held->may_lack(), {query}).check;
  };
  ASSERT_THAT(notices->Refresh(), IsOk());
  repository.away = absl::UnavailableError("the store is away");
  clock_.Advance(kMaxUnasked - absl::Seconds(1));
  EXPECT_FALSE(notices->Refresh().ok());
  EXPECT_EQ(check().state, emrtd::Tr03135State::kSuccessful) << "a moment is no reason";
  clock_.Advance(absl::Seconds(1));
  EXPECT_FALSE(notices->Refresh().ok());
  EXPECT_EQ(check().state, emrtd::Tr03135State::kUndetermined);
  EXPECT_THAT(check().detail, HasSubstr("the store is away"));
  repository.away = absl::OkStatus();
  ASSERT_THAT(notices->Refresh(), IsOk());
  EXPECT_EQ(check().state, emrtd::Tr03135State::kSuccessful);
}

TEST_P(NoticesTest, MatchesAreCountedOverReplicasAndOutages) {
  const auto match = [](const std::string& id) {
    auto notice = std::make_shared<Notice>();
    notice->id = id;
    return NoticeMatch{notice, {}};
  };
  const absl::Time first = clock_.Now(), last = first + absl::Hours(2);
  Overtaken repository(*repository_);
  NoticeCounts here(repository), there(*repository_);
  here.Add({match("A"), match("B")}, first + absl::Hours(1));
  here.Add({match("A")}, first);
  repository.failing_counts = 1;
  EXPECT_THAT(here.Flush(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(*there.Read(), IsEmpty());
  here.Add({match("A")}, first + absl::Minutes(1));
  there.Add({match("A")}, last);
  ASSERT_THAT(there.Flush(), IsOk());

  const auto counts = here.Read();
  ASSERT_THAT(counts, IsOk());
  ASSERT_THAT(*counts, SizeIs(2));
  EXPECT_EQ(counts->at(0).notice_id, "A");
  EXPECT_EQ(counts->at(0).matches, 4);
  EXPECT_EQ(counts->at(0).first, first);
  EXPECT_EQ(counts->at(0).last, last);
  EXPECT_EQ(counts->at(1).notice_id, "B");
  EXPECT_EQ(counts->at(1).matches, 1);
  ASSERT_THAT(here.Flush(), IsOk());
  EXPECT_EQ(here.Read()->at(0).matches, 4) << "nothing is counted twice";
}

INSTANTIATE_TEST_SUITE_P(Stores, NoticesTest, ::testing::ValuesIn(testing::kAllStoreKinds), testing::StoreKindName);

TEST(PlanNoticesTest, KeepsNoMoreThanTheLimit) {
  NoticeOrigins kept;
  for (size_t i = 0; i < kMaxNotices; ++i) kept["N" + std::to_string(i)] = {1, "CN=Police"};
  NoticeBundle bundle;
  Notice notice;
  notice.id = "N0";
  bundle.notices = {notice};
  bundle.rows = {0};
  NoticeImport made{.issuer = "CN=Police"};
  EXPECT_THAT(PlanNotices(kept, bundle, made), IsOk()) << "it replaces one";
  bundle.notices[0].id = "new";
  EXPECT_THAT(PlanNotices(kept, bundle, made), StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace gatehouse::document
