#include "libs/emrtd/access/pace.h"

#include <algorithm>
#include <tuple>

#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/access/pace_mapping.h"

namespace gatehouse::emrtd::access {
namespace {

using pki::Malformed;

constexpr int kPaceVersion = 2;
constexpr int kP224 = 10;  // the one curve whose p is not 3 modulo 4: it has no integrated mapping

// Under the checksum of the token: 7F49 around the protocol and the public key (Doc 9303-11 section 4.4.3.4).
Mac TokenOver(const PaceProtocol& protocol, const SessionKeys& keys, Bytes public_key) {
  const Octets encoded = EncodeElement(*protocol.group, public_key);
  const Octets message = EncodeTlv(0x7F49, {EncodeTlv(pki::tag::kOid, protocol.identifier),
                                            EncodeTlv(protocol.group->elliptic() ? 0x86 : 0x84, encoded)});
  return ComputeMac(protocol.cipher, keys.mac.Reveal(), message);
}

// E(KS_enc, -1): the vector under which CAM's data are encrypted.
Octets MappingVector(const SessionKeys& keys) {
  const Octets minus_one(BlockBytes(keys.cipher), 0xFF);
  return EncryptCbc(keys.cipher, keys.encryption.Reveal(), {}, minus_one);
}

absl::StatusOr<Octets> OpenMappingData(const SessionKeys& keys, Bytes encrypted) {
  constexpr std::string_view kField = "DO 8A";
  if (encrypted.empty() || encrypted.size() % BlockBytes(keys.cipher) != 0)
    return Malformed(kField, "is not whole blocks");
  Octets data = DecryptCbc(keys.cipher, keys.encryption.Reveal(), MappingVector(keys), encrypted);
  const std::optional<size_t> size = UnpaddedSize(data, BlockBytes(keys.cipher));
  if (!size || *size == 0) return Malformed(kField, "has no padding or no content");
  data.resize(*size);
  return data;
}

SessionKeys KeysFrom(const PaceProtocol& protocol, Bytes secret) { return DeriveSessionKeys(protocol.cipher, secret); }

}  // namespace

absl::StatusOr<PaceProtocol> ResolvePace(const SecurityInfos& card_access, const PaceInfo& info) {
  if (info.version != kPaceVersion) return absl::UnimplementedError("PACE of a version other than 2");
  GH_ASSIGN_OR_RETURN(const emrtd::DomainParameters stated, card_access.DomainParametersOf(info));
  PaceProtocol protocol{.identifier = Copy(info.protocol),
                        .mapping = info.mapping,
                        .cipher = info.cipher,
                        .parameter_id = info.parameter_id};
  GH_ASSIGN_OR_RETURN(protocol.group, Group::Of(stated));
  if (protocol.group->elliptic() != (info.agreement == KeyAgreement::kEcdh)) {
    return Malformed("PACEInfo", "names parameters of the other kind of key agreement");
  }
  if (info.mapping == PaceMapping::kChipAuthentication &&
      (!protocol.group->elliptic() || info.cipher == Cipher::kTripleDes)) {
    return Malformed("PACEInfo", "has chip authentication mapping over DH or with 3DES");
  }
  if (info.mapping == PaceMapping::kIntegrated && protocol.group->id() == kP224) {
    return Malformed("PACEInfo", "has integrated mapping over P-224");
  }
  return protocol;
}

std::vector<PaceProtocol> UsablePaceProtocols(const SecurityInfos& card_access) {
  std::vector<PaceProtocol> usable;
  for (const PaceInfo& info : card_access.pace) {
    absl::StatusOr<PaceProtocol> protocol = ResolvePace(card_access, info);
    if (protocol.ok()) usable.push_back(*std::move(protocol));
  }
  const auto rank = [](const PaceProtocol& protocol) {
    const int mapping = protocol.mapping == PaceMapping::kChipAuthentication ? 0
                        : protocol.mapping == PaceMapping::kGeneric          ? 1
                                                                             : 2;
    return std::tuple(mapping, -static_cast<int>(protocol.cipher), !protocol.group->elliptic(),
                      -protocol.group->field_bits());
  };
  std::stable_sort(usable.begin(), usable.end(),
                   [&](const PaceProtocol& a, const PaceProtocol& b) { return rank(a) < rank(b); });
  return usable;
}

absl::Status VerifyChipAuthenticationMapping(const ChipAuthenticationMapping& mapping, const AgreementKey& static_key) {
  GH_ASSIGN_OR_RETURN(const Group* group, Group::Of(static_key.domain));
  if (group != mapping.group) return Malformed("static key", "is of another group than PACE was");
  GH_ASSIGN_OR_RETURN(const Octets element, DecodeElement(*group, static_key.public_key));
  GH_ASSIGN_OR_RETURN(const Octets product, group->Multiply(mapping.data, element));
  if (product == mapping.mapping_key) return absl::OkStatus();
  return absl::UnauthenticatedError("PACE-CAM: the chip does not have the private key of this static key");
}

PaceTerminal::PaceTerminal(PaceProtocol protocol, const Password& password, base::Random& random)
    : protocol_(std::move(protocol)), password_key_(PacePasswordKey(protocol_.cipher, password)), random_(random) {}

absl::Status PaceTerminal::SetNonce(Bytes encrypted) {
  // With GM chips of long keys send one block or two; R(s, t) needs the size it was made for.
  const size_t most = NonceBytes(protocol_.cipher);
  const bool fits = protocol_.mapping == PaceMapping::kIntegrated
                        ? encrypted.size() == most
                        : encrypted.size() >= 16 && encrypted.size() <= 32 && encrypted.size() % 16 == 0;
  if (!fits) return Malformed("DO 80", "has a wrong size");
  nonce_ = base::Redacted(DecryptCbc(protocol_.cipher, password_key_.Reveal(), {}, encrypted));
  return absl::OkStatus();
}

Octets PaceTerminal::MappingData() {
  GH_CHECK(!nonce_.Reveal().empty());
  if (protocol_.mapping == PaceMapping::kIntegrated) {
    own_nonce_.resize(KeyBytes(protocol_.cipher));
    random_.Fill(own_nonce_.data(), own_nonce_.size());
    return own_nonce_;
  }
  mapping_ = GenerateKeyPair(*protocol_.group, random_, protocol_.group->generator());
  return EncodeElement(*protocol_.group, mapping_.public_key);
}

absl::Status PaceTerminal::SetMappingData(Bytes data) {
  if (protocol_.mapping == PaceMapping::kIntegrated) {
    GH_CHECK(!own_nonce_.empty());
    GH_ASSIGN_OR_RETURN(generator_, MapIntegrated(protocol_, nonce_.Reveal(), own_nonce_));
    return absl::OkStatus();
  }
  GH_CHECK(!mapping_.public_key.empty());
  GH_ASSIGN_OR_RETURN(chip_mapping_key_, DecodeElement(*protocol_.group, data));
  if (chip_mapping_key_ == mapping_.public_key) return Malformed("DO 82", "is our own public key");
  GH_ASSIGN_OR_RETURN(generator_, MapGeneric(*protocol_.group, nonce_.Reveal(), mapping_, chip_mapping_key_));
  return absl::OkStatus();
}

Octets PaceTerminal::EphemeralKey() {
  GH_CHECK(!generator_.empty());
  ephemeral_ = GenerateKeyPair(*protocol_.group, random_, generator_);
  return EncodeElement(*protocol_.group, ephemeral_.public_key);
}

absl::Status PaceTerminal::SetEphemeralKey(Bytes key) {
  GH_CHECK(!ephemeral_.public_key.empty());
  GH_ASSIGN_OR_RETURN(chip_key_, DecodeElement(*protocol_.group, key));
  if (chip_key_ == ephemeral_.public_key) return Malformed("DO 84", "is our own public key");
  GH_ASSIGN_OR_RETURN(const Octets secret, Agree(*protocol_.group, ephemeral_, chip_key_));
  keys_ = KeysFrom(protocol_, secret);
  return absl::OkStatus();
}

Octets PaceTerminal::Token() const {
  GH_CHECK(keys_.has_value());
  return Copy(TokenOver(protocol_, *keys_, chip_key_));
}

absl::StatusOr<PaceResult> PaceTerminal::Finish(Bytes token, Bytes encrypted_data) const {
  GH_CHECK(keys_.has_value());
  if (!EqualInConstantTime(TokenOver(protocol_, *keys_, ephemeral_.public_key), token)) {
    return absl::UnauthenticatedError("PACE: the chip's token is wrong");
  }
  PaceResult result{.keys = *keys_, .chip_key = Compress(*protocol_.group, chip_key_)};
  if (protocol_.mapping == PaceMapping::kChipAuthentication) {
    GH_ASSIGN_OR_RETURN(Octets data, OpenMappingData(*keys_, encrypted_data));
    result.mapping = ChipAuthenticationMapping{protocol_.group, std::move(data), chip_mapping_key_};
  }
  return result;
}

PaceChip::PaceChip(PaceProtocol protocol, const Password& password, base::Random& random, const KeyPair* static_key)
    : protocol_(std::move(protocol)),
      password_key_(PacePasswordKey(protocol_.cipher, password)),
      random_(random),
      static_key_(static_key),
      nonce_(Octets(NonceBytes(protocol_.cipher))) {
  GH_CHECK(protocol_.mapping != PaceMapping::kChipAuthentication || static_key_ != nullptr);
  random_.Fill(nonce_.Reveal().data(), nonce_.Reveal().size());
}

Octets PaceChip::EncryptedNonce() const {
  return EncryptCbc(protocol_.cipher, password_key_.Reveal(), {}, nonce_.Reveal());
}

absl::StatusOr<Octets> PaceChip::AnswerMapping(Bytes data) {
  if (protocol_.mapping == PaceMapping::kIntegrated) {
    if (data.size() != KeyBytes(protocol_.cipher)) return Malformed("DO 81", "has a wrong size");
    GH_ASSIGN_OR_RETURN(generator_, MapIntegrated(protocol_, nonce_.Reveal(), data));
    return Octets();
  }
  GH_ASSIGN_OR_RETURN(const Octets theirs, DecodeElement(*protocol_.group, data));
  mapping_ = GenerateKeyPair(*protocol_.group, random_, protocol_.group->generator());
  GH_ASSIGN_OR_RETURN(generator_, MapGeneric(*protocol_.group, nonce_.Reveal(), mapping_, theirs));
  return EncodeElement(*protocol_.group, mapping_.public_key);
}

absl::StatusOr<Octets> PaceChip::AnswerEphemeralKey(Bytes key) {
  GH_CHECK(!generator_.empty());
  GH_ASSIGN_OR_RETURN(terminal_key_, DecodeElement(*protocol_.group, key));
  ephemeral_ = GenerateKeyPair(*protocol_.group, random_, generator_);
  if (terminal_key_ == ephemeral_.public_key) return Malformed("DO 83", "is our own public key");
  GH_ASSIGN_OR_RETURN(const Octets secret, Agree(*protocol_.group, ephemeral_, terminal_key_));
  keys_ = KeysFrom(protocol_, secret);
  return EncodeElement(*protocol_.group, ephemeral_.public_key);
}

absl::StatusOr<PaceChip::Answer> PaceChip::AnswerToken(Bytes token) const {
  GH_CHECK(keys_.has_value());
  if (!EqualInConstantTime(TokenOver(protocol_, *keys_, ephemeral_.public_key), token)) {
    return absl::UnauthenticatedError("PACE: the terminal's token is wrong");
  }
  Answer answer{.token = Copy(TokenOver(protocol_, *keys_, terminal_key_)),
                .keys = *keys_,
                .own_key = Compress(*protocol_.group, ephemeral_.public_key)};
  if (protocol_.mapping == PaceMapping::kChipAuthentication) {
    const Octets data =
        protocol_.group->DivideScalars(mapping_.private_key.Reveal(), static_key_->private_key.Reveal());
    answer.encrypted_data = EncryptCbc(protocol_.cipher, keys_->encryption.Reveal(), MappingVector(*keys_),
                                       Pad(data, BlockBytes(protocol_.cipher)));
  }
  return answer;
}

}  // namespace gatehouse::emrtd::access
