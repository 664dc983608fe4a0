#include "services/watchlist/document_number.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "libs/names/country.h"

namespace gatehouse::watchlist {

std::string CanonicalDocumentNumber(std::string_view number) {
  if (number.size() > kMaxDocumentNumberBytes) return "";
  std::string canonical;
  for (const char c : number) {
    const char upper = absl::ascii_toupper(static_cast<unsigned char>(c));
    if ((upper >= 'A' && upper <= 'Z') || (upper >= '0' && upper <= '9')) {
      canonical.push_back(upper);
    } else if (std::string_view(" -.</\t").find(c) == std::string_view::npos) {
      return "";
    }
  }
  return canonical;
}

std::string ConfusionKey(std::string_view canonical_number) {
  std::string key;
  key.reserve(canonical_number.size());
  for (const char c : canonical_number) {
    switch (c) {
      case 'O':
      case 'Q':
      case 'D':
        key.push_back('0');
        break;
      case 'I':
      case 'L':
        key.push_back('1');
        break;
      case 'Z':
        key.push_back('2');
        break;
      case 'S':
        key.push_back('5');
        break;
      case 'G':
        key.push_back('6');
        break;
      case 'B':
        key.push_back('8');
        break;
      default:
        key.push_back(c);
    }
  }
  return key;
}

std::string CanonicalDocumentType(std::string_view type) {
  const std::string upper = absl::AsciiStrToUpper(absl::string_view(type.data(), type.size()));
  if (absl::StrContains(upper, "PASSPORT")) return "P";
  if (absl::StrContains(upper, "IDENTI") || absl::StrContains(upper, "ID CARD")) return "I";
  if (absl::StrContains(upper, "VISA")) return "V";
  if (upper.empty() || upper.size() > 2) return "";
  // Doc 9303: the first letter classes the document; A, C and I are official travel documents of card size.
  switch (upper[0]) {
    case 'P':
      return "P";
    case 'A':
    case 'C':
    case 'I':
      return "I";
    case 'V':
      return "V";
    default:
      return "";
  }
}

std::string CanonicalIssuer(std::string_view issuer) {
  std::string code = names::CountryCode(issuer);
  if (!code.empty() || issuer.size() != 3) return code;
  for (const char c : issuer) {
    if (!absl::ascii_isalpha(static_cast<unsigned char>(c))) return "";
  }
  return absl::AsciiStrToUpper(absl::string_view(issuer.data(), issuer.size()));
}

}  // namespace gatehouse::watchlist
