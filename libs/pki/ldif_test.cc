#include "libs/pki/ldif.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::pki {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<absl::StatusOr<LdifRecord>> ReadAll(std::string_view text) {
  std::vector<absl::StatusOr<LdifRecord>> records;
  LdifReader reader(text);
  while (auto record = reader.Next()) records.push_back(*std::move(record));
  return records;
}

TEST(LdifTest, ReadsFoldedLinesBase64CommentsAndSeveralValues) {
  const auto records = ReadAll(
      "version: 1\n\n"
      "# a comment\n  that is folded\n"
      "dn: cn=a\n b,c=UT\n"
      "objectClass: top\nobjectClass:person\n"
      "userCertificate;binary:: aGVs\n bG8=\n"
      "empty:\n\n\n"
      "dn:: Y249Yg==\r\nsn: 1\r\n");
  ASSERT_EQ(records.size(), 2u);
  ASSERT_TRUE(records[0].ok()) << records[0].status();
  EXPECT_EQ(records[0]->dn, "cn=ab,c=UT");
  EXPECT_EQ(records[0]->attributes.size(), 4u);
  ASSERT_NE(records[0]->Find("usercertificate"), nullptr);
  EXPECT_EQ(*records[0]->Find("usercertificate"), "hello");
  EXPECT_EQ(*records[0]->Find("empty"), "");
  EXPECT_EQ(records[0]->Find("absent"), nullptr);
  EXPECT_EQ(records[0]->line, 3u);
  ASSERT_TRUE(records[1].ok()) << records[1].status();
  EXPECT_EQ(records[1]->dn, "cn=b");
  EXPECT_EQ(*records[1]->Find("sn"), "1");
  EXPECT_EQ(records[1]->line, 14u);
}

TEST(LdifTest, ReadsChanges) {
  const auto records = ReadAll(
      "dn: c=A\ncontrol: 1.2.3 true\nchangetype: add\nx: 1\n\n"
      "dn: c=B\nchangetype: delete\n\n"
      "dn: c=C\nchangetype: modify\nreplace: X\nX: 1\nx: 2\n-\ndelete: y\n-\n\n"
      "dn: c=D\nchangetype: modrdn\nnewrdn: c=E\ndeleteoldrdn: 1\n");
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[0]->change, LdifChange::kAdd);
  EXPECT_EQ(*records[0]->Find("x"), "1");
  EXPECT_EQ(records[1]->change, LdifChange::kDelete);
  ASSERT_TRUE(records[2].ok()) << records[2].status();
  ASSERT_EQ(records[2]->modifications.size(), 2u);
  EXPECT_EQ(records[2]->modifications[0].kind, LdifModification::Kind::kReplace);
  EXPECT_THAT(records[2]->modifications[0].values, ElementsAre("1", "2"));
  EXPECT_EQ(records[2]->modifications[1].kind, LdifModification::Kind::kDelete);
  EXPECT_EQ(records[3]->change, LdifChange::kRename);
}

TEST(LdifTest, ABrokenRecordNamesItsLineAndTheNextIsRead) {
  for (const char* broken :
       {"dn: c=A\nphoto:< file:///etc/passwd\n", "dn: c=A\nno colon\n", "dn: c=A\nx:: ***\n", "x: before the dn\n",
        "dn: c=A\nchangetype: explode\n", "dn: c=A\nx: 1\nchangetype: add\n",
        "dn: c=A\nchangetype: modify\nreplace: x\ny: 1\n-\n", "dn: c=A\nchangetype: modify\nx: 1\n", ": nameless\n"}) {
    SCOPED_TRACE(broken);
    const auto records = ReadAll(std::string("\n\n") + broken + "more: lines\n\ndn: c=B\nx: 2\n");
    ASSERT_EQ(records.size(), 2u);
    ASSERT_FALSE(records[0].ok());
    EXPECT_THAT(std::string(records[0].status().message()), HasSubstr("line 3"));
    ASSERT_TRUE(records[1].ok());
    EXPECT_EQ(records[1]->dn, "c=B");
  }
}

TEST(LdifTest, HostileInputIsBounded) {
  EXPECT_TRUE(ReadAll("").empty());
  EXPECT_TRUE(ReadAll("version: 1\n").empty());
  EXPECT_TRUE(ReadAll("# only\n# comments").empty());
  EXPECT_EQ(ReadAll(" folded from nothing\n").size(), 1u);
  std::string many = "dn: c=A\n";
  for (size_t i = 0; i <= kMaxLdifAttributes; ++i) many += "x: 1\n";
  EXPECT_FALSE(ReadAll(many)[0].ok());
  const std::string large = "dn: c=A\nx: " + std::string(kMaxLdifRecordBytes, 'x') + "\n\ndn: c=B\nx: 1\n";
  const auto records = ReadAll(large);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_FALSE(records[0].ok());
  EXPECT_TRUE(records[1].ok());
}

TEST(LdifTest, ReadsNamesWithEscapesAndSeveralParts) {
  const auto names = ParseDn(R"(cn=CN\=CSCA\, \22x\22\,C\=UT+sn=0A, o=dsc,C=UT,dc=data)");
  ASSERT_TRUE(names.ok()) << names.status();
  ASSERT_EQ(names->size(), 4u);
  ASSERT_EQ((*names)[0].size(), 2u);
  EXPECT_EQ((*names)[0][0].value, R"(CN=CSCA, "x",C=UT)");
  EXPECT_EQ((*names)[0][1].type, "sn");
  EXPECT_EQ((*names)[0][1].value, "0A");
  EXPECT_EQ((*names)[1][0].value, "dsc");
  EXPECT_EQ((*names)[2][0].type, "c");
  EXPECT_TRUE(ParseDn("")->empty());
  for (const char* broken : {"c", "=UT", "c=UT,", "c=UT\\", "c=UT,,o=x"}) EXPECT_FALSE(ParseDn(broken).ok()) << broken;
}

}  // namespace
}  // namespace gatehouse::pki
