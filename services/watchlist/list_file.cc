#include "services/watchlist/list_file.h"

#include <algorithm>

#include "libs/pki/digest.h"
#include "services/watchlist/list_import.h"

namespace gatehouse::watchlist {

absl::Status CheckListBytes(std::string_view bytes) {
  if (bytes.empty()) return absl::InvalidArgumentError("file: empty");
  if (bytes.size() > kMaxListBytes) return absl::InvalidArgumentError("file: over 256 MiB");
  if (bytes.substr(0, 2) == "\x1F\x8B") return absl::InvalidArgumentError("file: gzip; unpack it first (gunzip)");
  if (bytes.substr(0, 4) == "PK\x03\x04") return absl::InvalidArgumentError("file: zip; unpack it first (unzip)");
  return absl::OkStatus();
}

std::string Sha256Hex(std::string_view bytes) {
  return pki::ToHex(pki::ComputeDigest(pki::Digest::kSha256, pki::AsBytes(bytes)).bytes());
}

LineMap::LineMap(std::string_view text) {
  for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) ends_.push_back(at);
}

int LineMap::LineAt(size_t offset) const {
  return static_cast<int>(std::lower_bound(ends_.begin(), ends_.end(), offset) - ends_.begin()) + 1;
}

}  // namespace gatehouse::watchlist
