// Big-endian numbers of a record with fixed places (ISO/IEC 19794). Internal to libs/emrtd/lds.
#pragma once

#include <optional>

#include "absl/time/civil_time.h"
#include "libs/pki/tlv.h"

namespace gatehouse::emrtd {

using pki::Bytes;

class RecordReader {
 public:
  // `field` names the record in errors and must outlive the reader.
  RecordReader(Bytes bytes, std::string_view field) : rest_(bytes), field_(field) {}

  bool at_end() const { return rest_.empty(); }
  Bytes rest() const { return rest_; }
  std::string_view field() const { return field_; }

  // `width` octets, 1 to 4.
  absl::StatusOr<uint32_t> Number(size_t width);
  absl::StatusOr<Bytes> Take(size_t count);
  absl::Status Skip(size_t count) { return Take(count).status(); }

 private:
  Bytes rest_;
  std::string_view field_;
};

// The nine octets of a capture time in the records of 2011: year, month, day, hour, minute, second, milliseconds.
// Nothing when they say unknown (FF, or zeros) or no time of the calendar.
std::optional<absl::CivilSecond> ReadCaptureTime(Bytes nine);

// The quality blocks of the records of 2011: a count, then score, vendor and algorithm each. The first score 0..100;
// nothing when none was computed.
absl::StatusOr<std::optional<int>> ReadQualityBlocks(RecordReader& record);

}  // namespace gatehouse::emrtd
