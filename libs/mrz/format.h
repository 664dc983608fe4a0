// The five layouts of a machine-readable zone: where each field stands. Positions count from 0 over the lines joined
// without breaks, as DG1 of a chip holds them.
//   TD1 3x30 Doc 9303-5, TD2 2x36 Doc 9303-6, TD3 2x44 Doc 9303-4, MRV-A 2x44 and MRV-B 2x36 (visas) Doc 9303-7.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gatehouse::mrz {

enum class Format : uint8_t { kUnknown, kTd1, kTd2, kTd3, kMrvA, kMrvB };

// "unknown", "td1", "td2", "td3", "mrv_a", "mrv_b".
constexpr std::string_view FormatName(Format format) {
  constexpr std::array<std::string_view, 6> kNames = {"unknown", "td1", "td2", "td3", "mrv_a", "mrv_b"};
  return kNames[static_cast<size_t>(format)];
}

// The largest zone: TD1.
inline constexpr size_t kMaxMrzCharacters = 90;

struct Span {
  uint8_t at = 0;
  uint8_t size = 0;

  constexpr std::string_view In(std::string_view text) const { return text.substr(at, size); }
};

inline constexpr uint8_t kNoPosition = 0xFF;

struct Layout {
  Format format;
  uint8_t lines;
  uint8_t line_size;
  Span document_code;
  Span issuing_state;
  Span name;
  Span number;
  uint8_t number_check;
  Span nationality;
  Span birth_date;
  uint8_t birth_date_check;
  uint8_t sex;
  Span expiry_date;
  uint8_t expiry_check;
  Span optional_1;
  uint8_t optional_check;         // kNoPosition except for TD3
  Span optional_2;                // TD1 only
  uint8_t composite_check;        // kNoPosition for visas
  std::array<Span, 4> composite;  // what the composite check digit covers, in order; empty spans at the end
  bool long_number;               // a number over 9 characters may go on in optional_1 (Doc 9303-5 and -6, note j)

  constexpr size_t size() const { return size_t{lines} * line_size; }
  constexpr bool visa() const { return format == Format::kMrvA || format == Format::kMrvB; }
};

inline constexpr std::array<Layout, 5> kLayouts = {{
    {.format = Format::kTd1,
     .lines = 3,
     .line_size = 30,
     .document_code = {0, 2},
     .issuing_state = {2, 3},
     .name = {60, 30},
     .number = {5, 9},
     .number_check = 14,
     .nationality = {45, 3},
     .birth_date = {30, 6},
     .birth_date_check = 36,
     .sex = 37,
     .expiry_date = {38, 6},
     .expiry_check = 44,
     .optional_1 = {15, 15},
     .optional_check = kNoPosition,
     .optional_2 = {48, 11},
     .composite_check = 59,
     .composite = {{{5, 25}, {30, 7}, {38, 7}, {48, 11}}},
     .long_number = true},
    {.format = Format::kTd2,
     .lines = 2,
     .line_size = 36,
     .document_code = {0, 2},
     .issuing_state = {2, 3},
     .name = {5, 31},
     .number = {36, 9},
     .number_check = 45,
     .nationality = {46, 3},
     .birth_date = {49, 6},
     .birth_date_check = 55,
     .sex = 56,
     .expiry_date = {57, 6},
     .expiry_check = 63,
     .optional_1 = {64, 7},
     .optional_check = kNoPosition,
     .optional_2 = {},
     .composite_check = 71,
     .composite = {{{36, 10}, {49, 7}, {57, 14}, {}}},
     .long_number = true},
    {.format = Format::kTd3,
     .lines = 2,
     .line_size = 44,
     .document_code = {0, 2},
     .issuing_state = {2, 3},
     .name = {5, 39},
     .number = {44, 9},
     .number_check = 53,
     .nationality = {54, 3},
     .birth_date = {57, 6},
     .birth_date_check = 63,
     .sex = 64,
     .expiry_date = {65, 6},
     .expiry_check = 71,
     .optional_1 = {72, 14},
     .optional_check = 86,
     .optional_2 = {},
     .composite_check = 87,
     .composite = {{{44, 10}, {57, 7}, {65, 22}, {}}},
     .long_number = false},
    {.format = Format::kMrvA,
     .lines = 2,
     .line_size = 44,
     .document_code = {0, 2},
     .issuing_state = {2, 3},
     .name = {5, 39},
     .number = {44, 9},
     .number_check = 53,
     .nationality = {54, 3},
     .birth_date = {57, 6},
     .birth_date_check = 63,
     .sex = 64,
     .expiry_date = {65, 6},
     .expiry_check = 71,
     .optional_1 = {72, 16},
     .optional_check = kNoPosition,
     .optional_2 = {},
     .composite_check = kNoPosition,
     .composite = {},
     .long_number = false},
    {.format = Format::kMrvB,
     .lines = 2,
     .line_size = 36,
     .document_code = {0, 2},
     .issuing_state = {2, 3},
     .name = {5, 31},
     .number = {36, 9},
     .number_check = 45,
     .nationality = {46, 3},
     .birth_date = {49, 6},
     .birth_date_check = 55,
     .sex = 56,
     .expiry_date = {57, 6},
     .expiry_check = 63,
     .optional_1 = {64, 8},
     .optional_check = kNoPosition,
     .optional_2 = {},
     .composite_check = kNoPosition,
     .composite = {},
     .long_number = false},
}};

// nullptr for kUnknown.
constexpr const Layout* LayoutOf(Format format) {
  return format == Format::kUnknown ? nullptr : &kLayouts[static_cast<size_t>(format) - 1];
}

}  // namespace gatehouse::mrz
