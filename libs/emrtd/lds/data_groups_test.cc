#include "libs/emrtd/lds/data_groups.h"

#include <gtest/gtest.h>

#include "libs/emrtd/lds/face.h"
#include "libs/emrtd/specimen_for_tests.h"

namespace gatehouse::emrtd {
namespace {

using pki::AsBytes;

TEST(DataGroupsTest, ReadsTheZoneOfEachFormatAndNoOther) {
  for (const size_t size : {72, 88, 90}) {
    const std::string zone = "P<D<<" + std::string(size - 5, '<');
    const std::string file = specimen::MakeDataGroup1(zone);
    const auto read = ReadMachineReadableZone(AsBytes(file));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->Reveal(), zone);
    EXPECT_EQ(FindIssuer(zone)->issuing_state, "D");
    EXPECT_EQ(FindIssuer(zone)->document_code, "P");
  }
  EXPECT_FALSE(ReadMachineReadableZone(AsBytes(specimen::MakeDataGroup1(std::string(89, '<')))).ok());
  EXPECT_FALSE(ReadMachineReadableZone(AsBytes(specimen::MakeDataGroup1(std::string(88, 'a')))).ok());
  EXPECT_FALSE(FindIssuer("P<<<<").has_value());
}

TEST(DataGroupsTest, ReadsCom) {
  const std::string file = specimen::MakeCom({1, 2, 14, 16});
  const auto com = ReadCom(AsBytes(file));
  ASSERT_TRUE(com.ok()) << com.status();
  EXPECT_EQ(com->data_groups, (std::vector<int>{1, 2, 14, 16}));
  EXPECT_EQ(com->lds_version, "0107");
  EXPECT_FALSE(ReadCom(AsBytes(file.substr(0, file.size() - 1))).ok());
}

TEST(DataGroupsTest, ReadsTheDateOfIssueInBothForms) {
  using pki::specimen::Element;
  const auto with = [](std::string_view value) {
    return Element(0x6C, std::string("\x5F\x26") + Element(0, value).substr(1));
  };
  EXPECT_EQ(ReadDateOfIssue(AsBytes(with("20210601")))->ToString(), "2021-06-01");
  EXPECT_EQ(ReadDateOfIssue(AsBytes(with("\x20\x21\x06\x01")))->ToString(), "2021-06-01");
  EXPECT_FALSE(ReadDateOfIssue(AsBytes(with("20211301"))).has_value());
}

TEST(FaceTest, FindsThePictureAndItsOwnSize) {
  const std::string file = specimen::MakeDataGroup2(500);
  const auto faces = ReadFaces(AsBytes(file));
  ASSERT_TRUE(faces.ok()) << faces.status();
  ASSERT_EQ(faces->size(), 1u);
  EXPECT_EQ(faces->front().format, ImageFormat::kJpeg);
  EXPECT_EQ(faces->front().bytes.size(), 500u);
  EXPECT_EQ(faces->front().width, 240);
  EXPECT_EQ(faces->front().height, 320);
  EXPECT_EQ(faces->front().stated_width, 240);
}

TEST(FaceTest, RefusesEveryTruncation) {
  const std::string file = specimen::MakeDataGroup2(40);
  for (size_t size = 0; size < file.size(); ++size) EXPECT_FALSE(ReadFaces(AsBytes(file.substr(0, size))).ok()) << size;
}

}  // namespace
}  // namespace gatehouse::emrtd
