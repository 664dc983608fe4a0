#include "services/watchlist/snapshot_codec.h"

#include <type_traits>

#include "libs/base/status_macros.h"
#include "services/watchlist/list_file.h"

namespace gatehouse::watchlist {
namespace {

constexpr std::string_view kMagic = "GHWL";
constexpr uint32_t kFormat = 1;
constexpr size_t kHeaderBytes = 4 + 4 + 8;
constexpr size_t kDigestHexBytes = 64;

// Writer and Reader have the same verbs, so one Describe per type below serves both directions.
class Writer {
 public:
  void Number(uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
  }
  void Text(const std::string& text) {
    Number(text.size(), 4);
    out += text;
  }
  template <typename Item, typename Each>
  void List(const std::vector<Item>& items, Each each) {
    Number(items.size(), 4);
    for (const Item& item : items) each(*this, item);
  }
  template <typename Enum>
  void Choice(Enum value, Enum) {
    Number(static_cast<uint64_t>(value), 1);
  }
  void Whole(int value) { Number(static_cast<uint64_t>(static_cast<int64_t>(value)), 4); }
  void Flag(bool value) { Number(value ? 1 : 0, 1); }

  std::string out;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  uint64_t Take(size_t bytes) {
    if (failed || bytes_.size() - at_ < bytes) {
      failed = true;
      return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; ++i) value |= static_cast<uint64_t>(static_cast<uint8_t>(bytes_[at_ + i])) << (8 * i);
    at_ += bytes;
    return value;
  }
  void Text(std::string& text) {
    const uint64_t size = Take(4);
    if (failed || bytes_.size() - at_ < size) {
      failed = true;
      return;
    }
    text.assign(bytes_.substr(at_, size));
    at_ += size;
  }
  // Items are appended as they are read: a false count runs out of bytes before it costs memory.
  template <typename Item, typename Each>
  void List(std::vector<Item>& items, Each each) {
    const uint64_t count = Take(4);
    for (uint64_t i = 0; i < count && !failed; ++i) each(*this, items.emplace_back());
  }
  template <typename Enum>
  void Choice(Enum& value, Enum last) {
    const uint64_t raw = Take(1);
    if (raw > static_cast<uint64_t>(last)) failed = true;
    if (!failed) value = static_cast<Enum>(raw);
  }
  void Whole(int& value) { value = static_cast<int>(static_cast<uint32_t>(Take(4))); }
  void Flag(bool& value) { value = Take(1) != 0; }
  bool AtEnd() const { return at_ == bytes_.size(); }

  bool failed = false;

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

// `Value` is const when writing.
template <typename Stream, typename Value>
void Describe(Stream& stream, Value& value) {
  using Plain = std::remove_const_t<Value>;
  const auto each = [](Stream& inner, auto& item) { Describe(inner, item); };
  if constexpr (std::is_same_v<Plain, base::PartialDate>) {
    stream.Whole(value.year);
    stream.Whole(value.month);
    stream.Whole(value.day);
  } else if constexpr (std::is_same_v<Plain, ListedName>) {
    stream.Text(value.text);
    stream.Choice(value.quality, NameQuality::kWeak);
  } else if constexpr (std::is_same_v<Plain, names::ListedBirth>) {
    Describe(stream, value.date);
    stream.Whole(value.from_year);
    stream.Whole(value.to_year);
    stream.Flag(value.approximate);
  } else if constexpr (std::is_same_v<Plain, Nationality>) {
    stream.Text(value.code);
    stream.Text(value.raw);
  } else if constexpr (std::is_same_v<Plain, ListedDocument>) {
    stream.Text(value.number);
    stream.Text(value.issuer);
    stream.Text(value.type);
  } else if constexpr (std::is_same_v<Plain, ListRecord>) {
    stream.Text(value.record_id);
    stream.Choice(value.kind, RecordKind::kEntity);
    stream.List(value.names, each);
    stream.List(value.births, each);
    stream.Choice(value.sex, Sex::kFemale);
    stream.List(value.nationalities, each);
    stream.List(value.documents, each);
  } else if constexpr (std::is_same_v<Plain, DocumentRecord>) {
    stream.Text(value.record_id);
    Describe(stream, value.document);
    stream.Choice(value.status, DocumentStatus::kStolenBlank);
    Describe(stream, value.reported);
  } else {
    static_assert(std::is_same_v<Plain, SnapshotContent>);
    stream.Text(value.base);
    stream.Text(value.format);
    stream.Text(value.version);
    stream.Text(value.published);
    stream.Text(value.sha256);
    stream.List(value.records, each);
    stream.List(value.documents, each);
  }
}

}  // namespace

std::string EncodeSnapshot(const SnapshotContent& content) {
  Writer body;
  body.Number(static_cast<uint64_t>(absl::ToUnixMicros(content.imported_at)), 8);
  Describe(body, content);
  Writer file;
  file.out = kMagic;
  file.Number(kFormat, 4);
  file.Number(body.out.size(), 8);
  file.out += body.out;
  file.out += Sha256Hex(file.out);
  return std::move(file.out);
}

absl::StatusOr<SnapshotContent> DecodeSnapshot(std::string_view bytes) {
  if (bytes.substr(0, kMagic.size()) != kMagic) return absl::DataLossError("snapshot: not a watch-list snapshot");
  if (bytes.size() < kHeaderBytes + kDigestHexBytes) return absl::DataLossError("snapshot: cut off");
  Reader header(bytes.substr(kMagic.size(), kHeaderBytes - kMagic.size()));
  if (header.Take(4) != kFormat) return absl::DataLossError("snapshot: made in another format");
  if (header.Take(8) != bytes.size() - kHeaderBytes - kDigestHexBytes) {
    return absl::DataLossError("snapshot: cut off, or longer than it says");
  }
  const std::string_view covered = bytes.substr(0, bytes.size() - kDigestHexBytes);
  if (Sha256Hex(covered) != bytes.substr(covered.size())) {
    return absl::DataLossError("snapshot: damaged (its digest does not agree)");
  }
  Reader body(covered.substr(kHeaderBytes));
  SnapshotContent content;
  content.imported_at = absl::FromUnixMicros(static_cast<int64_t>(body.Take(8)));
  Describe(body, content);
  if (body.failed || !body.AtEnd()) return absl::DataLossError("snapshot: its content is not in order");
  GH_RETURN_IF_ERROR(CheckBaseName(content.base));
  return content;
}

}  // namespace gatehouse::watchlist
