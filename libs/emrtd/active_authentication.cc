#include "libs/emrtd/active_authentication.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "libs/emrtd/lds/security_infos.h"
#include "libs/pki/oid.h"

namespace gatehouse::emrtd {
namespace {

using Note = ActiveAuthenticationNote;
using Reason = ActiveAuthenticationReason;
using State = ActiveAuthenticationState;
using pki::Digest;

constexpr uint32_t kDataGroup15Tag = 0x6F;

ActiveAuthentication& Conclude(ActiveAuthentication& result, State state, Reason reason, std::string detail = "") {
  result.state = state;
  result.reason = reason;
  result.detail = std::move(detail);
  return result;
}

// ISO/IEC 9796-2 trailers: BC, where the digest is agreed on (Doc 9303: SHA-1), or the identifier of ISO/IEC 10118-3
// and CC.
struct Trailer {
  size_t size_bytes = 0;
  std::optional<Digest> digest;  // nothing: named, but not permitted
};

std::optional<Trailer> ReadTrailer(Bytes message) {
  if (message.back() == 0xBC) return Trailer{1, Digest::kSha1};
  if (message.back() != 0xCC || message.size() < 2) return std::nullopt;
  switch (message[message.size() - 2]) {
    case 0x33:
      return Trailer{2, Digest::kSha1};
    case 0x34:
      return Trailer{2, Digest::kSha256};
    case 0x35:
      return Trailer{2, Digest::kSha512};
    case 0x36:
      return Trailer{2, Digest::kSha384};
    case 0x38:
      return Trailer{2, Digest::kSha224};
    default:
      return Trailer{2, std::nullopt};
  }
}

// The header: bits 01, then 1 when a part of the message is outside, then 0; nibbles B as padding; a nibble A.
struct Header {
  size_t size_bytes = 0;
  bool total_recovery = false;
};

std::optional<Header> ReadHeader(Bytes message) {
  if (message.empty() || (message[0] & 0xD0) != 0x40) return std::nullopt;
  const bool total = (message[0] & 0x20) == 0;
  if ((message[0] & 0x0F) == 0x0A) return Header{1, total};
  if ((message[0] & 0x0F) != 0x0B) return std::nullopt;
  for (size_t i = 1; i < message.size(); ++i) {
    if (message[i] == 0xBA) return Header{i + 1, total};
    if (message[i] != 0xBB) return std::nullopt;
  }
  return std::nullopt;
}

// The message representative: s^e, or n - s^e when the chip gave the smaller of s and n - s. It ends in the nibble C,
// and since n is odd only one of the two can.
std::vector<uint8_t> Recover(const pki::PublicKey& key, std::vector<uint8_t> power) {
  if ((power.back() & 0x0F) == 0x0C) return power;
  const std::vector<uint8_t> modulus = key.RsaModulus();
  int borrow = 0;
  for (size_t i = power.size(); i-- > 0;) {
    const int difference = modulus[i] - power[i] - borrow;
    borrow = difference < 0 ? 1 : 0;
    power[i] = static_cast<uint8_t>(difference & 0xFF);
  }
  return power;
}

void VerifyRsa(const pki::PublicKey& key, const ActiveAuthenticationInput& input, ActiveAuthentication& result) {
  const size_t modulus_bytes = static_cast<size_t>(key.bits() + 7) / 8;
  if (input.signature.empty() || input.signature.size() > modulus_bytes) {
    Conclude(result, State::kInvalid, Reason::kSignatureLength);
    return;
  }
  if (input.signature.size() < modulus_bytes) result.notes.push_back(Note::kSignatureShort);
  const auto power = key.RsaPower(input.signature);
  if (!power.ok()) {
    Conclude(result, State::kInvalid, Reason::kSignatureNotBelowModulus);
    return;
  }
  const std::vector<uint8_t> recovered = Recover(key, *power);
  Bytes message(recovered);
  // The representative has one bit less than the modulus: with a modulus of 8k+1 bits its first octet is empty.
  if (message[0] == 0 && key.bits() % 8 == 1) message = message.subspan(1);

  const auto trailer = ReadTrailer(message);
  if (!trailer) {
    Conclude(result, State::kInvalid, Reason::kTrailer);
    return;
  }
  result.digest = trailer->digest;
  if (!trailer->digest) {
    Conclude(result, State::kInvalid, Reason::kDigestUnknown, pki::ToHex(message.last(2)));
    return;
  }
  const auto header = ReadHeader(message);
  const size_t digest_bytes = pki::DigestSizeBytes(*trailer->digest);
  if (!header || message.size() < header->size_bytes + digest_bytes + trailer->size_bytes) {
    Conclude(result, State::kInvalid, Reason::kHeader);
    return;
  }
  const Bytes digest = message.subspan(message.size() - trailer->size_bytes - digest_bytes, digest_bytes);
  const Bytes nonce =
      message.subspan(header->size_bytes, message.size() - header->size_bytes - digest_bytes - trailer->size_bytes);

  // In total recovery the digest covers only what was recovered: without the challenge at its end, one recorded
  // signature would answer every challenge.
  const Bytes outside = header->total_recovery ? Bytes() : input.challenge;
  if (header->total_recovery) result.notes.push_back(Note::kTotalRecovery);
  if (header->total_recovery &&
      (nonce.size() < input.challenge.size() || !pki::Equal(nonce.last(input.challenge.size()), input.challenge))) {
    Conclude(result, State::kInvalid, Reason::kChallengeAbsent);
    return;
  }
  const std::array<Bytes, 2> parts = {nonce, outside};
  if (!pki::Equal(pki::ComputeDigest(*trailer->digest, parts).bytes(), digest)) {
    Conclude(result, State::kInvalid, Reason::kDigestDiffers);
    return;
  }
  Conclude(result, State::kValid, Reason::kNone);
}

bool IsEcdsa(pki::SignatureScheme scheme) {
  return scheme == pki::SignatureScheme::kEcdsa || scheme == pki::SignatureScheme::kEcdsaPlain;
}

Digest DigestForKey(int bits) {
  if (bits <= 160) return Digest::kSha1;
  if (bits <= 224) return Digest::kSha224;
  if (bits <= 320) return Digest::kSha256;
  return bits <= 384 ? Digest::kSha384 : Digest::kSha512;
}

// r and s, each as long as the order of the curve; nothing when `signature` is neither plain nor a SEQUENCE of two
// numbers.
std::optional<std::vector<uint8_t>> PlainSignature(Bytes signature, size_t order_bytes, bool& was_der) {
  was_der = false;
  if (signature.size() == 2 * order_bytes) return std::vector<uint8_t>(signature.begin(), signature.end());
  const auto sequence = pki::ReadOnly(signature, pki::tag::kSequence, pki::Rules::kBer, "signature");
  if (!sequence.ok()) return std::nullopt;
  was_der = true;
  std::vector<uint8_t> plain;
  pki::TlvReader reader(sequence->value, pki::Rules::kBer);
  for (int i = 0; i < 2; ++i) {
    const auto number = reader.Expect(pki::tag::kInteger, "signature");
    if (!number.ok()) return std::nullopt;
    // Chips leave out the zero before a first bit that is set: the numbers are read without a sign.
    const auto first =
        std::find_if(number->value.begin(), number->value.end(), [](uint8_t octet) { return octet != 0; });
    const size_t size = static_cast<size_t>(number->value.end() - first);
    if (size > order_bytes) return std::nullopt;
    plain.insert(plain.end(), order_bytes - size, 0);
    plain.insert(plain.end(), first, number->value.end());
  }
  if (!reader.at_end()) return std::nullopt;
  return plain;
}

// The digests to try: the one that DG14 or the caller names, else the one that fits the key and then the others, as
// issuers have forgotten DG14. A signature is no weaker for it: every digest of the list is one that Doc 9303 permits.
absl::StatusOr<std::vector<Digest>> EcdsaDigests(const pki::PublicKey& key, const ActiveAuthenticationInput& input,
                                                 ActiveAuthentication& result) {
  if (input.data_group_14) {
    const auto infos = ReadDataGroup14(*input.data_group_14);
    if (!infos.ok()) {
      Conclude(result, State::kUndetermined, Reason::kDataGroup14Unreadable, std::string(infos.status().message()));
      return infos.status();
    }
    if (!infos->active_authentication.empty()) {
      const ActiveAuthenticationInfo& info = infos->active_authentication.front();
      if (info.algorithm && info.algorithm->digest && IsEcdsa(info.algorithm->scheme)) {
        return std::vector<Digest>{*info.algorithm->digest};
      }
      Conclude(result, State::kUndetermined, Reason::kAlgorithmUnknown, pki::OidText(info.signature_algorithm));
      return pki::Malformed("ActiveAuthenticationInfo", "names no algorithm of ECDSA that we know");
    }
  }
  if (input.digest) return std::vector<Digest>{*input.digest};
  std::vector<Digest> digests = {DigestForKey(key.bits())};
  for (const Digest other : {Digest::kSha256, Digest::kSha1, Digest::kSha224, Digest::kSha384, Digest::kSha512}) {
    if (other != digests[0]) digests.push_back(other);
  }
  return digests;
}

void VerifyEcdsa(const pki::PublicKey& key, const ActiveAuthenticationInput& input, ActiveAuthentication& result) {
  const absl::StatusOr<std::vector<Digest>> digests = EcdsaDigests(key, input, result);
  if (!digests.ok()) return;  // concluded
  result.digest = digests->front();
  bool was_der = false;
  const auto plain = PlainSignature(input.signature, static_cast<size_t>(key.bits() + 7) / 8, was_der);
  if (!plain) {
    Conclude(result, State::kInvalid, Reason::kSignatureLength);
    return;
  }
  if (was_der) result.notes.push_back(Note::kSignatureDer);
  const bool named = digests->size() == 1;
  for (const Digest digest : *digests) {
    const pki::SignatureAlgorithm algorithm{.scheme = pki::SignatureScheme::kEcdsaPlain, .digest = digest};
    if (!key.VerifyData(algorithm, input.challenge, *plain).ok()) continue;
    if (!named) result.notes.push_back(digest == digests->front() ? Note::kDigestByKeySize : Note::kDigestByTrial);
    result.digest = digest;
    Conclude(result, State::kValid, Reason::kNone);
    return;
  }
  Conclude(result, State::kInvalid, Reason::kSignatureDiffers);
}

}  // namespace

ActiveAuthentication VerifyActiveAuthentication(const ActiveAuthenticationInput& input) {
  ActiveAuthentication result;
  pki::TlvReader file(input.data_group_15, pki::Rules::kBer);
  const auto group = file.Expect(kDataGroup15Tag, "DG15");
  if (!group.ok()) {
    return Conclude(result, State::kUndetermined, Reason::kDataGroup15Unreadable,
                    std::string(group.status().message()));
  }
  if (!file.at_end()) result.notes.push_back(Note::kDataGroupTrailingBytes);
  const auto key = pki::PublicKey::Parse(group->value);
  if (!key.ok()) {
    return Conclude(result, State::kUndetermined, Reason::kPublicKeyRefused, std::string(key.status().message()));
  }
  result.algorithm =
      key->is_rsa() ? absl::StrCat("RSA-", key->bits(), " ISO 9796-2") : absl::StrCat("ECDSA ", key->curve());
  if (key->is_rsa() && key->bits() > kMaxActiveAuthenticationRsaBits) {
    return Conclude(result, State::kUndetermined, Reason::kPublicKeyRefused, "the modulus is out of bounds");
  }
  if (input.challenge.size() != kActiveAuthenticationChallengeBytes) {
    return Conclude(result, State::kUndetermined, Reason::kChallengeLength);
  }
  if (key->is_rsa()) {
    VerifyRsa(*key, input, result);
  } else {
    VerifyEcdsa(*key, input, result);
  }
  return result;
}

std::string_view ToWord(ActiveAuthenticationState state) {
  switch (state) {
    case State::kValid:
      return "valid";
    case State::kInvalid:
      return "invalid";
    case State::kUndetermined:
      return "undetermined";
  }
  return "";
}

std::string_view ToWord(ActiveAuthenticationReason reason) {
  switch (reason) {
    case Reason::kNone:
      return "";
    case Reason::kDataGroup15Unreadable:
      return "data_group_15_unreadable";
    case Reason::kPublicKeyRefused:
      return "public_key_refused";
    case Reason::kDataGroup14Unreadable:
      return "data_group_14_unreadable";
    case Reason::kAlgorithmUnknown:
      return "algorithm_unknown";
    case Reason::kChallengeLength:
      return "challenge_length";
    case Reason::kSignatureLength:
      return "signature_length";
    case Reason::kSignatureNotBelowModulus:
      return "signature_not_below_modulus";
    case Reason::kTrailer:
      return "trailer";
    case Reason::kDigestUnknown:
      return "digest_unknown";
    case Reason::kHeader:
      return "header";
    case Reason::kDigestDiffers:
      return "digest_differs";
    case Reason::kChallengeAbsent:
      return "challenge_absent";
    case Reason::kSignatureDiffers:
      return "signature_differs";
  }
  return "";
}

std::string_view ToWord(ActiveAuthenticationNote note) {
  switch (note) {
    case Note::kDigestByKeySize:
      return "digest_by_key_size";
    case Note::kDigestByTrial:
      return "digest_by_trial";
    case Note::kSignatureDer:
      return "signature_der";
    case Note::kSignatureShort:
      return "signature_short";
    case Note::kTotalRecovery:
      return "total_recovery";
    case Note::kDataGroupTrailingBytes:
      return "data_group_trailing_bytes";
  }
  return "";
}

}  // namespace gatehouse::emrtd
