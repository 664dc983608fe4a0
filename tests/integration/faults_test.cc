// What a post does when its machine fails it: a store that is gone, a name that is wrong, a port under a flood, a disk
// that fills and empties again. Nothing acknowledged is lost by it, and nobody is cleared by it.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/story_fixture.h"

namespace gatehouse::integration {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

template <typename Condition>
bool Eventually(Condition condition, absl::Duration timeout = absl::Seconds(60)) {
  const absl::Time deadline = absl::Now() + timeout;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(100));
  }
  return true;
}

class FaultsTest : public StoryTest {
 protected:
  void SetUp() override {
    StoryTest::SetUp();
    if (!IsSkipped() && !HasFatalFailure()) story().Passages();
  }

  static Node& post() { return *story().deployment().nodes().front(); }
  static std::string data() { return post().config.data_dir(); }

  // Of somebody without any fault, who leaves: another one each time, since nobody leaves twice.
  static Answer Inspect() {
    static size_t next = 0;
    std::vector<std::string> good;
    for (const Traveller& traveller : story().country().travellers) {
      if (traveller.fault == "none") good.push_back(traveller.folder);
    }
    return story().As("officer-1", "inspection")(InspectAtDesk({"--direction", "exit", good[next++ % good.size()]}));
  }
  static Answer Health() { return story().As("operator", "inspection")({"health"}); }

  // Ids of the inspections whose crossing was recorded.
  static std::set<std::string> Recorded() {
    std::set<std::string> ids;
    for (const json& crossing : story().Crossings()) ids.insert(crossing.value("inspection_id", ""));
    return ids;
  }

  static void StopPost() {
    const absl::StatusOr<int> code = post().process->Terminate();
    ASSERT_TRUE(code.ok()) << code.status();
    EXPECT_EQ(*code, 0);
  }
};

INSTANTIATE_TEST_SUITE_P(Post, FaultsTest, ::testing::Values(Shape::kPost), [](const auto&) { return "OnSqlite"; });

TEST_P(FaultsTest, ALostStoreIsRefusedByNameAndServesAgainWhenItIsBack) {
  const std::set<std::string> before = Recorded();
  ASSERT_FALSE(before.empty());
  StopPost();
  const std::filesystem::path aside = story().File("aside");
  std::filesystem::create_directory(aside);
  for (const auto& file : std::filesystem::directory_iterator(data())) {
    const std::string name = file.path().filename();
    if (name.rfind("traveller.db", 0) == 0) std::filesystem::rename(file.path(), aside / name);
  }
  const absl::Status started = story().deployment().StartNode(post());
  EXPECT_FALSE(started.ok());
  EXPECT_THAT(std::string(started.message()), AllOf(HasSubstr("traveller"), HasSubstr("--begin-anew")));
  EXPECT_FALSE(std::filesystem::exists(data() + "/traveller.db")) << "made anew";

  for (const auto& file : std::filesystem::directory_iterator(aside)) {
    std::filesystem::rename(file.path(), std::filesystem::path(data()) / file.path().filename());
  }
  const absl::Status again = story().deployment().StartNode(post());
  ASSERT_TRUE(again.ok()) << again;
  EXPECT_EQ(Recorded(), before);
  EXPECT_EQ(Inspect().exit_code, kDone);
}

TEST_P(FaultsTest, AMistypedServiceOfAStoreIsRefusedByName) {
  StopPost();
  const std::string file = post().folder + "/mistyped.textproto";
  {
    std::ifstream config(post().folder + "/config.textproto");
    std::string text(std::istreambuf_iterator<char>(config), {});
    const size_t at = text.find("\"traveller\"");
    ASSERT_NE(at, std::string::npos);
    std::ofstream(file) << text.replace(at, 11, "\"traveler\"");
  }
  const auto refused = RunProgram({BinFolder() + "/gatehouse-post", "--config", file});
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_EQ(refused->exit_code, 2);
  EXPECT_THAT(refused->err, HasSubstr("traveler is no service"));
  const absl::Status again = story().deployment().StartNode(post());
  ASSERT_TRUE(again.ok()) << again;
}

TEST_P(FaultsTest, AFloodOfSocketsLeavesAPortThatAnswers) {
  constexpr int kSockets = 1'100;
  constexpr rlim_t kFiles = 1'024;
  rlimit own{};
  getrlimit(RLIMIT_NOFILE, &own);
  if (own.rlim_max < 2 * kSockets)
    GTEST_SKIP() << "skipped: at most " << own.rlim_max << " open files are allowed here";
  const rlimit wide{.rlim_cur = own.rlim_max, .rlim_max = own.rlim_max};
  setrlimit(RLIMIT_NOFILE, &wide);
  // Less than it counted on when it started.
  const rlimit low{.rlim_cur = kFiles, .rlim_max = kFiles};
  ASSERT_EQ(prlimit(post().process->pid(), RLIMIT_NOFILE, &low, nullptr), 0);

  int port = 0;
  ASSERT_TRUE(absl::SimpleAtoi(post().address.substr(post().address.rfind(':') + 1), &port));
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(static_cast<uint16_t>(port))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::vector<int> sockets;
  for (int i = 0; i < kSockets; ++i) {
    const int one = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ASSERT_GE(one, 0);
    (void)connect(one, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    sockets.push_back(one);
  }
  absl::SleepFor(absl::Seconds(1));
  for (const int one : sockets) close(one);
  setrlimit(RLIMIT_NOFILE, &own);
  EXPECT_TRUE(Eventually([] { return Inspect().exit_code == kDone; })) << "the port never answers again";
  EXPECT_TRUE(post().process->running());
}

// A disk of its own under the post's data.
class SmallDisk {
 public:
  SmallDisk(std::string folder, const std::string& megabytes) : folder_(std::move(folder)) {
    const std::string options = absl::StrCat("size=", megabytes, "m,mode=700");
    mounted_ = mount("gatehouse-test", folder_.c_str(), "tmpfs", 0, options.c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(folder_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }

  // Takes all the room there is, to the last byte.
  void Fill() const {
    std::ofstream filler(filler_file(), std::ios::binary);
    const std::string block(64 * 1024, 'x');
    while (filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void Empty() const { std::filesystem::remove(filler_file()); }

 private:
  std::string filler_file() const { return folder_ + "/filler"; }
  const std::string folder_;
  bool mounted_ = false;
};

TEST_P(FaultsTest, AFullDiskRefusesAndGoesOnByItselfWhenThereIsRoom) {
  if (geteuid() != 0) GTEST_SKIP() << "skipped: only root mounts a small disk";
  StopPost();
  const std::string kept = story().File("kept");
  std::filesystem::rename(data(), kept);
  std::filesystem::create_directory(data());
  const SmallDisk disk(data(), "256");
  if (!disk.mounted()) {
    std::filesystem::remove(data());
    std::filesystem::rename(kept, data());
    ASSERT_TRUE(story().deployment().StartNode(post()).ok());
    GTEST_SKIP() << "skipped: a small disk cannot be mounted here";
  }
  std::filesystem::copy(kept, data(), std::filesystem::copy_options::recursive);
  const absl::Status started = story().deployment().StartNode(post());
  ASSERT_TRUE(started.ok()) << started;
  const pid_t pid = post().process->pid();
  std::set<std::string> acknowledged;
  const auto pass = [&acknowledged] {
    const Answer inspected = Inspect();
    if (inspected.exit_code != kDone || inspected.lines.size() != 1) return false;
    const std::string id = inspected.lines[0].value("inspection_id", "");
    const Answer decided = story().As("officer-1", "inspection")({"decide", id, "--outcome", "admit"});
    if (decided.exit_code == kDone) acknowledged.insert(id);
    return decided.exit_code == kDone;
  };
  ASSERT_TRUE(pass());

  disk.Fill();
  bool refused = false;
  for (int i = 0; i < 5 && !refused; ++i) refused = !pass();
  EXPECT_TRUE(refused) << "a full disk takes what cannot be kept";
  EXPECT_THAT(Inspect().out, Not(HasSubstr("\"outcome\":\"clear\"")));
  EXPECT_TRUE(Eventually([] { return Health().exit_code == kCheckSaysNo; })) << "health says that it serves";

  disk.Empty();
  EXPECT_TRUE(Eventually([&] { return pass(); })) << "it does not go on by itself";
  EXPECT_TRUE(Eventually([] { return Health().exit_code == kDone; })) << Health().out << Health().err;
  EXPECT_EQ(post().process->pid(), pid) << "without a restart";
  EXPECT_TRUE(Eventually([&] {
    const std::set<std::string> recorded = Recorded();
    return std::includes(recorded.begin(), recorded.end(), acknowledged.begin(), acknowledged.end());
  })) << "an acknowledged decision is gone";
  for (const std::string& folder : story().deployment().audit_folders()) {
    EXPECT_EQ(RunGatehouse({"audit", "verify", "--dir", folder, "--json"}).exit_code, kDone);
  }
  StopPost();
}

}  // namespace
}  // namespace gatehouse::integration
