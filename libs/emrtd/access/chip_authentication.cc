#include "libs/emrtd/access/chip_authentication.h"

#include "libs/base/status_macros.h"
#include "libs/emrtd/access/general_authenticate.h"

namespace gatehouse::emrtd::access {
namespace {

Octets KeyIdentifier(const ChipAuthenticationOffer& offer) {
  if (!offer.key_id) return {};
  Octets value;
  if (*offer.key_id > 0xFF) value.push_back(static_cast<uint8_t>(*offer.key_id >> 8));
  value.push_back(static_cast<uint8_t>(*offer.key_id));
  return EncodeTlv(0x84, value);
}

// 3DES: one command brings our public key.
absl::Status SetKeyAgreementTemplate(Channel& channel, const ChipAuthenticationOffer& offer, Bytes public_key) {
  const Command command{.ins = ins::kManageSecurityEnvironment,
                        .p1 = 0x41,
                        .p2 = 0xA6,
                        .data = Join({EncodeTlv(0x91, public_key), KeyIdentifier(offer)})};
  return SendExpectingSuccess(channel, command, "chip authentication MSE:SET KAT").status();
}

// AES: one to name the protocol, one to bring the key.
absl::Status SetAuthenticationTemplate(Channel& channel, const ChipAuthenticationOffer& offer, Bytes public_key) {
  const Octets identifier = ChipAuthenticationIdentifier(offer.agreement, offer.cipher);
  const Command command{.ins = ins::kManageSecurityEnvironment,
                        .p1 = 0x41,
                        .p2 = 0xA4,
                        .data = Join({EncodeTlv(0x80, identifier), KeyIdentifier(offer)})};
  GH_RETURN_IF_ERROR(SendExpectingSuccess(channel, command, "chip authentication MSE:SET AT").status());
  return GeneralAuthenticate(channel, {.data = {{{0x80, Copy(public_key)}}}, .last = true},
                             "chip authentication GENERAL AUTHENTICATE")
      .status();
}

// Any answer under the new keys will do, whatever it says: EF.COM is always there.
absl::Status ReadUnderNewKeys(Channel& channel) {
  const Command select{.ins = ins::kSelect, .p1 = 0x02, .p2 = 0x0C, .data = {0x01, 0x1E}};
  const absl::Status answered = channel.Send(select).status();
  if (answered.ok() || absl::IsUnavailable(answered) || absl::IsDeadlineExceeded(answered)) return answered;
  return absl::UnauthenticatedError("chip authentication: the chip does not answer under the new keys");
}

// Our half of the agreement.
struct Agreement {
  const Group* group = nullptr;
  KeyPair ephemeral;
  Octets secret;
};

absl::StatusOr<Agreement> AgreeWith(const AgreementKey& key, base::Random& random) {
  Agreement agreement;
  GH_ASSIGN_OR_RETURN(agreement.group, Group::Of(key.domain));
  GH_ASSIGN_OR_RETURN(const Octets chip_key, DecodeElement(*agreement.group, key.public_key));
  agreement.ephemeral = GenerateKeyPair(*agreement.group, random, agreement.group->generator());
  GH_ASSIGN_OR_RETURN(agreement.secret, Agree(*agreement.group, agreement.ephemeral, chip_key));
  return agreement;
}

}  // namespace

Octets ChipAuthenticationIdentifier(KeyAgreement agreement, Cipher cipher) {
  return {0x04,
          0x00,
          0x7F,
          0x00,
          0x07,
          0x02,
          0x02,
          0x03,
          static_cast<uint8_t>(agreement == KeyAgreement::kDh ? 1 : 2),
          static_cast<uint8_t>(static_cast<int>(cipher) + 1)};
}

absl::StatusOr<ChipAuthenticationEvidence> RunChipAuthentication(Channel& channel, const ChipAuthenticationOffer& offer,
                                                                 base::Random& random) {
  if (offer.version != 1) return absl::UnimplementedError("chip authentication of version 2 or 3");
  const AgreementKey& key = offer.key->key;
  const absl::StatusOr<Agreement> agreement = AgreeWith(key, random);
  // Whatever is wrong with the key, the chip was not asked, and no suspicion falls on it.
  if (!agreement.ok()) return absl::UnimplementedError(agreement.status().message());
  const Group& group = *agreement->group;

  const Octets encoded = EncodeElement(group, agreement->ephemeral.public_key);
  GH_RETURN_IF_ERROR(offer.cipher == Cipher::kTripleDes ? SetKeyAgreementTemplate(channel, offer, encoded)
                                                        : SetAuthenticationTemplate(channel, offer, encoded));
  channel.Protect(DeriveSessionKeys(offer.cipher, agreement->secret));
  GH_RETURN_IF_ERROR(ReadUnderNewKeys(channel));
  return ChipAuthenticationEvidence{.subject_public_key_info = Copy(key.subject_public_key_info),
                                    .key_id = offer.key_id,
                                    .agreement = offer.agreement,
                                    .cipher = offer.cipher,
                                    .terminal_key = Compress(group, agreement->ephemeral.public_key)};
}

absl::StatusOr<SessionKeys> AnswerChipAuthentication(const Group& group, const KeyPair& static_key, Cipher cipher,
                                                     Bytes terminal_key) {
  GH_ASSIGN_OR_RETURN(const Octets element, DecodeElement(group, terminal_key));
  GH_ASSIGN_OR_RETURN(const Octets secret, Agree(group, static_key, element));
  return DeriveSessionKeys(cipher, secret);
}

}  // namespace gatehouse::emrtd::access
