#include "libs/pki/certificate.h"

#include <gtest/gtest.h>

#include "libs/pki/crl.h"
#include "libs/pki/specimen_for_tests.h"
#include "libs/pki/trust_file.h"

namespace gatehouse::pki {
namespace {

using namespace specimen;
using namespace std::string_literals;

class CertificateTest : public testing::Test {
 protected:
  CertificateTest() {
    request_.key_info = key_.info;
    request_.algorithm = DefaultAlgorithm("prime256v1");
    request_.subject_key_identifier = "this";
    request_.authority_key_identifier = "that";
    request_.key_usage = 0x80;
  }
  CertificatePtr Parse() { return *Certificate::Parse(AsBytes(MakeCertificate(request_, key_))); }

  Key key_{"prime256v1"};
  CertificateRequest request_;
};

TEST_F(CertificateTest, ReadsItsFields) {
  request_.serial = 0x1234;
  request_.further_extensions.push_back(
      Extension(oid::kDocumentTypeList, false, Sequence({Integer(0), Set({Element(0x13, "P"), Element(0x13, "ID")})})));
  const CertificatePtr certificate = Parse();
  EXPECT_EQ(certificate->serial_text(), "1234");
  EXPECT_EQ(certificate->subject.text(), "C=UT, CN=DS");
  EXPECT_EQ(certificate->subject.country(), "UT");
  EXPECT_EQ(AsText(certificate->authority_key_identifier), "that");
  EXPECT_TRUE(certificate->key_usage->digital_signature);
  EXPECT_FALSE(certificate->is_authority.has_value());
  EXPECT_EQ(certificate->document_types->size(), 2u);
  EXPECT_TRUE(certificate->violation.ok());
  EXPECT_TRUE(VerifySignatureBy(*certificate, *certificate).ok());
}

TEST_F(CertificateTest, TheOuterAlgorithmMustBeTheSignedOne) {
  std::string der = MakeCertificate(request_, key_);
  const std::string algorithm = AlgorithmIdentifier(request_.algorithm);
  const size_t outer = der.rfind(algorithm);
  der[outer + algorithm.size() - 1] ^= 1;  // ecdsa-with-SHA256 to SHA384
  const auto certificate = Certificate::Parse(AsBytes(der));
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  EXPECT_FALSE((*certificate)->violation.ok());
  EXPECT_FALSE(VerifySignatureBy(**certificate, **certificate).ok());
}

TEST_F(CertificateTest, AFlagThatIsNeitherIsAViolation) {
  request_.further_extensions.push_back(Sequence({ObjectId("1.2.3"), Element(0x01, "\x01"), Octets("")}));
  EXPECT_FALSE(Parse()->violation.ok());
}

TEST_F(CertificateTest, RefusesTrailingAndMissingBytes) {
  const std::string der = MakeCertificate(request_, key_);
  EXPECT_FALSE(Certificate::Parse(AsBytes(der + "x")).ok());
  for (size_t size = 0; size < der.size(); size += 7)
    EXPECT_FALSE(Certificate::Parse(AsBytes(der.substr(0, size))).ok());
}

TEST_F(CertificateTest, AKeyIdentifierIsComputedWhereItIsMissing) {
  request_.subject_key_identifier.clear();
  EXPECT_EQ(Parse()->subject_key_identifier.size(), 20u);
}

TEST(DistinguishedNameTest, ComparesAcrossStringTypesCaseAndBlanks) {
  const auto parse = [](const std::string& name) { return *DistinguishedName::Parse(AsBytes(name)); };
  const DistinguishedName name = parse(Name("DE", "Country Signer"));
  EXPECT_EQ(name, parse(Name("de", " country   SIGNER ", 0x0C)));
  EXPECT_EQ(name, parse(Name("DE", "\0C\0o\0u\0n\0t\0r\0y\0 \0S\0i\0g\0n\0e\0r"s, 0x1E)));
  EXPECT_FALSE(name == parse(Name("DE", "CountrySigner")));
  EXPECT_FALSE(name == parse(Name("FR", "Country Signer")));
  EXPECT_EQ(parse(Name("de", "x")).country(), "DE");
  EXPECT_EQ(parse(Name("de", "x")).country_as_written(), "de");
}

TEST_F(CertificateTest, ReadsRevocationLists) {
  CrlRequest request{.serials = {1, 300, 77}, .algorithm = request_.algorithm};
  const auto crl = CertificateRevocationList::Parse(AsBytes(MakeCrl(request, key_)));
  ASSERT_TRUE(crl.ok()) << crl.status();
  EXPECT_EQ((*crl)->revoked_count(), 3u);
  EXPECT_TRUE((*crl)->Lists(AsBytes("\x4D")));
  EXPECT_FALSE((*crl)->Lists(AsBytes("\x4E")));
  EXPECT_TRUE(VerifySignatureBy(*Parse(), **crl).ok());
}

TEST_F(CertificateTest, FilesAreToldApart) {
  const std::string der = MakeCertificate(request_, key_);
  EXPECT_EQ(ClassifyTrustFile(AsBytes(der)), TrustFileKind::kCertificate);
  EXPECT_EQ(ClassifyTrustFile(AsBytes(MakeCrl({.algorithm = request_.algorithm}, key_))),
            TrustFileKind::kRevocationList);
  EXPECT_EQ(ClassifyTrustFile(AsBytes("# PKD\nversion: 1\ndn: dc=int\n")), TrustFileKind::kPkdLdif);
  EXPECT_EQ(ClassifyTrustFile(AsBytes("nonsense")), TrustFileKind::kUnknown);
  EXPECT_EQ(ClassifyTrustFile(AsBytes("")), TrustFileKind::kUnknown);
}

TEST(TrustFileTest, ReadsPem) {
  const auto objects =
      ReadTrustObjects(AsBytes("text\n-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
                               "-----BEGIN X509 CRL-----\nMAEA\n-----END X509 CRL-----\n"));
  ASSERT_TRUE(objects.ok()) << objects.status();
  ASSERT_EQ(objects->size(), 2u);
  EXPECT_EQ(ToHex((*objects)[0]), "3000");
  EXPECT_FALSE(ReadTrustObjects(AsBytes("-----BEGIN X-----\n!!\n-----END X-----")).ok());
  EXPECT_FALSE(ReadTrustObjects(AsBytes("-----BEGIN X-----\nMAA=")).ok());
}

}  // namespace
}  // namespace gatehouse::pki
