// The tables of Doc 9303-3 section 6 as data. Capital letters only; transliterate.cc folds small ones to them.
#pragma once

#include <array>
#include <string_view>

#include "libs/mrz/transliterate.h"

namespace gatehouse::mrz {

// Letters with one spelling.
struct Spelling {
  std::string_view spelling;
  std::u32string_view letters;
};

// Table A. Where it offers several the first; kLatinOther has the others. The comma-below letters of Romanian are
// missing there and are read as the cedilla letters they replaced.
inline constexpr auto kLatin = std::to_array<Spelling>({
    {"A", U"ÀÁÂÃĀĂĄ"}, {"AA", U"Å"},    {"AE", U"ÄÆ"},       {"C", U"ÇĆĈĊČ"},     {"D", U"ÐĎĐ"}, {"E", U"ÈÉÊËĒĔĖĘĚ"},
    {"G", U"ĜĞĠĢ"},    {"H", U"ĤĦ"},    {"I", U"ÌÍÎÏĨĪĬĮİ"}, {"IJ", U"Ĳ"},        {"J", U"Ĵ"},   {"K", U"Ķ"},
    {"L", U"ĹĻĽĿŁ"},   {"N", U"ÑŃŅŇŊ"}, {"O", U"ÒÓÔÕŌŎŐ"},   {"OE", U"ÖØŒ"},      {"R", U"ŔŖŘ"}, {"S", U"ŚŜŞŠȘ"},
    {"SS", U"ẞ"},      {"T", U"ŢŤŦȚ"},  {"TH", U"Þ"},        {"U", U"ÙÚÛŨŪŬŮŰŲ"}, {"UE", U"Ü"},  {"W", U"Ŵ"},
    {"Y", U"ÝŶŸ"},     {"Z", U"ŹŻŽ"},
});

struct OtherSpelling {
  char32_t letter;
  std::string_view spelling;
};
inline constexpr auto kLatinOther = std::to_array<OtherSpelling>({
    {U'Ä', "A"},
    {U'Å', "A"},
    {U'Ñ', "NXX"},
    {U'Ö', "O"},
    {U'Ü', "UXX"},
    {U'Ü', "U"},
});

// Table B. The soft sign is not written. Ѓ and Ћ, misprinted in the table as Ғ and Һ, are here beside them.
inline constexpr auto kCyrillic = std::to_array<Spelling>({
    {"A", U"А"},  {"B", U"Б"},    {"C", U"ЋҺ"},   {"CH", U"Ч"}, {"D", U"ДЂ"},  {"DZ", U"ЅЏ"},  {"E", U"ЕЁЭ"},
    {"F", U"Ф"},  {"G", U"ГҐЃҒ"}, {"I", U"ИЙІЇ"}, {"IA", U"Я"}, {"IE", U"ЄЪ"}, {"IU", U"Ю"},   {"J", U"Ј"},
    {"K", U"КЌ"}, {"KH", U"Х"},   {"L", U"Л"},    {"LJ", U"Љ"}, {"M", U"М"},   {"N", U"Н"},    {"NJ", U"Њ"},
    {"O", U"О"},  {"P", U"П"},    {"R", U"Р"},    {"S", U"С"},  {"SH", U"Ш"},  {"SHCH", U"Щ"}, {"T", U"Т"},
    {"TS", U"Ц"}, {"U", U"УЎѪ"},  {"V", U"В"},    {"Y", U"ЫѴ"}, {"Z", U"З"},   {"ZH", U"Ж"},   {"", U"Ь"},
});

struct NationalSpelling {
  Language language;
  bool first_only;  // at the start of a component
  char32_t letter;
  std::string_view spelling;
};

// The exceptions of table B.
inline constexpr auto kNational = std::to_array<NationalSpelling>({
    {Language::kBelarusian, false, U'Ё', "IO"}, {Language::kBelarusian, false, U'Г', "H"},
    {Language::kBulgarian, false, U'Щ', "SHT"}, {Language::kMacedonian, false, U'Ѓ', "GJ"},
    {Language::kMacedonian, false, U'Ғ', "GJ"}, {Language::kMacedonian, false, U'Ќ', "KJ"},
    {Language::kMacedonian, false, U'Џ', "DJ"}, {Language::kMacedonian, false, U'Х', "H"},
    {Language::kMacedonian, false, U'Ц', "C"},  {Language::kSerbian, false, U'Г', "H"},
    {Language::kSerbian, false, U'Ж', "Z"},     {Language::kSerbian, false, U'Х', "H"},
    {Language::kSerbian, false, U'Ц', "C"},     {Language::kSerbian, false, U'Ч', "C"},
    {Language::kSerbian, false, U'Ш', "S"},     {Language::kUkrainian, false, U'Г', "H"},
    {Language::kUkrainian, false, U'И', "Y"},   {Language::kUkrainian, true, U'Є', "YE"},
    {Language::kUkrainian, true, U'Ї', "YI"},   {Language::kUkrainian, true, U'Й', "Y"},
    {Language::kUkrainian, true, U'Ю', "YU"},   {Language::kUkrainian, true, U'Я', "YA"},
});

// Table C, by code point since right-to-left text reads badly in a listing. X marks a letter that shares its Latin one.
inline constexpr char32_t kArabicTehMarbuta = 0x0629;  // XTA, but kFinalTehMarbuta at the end of a component
inline constexpr std::string_view kFinalTehMarbuta = "XAH";
inline constexpr char kArabicMark = 'X';
inline constexpr char32_t kArabicShadda = 0x0651;  // doubles the letter before it
struct ArabicSpelling {
  char32_t letter;
  std::string_view spelling;  // empty: not written
};
inline constexpr auto kArabic = std::to_array<ArabicSpelling>({
    {0x0621, "XE"},  {0x0622, "XAA"}, {0x0623, "XAE"}, {0x0624, "U"},   {0x0625, "I"},   {0x0626, "XI"},
    {0x0627, "A"},   {0x0628, "B"},   {0x0629, "XTA"}, {0x062A, "T"},   {0x062B, "XTH"}, {0x062C, "J"},
    {0x062D, "XH"},  {0x062E, "XKH"}, {0x062F, "D"},   {0x0630, "XDH"}, {0x0631, "R"},   {0x0632, "Z"},
    {0x0633, "S"},   {0x0634, "XSH"}, {0x0635, "XSS"}, {0x0636, "XDZ"}, {0x0637, "XTT"}, {0x0638, "XZZ"},
    {0x0639, "E"},   {0x063A, "G"},   {0x0640, ""},    {0x0641, "F"},   {0x0642, "Q"},   {0x0643, "K"},
    {0x0644, "L"},   {0x0645, "M"},   {0x0646, "N"},   {0x0647, "H"},   {0x0648, "W"},   {0x0649, "XAY"},
    {0x064A, "Y"},   {0x064B, ""},    {0x064C, ""},    {0x064D, ""},    {0x064E, ""},    {0x064F, ""},
    {0x0650, ""},    {0x0652, ""},    {0x0670, ""},    {0x0671, "XXA"}, {0x0679, "XXT"}, {0x067C, "XRT"},
    {0x067E, "P"},   {0x0681, "XKE"}, {0x0685, "XXH"}, {0x0686, "XC"},  {0x0688, "XXD"}, {0x0689, "XDR"},
    {0x0691, "XXR"}, {0x0693, "XRR"}, {0x0696, "XRX"}, {0x0698, "XJ"},  {0x069A, "XXS"}, {0x069C, ""},
    {0x06A2, ""},    {0x06A7, ""},    {0x06A8, ""},    {0x06A9, "XKK"}, {0x06AB, "XXK"}, {0x06AD, "XNG"},
    {0x06AF, "XGG"}, {0x06BA, "XNN"}, {0x06BC, "XXN"}, {0x06BE, "XDO"}, {0x06C0, "XYH"}, {0x06C1, "XXG"},
    {0x06C2, "XGE"}, {0x06C3, "XTG"}, {0x06CC, "XYA"}, {0x06CD, "XXY"}, {0x06D0, "Y"},   {0x06D2, "XYB"},
    {0x06D3, "XBE"},
});

}  // namespace gatehouse::mrz
