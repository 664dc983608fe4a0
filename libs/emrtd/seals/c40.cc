#include "libs/emrtd/seals/c40.h"

#include <optional>

#include "libs/base/status_macros.h"

namespace gatehouse::emrtd::seals {
namespace {

using pki::Malformed;

constexpr uint8_t kUnlatch = 0xFE;
constexpr uint8_t kUpperShift = 30;  // in the set of shift 2

// The state between values: a shift holds for one value, the upper shift for one character.
class C40Reader {
 public:
  // False when the value means nothing.
  bool Take(int value) {
    const int set = shift_;
    shift_ = 0;
    switch (set) {
      case 0:
        if (value < 3) {
          shift_ = value + 1;
          return true;
        }
        return Put(value == 3 ? ' ' : value < 14 ? '0' + value - 4 : 'A' + value - 14);
      case 1:
        return value < 32 && Put(value);
      case 2:
        if (value == kUpperShift) {
          upper_ = true;
          return true;
        }
        if (value < 15) return Put('!' + value);
        if (value < 22) return Put(':' + value - 15);
        return value < 27 && Put('[' + value - 22);
      default:
        return value < 32 && Put('`' + value);
    }
  }

  // A byte of the ASCII mode: a character plus one, a pair of digits, or the pad.
  bool TakeAscii(uint8_t byte) {
    if (byte >= 1 && byte <= 128) return Put(byte - 1);
    if (byte == 129) return true;
    if (byte >= 130 && byte <= 229) return Put('0' + (byte - 130) / 10) && Put('0' + (byte - 130) % 10);
    if (byte == 235) {
      upper_ = true;
      return true;
    }
    return false;
  }

  std::string text;

 private:
  bool Put(int character) {
    const int code = character + (upper_ ? 128 : 0);
    upper_ = false;
    if (code < 0x80) {
      text += static_cast<char>(code);
    } else {
      text += {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 0x3F))};
    }
    return true;
  }

  int shift_ = 0;
  bool upper_ = false;
};

// The value of a character of the basic set; nothing for another, which seals have no need of.
std::optional<int> BasicValue(char c) {
  if (c == ' ' || c == '<') return 3;
  if (c >= '0' && c <= '9') return c - '0' + 4;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 14;
  return std::nullopt;
}

void AppendPair(int a, int b, int c, std::vector<uint8_t>& bytes) {
  const int packed = 1600 * a + 40 * b + c + 1;
  bytes.push_back(static_cast<uint8_t>(packed >> 8));
  bytes.push_back(static_cast<uint8_t>(packed));
}

}  // namespace

absl::StatusOr<std::string> DecodeC40(Bytes bytes, std::string_view field) {
  if (bytes.size() > kMaxC40Bytes) return Malformed(field, "is longer than the limit");
  C40Reader reader;
  bool ascii = false;
  for (size_t at = 0; at < bytes.size();) {
    if (!ascii && bytes[at] == kUnlatch) {
      ascii = true;
      ++at;
    } else if (ascii || at + 1 == bytes.size()) {
      // A single byte at the end is ASCII without an FE before it (ISO/IEC 16022 5.2.5.2).
      if (!reader.TakeAscii(bytes[at++])) return Malformed(field, "is no C40 text");
    } else {
      const int packed = (bytes[at] << 8 | bytes[at + 1]) - 1;
      at += 2;
      if (packed < 0 || packed >= 40 * 1600) return Malformed(field, "is no C40 text");
      for (const int value : {packed / 1600, packed / 40 % 40, packed % 40}) {
        if (!reader.Take(value)) return Malformed(field, "is no C40 text");
      }
    }
  }
  return std::move(reader.text);
}

absl::StatusOr<std::vector<uint8_t>> EncodeC40(std::string_view text, std::string_view field) {
  if (C40Bytes(text.size()) > kMaxC40Bytes) return Malformed(field, "is longer than the limit");
  std::vector<int> values;
  for (const char c : text) {
    const std::optional<int> value = BasicValue(c);
    if (!value) return Malformed(field, "has a character that is no capital letter, digit, blank or filler");
    values.push_back(*value);
  }
  std::vector<uint8_t> bytes;
  size_t at = 0;
  for (; at + 3 <= values.size(); at += 3) AppendPair(values[at], values[at + 1], values[at + 2], bytes);
  if (values.size() - at == 2) {
    AppendPair(values[at], values[at + 1], 0, bytes);  // shift 1 as the pad
  } else if (values.size() - at == 1) {
    bytes.push_back(kUnlatch);
    bytes.push_back(static_cast<uint8_t>((text.back() == '<' ? ' ' : text.back()) + 1));
  }
  return bytes;
}

}  // namespace gatehouse::emrtd::seals
