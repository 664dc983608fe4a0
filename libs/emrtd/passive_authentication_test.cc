#include "libs/emrtd/passive_authentication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/emrtd/limits.h"
#include "libs/emrtd/specimen_for_tests.h"

namespace gatehouse::emrtd {
namespace {

using namespace pki::specimen;
using pki::Digest;
using pki::SignatureScheme;
using specimen::AddCertificate;
using specimen::Chip;
using specimen::Keys;
using specimen::TrustIn;
using specimen::Verify;

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
  return Verify(chip, *TrustIn(chip));
}

MATCHER_P(HasDefect, defect, "") {
  return std::any_of(arg.findings.begin(), arg.findings.end(), [&](const Finding& f) { return f.defect == defect; });
}

TEST(PassiveAuthenticationTest, AcceptsWhatTheStateSigned) {
  Chip chip(SmallKeys());
  const auto report = MakeAndVerify(chip);
  EXPECT_EQ(report.overall, Overall::kValid) << report.sod_signature_reason << report.chain_reason;
  EXPECT_EQ(report.revocation, RevocationState::kNoCrl);
  EXPECT_EQ(report.issuing_state, "UTO");
}

TEST(PassiveAuthenticationTest, AcceptsEveryAlgorithmInUse) {
  for (const char* kind : {"RSA:3072", "secp224r1", "secp384r1", "secp521r1", "brainpoolP256r1", "brainpoolP384r1",
                           "brainpoolP512r1", "brainpoolP320r1"}) {
    for (const bool explicit_parameters : {false, true}) {
      if (explicit_parameters && std::string_view(kind).starts_with("RSA")) continue;
      const Keys keys(kind, explicit_parameters);
      Chip chip(keys);
      chip.digest = Digest::kSha512;
      chip.security_object.digest = Digest::kSha384;
      const auto report = MakeAndVerify(chip);
      EXPECT_EQ(report.overall, Overall::kValid) << kind << " " << report.sod_signature_reason << report.chain_reason;
    }
  }
}

TEST(PassiveAuthenticationTest, RefusesTwistedCurves) {
  for (const bool explicit_parameters : {false, true}) {
    const Keys keys("brainpoolP256t1", explicit_parameters);
    Chip chip(keys);
    chip.Make();
    pki::TrustStore::Builder builder;
    specimen::AddCertificate(chip.authority_der, builder);
    const auto report = specimen::Verify(chip, *builder.Build());
    EXPECT_EQ(report.overall, Overall::kInvalid);
    EXPECT_THAT(report, HasDefect(Defect::kPublicKeyRefused));
  }
}

TEST(PassiveAuthenticationTest, TakesPssParametersFromTheStructure) {
  Chip chip(RsaKeys());
  // The certificate by PSS and the security object by PKCS#1 (Turkish cards), with another digest in the mask.
  chip.signer.algorithm = {SignatureScheme::kRsaPss, Digest::kSha512, Digest::kSha256, 17};
  EXPECT_EQ(MakeAndVerify(chip).overall, Overall::kValid);

  Chip other(RsaKeys());
  other.security_object.algorithm = {SignatureScheme::kRsaPss, Digest::kSha256, Digest::kSha1, 32};
  EXPECT_EQ(MakeAndVerify(other).overall, Overall::kValid);
  // The same signature under a structure that states another salt.
  other.security_object.algorithm_identifier =
      AlgorithmIdentifier({SignatureScheme::kRsaPss, Digest::kSha256, Digest::kSha1, 20});
  other.security_object.certificates.clear();
  EXPECT_EQ(MakeAndVerify(other).sod_signature, SignatureState::kInvalid);
}

TEST(PassiveAuthenticationTest, TakesTheDigestOfABareAlgorithmFromTheSignerInfo) {
  Chip ec(SmallKeys());
  ec.security_object.algorithm.digest.reset();
  ec.security_object.digest = Digest::kSha384;
  auto report = MakeAndVerify(ec);
  EXPECT_EQ(report.overall, Overall::kValid) << report.sod_signature_reason;
  EXPECT_THAT(report, HasDefect(Defect::kSignatureAlgorithmNamesNoDigest));

  Chip rsa(RsaKeys());
  rsa.security_object.algorithm.digest.reset();
  EXPECT_EQ(MakeAndVerify(rsa).overall, Overall::kValid);
}

TEST(PassiveAuthenticationTest, NamesToleratedDefects) {
  using Order = SignedDataRequest::Order;
  struct Case {
    const char* what;
    void (*change)(Chip&);
    Defect defect;
    Overall overall;
  };
  const Case kCases[] = {
      {"unsorted, signed so", [](Chip& c) { c.security_object.order = Order::kUnsortedAndSignedSo; },
       Defect::kSignedAttributesUnsorted, Overall::kValidWithDefect},
      {"unsorted, signed sorted", [](Chip& c) { c.security_object.order = Order::kUnsortedButSignedSorted; },
       Defect::kSignedAttributesUnsorted, Overall::kValidWithDefect},
      {"no signed attributes", [](Chip& c) { c.security_object.with_attributes = false; },
       Defect::kSignedAttributesAbsent, Overall::kValidWithDefect},
      {"content type id-data",
       [](Chip& c) {
         c.security_object.content_type = pki::AsText(pki::oid::kData.bytes());
         c.security_object.version = 1;
       },
       Defect::kSecurityObjectContentType, Overall::kValidWithDefect},
      {"wrong identifier",
       [](Chip& c) { c.security_object.signer_identifier = IssuerAndSerial(Name("UT", "Other"), 5); },
       Defect::kWrongSignerIdentifier, Overall::kValidWithDefect},
      {"trailing bytes", [](Chip& c) { c.trailing = "xyz"; }, Defect::kSecurityObjectTrailingBytes,
       Overall::kValidWithDefect},
      {"EF.COM hides DG2", [](Chip& c) { c.com = specimen::MakeCom({1}); }, Defect::kDataGroupHiddenByCom,
       Overall::kValidWithWarning},
      {"EF.COM announces more",
       [](Chip& c) {
         c.com = specimen::MakeCom({1, 2, 15});
       },
       Defect::kDataGroupOnlyInCom, Overall::kValidWithDefect},
      {"EF.COM garbage", [](Chip& c) { c.com = "garbage"; }, Defect::kComMalformed, Overall::kValidWithDefect},
      {"signed version 1", [](Chip& c) { c.security_object.version = 1; }, Defect::kSignedDataVersion, Overall::kValid},
      {"no key usage", [](Chip& c) { c.signer.key_usage.reset(); }, Defect::kSignerKeyUsageAbsent,
       Overall::kValidWithDefect},
  };
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.what);
    Chip chip(SmallKeys());
    one.change(chip);
    const auto report = MakeAndVerify(chip);
    EXPECT_EQ(report.overall, one.overall) << ToWord(report.overall) << report.sod_signature_reason;
    EXPECT_THAT(report, HasDefect(one.defect));
  }
}

TEST(PassiveAuthenticationTest, RefusesWhatMayNotSign) {
  struct Case {
    const char* what;
    void (*change)(Chip&);
  };
  const Case kCases[] = {
      {"no digitalSignature", [](Chip& c) { c.signer.key_usage = 0x40; }},
      {"an authority", [](Chip& c) { c.signer.authority = true; }},
      {"unknown critical extension",
       [](Chip& c) { c.signer.further_extensions.push_back(Extension("1.2.3.4", true, "?")); }},
      {"a master list signer",
       [](Chip& c) {
         c.signer.further_extensions.push_back(
             Extension(pki::oid::kExtendedKeyUsage, true, Sequence({ObjectId(pki::oid::kMasterListSigning)})));
       }},
      {"an extension twice", [](Chip& c) { c.signer.further_extensions.assign(2, Extension("1.2.3", false, "")); }},
      {"issuer without cA", [](Chip& c) { c.authority.authority = false; }},
      {"issuer without keyCertSign", [](Chip& c) { c.authority.key_usage = 0x02; }},
      {"signer of another state", [](Chip& c) { c.signer.subject = Name("DE", "DS"); }},
      {"signed before the signer was valid", [](Chip& c) { c.security_object.signing_time = "200101000000Z"; }},
      {"signed after the signer had expired", [](Chip& c) { c.security_object.signing_time = "320101000000Z"; }},
      {"signed after the authority had expired", [](Chip& c) { c.authority.not_after = "210201000000Z"; }},
      {"signer not yet valid", [](Chip& c) { c.signer.not_before = "270101000000Z"; }},
      {"two signers", [](Chip& c) { c.security_object.signers = 2; }},
      {"no signer", [](Chip& c) { c.security_object.signers = 0; }},
      {"unknown content type", [](Chip& c) { c.security_object.content_type = "\x2A\x03"; }},
  };
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.what);
    Chip chip(SmallKeys());
    one.change(chip);
    EXPECT_EQ(MakeAndVerify(chip).overall, Overall::kInvalid);
  }
}

TEST(PassiveAuthenticationTest, ReportsExpiryAfterSigningApart) {
  Chip chip(SmallKeys());
  chip.signer.not_after = "250101000000Z";
  auto report = MakeAndVerify(chip);
  EXPECT_EQ(report.dsc_validity_at_check, ValidityState::kExpired);
  EXPECT_EQ(report.dsc_validity_at_signing, ValidityState::kValid);
  EXPECT_EQ(report.overall, Overall::kValidExpiredChain);

  Chip no_time(SmallKeys());
  no_time.signer.not_after = "250101000000Z";
  no_time.security_object.signing_time.reset();
  report = MakeAndVerify(no_time);
  EXPECT_EQ(report.dsc_validity_at_signing, ValidityState::kUndetermined) << "nobody says it was signed in time";
  EXPECT_EQ(report.overall, Overall::kUndetermined);
}

TEST(PassiveAuthenticationTest, WarnsOfAKeyUsedOutsideItsPeriod) {
  const std::string period = Sequence({Element(0x80, "20210101000000Z"), Element(0x81, "20210301000000Z")});
  Chip chip(SmallKeys());
  chip.signer.further_extensions.push_back(Extension(pki::oid::kPrivateKeyUsagePeriod, false, period));
  EXPECT_EQ(MakeAndVerify(chip).overall, Overall::kValidWithWarning);
  chip.security_object.signing_time = "210201000000Z";
  chip.security_object.certificates.clear();
  EXPECT_EQ(MakeAndVerify(chip).overall, Overall::kValid);
}

TEST(PassiveAuthenticationTest, ComparesDataGroupsWithTheSignedList) {
  Chip chip(SmallKeys());
  chip.Make();
  const auto trust = TrustIn(chip);
  chip.data_groups[2] += '\0';
  auto report = Verify(chip, *trust);
  EXPECT_EQ(report.data_groups[1].state, DataGroupState::kNotIdentical);
  EXPECT_EQ(report.overall, Overall::kInvalid);

  chip.data_groups.erase(2);
  report = Verify(chip, *trust);
  EXPECT_EQ(report.data_groups[1].state, DataGroupState::kPresent);
  EXPECT_EQ(report.overall, Overall::kValid);

  chip.data_groups[11] = "not signed";
  report = Verify(chip, *trust);
  EXPECT_THAT(report, HasDefect(Defect::kDataGroupNotSigned));
  EXPECT_EQ(report.overall, Overall::kInvalid);

  chip.data_groups = {{1, std::string(kMaxDataGroupBytes + 1, 'x')}};
  EXPECT_EQ(Verify(chip, *trust).data_groups[0].state, DataGroupState::kNonConformance);
}

TEST(PassiveAuthenticationTest, IsNeverValidWithoutADataGroup) {
  Chip chip(SmallKeys());
  chip.Make();
  const auto trust = TrustIn(chip);
  chip.data_groups.clear();
  const auto report = Verify(chip, *trust);
  EXPECT_EQ(report.sod_signature, SignatureState::kValid);
  EXPECT_EQ(report.chain, ChainState::kValid);
  EXPECT_EQ(report.overall, Overall::kUndetermined);
}

TEST(PassiveAuthenticationTest, RefusesALdsListThatNamesADataGroupTwice) {
  Chip chip(SmallKeys());
  chip.Make();
  const std::string digest = Sequence({Integer(1), Octets(std::string(32, 'd'))});
  SignedDataRequest request = chip.security_object;
  request.content = Sequence({Integer(0), DigestAlgorithm(Digest::kSha256), Sequence({digest, digest})});
  chip.security_object_file = Element(0x77, MakeSignedData(request, SmallKeys().signer));
  const auto report = Verify(chip, *TrustIn(chip));
  EXPECT_EQ(report.sod_signature, SignatureState::kValid);
  EXPECT_EQ(report.data_groups[0].state, DataGroupState::kNonConformance);
  EXPECT_EQ(report.overall, Overall::kInvalid);
}

TEST(PassiveAuthenticationTest, FindsASignerThatIsNotEmbedded) {
  Chip chip(SmallKeys());
  chip.embed_signer = false;
  EXPECT_EQ(MakeAndVerify(chip).overall, Overall::kUndetermined);

  pki::TrustStore::Builder builder;
  AddCertificate(chip.authority_der, builder);
  AddCertificate(chip.signer_der, builder);
  const auto trust = builder.Build();
  const auto report = Verify(chip, *trust);
  EXPECT_EQ(report.overall, Overall::kValid);
  EXPECT_THAT(report, HasDefect(Defect::kSignerCertificateLookedUp));
  EXPECT_EQ(trust->anchor_count(), 1u) << "a signer never is an anchor";
}

TEST(PassiveAuthenticationTest, ReadsRevocationListsFreshStaleAndForged) {
  struct Case {
    const char* what;
    void (*change)(CrlRequest&);
    bool forged;
    RevocationState state;
    Overall overall;
  };
  const Case kCases[] = {
      {"not listed", [](CrlRequest&) {}, false, RevocationState::kGood, Overall::kValid},
      {"listed",
       [](CrlRequest& r) {
         r.serials = {5, 77};
       },
       false, RevocationState::kRevoked, Overall::kInvalid},
      {"stale", [](CrlRequest& r) { r.next_update = "260610000000Z"; }, false, RevocationState::kUndetermined,
       Overall::kUndetermined},
      {"forged", [](CrlRequest& r) { r.serials = {77}; }, true, RevocationState::kNoCrl, Overall::kValidWithWarning},
      {"of another state", [](CrlRequest& r) { r.issuer = Name("XX", "CSCA"); }, true, RevocationState::kNoCrl,
       Overall::kValid},
  };
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.what);
    Chip chip(SmallKeys());
    chip.Make();
    CrlRequest request{.algorithm = chip.authority.algorithm};
    one.change(request);
    pki::TrustStore::Builder builder;
    AddCertificate(chip.authority_der, builder);
    specimen::AddCrl(MakeCrl(request, one.forged ? SmallKeys().signer : SmallKeys().authority), builder);
    const auto report = Verify(chip, *builder.Build());
    EXPECT_EQ(report.revocation, one.state) << ToWord(report.revocation);
    EXPECT_EQ(report.overall, one.overall) << ToWord(report.overall);
  }
}

// Early issuers wrote BER: indefinite lengths around, and the content in pieces.
TEST(PassiveAuthenticationTest, ReadsIndefiniteLengthsAndASplitContent) {
  Chip chip(SmallKeys());
  chip.Make();
  const auto indefinite = [](char tag, const std::string& value) {
    return std::string{tag, '\x80'} + value + std::string(2, '\0');
  };
  const std::string& content = chip.security_object.content;
  std::string file = chip.security_object_file;
  const std::string whole = Element(0xA0, Octets(content));
  const std::string pieces = Octets(content.substr(0, 40)) + Octets(content.substr(40));
  const std::string type = ObjectId(pki::oid::kLdsSecurityObject);
  const std::string split = indefinite('\x30', type + indefinite('\xA0', indefinite('\x24', pieces)));
  file.replace(file.find(Sequence({type, whole})), Sequence({type, whole}).size(), split);
  // The outer three wrappers again, since what they hold has grown.
  const auto sequence = pki::ReadOnly(pki::AsBytes(chip.security_object_file), 0x77, pki::Rules::kDer, "");
  const size_t header = static_cast<size_t>(sequence->value.data() - pki::AsBytes(chip.security_object_file).data());
  const std::string signed_data = file.substr(file.find(Integer(3), header));
  const std::string wrapped = indefinite('\xA0', indefinite('\x30', signed_data));
  chip.security_object_file = Element(0x77, indefinite('\x30', ObjectId(pki::oid::kSignedData) + wrapped));
  const auto report = Verify(chip, *TrustIn(chip));
  EXPECT_EQ(report.overall, Overall::kValid) << report.sod_signature_reason;
  EXPECT_THAT(report, HasDefect(Defect::kSecurityObjectIndefiniteLength));
}

TEST(PassiveAuthenticationTest, RefusesAHostileSecurityObjectInBoundedTime) {
  Chip chip(SmallKeys());
  chip.Make();
  const auto trust = TrustIn(chip);
  std::string nested;
  for (int i = 0; i < 20'000; ++i) nested += "\x77\x80";
  for (const std::string& file :
       {std::string(), std::string("\x77"), std::string(kMaxSecurityObjectBytes + 1, '\x30'),
        std::string("\x77\x84\xFF\xFF\xFF\xFF\x30", 7), nested, Element(0x77, Element(0x30, "\x06\x01"))}) {
    chip.security_object_file = file;
    const auto report = Verify(chip, *trust);
    EXPECT_EQ(report.sod_signature, SignatureState::kInvalid);
    EXPECT_EQ(report.overall, Overall::kInvalid);
    EXPECT_EQ(report.data_groups[0].state, DataGroupState::kAborted);
  }
}

}  // namespace
}  // namespace gatehouse::emrtd
