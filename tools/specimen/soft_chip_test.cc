#include "tools/specimen/soft_chip.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "libs/emrtd/access/file_reader.h"
#include "libs/emrtd/access/pace_exchange.h"
#include "libs/emrtd/access/reader.h"
#include "libs/emrtd/access/terminal_authentication.h"
#include "libs/emrtd/active_authentication.h"
#include "tools/specimen/cv_certificate_maker.h"
#include "tools/specimen/key.h"
#include "tools/specimen/seeded_random.h"
#include "tools/specimen/soft_chip_folder.h"
#include "tools/specimen/soft_chip_maker.h"

namespace gatehouse::specimen {
namespace {

using access::Channel;
using access::Command;
using access::Password;
using access::PasswordKind;

absl::Time Today() { return absl::FromCivil(absl::CivilDay(2026, 11, 25), absl::UTCTimeZone()); }

Octets ReadAll(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return Octets(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

// A chip from its folder, in the field of a terminal.
struct Field {
  explicit Field(const std::filesystem::path& folder) : contents(*ReadSoftChip(folder)) {}

  access::PaceEstablished Pace(PasswordKind kind = PasswordKind::kMrz) {
    const auto infos = *emrtd::ReadCardAccess(contents.master_files.at(0x011C));
    const auto protocol = *access::ResolvePace(infos, infos.pace.front());
    const std::string& characters = kind == PasswordKind::kMrz ? contents.mrz_information : contents.can;
    auto established = access::RunPace(
        channel, {protocol, {.kind = kind, .characters = base::Redacted(characters)}, infos.pace.size() > 1}, random);
    EXPECT_TRUE(established.ok()) << established.status();
    return established.ok() ? *std::move(established) : access::PaceEstablished{};
  }
  absl::Status Select() {
    const Command select{.ins = 0xA4, .p1 = 0x04, .p2 = 0x0C, .data = {0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01}};
    return access::SendExpectingSuccess(channel, select, "SELECT").status();
  }
  absl::StatusOr<Octets> Read(const access::ElementaryFile& file) {
    access::FileReader reader(channel, {});
    access::FileContents read = reader.Read(file);
    if (!read.status.ok()) return read.status;
    return read.octets;
  }
  absl::StatusOr<access::ChipAuthenticationEvidence> ChipAuthentication() {
    const auto infos = *emrtd::ReadDataGroup14(contents.application_files.at(0x010E));
    const auto offers = infos.ChipAuthenticationOffers();
    EXPECT_EQ(offers.size(), 1u);
    return access::RunChipAuthentication(channel, offers.at(0), random);
  }
  emrtd::ActiveAuthentication ActiveAuthentication() {
    const Octets challenge = {1, 2, 3, 4, 5, 6, 7, 8};
    const auto answer = access::SendExpectingSuccess(
        channel, {.ins = 0x88, .data = challenge, .expected = access::kMaxExtendedExpected}, "INTERNAL AUTHENTICATE");
    EXPECT_TRUE(answer.ok()) << answer.status();
    const Bytes group_14 = contents.application_files.at(0x010E);
    return emrtd::VerifyActiveAuthentication({.data_group_15 = contents.application_files.at(0x010F),
                                              .data_group_14 = group_14,
                                              .challenge = challenge,
                                              .signature = answer.ok() ? *answer : Octets()});
  }

  const SoftChipContents contents;
  SeededRandom random{7, "terminal"};
  SeededRandom chip_random{7, "chip"};
  SoftChip chip{contents, chip_random};
  SoftChipTransport transport{chip};
  Channel channel{transport};
};

std::filesystem::path Make(const std::string& name, const SoftChipOptions& options) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / ("soft-chip-" + name);
  std::filesystem::remove_all(folder);
  const absl::Status made = MakeSoftChip(options, folder);
  EXPECT_TRUE(made.ok()) << made;
  return folder;
}

const std::filesystem::path& Standard() {
  static const std::filesystem::path folder = Make("standard", {.at = Today()});
  return folder;
}

TEST(SoftChipTest, ReadsByBacWithChipAndActiveAuthentication) {
  Field field(Standard() / "chip");
  ASSERT_TRUE(field.Select().ok());
  EXPECT_TRUE(absl::IsPermissionDenied(field.Read(access::file::kCom).status())) << "before BAC";
  ASSERT_TRUE(access::RunBac(field.channel, field.contents.mrz_information, field.random).ok());
  EXPECT_EQ(*field.Read(*access::file::DataGroup(2)), field.contents.application_files.at(0x0102));
  EXPECT_EQ(field.ActiveAuthentication().state, emrtd::ActiveAuthenticationState::kValid);
  const auto evidence = field.ChipAuthentication();
  ASSERT_TRUE(evidence.ok()) << evidence.status();
  EXPECT_EQ(*field.Read(access::file::kSecurityObject), field.contents.application_files.at(0x011D));
}

TEST(SoftChipTest, AWrongZoneOpensNothing) {
  Field field(Standard() / "chip");
  ASSERT_TRUE(field.Select().ok());
  std::string wrong = field.contents.mrz_information;
  wrong[3] = wrong[3] == '1' ? '2' : '1';
  EXPECT_TRUE(absl::IsPermissionDenied(access::RunBac(field.channel, wrong, field.random)));
  EXPECT_FALSE(field.Read(access::file::kCom).ok());
}

TEST(SoftChipTest, EveryMappingByZoneAndByCan) {
  struct Row {
    const char* name;
    SoftChipOptions options;
  };
  const Row rows[] = {
      {"gm", {.at = Today(), .bac = false, .several_pace = true}},
      {"im", {.at = Today(), .pace = emrtd::PaceMapping::kIntegrated, .cipher = emrtd::Cipher::kAes256}},
      {"cam", {.at = Today(), .pace = emrtd::PaceMapping::kChipAuthentication, .group = 16}},
      {"dh", {.at = Today(), .group = 2, .chip_authentication_cipher = emrtd::Cipher::kTripleDes}},
      {"3des",
       {.at = Today(),
        .cipher = emrtd::Cipher::kTripleDes,
        .chip_authentication_cipher = emrtd::Cipher::kTripleDes,
        .active_authentication = ActiveAuthenticationKind::kEcdsa}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const std::filesystem::path folder = Make(row.name, row.options);
    for (const PasswordKind kind : {PasswordKind::kMrz, PasswordKind::kCan}) {
      Field field(folder / "chip");
      const access::PaceEstablished pace = field.Pace(kind);
      EXPECT_EQ(pace.result.mapping.has_value(), row.options.pace == emrtd::PaceMapping::kChipAuthentication);
      ASSERT_TRUE(field.Select().ok());
      EXPECT_TRUE(field.ChipAuthentication().ok());
      EXPECT_EQ(field.ActiveAuthentication().state, emrtd::ActiveAuthenticationState::kValid);
      EXPECT_EQ(*field.Read(*access::file::DataGroup(1)), field.contents.application_files.at(0x0101));
    }
  }
}

TEST(SoftChipTest, ACloneHasTheFilesAndNotTheKeys) {
  Field clone(Standard() / "clone");
  ASSERT_TRUE(clone.Select().ok());
  ASSERT_TRUE(access::RunBac(clone.channel, clone.contents.mrz_information, clone.random).ok());
  EXPECT_EQ(clone.contents.application_files, ReadSoftChip(Standard() / "chip")->application_files);
  EXPECT_EQ(clone.ActiveAuthentication().state, emrtd::ActiveAuthenticationState::kInvalid);
  EXPECT_TRUE(absl::IsUnauthenticated(clone.ChipAuthentication().status()));
  Field silent(Standard() / "clone-without-keys");
  ASSERT_TRUE(silent.Select().ok());
  ASSERT_TRUE(access::RunBac(silent.channel, silent.contents.mrz_information, silent.random).ok());
  EXPECT_FALSE(silent.ChipAuthentication().ok());
}

TEST(SoftChipTest, FingerprintsAreForTerminalsThatMayReadThem) {
  Field field(Standard() / "chip");
  const access::PaceEstablished pace = field.Pace();
  ASSERT_TRUE(field.Select().ok());
  EXPECT_TRUE(absl::IsPermissionDenied(field.Read(*access::file::DataGroup(3)).status()));
  const auto evidence = field.ChipAuthentication();
  ASSERT_TRUE(evidence.ok());
  const std::string pem(pki::AsText(ReadAll(Standard() / "terminal/terminal.pem")));
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                     BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  const access::TerminalCredentials credentials{
      .chain = {ReadAll(Standard() / "terminal/chain-1.cvcert"), ReadAll(Standard() / "terminal/chain-2.cvcert")},
      .sign = [&](Bytes message) -> absl::StatusOr<Octets> {
        return access::Copy(pki::AsBytes(SignAsTerminal({key.get()}, pki::AsText(message))));
      }};
  const auto trust_points = access::ReadCvca(*field.Read(access::file::kCvca));
  ASSERT_TRUE(trust_points.ok()) << trust_points.status();
  const absl::Status shown = access::RunTerminalAuthentication(field.channel, {.credentials = &credentials,
                                                                               .trust_points = *trust_points,
                                                                               .chip_id = pace.result.chip_key,
                                                                               .terminal_key = evidence->terminal_key});
  ASSERT_TRUE(shown.ok()) << shown;
  EXPECT_EQ(*field.Read(*access::file::DataGroup(3)), field.contents.application_files.at(0x0103));
}

// What goes over the wire of a chip, counted.
class Counting final : public access::Transport {
 public:
  explicit Counting(SoftChip& chip, bool says_lengths = true) : chip_(chip), says_lengths_(says_lengths) {}
  absl::StatusOr<Octets> Transmit(Bytes bytes) override {
    const auto command = access::DecodeCommand(bytes);
    extended += command->extended;
    chained[command->ins] += (command->cla & access::kClaChaining) != 0;
    fetched += command->ins == access::ins::kGetResponse;
    return chip_.Process(bytes);
  }
  Octets AnswerToReset() const override { return says_lengths_ ? chip_.AnswerToReset() : Octets(); }

  int extended = 0, fetched = 0;
  std::map<uint8_t, int> chained;

 private:
  SoftChip& chip_;
  const bool says_lengths_;
};

// A terminal whose RSA keys make everything long, and the authority that a chip must know.
struct LongTerminal {
  LongTerminal() {
    const char* algorithm = "0.4.0.127.0.7.2.2.2.1.2";
    const absl::CivilDay today = absl::ToCivilDay(Today(), absl::UTCTimeZone());
    trust_point = access::Copy(pki::AsBytes(MakeCvCertificate(
        {.key = authority.pkey.get(), .algorithm = algorithm, .effective = today - 1, .expiration = today + 1},
        {authority.pkey.get(), algorithm})));
    credentials.chain = {
        access::Copy(pki::AsBytes(MakeCvCertificate({.holder = "UTDVBORDER00001",
                                                     .key = terminal.pkey.get(),
                                                     .algorithm = algorithm,
                                                     .rights = kCvDomesticVerifier | kCvReadsFingerprints,
                                                     .effective = today - 1,
                                                     .expiration = today + 1},
                                                    {authority.pkey.get(), algorithm}))),
        access::Copy(pki::AsBytes(MakeCvCertificate({.authority = "UTDVBORDER00001",
                                                     .holder = "UTIS000100001",
                                                     .key = terminal.pkey.get(),
                                                     .algorithm = algorithm,
                                                     .rights = kCvTerminal | kCvReadsFingerprints,
                                                     .effective = today - 1,
                                                     .expiration = today + 1},
                                                    {terminal.pkey.get(), algorithm})))};
    credentials.sign = [this, algorithm](Bytes message) -> absl::StatusOr<Octets> {
      return access::Copy(pki::AsBytes(SignAsTerminal({terminal.pkey.get(), algorithm}, pki::AsText(message))));
    };
  }

  KeyPair authority = MakeKeyPair(KeyKind::kRsa2048), terminal = MakeKeyPair(KeyKind::kRsa2048);
  Octets trust_point;
  access::TerminalCredentials credentials;
};

// Keys of 2048 bits, of which not one fits a short command; Chip Authentication by either of its two ways.
TEST(SoftChipTest, AChipWithoutExtendedLengthsIsReadByChains) {
  const LongTerminal terminal;
  using Case = std::pair<emrtd::Cipher, bool>;
  for (const auto& [cipher, says_lengths] : {Case{emrtd::Cipher::kAes128, true}, Case{emrtd::Cipher::kTripleDes, true},
                                             Case{emrtd::Cipher::kAes128, false}}) {
    SCOPED_TRACE(absl::StrCat(std::string(ToWord(cipher)), says_lengths ? "" : ", and nothing is said of lengths"));
    SoftChipContents contents = *ReadSoftChip(
        Make(absl::StrCat("short-", std::string(ToWord(cipher)), says_lengths),
             {.at = Today(), .group = 2, .chip_authentication_cipher = cipher, .extended_length = false}) /
        "chip");
    EXPECT_FALSE(contents.extended_length) << "kept in the folder";
    contents.trust_points = {terminal.trust_point};
    SeededRandom random(7, "chip");
    SoftChip chip(contents, random);
    Counting transport(chip, says_lengths);
    const access::AccessKeys keys{
        .passwords = {{.kind = PasswordKind::kMrz, .characters = base::Redacted(contents.mrz_information)}},
        .terminal = &terminal.credentials};
    const access::ReadOptions options{.active_authentication_challenge = Octets{1, 2, 3, 4, 5, 6, 7, 8}};
    const access::DocumentReading reading = access::ReadDocument({transport, keys, options, random});
    for (const access::ReadStep step : {access::ReadStep::kPace, access::ReadStep::kChipAuthentication,
                                        access::ReadStep::kTerminalAuthentication, access::ReadStep::kFiles}) {
      EXPECT_EQ(reading.StateOf(step), emrtd::Tr03135State::kSuccessful) << ToWord(step);
    }
    ASSERT_TRUE(reading.active_authentication.has_value());
    EXPECT_EQ(emrtd::VerifyActiveAuthentication({.data_group_15 = contents.application_files.at(0x010F),
                                                 .challenge = *options.active_authentication_challenge,
                                                 .signature = reading.active_authentication->answer})
                  .state,
              emrtd::ActiveAuthenticationState::kValid);
    EXPECT_EQ(transport.extended, says_lengths ? 0 : 1) << "asked once";
    EXPECT_GT(transport.fetched, 0) << "the mapping of PACE, and the answer of 256 octets";
    EXPECT_GT(transport.chained[access::ins::kPerformSecurityOperation], 0) << "certificates";
    EXPECT_GT(transport.chained[access::ins::kExternalAuthenticate], 0) << "the terminal's signature";
    const bool by_one_command = cipher == emrtd::Cipher::kTripleDes;
    EXPECT_EQ(transport.chained[access::ins::kManageSecurityEnvironment] > 0, by_one_command) << "MSE:SET KAT";
  }
}

// A chain that another command interrupts is given up, and leaves nothing behind in that one.
TEST(SoftChipTest, AnInterruptedChainIsForgotten) {
  Field field(Standard() / "chip");
  const Command first{
      .cla = access::kClaChaining, .ins = access::ins::kManageSecurityEnvironment, .p1 = 0x41, .data = {1}};
  EXPECT_EQ(field.chip.Process(access::Encode(first)), (Octets{0x90, 0x00}));
  EXPECT_TRUE(field.Select().ok());
}

TEST(SoftChipTest, AnyBytesAreAnsweredAndOpenNothing) {
  Field field(Standard() / "chip");
  SeededRandom random(3, "noise");
  for (int i = 0; i < 2000; ++i) {
    Octets noise(random.Below(40));
    random.Fill(noise.data(), noise.size());
    if (!noise.empty()) noise[0] &= 0x1C;
    EXPECT_GE(field.chip.Process(noise).size(), 2u);
  }
  field.chip.Reset();
  ASSERT_TRUE(field.Select().ok());
  EXPECT_FALSE(field.Read(access::file::kCom).ok());
}

}  // namespace
}  // namespace gatehouse::specimen
