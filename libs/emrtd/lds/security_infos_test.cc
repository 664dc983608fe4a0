#include "libs/emrtd/lds/security_infos.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/pki/specimen_for_tests.h"

namespace gatehouse::emrtd {
namespace {

using namespace pki::specimen;  // the writers of DER are the vocabulary here
using namespace std::string_literals;
using pki::AsBytes;
using testing::ElementsAre;
using testing::IsEmpty;

std::string Info(const char* protocol, const std::string& rest) { return Sequence({ObjectId(protocol), rest}); }

std::vector<FileDefect> DefectsOf(const SecurityInfos& infos) {
  std::vector<FileDefect> defects;
  for (const FileFinding& finding : infos.findings) defects.push_back(finding.defect);
  return defects;
}

SecurityInfos Read(const std::string& file) {
  auto infos = ReadCardAccess(AsBytes(file));
  EXPECT_TRUE(infos.ok()) << infos.status();
  return infos.ok() ? *infos : SecurityInfos{};
}

const std::string& EcKey() {
  static const auto& info = *new std::string(Key("brainpoolP256r1").info);
  return info;
}

TEST(SecurityInfosTest, DecodesEveryPaceProtocol) {
  struct Row {
    const char* protocol;
    const char* name;
    int parameter_id;
    const char* group;
  };
  for (const Row& row :
       std::initializer_list<Row>{{"0.4.0.127.0.7.2.2.4.1.1", "PACE-DH-GM-3DES-CBC-CBC", 0, "dh_1024_160"},
                                  {"0.4.0.127.0.7.2.2.4.1.4", "PACE-DH-GM-AES-CBC-CMAC-256", 2, "dh_2048_256"},
                                  {"0.4.0.127.0.7.2.2.4.2.2", "PACE-ECDH-GM-AES-CBC-CMAC-128", 13, "brainpoolP256r1"},
                                  {"0.4.0.127.0.7.2.2.4.3.3", "PACE-DH-IM-AES-CBC-CMAC-192", 1, "dh_2048_224"},
                                  {"0.4.0.127.0.7.2.2.4.4.4", "PACE-ECDH-IM-AES-CBC-CMAC-256", 18, "secp521r1"},
                                  {"0.4.0.127.0.7.2.2.4.6.2", "PACE-ECDH-CAM-AES-CBC-CMAC-128", 12, "prime256v1"}}) {
    SCOPED_TRACE(row.name);
    const std::string file = Set({Info(row.protocol, Integer(2) + Integer(row.parameter_id))});
    const SecurityInfos infos = Read(file);
    ASSERT_EQ(infos.pace.size(), 1u);
    EXPECT_EQ(ProtocolName(infos.pace[0]), row.name);
    const auto domain = infos.DomainParametersOf(infos.pace[0]);
    ASSERT_TRUE(domain.ok()) << domain.status();
    EXPECT_EQ(domain->group, row.group);
    EXPECT_EQ(domain->standardised_id, row.parameter_id);
    EXPECT_THAT(infos.findings, IsEmpty());
  }
}

TEST(SecurityInfosTest, NamesWhatIsWrongWithPace) {
  const std::string file =
      Set({Info("0.4.0.127.0.7.2.2.4.2.2", Integer(1) + Integer(13)), Info("0.4.0.127.0.7.2.2.4.2.4", Integer(2)),
           Info("0.4.0.127.0.7.2.2.4.1.2", Integer(2) + Integer(5)),
           Info("0.4.0.127.0.7.2.2.4.5.2", Integer(2) + Integer(13)),
           Info("0.4.0.127.0.7.2.2.4.1.3", Integer(2) + Integer(13))});
  const SecurityInfos infos = Read(file);
  EXPECT_EQ(infos.pace.size(), 4u);
  EXPECT_THAT(DefectsOf(infos),
              testing::UnorderedElementsAre(FileDefect::kSecurityInfoVersion, FileDefect::kPaceParameterAbsent,
                                            FileDefect::kPaceParameterReserved, FileDefect::kSecurityInfoMalformed));
  ASSERT_EQ(infos.others.size(), 1u);  // a mapping that does not exist offers nothing
  for (const PaceInfo& info : infos.pace) {
    // Number 13 is a curve: for a DH protocol it is no answer.
    EXPECT_EQ(infos.DomainParametersOf(info).ok(), info.version == 1);
  }
}

TEST(SecurityInfosTest, ReadsDomainParametersThatTheChipBrings) {
  const std::string named = Sequence({ObjectId(pki::oid::kEcPublicKey), ObjectId("1.3.36.3.3.2.8.1.1.11")});
  const std::string by_number = Sequence({ObjectId("0.4.0.127.0.7.1.2"), Integer(2)});
  const std::string group = Sequence({Integer(23), Integer(5), Integer(11)});
  const std::string file = Set({Info("0.4.0.127.0.7.2.2.4.2.2", Integer(2) + Integer(40)),
                                Info("0.4.0.127.0.7.2.2.4.2", named + Integer(40)),
                                Info("0.4.0.127.0.7.2.2.4.1", Sequence({ObjectId("1.2.840.10046.2.1"), group})),
                                Info("0.4.0.127.0.7.2.2.3.1", by_number + Integer(7))});
  const SecurityInfos infos = Read(file);
  ASSERT_EQ(infos.pace.size(), 1u);
  EXPECT_EQ(infos.DomainParametersOf(infos.pace[0])->group, "brainpoolP384r1");
  ASSERT_EQ(infos.pace_domain_parameters.size(), 2u);
  for (const PaceDomainParameterInfo& info : infos.pace_domain_parameters) {
    if (info.agreement == KeyAgreement::kEcdh) continue;
    EXPECT_EQ(pki::ToHex(info.domain.prime), "17");
    EXPECT_EQ(pki::ToHex(info.domain.generator), "05");
    EXPECT_EQ(pki::ToHex(info.domain.order), "0b");
  }
  ASSERT_EQ(infos.chip_authentication_domain_parameters.size(), 1u);
  EXPECT_EQ(infos.chip_authentication_domain_parameters[0].domain.group, "dh_2048_256");
}

TEST(SecurityInfosTest, PairsKeysOfChipAuthenticationWithTheirInfos) {
  const std::string file =
      Set({Info("0.4.0.127.0.7.2.2.1.2", EcKey() + Integer(1)), Info("0.4.0.127.0.7.2.2.1.2", EcKey() + Integer(2)),
           Info("0.4.0.127.0.7.2.2.3.2.2", Integer(1) + Integer(1)),
           Info("0.4.0.127.0.7.2.2.3.2.4", Integer(2) + Integer(2))});
  const SecurityInfos infos = Read(file);
  const auto offers = infos.ChipAuthenticationOffers();
  ASSERT_EQ(offers.size(), 2u);
  EXPECT_EQ(offers[0].cipher, Cipher::kAes128);
  EXPECT_EQ(offers[0].key_id, 1);
  EXPECT_EQ(offers[1].cipher, Cipher::kAes256);
  EXPECT_EQ(offers[1].version, 2);
  EXPECT_EQ(offers[1].key->key.domain.group, "brainpoolP256r1");
  EXPECT_EQ(offers[1].key->key.public_key.size(), 65u);
  EXPECT_THAT(infos.findings, IsEmpty());
}

TEST(SecurityInfosTest, AKeyAloneIsForTripleDes) {
  const std::string file = Set({Info("0.4.0.127.0.7.2.2.1.2", EcKey())});
  const SecurityInfos infos = Read(file);
  const auto offers = infos.ChipAuthenticationOffers();
  ASSERT_EQ(offers.size(), 1u);
  EXPECT_EQ(offers[0].cipher, Cipher::kTripleDes);
  EXPECT_FALSE(offers[0].key_id.has_value());
  EXPECT_THAT(DefectsOf(infos), ElementsAre(FileDefect::kChipAuthenticationInfoAbsent));
}

TEST(SecurityInfosTest, OneKeyAndOneInfoFitEvenWhenTheirIdentifiersDisagree) {
  const std::string file =
      Set({Info("0.4.0.127.0.7.2.2.1.2", EcKey() + Integer(1)), Info("0.4.0.127.0.7.2.2.3.2.3", Integer(1))});
  const SecurityInfos infos = Read(file);
  ASSERT_EQ(infos.ChipAuthenticationOffers().size(), 1u);
  EXPECT_EQ(infos.ChipAuthenticationOffers()[0].cipher, Cipher::kAes192);
  EXPECT_THAT(DefectsOf(infos), ElementsAre(FileDefect::kKeyIdentifierDisagrees));
}

TEST(SecurityInfosTest, ReadsTheOtherInfos) {
  const std::string reference = Sequence({Octets("\x01\x1C"), Octets("\x1C")});
  const std::string digests = Sequence({Sequence({Integer(1), Octets(std::string(32, 'd'))})});
  const std::string privileged = Set({Info("0.4.0.127.0.7.2.2.2", Integer(2))});
  const std::string file =
      Set({Info("0.4.0.127.0.7.2.2.2", Integer(1) + reference),
           Info("2.23.136.1.1.5", Integer(1) + ObjectId(pki::oid::kEcdsaPlainSha256)),
           Info("0.4.0.127.0.7.2.2.6", Element(0x16, "https://bsi.example/card.xml")),
           Info("0.4.0.127.0.7.2.2.7", Sequence({DigestAlgorithm(pki::Digest::kSha256), digests})),
           Info("0.4.0.127.0.7.2.2.8", privileged),
           Info("0.4.0.127.0.7.2.2.5.2.3", Sequence({Integer(1), Integer(3), Element(0x01, "\xFF")})),
           Info("1.2.3.4", Integer(9))});
  const SecurityInfos infos = Read(file);
  ASSERT_EQ(infos.terminal_authentication.size(), 1u);
  EXPECT_EQ(infos.terminal_authentication[0].ef_cvca->file_id, 0x011C);
  EXPECT_EQ(infos.terminal_authentication[0].ef_cvca->short_file_id, 0x1C);
  ASSERT_EQ(infos.active_authentication.size(), 1u);
  EXPECT_EQ(infos.active_authentication[0].algorithm->scheme, pki::SignatureScheme::kEcdsaPlain);
  EXPECT_EQ(infos.active_authentication[0].algorithm->digest, pki::Digest::kSha256);
  ASSERT_EQ(infos.card.size(), 1u);
  EXPECT_EQ(infos.card[0].url, "https://bsi.example/card.xml");
  ASSERT_EQ(infos.eid_security.size(), 1u);
  EXPECT_EQ(infos.eid_security[0].data_groups[0].digest.size(), 32u);
  ASSERT_EQ(infos.privileged_terminal.size(), 1u);
  EXPECT_EQ(infos.privileged_terminal[0].terminal_authentication.size(), 1u);
  ASSERT_EQ(infos.restricted_identification.size(), 1u);
  EXPECT_TRUE(infos.restricted_identification[0].authorised_only);
  ASSERT_EQ(infos.others.size(), 1u);
  EXPECT_EQ(pki::OidText(infos.others[0].protocol), "1.2.3.4");
  EXPECT_THAT(infos.findings, IsEmpty());
}

TEST(SecurityInfosTest, APrivilegedTerminalInfoDoesNotNest) {
  const std::string inner = Set({Info("0.4.0.127.0.7.2.2.8", Set({Info("0.4.0.127.0.7.2.2.2", Integer(1))}))});
  const std::string file = Set({Info("0.4.0.127.0.7.2.2.8", inner)});
  const SecurityInfos infos = Read(file);
  ASSERT_EQ(infos.privileged_terminal.size(), 1u);
  EXPECT_THAT(infos.privileged_terminal[0].privileged_terminal, IsEmpty());
  EXPECT_EQ(infos.privileged_terminal[0].others.size(), 1u);
}

TEST(SecurityInfosTest, NamesDefectsOfTheEncoding) {
  const std::string pace = Info("0.4.0.127.0.7.2.2.4.2.2", Integer(2) + Integer(13));
  const std::string other = Info("0.4.0.127.0.7.2.2.2", Integer(1));
  EXPECT_THAT(DefectsOf(Read(Element(0x31, pace + other))), ElementsAre(FileDefect::kSetUnsorted));
  EXPECT_THAT(DefectsOf(Read(Set({pace}) + "\0\0"s)), ElementsAre(FileDefect::kTrailingBytes));
  EXPECT_THAT(DefectsOf(Read("\x31\x80"s + pace + "\0\0"s)), ElementsAre(FileDefect::kNotDer));
  EXPECT_THAT(DefectsOf(Read("\x31\x81"s + static_cast<char>(pace.size()) + pace)), ElementsAre(FileDefect::kNotDer));
  EXPECT_THAT(DefectsOf(Read("\x31\x7F"s + pace)), testing::Contains(FileDefect::kOuterLength));
  const std::string data_group_14 = Element(0x6E, Set({pace}));
  EXPECT_TRUE(ReadDataGroup14(AsBytes(data_group_14)).ok());
  EXPECT_FALSE(ReadCardAccess(AsBytes(data_group_14)).ok());
}

TEST(SecurityInfosTest, RefusesWhatCannotBeWalked) {
  std::string many;
  for (size_t i = 0; i <= kMaxSecurityInfos; ++i) many += Info("1.2.3", Integer(1));
  for (const std::string& file :
       {""s, "\x31"s, Integer(1), Element(0x31, Integer(1)), Element(0x31, many), Element(0x31, Sequence({Integer(1)})),
        std::string(kMaxSecurityInfosBytes + 1, '1')}) {
    EXPECT_FALSE(ReadCardAccess(AsBytes(file)).ok());
  }
}

}  // namespace
}  // namespace gatehouse::emrtd
