// Command and response APDUs of ISO/IEC 7816-4: what travels between a terminal and a chip. Both directions of both
// encodings: a terminal encodes commands and decodes responses, a software chip does the opposite.
//   Command select{.ins = ins::kSelect, .p1 = 0x04, .p2 = 0x0C, .data = ...};
//   transport.Transmit(Encode(select));
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/emrtd/access/octets.h"

namespace gatehouse::emrtd::access {

inline constexpr int kMaxShortData = 255;
inline constexpr int kMaxShortExpected = 256;
inline constexpr int kMaxExtendedData = 65535;
inline constexpr int kMaxExtendedExpected = 65536;
// Header, extended Lc, data, extended Le; and data with a status word.
inline constexpr size_t kMaxCommandBytes = 4 + 3 + 65535 + 2;
inline constexpr size_t kMaxResponseBytes = 65536 + 2;

namespace ins {
inline constexpr uint8_t kManageSecurityEnvironment = 0x22, kPerformSecurityOperation = 0x2A,
                         kExternalAuthenticate = 0x82, kGetChallenge = 0x84, kGeneralAuthenticate = 0x86,
                         kInternalAuthenticate = 0x88, kSelect = 0xA4, kReadBinary = 0xB0, kReadBinaryOdd = 0xB1,
                         kGetResponse = 0xC0;
}  // namespace ins

// Bits of CLA that we use (ISO 7816-4 section 5.4.1): another command of the chain follows; secure messaging with the
// header under the checksum.
inline constexpr uint8_t kClaChaining = 0x10;
inline constexpr uint8_t kClaSecureMessaging = 0x0C;

struct Command {
  uint8_t cla = 0;
  uint8_t ins = 0;
  uint8_t p1 = 0;
  uint8_t p2 = 0;
  Octets data;       // at most kMaxExtendedData
  int expected = 0;  // Ne, octets wanted back: 0 none, at most kMaxExtendedExpected
  // Extended Lc and Le even where short ones would do. Data or `expected` above the short bounds imply it.
  bool extended = false;

  bool NeedsExtended() const { return extended || data.size() > kMaxShortData || expected > kMaxShortExpected; }
};

// Sizes out of bounds are our bug (GH_CHECK).
Octets Encode(const Command& command);
// INVALID_ARGUMENT for lengths that disagree with the bytes that are there.
absl::StatusOr<Command> DecodeCommand(Bytes bytes);

// SW1-SW2. The names are those this library acts upon or a chip of ours answers; any other value may come from outside
// and is kept as it is.
enum class StatusWord : uint16_t {
  kSuccess = 0x9000,
  kMoreData = 0x6100,   // 61xx: xx octets more, for GET RESPONSE; 00 is 256 or more
  kEndOfFile = 0x6282,  // fewer octets than expected
  kFileDeactivated = 0x6283,
  kAuthenticationFailed = 0x6300,
  kNoTriesLeft = 0x63C0,  // 63Cx: x tries left
  kNoInformation = 0x6400,
  kMemoryFailure = 0x6581,
  kWrongLength = 0x6700,
  kSecureMessagingNotSupported = 0x6882,
  kChainingNotSupported = 0x6884,
  kSecurityStatusNotSatisfied = 0x6982,
  kMethodBlocked = 0x6983,
  kReferencedDataUnusable = 0x6984,
  kConditionsNotSatisfied = 0x6985,
  kCommandNotAllowed = 0x6986,  // no current file
  kMissingSecureMessagingObject = 0x6987,
  kWrongSecureMessagingObject = 0x6988,
  kWrongData = 0x6A80,
  kFunctionNotSupported = 0x6A81,
  kFileNotFound = 0x6A82,
  kRecordNotFound = 0x6A83,
  kIncorrectParameters = 0x6A86,
  kReferencedDataNotFound = 0x6A88,
  kWrongParameters = 0x6B00,      // offset beyond the end of the file
  kWrongExpectedLength = 0x6C00,  // 6Cxx: xx octets are there
  kInstructionNotSupported = 0x6D00,
  kClassNotSupported = 0x6E00,
  kNoDiagnosis = 0x6F00,
};

constexpr uint8_t Sw1(StatusWord word) { return static_cast<uint8_t>(static_cast<uint16_t>(word) >> 8); }
constexpr uint8_t Sw2(StatusWord word) { return static_cast<uint8_t>(word); }

// "6982 security status not satisfied"; a word we do not know is its digits alone.
std::string Describe(StatusWord word);

struct Response {
  Octets data;
  StatusWord status = StatusWord::kSuccess;

  bool ok() const { return status == StatusWord::kSuccess; }
};

Octets Encode(const Response& response);
// INVALID_ARGUMENT for less than a status word or more than kMaxResponseBytes.
absl::StatusOr<Response> DecodeResponse(Bytes bytes);

}  // namespace gatehouse::emrtd::access
