#include "libs/emrtd/lds/details.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/emrtd/lds/active_authentication_key.h"
#include "libs/emrtd/lds/describe_file.h"
#include "libs/emrtd/lds/displayed_images.h"
#include "libs/emrtd/lds/specimen_for_tests.h"
#include "libs/pki/specimen_for_tests.h"

namespace gatehouse::emrtd {
namespace {

using namespace lds_specimen;
using namespace std::string_literals;
using pki::AsBytes;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<FileDefect> DefectsOf(const FileFindings& findings) {
  std::vector<FileDefect> defects;
  for (const FileFinding& finding : findings) defects.push_back(finding.defect);
  return defects;
}

PersonalDetails ReadPersonal(const std::string& file) {
  auto details = ReadDataGroup11(AsBytes(file));
  EXPECT_TRUE(details.ok()) << details.status();
  return details.ok() ? *details : PersonalDetails{};
}

TEST(PersonalDetailsTest, ReadsEveryField) {
  const std::string names = Tlv(0x02, "\x02") + Tlv(0x5F0F, "MALA") + Tlv(0x5F0F, "MALENA");
  const std::string file = MakeDetails(0x6B, {{0x5F0E, "M\xC3\xBCLLER<<ERIKA"},
                                              {0xA0, names},
                                              {0x5F10, "99"},
                                              {0x5F2B, "19640812"},
                                              {0x5F11, "BERLIN<BERLIN"},
                                              {0x5F42, "HEIDESTRASSE 17<KOELN"},
                                              {0x5F12, "+491"},
                                              {0x5F13, "BAKER"},
                                              {0x5F14, "DR"},
                                              {0x5F15, "SUMMARY"},
                                              {0x5F16, MakeJpegStub()},
                                              {0x5F17, "A1<B2"},
                                              {0x5F18, "NONE"}});
  const PersonalDetails details = ReadPersonal(file);
  EXPECT_THAT(details.findings, IsEmpty());
  EXPECT_EQ(details.full_name->Reveal(), "M\xC3\xBCLLER<<ERIKA");
  ASSERT_EQ(details.other_names.size(), 2u);
  EXPECT_EQ(details.other_names[1].Reveal(), "MALENA");
  EXPECT_EQ(details.birth_date->Reveal().date->ToString(), "1964-08-12");
  EXPECT_EQ(details.personal_number->Reveal(), "99");
  EXPECT_THAT(SplitAtFillers(details.address->Reveal()), ElementsAre("HEIDESTRASSE 17", "KOELN"));
  EXPECT_EQ(details.telephone->Reveal(), "+491");
  EXPECT_EQ(details.profession->Reveal(), "BAKER");
  EXPECT_EQ(details.title->Reveal(), "DR");
  EXPECT_EQ(details.summary->Reveal(), "SUMMARY");
  EXPECT_EQ(details.proof_of_citizenship->format, ImageFormat::kJpeg);
  EXPECT_EQ(details.other_document_numbers->Reveal(), "A1<B2");
  EXPECT_EQ(details.custody->Reveal(), "NONE");
}

TEST(PersonalDetailsTest, ReadsDatesInEveryForm) {
  struct Row {
    std::string value;
    const char* date;  // null: kept as written
    std::vector<FileDefect> defects;
  };
  for (const Row& row : std::vector<Row>{{"19640812", "1964-08-12", {}},
                                         {"1964<<<<", "1964-00-00", {}},
                                         {"19640800", "1964-08-00", {}},
                                         {"\x19\x64\x08\x12", "1964-08-12", {FileDefect::kDateBinaryCoded}},
                                         {"1964812", nullptr, {FileDefect::kDateMalformed}},
                                         {"19641332", nullptr, {FileDefect::kDateMalformed}},
                                         {"19630229", nullptr, {FileDefect::kDateMalformed}},
                                         {"\x19\x64\x18\x12", nullptr, {FileDefect::kDateMalformed}},
                                         {"", nullptr, {FileDefect::kDateMalformed}}}) {
    const PersonalDetails details = ReadPersonal(MakeDetails(0x6B, {{0x5F2B, row.value}}));
    ASSERT_TRUE(details.birth_date.has_value());
    const auto& date = details.birth_date->Reveal().date;
    EXPECT_EQ(date ? date->ToString() : "-", row.date != nullptr ? row.date : "-");
    EXPECT_EQ(DefectsOf(details.findings), row.defects);
  }
}

TEST(PersonalDetailsTest, NamesDefectsOfTheFieldAndReadsOn) {
  const std::string name = Tlv(0x5F0E, "A<<B");
  EXPECT_THAT(DefectsOf(ReadPersonal(Tlv(0x6B, name)).findings), ElementsAre(FileDefect::kTagListAbsent));
  EXPECT_THAT(DefectsOf(ReadPersonal(Tlv(0x6B, Tlv(0x5C, "\x5F\x0E\x5F\x10") + name)).findings),
              ElementsAre(FileDefect::kTagListDisagrees));
  EXPECT_THAT(DefectsOf(ReadPersonal(Tlv(0x6B, Tlv(0x5C, "") + name)).findings),
              ElementsAre(FileDefect::kTagListDisagrees));
  const PersonalDetails latin = ReadPersonal(MakeDetails(0x6B, {{0x5F0E, "M\xFCLLER"}}));
  EXPECT_EQ(latin.full_name->Reveal(), "M\xC3\xBCLLER");
  EXPECT_THAT(DefectsOf(latin.findings), ElementsAre(FileDefect::kTextNotUtf8));
  const PersonalDetails outside = ReadPersonal(MakeDetails(0x6B, {{0x5F0F, "MALA"}}));
  EXPECT_EQ(outside.other_names.at(0).Reveal(), "MALA");
  EXPECT_THAT(DefectsOf(outside.findings), ElementsAre(FileDefect::kFieldOutsideTemplate));
  const PersonalDetails unknown = ReadPersonal(MakeDetails(0x6B, {{0x5F77, "x"}}));
  EXPECT_THAT(unknown.unknown_tags, ElementsAre(0x5F77u));
  EXPECT_THAT(DefectsOf(unknown.findings), ElementsAre(FileDefect::kFieldUnknown));
  std::string shorter = MakeDetails(0x6B, {{0x5F0E, "A<<B"}, {0x5F10, "7"}});
  shorter[1] -= 2;  // the outer length ends inside the last field
  EXPECT_EQ(ReadPersonal(shorter).personal_number->Reveal(), "7");
  EXPECT_THAT(DefectsOf(ReadPersonal(shorter).findings), ElementsAre(FileDefect::kOuterLength));
}

TEST(PersonalDetailsTest, TextsAreCutAtTheLimitBetweenCharacters) {
  std::string text;
  while (text.size() <= kMaxTextBytes) text += "\xC3\xBC";
  const PersonalDetails details = ReadPersonal(MakeDetails(0x6B, {{0x5F15, "x" + text}}));
  EXPECT_EQ(details.summary->Reveal().size(), kMaxTextBytes - 1);
  EXPECT_THAT(DefectsOf(details.findings), ElementsAre(FileDefect::kTextTooLong));
}

TEST(DocumentDetailsTest, ReadsEveryField) {
  const std::string file = MakeDetails(0x6C, {{0x5F19, "CITY"},
                                              {0x5F26, "20210601"},
                                              {0xA0, Tlv(0x02, "\x01") + Tlv(0x5F1A, "CHILD")},
                                              {0x5F1B, "E"},
                                              {0x5F1C, "T"},
                                              {0x5F1D, MakeJpegStub()},
                                              {0x5F1E, MakeWsqStub()},
                                              {0x5F55, "\x20\x21\x06\x02\x12\x30\x59"},
                                              {0x5F56, "SN-1"}});
  const auto details = ReadDataGroup12(AsBytes(file));
  ASSERT_TRUE(details.ok()) << details.status();
  EXPECT_EQ(details->issuing_authority, "CITY");
  EXPECT_EQ(details->issue_date->date->ToString(), "2021-06-01");
  EXPECT_EQ(details->other_persons.at(0).Reveal(), "CHILD");
  EXPECT_EQ(details->front_image->width, 240);
  EXPECT_EQ(details->rear_image->format, ImageFormat::kWsq);
  EXPECT_EQ(details->personalisation_date->date->ToString(), "2021-06-02");
  EXPECT_EQ(details->personalisation_time, "123059");
  EXPECT_EQ(details->personalisation_device, "SN-1");
  EXPECT_THAT(DefectsOf(details->findings), ElementsAre(FileDefect::kDateBinaryCoded));
}

TEST(PersonsToNotifyTest, ReadsEachPerson) {
  const std::string one = Tlv(0x5F50, "20200102") + Tlv(0x5F51, "A<<B") + Tlv(0x5F52, "1") + Tlv(0x5F53, "C");
  const std::string file = Tlv(0x70, Tlv(0x02, "\x02") + Tlv(0xA1, one) + Tlv(0xA2, one));
  const auto group = ReadDataGroup16(AsBytes(file));
  ASSERT_TRUE(group.ok()) << group.status();
  ASSERT_EQ(group->persons.size(), 2u);
  EXPECT_EQ(group->persons[1].name->Reveal(), "A<<B");
  EXPECT_EQ(group->persons[1].recorded->date->ToString(), "2020-01-02");
  EXPECT_THAT(group->findings, IsEmpty());
}

TEST(DisplayedImagesTest, ReadsPortraitAndSignature) {
  const std::string portrait = Tlv(0x65, Tlv(0x02, "\x01") + Tlv(0x5F40, MakeJpegStub()));
  EXPECT_EQ(ReadDisplayedImages(AsBytes(portrait), 5)->images.at(0).height, 320);
  const std::string signature = Tlv(0x67, Tlv(0x02, "\x02") + Tlv(0x5F43, MakeJpegStub()));
  EXPECT_THAT(DefectsOf(ReadDisplayedImages(AsBytes(signature), 7)->findings), ElementsAre(FileDefect::kInstanceCount));
  EXPECT_FALSE(ReadDisplayedImages(AsBytes(Tlv(0x65, Tlv(0x02, "\0"s))), 5).ok());
  EXPECT_TRUE(ReadDisplayedImages(AsBytes(Tlv(0x66, "")), 6).ok());
}

TEST(ActiveAuthenticationKeyTest, ReadsTheKeyOrSaysWhyItIsRefused) {
  const std::string good = Tlv(0x6F, pki::specimen::Key("prime256v1").info);
  EXPECT_EQ(Describe(*ReadDataGroup15(AsBytes(good))->key), "EC prime256v1 256 bits");
  const std::string odd = Tlv(0x6F, Tlv(0x30, Tlv(0x30, Tlv(0x06, "\x2A\x03")) + Tlv(0x03, "\0x"s)));
  EXPECT_FALSE(ReadDataGroup15(AsBytes(odd))->key.ok());
  EXPECT_FALSE(ReadDataGroup15(AsBytes(Tlv(0x6F, "x"))).ok());
}

TEST(DescribeFileTest, KnowsAFileByItsNameOrItsFirstTag) {
  const std::string file = MakeDetails(0x6B, {{0x5F0E, "A<<B"}});
  for (const char* name : {"EF.DG11.bin", "DG11", "Datagroup11.bin", "EF_DG11", "x"}) {
    const FileDescription description = DescribeFile(name, AsBytes(file));
    EXPECT_EQ(description.file, "DG11") << name;
    EXPECT_EQ(description.content, FileContent::kUnderstood) << description.reason;
    ASSERT_EQ(description.fields.size(), 1u);
    EXPECT_EQ(description.fields[0].name, "full_name");
    EXPECT_EQ(description.fields[0].value, "A<<B");
    EXPECT_TRUE(description.fields[0].personal);
  }
  EXPECT_EQ(DescribeFile("EF.DG12.bin", AsBytes(file)).content, FileContent::kMalformed);
  EXPECT_EQ(DescribeFile("EF.DG13.bin", AsBytes(Tlv(0x6D, "anything"))).content, FileContent::kOpaque);
  EXPECT_EQ(DescribeFile("notes.txt", AsBytes("hello")).content, FileContent::kUnknown);
  EXPECT_EQ(DescribeFile("", {}).content, FileContent::kUnknown);
  EXPECT_EQ(DescribeFile("DG14_pk.bin", AsBytes(Tlv(0x30, "a key"))).content, FileContent::kUnknown);
  // A number beyond those that exist is no name.
  EXPECT_EQ(DescribeFile("DG99", AsBytes(file)).file, "DG11");
}

TEST(DescribeFileTest, APictureIsListedBesideItsFields) {
  const std::string file = MakeBiometricFile(0x75, {MakeInstance(MakeFaceRecordOf2005(MakeJpegStub()))});
  const FileDescription description = DescribeFile("DG2", AsBytes(file));
  ASSERT_EQ(description.pictures.size(), 1u);
  EXPECT_EQ(description.pictures[0].name, "face_1");
  EXPECT_EQ(description.pictures[0].picture.width, 240);
}

}  // namespace
}  // namespace gatehouse::emrtd
