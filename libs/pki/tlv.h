// TlvReader: tag, length, value. The one reader for everything a chip or a certificate authority sends: ASN.1 in BER
// and DER (ITU-T X.690) and the BER-TLV of ISO/IEC 7816-4, which are the same encoding. It copies nothing: every value
// is a span into the caller's bytes, which must outlive it. Nothing is believed before it is compared with the bytes
// that are there, so hostile lengths cost nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gatehouse::pki {

using Bytes = std::span<const uint8_t>;

// How deep indefinite lengths may nest before they are refused. A real security object has four.
inline constexpr int kMaxIndefiniteNesting = 16;

// Tags as they stand in the encoding, two-byte tags in one number (0x7F61).
namespace tag {
inline constexpr uint32_t kBoolean = 0x01, kInteger = 0x02, kBitString = 0x03, kOctetString = 0x04, kNull = 0x05,
                          kOid = 0x06, kEnumerated = 0x0A, kUtf8String = 0x0C, kPrintableString = 0x13,
                          kT61String = 0x14, kIa5String = 0x16, kUtcTime = 0x17, kGeneralizedTime = 0x18,
                          kUniversalString = 0x1C, kBmpString = 0x1E, kSequence = 0x30, kSet = 0x31,
                          kConstructedOctetString = 0x24, kContext0 = 0xA0, kContext1 = 0xA1, kContext2 = 0xA2,
                          kContext3 = 0xA3;
}  // namespace tag

struct Tlv {
  uint32_t tag = 0;
  Bytes value;     // without tag and length, and without the end-of-contents octets of an indefinite length
  Bytes encoding;  // the whole element
  bool indefinite = false;
};

// kDer: definite, minimal lengths only. kBer: indefinite lengths and padded ones too.
enum class Rules { kDer, kBer };

// Walks the elements of `bytes` one after another. `field` names the element in the error text (INVALID_ARGUMENT).
class TlvReader {
 public:
  TlvReader(Bytes bytes, Rules rules) : rest_(bytes), rules_(rules) {}

  bool at_end() const { return rest_.empty(); }
  Bytes rest() const { return rest_; }
  // The tag of the next element, 0 at the end or when it is broken.
  uint32_t PeekTag() const;

  absl::StatusOr<Tlv> Next(std::string_view field);
  absl::StatusOr<Tlv> Expect(uint32_t tag, std::string_view field);
  // The next element if it has this tag, else nothing and no movement.
  absl::StatusOr<std::optional<Tlv>> Optional(uint32_t tag, std::string_view field);
  absl::Status ExpectEnd(std::string_view field) const;

 private:
  Bytes rest_;
  Rules rules_;
};

// The value of the one element that fills `bytes`.
absl::StatusOr<Tlv> ReadOnly(Bytes bytes, uint32_t tag, Rules rules, std::string_view field);

// 00 or FF and nothing else (DER): a flag that a parser re-encodes before hashing can be bent otherwise.
absl::StatusOr<bool> ReadBoolean(const Tlv& element, std::string_view field);
// A non-negative number below 2^31.
absl::StatusOr<int> ReadSmallInteger(const Tlv& element, std::string_view field);
// UTCTime (years 1950-2049) and GeneralizedTime, in Z; seconds may be missing.
absl::StatusOr<absl::Time> ReadTime(const Tlv& element, std::string_view field);
// The octets of a BIT STRING with no unused bits.
absl::StatusOr<Bytes> ReadBitStringOctets(const Tlv& element, std::string_view field);

// INVALID_ARGUMENT "field: reason".
absl::Status Malformed(std::string_view field, std::string_view reason);

inline std::string_view AsText(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Bytes AsBytes(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }
bool Equal(Bytes a, Bytes b);
// Lower-case hexadecimal digits.
std::string ToHex(Bytes bytes);

}  // namespace gatehouse::pki
