// The trust store on both databases: who may change it, what waits, what every version held, and what survives.
#include "services/document/trust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"
#include "libs/pki/specimen_for_tests.h"
#include "libs/testing/fake_clock.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_folder.h"
#include "libs/testing/test_store.h"
#include "services/document/schema.h"
#include "services/document/store.h"
#include "services/document/trust_snapshot_file.h"

namespace gatehouse::document {
namespace {

using namespace pki::specimen;
using ::gatehouse::testing::IsOk;
using ::gatehouse::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const TrustActor kAnna{"anna", true}, kBoris{"boris", true}, kCarol{"carol", true}, kRobot{"pkd-download", false};

// A State's keys and what they signed.
class Authority {
 public:
  Authority() : certificate_(MakeCertificate(Request(), key_)) {}

  std::string certificate() const { return certificate_; }
  // The same certificate each time: signatures are made with randomness.
  std::string Signer(int serial) const {
    std::string& made = signers_[serial];
    if (made.empty()) made = MakeSigner(serial);
    return made;
  }
  // Another one of the same name and number.
  std::string NewSigner(int serial) const { return MakeSigner(serial); }
  std::string Crl(const std::vector<int>& serials, const std::string& this_update = "260601000000Z") const {
    std::string& made = crls_[{serials, this_update}];
    if (made.empty()) made = MakeRevocationList(serials, this_update);
    return made;
  }
  std::string Delta(const std::vector<int>& serials, const std::string& this_update) const {
    CrlRequest request;
    request.this_update = this_update;
    request.serials = serials;
    request.extensions = {Extension(pki::oid::kDeltaCrlIndicator, true, Integer(1))};
    request.algorithm = DefaultAlgorithm("prime256v1");
    return MakeCrl(request, key_);
  }
  std::string MasterList(const std::vector<std::string>& certificates) const {
    CertificateRequest signer = Request();
    signer.subject = Name("UT", "Master List Signer");
    signer.serial = 500;
    signer.authority.reset();
    signer.key_usage = 0x80;
    signer.further_extensions = {
        Extension(pki::oid::kExtendedKeyUsage, true, Sequence({ObjectId(pki::oid::kMasterListSigning)}))};
    SignedDataRequest request{.content_type = std::string(pki::AsText(pki::oid::kMasterList.bytes())),
                              .certificates = {MakeCertificate(signer, key_), certificate_},
                              .signer_identifier = IssuerAndSerial(signer.issuer, signer.serial),
                              .algorithm = signer.algorithm};
    request.content = Sequence({Integer(0), Set(certificates)});
    return MakeSignedData(request, key_);
  }

 private:
  std::string MakeSigner(int serial) const {
    CertificateRequest request = Request();
    request.subject = Name("UT", "DS");
    request.serial = serial;
    request.authority.reset();
    request.key_usage = 0x80;
    return MakeCertificate(request, key_);
  }
  std::string MakeRevocationList(const std::vector<int>& serials, const std::string& this_update) const {
    CrlRequest request;
    request.this_update = this_update;
    request.serials = serials;
    request.algorithm = DefaultAlgorithm("prime256v1");
    return MakeCrl(request, key_);
  }
  CertificateRequest Request() const {
    return {.subject = Name("UT", "CSCA"),
            .key_info = key_.info,
            .authority = true,
            .key_usage = 0x06,
            .algorithm = DefaultAlgorithm("prime256v1")};
  }
  Key key_{"prime256v1"};
  std::string certificate_;
  mutable std::map<int, std::string> signers_;
  mutable std::map<std::pair<std::vector<int>, std::string>, std::string> crls_;
};

std::string Sha256(const std::string& der) { return pki::ToText(pki::FingerprintOf(pki::AsBytes(der))); }

class TrustTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override {
    GH_REQUIRE_SERVER(test_store_, testing::MakeTestStore(GetParam()));
    Open();
    ASSERT_THAT(sql::Migrate(*database_, Migrations()), IsOk());
    Start();
  }
  void Open() {
    trust_.reset();
    repository_.reset();
    outbox_.reset();
    database_.reset();
    absl::StatusOr<std::unique_ptr<sql::Database>> database = sql::Open({.dsn = test_store_->dsn()});
    ASSERT_THAT(database, IsOk());
    database_ = *std::move(database);
    outbox_ = std::make_unique<events::Outbox>(*database_);
    repository_ = MakeTrustRepository(
        {.database = *database_, .outbox = *outbox_, .clock = clock_, .random = random_, .wake_relay = [] {}});
  }
  void Start() {
    trust_ = std::make_unique<Trust>(Deps());
    ASSERT_THAT(trust_->Refresh(), IsOk());
  }
  Trust::Deps Deps(TrustSnapshotFile* file = nullptr) {
    return {.repository = *repository_, .clock = clock_, .random = random_, .snapshot_file = file};
  }
  // The id of an import that must do.
  std::string Import(const std::string& name, const std::string& content, const TrustActor& actor = kAnna) {
    const auto outcome = trust_->Import({{name, content}}, "", actor);
    EXPECT_THAT(outcome, IsOk());
    return outcome.ok() ? outcome->import_id : "";
  }
  void ImportByTwo(const std::string& name, const std::string& content) {
    EXPECT_THAT(trust_->Accept(Import(name, content), kBoris), IsOk());
  }
  size_t anchors() const { return trust_->snapshot().store->anchor_count(); }
  std::vector<std::string> EventTypes() {
    std::vector<std::string> types;
    const auto events = outbox_->Read(0, 100);
    EXPECT_THAT(events, IsOk());
    for (const events::StoredEvent& stored : *events) types.push_back(stored.event.type);
    return types;
  }

  testing::FakeClock clock_{absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone())};
  testing::SeededRandom random_{1};
  std::unique_ptr<testing::TestStore> test_store_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<events::Outbox> outbox_;
  std::unique_ptr<TrustRepository> repository_;
  std::unique_ptr<Trust> trust_;
  const Authority state_, other_;
};

TEST_P(TrustTest, OnePersonsAnchorIsNotUsed) {
  const auto outcome = trust_->Import({{"csca.cer", state_.certificate()}}, "note 12/2026", kAnna);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->pending, 1);
  EXPECT_EQ(outcome->results.front().accepted, 1);
  EXPECT_EQ(anchors(), 0u);

  EXPECT_THAT(trust_->Accept(outcome->import_id, kAnna), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(trust_->Accept(outcome->import_id, kRobot), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(trust_->Accept("no such import", kBoris), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(anchors(), 0u);

  const auto accepted = trust_->Accept(outcome->import_id, kBoris);
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->import.state, TrustImportState::kAccepted);
  EXPECT_EQ(anchors(), 1u);
  const TrustEntry entry = EntryOf(trust_->snapshot().store->content(), 0);
  EXPECT_EQ(entry.kind, "csca");
  EXPECT_EQ(entry.source.imported_by, "anna");
  EXPECT_EQ(entry.source.note, "note 12/2026");
  EXPECT_THAT(entry.source.accepted_by, ElementsAre("anna", "boris"));
  EXPECT_THAT(trust_->Accept(outcome->import_id, kCarol), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(EventTypes(), ElementsAre("gatehouse.document.trust_imported.v1", "gatehouse.document.trust_accepted.v1",
                                        "gatehouse.document.trust_version_changed.v1"));
}

TEST_P(TrustTest, WhatAMachineImportsNeedsTwoPersonsToo) {
  const std::string id = Import("csca.cer", state_.certificate(), kRobot);
  ASSERT_THAT(trust_->Accept(id, kAnna), IsOk());
  EXPECT_EQ(anchors(), 0u);
  EXPECT_THAT(trust_->Accept(id, kAnna), StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_THAT(trust_->Accept(id, kBoris), IsOk());
  EXPECT_EQ(anchors(), 1u);
}

TEST_P(TrustTest, WhatIsRejectedStaysUnusedAndMayComeAgain) {
  const std::string id = Import("csca.cer", state_.certificate());
  const auto rejected = trust_->Reject(id, "not what the embassy said", kBoris);
  ASSERT_THAT(rejected, IsOk());
  EXPECT_EQ(rejected->import.state, TrustImportState::kRejected);
  EXPECT_EQ(rejected->import.reject_reason, "not what the embassy said");
  EXPECT_THAT(trust_->Accept(id, kCarol), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(anchors(), 0u);
  ImportByTwo("csca.cer", state_.certificate());
  EXPECT_EQ(anchors(), 1u);
}

TEST_P(TrustTest, WhatCarriesItsOwnTrustNeedsNoSecondPerson) {
  ImportByTwo("csca.cer", state_.certificate());
  const auto outcome = trust_->Import(
      {{"ds.cer", state_.Signer(7)}, {"good.crl", state_.Crl({7})}, {"alien.crl", other_.Crl({7})}}, "", kAnna);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->results[0].pending, 0);
  EXPECT_EQ(outcome->results[1].pending, 0);
  EXPECT_EQ(outcome->results[2].pending, 1) << "signed by no anchor of the store";
  EXPECT_EQ(trust_->snapshot().store->signer_count(), 1u);
  EXPECT_EQ(trust_->snapshot().store->crl_count(), 1u);
  const auto signer = pki::Certificate::Parse(pki::AsBytes(state_.Signer(7)));
  ASSERT_TRUE(signer.ok());
}

TEST_P(TrustTest, AListOfATrustedSignerBringsNoAnchorByItself) {
  ImportByTwo("csca.cer", state_.certificate());
  const auto outcome = trust_->Import({{"list.ml", state_.MasterList({other_.certificate()})}}, "", kAnna);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->results.front().signer, pki::ListSigner::kValid);
  EXPECT_THAT(outcome->results.front().signer_anchor, HasSubstr("CSCA")) << "the second person sees by which anchor";
  EXPECT_EQ(outcome->results.front().pending, 1);
  EXPECT_EQ(anchors(), 1u);
}

TEST_P(TrustTest, TheDifferenceIsShownBeforeItIsAccepted) {
  ImportByTwo("csca.cer", state_.certificate());
  Import("old.crl", state_.Crl({7}, "260501000000Z"));
  const std::string id = Import("new.crl", state_.Crl({7, 8}));
  const auto differences = trust_->Diff(id);
  ASSERT_THAT(differences, IsOk());
  ASSERT_EQ(differences->size(), 1u);
  EXPECT_EQ(differences->front().kind, TrustDifference::Kind::kReplaced);
  EXPECT_EQ(differences->front().replaces, Sha256(state_.Crl({7}, "260501000000Z")));
  EXPECT_EQ(trust_->snapshot().store->crl_count(), 1u);
  EXPECT_THAT(trust_->Diff("no such import"), StatusIs(absl::StatusCode::kNotFound));

  const auto older = trust_->Import({{"old.crl", state_.Crl({}, "260401000000Z")}}, "", kAnna);
  ASSERT_THAT(older, IsOk());
  EXPECT_EQ(older->import_id, "") << "an older list undoes no revocation";
  EXPECT_FALSE(older->results.front().reasons.empty());
}

TEST_P(TrustTest, WhatWasRemovedComesBackByTwo) {
  ImportByTwo("csca.cer", state_.certificate());
  Import("ds.cer", state_.Signer(7));
  ASSERT_THAT(trust_->Remove({Sha256(state_.Signer(7))}, "compromised", kAnna), IsOk());
  EXPECT_EQ(trust_->snapshot().store->signer_count(), 0u);
  const std::string id = Import("ds.cer", state_.Signer(7));
  EXPECT_EQ(trust_->snapshot().store->signer_count(), 0u);
  ASSERT_THAT(trust_->Accept(id, kBoris), IsOk());
  EXPECT_EQ(trust_->snapshot().store->signer_count(), 1u);
  EXPECT_THAT(trust_->Remove({Sha256("nothing")}, "", kAnna), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(trust_->Remove({"xyz"}, "", kAnna), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(TrustTest, AnElementTellsWhatBecameOfIt) {
  const std::string anchor = Sha256(state_.certificate());
  const std::string id = Import("csca.cer", state_.certificate());
  const auto staged = trust_->Element(anchor);
  ASSERT_THAT(staged, IsOk());
  EXPECT_EQ(staged->state, TrustElementState::kStaged);
  EXPECT_THAT(staged->people, ElementsAre("anna"));
  EXPECT_EQ(staged->entry.kind, "csca");
  EXPECT_EQ(staged->details.key, "EC prime256v1");
  EXPECT_TRUE(staged->versions.empty());

  ASSERT_THAT(trust_->Accept(id, kBoris), IsOk());
  Import("ds.cer", state_.Signer(7));
  const auto used = trust_->Element(anchor);
  EXPECT_EQ(used->state, TrustElementState::kInUse);
  EXPECT_THAT(used->people, ElementsAre("anna", "boris"));
  ASSERT_EQ(used->versions.size(), 1u);
  EXPECT_EQ(used->versions[0].first, 1);
  EXPECT_FALSE(used->versions[0].last);
  EXPECT_EQ(trust_->Element(Sha256(state_.Signer(7)))->entry.chain, "valid");

  ASSERT_THAT(trust_->Remove({anchor}, "compromised", kCarol), IsOk());  // version 3
  const auto removed = trust_->Element(anchor);
  EXPECT_EQ(removed->state, TrustElementState::kRemoved);
  EXPECT_EQ(removed->versions[0].last, 2);
  EXPECT_EQ(removed->events.back().what, "removed");
  EXPECT_EQ(removed->events.back().by.identity, "carol");
  EXPECT_EQ(removed->events.back().note, "compromised");
  EXPECT_EQ(removed->entry.subject, used->entry.subject) << "its bytes are known from the history";

  const std::string again = Import("csca.cer", state_.certificate(), kRobot);
  EXPECT_EQ(trust_->Element(anchor)->state, TrustElementState::kStaged);
  ASSERT_THAT(trust_->Accept(again, kAnna), IsOk());
  EXPECT_EQ(trust_->Element(anchor)->state, TrustElementState::kOneApproval) << "a machine imported it";
  ASSERT_THAT(trust_->Accept(again, kBoris), IsOk());
  EXPECT_EQ(trust_->Element(anchor)->versions.size(), 2u);

  EXPECT_THAT(trust_->Element(Sha256("nothing")), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(trust_->Element("xyz"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(TrustTest, AnElementThatWasReplacedOrRejectedSaysSo) {
  ImportByTwo("csca.cer", state_.certificate());
  const std::string first = state_.Crl({7}, "260501000000Z"), second = state_.Crl({7, 8});
  Import("old.crl", first);
  Import("new.crl", second);
  const auto superseded = trust_->Element(Sha256(first));
  ASSERT_THAT(superseded, IsOk());
  EXPECT_EQ(superseded->state, TrustElementState::kSuperseded);
  EXPECT_EQ(superseded->superseded_by, Sha256(second));
  EXPECT_EQ(superseded->versions[0].first, superseded->versions[0].last);
  EXPECT_EQ(superseded->details.revoked, 1u);

  ASSERT_THAT(trust_->Reject(Import("other.cer", other_.certificate()), "unknown", kBoris), IsOk());
  const auto rejected = trust_->Element(Sha256(other_.certificate()));
  EXPECT_EQ(rejected->state, TrustElementState::kRejected);
  EXPECT_EQ(rejected->events.back().note, "unknown");
}

// A delta says only what changed: neither may it take the whole list's place, nor keep a whole list out.
// An authority of the same name and country, whose key has nothing to do with the first one's.
TEST_P(TrustTest, AListOfANamesakeTakesNoListsPlace) {
  ImportByTwo("csca.cer", state_.certificate());
  ImportByTwo("csca.cer", other_.certificate());
  Import("state.crl", state_.Crl({7}));
  Import("namesake.crl", other_.Crl({}, "260610000000Z"));
  EXPECT_EQ(trust_->snapshot().store->crl_count(), 2u);
  Import("earlier.crl", other_.Crl({8}, "260605000000Z"));
  EXPECT_EQ(trust_->snapshot().store->crl_count(), 2u) << "it is older than the namesake's own";
  Import("same_day.crl", state_.Crl({8}));
  EXPECT_EQ(trust_->snapshot().store->crl_count(), 3u) << "of two of one day neither is the later";
  const pki::CertificatePtr signer = *pki::Certificate::Parse(pki::AsBytes(state_.Signer(7)));
  EXPECT_EQ(trust_->snapshot()
                .store->Revocation(*signer, absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone()))
                .state,
            pki::RevocationState::kRevoked);
}

TEST_P(TrustTest, ADeltaTakesNoListsPlace) {
  ImportByTwo("csca.cer", state_.certificate());
  Import("whole.crl", state_.Crl({7}));
  Import("delta.crl", state_.Delta({8}, "260610000000Z"));
  EXPECT_EQ(trust_->snapshot().store->crl_count(), 2u);
  Import("again.crl", state_.Crl({7}, "260605000000Z"));
  EXPECT_EQ(trust_->snapshot().store->crl_count(), 2u) << "in the place of the first";
  Import("last.crl", state_.Crl({7, 8}, "260612000000Z"));
  EXPECT_LE(trust_->snapshot().store->crl_count(), 2u);
}

TEST_P(TrustTest, ARevocationListIsRemovedByTwo) {
  ImportByTwo("csca.cer", state_.certificate());
  Import("state.crl", state_.Crl({7}));
  const auto removal = trust_->Remove({Sha256(state_.Crl({7}))}, "", kAnna);
  ASSERT_THAT(removal, IsOk());
  EXPECT_EQ(trust_->snapshot().store->crl_count(), 1u);
  ASSERT_THAT(trust_->Accept(removal->import.import_id, kBoris), IsOk());
  EXPECT_EQ(trust_->snapshot().store->crl_count(), 0u);
}

TEST_P(TrustTest, EveryVersionCanBeHadAgain) {
  ImportByTwo("csca.cer", state_.certificate());
  const std::string first = trust_->snapshot().store->version();
  Import("ds.cer", state_.Signer(7));
  ImportByTwo("other.cer", other_.certificate());
  ASSERT_EQ(trust_->Versions().size(), 3u);
  EXPECT_EQ(trust_->Versions().front().trust_version, first);
  const auto old = trust_->AtVersion(first);
  ASSERT_THAT(old, IsOk());
  EXPECT_EQ((*old)->anchor_count(), 1u);
  EXPECT_EQ((*old)->signer_count(), 0u);
  EXPECT_EQ((*trust_->AtVersion("2"))->signer_count(), 1u);
  EXPECT_EQ(*trust_->AtVersion(""), trust_->snapshot().store);
  EXPECT_THAT(trust_->AtVersion("4"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(TrustTest, AFileImportedTwiceIsKnownAndNothingIsPublished) {
  Import("csca.cer", state_.certificate());
  const size_t events = EventTypes().size();
  for (const TrustActor& actor : {kAnna, kBoris}) {
    const auto again = trust_->Import({{"csca.cer", state_.certificate()}}, "", actor);
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(again->import_id, "");
    EXPECT_EQ(again->results.front().already_known, 1);
  }
  EXPECT_EQ(EventTypes().size(), events);
}

TEST_P(TrustTest, AnAuthorityThatNamesNoCountryVouchesForNobody) {
  const Key key{"prime256v1"};
  const std::string web = MakeCertificate({.issuer = Name("", "Web Root"),
                                           .subject = Name("", "Web Root"),
                                           .key_info = key.info,
                                           .authority = true,
                                           .key_usage = 0x06,
                                           .algorithm = DefaultAlgorithm("prime256v1")},
                                          key);
  const auto outcome =
      trust_->Import({{"web.cer", web}, {"list.ml", state_.MasterList({other_.certificate(), web})}}, "", kAnna);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->results[0].accepted, 0);
  EXPECT_THAT(outcome->results[0].reasons, ElementsAre(HasSubstr("names no country")));
  EXPECT_EQ(outcome->results[1].accepted, 1) << "its neighbour in the list";
  EXPECT_EQ(outcome->results[1].rejected, 1);
}

TEST_P(TrustTest, ABrokenFileIsNamedAndItsNeighboursAreTaken) {
  std::string forged = state_.MasterList({other_.certificate()});
  forged[forged.size() - 10] ^= 1;  // inside its signature
  const auto outcome = trust_->Import(
      {{"broken.der", "\x30\x82\xff\xff nothing of the kind"}, {"forged.ml", forged}, {"ds.cer", state_.Signer(7)}}, "",
      kAnna);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->results[0].accepted, 0);
  EXPECT_FALSE(outcome->results[0].reasons.empty());
  EXPECT_EQ(outcome->results[1].accepted, 0);
  EXPECT_EQ(outcome->results[2].accepted, 1);
  EXPECT_THAT(trust_->Import({}, "", kAnna), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(TrustTest, WhatWaitsSurvivesARestart) {
  const std::string id = Import("csca.cer", state_.certificate());
  Open();
  Start();
  EXPECT_EQ(anchors(), 0u);
  EXPECT_THAT(trust_->Accept(id, kAnna), StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_THAT(trust_->Accept(id, kBoris), IsOk());
  Open();
  Start();
  EXPECT_EQ(anchors(), 1u);
}

TEST_P(TrustTest, AStartMapsTheFileAndADamagedOneIsMadeAnew) {
  testing::TemporaryFolder folder;
  const auto file = MakeTrustSnapshotFile(folder.path());
  Trust first(Deps(file.get()));
  ASSERT_THAT(first.Refresh(), IsOk());
  const auto outcome = first.Import({{"csca.cer", state_.certificate()}, {"ds.cer", state_.Signer(7)}}, "", kAnna);
  ASSERT_THAT(first.Accept(outcome->import_id, kBoris), IsOk());
  const std::string version = first.snapshot().store->version();

  Trust second(Deps(file.get()));
  ASSERT_THAT(second.Refresh(), IsOk());
  EXPECT_EQ(second.snapshot().store->version(), version);
  EXPECT_EQ(second.snapshot().store->content().change_number(), 2);

  const std::string path = std::string(folder.path()) + "/trust.snapshot";
  std::fstream damaged(path, std::ios::in | std::ios::out | std::ios::binary);
  damaged.seekp(300).put('!');
  damaged.close();
  Trust third(Deps(file.get()));
  ASSERT_THAT(third.Refresh(), IsOk());
  EXPECT_EQ(third.snapshot().store->version(), version);
  EXPECT_THAT(third.file_status(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(file->Load(), IsOk()) << "made anew";
}

// A file that is cut short under a running process kills nobody: what is used lies in memory of its own.
TEST_P(TrustTest, ASnapshotFileCutShortInPlaceIsNoticedAtTheNextStartOnly) {
  testing::TemporaryFolder folder;
  const auto file = MakeTrustSnapshotFile(folder.path());
  Trust running(Deps(file.get()));
  ASSERT_THAT(running.Refresh(), IsOk());
  const auto outcome = running.Import({{"csca.cer", state_.certificate()}, {"ds.cer", state_.Signer(7)}}, "", kAnna);
  ASSERT_THAT(running.Accept(outcome->import_id, kBoris), IsOk());
  std::filesystem::resize_file(folder.path() / "trust.snapshot", 0);
  const TrustSnapshot used = running.snapshot();
  for (uint32_t i = 0; i < used.store->content().size(); ++i) {
    const pki::TrustElement element = used.store->content().element(i);
    EXPECT_EQ(pki::FingerprintOf(element.content), element.fingerprint);
  }
  EXPECT_EQ((*used.store->Judge(pki::AsBytes(state_.Signer(7))))->chain, pki::ChainState::kValid);
  EXPECT_THAT(file->Load(), StatusIs(absl::StatusCode::kDataLoss));
  Trust next(Deps(file.get()));
  ASSERT_THAT(next.Refresh(), IsOk());
  EXPECT_EQ(next.snapshot().store->version(), used.store->version());
}

// What is damaged in the history is named and leaves the rest in use; nothing is good news for that.
class DamagedTrustTest : public TrustTest {
 protected:
  void SetUp() override {
    TrustTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ImportByTwo("csca.cer", state_.certificate());              // changes 1 and 2
    Import("first.crl", state_.Crl({8}, "260501000000Z"));      // change 3
    Import("second.crl", state_.Crl({7, 8}, "260601000000Z"));  // change 4
    ASSERT_EQ(StateOf(7), pki::RevocationState::kRevoked);
    ASSERT_EQ(StateOf(9), pki::RevocationState::kGood);
  }
  void Damage(const std::string& sql, sql::Params params = {}) {
    ASSERT_THAT(database_->Write([&](sql::Transaction& transaction) { return transaction.Execute(sql, params); }),
                IsOk());
    Open();
    Start();
    EXPECT_THAT(trust_->history_status(), StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_THAT(trust_->Import({{"ds.cer", state_.Signer(7)}}, "", kAnna),
                StatusIs(absl::StatusCode::kFailedPrecondition))
        << "nothing is built on it";
  }
  pki::SignerVerdictPtr Judged(int serial) const {
    return *trust_->snapshot().store->Judge(pki::AsBytes(state_.Signer(serial)));
  }
  pki::RevocationState StateOf(int serial) const {
    return trust_->snapshot().store->Revocation(*Judged(serial)->signer, clock_time()).state;
  }
  absl::Time clock_time() const { return absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone()); }
};

TEST_P(DamagedTrustTest, WithoutAListNothingIsCleared) {
  Damage("UPDATE document_trust_change SET payload = ? WHERE change_number = 4", {sql::Blob{"?"}});
  EXPECT_EQ(anchors(), 1u);
  EXPECT_EQ(Judged(7)->chain, pki::ChainState::kValid) << "an import takes no anchor out";
  EXPECT_EQ(StateOf(7), pki::RevocationState::kUndetermined) << "the list that revokes it is the lost one";
  EXPECT_EQ(StateOf(8), pki::RevocationState::kRevoked) << "the list before is still there";
  const auto answer = trust_->snapshot().store->Revocation(*Judged(9)->signer, clock_time());
  EXPECT_EQ(answer.state, pki::RevocationState::kUndetermined);
  EXPECT_THAT(pki::DescribeUndetermined(answer), HasSubstr("change 4"));
}

TEST_P(DamagedTrustTest, AListThatIsNoneAnyMoreIsLeftOut) {
  // The bytes of a list inside its change: the change still reads.
  const auto rows = database_->Query("SELECT payload FROM document_trust_change WHERE change_number = 4");
  ASSERT_THAT(rows, IsOk());
  std::string payload = rows->front().Bytes(0);
  const size_t at = payload.find(state_.Crl({7, 8}, "260601000000Z"));
  ASSERT_NE(at, std::string::npos);
  payload[at] = 'x';
  Damage("UPDATE document_trust_change SET payload = ? WHERE change_number = 4", {sql::Blob{payload}});
  EXPECT_NE(StateOf(9), pki::RevocationState::kGood);
}

TEST_P(DamagedTrustTest, ALostRemovalBringsNoAnchorBack) {
  ASSERT_THAT(trust_->Remove({Sha256(state_.certificate())}, "stolen key", kAnna), IsOk());  // change 5
  ASSERT_EQ(anchors(), 0u);
  Damage("UPDATE document_trust_change SET payload = ? WHERE change_number = 5", {sql::Blob{"?"}});
  EXPECT_NE(Judged(9)->chain, pki::ChainState::kValid);
  EXPECT_THAT(Judged(9)->reason, HasSubstr("change 5"));
}

TEST_P(DamagedTrustTest, OfAChangeThatCannotBeReadOrIsGoneNothingIsAssumed) {
  Damage("UPDATE document_trust_change SET pkd_held = '?' WHERE change_number = 3");
  EXPECT_NE(Judged(9)->chain, pki::ChainState::kValid);
  EXPECT_NE(StateOf(9), pki::RevocationState::kGood);
  EXPECT_EQ(StateOf(7), pki::RevocationState::kRevoked) << "what comes after it is in use";
  Damage("DELETE FROM document_trust_change WHERE change_number = 3");
  EXPECT_NE(Judged(9)->chain, pki::ChainState::kValid);
  EXPECT_NE(StateOf(9), pki::RevocationState::kGood);
}

TEST_P(DamagedTrustTest, ALostLastChangeBringsNothingBack) {
  ASSERT_THAT(trust_->Remove({Sha256(state_.certificate())}, "stolen key", kAnna), IsOk());  // change 5
  Damage("DELETE FROM document_trust_change WHERE change_number = 5");
  EXPECT_NE(Judged(9)->chain, pki::ChainState::kValid);
  EXPECT_THAT(Judged(9)->reason, HasSubstr("change 5"));
  Damage("DELETE FROM document_trust_change WHERE change_number = 4");
  EXPECT_NE(StateOf(9), pki::RevocationState::kGood);
  Damage("DELETE FROM document_trust_change");
  EXPECT_NE(Judged(9)->chain, pki::ChainState::kValid);
}

TEST_P(DamagedTrustTest, AHistoryWithoutItsHeadIsNotTakenForWhole) {
  Damage("DELETE FROM document_head");
  EXPECT_NE(Judged(9)->chain, pki::ChainState::kValid);
  EXPECT_NE(StateOf(9), pki::RevocationState::kGood);
  EXPECT_EQ(StateOf(7), pki::RevocationState::kRevoked) << "what is there is in use";
}

TEST_P(DamagedTrustTest, AStoreThatWentBackUnderItsReaderIsNoticed) {
  ASSERT_THAT(database_->Write([&](sql::Transaction& transaction) {
    return transaction.Execute("UPDATE document_head SET newest = 3 WHERE history = 'trust'");
  }),
              IsOk());
  ASSERT_THAT(trust_->Refresh(), IsOk());
  EXPECT_THAT(trust_->history_status(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_NE(StateOf(9), pki::RevocationState::kGood);
  EXPECT_EQ(StateOf(7), pki::RevocationState::kRevoked);
  const auto told = trust_->snapshot().store;
  ASSERT_THAT(trust_->Refresh(), IsOk());
  EXPECT_EQ(trust_->snapshot().store, told) << "said once, not made anew each time";
}

// A whole store of an earlier day, its head as well: the snapshot file knows better.
TEST_P(TrustTest, AHistoryOfBeforeTheSnapshotFileIsNoticed) {
  testing::TemporaryFolder folder;
  const auto file = MakeTrustSnapshotFile(folder.path());
  Trust first(Deps(file.get()));
  ASSERT_THAT(first.Refresh(), IsOk());
  const auto outcome = first.Import({{"csca.cer", state_.certificate()}}, "", kAnna);
  ASSERT_THAT(first.Accept(outcome->import_id, kBoris), IsOk());
  ASSERT_THAT(first.Remove({Sha256(state_.certificate())}, "stolen key", kAnna), IsOk());  // change 3
  for (const int64_t last : {2, 0}) {
    ASSERT_THAT(database_->Write([&](sql::Transaction& transaction) -> absl::Status {
      GH_RETURN_IF_ERROR(transaction.Execute("DELETE FROM document_trust_change WHERE change_number > ?", {last}));
      return transaction.Execute("UPDATE document_head SET newest = ? WHERE history = 'trust'", {last});
    }),
                IsOk());
    Trust next(Deps(file.get()));
    ASSERT_THAT(next.Refresh(), IsOk());
    EXPECT_THAT(next.history_status(), StatusIs(absl::StatusCode::kDataLoss)) << last;
    const auto verdict = next.snapshot().store->Judge(pki::AsBytes(state_.Signer(9)));
    ASSERT_THAT(verdict, IsOk());
    EXPECT_NE((*verdict)->chain, pki::ChainState::kValid) << last;
  }
}

// Counts how often the history is read from its start.
class CountedRepository final : public TrustRepository {
 public:
  explicit CountedRepository(TrustRepository& repository) : repository_(repository) {}
  absl::Status Append(TrustChange& change, const std::vector<TrustFile>& files,
                      const AnsweredRequest* answered) override {
    return repository_.Append(change, files, answered);
  }
  absl::StatusOr<std::vector<TrustChange>> HeadingsSince(int64_t number) override {
    whole += number == 0 ? 1 : 0;
    return repository_.HeadingsSince(number);
  }
  absl::StatusOr<int64_t> Newest() override { return repository_.Newest(); }
  absl::StatusOr<TrustChange> Load(int64_t number) override {
    absl::SleepFor(absl::Milliseconds(50));  // so that others come meanwhile
    return repository_.Load(number);
  }

  std::atomic<int> whole = 0;

 private:
  TrustRepository& repository_;
};

TEST_P(TrustTest, TheSnapshotFileIsWrittenThroughNoLink) {
  const testing::TemporaryFolder folder;
  std::ofstream(folder.File("seal.key")) << "a key";
  std::filesystem::create_symlink(folder.File("seal.key"), folder.File("trust.snapshot.new"));
  const auto file = MakeTrustSnapshotFile(folder.path());
  Trust::Deps deps = Deps();
  deps.snapshot_file = file.get();
  Trust trust(deps);
  ImportByTwo("csca.cer", state_.certificate());
  ASSERT_THAT(trust.Refresh(), IsOk());
  EXPECT_THAT(trust.file_status(), IsOk());
  std::ifstream key(folder.File("seal.key"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(key), {}), "a key");
  EXPECT_TRUE(std::filesystem::is_regular_file(std::filesystem::symlink_status(folder.File("trust.snapshot"))));
}

TEST_P(TrustTest, AnOldVersionIsRebuiltByOneForAll) {
  ImportByTwo("csca.cer", state_.certificate());
  const std::string old = trust_->snapshot().store->version();
  Import("ds.cer", state_.Signer(7));
  CountedRepository counted(*repository_);
  Trust trust({.repository = counted, .clock = clock_, .random = random_});
  ASSERT_THAT(trust.Refresh(), IsOk());
  counted.whole = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto store = trust.AtVersion(old);
      ASSERT_THAT(store, IsOk());
      EXPECT_EQ((*store)->version(), old);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counted.whole, 1);
}

// A replica whose store says nothing, or has a change that it cannot load.
class SilentRepository final : public TrustRepository {
 public:
  explicit SilentRepository(TrustRepository& repository) : repository_(repository) {}
  absl::Status Append(TrustChange& change, const std::vector<TrustFile>& files,
                      const AnsweredRequest* answered) override {
    return repository_.Append(change, files, answered);
  }
  absl::StatusOr<std::vector<TrustChange>> HeadingsSince(int64_t number) override {
    if (meanwhile) meanwhile();
    if (!headings.ok()) return headings;
    return repository_.HeadingsSince(number);
  }
  absl::StatusOr<int64_t> Newest() override { return repository_.Newest(); }
  absl::StatusOr<TrustChange> Load(int64_t number) override {
    if (!load.ok()) return load;
    return repository_.Load(number);
  }

  absl::Status headings, load;
  std::function<void()> meanwhile;  // while the headings are asked for

 private:
  TrustRepository& repository_;
};

TEST_P(TrustTest, AReplicaThatCannotReadItsStoreClearsNobodyByOldTrust) {
  ImportByTwo("csca.cer", state_.certificate());
  Import("one.crl", state_.Crl({8}));
  SilentRepository silent(*repository_);
  Trust replica({.repository = silent, .clock = clock_, .random = random_});
  ASSERT_THAT(replica.Refresh(), IsOk());
  const auto signer = *pki::Certificate::Parse(pki::AsBytes(state_.Signer(7)));
  const auto chain = [&] { return replica.snapshot().store->Judge(signer)->chain; };
  const auto revocation = [&] { return replica.snapshot().store->Revocation(*signer, clock_.Now()).state; };
  ASSERT_EQ(chain(), pki::ChainState::kValid);
  ASSERT_EQ(revocation(), pki::RevocationState::kGood);
  const std::string version = replica.snapshot().store->version();

  silent.headings = absl::UnavailableError("the store is away");
  clock_.Advance(kMaxUnasked - absl::Seconds(1));
  EXPECT_FALSE(replica.Refresh().ok());
  EXPECT_EQ(chain(), pki::ChainState::kValid) << "a moment is no reason";
  clock_.Advance(absl::Seconds(1));
  EXPECT_FALSE(replica.Refresh().ok());
  EXPECT_NE(chain(), pki::ChainState::kValid);
  EXPECT_EQ(revocation(), pki::RevocationState::kUndetermined);
  EXPECT_THAT(replica.snapshot().store->missing().removals, HasSubstr("the store is away"));
  EXPECT_EQ((*replica.AtVersion(""))->missing().empty(), false);
  EXPECT_THAT(replica.history_status(), IsOk()) << "nothing is damaged";

  silent.headings = absl::OkStatus();
  ASSERT_THAT(replica.Refresh(), IsOk());
  EXPECT_EQ(chain(), pki::ChainState::kValid);
  EXPECT_EQ(revocation(), pki::RevocationState::kGood);
  EXPECT_EQ(replica.snapshot().store->version(), version);
}

TEST_P(TrustTest, AChangeThatIsKnownAndNotLoadedIsDoubtAtOnce) {
  ImportByTwo("csca.cer", state_.certificate());
  SilentRepository silent(*repository_);
  Trust replica({.repository = silent, .clock = clock_, .random = random_});
  ASSERT_THAT(replica.Refresh(), IsOk());
  ASSERT_THAT(trust_->Remove({Sha256(state_.certificate())}, "stolen key", kAnna), IsOk());
  silent.load = absl::DeadlineExceededError("slow");
  EXPECT_FALSE(replica.Refresh().ok());
  const auto signer = *pki::Certificate::Parse(pki::AsBytes(state_.Signer(7)));
  EXPECT_NE(replica.snapshot().store->Judge(signer)->chain, pki::ChainState::kValid);
  silent.load = absl::OkStatus();
  ASSERT_THAT(replica.Refresh(), IsOk());
  EXPECT_TRUE(replica.snapshot().store->missing().empty());
  EXPECT_EQ(replica.snapshot().store->anchor_count(), 0u);
}

TEST_P(TrustTest, WhoWaitsForAnotherChangeHasADeadline) {
  ImportByTwo("csca.cer", state_.certificate());
  SilentRepository silent(*repository_);
  Trust trust({.repository = silent, .clock = clock_, .random = random_});
  ASSERT_THAT(trust.Refresh(), IsOk());
  absl::Notification inside, go;
  silent.meanwhile = [&] {
    inside.Notify();
    go.WaitForNotification();
  };
  std::thread hanging([&] { trust.Refresh().IgnoreError(); });
  inside.WaitForNotification();
  clock_.Advance(kMaxUnasked);
  {
    const base::WorkTimeScope scope(base::WorkTime::In(absl::Milliseconds(20)));
    EXPECT_THAT(trust.Import({{"ds.cer", state_.Signer(7)}}, "", kAnna), StatusIs(absl::StatusCode::kDeadlineExceeded));
    EXPECT_THAT(trust.Refresh(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  }
  EXPECT_FALSE(trust.snapshot().store->missing().empty()) << "the doubt does not wait for the change that hangs";
  go.Notify();
  hanging.join();
  EXPECT_TRUE(trust.snapshot().store->missing().empty());
}

TEST_P(TrustTest, APackMakesAPostWhatTheCentreIs) {
  ImportByTwo("csca.cer", state_.certificate());
  Import("ds.cer", state_.Signer(7));
  const Key key("prime256v1");
  const std::string certificate = MakeCertificate(
      {.subject = Name("UT", "Centre"), .key_info = key.info, .algorithm = DefaultAlgorithm("prime256v1")}, key);
  Trust::Deps deps = Deps();
  deps.pack_keys = {.certificate = certificate, .key = key.pem(), .signers = {}};
  Trust centre(deps);
  ASSERT_THAT(centre.Refresh(), IsOk());
  const auto first = centre.ExportPack(false);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(trust_->ExportPack(false), StatusIs(absl::StatusCode::kFailedPrecondition)) << "no key";

  auto post_database = sql::Open({.dsn = "sqlite::memory:"});
  ASSERT_THAT(post_database, IsOk());
  ASSERT_THAT(sql::Migrate(**post_database, Migrations()), IsOk());
  events::Outbox post_outbox(**post_database);
  const auto post_repository = MakeTrustRepository(
      {.database = **post_database, .outbox = post_outbox, .clock = clock_, .random = random_, .wake_relay = [] {}});
  Trust stranger({.repository = *post_repository, .clock = clock_, .random = random_});
  EXPECT_THAT(stranger.ImportPack(first->bytes, kCarol), StatusIs(absl::StatusCode::kUnauthenticated));
  Trust post({.repository = *post_repository,
              .clock = clock_,
              .random = random_,
              .pack_keys = {.signers = {*pki::Certificate::Parse(pki::AsBytes(certificate))}}});
  ASSERT_THAT(post.ImportPack(first->bytes, kCarol), IsOk());
  EXPECT_EQ(post.snapshot().store->version(), centre.snapshot().store->version());
  const pki::TrustSnapshot& held = post.snapshot().store->content();
  const TrustEntry anchor = EntryOf(held, *held.Find(pki::FingerprintOf(pki::AsBytes(state_.certificate()))));
  EXPECT_THAT(anchor.source.accepted_by, ElementsAre("anna", "boris")) << "of the centre";
  EXPECT_THAT(post.ImportPack(first->bytes, kCarol), StatusIs(absl::StatusCode::kFailedPrecondition));

  ASSERT_THAT(centre.Remove({Sha256(state_.certificate())}, "compromised", kAnna), IsOk());
  const auto second = centre.ExportPack(false);
  ASSERT_THAT(post.ImportPack(second->bytes, kCarol), IsOk());
  EXPECT_EQ(post.snapshot().store->anchor_count(), 0u);
  EXPECT_THAT(post.ImportPack(first->bytes, kCarol), StatusIs(absl::StatusCode::kFailedPrecondition)) << "older";
}

TEST_P(TrustTest, AReplicaPicksUpAnotherVersion) {
  Trust replica(Deps());
  ImportByTwo("csca.cer", state_.certificate());
  ASSERT_THAT(replica.Refresh(), IsOk());
  EXPECT_EQ(replica.snapshot().store->version(), trust_->snapshot().store->version());
  const auto outcome = replica.Import({{"ds.cer", state_.Signer(7)}}, "", kCarol);
  ASSERT_THAT(outcome, IsOk());
  ASSERT_THAT(trust_->Refresh(), IsOk());
  EXPECT_EQ(trust_->snapshot().store->signer_count(), 1u);
}

// The Public Key Directory: whole files and deltas, as they are published.
constexpr char kDirectory[] = "dc=data,dc=download,dc=pkd,dc=icao,dc=int";
std::string SignerDn(int serial) {
  return absl::StrCat("cn=CN\\=CSCA\\,C\\=UT+sn=", absl::Hex(serial, absl::kZeroPad2), ",o=dsc,c=UT,", kDirectory);
}
std::string CrlDn() { return absl::StrCat("cn=CN\\=CSCA\\,C\\=UT,o=crl,c=UT,", kDirectory); }
std::string Entry(const std::string& dn, int version, const std::string& der, const std::string& change = "") {
  const char* const attribute = dn == CrlDn() ? "certificateRevocationList;binary" : "userCertificate;binary";
  return absl::StrCat("dn: ", dn, "\n", change, "pkdVersion: ", version, "\n", attribute,
                      ":: ", absl::Base64Escape(der), "\n\n");
}
std::string Added(const std::string& dn, int version, const std::string& der) {
  return Entry(dn, version, der, "changetype: add\n");
}
std::string Deleted(const std::string& dn) { return absl::StrCat("dn: ", dn, "\nchangetype: delete\n\n"); }

class TrustDirectoryTest : public TrustTest {
 protected:
  // Versions 10 to 12: signers 16 and 17, and the revocation list.
  std::string Whole() const {
    return absl::StrCat("version: 1\n\n", Entry(SignerDn(16), 10, state_.Signer(16)),
                        Entry(SignerDn(17), 11, state_.Signer(17)), Entry(CrlDn(), 12, state_.Crl({16})));
  }
  Trust::ImportOutcome Take(const std::vector<NamedContent>& files, Trust* trust = nullptr) {
    const auto outcome = (trust == nullptr ? *trust_ : *trust).Import(files, "", kRobot);
    EXPECT_THAT(outcome, IsOk());
    return outcome.ok() ? *outcome : Trust::ImportOutcome();
  }
  // Of one file, which must have been refused as a file.
  std::string Refusal(const std::string& content, const std::string& name = "delta.ldif") {
    const TrustImportResult result = Take({{name, content}}).results.at(0);
    EXPECT_EQ(result.accepted + result.already_known + result.deleted, 0);
    EXPECT_EQ(result.pkd_version, 0);
    return result.reasons.empty() ? "" : result.reasons.front();
  }
  bool Uses(const std::string& der) const {
    return trust_->snapshot().store->content().Find(pki::FingerprintOf(pki::AsBytes(der))).has_value();
  }
};

TEST_P(TrustDirectoryTest, ADeltaFollowsOrIsRefused) {
  ImportByTwo("csca.cer", state_.certificate());
  EXPECT_THAT(Refusal(Added(SignerDn(18), 13, state_.Signer(18))), HasSubstr("no whole file"));
  const Trust::ImportOutcome whole = Take({{"whole.ldif", Whole()}});
  EXPECT_EQ(whole.results[0].accepted, 3);
  EXPECT_EQ(whole.pending, 0);
  EXPECT_EQ(whole.results[0].pkd_version, 12);

  EXPECT_THAT(Refusal(Added(SignerDn(18), 15, state_.Signer(18))), HasSubstr("missing 13 to 14"));
  EXPECT_FALSE(Uses(state_.Signer(18)));
  const std::string next = Added(SignerDn(18), 13, state_.Signer(18));
  const Trust::ImportOutcome both = Take(
      {{"gap.ldif", Added(SignerDn(19), 20, state_.Signer(19))}, {"next.ldif", next}, {"ds.cer", state_.Signer(20)}});
  EXPECT_EQ(both.results[0].accepted, 0);
  EXPECT_EQ(both.results[1].accepted, 1);
  EXPECT_EQ(both.results[1].pkd_version, 13);
  EXPECT_EQ(both.results[2].accepted, 1) << "the neighbours of a refused file are taken";
  EXPECT_FALSE(Uses(state_.Signer(19)));
  EXPECT_TRUE(Uses(state_.Signer(18)));
  EXPECT_THAT(Refusal(next), HasSubstr("held already"));
}

TEST_P(TrustDirectoryTest, AnEntryKeepsWhatTheDirectorySaysOfIt) {
  ImportByTwo("csca.cer", state_.certificate());
  std::string odd = Entry(SignerDn(18), 13, state_.Signer(18));
  odd.replace(odd.find("dc=data"), 7, "dc=nc-data");
  odd.insert(odd.find("pkdVersion"), "pkdConformanceCode: ERR:DSC.EKU.4\npkdConformanceText:: b2RkIP8K\n");
  Take({{"whole.ldif", Whole() + odd}});
  const auto expect_marks = [&](const Trust& trust) {
    const pki::TrustSnapshot& content = trust.snapshot().store->content();
    const auto entry = [&](const std::string& der) {
      return EntryOf(content, *content.Find(pki::FingerprintOf(pki::AsBytes(der))));
    };
    EXPECT_TRUE(entry(state_.Signer(17)).source.pkd.empty());
    const TrustEntry marked = entry(state_.Signer(18));
    EXPECT_TRUE(marked.source.pkd.nonconformant);
    EXPECT_EQ(marked.source.pkd.code, "ERR:DSC.EKU.4");
    EXPECT_EQ(marked.source.pkd.text, "odd ??") << "fit for a terminal";
    EXPECT_EQ(marked.source.name, "whole.ldif");
    EXPECT_EQ(marked.source.imported_by, kRobot.identity);
    EXPECT_EQ(marked.source.sha256, entry(state_.Signer(17)).source.sha256);
  };
  expect_marks(*trust_);
  Start();
  expect_marks(*trust_);
}

TEST_P(TrustDirectoryTest, CollectionsCountApart) {
  Take({{"whole.ldif", Whole()}});
  EXPECT_THAT(Refusal("version: 1\n", "icaopkd-002-delta-000041.ldif"), HasSubstr("collection 2"));
  EXPECT_EQ(
      Take({{"icaopkd-002-complete-000040.ldif", "version: 1\n\ndn: o=ml,c=UT\no: ml\n\n"}}).results[0].pkd_version, 0)
      << "a whole file of which nothing can be used";
  Take({{"icaopkd-002-complete-000040.ldif",
         absl::StrCat("dn: cn=CN\\=CSCA\\,C\\=UT+sn=1,o=ml,c=UT,", kDirectory,
                      "\npkdVersion: 40\npkdMasterListContent:: ",
                      absl::Base64Escape(state_.MasterList({other_.certificate()})), "\n")}});
  EXPECT_EQ(Take({{"icaopkd-002-delta-000041.ldif", "version: 1\n"}}).results[0].pkd_version, 41);
  EXPECT_EQ(Take({{"d.ldif", Added(SignerDn(18), 13, state_.Signer(18))}}).results[0].pkd_version, 13);
}

// A delta as the directory publishes it may hold its entries without a change.
TEST_P(TrustDirectoryTest, ADeltaByItsNameIsOne) {
  Take({{"icaopkd-001-complete-000012.ldif", Whole()}});
  const std::string content = "version: 1\n\n" + Entry(SignerDn(18), 14, state_.Signer(18));
  EXPECT_THAT(Refusal(content, "icaopkd-001-delta-000014.ldif"), HasSubstr("missing 13"));
  EXPECT_EQ(Take({{"icaopkd-001-delta-000013.ldif", "version: 1\n"}}).results[0].pkd_version, 13) << "nothing changed";
  EXPECT_EQ(Take({{"icaopkd-001-delta-000014.ldif", content}}).results[0].accepted, 1);
}

TEST_P(TrustDirectoryTest, ADeltaDeletesSignersAtOnceAndListsByTwo) {
  ImportByTwo("csca.cer", state_.certificate());
  Take({{"whole.ldif", Whole()}});
  const Trust::ImportOutcome outcome =
      Take({{"delta.ldif", Deleted(SignerDn(16)) + Deleted(CrlDn()) + Deleted(SignerDn(99)) +
                               Added(SignerDn(18), 13, state_.Signer(18))}});
  EXPECT_EQ(outcome.results[0].deleted, 2);
  EXPECT_THAT(outcome.results[0].reasons, ElementsAre(HasSubstr("1 deleted entries name nothing")));
  EXPECT_EQ(outcome.pending, 1);
  EXPECT_FALSE(Uses(state_.Signer(16)));
  EXPECT_TRUE(Uses(state_.Signer(17)));
  EXPECT_TRUE(Uses(state_.Crl({16}))) << "without it a revoked signer may seem good";
  EXPECT_THAT(trust_->Accept(outcome.import_id, kAnna), IsOk()) << "a machine imported: one person is not two";
  EXPECT_TRUE(Uses(state_.Crl({16})));
  EXPECT_THAT(trust_->Accept(outcome.import_id, kBoris), IsOk());
  EXPECT_FALSE(Uses(state_.Crl({16})));
}

TEST_P(TrustDirectoryTest, ADeltaReplacesWhatBearsTheSameName) {
  ImportByTwo("csca.cer", state_.certificate());
  Take({{"whole.ldif", Whole()}});
  const std::string signer = state_.NewSigner(17), crl = state_.Crl({16, 17}, "260610000000Z");
  Take({{"delta.ldif", Added(SignerDn(17), 13, signer) + Added(CrlDn(), 14, crl)}});
  EXPECT_TRUE(Uses(signer));
  EXPECT_FALSE(Uses(state_.Signer(17)));
  EXPECT_TRUE(Uses(crl));
  EXPECT_FALSE(Uses(state_.Crl({16})));
  EXPECT_EQ(trust_->snapshot().store->signer_count(), 2u);
}

TEST_P(TrustDirectoryTest, FilesOfOneImportFollowEachOther) {
  ImportByTwo("csca.cer", state_.certificate());
  const std::string renewed = state_.NewSigner(18);
  const Trust::ImportOutcome outcome =
      Take({{"whole.ldif", Whole()},
            {"13.ldif", Deleted(SignerDn(16)) + Added(SignerDn(18), 13, state_.Signer(18))},
            {"14.ldif", Added(SignerDn(18), 14, renewed)}});
  EXPECT_EQ(outcome.results[2].pkd_version, 14);
  EXPECT_FALSE(Uses(state_.Signer(16)));
  EXPECT_TRUE(Uses(state_.Signer(17)));
  EXPECT_FALSE(Uses(state_.Signer(18)));
  EXPECT_TRUE(Uses(renewed));
}

TEST_P(TrustDirectoryTest, TheHeldVersionFollowsFromTheHistory) {
  // Without the authority the list waits, and is then rejected: the version is held all the same.
  Trust replica(Deps());
  ASSERT_THAT(replica.Refresh(), IsOk());
  const Trust::ImportOutcome whole = Take({{"whole.ldif", Whole()}});
  EXPECT_EQ(whole.pending, 1);
  ASSERT_THAT(trust_->Reject(whole.import_id, "not now", kAnna), IsOk());
  EXPECT_EQ(Take({{"d.ldif", Added(SignerDn(18), 13, state_.Signer(18))}}, &replica).results[0].pkd_version, 13);
  // Known elements and nothing else, then only a deletion.
  EXPECT_EQ(Take({{"d.ldif", Added(SignerDn(18), 14, state_.Signer(18))}}).results[0].already_known, 1);
  EXPECT_EQ(Take({{"icaopkd-001-delta-000015.ldif", Deleted(SignerDn(18))}}).results[0].pkd_version, 15);
  Open();
  Start();
  EXPECT_FALSE(Uses(state_.Signer(18)));
  EXPECT_THAT(Refusal(Added(SignerDn(20), 15, state_.Signer(20))), HasSubstr("held already"));
  EXPECT_THAT(Refusal(Added(SignerDn(20), 17, state_.Signer(20))), HasSubstr("missing 16"));
  EXPECT_EQ(Take({{"d.ldif", Added(SignerDn(20), 16, state_.Signer(20))}}).results[0].accepted, 1);
  EXPECT_THAT(trust_->AtVersion("1"), IsOk());
}

INSTANTIATE_TEST_SUITE_P(Stores, TrustDirectoryTest, ::testing::ValuesIn(testing::kAllStoreKinds),
                         testing::StoreKindName);
INSTANTIATE_TEST_SUITE_P(Stores, DamagedTrustTest, ::testing::ValuesIn(testing::kAllStoreKinds),
                         testing::StoreKindName);
INSTANTIATE_TEST_SUITE_P(Stores, TrustTest, ::testing::ValuesIn(testing::kAllStoreKinds), testing::StoreKindName);

// Replicas share a store; SQLite has one writer.
class TrustReplicaTest : public TrustTest {};

TEST_P(TrustReplicaTest, TwoImportsAtOnceAreBothThere) {
  auto other_process = sql::Open({.dsn = test_store_->dsn()});
  ASSERT_THAT(other_process, IsOk());
  events::Outbox other_outbox(**other_process);
  const auto other_repository = MakeTrustRepository(
      {.database = **other_process, .outbox = other_outbox, .clock = clock_, .random = random_, .wake_relay = [] {}});
  Trust late({.repository = *other_repository, .clock = clock_, .random = random_});

  // The other one commits its change between the planning and the appending of ours.
  class SlowRepository final : public TrustRepository {
   public:
    SlowRepository(TrustRepository& real, std::function<void()> meanwhile) : real_(real), meanwhile_(meanwhile) {}
    absl::Status Append(TrustChange& change, const std::vector<TrustFile>& files,
                        const AnsweredRequest* answered) override {
      if (meanwhile_) std::exchange(meanwhile_, nullptr)();
      return real_.Append(change, files, answered);
    }
    absl::StatusOr<std::vector<TrustChange>> HeadingsSince(int64_t number) override {
      return real_.HeadingsSince(number);
    }
    absl::StatusOr<int64_t> Newest() override { return real_.Newest(); }
    absl::StatusOr<TrustChange> Load(int64_t number) override { return real_.Load(number); }

   private:
    TrustRepository& real_;
    std::function<void()> meanwhile_;
  };
  SlowRepository slow(*repository_, [&] {
    EXPECT_THAT(late.Import({{"one.cer", state_.Signer(7)}}, "", kBoris), IsOk());
  });
  Trust ours({.repository = slow, .clock = clock_, .random = random_});
  ASSERT_THAT(ours.Import({{"two.cer", state_.Signer(8)}}, "", kAnna), IsOk());
  EXPECT_EQ(ours.snapshot().store->signer_count(), 2u);
  EXPECT_EQ(ours.Versions().size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Stores, TrustReplicaTest, ::testing::Values(testing::StoreKind::kPostgresql),
                         testing::StoreKindName);

}  // namespace
}  // namespace gatehouse::document
