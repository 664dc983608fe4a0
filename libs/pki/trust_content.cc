#include "libs/pki/trust_content.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace gatehouse::pki {

std::string_view ToWord(TrustRole role) {
  static constexpr std::string_view kWords[] = {"anchor", "link", "signer", "crl", "deviation_list", "defect_table"};
  return kWords[static_cast<size_t>(role) - 1];
}

Fingerprint FingerprintOf(Bytes content) {
  const DigestValue digest = ComputeDigest(Digest::kSha256, content);
  Fingerprint fingerprint;
  std::copy_n(digest.octets.begin(), fingerprint.size(), fingerprint.begin());
  return fingerprint;
}

absl::StatusOr<Fingerprint> ParseFingerprint(std::string_view text) {
  Fingerprint fingerprint;
  const bool hexadecimal = std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isxdigit(c); });
  if (text.size() != 2 * fingerprint.size() || !hexadecimal) {
    return Malformed("sha256", "is not 64 hexadecimal digits");
  }
  const std::string octets = absl::HexStringToBytes(std::string(text));
  std::copy(octets.begin(), octets.end(), fingerprint.begin());
  return fingerprint;
}

std::string TrustVersionOf(const std::vector<TrustElement>& elements) {
  std::vector<std::string> lines;
  lines.reserve(elements.size());
  for (const TrustElement& element : elements) {
    lines.push_back(absl::StrCat(std::string(ToWord(element.role)), " ", ToText(element.fingerprint)));
  }
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  std::vector<Bytes> parts;
  parts.reserve(lines.size());
  for (const std::string& line : lines) parts.push_back(AsBytes(line));
  return ToHex(ComputeDigest(Digest::kSha256, parts).bytes());
}

}  // namespace gatehouse::pki
