// Chapter four: operators. Exit codes as promised, a drain that loses nothing, a restart that remembers.
#include <atomic>
#include <set>
#include <thread>

#include "tests/integration/story_fixture.h"

namespace gatehouse::integration {
namespace {

using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::SizeIs;

INSTANTIATE_TEST_SUITE_P(Post, StoryTest, ::testing::Values(Shape::kPost), [](const auto&) { return "OnSqlite"; });
INSTANTIATE_TEST_SUITE_P(Cluster, StoryTest, ::testing::Values(Shape::kCluster),
                         [](const auto&) { return "OnPostgresqlAndKafka"; });

TEST_P(StoryTest, BadUsageExitsTwoAndPrintsNothing) {
  const Arguments mistakes[] = {{"frobnicate"},
                                {"inspect", "--no-such-flag", "."},
                                {"decide", "--outcome", "admit"},
                                {"decide", "some-id", "--outcome", "pardon"},
                                {"watchlist", "import", "--base", "b", "--format", "pdf", "."}};
  for (const Arguments& mistake : mistakes) {
    const Answer answer = RunGatehouse(mistake);
    EXPECT_EQ(answer.exit_code, kBadUsage) << mistake[0] << ": " << answer.err;
    EXPECT_NE(answer.err, "") << mistake[0];
    EXPECT_EQ(answer.out, "") << mistake[0];
  }
}

// One wrong record does not take the answers of its neighbours.
TEST_P(StoryTest, AFolderThatIsMissingIsOneLineAndTheNextIsInspected) {
  const Answer answer = story().As("officer-1", "inspection")(
      InspectAtDesk({story().File("no-such-folder"), story().country().WithFault("no_chip").folder}));
  EXPECT_EQ(answer.exit_code, kBadUsage);
  ASSERT_THAT(answer.lines, SizeIs(2)) << answer.out;
  EXPECT_NE(answer.lines[0].value("error", ""), "");
  EXPECT_NE(answer.lines[1].value("inspection_id", ""), "");
}

TEST_P(StoryTest, AMalformedRequestIsRefusedWithItsField) {
  const Caller officer = story().As("officer-1", "inspection");
  const std::string folder = story().country().WithFault("none").folder;
  const Answer wrong_post = officer({"inspect", "--post", "not a post code!", folder});
  EXPECT_EQ(wrong_post.exit_code, kBadUsage);
  EXPECT_THAT(wrong_post.err, HasSubstr("post"));
  const Answer wrong_reason = officer(
      {"decide", story().unprepared().value("inspection_id", ""), "--outcome", "refer", "--reason", "lower case"});
  EXPECT_EQ(wrong_reason.exit_code, kBadUsage);
  EXPECT_THAT(wrong_reason.err, HasSubstr("reason_code"));
}

TEST_P(StoryTest, AServerThatIsDownExitsThree) {
  const Caller lost("officer-1", "localhost:1", story().deployment().pki());
  const Answer answer = lost({"inspect", story().country().WithFault("none").folder});
  EXPECT_EQ(answer.exit_code, kUnreachable);
  EXPECT_THAT(answer.err, HasSubstr("localhost:1"));
}

std::vector<std::string> IdsOf(const std::vector<json>& events) {
  std::vector<std::string> ids;
  for (const json& event : events) ids.push_back(event.value("id", ""));
  return ids;
}

// SIGTERM in the middle of a queue: who was answered is remembered, who was not is told that nobody answers, and
// everything that was there before is there after.
TEST_P(StoryTest, ATerminatedDeploymentDrainsAndARestartRemembers) {
  story().Passages();
  const std::vector<json> crossings = story().Crossings();
  const std::vector<std::string> events = IdsOf(story().Events("traveller"));

  std::vector<json> inspected;
  int last_exit_code = kDone;
  std::atomic<bool> under_way = false;
  std::thread desk([&] {
    for (bool served = true; served;) {
      const Answer answer =
          story().As("officer-1", "inspection")(InspectAtDesk({story().country().WithFault("revoked_dsc").folder}));
      last_exit_code = answer.exit_code;
      served = last_exit_code == kCheckSaysNo;
      if (served) inspected.insert(inspected.end(), answer.lines.begin(), answer.lines.end());
      under_way = !served || inspected.size() >= 2;
      if (under_way) under_way.notify_one();
    }
  });
  under_way.wait(false);
  const absl::Status stopped = story().deployment().StopAll();
  desk.join();
  ASSERT_TRUE(stopped.ok()) << stopped;
  EXPECT_EQ(last_exit_code, kUnreachable);
  EXPECT_EQ(story().As("officer-1", "traveller")({"crossings", "list"}).exit_code, kUnreachable);
  const absl::Status started = story().deployment().StartAll();
  ASSERT_TRUE(started.ok()) << started;

  EXPECT_EQ(story().Crossings(), crossings);
  EXPECT_EQ(IdsOf(story().Events("traveller")), events);
  std::set<std::string> remembered;
  for (const json& inspection :
       story().As("auditor", "inspection")({"inspections", "list", "--limit", "100000"}).lines) {
    remembered.insert(inspection.value("inspection_id", ""));
  }
  EXPECT_THAT(inspected.size(), Ge(2u));
  for (const json& inspection : inspected) {
    EXPECT_TRUE(remembered.contains(inspection.value("inspection_id", "-"))) << inspection;
  }
  const json traveller_after = story().Inspect(story().country().WithFault("revoked_dsc").folder, kCheckSaysNo);
  EXPECT_EQ(CheckOf(traveller_after, "chip").value("status", ""), "failed") << "trust outlives a restart";
}

}  // namespace
}  // namespace gatehouse::integration
