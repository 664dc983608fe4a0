#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/emrtd/lds/face.h"
#include "libs/emrtd/lds/finger.h"
#include "libs/emrtd/lds/iris.h"
#include "libs/emrtd/lds/specimen_for_tests.h"

namespace gatehouse::emrtd {
namespace {

using namespace lds_specimen;
using namespace std::string_literals;
using pki::AsBytes;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint32_t kFaces = 0x75, kFingers = 0x63, kIrises = 0x76;

std::vector<FileDefect> DefectsOf(const FileFindings& findings) {
  std::vector<FileDefect> defects;
  for (const FileFinding& finding : findings) defects.push_back(finding.defect);
  return defects;
}

TEST(FaceTest, ReadsARecordOf2005) {
  const std::string file = MakeBiometricFile(kFaces, {MakeInstance(MakeFaceRecordOf2005(MakeJpegStub(90)))});
  const auto group = ReadDataGroup2(AsBytes(file));
  ASSERT_TRUE(group.ok()) << group.status();
  ASSERT_EQ(group->faces.size(), 1u);
  const FaceImage& face = group->faces[0];
  EXPECT_EQ(face.record, RecordFormat::kIso19794Of2005);
  EXPECT_EQ(face.bytes.size(), 90u);
  EXPECT_EQ(face.width, 240);
  EXPECT_EQ(face.stated_height, 320);
  EXPECT_EQ(face.kind, "full_frontal");
  EXPECT_EQ(face.quality, 55);
  const FaceTraits& traits = face.traits.Reveal();
  EXPECT_EQ(traits.gender, "female");
  EXPECT_EQ(traits.eye_colour, "brown");
  EXPECT_EQ(traits.hair_colour, "black");
  EXPECT_EQ(traits.expression, "neutral");
  ASSERT_EQ(traits.feature_points.size(), 2u);
  EXPECT_EQ(traits.feature_points[0].major, 12);
  EXPECT_EQ(traits.feature_points[0].x, 80);
  EXPECT_EQ(group->instances[0].created, absl::CivilSecond(2021, 6, 1, 12, 30, 5));
  EXPECT_THAT(group->findings, IsEmpty());
}

TEST(FaceTest, ReadsARecordOf2011) {
  const std::string file = MakeBiometricFile(kFaces, {MakeInstance(MakeFaceRecordOf2011(MakeJpegStub(90)))});
  const auto group = ReadDataGroup2(AsBytes(file));
  ASSERT_TRUE(group.ok()) << group.status();
  const FaceImage& face = group->faces.at(0);
  EXPECT_EQ(face.record, RecordFormat::kIso19794Of2011);
  EXPECT_EQ(face.bytes.size(), 90u);
  EXPECT_EQ(face.quality, 77);
  EXPECT_EQ(face.captured, absl::CivilSecond(2021, 6, 1, 12, 30, 5));
  EXPECT_EQ(face.traits.Reveal().height_cm, 180);
  EXPECT_EQ(face.traits.Reveal().eye_colour, "green");
  EXPECT_EQ(face.kind, "token_frontal");
}

TEST(FaceTest, ReadsATaggedRecord) {
  const std::string file = MakeBiometricFile(kFaces, {MakeInstance(MakeTaggedFace(MakeJpegStub(90)), 0, 0x7F2E)});
  const auto group = ReadDataGroup2(AsBytes(file));
  ASSERT_TRUE(group.ok()) << group.status();
  const FaceImage& face = group->faces.at(0);
  EXPECT_EQ(face.record, RecordFormat::kIso39794);
  EXPECT_EQ(face.bytes.size(), 90u);
  EXPECT_EQ(face.stated_format, ImageFormat::kJpeg);
  EXPECT_EQ(face.stated_width, 240);
  EXPECT_EQ(face.quality, 77);
  EXPECT_EQ(face.captured, absl::CivilSecond(2021, 6, 1));
  EXPECT_EQ(face.traits.Reveal().gender, "female");
  EXPECT_EQ(face.traits.Reveal().eye_colour, "hazel");
  EXPECT_EQ(face.traits.Reveal().height_cm, 180);
}

TEST(FaceTest, ReadsAllInstances) {
  const std::string file = MakeBiometricFile(
      kFaces, {MakeInstance(MakeFaceRecordOf2005(MakeJpegStub())), MakeInstance(MakeFaceRecordOf2011(MakeJpegStub()))});
  const auto group = ReadDataGroup2(AsBytes(file));
  ASSERT_TRUE(group.ok()) << group.status();
  ASSERT_EQ(group->faces.size(), 2u);
  EXPECT_EQ(group->faces[1].instance, 1u);
}

TEST(FaceTest, NamesWhatItTolerates) {
  // A picture of another format and size than stated; lengths in the record that its bytes do not have.
  std::string record = MakeFaceRecordOf2005(MakeWsqStub());
  record[11] ^= 1;
  record[17] ^= 1;
  const std::string file = MakeBiometricFile(kFaces, {MakeInstance(record)});
  const auto group = ReadDataGroup2(AsBytes(file));
  ASSERT_TRUE(group.ok()) << group.status();
  EXPECT_THAT(DefectsOf(group->findings),
              testing::UnorderedElementsAre(FileDefect::kRecordLength, FileDefect::kRecordLength,
                                            FileDefect::kImageFormatDisagrees, FileDefect::kImageSizeDisagrees));
  std::string miscounted = MakeBiometricFile(kFaces, {MakeInstance(MakeFaceRecordOf2005(MakeJpegStub()))});
  miscounted[miscounted.find("\x02\x01\x01\x7F\x60"s) + 2] = 3;
  EXPECT_THAT(DefectsOf(ReadDataGroup2(AsBytes(miscounted))->findings), ElementsAre(FileDefect::kInstanceCount));
}

TEST(FaceTest, RefusesEveryTruncation) {
  for (const std::string& block : {MakeFaceRecordOf2005(MakeJpegStub(40)), MakeFaceRecordOf2011(MakeJpegStub(40)),
                                   MakeTaggedFace(MakeJpegStub(40))}) {
    const std::string file = MakeBiometricFile(kFaces, {MakeInstance(block)});
    for (size_t size = 0; size < file.size(); ++size) {
      EXPECT_FALSE(ReadDataGroup2(AsBytes(file.substr(0, size))).ok()) << size;
    }
  }
}

TEST(FaceTest, SaysThatATemplateIsEncryptedOrOfNoKnownStandard) {
  const std::string encrypted = MakeBiometricFile(kFaces, {Tlv(0x7F60, Tlv(0x7D, Tlv(0x87, "cryptogram")))});
  const auto group = ReadDataGroup2(AsBytes(encrypted));
  ASSERT_TRUE(group.ok()) << group.status();
  EXPECT_EQ(group->instances.at(0).state, InstanceState::kEncrypted);
  EXPECT_THAT(group->faces, IsEmpty());
  EXPECT_FALSE(ReadFaces(AsBytes(encrypted)).ok());
  const std::string strange = MakeBiometricFile(kFaces, {MakeInstance("what is this")});
  EXPECT_EQ(ReadDataGroup2(AsBytes(strange)).status().code(), absl::StatusCode::kUnimplemented);
}

TEST(FingerTest, ReadsAllThreeStandards) {
  const std::string file = MakeBiometricFile(kFingers, {MakeInstance(MakeFingerRecordOf2005(MakeWsqStub()), 0x09),
                                                        MakeInstance(MakeFingerRecordOf2011(MakeWsqStub()), 0x0A),
                                                        MakeInstance(MakeTaggedFinger(MakeWsqStub()), 0x0A, 0x7F2E)});
  const auto group = ReadDataGroup3(AsBytes(file));
  ASSERT_TRUE(group.ok()) << group.status();
  ASSERT_EQ(group->fingers.size(), 3u);
  EXPECT_EQ(SubtypeWord(*group->instances[0].subtype), "right_index");
  EXPECT_EQ(SubtypeWord(*group->instances[1].subtype), "left_index");
  const std::vector<std::string_view> positions = {"right_index", "left_index", "left_index"};
  const std::vector<int> qualities = {80, 77, 77};
  for (size_t i = 0; i < 3; ++i) {
    const FingerImage& finger = group->fingers[i];
    EXPECT_EQ(finger.format, ImageFormat::kWsq) << i;
    EXPECT_EQ(finger.stated_format, ImageFormat::kWsq) << i;
    EXPECT_EQ(finger.width, 100) << i;
    EXPECT_EQ(finger.height, 120) << i;
    EXPECT_EQ(finger.bytes.size(), MakeWsqStub().size()) << i;
    EXPECT_EQ(finger.position, positions[i]) << i;
    EXPECT_EQ(finger.quality, qualities[i]) << i;
  }
  EXPECT_EQ(group->fingers[0].image_ppi, 500);  // 197 a centimetre
  EXPECT_EQ(group->fingers[1].impression, "swipe");
  EXPECT_THAT(group->findings, IsEmpty());
}

TEST(FingerTest, ADocumentWithoutFingersSaysSo) {
  const std::string file = Tlv(kFingers, Tlv(0x7F61, Tlv(0x02, "\0"s) + Tlv(0x53, "random!!")));
  const auto group = ReadDataGroup3(AsBytes(file));
  ASSERT_TRUE(group.ok()) << group.status();
  EXPECT_THAT(group->fingers, IsEmpty());
  EXPECT_THAT(group->findings, IsEmpty());
}

TEST(FingerTest, RawPixelsAreRaw) {
  const std::string raw(100 * 120, '\x7F');
  const std::string file = MakeBiometricFile(kFingers, {MakeInstance(MakeFingerRecordOf2005(raw, 0))});
  const auto group = ReadDataGroup3(AsBytes(file));
  ASSERT_TRUE(group.ok()) << group.status();
  EXPECT_TRUE(group->fingers.at(0).raw);
  EXPECT_EQ(group->fingers.at(0).bytes.size(), raw.size());
}

TEST(IrisTest, ReadsAllThreeStandards) {
  const std::string file = MakeBiometricFile(kIrises, {MakeInstance(MakeIrisRecordOf2005(MakeJpegStub()), 2),
                                                       MakeInstance(MakeIrisRecordOf2011(MakeJpegStub()), 1),
                                                       MakeInstance(MakeTaggedIris(MakeJpegStub()), 2, 0x7F2E)});
  const auto group = ReadDataGroup4(AsBytes(file));
  ASSERT_TRUE(group.ok()) << group.status();
  ASSERT_EQ(group->irises.size(), 3u);
  const std::vector<std::string_view> eyes = {"left", "right", "left"};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(group->irises[i].eye, eyes[i]) << i;
    EXPECT_EQ(group->irises[i].format, ImageFormat::kJpeg) << i;
    EXPECT_EQ(group->irises[i].bit_depth, 8) << i;
  }
  EXPECT_EQ(group->irises[0].quality, 0x33);
  EXPECT_EQ(group->irises[1].captured, absl::CivilSecond(2021, 6, 1, 12, 30, 5));
  // The second and third state JPEG 2000.
  EXPECT_THAT(DefectsOf(group->findings),
              ElementsAre(FileDefect::kImageFormatDisagrees, FileDefect::kImageFormatDisagrees));
}

TEST(BiometricsTest, NoMoreInstancesAndImagesThanTheLimit) {
  const std::string one = MakeInstance(MakeFingerRecordOf2005(MakeWsqStub()));
  EXPECT_TRUE(
      ReadDataGroup3(AsBytes(MakeBiometricFile(kFingers, std::vector<std::string>(kMaxBiometricInstances, one)))).ok());
  EXPECT_FALSE(
      ReadDataGroup3(AsBytes(MakeBiometricFile(kFingers, std::vector<std::string>(kMaxBiometricInstances + 1, one))))
          .ok());
}

}  // namespace
}  // namespace gatehouse::emrtd
