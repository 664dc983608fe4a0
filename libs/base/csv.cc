#include "libs/base/csv.h"

namespace gatehouse::base {

CsvReader::CsvReader(std::string_view text) : text_(text) {
  if (text_.substr(0, 3) == "\xEF\xBB\xBF") text_.remove_prefix(3);
  if (!text_.empty() && text_.back() == '\x1A') text_.remove_suffix(1);
}

bool CsvReader::Next() {
  while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) {
    if (text_[at_] == '\n') ++next_line_;
    ++at_;
  }
  if (at_ >= text_.size()) return false;
  record_line_ = next_line_;
  status_ = absl::OkStatus();
  fields_.clear();
  ReadRecord();
  return true;
}

void CsvReader::SkipLine() {
  const size_t end = text_.find('\n', at_);
  at_ = end == std::string_view::npos ? text_.size() : end;
}

void CsvReader::ReadRecord() {
  const size_t record_start = at_;
  // A bad record ends at its own first line: a stray quote must not swallow the good rows behind it.
  const auto fail = [&](const char* why) {
    status_ = absl::InvalidArgumentError(why);
    at_ = record_start;
    next_line_ = record_line_;
    SkipLine();
  };
  while (true) {
    std::string field;
    if (at_ < text_.size() && text_[at_] == '"') {
      ++at_;
      while (true) {
        if (at_ >= text_.size()) return fail("a quoted field is not closed");
        const char c = text_[at_++];
        if (c == '"') {
          if (at_ < text_.size() && text_[at_] == '"') {
            field.push_back('"');
            ++at_;
            continue;
          }
          break;
        }
        if (c == '\n') ++next_line_;
        field.push_back(c);
        if (field.size() > kMaxCsvFieldBytes) return fail("a field is longer than 64 KiB");
      }
      if (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\r' && text_[at_] != '\n') {
        return fail("text follows a closing quote");
      }
    } else {
      while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\r' && text_[at_] != '\n') {
        if (text_[at_] == '"') return fail("a quote stands inside an unquoted field");
        field.push_back(text_[at_++]);
        if (field.size() > kMaxCsvFieldBytes) return fail("a field is longer than 64 KiB");
      }
    }
    fields_.push_back(std::move(field));
    if (fields_.size() > kMaxCsvFields) return fail("more than 256 fields");
    if (at_ < text_.size() && text_[at_] == ',') {
      ++at_;
      continue;
    }
    return;
  }
}

}  // namespace gatehouse::base
