// The check digit of the machine-readable zone, Doc 9303-3 section 4.9: weights 7, 3, 1 repeating over the values of
// the characters (0-9 as they are, A-Z 10 to 35, the filler `<` 0), sum modulo 10.
//   CheckSum number("L898902C3");
//   number.Matches('6');
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::mrz {

inline constexpr char kFiller = '<';

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsLetter(char c) { return c >= 'A' && c <= 'Z'; }
// The whole alphabet of the zone, Doc 9303-3 section 4.3.
constexpr bool IsMrzCharacter(char c) { return IsDigit(c) || IsLetter(c) || c == kFiller; }

// What a character counts in a check digit; kNoValue, a bit that no value has, outside the alphabet.
inline constexpr uint8_t kNoValue = 0x80;
inline constexpr std::array<uint8_t, 256> kCharacterValues = [] {
  std::array<uint8_t, 256> values{};
  for (size_t c = 0; c < values.size(); ++c) {
    const char character = static_cast<char>(c);
    values[c] = IsDigit(character)     ? static_cast<uint8_t>(c - '0')
                : IsLetter(character)  ? static_cast<uint8_t>(c - 'A' + 10)
                : character == kFiller ? 0
                                       : kNoValue;
  }
  return values;
}();

// IsMrzCharacter() of all, in a form in which compilers take sixteen characters at a time.
constexpr bool AllMrzCharacters(std::string_view text) {
  uint8_t all = 0xFF;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<uint8_t>(text[i]);
    uint8_t legal = static_cast<uint8_t>(c - '0') < 10 ? 0xFF : 0;
    legal = static_cast<uint8_t>(c - 'A') < 26 ? 0xFF : legal;
    legal = c == kFiller ? 0xFF : legal;
    all &= legal;
  }
  return all == 0xFF;
}

// A running sum: fields that share one check digit (the composite) are added one after the other and the weights go
// on. A character outside the alphabet has no value: such a sum matches nothing.
class CheckSum {
 public:
  constexpr CheckSum() = default;
  constexpr explicit CheckSum(std::string_view field) { Add(field); }

  constexpr void Add(std::string_view field) {
    // By threes, so that no weight waits for the one before it: zones are checked by the million.
    size_t i = 0;
    for (; i + 3 <= field.size(); i += 3) {
      sum_ += Value(field[i]) * weights_[0] + Value(field[i + 1]) * weights_[1] + Value(field[i + 2]) * weights_[2];
    }
    for (; i < field.size(); ++i) {
      sum_ += Value(field[i]) * weights_[0];
      weights_ = {weights_[1], weights_[2], weights_[0]};
    }
  }

  constexpr char Digit() const { return static_cast<char>('0' + sum_ % 10); }
  // A filler never matches: only an unused TD3 optional field may have one as its check digit, and the caller knows.
  constexpr bool Matches(char digit) const { return (seen_ & kNoValue) == 0 && digit == Digit(); }

 private:
  constexpr uint32_t Value(char c) {
    const uint32_t value = kCharacterValues[static_cast<uint8_t>(c)];
    seen_ |= value;
    return value;
  }

  uint32_t sum_ = 0;
  std::array<uint32_t, 3> weights_ = {7, 3, 1};
  uint32_t seen_ = 0;  // bits of all values
};

constexpr char CheckDigit(std::string_view field) { return CheckSum(field).Digit(); }

}  // namespace gatehouse::mrz
