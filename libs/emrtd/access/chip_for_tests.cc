#include "libs/emrtd/access/chip_for_tests.h"

#include <algorithm>

#include "libs/emrtd/access/chip_authentication.h"
#include "libs/emrtd/access/general_authenticate.h"
#include "libs/emrtd/access/terminal_authentication.h"

namespace gatehouse::emrtd::access {
namespace {

std::optional<Octets> ObjectIn(Bytes data, uint32_t tag) {
  pki::TlvReader reader(data, pki::Rules::kDer);
  while (!reader.at_end()) {
    const auto object = reader.Next("object");
    if (!object.ok()) return std::nullopt;
    if (object->tag == tag) return Copy(object->value);
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<Octets> ChipForTests::Transmit(Bytes bytes) {
  if (commands_++ == setup_.lose_after) return absl::UnavailableError("the chip left the field");
  const absl::StatusOr<Command> command = DecodeCommand(bytes);
  if (!command.ok()) return Encode(Response{.status = StatusWord::kWrongLength});
  extended_ += command->extended;
  if (setup_.short_lengths_only && command->extended) {
    session_.reset();
    opened_ = false;
    return Encode(Response{.status = StatusWord::kWrongLength});
  }
  if (!session_ || (command->cla & kClaSecureMessaging) == 0) {
    if (session_) opened_ = false;
    session_.reset();
    const Response response = Process(*command);
    if (next_keys_) session_.emplace(*std::move(next_keys_));
    next_keys_.reset();
    return Encode(response);
  }
  const absl::StatusOr<Command> opened = session_->UnwrapCommand(*command);
  if (!opened.ok()) {
    session_.reset();
    opened_ = false;
    return Encode(Response{.status = AnswerToBrokenCommand(opened.status())});
  }
  Response wrapped = session_->WrapResponse(Process(*opened)).value();
  if (next_keys_) session_.emplace(*std::move(next_keys_));
  next_keys_.reset();
  if (++protected_ == 60) wrapped.data[4] ^= setup_.bend_response;
  return Encode(wrapped);
}

bool ChipForTests::may_read() const {
  const bool open = setup_.mrz_information.empty() && !setup_.pace;
  if (!in_application_) return current_ != 0x011D || opened_;
  const bool sensitive = current_ == 0x0103 || current_ == 0x0104;
  return (open || opened_) && (!sensitive || terminal_authenticated_);
}

Response ChipForTests::Process(const Command& command) {
  switch (command.ins) {
    case ins::kSelect:
      return Select(command);
    case ins::kReadBinary:
    case ins::kReadBinaryOdd:
      return Read(command);
    case ins::kManageSecurityEnvironment:
      return SetEnvironment(command);
    case ins::kGeneralAuthenticate:
      return GeneralAuthenticate(command);
    case ins::kExternalAuthenticate:
      return ExternalAuthenticate(command);
    case ins::kPerformSecurityOperation:
      return {.status = setup_.signature_of ? StatusWord::kSuccess : StatusWord::kAuthenticationFailed};
    case ins::kInternalAuthenticate:
      if (setup_.refusal) return {.status = *setup_.refusal};
      if (setup_.active_answer.empty()) return {.status = StatusWord::kInstructionNotSupported};
      return {.data = setup_.active_answer};
    case ins::kGetChallenge:
      if (opened_) {
        challenge_.resize(8);
        random_.Fill(challenge_.data(), challenge_.size());
        return {.data = challenge_};
      }
      if (setup_.mrz_information.empty()) return {.status = StatusWord::kInstructionNotSupported};
      bac_.emplace(setup_.mrz_information, random_);
      return {.data = bac_->challenge()};
    default:
      return {.status = StatusWord::kInstructionNotSupported};
  }
}

Response ChipForTests::Select(const Command& command) {
  if (command.p1 == 0x04) {
    in_application_ = true;
    current_ = 0;
    return {};
  }
  if (command.p1 == 0x00) {
    in_application_ = false;
    current_ = 0;
    return {};
  }
  if (!setup_.select_by_id) return {.status = StatusWord::kInstructionNotSupported};
  current_ = static_cast<uint16_t>(command.data.at(0) << 8 | command.data.at(1));
  const auto& files = in_application_ ? setup_.files : setup_.master_files;
  if (!files.contains(current_)) return {.status = StatusWord::kFileNotFound};
  return {.status = may_read() ? StatusWord::kSuccess : StatusWord::kSecurityStatusNotSatisfied};
}

Response ChipForTests::Read(const Command& command) {
  if (command.ins == ins::kReadBinaryOdd) {
    size_t offset = 0;
    const Octets octets = ObjectIn(command.data, 0x54).value_or(Octets());
    for (const uint8_t octet : octets) offset = offset << 8 | octet;
    return ReadAt(offset, command, true);
  }
  if ((command.p1 & 0x80) == 0) return ReadAt(static_cast<size_t>(command.p1 << 8 | command.p2), command, false);
  const uint8_t short_id = command.p1 & 0x1F;
  current_ = static_cast<uint16_t>(0x0100 | short_id);
  return ReadAt(command.p2, command, false);
}

Response ChipForTests::ReadAt(size_t offset, const Command& command, bool object) {
  const auto& files = in_application_ ? setup_.files : setup_.master_files;
  if (!files.contains(current_)) return {.status = StatusWord::kFileNotFound};
  if (!may_read()) return {.status = StatusWord::kSecurityStatusNotSatisfied};
  Bytes contents = files.at(current_);
  contents = contents.first(contents.size() - std::min(contents.size(), setup_.shorten));
  if (offset > contents.size()) return {.status = StatusWord::kWrongParameters};
  const size_t wanted = static_cast<size_t>(command.expected) - (object ? 4 : 0);
  const size_t size = std::min({wanted, setup_.most_data, contents.size() - offset});
  const Bytes data = contents.subspan(offset, size);
  return {.data = object ? EncodeTlv(0x53, data) : Copy(data),
          .status = offset + wanted > contents.size() ? StatusWord::kEndOfFile : StatusWord::kSuccess};
}

Response ChipForTests::SetEnvironment(const Command& command) {
  if (command.p1 == 0xC1) {
    if (!setup_.pace || ObjectIn(command.data, 0x80) != setup_.pace->identifier) {
      return {.status = StatusWord::kWrongData};
    }
    pace_.emplace(*setup_.pace, setup_.pace_password, random_, setup_.mapping_key);
  } else if (command.p1 == 0x41 && setup_.refusal) {
    return {.status = *setup_.refusal};
  } else if (command.p1 == 0x41 && command.p2 == 0xA6) {
    const auto key = ObjectIn(command.data, 0x91).value();
    const auto keys = AnswerChipAuthentication(*setup_.group, setup_.static_key, setup_.cipher, key);
    if (!keys.ok()) return {.status = StatusWord::kWrongData};
    next_keys_ = *keys;
    terminal_key_ = Compress(*setup_.group, DecodeElement(*setup_.group, key).value());
  }
  return {};
}

Response ChipForTests::GeneralAuthenticate(const Command& command) {
  const absl::StatusOr<DynamicData> data = DecodeDynamicData(command.data);
  if (!data.ok()) return {.status = StatusWord::kWrongData};
  if (pace_)
    return PaceStep(data->objects.empty() ? 0 : data->objects[0].tag,
                    data->objects.empty() ? Bytes() : Bytes(data->objects[0].value));
  const Octets key = Copy(data->Find(0x80).value());
  const auto keys = AnswerChipAuthentication(*setup_.group, setup_.static_key, setup_.cipher, key);
  if (!keys.ok()) return {.status = StatusWord::kWrongData};
  next_keys_ = *keys;
  terminal_key_ = Compress(*setup_.group, DecodeElement(*setup_.group, key).value());
  return {.data = Encode(DynamicData{})};
}

Response ChipForTests::PaceStep(uint32_t tag, Bytes value) {
  if (tag == 0) return {.data = Encode(DynamicData{{{0x80, pace_->EncryptedNonce()}}})};
  if (tag == 0x81 || tag == 0x83) {
    const auto answer = tag == 0x81 ? pace_->AnswerMapping(value) : pace_->AnswerEphemeralKey(value);
    if (!answer.ok()) return {.status = StatusWord::kWrongData};
    return {.data = Encode(DynamicData{{{tag + 1, *answer}}})};
  }
  const auto answer = pace_->AnswerToken(value);
  pace_.reset();
  if (!answer.ok()) return {.status = StatusWord::kAuthenticationFailed};
  next_keys_ = answer->keys;
  opened_ = true;
  chip_id_ = answer->own_key;
  DynamicData data{{{0x86, answer->token}}};
  if (!answer->encrypted_data.empty()) data.objects.push_back({0x8A, answer->encrypted_data});
  return {.data = Encode(data)};
}

Response ChipForTests::ExternalAuthenticate(const Command& command) {
  if (opened_) {
    const Octets message = TerminalAuthenticationMessage(chip_id_, challenge_, terminal_key_);
    terminal_authenticated_ = setup_.signature_of && command.data == setup_.signature_of(message);
    return {.status = terminal_authenticated_ ? StatusWord::kSuccess : StatusWord::kAuthenticationFailed};
  }
  if (!bac_) return {.status = StatusWord::kConditionsNotSatisfied};
  const auto answer = bac_->Authenticate(command.data);
  bac_.reset();
  if (!answer.ok()) return {.status = StatusWord::kAuthenticationFailed};
  next_keys_ = answer->keys;
  opened_ = true;
  chip_id_ = Copy(pki::AsBytes(setup_.mrz_information).first(setup_.mrz_information.size() - 14));
  return {.data = answer->data};
}

}  // namespace gatehouse::emrtd::access
