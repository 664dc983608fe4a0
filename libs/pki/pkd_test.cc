#include "libs/pki/pkd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/pki/specimen_for_tests.h"
#include "libs/pki/trust_material.h"

namespace gatehouse::pki {
namespace {

using namespace specimen;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class PkdTest : public testing::Test {
 protected:
  std::string Signer(int serial) {
    return MakeCertificate(
        {.serial = serial, .key_info = key_.info, .key_usage = 0x80, .algorithm = DefaultAlgorithm("prime256v1")},
        key_);
  }
  std::string Authority() {
    return MakeCertificate({.subject = Name("UT", "CSCA"),
                            .key_info = key_.info,
                            .authority = true,
                            .key_usage = 0x06,
                            .algorithm = DefaultAlgorithm("prime256v1")},
                           key_);
  }
  // An entry of the directory; `more` are further lines.
  static std::string Entry(const std::string& name, const std::string& container, const std::string& tree,
                           const std::string& attribute, const std::string& der, const std::string& more) {
    return absl::StrCat("dn: cn=C\\=UT\\,CN\\=CSCA+sn=", name, ",o=", container, ",c=ut,dc=", tree,
                        ",dc=download,dc=pkd,dc=icao,dc=int\n", more, attribute, ":: ", absl::Base64Escape(der),
                        "\n\n");
  }
  std::string SignerEntry(int serial, const std::string& more, const std::string& tree = "data") {
    return Entry(absl::StrCat(serial), "dsc", tree, "userCertificate;binary", Signer(serial), more);
  }

  Key key_{"prime256v1"};
};

TEST_F(PkdTest, ReadsSignersListsAndTheirMarks) {
  const std::string text =
      "version: 1\n\ndn: dc=data,dc=download,dc=pkd,dc=icao,dc=int\nobjectClass: domain\n\n" +
      SignerEntry(1, "pkdVersion: 7\n") +
      SignerEntry(2, "pkdVersion: 9\npkdConformanceCode: ERR:CSCA.CDP.14\npkdConformanceText: odd\n", "nc-data") +
      Entry("crl", "crl", "data", "certificateRevocationList;binary",
            MakeCrl({.algorithm = DefaultAlgorithm("prime256v1")}, key_), "pkdVersion: 8\n");
  const TrustMaterial material = ReadTrustMaterial("whole.ldif", text);
  EXPECT_EQ(material.kind, TrustFileKind::kPkdLdif);
  EXPECT_THAT(material.reasons, testing::IsEmpty());
  ASSERT_THAT(material.certificates, SizeIs(2));
  EXPECT_THAT(material.crls, SizeIs(1));
  EXPECT_FALSE(material.pkd_versions.is_delta);
  EXPECT_EQ(material.pkd_versions.first(), 7);
  EXPECT_EQ(material.pkd_versions.last(), 9);
  const PkdMark& odd = material.pkd_marks.at(material.certificates[1]->fingerprint_text());
  EXPECT_TRUE(odd.conformance.nonconformant);
  EXPECT_EQ(odd.country, "UT");
  EXPECT_EQ(odd.container, "dsc");
  EXPECT_EQ(odd.conformance.code, "ERR:CSCA.CDP.14");
  EXPECT_EQ(odd.version, 9);
  EXPECT_FALSE(material.pkd_marks.at(material.certificates[0]->fingerprint_text()).conformance.nonconformant);
}

TEST_F(PkdTest, ABrokenEntryIsSkippedWithItsLine) {
  const std::string broken =
      "dn: cn=x,o=dsc,c=UT,dc=data\nuserCertificate;binary:: MAA=\n\n"
      "dn: nonsense\nx: 1\n\n"
      "dn: cn=y,o=dsc,c=UT,dc=data\nuserCertificate;binary:: *\n\n";
  const TrustMaterial material = ReadTrustMaterial("f", broken + SignerEntry(1, ""));
  EXPECT_THAT(material.certificates, SizeIs(1));
  ASSERT_THAT(material.reasons, SizeIs(3));
  EXPECT_THAT(material.reasons[0], HasSubstr("line 1"));
  std::string all;
  for (const std::string& reason : material.reasons) all += reason + "\n";
  EXPECT_THAT(all, HasSubstr("line 4"));
  EXPECT_THAT(all, HasSubstr("line 7"));
}

// Whoever can write to the directory must not become an anchor.
TEST_F(PkdTest, AnAuthorityAmongTheSignersIsNotTaken) {
  const TrustMaterial smuggled =
      ReadTrustMaterial("f", Entry("1", "dsc", "data", "userCertificate;binary", Authority(), ""));
  EXPECT_TRUE(smuggled.empty());
  EXPECT_THAT(smuggled.reasons, SizeIs(1));
  const TrustMaterial own = ReadTrustMaterial("f", Entry("1", "csca", "data", "cACertificate;binary", Authority(), ""));
  EXPECT_THAT(own.certificates, SizeIs(1));
}

TEST_F(PkdTest, ADeltaAddsReplacesAndDeletes) {
  TrustMaterial held =
      ReadTrustMaterial("whole", SignerEntry(1, "pkdVersion: 1\n") + SignerEntry(2, "pkdVersion: 2\n") +
                                     SignerEntry(3, "pkdVersion: 3\n"));
  ASSERT_THAT(held.certificates, SizeIs(3));
  std::string replaced =
      SignerEntry(2, "changetype: modify\nreplace: pkdVersion\npkdVersion: 4\n-\nreplace: userCertificate;binary\n");
  replaced.insert(replaced.size() - 1, "-\n");
  const std::string deleted =
      "dn: CN=C\\=UT\\,CN\\=CSCA+sn=1,o=dsc,c=ut,dc=data,dc=download,dc=pkd,dc=icao,dc=int\n"
      "changetype: delete\n\n";
  const TrustMaterial delta =
      ReadTrustMaterial("delta", deleted + replaced + SignerEntry(5, "changetype: add\npkdVersion: 5\n"));
  EXPECT_THAT(delta.reasons, testing::IsEmpty());
  EXPECT_TRUE(delta.pkd_versions.is_delta);
  ASSERT_THAT(delta.certificates, SizeIs(2));
  EXPECT_TRUE(CheckFollows(delta.pkd_versions, *held.pkd_versions.last()).ok());
  ApplyDelta(delta, held);
  EXPECT_THAT(held.certificates, SizeIs(1));
}

TEST(PkdVersionsTest, TheDirectorysFileNameSaysWhatAnEmptyFileCannot) {
  const TrustMaterial empty = ReadTrustMaterial("in/icaopkd-002-delta-000334.ldif", "version: 1\n");
  EXPECT_THAT(empty.reasons, testing::IsEmpty());
  EXPECT_TRUE(empty.pkd_versions.is_delta);
  EXPECT_EQ(empty.pkd_versions.last(), 334);
  EXPECT_EQ(empty.pkd_versions.collections, std::set{PkdCollection::kMasterLists});
  PkdVersions versions{.collections = {PkdCollection::kSigners}, .stated = {7}};
  for (const char* name : {"delta.ldif", "icaopkd-009-delta-000334.ldif", "icaopkd-x-delta-1.ldif", "", "icaopkd"}) {
    AddFromFileName(name, versions);
    EXPECT_FALSE(versions.is_delta) << name;
  }
  AddFromFileName("icaopkd-001-complete-009410.ldif", versions);
  EXPECT_EQ(versions.last(), 7) << "what the entries say counts";
}

TEST(PkdNameTest, IsReadAsTheDirectoryWritesIt) {
  const auto name = ParsePkdName("cn=CN\\=CSCA  d01\\,O\\=Border\\,C\\=UT+sn=00F2a,o=DSC,c=UT,dc=data");
  ASSERT_TRUE(name.ok());
  EXPECT_EQ(name->container, "dsc");
  EXPECT_THAT(name->issuer, testing::ElementsAre("border", "csca d01", "ut"));
  EXPECT_EQ(name->serial, std::string("\x00\x0F\x2A", 3));
  EXPECT_EQ(name->issuer, NameValues("C=UT, O=Border, CN=CSCA d01"));
  const auto comma = ParsePkdName("cn=C\\=UT\\,O\\=Border\\\\\\, Inc,o=crl,c=UT");
  ASSERT_TRUE(comma.ok());
  EXPECT_EQ(comma->issuer, NameValues("C=UT, O=Border, Inc"));
  for (const char* dn : {"", "cn=x", "cn=CN\\=x+sn=12 3,o=dsc", "cn=CN\\=x+sn=1", "o=dsc,c=UT", "+++"}) {
    EXPECT_FALSE(ParsePkdName(dn).ok()) << dn;
  }
}

TEST(PkdVersionsTest, ADeltaThatDoesNotFollowNamesWhatIsMissing) {
  const auto message = [](const PkdVersions& delta, int64_t held) {
    return std::string(CheckFollows(delta, held).message());
  };
  EXPECT_TRUE(CheckFollows({.is_delta = true, .stated = {8, 9}}, 7).ok());
  EXPECT_TRUE(CheckFollows({.is_delta = true, .stated = {6, 7, 8}}, 7).ok()) << "it overlaps and goes on";
  EXPECT_TRUE(CheckFollows({.stated = {100}}, 7).ok()) << "a whole file";
  EXPECT_TRUE(CheckFollows({.is_delta = true, .stated = {8, 10}, .deletions = 1}, 7).ok());
  EXPECT_THAT(message({.is_delta = true, .stated = {10, 11}}, 7), HasSubstr("missing 8 to 9"));
  EXPECT_THAT(message({.is_delta = true, .stated = {8, 10}}, 7), HasSubstr("missing 9"));
  EXPECT_THAT(message({.is_delta = true, .stated = {10}, .deletions = 4}, 7), HasSubstr("missing 8 to 9"));
  EXPECT_THAT(message({.is_delta = true, .stated = {5, 7}}, 7), HasSubstr("held already"));
  EXPECT_FALSE(CheckFollows({.is_delta = true}, 7).ok());
}

}  // namespace
}  // namespace gatehouse::pki
