// Chapter two: travellers at the desk, and the officers who decide.
#include <fstream>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/integration/story_fixture.h"

namespace gatehouse::integration {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// What this level checks; biometric comes later, reports NOT_DONE until then, and clears nobody.
constexpr const char* kChecks[] = {"mrz",           "chip",         "mrz_chip_match", "revocation", "document_validity",
                                   "document_list", "nominal_list", "history"};

TEST_P(StoryTest, EveryTravellerIsRecommendedAsTheStateExpects) {
  ASSERT_THAT(story().Passages(), SizeIs(40));
  for (const Passage& passage : story().Passages()) {
    SCOPED_TRACE(passage.traveller.folder + " " + passage.traveller.fault);
    EXPECT_EQ(passage.inspection["recommendation"].value("outcome", ""), passage.traveller.recommendation);
    if (!passage.traveller.overall.empty()) {
      EXPECT_EQ(passage.inspection["document_report"].value("overall", ""), passage.traveller.overall);
    }
  }
}

TEST_P(StoryTest, EveryCheckAnswersWithItsStateAndAReason) {
  for (const Passage& passage : story().Passages()) {
    SCOPED_TRACE(passage.traveller.folder + " " + passage.traveller.fault);
    for (const char* id : kChecks) {
      const json check = CheckOf(passage.inspection, id);
      EXPECT_NE(check.value("status", ""), "") << id;
      EXPECT_NE(check.value("reason", ""), "") << id;
      EXPECT_TRUE(check.contains("duration_ms")) << id;
    }
    for (const char* id : {"document_list", "nominal_list"}) {
      EXPECT_NE(CheckOf(passage.inspection, id).value("data_version", ""), "") << id;
    }
  }
}

TEST_P(StoryTest, ClearMeansThatEveryCheckSucceeded) {
  for (const Passage& passage : story().Passages()) {
    if (passage.inspection["recommendation"].value("outcome", "") != "clear") continue;
    for (const char* id : kChecks) {
      EXPECT_EQ(CheckOf(passage.inspection, id).value("status", ""), "successful")
          << passage.traveller.folder << " " << id;
    }
  }
}

TEST_P(StoryTest, WithoutTrustAndListsNobodyIsClear) {
  const json& inspection = story().unprepared();
  EXPECT_EQ(inspection["recommendation"].value("outcome", ""), "refer");
  for (const char* id : {"chip", "document_list", "nominal_list"}) {
    const json check = CheckOf(inspection, id);
    EXPECT_NE(check.value("status", ""), "successful") << id;
    EXPECT_NE(check.value("reason", ""), "") << id;
  }
  EXPECT_EQ(CheckOf(inspection, "mrz").value("status", ""), "successful");
}

// Each fault is found by the check whose business it is, and the recommendation says so.
TEST_P(StoryTest, TheRightCheckFindsEachFault) {
  const std::pair<const char*, const char*> business[] = {{"altered_dg1", "chip"},
                                                          {"altered_dg2", "chip"},
                                                          {"revoked_dsc", "revocation"},
                                                          {"unknown_csca", "chip"},
                                                          {"expired_dsc", "chip"},
                                                          {"expired_document", "document_validity"},
                                                          {"wrong_check_digit", "mrz"},
                                                          {"printed_mrz_differs", "mrz_chip_match"},
                                                          {"stolen_number", "document_list"},
                                                          {"listed_name", "nominal_list"},
                                                          {"same_chip_twice", "history"},
                                                          {"unreadable_mrz", "mrz"},
                                                          {"no_chip", "chip"}};
  for (const auto& [fault, check] : business) {
    SCOPED_TRACE(fault);
    const Passage& passage = story().PassageWithFault(fault);
    EXPECT_NE(CheckOf(passage.inspection, check).value("status", ""), "successful") << check;
    std::set<std::string> blamed;
    for (const json& reason : passage.inspection["recommendation"]["reasons"]) blamed.insert(reason.value("check", ""));
    EXPECT_TRUE(blamed.contains(check)) << passage.inspection["recommendation"];
  }
}

TEST_P(StoryTest, AnAdverseOutcomeHasANamedOfficer) {
  const Passage& refused = story().PassageWithFault("altered_dg1");
  EXPECT_EQ(refused.outcome, "refuse");
  EXPECT_EQ(refused.decision["decision"].value("officer", ""), "officer-1");
  EXPECT_EQ(refused.decision["decision"].value("reason_code", ""), "DOCUMENT_FALSE");
  EXPECT_EQ(refused.decision["decision"].value("crossing_state", ""), "stored");

  const json inspection = story().Inspect(story().country().WithFault("altered_dg2").folder, kCheckSaysNo);
  const Answer by_gate = story().Decide("gate-1", inspection, "refuse", "DOCUMENT_FALSE");
  EXPECT_EQ(by_gate.exit_code, kCheckSaysNo);
  EXPECT_THAT(by_gate.lines, SizeIs(0));
  const Answer without_reason = story().Decide("officer-1", inspection, "refuse");
  EXPECT_EQ(without_reason.exit_code, kBadUsage);
  EXPECT_THAT(without_reason.err, HasSubstr("reason_code"));
  EXPECT_EQ(story().Decide("officer-2", inspection, "refuse", "DOCUMENT_FALSE").exit_code, kDone);
}

TEST_P(StoryTest, TheSameDecisionTwiceIsOne) {
  const Passage& admitted = story().PassageWithFault("none");
  const Answer again = story().Decide("officer-1", admitted.inspection, "admit");
  EXPECT_EQ(again.exit_code, kDone) << again.err;
  ASSERT_THAT(again.lines, SizeIs(1));
  EXPECT_TRUE(again.lines[0].value("repeated_request", false));
  EXPECT_EQ(again.lines[0]["decision"].value("crossing_id", ""),
            admitted.decision["decision"].value("crossing_id", "-"));

  const Answer other = story().Decide("officer-2", admitted.inspection, "refuse", "CHANGED_MY_MIND");
  EXPECT_EQ(other.exit_code, kCheckSaysNo) << "what is decided is not decided otherwise";
}

TEST_P(StoryTest, WhoWasReferredIsDecidedByTheSecondLine) {
  const Passage& referred = story().PassageWithFault("wrong_check_digit");
  EXPECT_EQ(referred.outcome, "refer");
  EXPECT_EQ(referred.decision["decision"].value("crossing_state", ""), "none");
  const Answer second = story().Decide("officer-2", referred.inspection, "admit");
  EXPECT_EQ(second.exit_code, kDone) << second.err;
  const Answer shown =
      story().As("auditor", "inspection")({"inspections", "show", referred.inspection.value("inspection_id", "")});
  ASSERT_THAT(shown.lines, SizeIs(1)) << shown.err;
  EXPECT_EQ(shown.lines[0].value("state", ""), "admitted");
  ASSERT_THAT(shown.lines[0]["decisions"], SizeIs(2));
  EXPECT_EQ(shown.lines[0]["decisions"][0].value("officer", ""), "officer-1");
  EXPECT_EQ(shown.lines[0]["decisions"][1].value("officer", ""), "officer-2");
}

TEST_P(StoryTest, TheSameRequestNeverMakesTwoInspections) {
  const std::string file = story().File("once.json");
  std::ofstream(file) << json{{"chip", story().country().WithFault("no_chip").folder},
                              {"request_id", "0192f0c1-7d5a-7000-8000-00000000aaaa"}};
  const json first = story().Inspect(file, kCheckSaysNo);
  const json second = story().Inspect(file, kCheckSaysNo);
  EXPECT_NE(first.value("inspection_id", ""), "");
  EXPECT_EQ(first.value("inspection_id", ""), second.value("inspection_id", "-"));
}

TEST_P(StoryTest, AHostileChipIsAFailedCheckAndTheOthersStillRun) {
  const std::string folder = story().File("hostile");
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(story().country().WithFault("none").folder + "/mrz.txt", folder + "/mrz.txt",
                             std::filesystem::copy_options::overwrite_existing);
  // A tag that promises two gigabytes, and none that follow.
  std::ofstream(folder + "/EF.SOD.bin", std::ios::binary) << std::string("\x77\x84\x7f\xff\xff\xff\x30\x80", 8);
  const json inspection = story().Inspect(folder, kCheckSaysNo);
  EXPECT_EQ(CheckOf(inspection, "chip").value("status", ""), "failed");
  EXPECT_EQ(CheckOf(inspection, "mrz").value("status", ""), "successful");
  // The lists were asked for the printed number, and the chip's is not known.
  EXPECT_EQ(CheckOf(inspection, "document_list").value("status", ""), "undetermined");
  EXPECT_NE(CheckOf(inspection, "document_list").value("reason", "").find("chip"), std::string::npos);
  EXPECT_NE(CheckOf(inspection, "document_list").value("data_version", ""), "");
}

TEST_P(StoryTest, DataIsKeyedByHandWhereNothingCanBeRead) {
  const std::string file = story().File("keyed.json");
  std::ofstream(file) << json{{"identity",
                               {{"primary", "SOLDATOV"},
                                {"secondary", "IRINA"},
                                {"birth_date", "1979-03-00"},
                                {"sex", "F"},
                                {"nationality", "UTO"},
                                {"document", {{"number", "K0000017"}, {"issuer", "UTO"}, {"type", "P"}}}}}};
  const json inspection = story().Inspect(file, kCheckSaysNo);
  EXPECT_EQ(inspection.value("identity_source", ""), "keyed");
  EXPECT_EQ(CheckOf(inspection, "document_list").value("status", ""), "successful");
  EXPECT_EQ(CheckOf(inspection, "chip").value("status", ""), "not_supported");
  EXPECT_EQ(inspection["recommendation"].value("outcome", ""), "refer");
}

}  // namespace
}  // namespace gatehouse::integration
