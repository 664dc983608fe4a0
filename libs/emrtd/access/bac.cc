#include "libs/emrtd/access/bac.h"

#include "libs/base/status_macros.h"

namespace gatehouse::emrtd::access {
namespace {

constexpr Cipher kCipher = Cipher::kTripleDes;
constexpr size_t kKeyBytes = 16;
constexpr size_t kPlainBytes = 2 * kBacChallengeBytes + kKeyBytes;

base::Redacted<Octets> BacKey(std::string_view mrz_information, KeyUse use) {
  return base::Redacted(DeriveKey(kCipher, BacKeySeed(mrz_information), use));
}

Octets Draw(base::Random& random, size_t size) {
  Octets drawn(size);
  random.Fill(drawn.data(), drawn.size());
  return drawn;
}

// The cryptogram and its checksum.
Octets Seal(const Octets& encryption_key, const Octets& mac_key, Bytes plain) {
  Octets sealed = EncryptCbc(kCipher, encryption_key, {}, plain);
  Append(sealed, ComputeMac(kCipher, mac_key, Bytes(sealed)));
  return sealed;
}

absl::StatusOr<Octets> Open(const Octets& encryption_key, const Octets& mac_key, Bytes sealed) {
  if (sealed.size() != kBacDataBytes) return pki::Malformed("BAC cryptogram", "has a wrong size");
  const Bytes cryptogram = sealed.first(kPlainBytes);
  if (!EqualInConstantTime(ComputeMac(kCipher, mac_key, cryptogram), sealed.subspan(kPlainBytes))) {
    return absl::UnauthenticatedError("BAC: the checksum is wrong");
  }
  return DecryptCbc(kCipher, encryption_key, {}, cryptogram);
}

// Both key halves mixed; the counter begins with the last four octets of both random numbers.
SessionKeys MakeSession(Bytes terminal_key, Bytes chip_key, Bytes chip_random, Bytes terminal_random) {
  Octets seed = Copy(terminal_key);
  for (size_t i = 0; i < seed.size(); ++i) seed[i] ^= chip_key[i];
  SessionKeys keys = DeriveSessionKeys(kCipher, seed);
  keys.send_sequence_counter = Join({chip_random.subspan(4), terminal_random.subspan(4)});
  return keys;
}

}  // namespace

BacTerminal::BacTerminal(std::string_view mrz_information, base::Random& random)
    : encryption_key_(BacKey(mrz_information, KeyUse::kEncryption)),
      mac_key_(BacKey(mrz_information, KeyUse::kMac)),
      own_random_(Draw(random, kBacChallengeBytes)),
      own_key_(Draw(random, kKeyBytes)) {}

absl::StatusOr<Octets> BacTerminal::Authenticate(Bytes challenge) {
  if (challenge.size() != kBacChallengeBytes) return pki::Malformed("challenge", "has a wrong size");
  chip_random_ = Copy(challenge);
  return Seal(encryption_key_.Reveal(), mac_key_.Reveal(), Join({own_random_, chip_random_, own_key_.Reveal()}));
}

absl::StatusOr<SessionKeys> BacTerminal::Finish(Bytes answer) const {
  GH_ASSIGN_OR_RETURN(const Octets plain, Open(encryption_key_.Reveal(), mac_key_.Reveal(), answer));
  const Bytes randoms = Bytes(plain).first(2 * kBacChallengeBytes);
  if (!EqualInConstantTime(randoms, Join({chip_random_, own_random_}))) {
    return absl::UnauthenticatedError("BAC: the chip's answer is to another challenge");
  }
  return MakeSession(own_key_.Reveal(), Bytes(plain).subspan(2 * kBacChallengeBytes), chip_random_, own_random_);
}

BacChip::BacChip(std::string_view mrz_information, base::Random& random)
    : encryption_key_(BacKey(mrz_information, KeyUse::kEncryption)),
      mac_key_(BacKey(mrz_information, KeyUse::kMac)),
      challenge_(Draw(random, kBacChallengeBytes)),
      own_key_(Draw(random, kKeyBytes)) {}

absl::StatusOr<BacChip::Answer> BacChip::Authenticate(Bytes data) const {
  GH_ASSIGN_OR_RETURN(const Octets plain, Open(encryption_key_.Reveal(), mac_key_.Reveal(), data));
  const Bytes terminal_random = Bytes(plain).first(kBacChallengeBytes);
  const Bytes returned = Bytes(plain).subspan(kBacChallengeBytes, kBacChallengeBytes);
  const Bytes terminal_key = Bytes(plain).subspan(2 * kBacChallengeBytes);
  if (!EqualInConstantTime(returned, challenge_)) {
    return absl::UnauthenticatedError("BAC: the terminal's answer is to another challenge");
  }
  return Answer{
      .data = Seal(encryption_key_.Reveal(), mac_key_.Reveal(), Join({challenge_, terminal_random, own_key_.Reveal()})),
      .keys = MakeSession(terminal_key, own_key_.Reveal(), challenge_, terminal_random)};
}

absl::Status RunBac(Channel& channel, std::string_view mrz_information, base::Random& random) {
  const Command get_challenge{.ins = ins::kGetChallenge, .expected = kBacChallengeBytes};
  GH_ASSIGN_OR_RETURN(const Octets challenge, SendExpectingSuccess(channel, get_challenge, "BAC GET CHALLENGE"));
  BacTerminal terminal(mrz_information, random);
  GH_ASSIGN_OR_RETURN(Octets data, terminal.Authenticate(challenge));
  const Command authenticate{.ins = ins::kExternalAuthenticate, .data = std::move(data), .expected = kBacDataBytes};
  GH_ASSIGN_OR_RETURN(const Octets answer, SendExpectingSuccess(channel, authenticate, "BAC EXTERNAL AUTHENTICATE"));
  GH_ASSIGN_OR_RETURN(SessionKeys keys, terminal.Finish(answer));
  channel.Protect(std::move(keys));
  return absl::OkStatus();
}

}  // namespace gatehouse::emrtd::access
