#include "tools/specimen/soft_chip.h"

#include <algorithm>
#include <iterator>

#include "libs/base/check.h"
#include "libs/emrtd/access/apdu.h"
#include "libs/emrtd/access/general_authenticate.h"
#include "libs/pki/tlv.h"

namespace gatehouse::specimen {
namespace {

using access::Command;
using access::Response;
using access::StatusWord;
namespace ins = access::ins;

constexpr uint8_t kApplication[] = {0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01};
constexpr uint16_t kMasterFile = 0x3F00, kCardAccess = 0x011C, kCardSecurity = 0x011D, kCom = 0x011E,
                   kSecurityObject = 0x011D, kCvca = 0x011C, kDataGroup3 = 0x0103, kDataGroup4 = 0x0104;
constexpr uint8_t kSecureMessagingBits = 0x0C;
constexpr size_t kMaxChainedBytes = 16 * 1024;

uint16_t Number(uint8_t high, uint8_t low) { return static_cast<uint16_t>(high << 8 | low); }

}  // namespace

SoftChip::SoftChip(SoftChipContents contents, base::Random& random)
    : contents_(std::move(contents)), random_(random), gate_(contents_.trust_points, contents_.today) {
  const auto card_access = contents_.master_files.find(kCardAccess);
  if (card_access == contents_.master_files.end()) return;
  auto infos = emrtd::ReadCardAccess(card_access->second);
  if (infos.ok()) card_access_ = *std::move(infos);
}

void SoftChip::Reset() {
  directory_ = Directory::kMaster;
  current_file_.reset();
  granted_ = false;
  session_.reset();
  chained_.clear();
  undelivered_.clear();
  bac_.reset();
  pace_.reset();
  chip_key_ = nullptr;
  chip_authenticated_ = false;
  gate_.Reset();
}

// TS, T0, TD1, TD2, the historical bytes with card capabilities that say chaining and perhaps extended length, TCK.
Octets SoftChip::AnswerToReset() const {
  const uint8_t capabilities = contents_.extended_length ? 0xC0 : 0x80;
  Octets atr = {0x3B, 0x86, 0x80, 0x01, 0x80, 0x73, 0x00, 0x00, capabilities, 0x90};
  atr[1] = static_cast<uint8_t>(0x80 | (atr.size() - 4));
  uint8_t check = 0;
  for (size_t i = 1; i < atr.size(); ++i) check ^= atr[i];
  atr.push_back(check);
  return atr;
}

Octets SoftChip::Process(Bytes bytes) {
  const auto command = access::DecodeCommand(bytes);
  if (command.ok() && command->cla == 0 && command->ins == ins::kGetResponse && !undelivered_.empty()) {
    return Deliver(std::move(undelivered_));
  }
  undelivered_.clear();
  return Deliver(Answer(bytes));
}

// As much of a response as a short one holds, and how much is left.
Octets SoftChip::Deliver(Octets response) {
  constexpr size_t kStatusBytes = 2;
  if (contents_.extended_length || response.size() <= access::kMaxShortExpected + kStatusBytes) return response;
  undelivered_ = access::Copy(Bytes(response).subspan(access::kMaxShortExpected));
  response.resize(access::kMaxShortExpected);
  const size_t left = undelivered_.size() - kStatusBytes;
  const int word = static_cast<int>(StatusWord::kMoreData) | (left < 256 ? static_cast<int>(left) : 0);
  return Encode(Response{.data = std::move(response), .status = static_cast<StatusWord>(word)});
}

Octets SoftChip::Answer(Bytes bytes) {
  const auto command = access::DecodeCommand(bytes);
  const bool too_long = command.ok() && command->extended && !contents_.extended_length;
  if (!command.ok() || too_long) return Encode(Response{.status = StatusWord::kWrongLength});
  if (!session_) {
    if ((command->cla & kSecureMessagingBits) != 0) {
      return Encode(Response{.status = StatusWord::kSecureMessagingNotSupported});
    }
    Outcome outcome = Dispatch(*command);
    if (outcome.next_keys) session_.emplace(*std::move(outcome.next_keys));
    return Encode(outcome.response);
  }
  const auto plain = session_->UnwrapCommand(*command);
  if (!plain.ok()) {
    // All that was agreed ends with the session; the application stays selected.
    const Directory directory = directory_;
    Reset();
    directory_ = directory;
    return Encode(Response{.status = access::AnswerToBrokenCommand(plain.status())});
  }
  Outcome outcome = Dispatch(*plain);
  const auto wrapped = session_->WrapResponse(outcome.response);
  GH_CHECK(wrapped.ok());
  if (outcome.next_keys) session_.emplace(*std::move(outcome.next_keys));
  return Encode(*wrapped);
}

SoftChip::Outcome SoftChip::Dispatch(const Command& command) {
  if ((command.cla & ~(access::kClaChaining | kSecureMessagingBits)) != 0) {
    return Status(StatusWord::kClassNotSupported);
  }
  // What was begun with another instruction is given up.
  if (command.ins != chained_ins_) chained_.clear();
  chained_ins_ = command.ins;
  Command whole = command;
  whole.data = access::Join({chained_, command.data});
  // The steps of GENERAL AUTHENTICATE are each a command of its own, chained as they are: one is whole when its object
  // is.
  const bool is_step = command.ins == ins::kGeneralAuthenticate && access::DecodeDynamicData(whole.data).ok();
  if ((command.cla & access::kClaChaining) != 0 && !is_step) {
    if (whole.data.size() > kMaxChainedBytes) return Status(StatusWord::kWrongLength);
    chained_ = std::move(whole.data);
    return Status(StatusWord::kSuccess);
  }
  chained_.clear();
  switch (command.ins) {
    case ins::kSelect:
      return Select(whole);
    case ins::kReadBinary:
      return ReadBinary(whole);
    case ins::kReadBinaryOdd:
      return ReadBinaryOdd(whole);
    case ins::kGetChallenge:
      return GetChallenge(whole);
    case ins::kExternalAuthenticate:
      return ExternalAuthenticate(whole);
    case ins::kInternalAuthenticate:
      return InternalAuthenticate(whole);
    case ins::kManageSecurityEnvironment:
      return ManageSecurityEnvironment(whole);
    case ins::kGeneralAuthenticate:
      return GeneralAuthenticate(whole);
    case ins::kPerformSecurityOperation:
      return VerifyCertificate(whole);
    default:
      return Status(StatusWord::kInstructionNotSupported);
  }
}

const Octets* SoftChip::FindFile(uint16_t id) const {
  const auto& files = directory_ == Directory::kMaster ? contents_.master_files : contents_.application_files;
  const auto found = files.find(id);
  return found == files.end() ? nullptr : &found->second;
}

bool SoftChip::MayRead(uint16_t id) const {
  if (directory_ == Directory::kMaster) return id != kCardSecurity || granted_;
  if (!granted_ && !contents_.open) return false;
  if (contents_.trust_points.empty()) return true;
  return (id != kDataGroup3 || gate_.reads_fingerprints()) && (id != kDataGroup4 || gate_.reads_irises());
}

SoftChip::Outcome SoftChip::Select(const Command& command) {
  current_file_.reset();
  const Bytes data = command.data;
  if (command.p1 == 0x04) {
    if (!pki::Equal(data, kApplication)) return Status(StatusWord::kFileNotFound);
    directory_ = Directory::kApplication;
    return Status(StatusWord::kSuccess);
  }
  if (command.p1 == 0x00 && (data.empty() || (data.size() == 2 && Number(data[0], data[1]) == kMasterFile))) {
    directory_ = Directory::kMaster;
    return Status(StatusWord::kSuccess);
  }
  if ((command.p1 != 0x00 && command.p1 != 0x02) || data.size() != 2) return Status(StatusWord::kIncorrectParameters);
  const uint16_t id = Number(data[0], data[1]);
  if (FindFile(id) == nullptr) return Status(StatusWord::kFileNotFound);
  if (!MayRead(id)) return Status(StatusWord::kSecurityStatusNotSatisfied);
  current_file_ = id;
  return Status(StatusWord::kSuccess);
}

namespace {

// File identifiers by short identifier (Doc 9303-10 section 3.11.2 and 4).
std::optional<uint16_t> FileOfShortId(bool master, uint8_t short_id) {
  if (short_id == 0x1C) return master ? kCardAccess : kCvca;
  if (short_id == 0x1D) return master ? kCardSecurity : kSecurityObject;
  if (master && short_id == 0x1E) return uint16_t{0x2F00};  // EF.DIR
  if (master && short_id == 0x01) return uint16_t{0x2F01};  // EF.ATR/INFO
  if (short_id == 0x1E) return kCom;
  if (!master && short_id >= 1 && short_id <= 16) return Number(0x01, short_id);
  return std::nullopt;
}

// Up to `wanted` octets from `offset`; at the end of the file fewer, and 6282 says so.
Response Slice(const Octets& file, size_t offset, int wanted) {
  if (offset >= file.size()) return {.status = StatusWord::kWrongParameters};
  const size_t size = std::min<size_t>(file.size() - offset, static_cast<size_t>(wanted));
  const Bytes part = Bytes(file).subspan(offset, size);
  return {.data = access::Copy(part),
          .status = size < static_cast<size_t>(wanted) ? StatusWord::kEndOfFile : StatusWord::kSuccess};
}

}  // namespace

SoftChip::Outcome SoftChip::ReadBinary(const Command& command) {
  size_t offset = Number(command.p1, command.p2);
  if ((command.p1 & 0x80) != 0) {
    const auto id = FileOfShortId(directory_ == Directory::kMaster, command.p1 & 0x1F);
    if (!id || FindFile(*id) == nullptr) return Status(StatusWord::kFileNotFound);
    current_file_ = *id;
    offset = command.p2;
  }
  if (!current_file_) return Status(StatusWord::kCommandNotAllowed);
  if (!MayRead(*current_file_)) return Status(StatusWord::kSecurityStatusNotSatisfied);
  if (command.expected == 0) return Status(StatusWord::kWrongLength);
  return {.response = Slice(*FindFile(*current_file_), offset, command.expected)};
}

// Offset in DO 54, data in DO 53: beyond the 32,767 octets that two parameters can address.
SoftChip::Outcome SoftChip::ReadBinaryOdd(const Command& command) {
  const uint16_t parameter = Number(command.p1, command.p2);
  if (parameter != 0) {
    const auto short_id = parameter <= 0x1F ? FileOfShortId(directory_ == Directory::kMaster, command.p2) : parameter;
    if (!short_id || FindFile(*short_id) == nullptr) return Status(StatusWord::kFileNotFound);
    current_file_ = *short_id;
  }
  if (!current_file_) return Status(StatusWord::kCommandNotAllowed);
  if (!MayRead(*current_file_)) return Status(StatusWord::kSecurityStatusNotSatisfied);
  const auto object = pki::ReadOnly(command.data, 0x54, pki::Rules::kBer, "offset");
  if (!object.ok() || object->value.empty() || object->value.size() > 4) return Status(StatusWord::kWrongData);
  size_t offset = 0;
  for (const uint8_t octet : object->value) offset = offset << 8 | octet;
  // What is expected covers the head of DO 53 too.
  const int head = command.expected > 258 ? 4 : command.expected > 130 ? 3 : 2;
  if (command.expected <= head) return Status(StatusWord::kWrongLength);
  Response response = Slice(*FindFile(*current_file_), offset, command.expected - head);
  if (!response.data.empty()) response.data = access::EncodeTlv(0x53, response.data);
  return {.response = std::move(response)};
}

SoftChip::Outcome SoftChip::GetChallenge(const Command& command) {
  if (command.expected != access::kBacChallengeBytes) return Status(StatusWord::kWrongLength);
  if (granted_) return {.response = {.data = gate_.DrawChallenge(random_)}};
  if (!contents_.bac || directory_ != Directory::kApplication) return Status(StatusWord::kConditionsNotSatisfied);
  bac_ = std::make_unique<access::BacChip>(contents_.mrz_information, random_);
  return {.response = {.data = bac_->challenge()}};
}

SoftChip::Outcome SoftChip::ExternalAuthenticate(const Command& command) {
  if (granted_) {
    return Status(gate_.Authenticate(command.data) ? StatusWord::kSuccess : StatusWord::kAuthenticationFailed);
  }
  if (bac_ == nullptr) return Status(StatusWord::kConditionsNotSatisfied);
  auto answer = bac_->Authenticate(command.data);
  bac_.reset();  // a challenge serves once
  if (!answer.ok()) return Status(StatusWord::kAuthenticationFailed);
  granted_ = true;
  // The document number and its check digit: all but two dates of seven.
  const std::string_view information = contents_.mrz_information;
  gate_.SetChipId(pki::AsBytes(information.substr(0, information.size() - 14)));
  return {.response = {.data = std::move(answer->data)}, .next_keys = std::move(answer->keys)};
}

}  // namespace gatehouse::specimen
