#include "libs/emrtd/access/pace.h"

#include "libs/emrtd/access/pace_mapping.h"
#include "libs/emrtd/access/scripted_random_for_tests.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/status_matchers.h"

namespace gatehouse::emrtd::access {
namespace {

using testing::StatusIs;

constexpr PaceMapping kMappings[] = {PaceMapping::kGeneric, PaceMapping::kIntegrated, PaceMapping::kChipAuthentication};
constexpr Cipher kCiphers[] = {Cipher::kTripleDes, Cipher::kAes128, Cipher::kAes192, Cipher::kAes256};

// id-PACE with its mapping and cipher (TR-03110-3 annex A.1.1.1).
PaceProtocol Protocol(int group_id, PaceMapping mapping, Cipher cipher) {
  const Group* group = Group::Find(group_id);
  const int arc = mapping == PaceMapping::kChipAuthentication ? 6
                  : mapping == PaceMapping::kGeneric          ? (group->elliptic() ? 2 : 1)
                                                              : (group->elliptic() ? 4 : 3);
  return {.identifier = {0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04, static_cast<uint8_t>(arc),
                         static_cast<uint8_t>(static_cast<int>(cipher) + 1)},
          .mapping = mapping,
          .cipher = cipher,
          .group = group,
          .parameter_id = group_id};
}

Password Mrz(const char* information) { return {PasswordKind::kMrz, base::Redacted<std::string>(information)}; }

// The octets that make Group::RandomScalar() give `scalar`: eight zeros, and the number less one.
std::string Draw(const char* scalar) {
  Octets octets = FromHex(scalar);
  for (size_t i = octets.size(); i-- > 0;) {
    if (octets[i]-- != 0) break;
  }
  return "0000000000000000" + pki::ToHex(octets);
}

struct Worked {
  PaceProtocol protocol;
  const char* information;
  std::string terminal_draws;
  std::string chip_draws;
  const char* encrypted_nonce;
  const char* mapping_data;      // DO 81
  const char* mapping_answer;    // DO 82
  const char* ephemeral_key;     // DO 83
  const char* ephemeral_answer;  // DO 84
  const char* token;             // DO 85
  const char* token_answer;      // DO 86
  const char* encryption;
  const char* mac;
};

void Check(const Worked& worked, const KeyPair* static_key, PaceResult& result) {
  ScriptedRandom terminal_random(worked.terminal_draws), chip_random(worked.chip_draws);
  PaceTerminal terminal(worked.protocol, Mrz(worked.information), terminal_random);
  PaceChip chip(worked.protocol, Mrz(worked.information), chip_random, static_key);
  EXPECT_EQ(chip.EncryptedNonce(), FromHex(worked.encrypted_nonce));
  ASSERT_OK(terminal.SetNonce(chip.EncryptedNonce()));
  const Octets mapping = terminal.MappingData();
  EXPECT_EQ(mapping, FromHex(worked.mapping_data));
  ASSERT_OK_AND_ASSIGN(const Octets mapping_answer, chip.AnswerMapping(mapping));
  EXPECT_EQ(mapping_answer, FromHex(worked.mapping_answer));
  ASSERT_OK(terminal.SetMappingData(mapping_answer));
  const Octets key = terminal.EphemeralKey();
  EXPECT_EQ(key, FromHex(worked.ephemeral_key));
  ASSERT_OK_AND_ASSIGN(const Octets key_answer, chip.AnswerEphemeralKey(key));
  EXPECT_EQ(key_answer, FromHex(worked.ephemeral_answer));
  ASSERT_OK(terminal.SetEphemeralKey(key_answer));
  EXPECT_EQ(terminal.Token(), FromHex(worked.token));
  ASSERT_OK_AND_ASSIGN(const PaceChip::Answer answer, chip.AnswerToken(terminal.Token()));
  EXPECT_EQ(answer.token, FromHex(worked.token_answer));
  ASSERT_OK_AND_ASSIGN(result, terminal.Finish(answer.token, answer.encrypted_data));
  EXPECT_EQ(result.keys.encryption.Reveal(), FromHex(worked.encryption));
  EXPECT_EQ(result.keys.mac.Reveal(), FromHex(worked.mac));
  EXPECT_EQ(answer.keys.mac.Reveal(), FromHex(worked.mac));
  EXPECT_EQ(answer.own_key, result.chip_key);
}

// Doc 9303-11 appendix G.1.
TEST(Pace, GenericMappingOverEcdh) {
  const Worked worked = {Protocol(13, PaceMapping::kGeneric, Cipher::kAes128),
                         "T22000129364081251010318",
                         Draw("7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99") +
                             Draw("A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595"),
                         "3F00C4D39D153F2B2A214A078D899B22" +
                             Draw("498FF49756F2DC1587840041839A85982BE7761D14715FB091EFA7BCE9058560") +
                             Draw("107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A"),
                         "95A3A016522EE98D01E76CB6B98B42C3",
                         "04 7ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
                         "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D",
                         "04 824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
                         "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C54",
                         "04 2DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
                         "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB36462",
                         "04 9E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
                         "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F094",
                         "C2B0BD78D94BA866",
                         "3ABB9674BCE93C08",
                         "F5F0E35C0D7161EE6724EE513A0D9A7F",
                         "FE251C7858B356B24514B3BD5F4297D1"};
  PaceResult result;
  Check(worked, nullptr, result);
}

// Doc 9303-11 appendix G.2.
TEST(Pace, GenericMappingOverDh) {
  const Worked worked = {
      Protocol(0, PaceMapping::kGeneric, Cipher::kAes128),
      "T22000129364081251010318",
      Draw("5265030F751F4AD18B08AC565FC7AC952E41618D") + Draw("89CCD99B0E8D3B1F11E1296DCA68EC53411CF2CA"),
      "FA5B7E3E49753A0DB9178B7B9BD898C8" + Draw("66DDAFEAC1609CB5B963BB0CB3FF8B3E047F336C") +
          Draw("A5B780126B7C980E9FCEA1D4539DA1D27C342DFA"),
      "854D8DF5827FA6852D1A4FA701CDDDCA",
      "23FB3749EA030D2A25B278D2A562047ADE3F01B74F17A15402CB7352CA7D2B3EB71C343DB13D1DEBCE9A3666DBCFC920B49174A602CB4796"
      "5CAA73DC702489A44D41DB914DE9613DC5E98C94160551C0DF86274B9359BC0490D01B03AD54022DCB4F57FAD6322497D7A1E28D46710F46"
      "1AFE710FBBBC5F8BA166F4311975EC6C",
      "78879F57225AA8080D52ED0FC890A4B25336F699AA89A2D3A189654AF70729E623EA5738B26381E4DA19E004706FACE7B235C2DBF2F38748"
      "312F3C98C2DD4882A41947B324AA1259AC22579DB93F7085655AF30889DBB845D9E6783FE42C9F2449400306254C8AE8EE9DD812A804C0B6"
      "6E8CAFC14F84D8258950A91B44126EE6",
      "907D89E2D425A178AA81AF4A7774EC8E388C115CAE67031E85EECE520BD911551B9AE4D04369F29A02626C86FBC6747CC7BC352645B6161A"
      "2A42D44EDA80A08FA8D61B76D3A154AD8A5A51786B0BC07147057871A922212C5F67F43173172236B7747D1671E6D692A3C7D40A0C3C5CE3"
      "97545D015C175EB5130551EDBC2EE5D4",
      "075693D9AE941877573E634B6E644F8E60AF17A0076B8B123D9201074D36152BD8B3A213F53820C42ADC79AB5D0AEEC3AEFB91394DA476BD"
      "97B9B14D0A65C1FC71A0E019CB08AF55E1F729005FBA7E3FA5DC41899238A250767A6D46DB974064386CD456743585F8E5D90CC8B4004B1F"
      "6D866C79CE0584E49687FF61BC29AEA1",
      "B46DD9BD4D98381F",
      "917F37B5C0E6D8D1",
      "2F7F46ADCC9E7E521B45D192FAFA9126",
      "805A1D27D45A5116F73C54469462B7D8"};
  PaceResult result;
  Check(worked, nullptr, result);
}

// Doc 9303-11 appendix H.1: the nonces, R(s,t), the mapped generator.
TEST(Pace, IntegratedMappingOverEcdh) {
  const Octets s = FromHex("2923BE84E16CD6AE529049F1F1BBE9EB"), t = FromHex("5DD4CBFC96F5453B130D890A1CDBAE32");
  EXPECT_EQ(
      PseudoRandom(Cipher::kAes128, s, t, 256),
      FromHex("E4447E2DFB3586BAC05DDB00156B57FB B2179A3949294C97254189800C517BAA 8DA0FF397ED8C445D3E421E4FEB57322"));
  const PaceProtocol protocol = Protocol(13, PaceMapping::kIntegrated, Cipher::kAes128);
  ASSERT_OK_AND_ASSIGN(const Octets generator, MapIntegrated(protocol, s, t));
  EXPECT_EQ(generator, FromHex("04 8E82D31559ED0FDE92A4D0498ADD3C23BABA94FB77691E31E90AEA77FB17D427"
                               "4C1AE14BD0C3DBAC0C871B7F3608169364437CA30AC243A089D3F266C1E60FAD"));
  // The terminal's key pair over it, and what it shares with the chip's public key.
  ASSERT_OK_AND_ASSIGN(
      const KeyPair terminal,
      MakeKeyPair(*protocol.group, FromHex("A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595"),
                  generator));
  EXPECT_EQ(terminal.public_key, FromHex("04 89CBA23FFE96AA18D824627C3E934E54A9FD0B87A95D1471DC1C0ABFDCD640D4"
                                         "6755DE9B7B778280B6BEBD57439ADFEB0E21FD4ED6DF42578C13418A59B34C37"));
  EXPECT_THAT(Agree(*protocol.group, terminal,
                    FromHex("04 67F78E5F7F7686082B293E8D087E056916D0F74BC01A5F8957D0DE45691E51E8"
                            "932B69A962B52A0985AD2C0A271EE6A13A8ADDDCD1A3A994B9DED257F4D22753")),
              testing::IsOkAndHolds(FromHex("4F150FDE1D4F0E38E95017B891BAE17133A0DF45B0D3E18B60BA7BEAFDC2C713")));
}

// Doc 9303-11 appendix H.2.
TEST(Pace, IntegratedMappingOverDh) {
  const PaceProtocol protocol = Protocol(0, PaceMapping::kIntegrated, Cipher::kAes128);
  ASSERT_OK_AND_ASSIGN(const Octets generator, MapIntegrated(protocol, FromHex("FA5B7E3E49753A0DB9178B7B9BD898C8"),
                                                             FromHex("B3A6DB3C870C3E99245E0D1C06B747DE")));
  EXPECT_EQ(generator,
            FromHex("1D7D767F11E333BCD6DBAEF40E799E7A926B96973550656FF3C830726D118D61C276CDCC61D475CF03A98E0C0E79CAEB"
                    "A5BE25578BD4551D0B10903236F0B0F976852FA78EEA14EA0ACA87D1E91F688FE0DFF897BBE35A472621D343564B262F"
                    "34223AE8FC59B664BFEDFA2BFE7516CA5510A6BBB633D517EC25D4E0BBAA16C2"));
  ASSERT_OK_AND_ASSIGN(
      const KeyPair terminal,
      MakeKeyPair(*protocol.group,
                  FromHex("4BD0E54740F9A028E6A515BFDAF967848C4F5F5FFF65AA0915947FFD1A0DF2FA6981271BC905F3551457B7E03AC3"
                          "B8066DE4AA406C1171FB43DD939C4BA16175103BA3DEE16419AA248118F90CC36A3D6F4C373652E0C3CCE7F0F1D0"
                          "C5425B3600F0F0D6A67F004C8BBA33F2B4733C7252445C1DFC4F1107203F71D2EFB28161"),
                  generator));
  EXPECT_EQ(terminal.public_key,
            FromHex("0F0CC62945A8029251FB7EF3C094E12EC68E4EF07F27CB9D9CD04C5C4250FAE0E4F8A951557E929AEB48E5C6DD47F2F5"
                    "CD7C351A9BD2CD722C07EDE166770F08FFCB370262CF308DD7B07F2E0DA9CAAA1492344C852906919538C98A4BA4187E"
                    "76CE9D87832386D319CE2E043C3343AEAE6EDBA1A9894DC5094D22F7FE1351D5"));
  ASSERT_OK_AND_ASSIGN(
      const Octets secret,
      Agree(*protocol.group, terminal,
            FromHex("928D9A0F9DBA450F13FC859C6F290D1D36E42431138A4378500BEB4E0401854CFF111F71CB6DC1D0335807A11388CC8E"
                    "AA87B07907AAD9FBA6B169AF6D8C26AF8DDDC39ADC3AD2E3FF882B84D23E9768E95A80E4746FB07A9767679FE92133B4"
                    "D379935C771BD7FBED6C7BB4B1708B275EA75679524CDC9C6A91370CC662A2F3")));
  const SessionKeys keys = DeriveSessionKeys(Cipher::kAes128, secret);
  EXPECT_EQ(keys.encryption.Reveal(), FromHex("01AFC10CF87BE36D8179E87370171F07"));
  EXPECT_EQ(keys.mac.Reveal(), FromHex("23F0FBD05FD6C7B8B88F4C8309669061"));
}

// Doc 9303-11 appendix I.1. The example prints CA_IC and the mapping key, which fix the static private key.
TEST(Pace, ChipAuthenticationMapping) {
  const Group& group = *Group::Find(13);
  const Octets mapping_key = FromHex("9E56A6B59C95D06ECE5CD10F983BB2F4F1943528E577F23881D89D8C3BBEE0AA");
  const Octets data = FromHex("85DC3FA93D0952BFA82F5FD189EE75BD82F11D1F0B8ED4BF5319AC9B53C426B3");
  ASSERT_OK_AND_ASSIGN(const KeyPair static_key,
                       MakeKeyPair(group, group.DivideScalars(mapping_key, data), group.generator()));
  EXPECT_EQ(static_key.public_key, FromHex("04 1872709494399E7470A6431BE25E83EEE24FEA568C2ED28DB48E05DB3A610DC8"
                                           "84D256A40E35EFCB59BF6753D3A489D28C7A4D973C2DA138A6E7A4A08F68E16F"));
  const ChipAuthenticationMapping mapping{&group, data,
                                          FromHex("04 A234236AA9B9621E8EFB73B5245C0E09D2576E5277183C1208BDD55280CAE8B3"
                                                  "04F365713A356E65A451E165ECC9AC0AC46E3771342C8FE5AEDD092685338E23")};
  AgreementKey key{.domain = {.group = "brainpoolP256r1"}, .public_key = static_key.public_key};
  EXPECT_OK(VerifyChipAuthenticationMapping(mapping, key));
  key.public_key = group.generator();
  EXPECT_THAT(VerifyChipAuthenticationMapping(mapping, key), StatusIs(absl::StatusCode::kUnauthenticated));
  key.domain.group = "prime256v1";
  EXPECT_THAT(VerifyChipAuthenticationMapping(mapping, key), StatusIs(absl::StatusCode::kInvalidArgument));
}

struct Outcome {
  absl::Status chip;      // of AnswerToken
  absl::Status terminal;  // of Finish
  PaceResult result;
};

Outcome RunBoth(const PaceProtocol& protocol, const Password& terminal_password, const Password& chip_password,
                const KeyPair* static_key) {
  testing::SeededRandom random(7);
  PaceTerminal terminal(protocol, terminal_password, random);
  PaceChip chip(protocol, chip_password, random, static_key);
  EXPECT_OK(terminal.SetNonce(chip.EncryptedNonce()));
  EXPECT_OK(terminal.SetMappingData(chip.AnswerMapping(terminal.MappingData()).value()));
  EXPECT_OK(terminal.SetEphemeralKey(chip.AnswerEphemeralKey(terminal.EphemeralKey()).value()));
  const auto answer = chip.AnswerToken(terminal.Token());
  Outcome outcome{.chip = answer.status()};
  const auto result =
      answer.ok() ? terminal.Finish(answer->token, answer->encrypted_data) : terminal.Finish(Octets(kMacBytes), {});
  outcome.terminal = result.status();
  if (result.ok()) outcome.result = *result;
  return outcome;
}

TEST(Pace, EveryMappingGroupAndCipher) {
  testing::SeededRandom random(3);
  const Password can{PasswordKind::kCan, base::Redacted<std::string>("500540")};
  for (const int id : {0, 1, 2, 8, 10, 12, 13, 14, 16, 17, 18}) {
    const Group& group = *Group::Find(id);
    const KeyPair static_key = GenerateKeyPair(group, random, group.generator());
    for (const PaceMapping mapping : kMappings) {
      if (mapping == PaceMapping::kChipAuthentication && !group.elliptic()) continue;
      if (mapping == PaceMapping::kIntegrated && id == 10) continue;
      for (const Cipher cipher : kCiphers) {
        if (mapping == PaceMapping::kChipAuthentication && cipher == Cipher::kTripleDes) continue;
        const Outcome outcome = RunBoth(Protocol(id, mapping, cipher), can, can, &static_key);
        EXPECT_OK(outcome.chip) << group.name();
        EXPECT_OK(outcome.terminal) << group.name();
        EXPECT_EQ(outcome.result.mapping.has_value(), mapping == PaceMapping::kChipAuthentication);
        if (!outcome.result.mapping) continue;
        const AgreementKey key{.domain = {.group = std::string(group.name())}, .public_key = static_key.public_key};
        EXPECT_OK(VerifyChipAuthenticationMapping(*outcome.result.mapping, key)) << group.name();
      }
    }
  }
}

TEST(Pace, AWrongPasswordIsRefusedByBothSides) {
  const Password right{PasswordKind::kCan, base::Redacted<std::string>("500540")};
  const Password wrong{PasswordKind::kCan, base::Redacted<std::string>("500541")};
  for (const PaceMapping mapping : {PaceMapping::kGeneric, PaceMapping::kIntegrated}) {
    const Outcome outcome = RunBoth(Protocol(13, mapping, Cipher::kAes128), wrong, right, nullptr);
    EXPECT_THAT(outcome.chip, StatusIs(absl::StatusCode::kUnauthenticated));
    EXPECT_THAT(outcome.terminal, StatusIs(absl::StatusCode::kUnauthenticated));
  }
}

TEST(Pace, HostileAnswersAreRefused) {
  testing::SeededRandom random(7);
  const Password can{PasswordKind::kCan, base::Redacted<std::string>("500540")};
  PaceTerminal terminal(Protocol(13, PaceMapping::kChipAuthentication, Cipher::kAes128), can, random);
  for (const size_t size : {0, 1, 8, 15, 17, 48}) EXPECT_FALSE(terminal.SetNonce(Octets(size)).ok()) << size;
  ASSERT_OK(terminal.SetNonce(Octets(16)));
  const Octets mine = terminal.MappingData();
  EXPECT_THAT(terminal.SetMappingData(mine), StatusIs(absl::StatusCode::kInvalidArgument));  // our own key
  Octets off_curve = mine;
  off_curve.back() ^= 1;
  EXPECT_THAT(terminal.SetMappingData(off_curve), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_FALSE(terminal.SetMappingData({}).ok());
  ASSERT_OK(terminal.SetMappingData(Group::Find(13)->generator()));
  const Octets key = terminal.EphemeralKey();
  EXPECT_THAT(terminal.SetEphemeralKey(key), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK(terminal.SetEphemeralKey(Group::Find(13)->generator()));
  EXPECT_THAT(terminal.Finish({}, {}), StatusIs(absl::StatusCode::kUnauthenticated));
}

}  // namespace
}  // namespace gatehouse::emrtd::access
