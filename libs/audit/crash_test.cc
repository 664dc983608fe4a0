// What the disk and the kernel can do to a log: kill -9 in the middle of appending, a disk that is full.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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

// In a child process, because the limit and the signal are the process's own.
TEST_F(CrashTest, AFullDiskRefusesUntilRestart) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto log = Open({.folder = folder_, .process = "child"});
    if (!log.ok() || !(*log)->Append({.call_id = "1"}).ok()) ::_exit(3);
    ::signal(SIGXFSZ, SIG_IGN);
    // The second leaf fits in part: the write stops in the middle of it.
    const auto size = std::filesystem::file_size(folder_ + "/00000001.seg");
    const rlimit full{.rlim_cur = size + 20, .rlim_max = RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &full);
    if ((*log)->Append({.call_id = "2"}).code() != absl::StatusCode::kUnavailable) ::_exit(4);
    // Room again does not help: the log cannot know what of its chain is on disk.
    const rlimit room{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &room);
    if ((*log)->Append({.call_id = "3"}).code() != absl::StatusCode::kUnavailable) ::_exit(5);
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  ASSERT_EQ(WEXITSTATUS(status), 0);
  EXPECT_THAT(Verify(folder_)->problems, IsEmpty());
  {
    auto log = Open({.folder = folder_, .process = "parent"});
    ASSERT_TRUE(log.ok()) << log.status();
    ASSERT_TRUE((*log)->Append({.call_id = "4"}).ok());
  }
  const std::vector<Leaf> leaves = ReadLeaves(folder_, 10).value();
  ASSERT_EQ(leaves.size(), 2u);
  EXPECT_EQ(leaves[0].call_id, "1");
  EXPECT_EQ(leaves[1].call_id, "4");
  EXPECT_THAT(Verify(folder_)->problems, IsEmpty());
}

TEST_F(CrashTest, SaysWhatTheSystemRefused) {
  const auto log = Open({.folder = "/proc/no_such_place/audit", .process = "post"});
  EXPECT_EQ(log.status().code(), absl::StatusCode::kUnavailable) << log.status();
}

}  // namespace
}  // namespace gatehouse::audit
