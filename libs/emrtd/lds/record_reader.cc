#include "libs/emrtd/lds/record_reader.h"

#include "libs/base/status_macros.h"

namespace gatehouse::emrtd {

absl::StatusOr<uint32_t> RecordReader::Number(size_t width) {
  GH_ASSIGN_OR_RETURN(const Bytes taken, Take(width));
  uint32_t value = 0;
  for (const uint8_t octet : taken) value = value << 8 | octet;
  return value;
}

absl::StatusOr<Bytes> RecordReader::Take(size_t count) {
  if (count > rest_.size()) return pki::Malformed(field_, "ends too early");
  const Bytes taken = rest_.first(count);
  rest_ = rest_.subspan(count);
  return taken;
}

std::optional<absl::CivilSecond> ReadCaptureTime(Bytes nine) {
  const int year = nine[0] << 8 | nine[1];
  const int month = nine[2], day = nine[3], hour = nine[4], minute = nine[5], second = nine[6];
  if (year == 0 || year > 9999) return std::nullopt;
  const absl::CivilSecond time(year, month, day, hour, minute, second);
  // CivilSecond normalises the thirtieth of February; that is no capture time.
  if (time.month() != month || time.day() != day || time.hour() != hour || time.minute() != minute ||
      time.second() != second) {
    return std::nullopt;
  }
  return time;
}

absl::StatusOr<std::optional<int>> ReadQualityBlocks(RecordReader& record) {
  GH_ASSIGN_OR_RETURN(const uint32_t count, record.Number(1));
  std::optional<int> quality;
  for (uint32_t i = 0; i < count; ++i) {
    GH_ASSIGN_OR_RETURN(const uint32_t score, record.Number(1));
    GH_RETURN_IF_ERROR(record.Skip(4));
    if (!quality && score <= 100) quality = static_cast<int>(score);
  }
  return quality;
}

}  // namespace gatehouse::emrtd
