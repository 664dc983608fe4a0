// Authorities that change their key or their name, links in both directions, names written otherwise, and revocation
// lists of every kind: what passive authentication makes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/emrtd/specimen_for_tests.h"

namespace gatehouse::emrtd {
namespace {

using namespace pki::specimen;
using specimen::AddCertificate;
using specimen::AddCrl;
using specimen::Chip;
using specimen::Keys;

const Keys& SmallKeys() {
  static const Keys& keys = *new Keys("prime256v1");
  return keys;
}
const Keys& OtherKeys() {
  static const Keys& keys = *new Keys("prime256v1");
  return keys;
}

MATCHER_P(HasDefect, defect, "") {
  return std::any_of(arg.findings.begin(), arg.findings.end(), [&](const Finding& f) { return f.defect == defect; });
}

PassiveAuthenticationReport VerifyWith(const Chip& chip, const std::vector<std::string>& certificates,
                                       const std::vector<std::string>& crls = {}) {
  pki::TrustStore::Builder builder;
  for (const std::string& der : certificates) AddCertificate(der, builder);
  for (const std::string& der : crls) AddCrl(der, builder);
  return specimen::Verify(chip, *builder.Build());
}

// The chip's authority under another key: a namesake.
std::string Namesake(const Chip& chip) {
  CertificateRequest request = chip.authority;
  request.key_info = OtherKeys().authority.info;
  request.subject_key_identifier = "other key";
  return MakeCertificate(request, OtherKeys().authority);
}

// A link from the key of `issuer` to the key of `subject`, in one name.
std::string Link(const Chip& chip, const Keys& subject, const std::string& subject_identifier, const Keys& issuer,
                 const std::string& issuer_identifier) {
  CertificateRequest request = chip.authority;
  request.serial = 50;
  request.key_info = subject.authority.info;
  request.subject_key_identifier = subject_identifier;
  request.authority_key_identifier = issuer_identifier;
  return MakeCertificate(request, issuer.authority);
}

std::string AuthorityByIssuerAndSerial(const std::string& issuer, int serial) {
  const std::string number = Integer(serial);
  return Extension(pki::oid::kAuthorityKeyIdentifier, false,
                   Sequence({Element(0xA1, Element(0xA4, issuer)), Element(0x82, number.substr(2))}));
}

TEST(TrustChainTest, TheAuthorityMayBeNamedByIssuerAndSerialAlone) {
  Chip chip(SmallKeys());
  chip.signer.authority_key_identifier.clear();
  chip.signer.further_extensions = {AuthorityByIssuerAndSerial(chip.authority.subject, chip.authority.serial)};
  chip.Make();
  EXPECT_EQ(VerifyWith(chip, {Namesake(chip), chip.authority_der}).overall, Overall::kValid);

  // The very certificate that it names is here, and its key did not sign: that is no missing authority.
  Chip forged(SmallKeys());
  forged.signer = chip.signer;
  forged.signer.further_extensions = {AuthorityByIssuerAndSerial(chip.authority.subject, 9)};
  forged.Make();
  CertificateRequest named = forged.authority;
  named.serial = 9;
  named.key_info = OtherKeys().authority.info;
  named.subject_key_identifier = "other key";
  const auto report = VerifyWith(forged, {MakeCertificate(named, OtherKeys().authority)});
  EXPECT_EQ(report.dsc_signature, SignatureState::kInvalid);
  EXPECT_EQ(report.overall, Overall::kInvalid);
  // Named by a serial number that nothing here has: unknown.
  named.serial = 10;
  EXPECT_EQ(VerifyWith(forged, {MakeCertificate(named, OtherKeys().authority)}).overall, Overall::kUndetermined);
}

TEST(TrustChainTest, ABrokenNameOfTheAuthorityNamesNobody) {
  for (const std::string& value :
       {Sequence({Element(0xA1, "?"), Element(0x82, "\x01")}), Sequence({Element(0xA1, Element(0xA4, "?"))}),
        Sequence({Element(0xA1, Element(0x86, "http://x/"))}), Sequence({Element(0x82, "\x01")}), Sequence({})}) {
    Chip chip(SmallKeys());
    chip.signer.authority_key_identifier.clear();
    chip.signer.further_extensions = {Extension(pki::oid::kAuthorityKeyIdentifier, false, value)};
    chip.Make();
    EXPECT_EQ(VerifyWith(chip, {Namesake(chip), chip.authority_der}).overall, Overall::kValid);
  }
}

TEST(TrustChainTest, AnAuthorityThatChangedItsNameIsFoundByItsKey) {
  Chip chip(SmallKeys());
  chip.authority.subject = chip.authority.issuer = Name("UT", "New Authority");
  chip.authority.further_extensions = {Extension(pki::oid::kNameChange, false, Element(0x05, ""))};
  chip.Make();  // the signer was issued in the old name
  const auto report = VerifyWith(chip, {chip.authority_der});
  EXPECT_EQ(report.chain, ChainState::kValid) << report.chain_reason;
  EXPECT_EQ(report.overall, Overall::kValidWithDefect);
  EXPECT_THAT(report, HasDefect(Defect::kIssuerNameDiffers));

  // Not without naming the key, not across countries, and not with another key of that identifier.
  Chip nameless(SmallKeys());
  nameless.authority = chip.authority;
  nameless.signer.authority_key_identifier.clear();
  nameless.Make();
  EXPECT_EQ(VerifyWith(nameless, {nameless.authority_der}).chain, ChainState::kNoTrustAnchor);
  Chip foreign(SmallKeys());
  foreign.authority.subject = foreign.authority.issuer = Name("DE", "New Authority");
  foreign.Make();
  EXPECT_EQ(VerifyWith(foreign, {foreign.authority_der}).chain, ChainState::kNoTrustAnchor);
  CertificateRequest stranger = chip.authority;
  stranger.key_info = OtherKeys().authority.info;
  EXPECT_EQ(VerifyWith(chip, {MakeCertificate(stranger, OtherKeys().authority)}).chain, ChainState::kNoTrustAnchor);
}

TEST(TrustChainTest, NamesMayDifferInCaseBlanksAndStringType) {
  constexpr uint8_t kUtf8 = 0x0C, kPrintable = 0x13;
  for (const std::string& issuer :
       {Name("ut", "CSCA", kUtf8), Name("ut", "csca", kPrintable), Name("UT", " Csca ", kUtf8)}) {
    Chip chip(SmallKeys());
    chip.signer.issuer = issuer;
    chip.security_object.signer_identifier = IssuerAndSerial(issuer, chip.signer.serial);
    chip.Make();
    const auto report = VerifyWith(chip, {chip.authority_der});
    EXPECT_EQ(report.overall, Overall::kValid) << report.chain_reason;
    EXPECT_EQ(report.country_match, CountryState::kMatch);
  }
}

TEST(TrustChainTest, TwoNamesakesAreTriedUntilOneFits) {
  Chip chip(SmallKeys());
  chip.signer.authority_key_identifier.clear();
  chip.Make();
  EXPECT_EQ(VerifyWith(chip, {Namesake(chip), chip.authority_der}).overall, Overall::kValid);
  EXPECT_EQ(VerifyWith(chip, {chip.authority_der, Namesake(chip)}).overall, Overall::kValid);
  EXPECT_EQ(VerifyWith(chip, {Namesake(chip)}).overall, Overall::kUndetermined);
}

TEST(TrustChainTest, LinksLeadInBothDirections) {
  Chip chip(SmallKeys());
  chip.Make();
  // The old key is the anchor and vouches for the new one, which signed; and the new one for the old.
  const std::string forward = Link(chip, SmallKeys(), "authority key", OtherKeys(), "other key");
  const std::string back = Link(chip, OtherKeys(), "other key", SmallKeys(), "authority key");
  EXPECT_EQ(VerifyWith(chip, {Namesake(chip), forward}).overall, Overall::kValid);
  EXPECT_EQ(VerifyWith(chip, {Namesake(chip), forward, back}).overall, Overall::kValid) << "a circle with an anchor";
  EXPECT_EQ(VerifyWith(chip, {chip.authority_der, back}).overall, Overall::kValid);
  // A link that leads away from the anchor proves nothing, and a circle without an anchor neither.
  EXPECT_EQ(VerifyWith(chip, {Namesake(chip), back}).overall, Overall::kUndetermined);
  EXPECT_EQ(VerifyWith(chip, {forward, back}).overall, Overall::kUndetermined);
  EXPECT_EQ(VerifyWith(chip, {forward}).chain, ChainState::kNoTrustAnchor);
  // The key has its own certificate and the link: both are paths.
  EXPECT_EQ(VerifyWith(chip, {chip.authority_der, Namesake(chip), forward}).overall, Overall::kValid);
}

struct RevocationCase {
  const char* what;
  void (*change)(CrlRequest&);
  RevocationState state;
  Overall overall;
  Defect defect;
  const char* evidence;
};

std::string Reason(char code) { return Extension(pki::oid::kCrlReason, false, Element(0x0A, std::string(1, code))); }

TEST(TrustChainTest, EveryRevocationIsNamedWithItsEvidence) {
  const RevocationCase kCases[] = {
      {"a key compromised",
       [](CrlRequest& r) {
         r.serials = {77};
         r.entry_extensions = Reason(1);
       },
       RevocationState::kRevoked, Overall::kInvalid, Defect::kSignerRevoked, "2024-03-01, key_compromise"},
      {"on hold",
       [](CrlRequest& r) {
         r.serials = {77};
         r.entry_extensions = Reason(6);
       },
       RevocationState::kRevoked, Overall::kInvalid, Defect::kSignerRevoked, "certificate_hold"},
      {"lifted",
       [](CrlRequest& r) {
         r.serials = {77};
         r.entry_extensions = Reason(8);
         r.extensions = {Extension(pki::oid::kDeltaCrlIndicator, true, Integer(1))};
       },
       RevocationState::kNoCrl, Overall::kValid, Defect::kCrlNotWhole, "changed since another"},
      {"announced",
       [](CrlRequest& r) {
         r.serials = {77};
         r.revoked_at = "260901000000Z";
       },
       RevocationState::kRevoked, Overall::kInvalid, Defect::kRevocationDateInFuture, "2026-09-01"},
      {"not yet in force", [](CrlRequest& r) { r.this_update = "260701000000Z"; }, RevocationState::kUndetermined,
       Overall::kUndetermined, Defect::kCrlNotYetInForce, "2026-07-01"},
      {"stale, and lists it",
       [](CrlRequest& r) {
         r.serials = {77};
         r.next_update = "260610000000Z";
       },
       RevocationState::kUndetermined, Overall::kUndetermined, Defect::kCrlStale, "listed as revoked on 2024-03-01"},
      {"a delta that is silent",
       [](CrlRequest& r) { r.extensions = {Extension(pki::oid::kDeltaCrlIndicator, true, Integer(1))}; },
       RevocationState::kNoCrl, Overall::kValid, Defect::kCrlNotWhole, "changed since another"},
      {"an indirect one",
       [](CrlRequest& r) {
         r.extensions = {Extension(pki::oid::kIssuingDistributionPoint, true, Sequence({Element(0x84, "\xFF")}))};
       },
       RevocationState::kNoCrl, Overall::kValid, Defect::kCrlNotWhole, "indirect"},
      {"one for authorities only",
       [](CrlRequest& r) {
         r.extensions = {Extension(pki::oid::kIssuingDistributionPoint, true, Sequence({Element(0x82, "\xFF")}))};
       },
       RevocationState::kNoCrl, Overall::kValid, Defect::kCrlNotWhole, "authorities only"},
  };
  for (const RevocationCase& one : kCases) {
    SCOPED_TRACE(one.what);
    Chip chip(SmallKeys());
    chip.Make();
    CrlRequest request{.algorithm = chip.authority.algorithm};
    one.change(request);
    const auto report = VerifyWith(chip, {chip.authority_der}, {MakeCrl(request, SmallKeys().authority)});
    EXPECT_EQ(report.revocation, one.state) << ToWord(report.revocation);
    EXPECT_EQ(report.overall, one.overall) << ToWord(report.overall);
    const auto found = std::find_if(report.findings.begin(), report.findings.end(),
                                    [&](const Finding& finding) { return finding.defect == one.defect; });
    ASSERT_NE(found, report.findings.end());
    EXPECT_THAT(found->evidence, testing::HasSubstr(one.evidence));
  }
}

}  // namespace
}  // namespace gatehouse::emrtd
