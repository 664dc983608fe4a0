#include "libs/emrtd/access/apdu.h"

#include <array>

#include "absl/strings/str_format.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"

namespace gatehouse::emrtd::access {
namespace {

using pki::Malformed;

struct StatusText {
  StatusWord word;
  const char* text;
};
constexpr std::array<StatusText, 28> kStatusTexts = {{
    {StatusWord::kSuccess, "success"},
    {StatusWord::kEndOfFile, "end of file before the expected length"},
    {StatusWord::kFileDeactivated, "file deactivated"},
    {StatusWord::kAuthenticationFailed, "authentication failed"},
    {StatusWord::kNoTriesLeft, "no tries left"},
    {StatusWord::kNoInformation, "execution error"},
    {StatusWord::kMemoryFailure, "memory failure"},
    {StatusWord::kWrongLength, "wrong length"},
    {StatusWord::kSecureMessagingNotSupported, "secure messaging not supported"},
    {StatusWord::kChainingNotSupported, "command chaining not supported"},
    {StatusWord::kSecurityStatusNotSatisfied, "security status not satisfied"},
    {StatusWord::kMethodBlocked, "authentication method blocked"},
    {StatusWord::kReferencedDataUnusable, "referenced data not usable"},
    {StatusWord::kConditionsNotSatisfied, "conditions of use not satisfied"},
    {StatusWord::kCommandNotAllowed, "command not allowed"},
    {StatusWord::kMissingSecureMessagingObject, "secure messaging data object missing"},
    {StatusWord::kWrongSecureMessagingObject, "secure messaging data object incorrect"},
    {StatusWord::kWrongData, "incorrect parameters in the data field"},
    {StatusWord::kFunctionNotSupported, "function not supported"},
    {StatusWord::kFileNotFound, "file not found"},
    {StatusWord::kRecordNotFound, "record not found"},
    {StatusWord::kIncorrectParameters, "incorrect parameters P1-P2"},
    {StatusWord::kReferencedDataNotFound, "referenced data not found"},
    {StatusWord::kWrongParameters, "wrong parameters P1-P2"},
    {StatusWord::kWrongExpectedLength, "wrong expected length"},
    {StatusWord::kInstructionNotSupported, "instruction not supported"},
    {StatusWord::kClassNotSupported, "class not supported"},
    {StatusWord::kNoDiagnosis, "no precise diagnosis"},
}};

// Two-octet numbers; an extended Le of 65536 is 0000.
void AppendShort(Octets& to, size_t number) {
  to.push_back(static_cast<uint8_t>(number >> 8));
  to.push_back(static_cast<uint8_t>(number));
}

int ReadExpected(Bytes field) {
  if (field.size() == 1) return field[0] == 0 ? kMaxShortExpected : field[0];
  const int number = field[0] << 8 | field[1];
  return number == 0 ? kMaxExtendedExpected : number;
}

// What follows the header when its first octet is zero and more follow: extended Lc or Le.
absl::Status DecodeExtendedBody(Bytes body, Command& command) {
  command.extended = true;
  if (body.size() == 3) {
    command.expected = ReadExpected(body.subspan(1));
    return absl::OkStatus();
  }
  const size_t size = static_cast<size_t>(body[1]) << 8 | body[2];
  if (size == 0) return Malformed("command", "has an extended length of zero before data");
  const Bytes rest = body.subspan(3);
  if (rest.size() != size && rest.size() != size + 2) return Malformed("command", "has a length that does not fit");
  command.data = Copy(rest.first(size));
  if (rest.size() == size + 2) command.expected = ReadExpected(rest.subspan(size));
  return absl::OkStatus();
}

absl::Status DecodeShortBody(Bytes body, Command& command) {
  const size_t size = body[0];
  const Bytes rest = body.subspan(1);
  if (size == 0 || (rest.size() != size && rest.size() != size + 1)) {
    return Malformed("command", "has a length that does not fit");
  }
  command.data = Copy(rest.first(size));
  if (rest.size() == size + 1) command.expected = ReadExpected(rest.subspan(size));
  return absl::OkStatus();
}

}  // namespace

Octets EncodeTlv(uint32_t tag, Bytes value) {
  Octets encoded;
  if (tag > 0xFFFF) encoded.push_back(static_cast<uint8_t>(tag >> 16));
  if (tag > 0xFF) encoded.push_back(static_cast<uint8_t>(tag >> 8));
  encoded.push_back(static_cast<uint8_t>(tag));
  int length_octets = 0;
  while (value.size() >> (8 * length_octets) != 0) ++length_octets;
  if (value.size() >= 0x80) encoded.push_back(static_cast<uint8_t>(0x80 | length_octets));
  for (int i = value.size() >= 0x80 ? length_octets - 1 : 0; i >= 0; --i) {
    encoded.push_back(static_cast<uint8_t>(value.size() >> (8 * i)));
  }
  Append(encoded, value);
  return encoded;
}

Octets EncodeTlv(uint32_t tag, std::initializer_list<Bytes> pieces) { return EncodeTlv(tag, Join(pieces)); }

Octets Encode(const Command& command) {
  GH_CHECK(command.data.size() <= kMaxExtendedData && command.expected >= 0 &&
           command.expected <= kMaxExtendedExpected);
  Octets encoded = {command.cla, command.ins, command.p1, command.p2};
  const bool has_data = !command.data.empty();
  if (command.NeedsExtended()) {
    if (has_data || command.expected > 0) encoded.push_back(0);
    if (has_data) AppendShort(encoded, command.data.size());
    Append(encoded, command.data);
    if (command.expected > 0) AppendShort(encoded, static_cast<size_t>(command.expected));
    return encoded;
  }
  if (has_data) encoded.push_back(static_cast<uint8_t>(command.data.size()));
  Append(encoded, command.data);
  if (command.expected > 0) encoded.push_back(static_cast<uint8_t>(command.expected));
  return encoded;
}

absl::StatusOr<Command> DecodeCommand(Bytes bytes) {
  if (bytes.size() < 4) return Malformed("command", "is shorter than its header");
  if (bytes.size() > kMaxCommandBytes) return Malformed("command", "is too long");
  Command command{.cla = bytes[0], .ins = bytes[1], .p1 = bytes[2], .p2 = bytes[3]};
  const Bytes body = bytes.subspan(4);
  if (body.empty()) return command;
  if (body.size() == 1) {
    command.expected = ReadExpected(body);
  } else if (body[0] == 0 && body.size() >= 3) {
    GH_RETURN_IF_ERROR(DecodeExtendedBody(body, command));
  } else {
    GH_RETURN_IF_ERROR(DecodeShortBody(body, command));
  }
  return command;
}

std::string Describe(StatusWord word) {
  const std::string digits = absl::StrFormat("%04X", static_cast<uint16_t>(word));
  for (const StatusText& entry : kStatusTexts) {
    if (entry.word == word) return digits + " " + entry.text;
  }
  if (Sw1(word) == 0x63 && (Sw2(word) & 0xF0) == 0xC0)
    return absl::StrFormat("%s %d tries left", digits, Sw2(word) & 0x0F);
  if (Sw1(word) == 0x6C) return absl::StrFormat("%s wrong expected length, %d is right", digits, Sw2(word));
  return digits;
}

Octets Encode(const Response& response) {
  Octets encoded = response.data;
  AppendShort(encoded, static_cast<uint16_t>(response.status));
  return encoded;
}

absl::StatusOr<Response> DecodeResponse(Bytes bytes) {
  if (bytes.size() < 2) return Malformed("response", "is shorter than a status word");
  if (bytes.size() > kMaxResponseBytes) return Malformed("response", "is too long");
  const size_t size = bytes.size() - 2;
  return Response{.data = Copy(bytes.first(size)),
                  .status = static_cast<StatusWord>(bytes[size] << 8 | bytes[size + 1])};
}

}  // namespace gatehouse::emrtd::access
