#include "libs/emrtd/access/reader.h"

#include "libs/emrtd/access/chip_for_tests.h"
#include "libs/emrtd/access/octets_for_tests.h"
#include "libs/emrtd/specimen_for_tests.h"
#include "libs/pki/oid.h"
#include "libs/pki/specimen_for_tests.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/status_matchers.h"
#include "tools/specimen/cv_certificate_maker.h"

namespace gatehouse::emrtd::access {
namespace {

constexpr const char* kInformation = "L898902C<369080619406236";
const Group& kGroup = *Group::Find(13);

Octets AsOctets(std::string_view text) { return Copy(pki::AsBytes(text)); }

Password Mrz(const char* information) { return {PasswordKind::kMrz, base::Redacted<std::string>(information)}; }

Octets Integer(uint8_t value) { return EncodeTlv(pki::tag::kInteger, {{&value, 1}}); }

PaceProtocol Protocol(PaceMapping mapping, Cipher cipher) {
  const uint8_t arc = mapping == PaceMapping::kChipAuthentication ? 6 : mapping == PaceMapping::kGeneric ? 2 : 4;
  return {.identifier = {0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04, arc,
                         static_cast<uint8_t>(static_cast<int>(cipher) + 1)},
          .mapping = mapping,
          .cipher = cipher,
          .group = &kGroup,
          .parameter_id = 13};
}

Octets PaceInfoOf(const PaceProtocol& protocol) {
  return EncodeTlv(0x30, {EncodeTlv(pki::tag::kOid, protocol.identifier), Integer(2), Integer(13)});
}

// A public key as id-ecPublicKey on brainpoolP256r1.
Octets PublicKeyInfo(const KeyPair& key) {
  const pki::Oid curve = "1.3.36.3.3.2.8.1.1.7";
  const Octets algorithm = EncodeTlv(
      0x30, {EncodeTlv(pki::tag::kOid, pki::oid::kEcPublicKey.bytes()), EncodeTlv(pki::tag::kOid, curve.bytes())});
  const uint8_t no_unused_bits[] = {0};
  return EncodeTlv(0x30, {algorithm, EncodeTlv(pki::tag::kBitString, {no_unused_bits, key.public_key})});
}

Octets SecurityInfosOf(const KeyPair& key, std::optional<Cipher> cipher, uint8_t version = 1) {
  const pki::Oid id_pk_ecdh = "0.4.0.127.0.7.2.2.1.2";
  Octets infos = EncodeTlv(0x30, {EncodeTlv(pki::tag::kOid, id_pk_ecdh.bytes()), PublicKeyInfo(key)});
  if (cipher) {
    const Octets identifier = ChipAuthenticationIdentifier(KeyAgreement::kEcdh, *cipher);
    Append(infos, EncodeTlv(0x30, {EncodeTlv(pki::tag::kOid, identifier), Integer(version)}));
  }
  return EncodeTlv(0x31, infos);
}

class ReaderTest : public ::testing::Test {
 protected:
  ReaderTest() {
    static const auto& keys = *new specimen::Keys("prime256v1");
    static_key_ = GenerateKeyPair(kGroup, random_, kGroup.generator());
    specimen::Chip chip(keys);
    const Octets infos = SecurityInfosOf(static_key_, Cipher::kAes128);
    const Octets group_14 = EncodeTlv(0x6E, infos);
    chip.data_groups[2] = specimen::MakeDataGroup2(70000);  // beyond every even offset and two octets of length
    chip.data_groups[3] = "\x63\x03\x01\x02\x03";
    chip.data_groups[14] = std::string(pki::AsText(group_14));
    chip.data_groups[15] = "\x6F\x03\x01\x02\x03";
    chip.com = specimen::MakeCom({1, 2, 3, 14, 15});
    chip.Make();
    for (const auto& [number, file] : chip.data_groups) {
      setup_.files[static_cast<uint16_t>(0x0100 + number)] = AsOctets(file);
    }
    setup_.files[0x011E] = AsOctets(chip.com);
    setup_.files[0x011D] = AsOctets(chip.security_object_file);
    setup_.mrz_information = kInformation;
    setup_.group = &kGroup;
    setup_.static_key = static_key_;
    setup_.cipher = Cipher::kAes128;
    setup_.active_answer = FromHex("A1A2A3");
    keys_.passwords = {Mrz(kInformation)};
    options_.active_authentication_challenge = FromHex("0102030405060708");
  }

  void OfferPace(PaceMapping mapping, Cipher cipher) {
    setup_.pace = Protocol(mapping, cipher);
    setup_.pace_password = Mrz(kInformation);
    setup_.mapping_key = &static_key_;
    setup_.master_files[0x011C] = EncodeTlv(0x31, PaceInfoOf(*setup_.pace));
  }

  DocumentReading ReadFrom(ChipForTests& chip) { return ReadDocument({chip, keys_, options_, random_}); }
  DocumentReading Read() {
    ChipForTests chip(setup_, random_);
    return ReadFrom(chip);
  }

  void ExpectFiles(const DocumentReading& reading, std::initializer_list<const char*> names) {
    for (const char* name : names) {
      const FileRecord* file = reading.Find(name);
      ASSERT_NE(file, nullptr) << name;
      EXPECT_TRUE(file->whole) << name << ": " << file->detail;
      const uint16_t id = std::string_view(name) == "EF.COM"   ? 0x011E
                          : std::string_view(name) == "EF.SOD" ? 0x011D
                                                               : static_cast<uint16_t>(0x0100 + std::atoi(name + 2));
      EXPECT_EQ(file->octets, setup_.files.at(id)) << name;
    }
  }

  testing::SeededRandom random_{11};
  KeyPair static_key_;
  ChipSetup setup_;
  AccessKeys keys_;
  ReadOptions options_;
};

TEST_F(ReaderTest, ReadsAllOverBac) {
  const DocumentReading reading = Read();
  ExpectFiles(reading, {"EF.COM", "EF.SOD", "DG1", "DG2", "DG14", "DG15"});
  // The files alone stand to be verified: what was asked for and is not there has no octets.
  EXPECT_TRUE(reading.Find("EF.CardAccess")->octets.empty());
  EXPECT_EQ(reading.access_protocol, "BAC");
  EXPECT_EQ(reading.Find("DG3"), nullptr);
  EXPECT_EQ(reading.data_groups, (std::vector<int>{1, 2, 3, 14, 15}));
  EXPECT_EQ(reading.StateOf(ReadStep::kPace), Tr03135State::kNotSupported);
  EXPECT_EQ(reading.StateOf(ReadStep::kBac), Tr03135State::kSuccessful);
  EXPECT_EQ(reading.StateOf(ReadStep::kChipAuthentication), Tr03135State::kSuccessful);
  EXPECT_EQ(reading.StateOf(ReadStep::kActiveAuthentication), Tr03135State::kUndetermined);
  EXPECT_EQ(reading.StateOf(ReadStep::kTerminalAuthentication), Tr03135State::kUndetermined);
  EXPECT_EQ(reading.StateOf(ReadStep::kFiles), Tr03135State::kSuccessful);
  ASSERT_TRUE(reading.chip_authentication.has_value());
  EXPECT_EQ(reading.chip_authentication->subject_public_key_info, PublicKeyInfo(static_key_));
  ASSERT_TRUE(reading.active_authentication.has_value());
  EXPECT_EQ(reading.active_authentication->answer, FromHex("A1A2A3"));
  EXPECT_FALSE(reading.connection_lost);
  EXPECT_EQ(reading.steps.size(), 10u);
}

TEST_F(ReaderTest, ReadsAllOverEveryPace) {
  for (const PaceMapping mapping :
       {PaceMapping::kGeneric, PaceMapping::kIntegrated, PaceMapping::kChipAuthentication}) {
    for (const Cipher cipher : {Cipher::kTripleDes, Cipher::kAes128, Cipher::kAes192, Cipher::kAes256}) {
      if (mapping == PaceMapping::kChipAuthentication && cipher == Cipher::kTripleDes) continue;
      OfferPace(mapping, cipher);
      options_.data_groups = {1, 14};
      const DocumentReading reading = Read();
      ExpectFiles(reading, {"EF.COM", "EF.SOD", "DG1", "DG14"});
      EXPECT_EQ(reading.StateOf(ReadStep::kPace), Tr03135State::kSuccessful);
      EXPECT_EQ(reading.StateOf(ReadStep::kBac), Tr03135State::kUndetermined);
      EXPECT_TRUE(reading.access_protocol.starts_with("PACE-ECDH-")) << reading.access_protocol;
      EXPECT_EQ(reading.Find("DG2"), nullptr);
      // EF.CardSecurity is missing, so CAM says nothing yet.
      EXPECT_EQ(reading.chip_mapping.has_value(), mapping == PaceMapping::kChipAuthentication);
      EXPECT_EQ(reading.StateOf(ReadStep::kChipMapping), mapping == PaceMapping::kChipAuthentication
                                                             ? Tr03135State::kUndetermined
                                                             : Tr03135State::kNotSupported);
    }
  }
}

TEST_F(ReaderTest, ACloneFailsChipAuthenticationAndIsReadAllTheSame) {
  for (const std::optional<Cipher> cipher : {std::optional(Cipher::kAes128), std::optional(Cipher::kTripleDes)}) {
    setup_.cipher = *cipher;
    setup_.files[0x010E] = EncodeTlv(0x6E, SecurityInfosOf(static_key_, cipher));
    setup_.static_key = GenerateKeyPair(kGroup, random_, kGroup.generator());
    const DocumentReading reading = Read();
    EXPECT_EQ(reading.StateOf(ReadStep::kChipAuthentication), Tr03135State::kFailed);
    EXPECT_FALSE(reading.chip_authentication.has_value());
    ExpectFiles(reading, {"DG1", "DG2", "DG15"});
  }
}

// A key file of this size makes the answer too long for a short response. The session that ended is opened again.
TEST_F(ReaderTest, AProofThatWasAskedForInLengthsTheChipDoesNotKnowIsAskedForAgain) {
  setup_.files[0x010F] = EncodeTlv(0x6F, Octets(270));
  setup_.short_lengths_only = true;
  ChipForTests chip(setup_, random_);
  const DocumentReading reading = ReadFrom(chip);
  ASSERT_TRUE(reading.active_authentication.has_value());
  EXPECT_EQ(reading.active_authentication->answer, setup_.active_answer);
  EXPECT_EQ(chip.extended_commands(), 1) << "and no more";
  ExpectFiles(reading, {"DG1", "DG2", "DG14", "DG15"});
}

// The longest response to a command in short lengths.
class LongestShortResponse final : public Transport {
 public:
  explicit LongestShortResponse(ChipForTests& chip) : chip_(chip) {}
  absl::StatusOr<Octets> Transmit(Bytes bytes) override {
    absl::StatusOr<Octets> response = chip_.Transmit(bytes);
    if (response.ok() && !DecodeCommand(bytes)->extended) longest = std::max(longest, response->size());
    return response;
  }
  Octets AnswerToReset() const override { return chip_.AnswerToReset(); }

  size_t longest = 0;

 private:
  ChipForTests& chip_;
};

TEST_F(ReaderTest, AfterARefusedLengthFilesAreReadInShortOnesToo) {
  setup_.answer_to_reset = FromHex("3B 85 80 01 80 73 00 00 40 00");  // extended lengths, it says
  setup_.files[0x010F] = EncodeTlv(0x6F, Octets(270));
  setup_.refusal = StatusWord::kWrongLength;
  ChipForTests chip(setup_, random_);
  LongestShortResponse transport(chip);
  const DocumentReading reading = ReadDocument({transport, keys_, options_, random_});
  EXPECT_EQ(reading.StateOf(ReadStep::kActiveAuthentication), Tr03135State::kFailed);
  EXPECT_GT(chip.extended_commands(), 0);
  ExpectFiles(reading, {"DG1", "DG2", "DG14", "DG15"});
  EXPECT_LE(transport.longest, size_t{kMaxShortExpected} + 2) << "whole in a short response, protected as it is";
}

// However it says no: what EF.SOD lists the chip must be able to do.
TEST_F(ReaderTest, ARefusedProofIsAFailedOne) {
  for (const StatusWord word :
       {StatusWord::kReferencedDataNotFound, StatusWord::kFileNotFound, StatusWord::kWrongLength,
        StatusWord::kInstructionNotSupported, StatusWord::kConditionsNotSatisfied}) {
    SCOPED_TRACE(Describe(word));
    setup_.refusal = word;
    const DocumentReading reading = Read();
    EXPECT_EQ(reading.StateOf(ReadStep::kChipAuthentication), Tr03135State::kFailed);
    EXPECT_EQ(reading.StateOf(ReadStep::kActiveAuthentication), Tr03135State::kFailed);
    ExpectFiles(reading, {"DG1", "DG2"});
  }
}

TEST_F(ReaderTest, WhatWeCannotDoIsNoFaultOfTheChip) {
  setup_.files[0x010E] = EncodeTlv(0x6E, SecurityInfosOf(static_key_, Cipher::kAes128, 2));
  EXPECT_EQ(Read().StateOf(ReadStep::kChipAuthentication), Tr03135State::kUndetermined) << "a version not built";
  setup_.files[0x010E] = FromHex("6E03010203");
  EXPECT_EQ(Read().StateOf(ReadStep::kChipAuthentication), Tr03135State::kUndetermined) << "a file not understood";
  setup_.files.erase(0x010E);
  EXPECT_EQ(Read().StateOf(ReadStep::kChipAuthentication), Tr03135State::kFailed) << "a file listed and not given";
}

TEST_F(ReaderTest, AKeyAloneMeansTripleDes) {
  setup_.cipher = Cipher::kTripleDes;
  setup_.files[0x010E] = EncodeTlv(0x6E, SecurityInfosOf(static_key_, std::nullopt));
  const DocumentReading reading = Read();
  EXPECT_EQ(reading.StateOf(ReadStep::kChipAuthentication), Tr03135State::kSuccessful);
  ASSERT_TRUE(reading.chip_authentication.has_value());
  EXPECT_EQ(reading.chip_authentication->cipher, Cipher::kTripleDes);
}

TEST_F(ReaderTest, FallsBackFromPaceToBac) {
  OfferPace(PaceMapping::kGeneric, Cipher::kAes128);
  setup_.pace->identifier.back() = 9;  // the chip refuses what its own file offers
  const DocumentReading reading = Read();
  EXPECT_EQ(reading.StateOf(ReadStep::kPace), Tr03135State::kFailed);
  EXPECT_EQ(reading.StateOf(ReadStep::kBac), Tr03135State::kSuccessful);
  ExpectFiles(reading, {"DG1", "DG2"});
}

TEST_F(ReaderTest, TriesTheNextPassword) {
  OfferPace(PaceMapping::kGeneric, Cipher::kAes256);
  setup_.pace_password = {PasswordKind::kCan, base::Redacted<std::string>("500540")};
  setup_.mrz_information.clear();
  keys_.passwords = {Mrz(kInformation), setup_.pace_password};
  options_.data_groups = {1};
  ExpectFiles(Read(), {"DG1"});
  keys_.passwords = {Mrz(kInformation)};
  const DocumentReading reading = Read();
  EXPECT_EQ(reading.StateOf(ReadStep::kPace), Tr03135State::kFailed);
  EXPECT_EQ(reading.StateOf(ReadStep::kSecurityObject), Tr03135State::kFailed);
  EXPECT_EQ(reading.Find("DG1"), nullptr);
}

TEST_F(ReaderTest, FingerprintsNeedTerminalAuthentication) {
  const pki::specimen::Key key("prime256v1");
  TerminalCredentials terminal{
      .chain = {AsOctets(::gatehouse::specimen::MakeCvCertificate({.holder = "UTIS00001",
                                                                   .key = key.pkey(),
                                                                   .rights = ::gatehouse::specimen::kCvTerminal,
                                                                   .effective = absl::CivilDay(2026, 1, 1),
                                                                   .expiration = absl::CivilDay(2026, 12, 31)},
                                                                  {key.pkey()}))},
      .sign = [](Bytes message) { return absl::StatusOr<Octets>(Copy(message)); }};
  keys_.terminal = &terminal;
  setup_.signature_of = [](Bytes message) { return Copy(message); };
  Octets cvca = EncodeTlv(0x42, pki::AsBytes("UTCVCA00001"));
  cvca.resize(36);
  setup_.files[0x011C] = cvca;
  options_.data_groups = {1, 3, 14};
  DocumentReading reading = Read();
  EXPECT_EQ(reading.StateOf(ReadStep::kTerminalAuthentication), Tr03135State::kSuccessful);
  ExpectFiles(reading, {"DG1", "DG3"});

  setup_.signature_of = [](Bytes) { return Octets{1}; };
  reading = Read();
  EXPECT_EQ(reading.StateOf(ReadStep::kTerminalAuthentication), Tr03135State::kFailed);
  EXPECT_EQ(reading.Find("DG3"), nullptr);

  setup_.files[0x011C] = EncodeTlv(0x42, pki::AsBytes("DECVCA00001"));
  reading = Read();
  EXPECT_EQ(reading.StateOf(ReadStep::kTerminalAuthentication), Tr03135State::kUndetermined);
}

TEST_F(ReaderTest, AReadingThatBrokeOffGoesOnWhereItWas) {
  ChipForTests whole(setup_, random_);
  ReadFrom(whole);
  for (int lose_after = 0; lose_after < whole.commands(); lose_after += 7) {
    setup_.lose_after = lose_after;
    const DocumentReading first = Read();
    EXPECT_TRUE(first.connection_lost) << lose_after;
    EXPECT_EQ(first.steps.size(), 10u) << lose_after;
    EXPECT_NE(first.StateOf(ReadStep::kFiles), Tr03135State::kSuccessful);
    setup_.lose_after = -1;
    options_.earlier = &first;
    ChipForTests chip(setup_, random_);
    const DocumentReading second = ReadFrom(chip);
    options_.earlier = nullptr;
    ExpectFiles(second, {"EF.COM", "EF.SOD", "DG1", "DG2", "DG14", "DG15"});
    EXPECT_EQ(second.StateOf(ReadStep::kFiles), Tr03135State::kSuccessful);
    if (first.Find("DG2") != nullptr) {
      EXPECT_LT(chip.commands(), whole.commands());
    }
  }
}

TEST_F(ReaderTest, ABrokenChecksumEndsTheSessionAndTheReaderComesBack) {
  setup_.bend_response = 1;
  const DocumentReading reading = Read();
  EXPECT_FALSE(reading.connection_lost);
  EXPECT_EQ(reading.StateOf(ReadStep::kFiles), Tr03135State::kSuccessful);
  ExpectFiles(reading, {"EF.COM", "EF.SOD", "DG1", "DG2", "DG14", "DG15"});
}

TEST_F(ReaderTest, ReadsWithExtendedLengthsWhereTheChipSaysSo) {
  ChipForTests short_only(setup_, random_);
  ReadFrom(short_only);
  EXPECT_EQ(short_only.extended_commands(), 0);
  // Historical bytes: category 80, capabilities with the bit for extended lengths.
  setup_.answer_to_reset = FromHex("3B 85 80 01 80 73 00 00 40 00");
  ChipForTests by_atr(setup_, random_);
  ExpectFiles(ReadFrom(by_atr), {"DG2"});
  EXPECT_LT(by_atr.commands(), short_only.commands() / 4);
  setup_.answer_to_reset.clear();
  setup_.master_files[0x2F01] = FromHex("7F66 08 0202 2000 0202 4000");
  ChipForTests by_file(setup_, random_);
  ExpectFiles(ReadFrom(by_file), {"DG2"});
  EXPECT_LT(by_file.commands(), by_atr.commands());
  options_.extended_length = false;
  ChipForTests forbidden(setup_, random_);
  ExpectFiles(ReadFrom(forbidden), {"DG2"});
  EXPECT_EQ(forbidden.extended_commands(), 0);
}

TEST_F(ReaderTest, ReadsByShortIdentifierWhereThereIsNoSelect) {
  setup_.select_by_id = false;
  setup_.files[0x0102] = FromHex("7503010203");
  ExpectFiles(Read(), {"EF.COM", "EF.SOD", "DG1", "DG2"});
}

TEST_F(ReaderTest, FilesThatLieAboutTheirLengthAreNotWhole) {
  setup_.shorten = 1;
  const DocumentReading reading = Read();
  ASSERT_NE(reading.Find("EF.COM"), nullptr);
  EXPECT_FALSE(reading.Find("EF.COM")->whole);
  setup_.shorten = 0;
  setup_.files[0x0102] = FromHex("7584 7FFFFFFF 00");  // two gigabytes
  const DocumentReading large = Read();
  EXPECT_FALSE(large.Find("DG2")->whole);
  EXPECT_LT(large.Find("DG2")->octets.size(), 100u);
  EXPECT_EQ(large.StateOf(ReadStep::kFiles), Tr03135State::kFailed);
  setup_.files[0x0102] = Octets(1000, 0xFF);
  EXPECT_FALSE(Read().Find("DG2")->whole);
}

TEST_F(ReaderTest, CrumbsAreRefused) {
  setup_.most_data = 8;
  const DocumentReading reading = Read();
  EXPECT_FALSE(reading.Find("EF.SOD")->whole);
  EXPECT_THAT(reading.Find("EF.SOD")->detail, ::testing::HasSubstr("crumbs"));
}

TEST_F(ReaderTest, TheCallerMayStopIt) {
  options_.progress = [](const FileProgress& progress) { return progress.name != "DG2" || progress.done_bytes < 1000; };
  const DocumentReading reading = Read();
  ASSERT_NE(reading.Find("DG2"), nullptr);
  EXPECT_FALSE(reading.Find("DG2")->whole);
  EXPECT_EQ(reading.StateOf(ReadStep::kFiles), Tr03135State::kAborted);
}

TEST(FileReader, CapabilitiesOfAnAtr) {
  EXPECT_TRUE(SaysExtendedLength(FromHex("3B 85 80 01 80 73 00 00 40 00")));
  EXPECT_FALSE(SaysExtendedLength(FromHex("3B 85 80 01 80 73 00 00 00 00")));
  for (const char* broken : {"", "3B", "3B85", "3B 8F 80 01 80 73 00 00 40", "3B 85 80 01 81 73 00 00 40 00",
                             "3B 82 80 01 80 73", "3B F0 11", "3B 80 80 80 80 80"}) {
    EXPECT_FALSE(SaysExtendedLength(FromHex(broken))) << broken;
  }
  EXPECT_EQ(ReadLongestResponse(FromHex("7F66 08 0202 2000 0202 4000")), 0x4000);
  EXPECT_EQ(ReadLongestResponse(FromHex("80 4703 000040 7F66 0A 0203 010000 0203 010000")), 65536);
  for (const char* broken : {"", "7F66", "7F66 04 0202 2000", "7F66 0C 0202 2000 0204 40000000", "47 03 00"}) {
    EXPECT_EQ(ReadLongestResponse(FromHex(broken)), std::nullopt) << broken;
  }
}

}  // namespace
}  // namespace gatehouse::emrtd::access
