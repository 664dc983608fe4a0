// The worked values of Doc 9303-11 as other projects publish them: every file of emrtd/kat, key=value a line. A file
// says by the keys it holds which chain it walks; a file of another kind, and a key that no chain asks for, is printed.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "libs/emrtd/access/bac.h"
#include "libs/emrtd/access/general_authenticate.h"
#include "libs/emrtd/access/pace_exchange.h"
#include "libs/emrtd/access/pace_mapping.h"
#include "tests/conformance/test_data.h"

namespace gatehouse::emrtd::access {
namespace {

namespace fs = std::filesystem;

Octets WithoutLeadingZeros(const Octets& number) {
  return Octets(std::find_if(number.begin(), number.end(), [](uint8_t octet) { return octet != 0; }), number.end());
}

class Values {
 public:
  explicit Values(const std::vector<uint8_t>& file) {
    for (const absl::string_view line : absl::StrSplit(std::string(file.begin(), file.end()), '\n')) {
      const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits('=', 1));
      if (!parts.second.empty()) {
        values_[std::string(absl::StripAsciiWhitespace(parts.first))] =
            std::string(absl::StripAsciiWhitespace(parts.second));
      }
    }
  }
  bool Has(const std::string& key) const { return values_.contains(key); }
  std::string Text(const std::string& key) {
    used_.insert(key);
    const auto found = values_.find(key);
    return found == values_.end() ? "" : found->second;
  }
  Octets Hex(const std::string& key) {
    const std::string octets = absl::HexStringToBytes(Text(key));
    return Octets(octets.begin(), octets.end());
  }
  // An element of `group`: one value, or X and Y.
  Octets Element(const Group& group, const std::string& key) {
    if (!group.elliptic()) return DecodeElement(group, WithoutLeadingZeros(Hex(key))).value_or(Octets());
    if (Has(key)) {
      const Octets whole = Hex(key);
      return whole.size() == group.element_bytes() ? whole : Join({Octets{4}, whole});
    }
    return Join({Octets{4}, Hex(key + "X"), Hex(key + "Y")});
  }
  std::vector<std::string> Unused() const {
    std::vector<std::string> unused;
    for (const auto& [key, value] : values_) {
      if (!used_.contains(key)) unused.push_back(key);
    }
    return unused;
  }

 private:
  std::map<std::string, std::string> values_;
  std::set<std::string> used_;
};

class Script : public base::Random {
 public:
  explicit Script(Octets octets) : octets_(std::move(octets)) {}
  void Fill(uint8_t* data, size_t size) override {
    ASSERT_LE(used_ + size, octets_.size());
    std::copy_n(octets_.begin() + static_cast<std::ptrdiff_t>(used_), size, data);
    used_ += size;
  }

 private:
  const Octets octets_;
  size_t used_ = 0;
};

void CheckBac(Values& values) {
  const std::string information = values.Text("mrz_information");
  const Octets seed = BacKeySeed(information);
  EXPECT_EQ(seed, values.Hex("Kseed"));
  EXPECT_EQ(DeriveKey(Cipher::kTripleDes, seed, KeyUse::kEncryption), values.Hex("Kenc"));
  EXPECT_EQ(DeriveKey(Cipher::kTripleDes, seed, KeyUse::kMac), values.Hex("Kmac"));
  if (!values.Has("RND.IC")) return;
  Script terminal_random(Join({values.Hex("RND.IFD"), values.Hex("KIFD")}));
  Script chip_random(Join({values.Hex("RND.IC"), values.Hex("KIC")}));
  BacTerminal terminal(information, terminal_random);
  const BacChip chip(information, chip_random);
  const auto data = terminal.Authenticate(chip.challenge());
  ASSERT_TRUE(data.ok()) << data.status();
  const auto answer = chip.Authenticate(*data);
  ASSERT_TRUE(answer.ok()) << answer.status();
  const auto keys = terminal.Finish(answer->data);
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(keys->encryption.Reveal(), values.Hex("KSenc"));
  EXPECT_EQ(keys->mac.Reveal(), values.Hex("KSmac"));
  EXPECT_EQ(keys->send_sequence_counter, values.Hex("SSC"));
}

// The commands of the example, each as far as it is printed.
void ExpectBegins(const Octets& ours, Values& values, const std::string& key) {
  if (!values.Has(key)) return;
  const Octets printed = values.Hex(key);
  ASSERT_LE(printed.size(), ours.size()) << key;
  EXPECT_EQ(Copy(Bytes(ours).first(printed.size())), printed) << key;
}

Octets Step(uint32_t tag, Bytes value, bool last) {
  const DynamicData data = tag == 0 ? DynamicData{} : DynamicData{{{tag, Copy(value)}}};
  return Encode(Command{.cla = last ? uint8_t{0} : kClaChaining,
                        .ins = ins::kGeneralAuthenticate,
                        .data = Encode(data),
                        .expected = kMaxShortExpected});
}

void CheckPaceKeys(Values& values, const PaceProtocol& protocol) {
  const Octets seed = values.Hex("tvKeySeed");
  EXPECT_EQ(DeriveKey(Cipher::kTripleDes, seed, KeyUse::kEncryption), values.Hex("tvKenc"));
  EXPECT_EQ(DeriveKey(Cipher::kTripleDes, seed, KeyUse::kMac), values.Hex("tvKmac"));
  const Octets password_key = DeriveKey(protocol.cipher, seed, KeyUse::kPassword);
  EXPECT_EQ(password_key, values.Hex("tv_K_pi"));
  EXPECT_EQ(DecryptCbc(protocol.cipher, password_key, {}, values.Hex("nonceEncypted")), values.Hex("nonceDecrypted"));
}

// Everything after the nonce: mapping (when it is generic), agreement, keys, tokens and commands.
void CheckPace(Values& values) {
  const Octets file = values.Hex("efCardAccessData");
  const auto infos = ReadCardAccess(file);
  ASSERT_TRUE(infos.ok()) << infos.status();
  ASSERT_EQ(infos->pace.size(), 1u);
  const auto protocol = ResolvePace(*infos, infos->pace[0]);
  ASSERT_TRUE(protocol.ok()) << protocol.status();
  const Group& group = *protocol->group;
  CheckPaceKeys(values, *protocol);

  Octets generator;
  if (values.Has("chipPrivateKey") || values.Has("terminalPrivateKey")) {
    const auto terminal = MakeKeyPair(group, values.Hex("terminalPrivateKey"), group.generator());
    const auto chip = MakeKeyPair(group, values.Hex("chipPrivateKey"), group.generator());
    ASSERT_TRUE(terminal.ok() && chip.ok());
    EXPECT_EQ(terminal->public_key, values.Element(group, "terminalPublicKey"));
    EXPECT_EQ(chip->public_key, values.Element(group, "chipPublicKey"));
    const auto shared = group.Multiply(terminal->private_key.Reveal(), chip->public_key);
    ASSERT_TRUE(shared.ok());
    EXPECT_EQ(*shared, values.Element(group, "sharedSecret"));
    const Octets nonce = values.Hex("nonceDecrypted");
    const auto mapped = MapGeneric(group, nonce, *terminal, chip->public_key);
    const auto mapped_by_chip = MapGeneric(group, nonce, *chip, terminal->public_key);
    ASSERT_TRUE(mapped.ok() && mapped_by_chip.ok());
    EXPECT_EQ(*mapped, *mapped_by_chip);
    generator = *mapped;
    ExpectBegins(Step(0x81, EncodeElement(group, terminal->public_key), false), values,
                 "generalAuthenticateStep2MsgTerminal");
    ExpectBegins(Encode(DynamicData{{{0x82, EncodeElement(group, chip->public_key)}}}), values,
                 "generalAuthenticateStep2MsgChip");
  } else {
    const auto mapped = MapIntegrated(*protocol, values.Hex("nonceDecrypted"), values.Hex("terminalNonce"));
    ASSERT_TRUE(mapped.ok()) << mapped.status();
    generator = *mapped;
  }
  EXPECT_EQ(generator, values.Element(group, "mappedGenerator"));

  const auto terminal = MakeKeyPair(group, values.Hex("terminalEphemeralPrivateKey"), generator);
  const auto chip = MakeKeyPair(group, values.Hex("chipEphemeralPrivateKey"), generator);
  ASSERT_TRUE(terminal.ok() && chip.ok());
  EXPECT_EQ(terminal->public_key, values.Element(group, "terminalEphemeralPublicKey"));
  EXPECT_EQ(chip->public_key, values.Element(group, "chipEphemeralPublicKey"));
  const auto secret = Agree(group, *terminal, chip->public_key);
  ASSERT_TRUE(secret.ok());
  EXPECT_EQ(*secret, values.Hex("ephemeralKeyPairSharedSecret"));
  const SessionKeys keys = DeriveSessionKeys(protocol->cipher, *secret);
  EXPECT_EQ(keys.encryption.Reveal(), values.Hex("ksEnc"));
  EXPECT_EQ(keys.mac.Reveal(), values.Hex("ksMac"));
  const auto token = [&](const Octets& input) { return Copy(ComputeMac(protocol->cipher, keys.mac.Reveal(), input)); };
  EXPECT_EQ(token(values.Hex("inputDataTTerminal")), values.Hex("tifd"));
  EXPECT_EQ(token(values.Hex("inputDataTChip")), values.Hex("tic"));

  const Command set_at{.ins = ins::kManageSecurityEnvironment,
                       .p1 = 0xC1,
                       .p2 = 0xA4,
                       .data = EncodePaceSetAt({*protocol, {PasswordKind::kMrz, {}}})};
  ExpectBegins(Encode(set_at), values, "initializePaceMsgTerminal");
  ExpectBegins(Step(0, {}, false), values, "generalAuthenticateStep1MsgTerminal");
  ExpectBegins(Join({Encode(DynamicData{{{0x80, values.Hex("nonceEncypted")}}}), Octets{0x90, 0x00}}), values,
               "generalAuthenticateStep1MsgChip");
  ExpectBegins(Step(0x83, EncodeElement(group, terminal->public_key), false), values,
               "generalAuthenticateStep3MsgTerminal");
  ExpectBegins(Encode(DynamicData{{{0x84, EncodeElement(group, chip->public_key)}}}), values,
               "generalAuthenticateStep3MsgChip");
  ExpectBegins(Step(0x85, values.Hex("tifd"), true), values, "generalAuthenticateStep4MsgTerminal");
  ExpectBegins(Join({Encode(DynamicData{{{0x86, values.Hex("tic")}}}), Octets{0x90, 0x00}}), values,
               "generalAuthenticateStep4MsgChip");
}

TEST(AccessConformanceTest, WorkedValues) {
  const fs::path folder = conformance::TestData("emrtd/kat");
  if (!fs::exists(folder)) GTEST_SKIP() << "no worked values: set GATEHOUSE_DATA";
  int files = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".txt") continue;
    SCOPED_TRACE(entry.path().filename().string());
    Values values(conformance::ReadFile(entry.path()));
    if (!values.Has("Kseed") && !values.Has("efCardAccessData")) {
      std::printf("skipped, of a kind that is not known here: %s\n", entry.path().filename().c_str());
      continue;
    }
    ++files;
    if (values.Has("Kseed")) CheckBac(values);
    if (values.Has("efCardAccessData")) CheckPace(values);
    for (const std::string& key : values.Unused()) std::printf("not checked: %s\n", key.c_str());
  }
  EXPECT_GT(files, 0);
}

}  // namespace
}  // namespace gatehouse::emrtd::access
