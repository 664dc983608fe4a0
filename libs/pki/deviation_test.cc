#include "libs/pki/deviation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/pki/deviation_table.h"
#include "libs/pki/specimen_for_tests.h"
#include "libs/pki/trust_material.h"

namespace gatehouse::pki {
namespace {

using namespace specimen;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Context(uint8_t number, std::string_view value) { return Element(0xA0 | number, value); }
std::string Primitive(uint8_t number, std::string_view value) { return Element(0x80 | number, value); }
std::string Printable(std::string_view text) { return Element(0x13, text); }
std::string Text(const Oid& oid) { return std::string(AsText(oid.bytes())); }

// An authority, a document signer of it, and lists that a list signer of it signs.
class DeviationTest : public testing::Test {
 protected:
  DeviationTest() {
    authority_.key_info = key_.info;
    authority_der_ = MakeCertificate(authority_, key_);
    CertificateRequest signer{.serial = 77,
                              .key_info = key_.info,
                              .subject_key_identifier = "signer key",
                              .key_usage = 0x80,
                              .algorithm = authority_.algorithm};
    signer_ = *Certificate::Parse(AsBytes(MakeCertificate(signer, key_)));
    TrustStore::Builder builder;
    builder.AddCertificate(*Certificate::Parse(AsBytes(authority_der_)));
    held_ = builder.Build();
  }

  std::string Sign(const Oid& content_type, std::string content, const Oid& purpose) {
    CertificateRequest list_signer{
        .serial = 5,
        .key_info = key_.info,
        .key_usage = 0x80,
        .further_extensions = {Extension(oid::kExtendedKeyUsage, true, Sequence({ObjectId(purpose)}))},
        .algorithm = authority_.algorithm};
    return MakeSignedData({.content_type = Text(content_type),
                           .content = std::move(content),
                           .certificates = {MakeCertificate(list_signer, key_)},
                           .signer_identifier = IssuerAndSerial(list_signer.issuer, 5),
                           .algorithm = authority_.algorithm},
                          key_);
  }
  std::string DeviationFile(const std::vector<std::string>& deviations,
                            const Oid& purpose = oid::kDeviationListSigning) {
    return Sign(oid::kDeviationList, Sequence({Integer(0), DigestAlgorithm(Digest::kSha256), Set(deviations)}),
                purpose);
  }
  std::string DefectFile(int version, const std::vector<std::string>& defects) {
    return Sign(oid::kDefectList, Sequence({Integer(version), ObjectId(oid::kSha256), Set(defects)}),
                oid::kDefectListSigning);
  }
  static std::string Description(const Oid& type, const std::string& parameters = "", const std::string& text = "") {
    return Sequence({text.empty() ? "" : Printable(text), ObjectId(type), parameters});
  }
  DeviationTable Table(const std::string& file, bool defects = false) {
    DeviationTable table;
    const auto list = defects ? ParseDefectList(AsBytes(file)) : ParseDeviationList(AsBytes(file));
    EXPECT_TRUE(list.ok()) << list.status();
    const absl::Status added = table.Add("list", *list, *held_);
    EXPECT_TRUE(added.ok()) << added;
    return table;
  }

  Key key_{"prime256v1"};
  CertificateRequest authority_{.subject = Name("UT", "CSCA"),
                                .not_before = "190101000000Z",
                                .not_after = "350101000000Z",
                                .authority = true,
                                .key_usage = 0x06,
                                .algorithm = DefaultAlgorithm("prime256v1")};
  std::string authority_der_;
  CertificatePtr signer_;
  std::shared_ptr<const TrustStore> held_;
};

constexpr Oid kSignerEncoding = "2.23.136.1.1.7.1.2", kDigestWrong = "2.23.136.1.1.7.2.2",
              kSignatureWrong = "2.23.136.1.1.7.2.3";

TEST_F(DeviationTest, NamesASignerInEveryWayAndInBothTaggings) {
  const std::string by_serial = Name("UT", "CSCA") + Integer(77);
  const std::string digest(AsText(ComputeDigest(Digest::kSha256, signer_->der).bytes()));
  for (const std::string& condition :
       {Context(1, by_serial), Context(1, Sequence({by_serial})), Primitive(2, "signer key"),
        Context(2, Octets("signer key")), Primitive(3, digest), Context(3, Octets(digest))}) {
    const DeviationTable table = Table(DeviationFile(
        {Sequence({Sequence({condition}), Set({Description(kSignerEncoding, Context(0, Integer(4)), "text")})})}));
    const auto matches = table.Find({.signer = signer_.get()});
    ASSERT_THAT(matches, SizeIs(1)) << ToHex(AsBytes(condition));
    EXPECT_EQ(matches[0].description->type, DeviationType::kSignerEncoding);
    EXPECT_EQ(matches[0].description->parameter, 4);
    EXPECT_EQ(matches[0].description->text, "text");
    EXPECT_THAT(table.Find({.country = "UT", .document_number = "X"}), IsEmpty()) << "no signer is known";
  }
  const std::string other = Name("UT", "CSCA") + Integer(78);
  EXPECT_THAT(Table(DeviationFile({Sequence({Sequence({Context(1, other)}), Set({Description(kSignerEncoding)})})}))
                  .Find({.signer = signer_.get()}),
              IsEmpty());
}

TEST_F(DeviationTest, EveryConditionMustBeMet) {
  const std::string conditions = Primitive(0, "C") +
                                 Context(4, Element(0x18, "20171001000000Z") + Element(0x18, "20180205235959.999Z")) +
                                 Context(5, Printable("CA00001AA") + Printable("CA00002AA"));
  const DeviationTable table = Table(
      DeviationFile({Sequence({Sequence({conditions}), Set({Description(kDigestWrong, Context(0, Integer(12)))})})}));
  const absl::Time inside = absl::FromCivil(absl::CivilDay(2018, 1, 1), absl::UTCTimeZone());
  const DocumentFacts met{.country = "UT", .document_code = "C<", .document_number = "CA00002AA<<", .issued = inside};
  ASSERT_THAT(table.Find(met), SizeIs(1));
  EXPECT_THAT(table.Find(met)[0].description->data_groups, ElementsAre(12));
  DocumentFacts facts = met;
  facts.country = "XX";
  EXPECT_THAT(table.Find(facts), IsEmpty()) << "a state speaks for its own documents only";
  facts = met;
  facts.document_code = "P";
  EXPECT_THAT(table.Find(facts), IsEmpty());
  facts = met;
  facts.issued = inside + absl::Hours(24 * 365);
  EXPECT_THAT(table.Find(facts), IsEmpty());
  facts.issued.reset();
  EXPECT_THAT(table.Find(facts), IsEmpty()) << "what is not known meets no condition";
  facts = met;
  facts.document_number = "CA00003AA";
  EXPECT_THAT(table.Find(facts), IsEmpty());
  // A deviation without any condition would be one of everything.
  EXPECT_THAT(Table(DeviationFile({Sequence({Sequence({}), Set({Description(kDigestWrong)})})})).Find(met), IsEmpty());
}

TEST_F(DeviationTest, ASetOfNumbersIsLookedUpAndNotScanned) {
  std::string numbers;
  for (int i = 0; i < 200'000; ++i) numbers += Printable("K" + std::to_string(1'000'000 + i));
  const std::string file =
      DeviationFile({Sequence({Sequence({Context(5, numbers)}), Set({Description(kSignatureWrong)})})});
  const TrustMaterial material = ReadTrustMaterial("list.dvl", file);
  EXPECT_EQ(material.kind, TrustFileKind::kDeviationList);
  ASSERT_THAT(material.deviation_lists, SizeIs(1));
  EXPECT_EQ(material.deviation_lists[0]->document_number_count(), 200'000u);
  const DeviationTable table = Table(file);
  for (int i = 0; i < 20'000; ++i) {
    EXPECT_EQ(table.Find({.country = "UT", .document_number = "K" + std::to_string(1'190'000 + i)}).size(),
              i < 10'000 ? 1u : 0u);
  }
}

TEST_F(DeviationTest, ABrokenElementIsSkippedAndNamed) {
  const std::string good = Sequence({Sequence({Primitive(2, "signer key")}), Set({Description(kSignerEncoding)})});
  for (const std::string& broken :
       {Sequence({Sequence({Primitive(7, "?")}), Set({Description(kSignerEncoding)})}),  // a condition nobody knows
        Sequence({Sequence({Context(5, "")}), Set({Description(kSignerEncoding)})}),     // no number is not any number
        Sequence({Sequence({Primitive(2, "x")}), Set({Sequence({Printable("no type")})})}), Sequence({})}) {
    const auto list = ParseDeviationList(AsBytes(DeviationFile({good, broken})));
    ASSERT_TRUE(list.ok()) << list.status();
    EXPECT_THAT((*list)->deviations, SizeIs(1));
    EXPECT_THAT((*list)->skipped, SizeIs(1));
  }
}

TEST_F(DeviationTest, OnlyAListOfATrustedSignerForSuchListsIsUsed) {
  const std::string content = Sequence({Sequence({Primitive(2, "signer key")}), Set({Description(kSignerEncoding)})});
  const std::string good = DeviationFile({content});
  const TrustMaterial material = ReadTrustMaterial("list", good);
  EXPECT_EQ(material.signer, ListSigner::kUndetermined) << "its authority is not inside";
  const auto list = ParseDeviationList(AsBytes(good));
  const auto nothing = TrustStore::Builder().Build();
  DeviationTable table;
  EXPECT_FALSE(table.Add("list", *list, *nothing).ok());
  EXPECT_TRUE(table.Add("list", *list, *held_).ok());

  const auto wrong_purpose = ParseDeviationList(AsBytes(DeviationFile({content}, oid::kMasterListSigning)));
  EXPECT_FALSE(table.Add("list", *wrong_purpose, *held_).ok());
  EXPECT_EQ(ReadTrustMaterial("list", DeviationFile({content}, oid::kMasterListSigning)).signer, ListSigner::kInvalid);
  std::string altered = good;
  altered[altered.find("signer key")] ^= 1;
  EXPECT_FALSE(table.Add("list", *ParseDeviationList(AsBytes(altered)), *held_).ok());
}

TEST_F(DeviationTest, ReadsDefectListsOfBothVersions) {
  const std::string signer = Primitive(0, "signer key");
  const auto first = [](const Oid& type, const std::string& parameter) {
    return Sequence({ObjectId(type), parameter});
  };
  const auto second = [](const Oid& type, const std::string& parameter) {
    return Context(0, ObjectId(type) + (parameter.empty() ? "" : Context(0, parameter)) + Primitive(1, "a text"));
  };
  constexpr Oid kRevoked = "0.4.0.127.0.7.3.1.5.1.1", kMalformed = "0.4.0.127.0.7.3.1.5.2.1",
                kCountry = "0.4.0.127.0.7.3.1.5.2.5", kEid = "0.4.0.127.0.7.3.1.5.3.2",
                kGeneral = "0.4.0.127.0.7.3.1.5.4.99", kOther = "1.2.3";
  for (const int version : {0, 1}) {
    SCOPED_TRACE(version);
    const auto known = [&](const Oid& type, const std::string& parameter = "") {
      return version == 0 ? first(type, parameter) : second(type, parameter);
    };
    const std::string defect =
        Sequence({signer,
                  Element(0x31, known(kRevoked, Element(0x0A, "\x04")) +
                                    known(kMalformed, Element(0x31, Integer(2) + Integer(11))) +
                                    known(kCountry, Printable("UT")) + known(kEid) + known(kGeneral) + known(kOther)),
                  version == 1 ? Element(0x0C, "of a whole year") : ""});
    const auto matches = Table(DefectFile(version, {defect}), true).Find({.signer = signer_.get()});
    ASSERT_THAT(matches, SizeIs(6));
    EXPECT_EQ(matches[0].description->type, DeviationType::kSignerRevoked);
    EXPECT_EQ(matches[0].description->parameter, 4);
    EXPECT_THAT(matches[1].description->data_groups, ElementsAre(2, 11));
    EXPECT_EQ(matches[2].description->country, "UT");
    EXPECT_EQ(matches[3].description->type, DeviationType::kEidApplication);
    EXPECT_EQ(matches[4].description->type, DeviationType::kUnknownDocument);
    EXPECT_EQ(matches[5].description->type, DeviationType::kUnknown);
    EXPECT_EQ(ReadTrustMaterial("list", DefectFile(version, {defect})).kind, TrustFileKind::kDefectList);
  }
  EXPECT_FALSE(ParseDefectList(AsBytes(DefectFile(2, {}))).ok());
  const auto nameless = ParseDefectList(AsBytes(DefectFile(0, {Sequence({Set({})})})));
  EXPECT_THAT((*nameless)->skipped, SizeIs(1));
}

}  // namespace
}  // namespace gatehouse::pki
