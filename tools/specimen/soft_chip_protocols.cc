// The protocols of the software chip that agree on keys or show a key: PACE, Chip and Active Authentication, and the
// commands of Terminal Authentication.
#include "libs/base/check.h"
#include "libs/emrtd/access/general_authenticate.h"
#include "tools/specimen/active_authentication_maker.h"
#include "tools/specimen/soft_chip.h"

namespace gatehouse::specimen {
namespace {

using access::Command;
using access::DynamicData;
using access::StatusWord;

std::string_view AsText(Bytes bytes) { return pki::AsText(bytes); }

// The data objects of an MSE:SET template.
struct Template {
  std::optional<Bytes> mechanism;   // 80
  std::optional<Bytes> reference;   // 83
  std::optional<Bytes> identifier;  // 84
  std::optional<Bytes> public_key;  // 91
};
std::optional<Template> ReadTemplate(Bytes data) {
  Template read;
  pki::TlvReader reader(data, pki::Rules::kBer);
  while (!reader.at_end()) {
    const auto object = reader.Next("MSE");
    if (!object.ok()) return std::nullopt;
    if (object->tag == 0x80) read.mechanism = object->value;
    if (object->tag == 0x83) read.reference = object->value;
    if (object->tag == 0x84) read.identifier = object->value;
    if (object->tag == 0x91) read.public_key = object->value;
  }
  return read;
}

int NumberOf(Bytes octets) {
  int number = 0;
  for (const uint8_t octet : octets.first(std::min<size_t>(octets.size(), 3))) number = number << 8 | octet;
  return number;
}

}  // namespace

SoftChip::Outcome SoftChip::InternalAuthenticate(const Command& command) {
  if (!granted_ && !contents_.open) return Status(StatusWord::kSecurityStatusNotSatisfied);
  if (contents_.active_authentication == nullptr) return Status(StatusWord::kConditionsNotSatisfied);
  if (command.data.size() != 8) return Status(StatusWord::kWrongLength);
  EVP_PKEY* key = contents_.active_authentication.get();
  const std::string_view challenge = AsText(command.data);
  const std::string answer =
      EVP_PKEY_is_a(key, "RSA")
          ? AnswerByRsa(key, {.digest = contents_.active_authentication_digest}, challenge, random_)
          : AnswerByEcdsa(key, contents_.active_authentication_digest, EcdsaForm::kPlain, challenge);
  return {.response = {.data = access::Copy(pki::AsBytes(answer))}};
}

SoftChip::Outcome SoftChip::ManageSecurityEnvironment(const Command& command) {
  const auto data = ReadTemplate(command.data);
  if (!data) return Status(StatusWord::kWrongData);
  const int parameters = command.p1 << 8 | command.p2;
  switch (parameters) {
    case 0xC1A4:
      return SetPace(command.data);
    case 0x41A4:
      return SetChipAuthentication(command.data);
    case 0x41A6: {  // 3DES: the key comes along
      const Outcome chosen = SetChipAuthentication(command.data);
      if (!chosen.response.ok()) return chosen;
      return data->public_key ? ChipAuthentication(*data->public_key) : Status(StatusWord::kWrongData);
    }
    case 0x81B6:
      if (!chip_authenticated_) return Status(StatusWord::kSecurityStatusNotSatisfied);
      if (!data->reference) return Status(StatusWord::kWrongData);
      return Status(gate_.SelectIssuer(std::string(AsText(*data->reference))) ? StatusWord::kSuccess
                                                                              : StatusWord::kReferencedDataNotFound);
    case 0x81A4:
      if (!chip_authenticated_) return Status(StatusWord::kSecurityStatusNotSatisfied);
      if (!data->reference) return Status(StatusWord::kWrongData);
      return Status(gate_.SelectTerminal(std::string(AsText(*data->reference))) ? StatusWord::kSuccess
                                                                                : StatusWord::kReferencedDataNotFound);
    default:
      return Status(StatusWord::kIncorrectParameters);
  }
}

SoftChip::Outcome SoftChip::VerifyCertificate(const Command& command) {
  if (command.p1 != 0x00 || command.p2 != 0xBE) return Status(StatusWord::kIncorrectParameters);
  if (!chip_authenticated_) return Status(StatusWord::kSecurityStatusNotSatisfied);
  return Status(gate_.Import(command.data) ? StatusWord::kSuccess : StatusWord::kAuthenticationFailed);
}

SoftChip::Outcome SoftChip::SetPace(Bytes data) {
  const Template chosen = *ReadTemplate(data);
  if (!card_access_ || !chosen.mechanism || !chosen.reference || chosen.reference->size() != 1) {
    return Status(StatusWord::kWrongData);
  }
  const auto kind = static_cast<access::PasswordKind>((*chosen.reference)[0]);
  const bool by_can = kind == access::PasswordKind::kCan && !contents_.can.empty();
  if (!by_can && kind != access::PasswordKind::kMrz) return Status(StatusWord::kReferencedDataNotFound);
  const access::Password password{.kind = kind,
                                  .characters = base::Redacted(by_can ? contents_.can : contents_.mrz_information)};
  for (const emrtd::PaceInfo& info : card_access_->pace) {
    if (!pki::Equal(info.protocol, *chosen.mechanism)) continue;
    if (chosen.identifier && info.parameter_id != NumberOf(*chosen.identifier)) continue;
    const auto protocol = access::ResolvePace(*card_access_, info);
    if (!protocol.ok()) continue;
    const access::KeyPair* mapping = contents_.mapping ? &contents_.mapping->pair : nullptr;
    if (protocol->mapping == emrtd::PaceMapping::kChipAuthentication && mapping == nullptr) continue;
    pace_ = std::make_unique<access::PaceChip>(*protocol, password, random_, mapping);
    return Status(StatusWord::kSuccess);
  }
  return Status(StatusWord::kWrongData);
}

SoftChip::Outcome SoftChip::GeneralAuthenticate(const Command& command) {
  if (pace_ != nullptr) return PaceStep(command);
  if (chip_key_ == nullptr) return Status(StatusWord::kConditionsNotSatisfied);
  const auto data = access::DecodeDynamicData(command.data);
  const auto key = data.ok() ? data->Find(0x80) : std::nullopt;
  if (!key) return Status(StatusWord::kWrongData);
  Outcome outcome = ChipAuthentication(*key);
  if (outcome.response.ok()) outcome.response.data = access::Encode(DynamicData());
  return outcome;
}

SoftChip::Outcome SoftChip::PaceStep(const Command& command) {
  const auto data = access::DecodeDynamicData(command.data);
  if (!data.ok()) return Status(StatusWord::kWrongData);
  const auto answer = [](std::vector<access::DynamicObject> objects) {
    return Outcome{.response = {.data = access::Encode(DynamicData{std::move(objects)})}};
  };
  // A step that goes wrong ends the run; the next begins with MSE:SET AT.
  const auto fail = [&](const absl::Status& status) {
    pace_.reset();
    return Status(absl::IsUnauthenticated(status) ? StatusWord::kAuthenticationFailed : StatusWord::kWrongData);
  };
  if (data->objects.empty()) return answer({{0x80, pace_->EncryptedNonce()}});
  if (const auto mapping = data->Find(0x81)) {
    auto reply = pace_->AnswerMapping(*mapping);
    return reply.ok() ? answer({{0x82, *std::move(reply)}}) : fail(reply.status());
  }
  if (const auto key = data->Find(0x83)) {
    auto reply = pace_->AnswerEphemeralKey(*key);
    return reply.ok() ? answer({{0x84, *std::move(reply)}}) : fail(reply.status());
  }
  const auto token = data->Find(0x85);
  if (!token) return fail(absl::InvalidArgumentError("no step of PACE"));
  auto reply = pace_->AnswerToken(*token);
  if (!reply.ok()) return fail(reply.status());
  pace_.reset();
  granted_ = true;
  gate_.SetChipId(reply->own_key);
  std::vector<access::DynamicObject> objects = {{0x86, std::move(reply->token)}};
  if (!reply->encrypted_data.empty()) objects.push_back({0x8A, std::move(reply->encrypted_data)});
  Outcome outcome = answer(std::move(objects));
  outcome.next_keys = std::move(reply->keys);
  return outcome;
}

SoftChip::Outcome SoftChip::SetChipAuthentication(Bytes data) {
  if (!granted_) return Status(StatusWord::kSecurityStatusNotSatisfied);
  const Template chosen = *ReadTemplate(data);
  chip_key_ = nullptr;
  pace_.reset();
  for (const SoftChipAgreementKey& key : contents_.chip_authentication) {
    const auto agreement = key.group->elliptic() ? emrtd::KeyAgreement::kEcdh : emrtd::KeyAgreement::kDh;
    if (chosen.identifier && key.key_id != NumberOf(*chosen.identifier)) continue;
    if (chosen.mechanism &&
        !pki::Equal(access::ChipAuthenticationIdentifier(agreement, key.cipher), *chosen.mechanism)) {
      continue;
    }
    chip_key_ = &key;
    return Status(StatusWord::kSuccess);
  }
  return Status(StatusWord::kReferencedDataNotFound);
}

SoftChip::Outcome SoftChip::ChipAuthentication(Bytes terminal_key) {
  const SoftChipAgreementKey& key = *chip_key_;
  auto keys = access::AnswerChipAuthentication(*key.group, key.pair, key.cipher, terminal_key);
  const auto element = access::DecodeElement(*key.group, terminal_key);
  if (!keys.ok() || !element.ok()) return Status(StatusWord::kWrongData);
  chip_key_ = nullptr;
  chip_authenticated_ = true;
  gate_.SetTerminalKey(access::Compress(*key.group, *element));
  Outcome outcome = Status(StatusWord::kSuccess);
  outcome.next_keys = *std::move(keys);
  return outcome;
}

}  // namespace gatehouse::specimen
