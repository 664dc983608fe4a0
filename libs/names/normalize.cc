#include "libs/names/normalize.h"

#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>
#include <memory>

#include "libs/base/check.h"

namespace gatehouse::names {
namespace {

struct LetterRule {
  char32_t letter;
  const char* latin;
};

// The spelling of passports (close to Doc 9303-3 table 6.B), lower case only; the folding of fold.h takes care of the
// other habits (iu, ju, yu).
constexpr LetterRule kCyrillic[] = {
    {U'а', "a"},  {U'б', "b"},  {U'в', "v"},    {U'г', "g"},  {U'д', "d"}, {U'е', "e"},  {U'ё', "e"},  {U'ж', "zh"},
    {U'з', "z"},  {U'и', "i"},  {U'й', "y"},    {U'к', "k"},  {U'л', "l"}, {U'м', "m"},  {U'н', "n"},  {U'о', "o"},
    {U'п', "p"},  {U'р', "r"},  {U'с', "s"},    {U'т', "t"},  {U'у', "u"}, {U'ф', "f"},  {U'х', "kh"}, {U'ц', "ts"},
    {U'ч', "ch"}, {U'ш', "sh"}, {U'щ', "shch"}, {U'ъ', ""},   {U'ы', "y"}, {U'ь', ""},   {U'э', "e"},  {U'ю', "yu"},
    {U'я', "ya"}, {U'і', "i"},  {U'ї', "yi"},   {U'є', "ye"}, {U'ґ', "g"}, {U'ў', "u"},  {U'ј', "j"},  {U'љ', "lj"},
    {U'њ', "nj"}, {U'ћ', "c"},  {U'ђ', "dj"},   {U'џ', "dz"}, {U'қ', "q"}, {U'ғ', "gh"}, {U'ң', "ng"}, {U'ү', "u"},
    {U'ұ', "u"},  {U'ө', "o"},  {U'ә', "a"},    {U'һ', "h"},  {U'ҳ', "h"}, {U'ҷ', "j"},  {U'ӣ', "i"},  {U'ӯ', "u"},
};

// Hamza and ayn are dropped as the Latin spellings drop them; long vowels are kept as letters.
constexpr LetterRule kArabic[] = {
    {U'ا', "a"},  {U'أ', "a"}, {U'إ', "i"},  {U'آ', "a"},  {U'ٱ', "a"},  {U'ب', "b"},   {U'ت', "t"},  {U'ث', "th"},
    {U'ج', "j"},  {U'ح', "h"}, {U'خ', "kh"}, {U'د', "d"},  {U'ذ', "dh"}, {U'ر', "r"},   {U'ز', "z"},  {U'س', "s"},
    {U'ش', "sh"}, {U'ص', "s"}, {U'ض', "d"},  {U'ط', "t"},  {U'ظ', "z"},  {U'ع', ""},    {U'غ', "gh"}, {U'ف', "f"},
    {U'ق', "q"},  {U'ك', "k"}, {U'ل', "l"},  {U'م', "m"},  {U'ن', "n"},  {U'ه', "h"},   {U'و', "w"},  {U'ي', "y"},
    {U'ى', "a"},  {U'ة', "a"}, {U'ئ', "y"},  {U'ؤ', "w"},  {U'ء', ""},   {U'پ', "p"},   {U'چ', "ch"}, {U'ژ', "zh"},
    {U'گ', "g"},  {U'ک', "k"}, {U'ی', "y"},  {U'ہ', "h"},  {U'ھ', "h"},  {U'ے', "e"},   {U'ٹ', "t"},  {U'ڈ', "d"},
    {U'ړ', "r"},  {U'ڑ', "r"}, {U'ں', "n"},  {U'ښ', "sh"}, {U'ږ', "zh"}, {U'ځ', "z"},   {U'څ', "ts"}, {U'ټ', "t"},
    {U'ډ', "d"},  {U'ڼ', "n"}, {U'ې', "e"},  {U'ۍ', "y"},  {U'ـ', ""},   {U'‌', " "},
};

constexpr std::string_view kFillers[] = {"fnu", "lnu", "xxx", "na", "nmn", "unknown"};

constexpr std::string_view kParticles[] = {
    "aal",    "abou", "abu",     "ad",      "al",      "an",      "ar",    "as",    "ash",    "at",     "az",
    "ben",    "bin",  "bint",    "capt",    "colonel", "col",     "da",    "das",   "de",     "del",    "der",
    "di",     "do",   "dos",     "dr",      "du",      "e",       "ed",    "el",    "en",     "er",     "es",
    "et",     "ez",   "general", "haj",     "haji",    "hajj",    "hajji", "i",     "ibn",    "ibne",   "la",
    "le",     "los",  "maulavi", "maulawi", "maulvi",  "mawlawi", "mohd",  "mr",    "mrs",    "mullah", "mulla",
    "molla",  "muhd", "o",       "ould",    "oulad",   "prof",    "qari",  "sayed", "sayyid", "shaikh", "sheikh",
    "shaykh", "ud",   "ul",      "ur",      "van",     "von",     "wa",    "walad", "wuld",   "y",
};

template <size_t kSize>
const char* Find(const LetterRule (&rules)[kSize], char32_t letter) {
  for (const LetterRule& rule : rules) {
    if (rule.letter == letter) return rule.latin;
  }
  return nullptr;
}

// Making a transliterator reads rule tables (milliseconds), and ICU locks shared ones: each thread has its own.
const icu::Transliterator& AnyToLatin() {
  static thread_local const std::unique_ptr<icu::Transliterator> instance = [] {
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> made(icu::Transliterator::createInstance(
        "Any-Latin; NFKD; [:Nonspacing Mark:] Remove; Latin-ASCII; Lower", UTRANS_FORWARD, error));
    GH_CHECK(U_SUCCESS(error));
    return made;
  }();
  return *instance;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Inside a word these are spelling, not a break.
bool IsApostrophe(char32_t c) {
  switch (c) {
    case U'\'':
    case U'`':
    case U'´':
    case U'‘':
    case U'’':
    case U'ʻ':
    case U'ʼ':
    case U'ʽ':
    case U'ʾ':
    case U'ʿ':
    case U'\u2032':
      return true;
    default:
      return false;
  }
}

bool WritesNoVowels(UScriptCode script) { return script == USCRIPT_ARABIC || script == USCRIPT_HEBREW; }

// Collects the letters of one name into tokens.
class TokenSink {
 public:
  void Letter(char c, bool unvowelled) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!kept) {
      if (!IsApostrophe(static_cast<unsigned char>(c))) Break();
      return;
    }
    if (current_.text.size() < kMaxTokenChars) {
      current_.text.push_back(c);
    } else {
      left_out_.letters = true;
    }
    current_.unvowelled |= unvowelled;
  }

  void Letters(std::string_view latin, bool unvowelled) {
    for (const char c : latin) Letter(c, unvowelled);
  }

  void Break() {
    const bool lettered = std::any_of(current_.text.begin(), current_.text.end(), [](char c) { return c >= 'a'; });
    const bool filler = std::find(std::begin(kFillers), std::end(kFillers), current_.text) != std::end(kFillers);
    const bool counts = lettered && !filler;
    if (counts && tokens_.size() < kMaxTokens) {
      tokens_.push_back(std::move(current_));
    } else if (counts) {
      left_out_.words = true;
    }
    current_ = Token{};
  }

  void LeaveOutLetters() { left_out_.letters = true; }

  std::vector<Token> Take(LeftOut* left_out) {
    Break();
    if (left_out != nullptr) *left_out = left_out_;
    return std::move(tokens_);
  }

 private:
  LeftOut left_out_;
  std::vector<Token> tokens_;
  Token current_;
};

// One run of letters of a script that ICU turns into Latin; what stays outside ASCII has no Latin letter.
void AddByIcu(const icu::UnicodeString& run, bool unvowelled, TokenSink& sink) {
  icu::UnicodeString latin = run;
  AnyToLatin().transliterate(latin);
  for (int32_t at = 0; at < latin.length(); at = latin.moveIndex32(at, 1)) {
    const UChar32 c = latin.char32At(at);
    if (c < 0x80) {
      sink.Letter(static_cast<char>(c), unvowelled);
    } else if (u_isalpha(c) && u_charType(c) != U_MODIFIER_LETTER) {
      sink.LeaveOutLetters();
    }
  }
}

// The article is written onto the word in Arabic script: split it off, as Latin spellings mostly do.
bool StartsWithArticle(const icu::UnicodeString& text, int32_t at) {
  if (text.char32At(at) != U'ا' || at + 1 >= text.length() || text.char32At(at + 1) != U'ل') return false;
  int32_t letters = 0;
  for (int32_t i = at + 2; i < text.length() && u_isalpha(text.char32At(i)); ++i) ++letters;
  return letters >= 3;
}

std::vector<Token> TokenizeUnicode(std::string_view utf8, LeftOut* left_out) {
  icu::UnicodeString text =
      icu::UnicodeString::fromUTF8(icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())));
  text.toLower();
  TokenSink sink;
  bool word_start = true;
  for (int32_t at = 0; at < text.length();) {
    const UChar32 c = text.char32At(at);
    if (IsApostrophe(static_cast<char32_t>(c)) || u_charType(c) == U_NON_SPACING_MARK) {
      at = text.moveIndex32(at, 1);
      continue;
    }
    UErrorCode error = U_ZERO_ERROR;
    const UScriptCode script = uscript_getScript(c, &error);
    const bool unvowelled = WritesNoVowels(script);
    if (script == USCRIPT_ARABIC && word_start && StartsWithArticle(text, at)) {
      sink.Letters("al", true);
      sink.Break();
      at += 2;
      word_start = false;
      continue;
    }
    const char* latin = Find(kCyrillic, static_cast<char32_t>(c));
    if (latin == nullptr) latin = Find(kArabic, static_cast<char32_t>(c));
    if (latin != nullptr) {
      sink.Letters(latin, unvowelled);
      word_start = false;
      at = text.moveIndex32(at, 1);
      continue;
    }
    if (!u_isalnum(c)) {
      sink.Break();
      word_start = true;
      at = text.moveIndex32(at, 1);
      continue;
    }
    // The rest of the run goes to ICU in one piece, for scripts whose letters depend on their neighbours.
    int32_t end = text.moveIndex32(at, 1);
    while (end < text.length()) {
      const UChar32 next = text.char32At(end);
      const bool letter =
          u_isalnum(next) || u_charType(next) == U_NON_SPACING_MARK || u_charType(next) == U_COMBINING_SPACING_MARK;
      if (!letter || uscript_getScript(next, &error) == USCRIPT_CYRILLIC ||
          uscript_getScript(next, &error) == USCRIPT_ARABIC) {
        break;
      }
      end = text.moveIndex32(end, 1);
    }
    AddByIcu(text.tempSubStringBetween(at, end), unvowelled, sink);
    word_start = false;
    at = end;
  }
  return sink.Take(left_out);
}

}  // namespace

std::vector<Token> Tokenize(std::string_view utf8, LeftOut* left_out) {
  if (utf8.size() > kMaxNameBytes) {
    size_t cut = kMaxNameBytes;
    while (cut > 0 && (static_cast<unsigned char>(utf8[cut]) & 0xC0) == 0x80) --cut;
    utf8 = utf8.substr(0, cut);
  }
  if (!IsAscii(utf8)) return TokenizeUnicode(utf8, left_out);
  TokenSink sink;
  for (const char c : utf8) sink.Letter(c, false);
  return sink.Take(left_out);
}

bool IsParticle(std::string_view token) {
  return std::find(std::begin(kParticles), std::end(kParticles), token) != std::end(kParticles);
}

}  // namespace gatehouse::names
