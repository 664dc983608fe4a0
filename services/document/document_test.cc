// Documents of a synthetic State, verified.
#include "services/document/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_folder.h"
#include "services/document/convert.h"
#include "services/document/policy_file.h"
#include "services/document/presented_convert.h"
#include "services/document/report_convert.h"
#include "services/document/trust_import.h"
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
  std::vector<NamedContent> TrustFiles() const {
    std::vector<NamedContent> named;
    for (const auto& [name, content] : trust_) named.push_back({name, content});
    return named;
  }

 private:
  State() : country_(folder_.path() / "country") {
    specimen::CountryOptions options{.seed = 3, .at = kArrival, .plans = specimen::SpreadFaults(3, 40)};
    options.listed_documents = 10;
    options.listed_persons = 10;
    GH_CHECK(specimen::MakeCountry(options, country_).ok());
    for (const auto& entry : fs::directory_iterator(country_ / "trust")) {
      trust_[entry.path().filename()] = ReadFile(entry.path());
    }
  }

  testing::TemporaryFolder folder_;
  fs::path country_;
  std::map<std::string, std::string> trust_;  // its files, by name
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

class RecordedSightings final : public SeenDocuments {
 public:
  absl::StatusOr<std::vector<SeenBefore>> LookUpAndRemember(const Sighting& sighting) override {
    sightings.push_back(sighting);
    return std::vector<SeenBefore>();
  }
  std::vector<Sighting> sightings;
};

// Whoever asks for another time of checking was here now all the same.
TEST(DocumentTest, ASightingIsOfNowAndOfWhoSaysSo) {
  const auto trust = StateTrust();
  RecordedSightings seen;
  const Folder folder(State::Get().folder() / "travellers/01");
  Verify(folder.AsPresented(), {.trust = *trust,
                                .policy = BuiltInPolicy(),
                                .check_time = kArrival + absl::Hours(1000),
                                .seen = &seen,
                                .post = "NORTH-1",
                                .caller = "gate-1",
                                .now = kArrival});
  ASSERT_EQ(seen.sightings.size(), 1u);
  EXPECT_EQ(seen.sightings.front().time, kArrival);
  EXPECT_EQ(seen.sightings.front().by, "gate-1");
  EXPECT_EQ(seen.sightings.front().post, "NORTH-1");
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

TEST(DocumentTest, TheVerdictNamesWhatDecidedItAndWhatNobodyLookedAt) {
  const Report genuine = Judged(FolderWith("none").AsPresented(), *StateTrust());
  EXPECT_EQ(genuine.verdict.state, emrtd::Tr03135State::kSuccessful) << genuine.verdict.text;
  EXPECT_EQ(genuine.verdict.policy_name, "gatehouse-default");
  EXPECT_THAT(genuine.verdict.not_looked_at, ::testing::Contains("spectral_checks"));
  ASSERT_EQ(genuine.verdict.judgements.size(), genuine.checks.size());

  const Report altered = Judged(FolderWith("altered_dg1").AsPresented(), *StateTrust());
  EXPECT_EQ(altered.verdict.state, emrtd::Tr03135State::kFailed);
  EXPECT_THAT(altered.verdict.decided_by, ::testing::Contains("data_group_1_integrity"));

  const Report unknown = Judged(FolderWith("none").AsPresented(), *pki::TrustStore::Builder().Build());
  EXPECT_EQ(unknown.verdict.state, emrtd::Tr03135State::kUndetermined) << unknown.verdict.text;
}

TEST(DocumentTest, NothingPresentedIsNeverSuccessful) {
  EXPECT_EQ(Judged(Presented(), *StateTrust()).verdict.state, emrtd::Tr03135State::kUndetermined);
  const Folder folder = FolderWith("none");
  Presented zone_only = folder.AsPresented();
  zone_only.chip_files.clear();
  EXPECT_EQ(Judged(zone_only, *StateTrust()).verdict.state, emrtd::Tr03135State::kUndetermined);
}

// --- notices ---

NoticePtr MakeNotice(const std::string& id, NoticeKind kind, const std::string& pattern = "") {
  Notice notice{.id = id, .kind = kind, .issuing_state = "UTO"};
  if (!pattern.empty()) notice.number_patterns = {pattern};
  notice.look_here = "Look at " + id + ".";
  notice.source = "Police";
  return std::make_shared<const Notice>(std::move(notice));
}

emrtd::Tr03135Check NoticesCheckOf(const Report& report) {
  for (const emrtd::Tr03135Check& check : report.checks) {
    if (check.id == "fraud_notices") return check;
  }
  ADD_FAILURE() << "no check fraud_notices";
  return {};
}

Report JudgedWith(const Presented& presented, const NoticeIndex* notices, const Policy& policy = BuiltInPolicy()) {
  const auto trust = StateTrust();
  return Verify(presented,
                {.trust = *trust, .policy = policy, .check_time = kArrival, .notices = notices, .notice_version = "7"});
}

TEST(VerifyNoticesTest, WithoutNoticesNothingIsClearAndTheVerdictStays) {
  const Folder folder = FolderWith("none");
  const NoticeIndex empty({});
  for (const NoticeIndex* index : {static_cast<const NoticeIndex*>(nullptr), &empty}) {
    const Report report = JudgedWith(folder.AsPresented(), index);
    EXPECT_EQ(NoticesCheckOf(report).state, emrtd::Tr03135State::kUndetermined);
    EXPECT_THAT(NoticesCheckOf(report).detail, ::testing::StartsWith("NOT_DONE: "));
    EXPECT_EQ(report.verdict.state, emrtd::Tr03135State::kSuccessful) << report.verdict.text;
    EXPECT_THAT(report.verdict.not_looked_at, ::testing::Contains("fraud_notices"));
  }
}

TEST(VerifyNoticesTest, AFraudNoticeOpensTheVerdictAndNeverFailsIt) {
  const Folder folder = FolderWith("none");
  const std::string number(mrz::Parse(folder.mrz).document_number());
  const NoticeIndex index({MakeNotice("blank", NoticeKind::kStolenBlank, number),
                           MakeNotice("genuine", NoticeKind::kReferenceSpecimen),
                           MakeNotice("other", NoticeKind::kCounterfeit, "????")});
  const Report report = JudgedWith(folder.AsPresented(), &index);
  ASSERT_EQ(report.notices.size(), 2u);
  EXPECT_EQ(report.notices[0].notice->id, "blank");
  EXPECT_EQ(report.notices[1].notice->id, "genuine");
  const emrtd::Tr03135Check check = NoticesCheckOf(report);
  EXPECT_EQ(check.state, emrtd::Tr03135State::kUndetermined);
  EXPECT_EQ(check.detail, "stolen_blank blank: Look at blank. (Police)");
  EXPECT_EQ(check.evidence.lists.at(0).version, "7");
  EXPECT_EQ(report.verdict.state, emrtd::Tr03135State::kUndetermined);
  EXPECT_THAT(report.verdict.decided_by, ::testing::ElementsAre("fraud_notices"));
  EXPECT_THAT(report.verdict.text, ::testing::HasSubstr("Look at blank."));

  // A State may say what a kind means: it is data.
  Policy strict = BuiltInPolicy();
  strict.rules.insert(strict.rules.begin(), {.name = "stolen_blanks",
                                             .checks = {"fraud_notices"},
                                             .when = {emrtd::Tr03135State::kUndetermined},
                                             .deviations = {"stolen_blank"},
                                             .judged = emrtd::Tr03135State::kFailed,
                                             .text = "a stolen blank"});
  ASSERT_THAT(CheckPolicy(strict), IsOk());
  EXPECT_EQ(JudgedWith(folder.AsPresented(), &index, strict).verdict.state, emrtd::Tr03135State::kFailed);
}

TEST(VerifyNoticesTest, ASpecimenIsShownAndNothingIsAgainstTheDocument) {
  const NoticeIndex index({MakeNotice("genuine", NoticeKind::kReferenceSpecimen)});
  const Report report = JudgedWith(FolderWith("none").AsPresented(), &index);
  EXPECT_EQ(report.notices.size(), 1u);
  EXPECT_EQ(NoticesCheckOf(report).state, emrtd::Tr03135State::kSuccessful);
  EXPECT_EQ(report.verdict.state, emrtd::Tr03135State::kSuccessful) << report.verdict.text;
}

TEST(VerifyNoticesTest, NothingToLookUnderIsNeverClear) {
  const NoticeIndex index({MakeNotice("other", NoticeKind::kCounterfeit, "????")});
  Presented presented;
  EXPECT_EQ(NoticesCheckOf(JudgedWith(presented, &index)).state, emrtd::Tr03135State::kUndetermined);
  presented.visual_zone = VisualZone{.issuing_state = "UTO"};
  const emrtd::Tr03135Check open = NoticesCheckOf(JudgedWith(presented, &index));
  EXPECT_EQ(open.state, emrtd::Tr03135State::kUndetermined);
  EXPECT_THAT(open.detail, ::testing::HasSubstr("no document number"));
  presented.visual_zone->document_number = "AB12";
  EXPECT_THAT(NoticesCheckOf(JudgedWith(presented, &index)).detail, ::testing::HasSubstr("Look at other."));
}

TEST(VerifyNoticesTest, PrintAndChipAreBothLookedUp) {
  const Folder folder = FolderWith("printed_mrz_differs");
  const std::string printed(mrz::Parse(folder.mrz).document_number());
  const std::string chip(mrz::Parse(folder.files.at("EF.DG1").substr(5)).document_number());
  ASSERT_NE(printed, chip);
  const NoticeIndex index({MakeNotice("chip", NoticeKind::kImpostor, chip),
                           MakeNotice("genuine", NoticeKind::kReferenceSpecimen),
                           MakeNotice("printed", NoticeKind::kAlteration, printed)});
  const Report report = JudgedWith(folder.AsPresented(), &index);
  std::vector<std::string> ids;
  for (const NoticeMatch& match : report.notices) ids.push_back(match.notice->id);
  EXPECT_THAT(ids, ::testing::ElementsAre("printed", "chip", "genuine"));
}

TEST(VerifyNoticesTest, TheReportCarriesThemInEveryForm) {
  const NoticeIndex index({MakeNotice("blank", NoticeKind::kStolenBlank)});
  v1::DocumentReport report;
  ToProto(JudgedWith(FolderWith("none").AsPresented(), &index), kArrival, &report);
  report.clear_face();
  ASSERT_EQ(report.notices_size(), 1);
  const auto read = ReadJson(RenderJson(report));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->notices(0).look_here(), "Look at blank.");
  EXPECT_EQ(read->notices(0).source(), "Police");
  const std::string xml = RenderXml(report);
  EXPECT_THAT(xml, ::testing::HasSubstr("<dc:LookHere>Look at blank.</dc:LookHere>"));
  EXPECT_THAT(xml, ::testing::HasSubstr("<dc:Kind>stolen_blank</dc:Kind>"));
  EXPECT_THAT(xml, ::testing::HasSubstr("<dcc:FraudNotices>"));
}

TEST(PolicyTest, ARuleCannotMakeGoodWhatNobodyEstablished) {
  using emrtd::Tr03135State;
  Policy policy = BuiltInPolicy();
  EXPECT_THAT(CheckPolicy(policy), IsOk());
  policy.no_crl = Tr03135State::kSuccessful;
  EXPECT_THAT(CheckPolicy(policy), StatusIs(absl::StatusCode::kInvalidArgument));
  policy = BuiltInPolicy();
  policy.rules.push_back({.name = "all_good",
                          .checks = {"security_object_signature"},
                          .when = {Tr03135State::kFailed},
                          .judged = Tr03135State::kSuccessful,
                          .text = "no"});
  EXPECT_THAT(CheckPolicy(policy), StatusIs(absl::StatusCode::kInvalidArgument));
  policy.rules.back().judged.reset();
  policy.rules.back().leave_out = true;
  EXPECT_THAT(CheckPolicy(policy), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParsePolicy("name: \"x\" version: \"1\" validity: VALIDITY_READING_BOTH nonsense: 1"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(MrzComparisonTest, FieldsAreGradedByHowTheyDiffer) {
  EXPECT_EQ(CompareNames("MUELLER<<ANNA", false, "MULLER<<ANNA", false), FieldGrade::kEquivalent);
  EXPECT_EQ(CompareNames("PAPANDROPOULOUS<<JONATHON<ALEC", true, "PAPANDROPOULOUS<<JONATHON<ALECANDER", false),
            FieldGrade::kTruncated);
  EXPECT_EQ(CompareNames("MUELLER<<ANNA", false, "MAIER<<ANNA", false), FieldGrade::kDifferent);
}

TEST(ReportTest, TheSameReportAsJsonAndAsXml) {
  v1::DocumentReport report;
  ToProto(Judged(FolderWith("none").AsPresented(), *StateTrust()), kArrival, &report);
  report.clear_face();
  const auto read = ReadJson(RenderJson(report));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->SerializeAsString(), report.SerializeAsString());
  const std::string xml = RenderXml(report);
  EXPECT_THAT(xml, ::testing::HasSubstr("<dce:SecurityObjectSignature>"));
  EXPECT_THAT(xml, ::testing::HasSubstr("<dc:OverallResult>successful</dc:OverallResult>"));
  EXPECT_THAT(xml, ::testing::HasSubstr("http://trdoccheck.bsi.bund.de/dc/4"));
}

TEST(ReportTest, WhatChecksRestOnStandsOnceInTheReport) {
  v1::DocumentReport report;
  ToProto(Judged(FolderWith("none").AsPresented(), *StateTrust()), kArrival, &report);
  report.clear_face();
  std::vector<std::string> roles;
  for (const v1::CertificateReference& reference : report.certificates()) roles.push_back(reference.role());
  EXPECT_THAT(roles, ::testing::UnorderedElementsAre("document_signer", "country_authority"));
  int references = 0;
  for (v1::Tr03135Check& check : *report.mutable_tr03135()) {
    references += check.evidence().certificates_size();
    if (check.id() != "document_signer_signature") continue;
    ASSERT_EQ(check.evidence().certificates_size(), 2);
    EXPECT_EQ(report.certificates(check.evidence().certificates(0)).role(), "document_signer");
    EXPECT_EQ(report.certificates(check.evidence().certificates(1)).role(), "country_authority");
    EXPECT_EQ(report.lists(check.evidence().lists(0)).kind(), "trust_store");
  }
  EXPECT_GT(references, 2);
  const std::string xml = RenderXml(report);
  const std::string& signer = report.certificates(0).sha256();
  EXPECT_NE(xml.find(signer), xml.rfind(signer)) << "each check names the signer";

  report.mutable_tr03135(0)->mutable_evidence()->add_lists(report.lists_size());
  EXPECT_THAT(ReadJson(RenderJson(report)), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace gatehouse::document
