#include "libs/emrtd/access/secure_messaging.h"

#include <algorithm>

#include "libs/base/check.h"
#include "libs/base/status_macros.h"

namespace gatehouse::emrtd::access {
namespace {

using pki::Malformed;
using pki::Rules;
using pki::Tlv;
using pki::TlvReader;

constexpr uint32_t kPlainCryptogram = 0x85;   // cryptogram of BER-TLV data: odd instructions
constexpr uint32_t kPaddedCryptogram = 0x87;  // padding indicator, then the cryptogram
constexpr uint32_t kExpected = 0x97;
constexpr uint32_t kStatus = 0x99;
constexpr uint32_t kChecksum = 0x8E;
constexpr uint8_t kPaddingMethod2 = 0x01;

bool IsOdd(uint8_t ins) { return (ins & 1) != 0; }

std::array<uint8_t, 4> HeaderOf(const Command& command) { return {command.cla, command.ins, command.p1, command.p2}; }

Octets EncodeCryptogram(Bytes cryptogram, bool odd_instruction) {
  if (odd_instruction) return EncodeTlv(kPlainCryptogram, cryptogram);
  static constexpr uint8_t kIndicator[] = {kPaddingMethod2};
  return EncodeTlv(kPaddedCryptogram, {kIndicator, cryptogram});
}

// One octet up to 256, else two; 256 and 65536 are zero.
Octets EncodeExpected(int expected) {
  Octets field;
  if (expected > kMaxShortExpected) field.push_back(static_cast<uint8_t>(expected >> 8));
  field.push_back(static_cast<uint8_t>(expected));
  return EncodeTlv(kExpected, field);
}

absl::StatusOr<int> ReadExpected(const Tlv& object) {
  if (object.value.empty() || object.value.size() > 2) return Malformed("DO 97", "has a wrong length");
  int expected = 0;
  for (const uint8_t octet : object.value) expected = expected << 8 | octet;
  if (expected == 0) expected = object.value.size() == 1 ? kMaxShortExpected : kMaxExtendedExpected;
  return expected;
}

// The data objects of one protected message. `second` is DO 97 of a command, DO 99 of a response.
struct Objects {
  std::optional<Tlv> cryptogram;  // DO 85 or DO 87
  std::optional<Tlv> second;
  Bytes under_checksum;
  Bytes checksum;
};

absl::StatusOr<Objects> ReadObjects(Bytes data, uint32_t second_tag) {
  Objects objects;
  TlvReader reader(data, Rules::kDer);
  if (reader.PeekTag() == kPlainCryptogram || reader.PeekTag() == kPaddedCryptogram) {
    GH_ASSIGN_OR_RETURN(objects.cryptogram, reader.Next("cryptogram"));
  }
  GH_ASSIGN_OR_RETURN(objects.second, reader.Optional(second_tag, "secure messaging object"));
  objects.under_checksum = data.first(data.size() - reader.rest().size());
  GH_ASSIGN_OR_RETURN(const Tlv checksum, reader.Expect(kChecksum, "DO 8E"));
  GH_RETURN_IF_ERROR(reader.ExpectEnd("DO 8E"));
  if (checksum.value.size() != kMacBytes) return Malformed("DO 8E", "has a wrong length");
  objects.checksum = checksum.value;
  return objects;
}

// The octets to decrypt, without the padding indicator.
absl::StatusOr<Bytes> CryptogramOf(const Tlv& object) {
  if (object.tag == kPlainCryptogram) return object.value;
  if (object.value.empty() || object.value[0] != kPaddingMethod2) {
    return Malformed("DO 87", "has a padding indicator other than 01");
  }
  return object.value.subspan(1);
}

}  // namespace

SecureMessaging::SecureMessaging(SessionKeys keys) : keys_(std::move(keys)) {
  GH_CHECK(keys_.encryption.Reveal().size() == KeyBytes(keys_.cipher) &&
           keys_.mac.Reveal().size() == KeyBytes(keys_.cipher) &&
           keys_.send_sequence_counter.size() == BlockBytes(keys_.cipher));
}

void SecureMessaging::AdvanceCounter() {
  Octets& counter = keys_.send_sequence_counter;
  for (size_t i = counter.size(); i-- > 0;) {
    if (++counter[i] != 0) return;
  }
}

// 3DES: zeros. AES: the counter, encrypted.
Octets SecureMessaging::InitialVector() const {
  if (keys_.cipher == Cipher::kTripleDes) return {};
  return EncryptCbc(keys_.cipher, keys_.encryption.Reveal(), {}, keys_.send_sequence_counter);
}

// Over counter, padded header (of a command) and data objects, padded as a whole.
Mac SecureMessaging::Checksum(Bytes header, Bytes objects) const {
  const size_t block = BlockBytes(keys_.cipher);
  Octets message = keys_.send_sequence_counter;
  if (!header.empty()) Append(message, Pad(header, block));
  Append(message, objects);
  if (keys_.cipher != Cipher::kTripleDes) message = Pad(message, block);  // the retail MAC pads itself
  return ComputeMac(keys_.cipher, keys_.mac.Reveal(), message);
}

Octets SecureMessaging::Encrypt(Bytes data) const {
  return EncryptCbc(keys_.cipher, keys_.encryption.Reveal(), InitialVector(), Pad(data, BlockBytes(keys_.cipher)));
}

absl::StatusOr<Octets> SecureMessaging::Decrypt(Bytes cryptogram) const {
  const size_t block = BlockBytes(keys_.cipher);
  if (cryptogram.empty() || cryptogram.size() % block != 0) return Malformed("cryptogram", "is not whole blocks");
  Octets data = DecryptCbc(keys_.cipher, keys_.encryption.Reveal(), InitialVector(), cryptogram);
  const std::optional<size_t> size = UnpaddedSize(data, block);
  if (!size) return Malformed("cryptogram", "has no padding");
  data.resize(*size);
  return data;
}

absl::Status SecureMessaging::RequireAlive() const {
  return alive_ ? absl::OkStatus() : absl::FailedPreconditionError("the secure messaging session has ended");
}

absl::StatusOr<Command> SecureMessaging::WrapCommand(const Command& command) {
  GH_RETURN_IF_ERROR(RequireAlive());
  // Indicator, padding, and the heads and values of the other objects need less than 64 octets.
  if (command.data.size() + 64 > kMaxExtendedData) return Malformed("command", "has too much data to be protected");
  AdvanceCounter();
  odd_instruction_ = IsOdd(command.ins);
  Command wrapped = command;
  wrapped.cla |= kClaSecureMessaging;
  wrapped.data.clear();
  if (!command.data.empty()) Append(wrapped.data, EncodeCryptogram(Encrypt(command.data), odd_instruction_));
  if (command.expected > 0) Append(wrapped.data, EncodeExpected(command.expected));
  Append(wrapped.data, EncodeTlv(kChecksum, Checksum(HeaderOf(wrapped), wrapped.data)));
  wrapped.extended = command.NeedsExtended() || wrapped.data.size() > kMaxShortData;
  wrapped.expected = wrapped.extended ? kMaxExtendedExpected : kMaxShortExpected;
  return wrapped;
}

absl::StatusOr<Response> SecureMessaging::OpenResponse(const Response& response) {
  if (response.data.empty()) {
    return absl::AbortedError("the chip ended secure messaging: " + Describe(response.status));
  }
  AdvanceCounter();
  GH_ASSIGN_OR_RETURN(const Objects objects, ReadObjects(response.data, kStatus));
  if (!EqualInConstantTime(Checksum({}, objects.under_checksum), objects.checksum)) {
    return absl::UnauthenticatedError("the checksum of the response is wrong");
  }
  if (!objects.second || objects.second->value.size() != 2) return Malformed("DO 99", "is missing or malformed");
  Response opened{.status = static_cast<StatusWord>(objects.second->value[0] << 8 | objects.second->value[1])};
  if (objects.cryptogram) {
    GH_ASSIGN_OR_RETURN(const Bytes cryptogram, CryptogramOf(*objects.cryptogram));
    GH_ASSIGN_OR_RETURN(opened.data, Decrypt(cryptogram));
  }
  return opened;
}

absl::StatusOr<Response> SecureMessaging::UnwrapResponse(const Response& response) {
  GH_RETURN_IF_ERROR(RequireAlive());
  absl::StatusOr<Response> opened = OpenResponse(response);
  alive_ = opened.ok();
  return opened;
}

absl::StatusOr<Command> SecureMessaging::OpenCommand(const Command& command) {
  if ((command.cla & kClaSecureMessaging) != kClaSecureMessaging) {
    return Malformed("command", "comes without secure messaging");
  }
  AdvanceCounter();
  odd_instruction_ = IsOdd(command.ins);
  GH_ASSIGN_OR_RETURN(const Objects objects, ReadObjects(command.data, kExpected));
  if (!EqualInConstantTime(Checksum(HeaderOf(command), objects.under_checksum), objects.checksum)) {
    return absl::UnauthenticatedError("the checksum of the command is wrong");
  }
  Command opened{.cla = static_cast<uint8_t>(command.cla & ~kClaSecureMessaging),
                 .ins = command.ins,
                 .p1 = command.p1,
                 .p2 = command.p2,
                 .extended = command.extended};
  if (objects.cryptogram) {
    GH_ASSIGN_OR_RETURN(const Bytes cryptogram, CryptogramOf(*objects.cryptogram));
    GH_ASSIGN_OR_RETURN(opened.data, Decrypt(cryptogram));
  }
  if (objects.second) {
    GH_ASSIGN_OR_RETURN(opened.expected, ReadExpected(*objects.second));
  }
  return opened;
}

absl::StatusOr<Command> SecureMessaging::UnwrapCommand(const Command& command) {
  GH_RETURN_IF_ERROR(RequireAlive());
  absl::StatusOr<Command> opened = OpenCommand(command);
  alive_ = opened.ok();
  return opened;
}

absl::StatusOr<Response> SecureMessaging::WrapResponse(const Response& response) {
  GH_RETURN_IF_ERROR(RequireAlive());
  if (response.data.size() + 64 > kMaxExtendedExpected)
    return Malformed("response", "has too much data to be protected");
  AdvanceCounter();
  Response wrapped{.status = response.status};
  if (!response.data.empty()) Append(wrapped.data, EncodeCryptogram(Encrypt(response.data), odd_instruction_));
  const uint8_t status[] = {Sw1(response.status), Sw2(response.status)};
  Append(wrapped.data, EncodeTlv(kStatus, status));
  Append(wrapped.data, EncodeTlv(kChecksum, Checksum({}, wrapped.data)));
  return wrapped;
}

StatusWord AnswerToBrokenCommand(const absl::Status& status) {
  return absl::IsInvalidArgument(status) ? StatusWord::kMissingSecureMessagingObject
                                         : StatusWord::kWrongSecureMessagingObject;
}

int MaxProtectedData(Cipher cipher, int response_bytes) {
  // DO 99 (4), DO 8E (10), head of DO 87 with its indicator (up to 5), and one octet of padding at least.
  const int block = static_cast<int>(BlockBytes(cipher));
  const int blocks = (response_bytes - 4 - 10 - 5) / block;
  return std::max(0, blocks * block - 1);
}

}  // namespace gatehouse::emrtd::access
