// Reads elementary files of the chip whole (ISO 7816-4 section 11.2, Doc 9303-10 section 3.6): SELECT by identifier, or
// the short identifier where the chip has no SELECT; READ BINARY, beyond offset 32767 with the odd instruction; short
// or extended lengths. The files are read as they are: nothing is decoded but the outermost length.
#pragma once

#include <functional>
#include <optional>

#include "libs/emrtd/access/channel.h"

namespace gatehouse::emrtd::access {

struct ElementaryFile {
  uint16_t id = 0;
  uint8_t short_id = 0;
  std::string_view name;  // "EF.SOD", "DG1"
  size_t limit_bytes = 0;
  // The file is one data object whose length says where it ends; else it is read to its end.
  bool one_object = true;
};

namespace file {
extern const ElementaryFile kAtrInfo, kCardAccess, kCardSecurity, kCvca, kCom, kSecurityObject;
// By number 1..16; nullptr for another.
const ElementaryFile* DataGroup(int number);
}  // namespace file

// What the chip takes and gives in one command; both from the chip's own words.
struct LengthLimits {
  bool extended = false;
  int response_bytes = kMaxShortExpected;  // most octets of a response, protected or not
};
// From the card capabilities in the historical bytes of an ATR (ISO 7816-4 section 12.1.1.9): whether it takes extended
// lengths. False for an ATR that is broken or says nothing.
bool SaysExtendedLength(Bytes answer_to_reset);
// The same for command chaining.
bool SaysCommandChaining(Bytes answer_to_reset);
// DO 7F66 of EF.ATR/INFO: the longest response; nothing when it is absent or broken.
std::optional<int> ReadLongestResponse(Bytes atr_info);

struct FileProgress {
  std::string_view name;
  size_t done_bytes = 0;
  size_t total_bytes = 0;  // 0 when not known
};
// Called after every command that brought data; false stops the reading (CANCELLED).
using ProgressFunction = std::function<bool(const FileProgress&)>;

struct FileContents {
  Octets octets;
  size_t total_bytes = 0;  // as its own length says; 0 when not known
  // OK when the file is whole. NOT_FOUND, PERMISSION_DENIED, FAILED_PRECONDITION: the chip's status word.
  // RESOURCE_EXHAUSTED: longer than the limit, nothing more was read. DATA_LOSS: the chip has less than the length
  // says, or gives its data in crumbs. CANCELLED. Others of Channel::Send.
  absl::Status status;
};

class FileReader {
 public:
  // Both must outlive the reader; `progress` may be empty.
  FileReader(Channel& channel, ProgressFunction progress) : channel_(channel), progress_(std::move(progress)) {}

  void SetLimits(const LengthLimits& limits) { limits_ = limits; }

  // `before` is what an earlier reading of the same file brought: it goes on from there. What was read is returned with
  // every status.
  FileContents Read(const ElementaryFile& file, Octets before = {});

 private:
  absl::Status Select(const ElementaryFile& file);
  absl::StatusOr<Response> ReadBinary(size_t offset, int wanted);
  absl::Status NoteTotal(const ElementaryFile& file, FileContents& contents);
  absl::Status ReadAll(const ElementaryFile& file, FileContents& contents);
  int MostData() const;

  Channel& channel_;
  const ProgressFunction progress_;
  LengthLimits limits_;
  // Bits of P1 of the first READ BINARY when the file was not selected.
  std::optional<uint8_t> short_id_;
};

}  // namespace gatehouse::emrtd::access
