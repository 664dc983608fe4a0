// The little that our own binary files share (docs/formats/trust-snapshot.md): numbers little-endian, text and bytes
// with a 32-bit length before them. Internal to what reads and writes trust snapshots, packs and changes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/pki/tlv.h"

namespace gatehouse::pki {

class ByteWriter {
 public:
  void Number(uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
  }
  void Text(std::string_view text) {
    Number(text.size(), 4);
    out.append(text);
  }
  void Time(absl::Time time) { Number(static_cast<uint64_t>(absl::ToUnixMicros(time)), 8); }
  void Texts(const std::vector<std::string>& texts) {
    Number(texts.size(), 4);
    for (const std::string& text : texts) Text(text);
  }

  std::string out;
};

// Past the end everything is zero and empty, and failed() is true: a false length costs nothing.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  uint64_t Number(size_t bytes) {
    uint64_t value = 0;
    const std::string_view raw = Raw(bytes);
    for (size_t i = 0; i < raw.size(); ++i) value |= static_cast<uint64_t>(static_cast<uint8_t>(raw[i])) << (8 * i);
    return value;
  }
  std::string_view Raw(uint64_t bytes) {
    if (failed_ || rest_.size() < bytes) {
      failed_ = true;
      return {};
    }
    const std::string_view raw = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return raw;
  }
  std::string_view Text() { return Raw(Number(4)); }
  absl::Time Time() { return absl::FromUnixMicros(static_cast<int64_t>(Number(8))); }
  // A count of things of at least `least_bytes` each, which must be there.
  uint64_t Count(size_t least_bytes) {
    const uint64_t count = Number(4);
    if (count * least_bytes > rest_.size()) failed_ = true;
    return failed_ ? 0 : count;
  }
  std::vector<std::string> Texts() {
    std::vector<std::string> texts(Count(4));
    for (std::string& text : texts) text = Text();
    return texts;
  }

  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace gatehouse::pki
