#include "libs/audit/segment.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace gatehouse::audit {
namespace {

constexpr std::string_view kMagic = "GHAUDIT2";
constexpr size_t kLengthBytes = 4;
constexpr size_t kHashBytes = sizeof(Hash);

template <typename Number>
void Put(Number number, std::string& out) {
  for (int shift = 8 * (static_cast<int>(sizeof number) - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<uint64_t>(number) >> shift));
  }
}

// Texts that nearly every leaf has, each written as one byte. In this order for ever: only what is new goes to the end.
constexpr std::string_view kWords[] = {
    "OK",
    "NOT_FOUND",
    "border_inspection",
    "officer",
    "inspection",
    "service",
    "supervisor",
    "/gatehouse.inspection.v1.InspectionService/Inspect",
    "/gatehouse.inspection.v1.InspectionService/Decide",
    "/gatehouse.document.v1.DocumentService/Verify",
    "/gatehouse.watchlist.v1.WatchlistService/BatchScreen",
    "/gatehouse.traveller.v1.TravellerService/GetTraveller",
    "/gatehouse.traveller.v1.CrossingService/RecordCrossing",
};

// The first byte of a text: its length up to kMaxShortText, or one of these.
constexpr uint8_t kMaxShortText = 0xBF;
constexpr uint8_t kFirstWord = 0xC0;
constexpr uint8_t kTextThenHex = 0xFD;
constexpr uint8_t kUuid = 0xFE;
constexpr uint8_t kLongText = 0xFF;
static_assert(kFirstWord + std::size(kWords) < kTextThenHex);

constexpr size_t kPackedBytes = 16;  // of a UUID, and of 32 hex digits
constexpr size_t kUuidDashes[] = {8, 13, 18, 23};

// 16 bytes, or nothing when `digits` are not 32 lower-case hex digits.
std::optional<std::string> PackHex(std::string_view digits) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (digits.size() != 2 * kPackedBytes || !std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  return absl::HexStringToBytes(absl::string_view(digits.data(), digits.size()));
}

std::optional<std::string> PackUuid(std::string_view text) {
  if (text.size() != 2 * kPackedBytes + std::size(kUuidDashes)) return std::nullopt;
  std::string digits(text);
  for (size_t i = std::size(kUuidDashes); i-- > 0;) {
    if (text[kUuidDashes[i]] != '-') return std::nullopt;
    digits.erase(kUuidDashes[i], 1);
  }
  return PackHex(digits);
}

std::string UuidOf(std::string_view packed) {
  std::string text = absl::BytesToHexString(absl::string_view(packed.data(), packed.size()));
  for (const size_t dash : kUuidDashes) text.insert(dash, 1, '-');
  return text;
}

void PutText(std::string_view text, std::string& out) {
  const auto* const word = std::find(std::begin(kWords), std::end(kWords), text);
  if (word != std::end(kWords)) {
    Put(static_cast<uint8_t>(kFirstWord + (word - std::begin(kWords))), out);
    return;
  }
  if (const std::optional<std::string> uuid = PackUuid(text)) {
    Put(kUuid, out);
    out.append(*uuid);
    return;
  }
  const size_t front = text.size() < 2 * kPackedBytes ? 0 : text.size() - 2 * kPackedBytes;
  if (const std::optional<std::string> hex = PackHex(text.substr(front)); hex && front <= kMaxShortText) {
    Put(kTextThenHex, out);
    Put(static_cast<uint8_t>(front), out);
    out.append(text.substr(0, front));
    out.append(*hex);
    return;
  }
  if (text.size() <= kMaxShortText) {
    Put(static_cast<uint8_t>(text.size()), out);
  } else {
    Put(kLongText, out);
    Put(static_cast<uint16_t>(text.size()), out);
  }
  out.append(text);
}

void PutHash(const Hash& hash, std::string& out) {
  out.append(reinterpret_cast<const char*>(hash.data()), hash.size());
}

// Takes values from the front; after the first that is not there everything is empty and `failed` stays.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  std::string_view Take(size_t size) {
    if (failed_ || rest_.size() < size) {
      failed_ = true;
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  template <typename Number>
  Number TakeNumber() {
    uint64_t number = 0;
    for (const char byte : Take(sizeof(Number))) number = number << 8 | static_cast<uint8_t>(byte);
    return static_cast<Number>(number);
  }

  // A text has one form only: what is written otherwise is not ours.
  std::string TakeText() {
    const std::string_view before = rest_;
    std::string text = TakeAnyText();
    std::string written;
    PutText(text, written);
    if (text.size() > kMaxTextBytes || written != before.substr(0, before.size() - rest_.size())) failed_ = true;
    return text;
  }

  Hash TakeHash() {
    Hash hash = {};
    const std::string_view bytes = Take(hash.size());
    std::copy(bytes.begin(), bytes.end(), hash.begin());
    return hash;
  }

  size_t left() const { return rest_.size(); }
  bool failed() const { return failed_; }

 private:
  std::string TakeAnyText() {
    const auto first = TakeNumber<uint8_t>();
    if (first <= kMaxShortText) return std::string(Take(first));
    if (first < kFirstWord + std::size(kWords)) return std::string(kWords[first - kFirstWord]);
    if (first == kLongText) return std::string(Take(TakeNumber<uint16_t>()));
    if (first == kUuid) {
      const std::string_view packed = Take(kPackedBytes);
      return failed_ ? std::string() : UuidOf(packed);
    }
    if (first != kTextThenHex) {
      failed_ = true;
      return {};
    }
    const std::string_view text = Take(TakeNumber<uint8_t>());
    const std::string_view hex = Take(kPackedBytes);
    return absl::StrCat(std::string(text), absl::BytesToHexString(absl::string_view(hex.data(), hex.size())));
  }

  std::string_view rest_;
  bool failed_ = false;
};

Hash Sha256(std::initializer_list<std::string_view> parts) {
  // Fetched once: a look-up by name costs more than hashing a leaf.
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  Hash hash;
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  bool done = context != nullptr && EVP_DigestInit_ex(context, sha256, nullptr) == 1;
  for (const std::string_view part : parts) done = done && EVP_DigestUpdate(context, part.data(), part.size()) == 1;
  done = done && EVP_DigestFinal_ex(context, hash.data(), nullptr) == 1;
  EVP_MD_CTX_free(context);
  GH_CHECK(done);
  return hash;
}

std::string_view Bytes(const Hash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

// 0x00 marks a leaf (RFC 9162), 0x02 is outside its tree: a header can never pass for a leaf.
Hash HeaderHash(std::string_view header) { return Sha256({std::string_view("\x02", 1), header}); }

std::optional<Kind> KindOf(uint8_t code) {
  switch (code) {
    case 1:
      return Kind::kIntent;
    case 2:
      return Kind::kOutcome;
    case 3:
      return Kind::kRefusal;
    default:
      return std::nullopt;
  }
}

uint8_t CodeOf(Kind kind) {
  switch (kind) {
    case Kind::kIntent:
      return 1;
    case Kind::kOutcome:
      return 2;
    case Kind::kRefusal:
      return 3;
  }
  GH_CHECK(false);
}

// As it is, or its beginning and a mark by which two of one beginning still differ.
std::string Bounded(const std::string& text) {
  if (text.size() <= kMaxTextBytes) return text;
  constexpr size_t kMarkHexDigits = 16;
  const std::string mark = absl::StrCat("[cut, sha256 ", Hex(Sha256({text})).substr(0, kMarkHexDigits), "]");
  size_t kept = kMaxTextBytes - mark.size();
  while (kept > 0 && (static_cast<uint8_t>(text[kept]) & 0xC0) == 0x80) --kept;  // not inside a character of UTF-8
  return text.substr(0, kept) + mark;
}

// What an outcome leaves to its intent.
std::array<const std::string*, 6> TextsOf(const Leaf& leaf) {
  return {&leaf.call_id, &leaf.identity, &leaf.officer, &leaf.role, &leaf.purpose, &leaf.verb};
}
std::array<std::string*, 6> TextsOf(Leaf& leaf) {
  return {&leaf.call_id, &leaf.identity, &leaf.officer, &leaf.role, &leaf.purpose, &leaf.verb};
}

}  // namespace

uint64_t IntentKey(const Leaf& leaf) {
  std::string texts;
  for (const std::string* text : TextsOf(leaf)) PutText(Bounded(*text), texts);
  const Hash hash = Sha256({texts});
  uint64_t key = 0;
  for (size_t i = 0; i < sizeof key; ++i) key = key << 8 | hash[i];
  return std::max<uint64_t>(key, 1);  // 0 is none
}

std::string Hex(const Hash& hash) { return absl::BytesToHexString(absl::string_view(Bytes(hash).data(), hash.size())); }

std::vector<std::string> EncodeLeaves(const Leaf& leaf) {
  std::string front;
  front.push_back(static_cast<char>(CodeOf(leaf.kind)));
  Put(absl::ToUnixMicros(leaf.time), front);
  if (leaf.kind == Kind::kRefusal) Put(leaf.count, front);
  if (leaf.kind == Kind::kOutcome) {
    Put(leaf.intent != 0 ? leaf.intent : IntentKey(leaf), front);
  } else {
    for (const std::string* text : TextsOf(leaf)) PutText(Bounded(*text), front);
  }
  PutText(Bounded(leaf.outcome), front);
  std::vector<std::string> contents;
  size_t next = 0;
  do {
    std::string subjects;
    uint16_t count = 0;
    for (; next < leaf.subjects.size() && count < kMaxSubjects; ++next, ++count) {
      const std::string subject = Bounded(leaf.subjects[next]);
      if (front.size() + sizeof count + subjects.size() + sizeof(uint16_t) + subject.size() > kMaxLeafBytes) break;
      PutText(subject, subjects);
    }
    std::string content = front;
    Put(count, content);
    contents.push_back(content + subjects);
  } while (next < leaf.subjects.size());
  return contents;
}

absl::StatusOr<Leaf> DecodeLeaf(std::string_view content) {
  Cursor cursor(content);
  Leaf leaf;
  const std::optional<Kind> kind = KindOf(cursor.TakeNumber<uint8_t>());
  if (!kind.has_value()) return absl::DataLossError("unknown kind of leaf");
  leaf.kind = *kind;
  leaf.time = absl::FromUnixMicros(cursor.TakeNumber<int64_t>());
  if (leaf.kind == Kind::kRefusal) leaf.count = cursor.TakeNumber<uint32_t>();
  if (leaf.kind == Kind::kOutcome) {
    leaf.intent = cursor.TakeNumber<uint64_t>();
    if (leaf.intent == 0) return absl::DataLossError("an outcome of no intent");
  } else {
    for (std::string* text : TextsOf(leaf)) *text = cursor.TakeText();
  }
  leaf.outcome = cursor.TakeText();
  const size_t subjects = cursor.TakeNumber<uint16_t>();
  if (subjects > kMaxSubjects) return absl::DataLossError("a leaf with too many subjects");
  for (size_t i = 0; i < subjects && !cursor.failed(); ++i) leaf.subjects.push_back(cursor.TakeText());
  if (cursor.failed() || cursor.left() != 0) return absl::DataLossError("a leaf whose parts do not fill it");
  return leaf;
}

Hash LeafHash(const Hash& previous, std::string_view content) {
  return Sha256({std::string_view("\0", 1), Bytes(previous), content});
}

Hash AppendHeader(const SegmentHeader& header, std::string& out) {
  GH_CHECK(header.process.size() <= kMaxTextBytes);
  std::string bytes(kMagic);
  Put(header.number, bytes);
  Put(absl::ToUnixMicros(header.start_time), bytes);
  Put(header.leaves_before, bytes);
  PutHash(header.previous_head, bytes);
  PutText(header.process, bytes);
  const Hash hash = HeaderHash(bytes);
  out.append(bytes);
  PutHash(hash, out);
  return hash;
}

Hash AppendRecord(const Hash& previous, std::string_view content, std::string& out) {
  const Hash hash = LeafHash(previous, content);
  Put(static_cast<uint32_t>(content.size()), out);
  out.append(content);
  PutHash(hash, out);
  return hash;
}

absl::StatusOr<SegmentReader> SegmentReader::Make(std::string_view bytes) {
  SegmentReader reader;
  reader.bytes_ = bytes;
  Cursor cursor(bytes);
  if (cursor.Take(kMagic.size()) != kMagic) return absl::DataLossError("does not begin like a segment");
  reader.header_.number = cursor.TakeNumber<uint32_t>();
  reader.header_.start_time = absl::FromUnixMicros(cursor.TakeNumber<int64_t>());
  reader.header_.leaves_before = cursor.TakeNumber<uint64_t>();
  reader.header_.previous_head = cursor.TakeHash();
  reader.header_.process = cursor.TakeText();
  const size_t header_bytes = bytes.size() - cursor.left();
  reader.head_ = cursor.TakeHash();
  if (cursor.failed()) return absl::DataLossError("the header is not whole");
  if (reader.head_ != HeaderHash(bytes.substr(0, header_bytes))) {
    return absl::DataLossError("the header does not match its hash");
  }
  reader.header_bytes_ = header_bytes + kHashBytes;
  reader.at_ = reader.header_bytes_;
  return reader;
}

SegmentReader::State SegmentReader::Next() {
  const std::string_view rest = bytes_.substr(at_);
  if (rest.empty()) return State::kEnd;
  Cursor cursor(rest);
  const size_t size = cursor.TakeNumber<uint32_t>();
  if (cursor.failed()) return State::kUnfinished;
  if (size == 0 || size > kMaxLeafBytes) {
    return rest.find_first_not_of('\0') == std::string_view::npos ? State::kUnfinished : State::kBroken;
  }
  const std::string_view content = cursor.Take(size);
  const Hash stored = cursor.TakeHash();
  if (cursor.failed()) return State::kUnfinished;
  const size_t end = at_ + kLengthBytes + size + kHashBytes;
  const bool matches = stored == LeafHash(head_, content);
  if (!matches && EndsInZerosBefore(end)) return State::kUnfinished;
  content_ = content;
  matches_ = matches;
  head_ = stored;
  at_ = end;
  ++number_;
  return State::kLeaf;
}

// After a power loss a file system may show the new length of a file with zeros for the sectors that never arrived.
bool SegmentReader::EndsInZerosBefore(size_t end) const {
  constexpr size_t kSectorBytes = 512;
  const size_t zeros_begin = bytes_.find_last_not_of('\0') + 1;
  const size_t first_lost_sector = (zeros_begin + kSectorBytes - 1) / kSectorBytes * kSectorBytes;
  return first_lost_sector < end;
}

}  // namespace gatehouse::audit
