// What the disk and the kernel can do to a log: kill -9 in the middle of appending, a disk that is full.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "libs/audit/audit.h"

namespace gatehouse::audit {
namespace {

using ::testing::IsEmpty;

class CrashTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "audit_crash_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
};

constexpr int kThreads = 4;

// Appends until killed; tells the parent of each acknowledged leaf.
[[noreturn]] void AppendForever(const std::string& folder, int round, int acknowledge_fd) {
  auto log = Open({.folder = folder, .process = "child", .max_segment_bytes = 32 * 1024});
  if (!log.ok()) ::_exit(3);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0;; ++i) {
        const int id = (round * kThreads + t) * 100'000 + i;
        if (!(*log)->Append({.call_id = absl::StrCat(id), .verb = "test"}).ok()) ::_exit(4);
        if (::write(acknowledge_fd, &id, sizeof id) != sizeof id) ::_exit(5);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ::_exit(0);
}

TEST_F(CrashTest, KillNeverLosesAnAcknowledgedLeaf) {
  std::set<std::string> acknowledged;
  for (int round = 0; round < 5; ++round) {
    int pipe_fds[2];
    ASSERT_EQ(::pipe(pipe_fds), 0);
    const pid_t child = ::fork();
    if (child == 0) AppendForever(folder_, round, pipe_fds[1]);
    ::close(pipe_fds[1]);
    const size_t before = acknowledged.size();
    // Kill while the pipe still fills: some leaf is always in the middle of its way.
    int id = 0;
    while (acknowledged.size() < before + 200 && ::read(pipe_fds[0], &id, sizeof id) == sizeof id) {
      acknowledged.insert(absl::StrCat(id));
    }
    ::kill(child, SIGKILL);
    while (::read(pipe_fds[0], &id, sizeof id) == sizeof id) acknowledged.insert(absl::StrCat(id));
    ::close(pipe_fds[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
    ASSERT_GE(acknowledged.size(), before + 200);

    EXPECT_THAT(Verify(folder_)->problems, IsEmpty());
    ASSERT_TRUE(Open({.folder = folder_, .process = "parent"}).ok());
    EXPECT_FALSE(Verify(folder_)->unfinished_tail);
    std::set<std::string> found;
    const std::vector<Leaf> leaves = ReadLeaves(folder_, 1'000'000).value();
    for (const Leaf& leaf : leaves) {
      EXPECT_TRUE(found.insert(leaf.call_id).second) << "twice: " << leaf.call_id;
    }
    EXPECT_TRUE(std::includes(found.begin(), found.end(), acknowledged.begin(), acknowledged.end()));
  }
}

// Appends until it is acknowledged, for at most a minute.
bool AppendPatiently(Log& log, const Leaf& leaf) {
  for (int attempt = 0; attempt < 600; ++attempt) {
    if (log.Append(leaf).ok()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

// In a child process, because the limit and the signal are the process's own.
TEST_F(CrashTest, AFullDiskRefusesAndTheLogGoesOnWhenThereIsRoom) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::atomic<int> raised{0};
    std::atomic<int> cleared{0};
    auto log =
        Open({.folder = folder_, .process = "child", .report = [&](std::string_view name, const absl::Status& s) {
                if (name == "audit.log") ++(s.ok() ? cleared : raised);
              }});
    if (!log.ok() || !(*log)->Append({.call_id = "1"}).ok()) ::_exit(3);
    if (!(*log)->AppendWithin({.kind = Kind::kOutcome, .call_id = "1", .outcome = "inner"}).ok()) ::_exit(6);
    ::signal(SIGXFSZ, SIG_IGN);
    // The next leaves fit in part: the write stops in the middle of them.
    const auto size = std::filesystem::file_size(folder_ + "/00000001.seg");
    const rlimit full{.rlim_cur = size + 20, .rlim_max = RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &full);
    if ((*log)->Append({.call_id = "2"}).code() != absl::StatusCode::kUnavailable) ::_exit(4);
    if ((*log)->Append({.kind = Kind::kOutcome, .call_id = "1"}).code() != absl::StatusCode::kUnavailable) ::_exit(5);
    if (raised != 1 || cleared != 0) ::_exit(7);
    std::this_thread::sleep_for(std::chrono::seconds(2));  // it tries, and fails, and says so once
    if ((*log)->Append({.call_id = "3"}).code() != absl::StatusCode::kUnavailable) ::_exit(8);
    if (raised != 1 || cleared != 0) ::_exit(9);
    const rlimit room{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &room);
    if (!AppendPatiently(**log, {.call_id = "4"})) ::_exit(10);
    if (raised != 1 || cleared != 1) ::_exit(11);
    ::_exit(0);  // without an orderly end
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  ASSERT_EQ(WEXITSTATUS(status), 0);
  const Report report = *Verify(folder_);
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_FALSE(report.unfinished_tail);
  {
    auto log = Open({.folder = folder_, .process = "parent"});
    ASSERT_TRUE(log.ok()) << log.status();
    ASSERT_TRUE((*log)->Append({.call_id = "5"}).ok());
  }
  // What was acknowledged, what happened meanwhile, the leaf that says that something is missing, what came after.
  std::vector<std::string> found;
  const std::vector<Leaf> leaves = ReadLeaves(folder_, 20).value();
  for (const Leaf& leaf : leaves) {
    found.push_back(leaf.outcome == "inner" ? leaf.outcome : leaf.verb.empty() ? leaf.call_id : leaf.verb);
  }
  ASSERT_THAT(found, ::testing::ElementsAre("1", "inner", "1", "audit.log", "4", "5"));
  EXPECT_EQ(leaves[3].kind, Kind::kRefusal);
  EXPECT_GE(leaves[3].count, 3u);
  EXPECT_THAT(Verify(folder_)->problems, IsEmpty());
}

// A disk that fills and empties again and again, killed at any moment: nothing that was acknowledged is lost.
TEST_F(CrashTest, KillDuringAFullDiskLosesNothing) {
  std::set<std::string> acknowledged;
  for (int round = 0; round < 4; ++round) {
    int pipe_fds[2];
    ASSERT_EQ(::pipe(pipe_fds), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::signal(SIGXFSZ, SIG_IGN);
      auto log = Open({.folder = folder_, .process = "child", .max_segment_bytes = 64 * 1024});
      if (!log.ok()) ::_exit(3);
      std::thread disk([] {
        for (int i = 0;; ++i) {
          // Less than a segment: the file of the moment stops somewhere inside.
          const rlimit limit{.rlim_cur = i % 2 == 0 ? 20'000 + 777u * static_cast<unsigned>(i % 10) : RLIM_INFINITY,
                             .rlim_max = RLIM_INFINITY};
          ::setrlimit(RLIMIT_FSIZE, &limit);
          std::this_thread::sleep_for(std::chrono::milliseconds(i % 2 == 0 ? 100 : 700));
        }
      });
      for (int i = 0;; ++i) {
        const int id = round * 1'000'000 + i;
        if ((*log)->Append({.call_id = absl::StrCat(id), .verb = "test", .subjects = {std::string(200, 's')}}).ok()) {
          if (::write(pipe_fds[1], &id, sizeof id) != sizeof id) ::_exit(5);
        }
      }
    }
    ::close(pipe_fds[1]);
    std::thread killer([child] {
      std::this_thread::sleep_for(std::chrono::milliseconds(2500));
      ::kill(child, SIGKILL);
    });
    int id = 0;
    size_t of_this_round = 0;
    while (::read(pipe_fds[0], &id, sizeof id) == sizeof id) {
      acknowledged.insert(absl::StrCat(id));
      ++of_this_round;
    }
    killer.join();
    ::close(pipe_fds[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
    EXPECT_GT(of_this_round, 0u);
    EXPECT_THAT(Verify(folder_)->problems, IsEmpty());
    ASSERT_TRUE(Open({.folder = folder_, .process = "parent"}).ok());
  }
  std::set<std::string> found;
  const std::vector<Leaf> leaves = ReadLeaves(folder_, 10'000'000).value();
  for (const Leaf& leaf : leaves) found.insert(leaf.call_id);
  EXPECT_TRUE(std::includes(found.begin(), found.end(), acknowledged.begin(), acknowledged.end()));
}

TEST_F(CrashTest, SaysWhatTheSystemRefused) {
  const auto log = Open({.folder = "/proc/no_such_place/audit", .process = "post"});
  EXPECT_EQ(log.status().code(), absl::StatusCode::kUnavailable) << log.status();
}

}  // namespace
}  // namespace gatehouse::audit
