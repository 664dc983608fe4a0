// Every file of every test chip and every sample data group is what it is labelled as, and every picture decodes. The
// chips that were made up have random bytes after the first segment of their JPEG: those are refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "libs/emrtd/lds/describe_file.h"
#include "libs/emrtd/lds/image.h"
#include "tests/conformance/test_data.h"

namespace gatehouse::emrtd {
namespace {

namespace fs = std::filesystem;
using conformance::ReadFile;
using conformance::TestData;
using testing::Contains;

// Files of a chip below the folder, by path; keys and certificates lie there too.
std::vector<fs::path> ChipFiles(const fs::path& root) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string name = entry.path().filename();
    const bool key = name.find("_pk") != std::string::npos || name.find("_sk") != std::string::npos;
    if (entry.is_regular_file() && entry.path().extension() == ".bin" && !key) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// DG1, DG2, ... and EF.COM have these fields at the least.
const std::map<std::string, std::vector<std::string>>& ExpectedFields() {
  static const auto& fields =
      *new std::map<std::string, std::vector<std::string>>{{"EF.COM", {"lds_version", "data_groups"}},
                                                           {"EF.SOD", {"content_type", "signer_1_algorithm"}},
                                                           {"DG1", {"machine_readable_zone", "issuing_state"}},
                                                           {"DG2", {"instances", "face_1_format", "face_1_record"}},
                                                           {"DG3", {"instances"}},
                                                           {"DG4", {"instances"}},
                                                           {"DG5", {"portrait_1_format"}},
                                                           {"DG7", {"signature_1_format"}},
                                                           {"DG15", {"public_key"}}};
  return fields;
}

void CheckFile(const fs::path& path, bool made_up, int& decoded) {
  SCOPED_TRACE(path.string());
  const std::vector<uint8_t> bytes = ReadFile(path);
  const FileDescription description = DescribeFile(path.filename().string(), bytes);
  EXPECT_THAT(description.content, testing::AnyOf(FileContent::kUnderstood, FileContent::kOpaque))
      << ToWord(description.content) << ": " << description.reason;
  const auto expected = ExpectedFields().find(description.file);
  if (expected != ExpectedFields().end()) {
    for (const std::string& name : expected->second) {
      EXPECT_THAT(description.fields, Contains(testing::Field(&DescribedField::name, name)));
    }
  }
  for (const DescribedPicture& picture : description.pictures) {
    SCOPED_TRACE(picture.name);
    const absl::StatusOr<DecodedImage> image = DecodeImage(picture.picture.bytes);
    const bool decodable =
        picture.picture.format == ImageFormat::kJpeg || picture.picture.format == ImageFormat::kJpeg2000;
    if (!decodable) {
      EXPECT_EQ(image.status().code(), absl::StatusCode::kUnimplemented);
      continue;
    }
    if (made_up && picture.picture.width == 0) {
      EXPECT_EQ(image.status().code(), absl::StatusCode::kInvalidArgument);
      continue;
    }
    EXPECT_TRUE(image.ok()) << image.status();
    if (!image.ok()) continue;
    ++decoded;
    EXPECT_EQ(image->width, picture.picture.width);
    EXPECT_EQ(image->height, picture.picture.height);
    EXPECT_FALSE(image->damaged);
  }
}

TEST(LdsConformanceTest, EveryFileOfEveryChipIsUnderstoodAndItsPicturesDecode) {
  int files = 0, decoded = 0;
  const std::string kMadeUp = "emrtd/synthetic";
  for (const std::string& folder : {std::string("emrtd/chips"), kMadeUp, std::string("emrtd/dg")}) {
    const fs::path root = TestData(folder.c_str());
    if (!fs::exists(root)) continue;
    for (const fs::path& path : ChipFiles(root)) {
      CheckFile(path, folder == kMadeUp, decoded);
      ++files;
    }
  }
  if (files == 0) GTEST_SKIP() << "no chips and data groups: set GATEHOUSE_DATA";
  std::printf("%d files, %d pictures decoded\n", files, decoded);
  EXPECT_GT(decoded, 0);
}

}  // namespace
}  // namespace gatehouse::emrtd
