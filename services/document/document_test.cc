// Documents of a synthetic State, verified; trust material imported, kept and shared on both stores.
#include "services/document/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "libs/testing/fake_clock.h"
#include "libs/testing/paused_database.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_folder.h"
#include "libs/testing/test_store.h"
#include "services/document/convert.h"
#include "services/document/policy_file.h"
#include "services/document/presented_convert.h"
#include "services/document/schema.h"
#include "services/document/store.h"
#include "services/document/trust.h"
#include "tools/specimen/country.h"

namespace gatehouse::document {
namespace {

namespace fs = std::filesystem;
using ::gatehouse::testing::IsOk;
using ::gatehouse::testing::StatusIs;
using nlohmann::json;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

const absl::Time kArrival = absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone());

// One State for all tests of this file: its making costs a second.
class State {
 public:
  static const State& Get() {
    static const State state;
    return state;
  }

  const fs::path& folder() const { return country_; }
  std::vector<Trust::NamedContent> TrustFiles() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(country_ / "trust")) {
      files[entry.path().filename()] = ReadFile(entry.path());
    }
    std::vector<Trust::NamedContent> named;
    for (auto& [name, content] : files) named.push_back({name, content});
    return named;
  }

 private:
  State() : country_(folder_.path() / "country") {
    specimen::CountryOptions options{.seed = 3, .at = kArrival, .plans = specimen::SpreadFaults(3, 40)};
    options.listed_documents = 10;
    options.listed_persons = 10;
    GH_CHECK(specimen::MakeCountry(options, country_).ok());
  }

  testing::TemporaryFolder folder_;
  fs::path country_;
};

// A document as it lies in a specimen's folder.
struct Folder {
  explicit Folder(const fs::path& path) {
    for (const auto& entry : fs::directory_iterator(path)) {
      const std::string name = entry.path().stem();
      if (entry.path().extension() == ".bin") files[name] = ReadFile(entry.path());
      if (name == "mrz") mrz = ReadFile(entry.path());
    }
  }
  Presented AsPresented() const {
    Presented presented{.mrz = mrz};
    for (const auto& [name, content] : files) presented.chip_files.push_back({name, content});
    return presented;
  }

  std::map<std::string, std::string> files;
  std::string mrz;
};

std::shared_ptr<const pki::TrustStore> StateTrust() {
  pki::TrustStore::Builder builder;
  for (const auto& [name, content] : State::Get().TrustFiles()) pki::ReadTrustMaterial(name, content).AddTo(builder);
  return builder.Build();
}

Report Judged(const Presented& presented, const pki::TrustStore& trust) {
  return Verify(presented, {.trust = trust, .policy = BuiltInPolicy(), .check_time = kArrival});
}

emrtd::Tr03135State CheckState(const Report& report, std::string_view id) {
  for (const emrtd::Tr03135Check& check : report.checks) {
    if (check.id == id) return check.state;
  }
  ADD_FAILURE() << "no check " << id;
  return emrtd::Tr03135State::kAborted;
}

TEST(DocumentTest, EverySpecimenGetsTheVerdictItsMakerMeant) {
  const auto trust = StateTrust();
  int judged = 0;
  for (const json& traveller : json::parse(std::ifstream(State::Get().folder() / "travellers.json"))) {
    SCOPED_TRACE(traveller.dump());
    const Folder folder(State::Get().folder() / traveller["folder"].get<std::string>());
    const Report report = Judged(folder.AsPresented(), *trust);
    EXPECT_EQ(report.has_chip, !traveller["overall"].is_null());
    if (report.has_chip) {
      EXPECT_EQ(emrtd::ToWord(report.chip.overall), traveller["overall"].get<std::string>());
    }
    ++judged;
  }
  EXPECT_EQ(judged, 40);
}

// The folder of the first traveller with this fault.
Folder FolderWith(const std::string& fault) {
  for (const json& traveller : json::parse(std::ifstream(State::Get().folder() / "travellers.json"))) {
    if (traveller["fault"] == fault) return Folder(State::Get().folder() / traveller["folder"].get<std::string>());
  }
  ADD_FAILURE() << "no traveller with " << fault;
  return Folder(State::Get().folder());
}

TEST(DocumentTest, AGenuineChipSpeaksForTheBearerAndGivesTheFace) {
  const Folder folder = FolderWith("none");
  const Report report = Judged(folder.AsPresented(), *StateTrust());
  EXPECT_EQ(report.identity.source, IdentitySource::kChip);
  EXPECT_EQ(report.identity.issuing_state, "UTO");
  EXPECT_EQ(CheckState(report, "mrz_dg1_comparison"), emrtd::Tr03135State::kSuccessful);
  EXPECT_EQ(CheckState(report, "document_expiry"), emrtd::Tr03135State::kSuccessful);
  ASSERT_TRUE(report.face.has_value());
  EXPECT_EQ(report.face->format, emrtd::ImageFormat::kJpeg);
  EXPECT_GT(report.face->width, 100);
}

TEST(DocumentTest, AnAlteredChipDoesNotSpeakForTheBearer) {
  const Report report = Judged(FolderWith("altered_dg1").AsPresented(), *StateTrust());
  EXPECT_EQ(report.chip.overall, emrtd::Overall::kInvalid);
  EXPECT_EQ(report.identity.source, IdentitySource::kPrinted);
}

TEST(DocumentTest, WithoutTrustNothingIsGenuine) {
  const Report report = Judged(FolderWith("none").AsPresented(), *pki::TrustStore::Builder().Build());
  EXPECT_EQ(report.chip.overall, emrtd::Overall::kUndetermined);
  EXPECT_EQ(report.identity.source, IdentitySource::kPrinted);
}

TEST(DocumentTest, ThePrintedZoneIsComparedWithTheChipFieldByField) {
  const Report report = Judged(FolderWith("printed_mrz_differs").AsPresented(), *StateTrust());
  EXPECT_EQ(CheckState(report, "mrz_dg1_comparison"), emrtd::Tr03135State::kFailed);
  EXPECT_EQ(report.identity.source, IdentitySource::kChip) << "the signed data are asked about, not the altered page";
}

TEST(DocumentTest, NothingReadIsUndeterminedEverywhere) {
  const Report report = Judged(Presented(), *StateTrust());
  EXPECT_FALSE(report.has_chip);
  EXPECT_EQ(CheckState(report, "mrz_consistency"), emrtd::Tr03135State::kUndetermined);
  EXPECT_EQ(CheckState(report, "mrz_dg1_comparison"), emrtd::Tr03135State::kNotSupported);
  EXPECT_EQ(CheckState(report, "document_expiry"), emrtd::Tr03135State::kUndetermined);
}

TEST(DocumentTest, HostileFilesAreFailedChecksAndTheZoneIsStillRead) {
  Folder folder = FolderWith("none");
  folder.files["EF.SOD"] = std::string(4096, '\x30');
  folder.files["EF.COM"] = std::string("\x60\x84\xff\xff\xff\xff", 6);
  const Report report = Judged(folder.AsPresented(), *StateTrust());
  EXPECT_EQ(report.chip.overall, emrtd::Overall::kInvalid);
  EXPECT_EQ(CheckState(report, "mrz_consistency"), emrtd::Tr03135State::kSuccessful);
  EXPECT_EQ(report.identity.source, IdentitySource::kPrinted);
}

TEST(DocumentTest, TheSummaryOfAnInvalidChipNeverCallsItGenuine) {
  Folder folder = FolderWith("none");
  Presented presented = folder.AsPresented();
  // Read twice: no check of TR-03135 fails for it, and the chip is invalid all the same.
  presented.chip_files.push_back({"EF.DG1", folder.files["EF.DG1"]});
  const Report report = Judged(presented, *StateTrust());
  EXPECT_EQ(report.chip.overall, emrtd::Overall::kInvalid);
  EXPECT_THAT(report.summary, ::testing::HasSubstr("data_group_repeated"));
  EXPECT_THAT(report.summary, ::testing::Not(::testing::HasSubstr("genuine")));
}

TEST(DocumentConvertTest, RefusesRequestsNoChipCanMake) {
  v1::DocumentInput input;
  input.set_mrz(std::string(kMaxMrzBytes + 1, '<'));
  EXPECT_THAT(FromProto(input), StatusIs(absl::StatusCode::kInvalidArgument));
  input.set_mrz("");
  for (int i = 0; i <= kMaxChipFiles; ++i) input.add_chip_files()->set_name("EF.DG1");
  EXPECT_THAT(FromProto(input), StatusIs(absl::StatusCode::kInvalidArgument));
}

class TrustTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override {
    GH_REQUIRE_SERVER(test_store_, testing::MakeTestStore(GetParam()));
    absl::StatusOr<std::unique_ptr<sql::Database>> database = sql::Open({.dsn = test_store_->dsn()});
    ASSERT_THAT(database, IsOk());
    database_ = *std::move(database);
    ASSERT_THAT(sql::Migrate(*database_, Migrations()), IsOk());
    outbox_ = std::make_unique<events::Outbox>(*database_);
    repository_ = MakeTrustRepository(
        {.database = *database_, .outbox = *outbox_, .clock = clock_, .random = random_, .wake_relay = [] {}});
  }

  testing::FakeClock clock_{kArrival};
  testing::SeededRandom random_{1};
  std::unique_ptr<testing::TestStore> test_store_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<events::Outbox> outbox_;
  std::unique_ptr<TrustRepository> repository_;
};

TEST_P(TrustTest, WhatIsImportedIsKeptWithItsProvenanceAndShared) {
  Trust trust({.repository = *repository_, .clock = clock_});
  const auto results = trust.Import(State::Get().TrustFiles(), "trust-operator");
  ASSERT_THAT(results, IsOk());
  for (const TrustImportResult& result : *results) {
    EXPECT_GT(result.accepted + result.already_known, 0) << result.name;
    EXPECT_EQ(result.rejected, 0) << result.name;
  }
  EXPECT_GT(trust.snapshot().store->anchor_count(), 2u);
  for (const TrustEntry& entry : trust.List()) {
    EXPECT_EQ(entry.imported_by, "trust-operator");
    EXPECT_EQ(entry.country, "UT");
  }

  Trust replica({.repository = *repository_, .clock = clock_});
  ASSERT_THAT(replica.Refresh(), IsOk());
  EXPECT_EQ(replica.snapshot().store->version(), trust.snapshot().store->version());
  EXPECT_EQ(outbox_->Read(0, 10)->size(), 1u) << "one import, one event";
}

TEST_P(TrustTest, AFileImportedTwiceIsKnownAndNothingIsPublished) {
  Trust trust({.repository = *repository_, .clock = clock_});
  ASSERT_THAT(trust.Import(State::Get().TrustFiles(), "trust-operator"), IsOk());
  const std::string version = trust.snapshot().store->version();
  const auto again = trust.Import(State::Get().TrustFiles(), "trust-operator");
  ASSERT_THAT(again, IsOk());
  for (const TrustImportResult& result : *again) EXPECT_EQ(result.accepted, 0) << result.name;
  EXPECT_EQ(trust.snapshot().store->version(), version);
  EXPECT_EQ(outbox_->Read(0, 10)->size(), 1u);
}

TEST_P(TrustTest, ABrokenFileIsNamedAndItsNeighboursAreTaken) {
  Trust trust({.repository = *repository_, .clock = clock_});
  std::vector<Trust::NamedContent> files = State::Get().TrustFiles();
  files.push_back({"broken.der", "\x30\x82\xff\xff nothing of the kind"});
  for (Trust::NamedContent& file : files) {
    if (file.name == "utopia.ml") file.content[file.content.size() - 10] ^= 1;  // inside its signature
  }
  const auto results = trust.Import(files, "trust-operator");
  ASSERT_THAT(results, IsOk());
  EXPECT_EQ(results->back().accepted, 0);
  EXPECT_FALSE(results->back().reasons.empty());
  for (const TrustImportResult& result : *results) {
    if (result.name == "utopia.ml") {
      EXPECT_EQ(result.signer, pki::ListSigner::kInvalid);
      EXPECT_EQ(result.accepted + result.already_known, 0);
    }
  }
  EXPECT_GT(trust.snapshot().store->anchor_count(), 0u);
  EXPECT_THAT(trust.Import({}, "trust-operator"), StatusIs(absl::StatusCode::kInvalidArgument));
}

INSTANTIATE_TEST_SUITE_P(Stores, TrustTest, ::testing::ValuesIn(testing::kAllStoreKinds), testing::StoreKindName);

// Replicas share a store; SQLite has one writer.
class TrustReplicaTest : public TrustTest {};

TEST_P(TrustReplicaTest, AnImportThatCommitsLateIsUsedAllTheSame) {
  const std::vector<Trust::NamedContent> files = State::Get().TrustFiles();
  ASSERT_GE(files.size(), 2u);
  auto other_process = sql::Open({.dsn = test_store_->dsn()});
  ASSERT_THAT(other_process, IsOk());
  events::Outbox other_outbox(**other_process);
  const auto other_repository = MakeTrustRepository(
      {.database = **other_process, .outbox = other_outbox, .clock = clock_, .random = random_, .wake_relay = [] {}});
  Trust other({.repository = *other_repository, .clock = clock_});
  Trust reader({.repository = *other_repository, .clock = clock_});

  testing::PausedDatabase slow(*database_, [&] {
    EXPECT_THAT(other.Import({files[0]}, "trust-operator"), IsOk());
    EXPECT_THAT(reader.Refresh(), IsOk());
  });
  const auto slow_repository = MakeTrustRepository(
      {.database = slow, .outbox = *outbox_, .clock = clock_, .random = random_, .wake_relay = [] {}});
  Trust late({.repository = *slow_repository, .clock = clock_});
  ASSERT_THAT(late.Import({files[1]}, "trust-operator"), IsOk());

  const size_t before = reader.List().size();
  ASSERT_GT(before, 0u);
  ASSERT_THAT(reader.Refresh(), IsOk());
  EXPECT_GT(reader.List().size(), before);
}

INSTANTIATE_TEST_SUITE_P(Stores, TrustReplicaTest, ::testing::Values(testing::StoreKind::kPostgresql),
                         testing::StoreKindName);

}  // namespace
}  // namespace gatehouse::document
