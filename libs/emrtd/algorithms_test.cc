// Every way in which issuers sign: parameters of RSASSA-PSS that are left out or written otherwise, curves spelled out
// in full, and the several ways of naming a signer. What differs in form only is valid; what differs in substance is
// refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/emrtd/specimen_for_tests.h"

namespace gatehouse::emrtd {
namespace {

using namespace pki::specimen;
using pki::Digest;
using pki::SignatureAlgorithm;
using pki::SignatureScheme;
using specimen::AddCertificate;
using specimen::Chip;
using specimen::Keys;

const Keys& SmallKeys() {
  static const Keys& keys = *new Keys("prime256v1");
  return keys;
}
const Keys& RsaKeys() {
  static const Keys& keys = *new Keys("RSA:2048");
  return keys;
}

PassiveAuthenticationReport MakeAndVerify(Chip& chip) {
  chip.Make();
  return specimen::Verify(chip, *specimen::TrustIn(chip));
}

std::string Sha(const pki::Oid& oid, bool null) { return Sequence({ObjectId(oid), null ? Element(0x05, "") : ""}); }
std::string Pss(const std::string& parameters) { return Sequence({ObjectId(pki::oid::kRsassaPss), parameters}); }
std::string Mask(const std::string& digest) { return Element(0xA1, Sequence({ObjectId(pki::oid::kMgf1), digest})); }

TEST(AlgorithmsTest, PssParametersMayBeLeftOutOrSpelledOut) {
  const std::string sha256 = Sha(pki::oid::kSha256, true), bare256 = Sha(pki::oid::kSha256, false);
  struct Case {
    const char* what;
    SignatureAlgorithm made_with;
    std::string written;
    bool fits;
  };
  const SignatureAlgorithm defaults{SignatureScheme::kRsaPss, Digest::kSha1, Digest::kSha1, 20};
  const SignatureAlgorithm usual{SignatureScheme::kRsaPss, Digest::kSha256, Digest::kSha256, 32};
  const Case kCases[] = {
      {"no parameters", defaults, Pss(""), true},
      {"empty parameters", defaults, Pss(Sequence({})), true},
      {"with a trailer field", usual,
       Pss(Sequence({Element(0xA0, sha256), Mask(sha256), Element(0xA2, Integer(32)), Element(0xA3, Integer(1))})),
       true},
      {"digests without NULL", usual,
       Pss(Sequence({Element(0xA0, bare256), Mask(bare256), Element(0xA2, Integer(32))})), true},
      {"the mask's default",
       {SignatureScheme::kRsaPss, Digest::kSha256, Digest::kSha1, 20},
       Pss(Sequence({Element(0xA0, sha256)})),
       true},
      {"no salt at all",
       {SignatureScheme::kRsaPss, Digest::kSha512, Digest::kSha384, 0},
       Pss(Sequence({Element(0xA0, Sha(pki::oid::kSha512, true)), Mask(Sha(pki::oid::kSha384, true)),
                     Element(0xA2, Integer(0))})),
       true},
      {"another trailer", usual,
       Pss(Sequence({Element(0xA0, sha256), Mask(sha256), Element(0xA2, Integer(32)), Element(0xA3, Integer(2))})),
       false},
      {"a mask generation function that is not MGF1", usual,
       Pss(Sequence({Element(0xA0, sha256), Element(0xA1, Sequence({ObjectId("1.3.6.1.5.5.7.6.1"), sha256})),
                     Element(0xA2, Integer(32))})),
       false},
      {"a salt longer than any key", usual,
       Pss(Sequence({Element(0xA0, sha256), Mask(sha256), Element(0xA2, "\x02\x02\x7F\xFF")})), false},
      {"MD5 in it", usual, Pss(Sequence({Element(0xA0, Sha("1.2.840.113549.2.5", true)), Mask(sha256)})), false},
      {"another salt", usual, Pss(Sequence({Element(0xA0, sha256), Mask(sha256), Element(0xA2, Integer(20))})), false},
      {"another mask", usual,
       Pss(Sequence({Element(0xA0, sha256), Mask(Sha(pki::oid::kSha1, true)), Element(0xA2, Integer(32))})), false},
      {"left out though it differs", usual, Pss(""), false},
  };
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.what);
    Chip chip(RsaKeys());
    chip.security_object.algorithm = one.made_with;
    chip.security_object.algorithm_identifier = one.written;
    const auto report = MakeAndVerify(chip);
    EXPECT_EQ(report.sod_signature, one.fits ? SignatureState::kValid : SignatureState::kInvalid)
        << report.sod_signature_reason;
    EXPECT_EQ(report.overall, one.fits ? Overall::kValid : Overall::kInvalid);
  }
}

TEST(AlgorithmsTest, EveryDigestGoesWithEveryOther) {
  for (const Digest of_groups : {Digest::kSha1, Digest::kSha224, Digest::kSha256, Digest::kSha384, Digest::kSha512}) {
    for (const Digest of_attributes : {Digest::kSha1, Digest::kSha512}) {
      for (const Digest of_signature : {Digest::kSha224, Digest::kSha384}) {
        Chip chip(SmallKeys());
        chip.digest = of_groups;
        chip.security_object.digest = of_attributes;
        chip.security_object.algorithm.digest = of_signature;
        EXPECT_EQ(MakeAndVerify(chip).overall, Overall::kValid);
      }
    }
  }
}

// SubjectPublicKeyInfo with explicit parameters, put together anew with one part changed.
std::string WithParameters(const std::string& info, const std::function<void(std::vector<std::string>&)>& change) {
  pki::TlvReader outer(pki::AsBytes(info), pki::Rules::kDer);
  pki::TlvReader parts(outer.Next("")->value, pki::Rules::kDer);
  pki::TlvReader algorithm(parts.Next("")->value, pki::Rules::kDer);
  const std::string oid(pki::AsText(algorithm.Next("")->encoding));
  pki::TlvReader parameters(algorithm.Next("")->value, pki::Rules::kDer);
  const std::string bits(pki::AsText(parts.Next("")->encoding));
  std::vector<std::string> fields;  // version, field, curve, base, order, cofactor
  while (!parameters.at_end()) fields.emplace_back(pki::AsText(parameters.Next("")->encoding));
  change(fields);
  return Sequence({Sequence({oid, Sequence(fields)}), bits});
}

TEST(AlgorithmsTest, ExplicitCurvesMayBeWrittenInAnyFormAndNotBent) {
  static const Keys& keys = *new Keys("brainpoolP256r1", true);
  constexpr size_t kCurve = 2, kBase = 3, kOrder = 4, kCofactor = 5;
  struct Case {
    const char* what;
    std::function<void(std::vector<std::string>&)> change;
    bool fits;
  };
  const auto compress = [](std::vector<std::string>& fields) {
    const std::string point = fields[kBase].substr(2);
    fields[kBase] = Octets(std::string(1, static_cast<char>(2 + (point.back() & 1))) + point.substr(1, 32));
  };
  const Case kCases[] = {
      {"as it is", [](auto&) {}, true},
      {"without a cofactor", [](auto& fields) { fields.resize(kCofactor); }, true},
      {"with a compressed generator", compress, true},
      {"with a seed",
       [](auto& fields) {
         const std::string inside = fields[kCurve].substr(2);
         fields[kCurve] = Sequence({inside, Element(0x03, std::string("\0seed", 5))});
       },
       true},
      {"another generator", [](auto& fields) { fields[kBase].back() = static_cast<char>(fields[kBase].back() ^ 1); },
       false},
      {"another order", [](auto& fields) { fields[kOrder].back() = static_cast<char>(fields[kOrder].back() ^ 2); },
       false},
      {"another coefficient",
       [](auto& fields) { fields[kCurve].back() = static_cast<char>(fields[kCurve].back() ^ 1); }, false},
      {"another cofactor", [](auto& fields) { fields[kCofactor] = Integer(4); }, false},
  };
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.what);
    Keys changed = keys;
    changed.signer.info = WithParameters(keys.signer.info, one.change);
    Chip chip(changed);
    const auto report = MakeAndVerify(chip);
    EXPECT_EQ(report.overall, one.fits ? Overall::kValid : Overall::kInvalid) << report.sod_signature_reason;
  }
}

TEST(AlgorithmsTest, SeveralCertificatesMayBeEmbedded) {
  Chip chip(SmallKeys());
  chip.Make();
  const std::string authority = chip.authority_der;
  CertificateRequest other = chip.signer;
  other.serial = 99;
  other.subject_key_identifier = "another";
  const std::string stranger = MakeCertificate(other, SmallKeys().authority);
  for (const std::vector<std::string>& more :
       std::vector<std::vector<std::string>>{{authority}, {authority, stranger}}) {
    Chip several(SmallKeys());
    several.security_object.certificates = more;
    EXPECT_EQ(MakeAndVerify(several).overall, Overall::kValid);
  }
  // A wrong identifier with several to choose from names nobody.
  Chip unnamed(SmallKeys());
  unnamed.security_object.certificates = {stranger};
  unnamed.security_object.signer_identifier = IssuerAndSerial(Name("UT", "Other"), 1);
  EXPECT_EQ(MakeAndVerify(unnamed).overall, Overall::kUndetermined);
}

TEST(AlgorithmsTest, TwoAuthoritiesOfOneNameAreToldApartByTheirKeys) {
  const Keys other("prime256v1");
  Chip chip(SmallKeys());
  chip.signer.authority_key_identifier.clear();
  chip.Make();
  CertificateRequest namesake = chip.authority;
  namesake.key_info = other.authority.info;
  namesake.subject_key_identifier = "other key";
  pki::TrustStore::Builder builder;
  AddCertificate(MakeCertificate(namesake, other.authority), builder);
  AddCertificate(chip.authority_der, builder);
  EXPECT_EQ(specimen::Verify(chip, *builder.Build()).overall, Overall::kValid);

  AddCertificate(MakeCertificate(namesake, other.authority), builder);
  EXPECT_EQ(specimen::Verify(chip, *builder.Build()).overall, Overall::kUndetermined)
      << "it names no key, and the one it was made with may be one that we have not seen";
}

// A state renames its authority: the link bears the new name, is issued in the old, and says so (Doc 9303-12 7.1).
TEST(AlgorithmsTest, ALinkMayChangeTheName) {
  const Keys old_keys("prime256v1");
  Chip chip(SmallKeys());
  chip.signer.issuer = Name("UT", "New Authority");
  chip.security_object.signer_identifier = IssuerAndSerial(chip.signer.issuer, chip.signer.serial);
  chip.Make();
  CertificateRequest link{.issuer = Name("UT", "Old Authority"),
                          .subject = Name("UT", "New Authority"),
                          .not_after = "350101000000Z",
                          .key_info = SmallKeys().authority.info,
                          .subject_key_identifier = "authority key",
                          .authority_key_identifier = "old key",
                          .authority = true,
                          .key_usage = 0x06,
                          .further_extensions = {Extension(pki::oid::kNameChange, true, Element(0x05, ""))},
                          .algorithm = chip.authority.algorithm};
  CertificateRequest anchor{.issuer = link.issuer,
                            .subject = link.issuer,
                            .not_after = "350101000000Z",
                            .key_info = old_keys.authority.info,
                            .subject_key_identifier = "old key",
                            .authority = true,
                            .key_usage = 0x06,
                            .algorithm = chip.authority.algorithm};
  pki::TrustStore::Builder builder;
  AddCertificate(MakeCertificate(anchor, old_keys.authority), builder);
  AddCertificate(MakeCertificate(link, old_keys.authority), builder);
  const auto report = specimen::Verify(chip, *builder.Build());
  EXPECT_EQ(report.overall, Overall::kValid) << report.chain_reason;
}

constexpr pki::Oid kMd5 = "1.2.840.113549.2.5", kMd5WithRsa = "1.2.840.113549.1.1.4";

// MD5 signs nothing: whoever can make two files of one digest can make a document.
TEST(AlgorithmsTest, RefusesMd5WhereverItStands) {
  Chip signature(RsaKeys());
  signature.security_object.algorithm_identifier = Sequence({ObjectId(kMd5WithRsa), Element(0x05, "")});
  EXPECT_EQ(MakeAndVerify(signature).overall, Overall::kInvalid);

  Chip chip(RsaKeys());
  chip.Make();
  const std::string digest = Sequence({Integer(1), Octets(std::string(16, 'd'))});
  SignedDataRequest request = chip.security_object;
  request.content = Sequence({Integer(0), Sha(kMd5, true), Sequence({digest})});
  chip.security_object_file = Element(0x77, MakeSignedData(request, RsaKeys().signer));
  const auto report = specimen::Verify(chip, *specimen::TrustIn(chip));
  EXPECT_EQ(report.sod_signature, SignatureState::kValid);
  EXPECT_EQ(report.overall, Overall::kInvalid) << "digests of data groups";
}

// SHA-1 signed a quarter of the older authorities and their documents. It is accepted and said; a centre's policy may
// refuse it.
TEST(AlgorithmsTest, AcceptsSha1AndSaysSo) {
  Chip chip(RsaKeys());
  chip.signer.algorithm.digest = chip.security_object.algorithm.digest = Digest::kSha1;
  chip.security_object.digest = Digest::kSha1;
  const auto report = MakeAndVerify(chip);
  EXPECT_EQ(report.overall, Overall::kValid);
  EXPECT_EQ(report.signature_algorithm, "RSASSA-PKCS1-v1_5 SHA-1");
  EXPECT_THAT(report.findings, testing::Contains(testing::Field(&Finding::defect, Defect::kWeakDigest)));
}

TEST(AlgorithmsTest, ADataGroupThatCannotBeIsRefused) {
  for (const std::string& number : {Integer(0), Integer(17), Element(0x02, "\xFF"), Element(0x02, "")}) {
    Chip chip(SmallKeys());
    chip.Make();
    SignedDataRequest request = chip.security_object;
    const std::string digest = Sequence({number, Octets(std::string(32, 'd'))});
    request.content = Sequence({Integer(0), DigestAlgorithm(Digest::kSha256), Sequence({digest})});
    chip.security_object_file = Element(0x77, MakeSignedData(request, SmallKeys().signer));
    const auto report = specimen::Verify(chip, *specimen::TrustIn(chip));
    EXPECT_EQ(report.overall, Overall::kInvalid);
    EXPECT_THAT(report.findings,
                testing::Contains(testing::Field(&Finding::defect, Defect::kLdsSecurityObjectMalformed)));
  }
}

TEST(AlgorithmsTest, WarnsOfAnAuthoritysShortKeyToo) {
  static const Keys& keys = *new Keys("RSA:1024", "RSA:2048", false);
  Chip chip(keys);
  EXPECT_EQ(MakeAndVerify(chip).overall, Overall::kValidWithWarning);
}

TEST(AlgorithmsTest, WarnsOfAShortKeyAndRefusesShorterOnes) {
  const Keys weak("RSA:1024");
  Chip chip(weak);
  const auto report = MakeAndVerify(chip);
  EXPECT_EQ(report.overall, Overall::kValidWithWarning);
  EXPECT_THAT(report.findings, testing::Contains(testing::Field(&Finding::defect, Defect::kWeakKey)));
  const Keys weaker("RSA:768");
  Chip refused(weaker);
  EXPECT_EQ(MakeAndVerify(refused).overall, Overall::kInvalid);
}

}  // namespace
}  // namespace gatehouse::emrtd
