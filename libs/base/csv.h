// RFC 4180 records: comma between fields, double quotes around a field that holds comma, quote or line break, a quote
// doubled inside. CRLF and LF both end a record; a byte-order mark at the start is dropped; a trailing 0x1A (OFAC
// files) is the end. Nothing is copied beyond the bounds below.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace gatehouse::base {

inline constexpr size_t kMaxCsvFieldBytes = 64 * 1024;
inline constexpr size_t kMaxCsvFields = 256;

// Walks a text record by record.
//   CsvReader reader(text);
//   while (reader.Next()) { use(reader.line(), reader.status(), reader.fields()); }
// A broken record (a quote out of place, a field over the bound) is returned with a non-OK status() and its line
// number; the walk goes on with the next line, so good rows survive bad neighbours.
class CsvReader {
 public:
  // `text` must outlive the reader.
  explicit CsvReader(std::string_view text);

  // False at the end of the text. Blank lines are skipped.
  bool Next();
  // 1-based number of the first line of the record.
  int line() const { return record_line_; }
  const absl::Status& status() const { return status_; }
  const std::vector<std::string>& fields() const { return fields_; }

 private:
  void ReadRecord();
  void SkipLine();

  std::string_view text_;
  size_t at_ = 0;
  int next_line_ = 1;
  int record_line_ = 0;
  absl::Status status_;
  std::vector<std::string> fields_;
};

}  // namespace gatehouse::base
