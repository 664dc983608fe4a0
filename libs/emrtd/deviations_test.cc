#include "libs/emrtd/deviations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/emrtd/document_of_zone.h"
#include "libs/emrtd/specimen_for_tests.h"
#include "libs/emrtd/tr03135.h"

namespace gatehouse::emrtd {
namespace {

using namespace pki::specimen;
using pki::DeviationType;
using pki::Oid;
using specimen::Chip;
using specimen::Keys;

const Keys& SmallKeys() {
  static const Keys& keys = *new Keys("prime256v1");
  return keys;
}

constexpr char kNumber[] = "L898902C3";  // of the specimen's zone

std::string Text(const Oid& oid) { return std::string(pki::AsText(oid.bytes())); }

// A list of one deviation, signed by a list signer of the chip's authority.
pki::DeviationTable TableOf(const Chip& chip, const pki::TrustStore& trust, bool defects, const std::string& conditions,
                            const std::string& description) {
  const Oid& purpose = defects ? pki::oid::kDefectListSigning : pki::oid::kDeviationListSigning;
  CertificateRequest signer{
      .serial = 5,
      .key_info = SmallKeys().signer.info,
      .authority_key_identifier = chip.authority.subject_key_identifier,
      .key_usage = 0x80,
      .further_extensions = {Extension(pki::oid::kExtendedKeyUsage, true, Sequence({ObjectId(purpose)}))},
      .algorithm = chip.authority.algorithm};
  const std::string set = Set(
      {defects ? Sequence({conditions, Set({description})}) : Sequence({Sequence({conditions}), Set({description})})});
  const std::string file =
      MakeSignedData({.content_type = Text(defects ? pki::oid::kDefectList : pki::oid::kDeviationList),
                      .content = Sequence({Integer(0), defects ? ObjectId(pki::oid::kSha256) : "", set}),
                      .certificates = {MakeCertificate(signer, chip.keys.authority)},
                      .signer_identifier = IssuerAndSerial(signer.issuer, 5),
                      .algorithm = signer.algorithm},
                     SmallKeys().signer);
  const auto list = defects ? pki::ParseDefectList(pki::AsBytes(file)) : pki::ParseDeviationList(pki::AsBytes(file));
  EXPECT_TRUE(list.ok()) << list.status();
  pki::DeviationTable table;
  const absl::Status added = table.Add("the list", *list, trust);
  EXPECT_TRUE(added.ok()) << added;
  return table;
}

std::string BySigner(bool defects) {
  return defects ? IssuerAndSerial(Name("UT", "CSCA"), 77) : Element(0xA1, Name("UT", "CSCA") + Integer(77));
}
std::string ByNumber() { return Element(0xA5, Element(0x13, kNumber)); }

std::string Described(const Oid& type, const std::string& parameter, bool defects) {
  return Sequence({ObjectId(type), parameter.empty() ? "" : defects ? parameter : Element(0xA0, parameter)});
}
std::string Code(char code) { return Element(0x0A, std::string(1, code)); }

struct Case {
  const char* what;
  void (*change)(Chip&);  // before the chip is made
  void (*damage)(Chip&);  // after
  bool defects;
  Oid type;
  std::string parameter;
  Overall without, with;
  const char* changed;  // part of what the finding says; empty: nothing is changed
};

void Leave(Chip&) {}

TEST(DeviationsTest, EachHasItsEffectAndNoneMakesAFailedCheckSuccessful) {
  const Case kCases[] = {
      {"a wrong digest of DG2", Leave, [](Chip& c) { c.data_groups[2] += 'x'; }, false, "2.23.136.1.1.7.2.2",
       Integer(2), Overall::kInvalid, Overall::kUndetermined, "data_group_2_integrity failed to undetermined"},
      {"a wrong digest of another", Leave, [](Chip& c) { c.data_groups[2] += 'x'; }, false, "2.23.136.1.1.7.2.2",
       Integer(12), Overall::kInvalid, Overall::kInvalid, ""},
      {"EF.COM hides a data group", [](Chip& c) { c.com = specimen::MakeCom({1}); }, Leave, false, "2.23.136.1.1.7.2.4",
       "", Overall::kValidWithWarning, Overall::kValidWithDefect, "data_group_hidden_by_com"},
      {"validity in the certificate", [](Chip& c) { c.signer.not_after = "210301000000Z"; }, Leave, false,
       "2.23.136.1.1.7.1.2", Integer(5), Overall::kInvalid, Overall::kUndetermined, "dsc_validity_at_signing"},
      {"an extension's encoding",
       [](Chip& c) {
         c.signer.further_extensions = {
             Extension(pki::oid::kPrivateKeyUsagePeriod, false, Sequence({Element(0x81, "20210101000000Z")}))};
       },
       Leave, false, "2.23.136.1.1.7.1.2", ObjectId(pki::oid::kPrivateKeyUsagePeriod), Overall::kValidWithWarning,
       Overall::kValidWithDefect, "signer_private_key_usage_period excused"},
      {"a name's string type, which breaks nothing", Leave, Leave, false, "2.23.136.1.1.7.1.2", Integer(0),
       Overall::kValid, Overall::kValid, ""},
      {"a compromised key, which others judge", Leave, Leave, false, "2.23.136.1.1.7.1.4", "", Overall::kValid,
       Overall::kValid, ""},
      {"a type nobody knows", Leave, Leave, false, "1.2.3", "", Overall::kValid, Overall::kValid, ""},
      {"revoked by the list signer", Leave, Leave, true, "0.4.0.127.0.7.3.1.5.1.1", Code(4), Overall::kValid,
       Overall::kInvalid, "revocation no_crl to revoked"},
      {"under check", Leave, Leave, true, "0.4.0.127.0.7.3.1.5.1.1", Code(1), Overall::kValid, Overall::kUndetermined,
       "revocation no_crl to undetermined"},
      {"validity of the signer", [](Chip& c) { c.signer.not_after = "250101000000Z"; }, Leave, true,
       "0.4.0.127.0.7.3.1.5.1.6", Code(1), Overall::kValidExpiredChain, Overall::kUndetermined,
       "dsc_validity_at_check expired to undetermined"},
      {"validity of the authority only", [](Chip& c) { c.signer.not_after = "250101000000Z"; }, Leave, true,
       "0.4.0.127.0.7.3.1.5.1.6", Code(0), Overall::kValidExpiredChain, Overall::kValidExpiredChain, ""},
      {"another country in the certificate", [](Chip& c) { c.signer.subject = Name("UTO", "DS"); }, Leave, true,
       "0.4.0.127.0.7.3.1.5.2.5", Element(0x13, "UT"), Overall::kInvalid, Overall::kValidWithDefect,
       "country_match mismatch to match"},
      {"digests in the security object", Leave, [](Chip& c) { c.data_groups[2] += 'x'; }, true,
       "0.4.0.127.0.7.3.1.5.2.2", Code(4), Overall::kInvalid, Overall::kUndetermined, "data_group_2_integrity"},
      {"a general defect of unknown meaning", Leave, Leave, true, "0.4.0.127.0.7.3.1.5.4.77", "", Overall::kValid,
       Overall::kUndetermined, "chain valid to undetermined"},
  };
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.what);
    Chip chip(SmallKeys());
    one.change(chip);
    chip.Make();
    one.damage(chip);
    const auto trust = specimen::TrustIn(chip);
    EXPECT_EQ(specimen::Verify(chip, *trust).overall, one.without);
    const auto table =
        TableOf(chip, *trust, one.defects, BySigner(one.defects), Described(one.type, one.parameter, one.defects));
    const auto report = specimen::Verify(chip, *trust, &table);
    EXPECT_EQ(report.overall, one.with) << ToWord(report.overall) << " " << report.chain_reason;
    ASSERT_EQ(report.deviations.size(), 1u);
    EXPECT_EQ(report.deviations[0].list, "the list");
    EXPECT_EQ(report.deviations[0].list_version.size(), 64u);
    EXPECT_EQ(report.deviations[0].changed.empty(), one.changed[0] == '\0') << report.deviations[0].changed;
    EXPECT_THAT(report.deviations[0].changed, testing::HasSubstr(one.changed));
    const Defect named = one.changed[0] == '\0' ? Defect::kDeviationListed : Defect::kDeviationApplied;
    EXPECT_THAT(report.findings, testing::Contains(testing::Field(&Finding::defect, named)));
  }
}

// The list that Estonia published: numbers of documents whose security object was signed wrong.
TEST(DeviationsTest, ASignatureThatIsKnownToBeWrongIsNeverGreen) {
  Chip chip(SmallKeys());
  chip.Make();
  const auto trust = specimen::TrustIn(chip);
  chip.security_object_file[chip.security_object_file.size() - 5] ^= 1;
  EXPECT_EQ(specimen::Verify(chip, *trust).overall, Overall::kInvalid);
  const auto table = TableOf(chip, *trust, false, ByNumber(), Described("2.23.136.1.1.7.2.3", "", false));
  const auto report = specimen::Verify(chip, *trust, &table);
  EXPECT_EQ(report.sod_signature, SignatureState::kUndetermined);
  EXPECT_EQ(report.overall, Overall::kUndetermined);

  chip.data_groups[1][20] ^= 1;  // another name in DG1, the same number
  EXPECT_EQ(specimen::Verify(chip, *trust, &table).overall, Overall::kInvalid) << "the digest is not excused";
}

// SubjectPublicKeyInfo of the key's point under the name of another curve.
std::string OnCurve(const std::string& info, const Oid& curve) {
  pki::TlvReader outer(pki::AsBytes(info), pki::Rules::kDer);
  pki::TlvReader parts(outer.Next("")->value, pki::Rules::kDer);
  EXPECT_TRUE(parts.Next("").ok());
  const std::string bits(pki::AsText(parts.Next("")->encoding));
  return Sequence({Sequence({ObjectId(pki::oid::kEcPublicKey), ObjectId(curve)}), bits});
}

// Documents of one state: the certificate names one curve of 224 bits, and the key is on another.
TEST(DeviationsTest, AWrongCurveIsLookedPastOnlyWhereAListSaysSo) {
  static const Keys& genuine = *new Keys("prime256v1", "brainpoolP224r1", false);
  constexpr Oid kSecp224r1 = "1.3.132.0.33", kSecp384r1 = "1.3.132.0.34";
  Keys keys = genuine;
  keys.signer.info = OnCurve(genuine.signer.info, kSecp224r1);
  Chip chip(keys);
  chip.Make();
  const auto trust = specimen::TrustIn(chip);
  EXPECT_EQ(specimen::Verify(chip, *trust).overall, Overall::kInvalid) << "off by default";

  const auto table_of_field = [&](int field) {
    return TableOf(chip, *trust, false, BySigner(false), Described("2.23.136.1.1.7.1.2", Integer(field), false));
  };
  const auto table = table_of_field(7);
  const auto report = specimen::Verify(chip, *trust, &table);
  EXPECT_EQ(report.overall, Overall::kValidWithDefect) << report.sod_signature_reason;
  EXPECT_THAT(report.findings, testing::Contains(testing::Field(&Finding::defect, Defect::kPublicKeyOnOtherCurve)));
  ASSERT_EQ(report.deviations.size(), 1u);
  EXPECT_THAT(report.deviations[0].changed, testing::HasSubstr("another curve"));
  const auto of_another_field = table_of_field(6);
  EXPECT_EQ(specimen::Verify(chip, *trust, &of_another_field).overall, Overall::kInvalid);

  chip.security_object_file[chip.security_object_file.size() - 5] ^= 1;
  EXPECT_EQ(specimen::Verify(chip, *trust, &table).overall, Overall::kInvalid) << "the signature fits no curve";

  Keys longer = genuine;
  longer.signer.info = OnCurve(genuine.signer.info, kSecp384r1);
  Chip other(longer);
  other.Make();
  const auto other_trust = specimen::TrustIn(other);
  const auto other_table =
      TableOf(other, *other_trust, false, BySigner(false), Described("2.23.136.1.1.7.1.2", Integer(7), false));
  EXPECT_EQ(specimen::Verify(other, *other_trust, &other_table).overall, Overall::kInvalid) << "curves of one size";
}

TEST(DeviationsTest, AReplacedSignersCertificateIsUsedWhenItIsClean) {
  Chip chip(SmallKeys());
  chip.signer.key_usage = 0x40;  // may not sign, though it did
  chip.Make();
  const auto trust = specimen::TrustIn(chip);
  EXPECT_EQ(specimen::Verify(chip, *trust).overall, Overall::kInvalid);
  const auto verify_with = [&](const std::string& replacement) {
    const auto table =
        TableOf(chip, *trust, true, BySigner(true), Described("0.4.0.127.0.7.3.1.5.1.2", Octets(replacement), true));
    return specimen::Verify(chip, *trust, &table);
  };
  CertificateRequest clean = chip.signer;
  clean.serial = 78;
  clean.key_usage = 0x80;
  const auto report = verify_with(MakeCertificate(clean, SmallKeys().authority));
  EXPECT_EQ(report.overall, Overall::kValidWithDefect) << report.chain_reason;
  EXPECT_EQ(report.signer->serial_text(), "4e");
  ASSERT_EQ(report.deviations.size(), 1u);
  EXPECT_THAT(report.deviations[0].changed, testing::HasSubstr("replaced"));

  static const Keys& strangers = *new Keys("prime256v1");
  CertificateRequest other_key = clean;
  other_key.key_info = strangers.signer.info;
  CertificateRequest expired = clean;
  expired.not_after = "210301000000Z";
  for (const std::string& bad :
       {std::string(), std::string("garbage"), chip.signer_der, MakeCertificate(clean, strangers.authority),
        MakeCertificate(other_key, SmallKeys().authority)}) {
    const auto unchanged = verify_with(bad);
    EXPECT_EQ(unchanged.overall, Overall::kUndetermined) << "a person decides";
    EXPECT_EQ(unchanged.signer->serial_text(), "4d");
  }
  EXPECT_EQ(verify_with(MakeCertificate(expired, SmallKeys().authority)).overall, Overall::kInvalid);
}

TEST(DeviationsTest, ValidityKnownToBeIncorrectIsNotSupportedInTheGuidelinesWords) {
  Chip chip(SmallKeys());
  chip.signer.not_after = "250101000000Z";
  chip.Make();
  const auto trust = specimen::TrustIn(chip);
  const auto table = TableOf(chip, *trust, true, BySigner(true), Described("0.4.0.127.0.7.3.1.5.1.6", Code(1), true));
  for (const Tr03135Check& check : Tr03135Checks(specimen::Verify(chip, *trust, &table))) {
    if (check.id == "document_signer_validity") {
      EXPECT_EQ(check.state, Tr03135State::kNotSupported);
    } else if (check.id == "country_signer_validity") {
      EXPECT_EQ(check.state, Tr03135State::kSuccessful);
    }
  }
}

TEST(DocumentOfZoneTest, ReadsTheNumberOfEveryFormat) {
  EXPECT_EQ(DocumentNumberOfZone("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
                                 "L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
            "L898902C3");
  EXPECT_EQ(DocumentNumberOfZone("I<UTOD231458907<<<<<<<<<<<<<<<"
                                 "7408122F1204159UTO<<<<<<<<<<<6"
                                 "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"),
            "D23145890");
  EXPECT_EQ(DocumentNumberOfZone("I<UTOD23145890<7349<<<<<<<<<<<"
                                 "7408122F1204159UTO<<<<<<<<<<<6"
                                 "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"),
            "D23145890734");
  EXPECT_EQ(DocumentNumberOfZone("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<"
                                 "D231458907UTO7408122F1204159<<<<<<<6"),
            "D23145890");
  EXPECT_EQ(DocumentNumberOfZone("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<"
                                 "D23145890<UTO7408122F120415934<<<<<6"),
            "D231458903");
  EXPECT_EQ(DocumentNumberOfZone("short"), "");
}

}  // namespace
}  // namespace gatehouse::emrtd
