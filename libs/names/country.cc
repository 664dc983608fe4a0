#include "libs/names/country.h"

#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <map>

#include "libs/names/normalize.h"

namespace gatehouse::names {
namespace {

struct Alias {
  std::string_view name;
  std::string_view code;
};

// What ICU's English names do not cover: the forms of the United Nations, short and former names, and the codes of
// Doc 9303-3 section 5 that are no ISO 3166 codes.
constexpr Alias kAliases[] = {
    {"bolivia plurinational state of", "BOL"},
    {"brunei darussalam", "BRN"},
    {"cabo verde", "CPV"},
    {"czech republic", "CZE"},
    {"democratic peoples republic of korea", "PRK"},
    {"democratic republic of the congo", "COD"},
    {"drc", "COD"},
    {"dprk", "PRK"},
    {"congo", "COG"},
    {"republic of the congo", "COG"},
    {"east timor", "TLS"},
    {"hong kong", "HKG"},
    {"macau", "MAC"},
    {"macao", "MAC"},
    {"iran islamic republic of", "IRN"},
    {"ivory coast", "CIV"},
    {"lao peoples democratic republic", "LAO"},
    {"libyan arab jamahiriya", "LBY"},
    {"macedonia", "MKD"},
    {"micronesia federated states of", "FSM"},
    {"myanmar", "MMR"},
    {"burma", "MMR"},
    {"palestine", "PSE"},
    {"state of palestine", "PSE"},
    {"republic of korea", "KOR"},
    {"korea republic of", "KOR"},
    {"republic of moldova", "MDA"},
    {"moldova republic of", "MDA"},
    {"russian federation", "RUS"},
    {"swaziland", "SWZ"},
    {"syrian arab republic", "SYR"},
    {"the former yugoslav republic of macedonia", "MKD"},
    {"turkiye", "TUR"},
    {"united kingdom of great britain and northern ireland", "GBR"},
    {"great britain", "GBR"},
    {"united republic of tanzania", "TZA"},
    {"tanzania united republic of", "TZA"},
    {"united states of america", "USA"},
    {"usa", "USA"},
    {"uk", "GBR"},
    {"uae", "ARE"},
    {"venezuela bolivarian republic of", "VEN"},
    {"viet nam", "VNM"},
    {"holy see", "VAT"},
    {"d", "DEU"},
    {"gbd", "GBR"},
    {"gbn", "GBR"},
    {"gbo", "GBR"},
    {"gbp", "GBR"},
    {"gbs", "GBR"},
    {"rks", "RKS"},
    {"xk", "RKS"},
    {"xkx", "RKS"},
    {"kosovo", "RKS"},
    {"eue", "EUE"},
    {"uno", "UNO"},
    {"una", "UNA"},
    {"unk", "UNK"},
    {"xpo", "XPO"},
    {"xom", "XOM"},
    {"xba", "XBA"},
    {"xim", "XIM"},
    {"xcc", "XCC"},
    {"xco", "XCO"},
    {"xec", "XEC"},
    {"xaa", "XAA"},
    {"xxa", "XXA"},
    {"xxb", "XXB"},
    {"xxc", "XXC"},
};

// "Bosnia & Herzegovina" and "Bosnia and Herzegovina" are one.
void AddWord(std::string_view word, std::string& key) {
  if (word.empty() || word == "and" || word == "the") return;
  if (!key.empty()) key.push_back(' ');
  key += word;
}

// Letters only, one blank between words. Not Tokenize(): that drops fillers like NA, which here is Namibia.
std::string Key(std::string_view text) {
  std::string key;
  std::string word;
  for (const char c : text.substr(0, 128)) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool letter = upper || (c >= 'a' && c <= 'z');
    if (letter) {
      word.push_back(upper ? static_cast<char>(c - 'A' + 'a') : c);
    } else if (c != '\'') {
      AddWord(word, key);
      word.clear();
    }
  }
  AddWord(word, key);
  return key;
}

// Accented letters as plain ones, the rest as Key.
std::string PlainKey(std::string_view text) {
  std::string key;
  for (const Token& token : Tokenize(text)) AddWord(token.text, key);
  return key;
}

const std::map<std::string, std::string, std::less<>>& Codes() {
  static const auto* const codes = [] {
    auto* made = new std::map<std::string, std::string, std::less<>>;
    for (const char* const* country = icu::Locale::getISOCountries(); *country != nullptr; ++country) {
      const icu::Locale locale("", *country);
      icu::UnicodeString display;
      locale.getDisplayCountry(icu::Locale::getEnglish(), display);
      std::string name;
      display.toUTF8String(name);
      const std::string code = locale.getISO3Country();
      for (const std::string& key : {Key(*country), Key(code), PlainKey(name)}) {
        if (!key.empty() && !code.empty()) made->emplace(key, code);
      }
    }
    for (const Alias& alias : kAliases) made->insert_or_assign(Key(alias.name), std::string(alias.code));
    return made;
  }();
  return *codes;
}

}  // namespace

std::string CountryCode(std::string_view text) {
  const auto& codes = Codes();
  auto found = codes.find(Key(text));
  if (found == codes.end()) found = codes.find(PlainKey(text));
  if (found == codes.end()) return "";
  return found->second;
}

}  // namespace gatehouse::names
