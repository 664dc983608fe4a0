#include "libs/emrtd/seals/presented.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "libs/emrtd/seals/idb.h"
#include "libs/emrtd/seals/vds.h"
#include "libs/emrtd/seals/vds_nc.h"

namespace gatehouse::emrtd::seals {
namespace {

using pki::Malformed;

bool IsPicture(std::string_view bytes) {
  const auto begins = [&](std::string_view magic) { return bytes.substr(0, magic.size()) == magic; };
  return begins("\x89PNG") || begins("\xFF\xD8\xFF") || begins("GIF8") || begins("BM") || begins("%PDF") ||
         begins(std::string_view("\0\0\0\x0CjP", 6)) || begins("II*") || begins("MM\0*");
}

// Without white space, which line breaks and grouping put into texts.
std::string Squeezed(std::string_view text) {
  std::string squeezed(text);
  const auto blank = [](char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); };
  squeezed.erase(std::remove_if(squeezed.begin(), squeezed.end(), blank), squeezed.end());
  return squeezed;
}

std::optional<std::string> FromHexadecimal(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), ':'), text.end());
  if (absl::StartsWithIgnoreCase(text, "0x")) text.erase(0, 2);
  const auto digit = [](char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); };
  if (text.empty() || text.size() % 2 != 0 || !std::all_of(text.begin(), text.end(), digit)) return std::nullopt;
  return absl::HexStringToBytes(text);
}

}  // namespace

std::optional<std::string> BytesOf(std::string_view presented, uint8_t magic) {
  if (!presented.empty() && static_cast<uint8_t>(presented[0]) == magic) return std::string(presented);
  std::string text = Squeezed(presented);
  if (auto bytes = FromHexadecimal(text)) return bytes;
  text = absl::StrReplaceAll(text, {{"-", "+"}, {"_", "/"}});
  std::string bytes;
  if (!text.empty() && absl::Base64Unescape(text, &bytes)) return bytes;
  return std::nullopt;
}

absl::StatusOr<Seal> ReadSeal(std::string_view presented) {
  if (presented.size() > kMaxPresentedBytes) return Malformed("seal", "is longer than the limit");
  if (IsPicture(presented)) {
    return absl::UnimplementedError("seal: a picture of a barcode: decode it with the reader, and give its content");
  }
  // Raw bytes first: nothing is cut from them.
  if (!presented.empty() && static_cast<uint8_t>(presented[0]) == kVdsMagic) return ReadVds(pki::AsBytes(presented));
  absl::string_view trimmed(presented.data(), presented.size());
  absl::ConsumePrefix(&trimmed, "\xEF\xBB\xBF");
  trimmed = absl::StripAsciiWhitespace(trimmed);
  const std::string_view text(trimmed.data(), trimmed.size());
  if (text.empty()) return Malformed("seal", "is empty");
  if (text[0] == '{') return ReadVdsNc(text);
  if (IsBarcode(text)) return ReadIdb(text);
  absl::ConsumePrefix(&trimmed, "VDS");
  trimmed = absl::StripLeadingAsciiWhitespace(trimmed);
  absl::ConsumePrefix(&trimmed, ":");
  const auto bytes = BytesOf({trimmed.data(), trimmed.size()}, kVdsMagic);
  if (!bytes) return Malformed("seal", "is no form of a seal that is known");
  return ReadVds(pki::AsBytes(*bytes));
}

}  // namespace gatehouse::emrtd::seals
