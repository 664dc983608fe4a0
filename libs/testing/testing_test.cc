#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "absl/time/clock.h"
#include "libs/testing/child_process.h"
#include "libs/testing/fake_clock.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_folder.h"

namespace gatehouse::testing {
namespace {

using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::Not;

// Sets a variable for the length of a test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    setenv(name, value, 1);
  }
  ~Variable() {
    if (old_.has_value()) {
      setenv(name_, old_->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }

 private:
  const char* name_;
  std::optional<std::string> old_;
};

TEST(FakeClockTest, StandsUntilMoved) {
  FakeClock clock;
  const absl::Time start = clock.Now();
  EXPECT_EQ(clock.Now(), start);
  clock.Advance(absl::Hours(24));
  EXPECT_EQ(clock.Now(), start + absl::Hours(24));
  clock.Set(absl::UnixEpoch());
  EXPECT_EQ(clock.Now(), absl::UnixEpoch());
}

TEST(SeededRandomTest, TheSameSeedGivesTheSameBytes) {
  const auto bytes = [](uint64_t seed) {
    SeededRandom random(seed);
    std::vector<uint8_t> out(32);
    random.Fill(out.data(), out.size());
    return out;
  };
  EXPECT_EQ(bytes(1), bytes(1));
  EXPECT_NE(bytes(1), bytes(2));
}

TEST(StatusMatchersTest, SeeCodeMessageAndValue) {
  const absl::StatusOr<int> seven = 7;
  const absl::StatusOr<int> none = absl::NotFoundError("no such thing");
  EXPECT_THAT(seven, IsOk());
  EXPECT_THAT(seven, IsOkAndHolds(Gt(6)));
  EXPECT_THAT(seven, Not(IsOkAndHolds(8)));
  EXPECT_THAT(none, Not(IsOk()));
  EXPECT_THAT(none, Not(IsOkAndHolds(7)));
  EXPECT_THAT(none, StatusIs(absl::StatusCode::kNotFound, HasSubstr("such")));
  EXPECT_THAT(none, Not(StatusIs(absl::StatusCode::kInternal)));
  EXPECT_THAT(none, Not(StatusIs(absl::StatusCode::kNotFound, "another text")));
}

TEST(TemporaryFolderTest, GoesWithAllItHolds) {
  std::string path;
  {
    const TemporaryFolder folder;
    path = folder.path().string();
    std::ofstream(folder.File("file")) << "content";
    EXPECT_TRUE(std::filesystem::exists(path + "/file"));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

class ChildProcessTest : public ::testing::Test {
 protected:
  absl::StatusOr<ChildProcess> Shell(const std::string& script) {
    return ChildProcess::Start({.arguments = {"sh", "-c", script}, .output_file = folder_.File("out")});
  }
  TemporaryFolder folder_;
};

TEST_F(ChildProcessTest, TellsHowItEnded) {
  ASSERT_OK_AND_ASSIGN(ChildProcess seven, Shell("echo first; echo last; exit 7"));
  EXPECT_THAT(seven.Wait(absl::Seconds(10)), IsOkAndHolds(7));
  EXPECT_FALSE(seven.Running());
  EXPECT_EQ(LastLine(folder_.File("out")), "last");
  ASSERT_OK_AND_ASSIGN(ChildProcess killed, Shell("kill -9 $$"));
  EXPECT_THAT(killed.Wait(absl::Seconds(10)), IsOkAndHolds(128 + SIGKILL));
}

TEST_F(ChildProcessTest, IsStoppedEvenWhenItWillNot) {
  ASSERT_OK_AND_ASSIGN(ChildProcess stubborn, Shell("trap '' TERM; echo ready; while true; do sleep 0.1; done"));
  for (int i = 0; i < 500 && LastLine(folder_.File("out")) != "ready"; ++i) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_TRUE(stubborn.Running());
  EXPECT_THAT(stubborn.Wait(absl::ZeroDuration()), StatusIs(absl::StatusCode::kDeadlineExceeded));
  const pid_t pid = stubborn.pid();
  stubborn.Stop(SIGTERM, absl::Milliseconds(200));
  EXPECT_EQ(kill(pid, 0), -1);
}

TEST_F(ChildProcessTest, AMissingProgramIsUnavailable) {
  EXPECT_THAT(RunProcess({.arguments = {"no-such-program"}, .output_file = folder_.File("out")}, absl::Seconds(10)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("is it installed?")));
}

TEST(ServersTest, WhatTheRunCouldNotStartIsUnavailableWithItsReason) {
  const Variable postgresql("GATEHOUSE_TEST_POSTGRESQL", "unavailable: not installed");
  const Variable kafka("GATEHOUSE_TEST_KAFKA", "127.0.0.1:1234");
  EXPECT_THAT(RequirePostgresql(), StatusIs(absl::StatusCode::kUnavailable, "not installed"));
  EXPECT_THAT(RequireKafka(), IsOkAndHolds("127.0.0.1:1234"));
}

TEST(ServersTest, AMissingServerFailsInContinuousIntegration) {
  const Variable ci("CI", "true");
  EXPECT_FATAL_FAILURE(
      {
        std::string dsn;
        GH_REQUIRE_SERVER(dsn, absl::StatusOr<std::string>(absl::UnavailableError("not installed")));
      },
      "not installed");
}

TEST(ServersTest, NamesAreUnique) { EXPECT_NE(UniqueName(), UniqueName()); }

}  // namespace
}  // namespace gatehouse::testing
