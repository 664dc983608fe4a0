// What becomes of travellers when a list that the post requires is missing, old or cut, and what the owners of the list
// do about it. Each chapter leaves the lists as it found them.
#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/integration/story_fixture.h"

namespace gatehouse::integration {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kBase[] = "stolen-documents";

class ListsTest : public StoryTest {
 protected:
  // Everybody has arrived; these chapters are about their leaving.
  void SetUp() override {
    StoryTest::SetUp();
    if (!IsSkipped() && !HasFatalFailure()) story().Passages();
  }

  static Caller Owner() { return story().As("list-owner", "watchlist"); }
  static Caller SecondOwner() { return story().As("list-owner-2", "watchlist"); }

  static Arguments Import(const std::string& file, Arguments more = {}) {
    Arguments verb = {"watchlist", "import", "--base", kBase, "--format", "document-csv"};
    verb.insert(verb.end(), more.begin(), more.end());
    verb.push_back(file);
    return verb;
  }

  static json InspectLeaving(const std::string& folder) {
    const Answer answer = story().As("officer-1", "inspection")(InspectAtDesk({"--direction", "exit", folder}));
    EXPECT_THAT(answer.lines, SizeIs(1)) << answer.err;
    return answer.lines.empty() ? json::object() : answer.lines[0];
  }

  static std::string OutcomeOf(const json& inspection) {
    return inspection.value("recommendation", json::object()).value("outcome", "");
  }

  static json BaseOf(const std::string& name) {
    for (const json& base : Owner()({"watchlist", "bases"}).lines) {
      if (base.value("base", "") == name) return base;
    }
    ADD_FAILURE() << "no base " << name;
    return json::object();
  }

  // The State's list of stolen documents: its date line, its header and the first `entries` of its rows, as of `day`.
  static std::string ListOf(size_t entries, const std::string& day) {
    std::ifstream whole(story().country().stolen_documents());
    std::string line;
    std::getline(whole, line);
    EXPECT_THAT(line, HasSubstr("# published:"));
    const std::string file = story().File(absl::StrCat("stolen-", entries, "-", day, ".csv"));
    std::ofstream part(file);
    part << "# published: " << day << "\n";
    for (size_t i = 0; i <= entries && std::getline(whole, line); ++i) part << line << "\n";
    return file;
  }

  static std::string Day(int from_today) {
    return absl::FormatCivilTime(absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()) + from_today);
  }

  static const Traveller& WithFault(const std::string& fault) { return story().country().WithFault(fault); }
};

INSTANTIATE_TEST_SUITE_P(Post, ListsTest, ::testing::Values(Shape::kPost), [](const auto&) { return "OnSqlite"; });
INSTANTIATE_TEST_SUITE_P(Cluster, ListsTest, ::testing::Values(Shape::kCluster),
                         [](const auto&) { return "OnPostgresqlAndKafka"; });

TEST_P(ListsTest, ARequiredBaseThatNeverCameClearsNobodyAndIsNamed) {
  const json& before = story().unprepared();
  EXPECT_EQ(OutcomeOf(before), "refer");
  for (const auto& [check, base] : {std::pair("document_list", kBase), std::pair("nominal_list", "wanted-persons")}) {
    EXPECT_EQ(CheckOf(before, check).value("status", ""), "not_done");
    EXPECT_THAT(CheckOf(before, check).value("reason", ""), HasSubstr(absl::StrCat("no answer from ", base)));
  }
  EXPECT_EQ(OutcomeOf(InspectLeaving(WithFault("none").folder)), "clear") << "the lists have come since";
}

TEST_P(ListsTest, AStaleBaseClearsNobodyUntilTwoPeopleSayThatItIsCurrent) {
  const json held = BaseOf(kBase);
  const std::string old_day = Day(-60);
  const std::string old_list = ListOf(100'000, old_day);
  const Answer refused = Owner()(Import(old_list));
  EXPECT_EQ(refused.exit_code, kCheckSaysNo) << "older than what is held";
  EXPECT_THAT(refused.err, HasSubstr("--allow-older"));
  const Answer staged = Owner()(Import(old_list, {"--allow-older", old_day}));
  EXPECT_EQ(staged.exit_code, kCheckSaysNo);
  ASSERT_THAT(staged.lines, SizeIs(1)) << staged.err;
  const std::string id = staged.lines[0]["staged_import"].value("staged_id", "");
  ASSERT_EQ(SecondOwner()({"watchlist", "accept", id}).exit_code, kDone);

  EXPECT_EQ(BaseOf(kBase).value("freshness", ""), "stale");
  const json inspection = InspectLeaving(WithFault("none").folder);
  EXPECT_EQ(OutcomeOf(inspection), "refer");
  const json check = CheckOf(inspection, "document_list");
  EXPECT_EQ(check.value("status", ""), "not_done");
  EXPECT_THAT(check.value("reason", ""), HasSubstr(kBase));
  EXPECT_THAT(check.value("reason", ""), HasSubstr("days old"));

  const Answer again = Owner()(Import(old_list));
  EXPECT_EQ(again.exit_code, kDone) << again.err;
  EXPECT_EQ(again.lines.at(0).value("result", ""), "unchanged");
  EXPECT_EQ(BaseOf(kBase).value("freshness", ""), "stale") << "importing renews nothing";
  for (const Caller& owner : {Owner(), Owner()}) {
    EXPECT_EQ(owner({"watchlist", "confirm", "--base", kBase}).exit_code, kDone);
    EXPECT_EQ(BaseOf(kBase).value("freshness", ""), "stale") << "one person, however often";
  }
  EXPECT_EQ(SecondOwner()({"watchlist", "confirm", "--base", kBase}).exit_code, kDone);
  EXPECT_EQ(BaseOf(kBase).value("freshness", ""), "fresh");
  EXPECT_EQ(OutcomeOf(InspectLeaving(WithFault("none").folder)), "clear");

  ASSERT_EQ(Owner()(Import(story().country().stolen_documents())).exit_code, kDone);
  EXPECT_EQ(BaseOf(kBase).value("data_version", ""), held.value("data_version", "-"));
}

TEST_P(ListsTest, ACutListWaitsAndAStolenPassportIsStillReferred) {
  const json held = BaseOf(kBase);
  const std::string cut = ListOf(3, Day(0));
  const Answer import = Owner()(Import(cut));
  EXPECT_EQ(import.exit_code, kCheckSaysNo);
  ASSERT_THAT(import.lines, SizeIs(1)) << import.err;
  EXPECT_EQ(import.lines[0].value("result", ""), "staged");
  EXPECT_THAT(import.err, HasSubstr("gatehouse watchlist accept"));
  EXPECT_THAT(import.err, HasSubstr("entries that are held"));

  const json inspection = InspectLeaving(WithFault("stolen_number").folder);
  EXPECT_EQ(OutcomeOf(inspection), "refer");
  EXPECT_EQ(CheckOf(inspection, "document_list").value("status", ""), "failed");
  EXPECT_EQ(OutcomeOf(InspectLeaving(WithFault("none").folder)), "clear") << "what served goes on";

  const std::string id = import.lines[0]["staged_import"].value("staged_id", "");
  EXPECT_EQ(Owner()({"watchlist", "accept", id}).exit_code, kCheckSaysNo) << "the same person";
  EXPECT_EQ(story().As("officer-1", "watchlist")({"watchlist", "accept", id}).exit_code, kCheckSaysNo);
  const Answer waiting = SecondOwner()({"watchlist", "staged"});
  ASSERT_FALSE(waiting.lines.empty()) << waiting.err;
  EXPECT_EQ(waiting.lines[0].value("state", ""), "waiting");
  EXPECT_EQ(SecondOwner()({"watchlist", "reject", id, "--reason", "cut off"}).exit_code, kDone);
  EXPECT_EQ(SecondOwner()({"watchlist", "accept", id}).exit_code, kCheckSaysNo) << "decided is decided";
  EXPECT_EQ(BaseOf(kBase).value("data_version", ""), held.value("data_version", "-"));
}

TEST_P(ListsTest, AListWithManyBadRowsWaitsAndTheirLinesAreTold) {
  std::string file = story().File("bad-rows.csv");
  std::ofstream out(file);
  out << "number,issuer,type,status,reported_date,record_id\n";
  for (int i = 0; i < 20; ++i) {
    out << "Q" << 1'000'000 + i << ",UTO,P," << (i < 5 ? "st0len" : "stolen") << ",2026-01-02,R-" << i << "\n";
  }
  out.close();
  const Answer import =
      Owner()({"watchlist", "import", "--base", "bad-rows", "--format", "document-csv", "--published", Day(0), file});
  EXPECT_EQ(import.exit_code, kCheckSaysNo);
  ASSERT_THAT(import.lines, SizeIs(1)) << import.err;
  EXPECT_THAT(import.lines[0]["rejected_rows"], SizeIs(5));
  EXPECT_THAT(import.lines[0]["staged_import"]["reasons"], Contains("5 of its 20 rows cannot be read"));
  const std::string id = import.lines[0]["staged_import"].value("staged_id", "");
  EXPECT_EQ(SecondOwner()({"watchlist", "reject", id, "--reason", "ask for it again"}).exit_code, kDone);
}

// The table is read by people, without colour: what was not searched never looks like a clear traveller.
TEST_P(ListsTest, WhatWasNotSearchedLooksDifferentFromAClearTraveller) {
  const std::string file = story().File("queries.jsonl");
  std::ofstream(file) << R"({"id":"clear","name":"Johanna Lindqvist","document":{"number":"X0000001","issuer":"SWE"}})"
                      << "\n"
                      << R"({"id":"letters","name":"O P"})"
                      << "\n"
                      << R"({"id":"refused"})"
                      << "\n";
  const Output table = story().As("officer-1", "watchlist").Text({"watchlist", "screen", "--batch", file});
  EXPECT_EQ(table.exit_code, kBadUsage) << "one query was refused";
  for (const absl::string_view line : absl::StrSplit(table.out, '\n')) {
    if (absl::StartsWith(line, "letters") && absl::StrContains(line, "wanted-persons")) {
      EXPECT_THAT(std::string(line), HasSubstr("unsearchable"));
    }
    EXPECT_FALSE(absl::StartsWith(line, "letters") && absl::StrContains(line, "no_hit")) << line;
    if (absl::StartsWith(line, "refused")) {
      EXPECT_THAT(std::string(line), HasSubstr("neither a name nor a document"));
    }
  }
  EXPECT_THAT(table.out, HasSubstr("unsearchable"));
}

}  // namespace
}  // namespace gatehouse::integration
