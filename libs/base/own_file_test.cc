#include "libs/base/own_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace gatehouse::base {
namespace {

namespace fs = std::filesystem;

class OwnFile : public ::testing::Test {
 protected:
  OwnFile() {
    std::string name = (fs::temp_directory_path() / "own-file-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~OwnFile() override { fs::remove_all(folder_); }
  fs::path File(const char* name, mode_t mode) {
    std::ofstream(folder_ / name) << "text";
    chmod((folder_ / name).c_str(), mode);
    return folder_ / name;
  }
  static std::string Read(const fs::path& path) {
    std::ifstream stream(path);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }
  static mode_t ModeOf(const fs::path& path) {
    struct stat found {};
    stat(path.c_str(), &found);
    return found.st_mode & 0777;
  }

  fs::path folder_;
};

TEST_F(OwnFile, IsWrittenForItsOwnerAndNeverThroughALink) {
  const fs::path victim = File("victim", 0644);
  fs::create_symlink(victim, folder_ / "port");
  fs::create_symlink(victim, folder_ / "port.new");
  EXPECT_TRUE(WriteOwnFile(folder_ / "port", "1234\n").ok());
  EXPECT_EQ(Read(folder_ / "port"), "1234\n");
  EXPECT_FALSE(fs::is_symlink(folder_ / "port"));
  EXPECT_EQ(ModeOf(folder_ / "port"), 0600u);
  EXPECT_EQ(Read(victim), "text");
  EXPECT_EQ(WriteOwnFile(folder_ / "absent" / "port", "1").code(), absl::StatusCode::kUnavailable);
}

TEST_F(OwnFile, AKeyIsForItsOwnerAndAtMostReadByTheGroup) {
  for (const mode_t mode : {0400, 0600, 0440, 0640, 0700}) {
    EXPECT_TRUE(CheckPrivateFile(File("key", mode)).ok()) << std::oct << mode;
  }
  for (const mode_t mode : {0644, 0604, 0660, 0620, 0602, 0777}) {
    const absl::Status status = CheckPrivateFile(File("key", mode));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << std::oct << mode;
    EXPECT_NE(status.message().find("chmod 600"), std::string::npos) << status;
  }
  File("key", 0644);
  fs::create_symlink(folder_ / "key", folder_ / "link");
  EXPECT_FALSE(CheckPrivateFile(folder_ / "link").ok()) << "an operator's link is judged by what it leads to";
}

TEST_F(OwnFile, AFolderIsMadeForItsOwnerAndRefusedWhenOthersWrite) {
  EXPECT_TRUE(MakeOwnFolder(folder_ / "a" / "b").ok());
  EXPECT_EQ(ModeOf(folder_ / "a" / "b"), 0700u);
  for (const mode_t mode : {0770, 0777, 0702}) {
    chmod((folder_ / "a").c_str(), mode);
    const absl::Status status = MakeOwnFolder(folder_ / "a");
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << std::oct << mode;
    EXPECT_NE(status.message().find("chmod go-w"), std::string::npos) << status;
  }
  chmod((folder_ / "a").c_str(), 0755);
  EXPECT_TRUE(CheckOwnFolder(folder_ / "a").ok());
  chmod((folder_ / "a").c_str(), 01777);
  EXPECT_FALSE(CheckOwnFolder(folder_ / "a").ok());
  EXPECT_TRUE(CheckGivenFolder(folder_ / "a").ok()) << "a mounted Secret";
}

}  // namespace
}  // namespace gatehouse::base
