#include "libs/emrtd/access/file_reader.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/limits.h"

namespace gatehouse::emrtd::access {
namespace {

using pki::Malformed;

constexpr size_t kMaxAtrInfoBytes = 256;
constexpr size_t kMaxCardAccessBytes = 16 * 1024;
constexpr size_t kMaxCvcaBytes = 64;
// The first command asks for tag and length alone: every file has that much, and the next knows what to ask for.
constexpr int kHeadBytes = 8;
constexpr size_t kMaxEvenOffset = 0x7FFF;
// A chip may answer with less than was asked. One that always does so holds the line up.
constexpr int kMaxShortAnswers = 32;
// Head of DO 53 around the data of an odd READ BINARY.
constexpr int kObjectHeadBytes = 4;

constexpr std::array<std::string_view, 16> kDataGroupNames = {"DG1",  "DG2",  "DG3",  "DG4",  "DG5",  "DG6",
                                                              "DG7",  "DG8",  "DG9",  "DG10", "DG11", "DG12",
                                                              "DG13", "DG14", "DG15", "DG16"};

// Octets of the data object that begins `head`, with tag and length; nothing while `head` is too short to say.
std::optional<size_t> ObjectBytes(Bytes head) {
  size_t at = 1;
  if (head.empty()) return std::nullopt;
  if ((head[0] & 0x1F) == 0x1F) {
    while (at < head.size() && (head[at] & 0x80) != 0) ++at;
    ++at;
  }
  if (at >= head.size()) return std::nullopt;
  const uint8_t first = head[at++];
  if (first < 0x80) return at + first;
  const size_t count = first & 0x7F;
  if (count == 0 || count > 4 || at + count > head.size()) return std::nullopt;
  size_t length = 0;
  for (size_t i = 0; i < count; ++i) length = length << 8 | head[at++];
  return at + length;
}

// Warnings bring data too.
bool BringsData(const Response& response) { return response.ok() || response.status == StatusWord::kEndOfFile; }

}  // namespace

namespace file {
const ElementaryFile kAtrInfo{0x2F01, 0x01, "EF.ATR/INFO", kMaxAtrInfoBytes, false};
const ElementaryFile kCardAccess{0x011C, 0x1C, "EF.CardAccess", kMaxCardAccessBytes};
const ElementaryFile kCardSecurity{0x011D, 0x1D, "EF.CardSecurity", kMaxSecurityObjectBytes};
const ElementaryFile kCvca{0x011C, 0x1C, "EF.CVCA", kMaxCvcaBytes, false};
const ElementaryFile kCom{0x011E, 0x1E, "EF.COM", kMaxComBytes};
const ElementaryFile kSecurityObject{0x011D, 0x1D, "EF.SOD", kMaxSecurityObjectBytes};

const ElementaryFile* DataGroup(int number) {
  static const auto& files = *[] {
    auto* all = new std::array<ElementaryFile, 16>;
    for (size_t i = 0; i < all->size(); ++i) {
      (*all)[i] = {static_cast<uint16_t>(0x0101 + i), static_cast<uint8_t>(1 + i), kDataGroupNames[i],
                   kMaxDataGroupBytes};
    }
    return all;
  }();
  return number >= 1 && number <= 16 ? &files[static_cast<size_t>(number - 1)] : nullptr;
}
}  // namespace file

namespace {

// The third octet of the card capabilities; 0 when the ATR is broken or says nothing.
uint8_t CommandCapabilities(Bytes answer_to_reset) {
  if (answer_to_reset.size() < 2) return 0;
  const size_t history_bytes = answer_to_reset[1] & 0x0F;
  // Interface characters: the high half of T0 and of each TD says which of TA, TB, TC and TD follow.
  size_t at = 2;
  uint8_t follow = answer_to_reset[1] >> 4;
  while (follow != 0) {
    for (const uint8_t bit : {0x01, 0x02, 0x04}) at += (follow & bit) != 0;
    if ((follow & 0x08) == 0) break;
    if (at >= answer_to_reset.size()) return 0;
    follow = answer_to_reset[at++] >> 4;
  }
  if (at + history_bytes > answer_to_reset.size() || history_bytes == 0) return 0;
  Bytes history = answer_to_reset.subspan(at, history_bytes);
  if (history[0] != 0x80 && history[0] != 0x00) return 0;
  // Compact TLV: tag in the high half, length in the low one. 7 are the capabilities, those of commands in their third.
  for (history = history.subspan(1); !history.empty();) {
    const size_t length = history[0] & 0x0F;
    if (length + 1 > history.size()) return 0;
    if (history[0] >> 4 == 7) return length >= 3 ? history[3] : uint8_t{0};
    history = history.subspan(1 + length);
  }
  return 0;
}

}  // namespace

bool SaysExtendedLength(Bytes answer_to_reset) { return (CommandCapabilities(answer_to_reset) & 0x40) != 0; }
bool SaysCommandChaining(Bytes answer_to_reset) { return (CommandCapabilities(answer_to_reset) & 0x80) != 0; }

std::optional<int> ReadLongestResponse(Bytes atr_info) {
  constexpr std::string_view kField = "EF.ATR/INFO";
  // Data objects one after another, sometimes behind a category octet.
  if (!atr_info.empty() && (atr_info[0] == 0x00 || atr_info[0] == 0x80)) atr_info = atr_info.subspan(1);
  pki::TlvReader reader(atr_info, pki::Rules::kBer);
  while (!reader.at_end()) {
    const absl::StatusOr<pki::Tlv> object = reader.Next(kField);
    if (!object.ok()) return std::nullopt;
    if (object->tag != 0x7F66) continue;
    pki::TlvReader numbers(object->value, pki::Rules::kBer);
    const auto command = numbers.Expect(pki::tag::kInteger, kField);
    const auto response = numbers.Expect(pki::tag::kInteger, kField);
    if (!command.ok() || !response.ok()) return std::nullopt;
    // Unsigned on some chips: two octets with the highest bit set.
    int number = 0;
    if (response->value.size() > 3) return std::nullopt;
    for (const uint8_t octet : response->value) number = number << 8 | octet;
    return std::min(number, kMaxExtendedExpected);
  }
  return std::nullopt;
}

int FileReader::MostData() const {
  if (!limits_.extended) return channel_.MaxShortData();
  // 64 octets are more than secure messaging adds.
  return std::max(channel_.MaxShortData(), limits_.response_bytes - 64);
}

absl::Status FileReader::Select(const ElementaryFile& file) {
  short_id_.reset();
  const Command select{.ins = ins::kSelect,
                       .p1 = 0x02,
                       .p2 = 0x0C,
                       .data = {static_cast<uint8_t>(file.id >> 8), static_cast<uint8_t>(file.id)}};
  GH_ASSIGN_OR_RETURN(const Response response, channel_.Send(select));
  switch (response.status) {
    case StatusWord::kIncorrectParameters:
    case StatusWord::kFunctionNotSupported:
    case StatusWord::kInstructionNotSupported:
      short_id_ = file.short_id;
      return absl::OkStatus();
    case StatusWord::kEndOfFile:
      return absl::OkStatus();
    default:
      return StatusOf(response, absl::StrCat("SELECT ", absl::string_view(file.name.data(), file.name.size())));
  }
}

absl::StatusOr<Response> FileReader::ReadBinary(size_t offset, int wanted) {
  const bool extended = wanted > channel_.MaxShortData();
  if (offset <= kMaxEvenOffset) {
    Command read{.ins = ins::kReadBinary,
                 .p1 = static_cast<uint8_t>(offset >> 8),
                 .p2 = static_cast<uint8_t>(offset),
                 .expected = wanted,
                 .extended = extended};
    if (short_id_ && offset < 0x100) read.p1 = static_cast<uint8_t>(0x80 | *short_id_);
    return channel_.Send(read);
  }
  Octets offset_octets;
  for (int shift = offset > 0xFFFFFF ? 24 : offset > 0xFFFF ? 16 : 8; shift >= 0; shift -= 8) {
    offset_octets.push_back(static_cast<uint8_t>(offset >> shift));
  }
  const Command read{.ins = ins::kReadBinaryOdd,
                     .data = EncodeTlv(0x54, offset_octets),
                     .expected = wanted + kObjectHeadBytes,
                     .extended = extended};
  GH_ASSIGN_OR_RETURN(Response response, channel_.Send(read));
  if (!BringsData(response)) return response;
  GH_ASSIGN_OR_RETURN(const pki::Tlv object, pki::ReadOnly(response.data, 0x53, pki::Rules::kBer, "DO 53"));
  return Response{.data = Copy(object.value), .status = response.status};
}

// Takes the length from the file's own head once enough of it is there.
absl::Status FileReader::NoteTotal(const ElementaryFile& file, FileContents& contents) {
  if (!file.one_object || contents.total_bytes != 0 || contents.octets.empty()) return absl::OkStatus();
  const std::optional<size_t> total = ObjectBytes(contents.octets);
  if (!total) return Malformed(file.name, "does not begin with a data object");
  contents.total_bytes = *total;
  if (*total > file.limit_bytes) return absl::ResourceExhaustedError("the file says it is longer than the limit");
  if (contents.octets.size() > *total) contents.octets.resize(*total);
  return absl::OkStatus();
}

absl::Status FileReader::ReadAll(const ElementaryFile& file, FileContents& contents) {
  Octets& octets = contents.octets;
  const std::string what = absl::StrCat("READ BINARY ", absl::string_view(file.name.data(), file.name.size()));
  for (int short_answers = 0; short_answers <= kMaxShortAnswers;) {
    GH_RETURN_IF_ERROR(NoteTotal(file, contents));
    if (contents.total_bytes != 0 && octets.size() == contents.total_bytes) return absl::OkStatus();
    const size_t end = contents.total_bytes != 0 ? contents.total_bytes : file.limit_bytes;
    if (octets.size() >= end) return absl::ResourceExhaustedError("the file is longer than the limit");
    const int most = MostData() - (octets.size() > kMaxEvenOffset ? kObjectHeadBytes : 0);
    int wanted = static_cast<int>(std::min(end - octets.size(), static_cast<size_t>(most)));
    if (file.one_object && octets.empty()) wanted = kHeadBytes;

    GH_ASSIGN_OR_RETURN(const Response response, ReadBinary(octets.size(), wanted));
    const bool at_end = response.status == StatusWord::kEndOfFile || response.status == StatusWord::kWrongParameters;
    if (!BringsData(response) && (file.one_object || !at_end)) return StatusOf(response, what);
    // Never more than was asked: what a chip adds is not of the file.
    const size_t got = std::min(response.data.size(), static_cast<size_t>(wanted));
    Append(octets, Bytes(response.data).first(got));
    if (progress_ && !progress_({file.name, octets.size(), contents.total_bytes})) {
      return absl::CancelledError("stopped by the caller");
    }
    if (got == static_cast<size_t>(wanted)) continue;
    if (!file.one_object) return absl::OkStatus();
    GH_RETURN_IF_ERROR(NoteTotal(file, contents));
    if (octets.size() < contents.total_bytes && (got == 0 || at_end)) {
      return absl::DataLossError("the chip has less of the file than its length says");
    }
    ++short_answers;
  }
  return absl::DataLossError("the chip gives the file in crumbs");
}

FileContents FileReader::Read(const ElementaryFile& file, Octets before) {
  FileContents contents{.octets = std::move(before)};
  contents.status = Select(file);
  if (contents.status.ok()) contents.status = ReadAll(file, contents);
  return contents;
}

}  // namespace gatehouse::emrtd::access
