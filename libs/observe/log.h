// Structured log: one JSON object a line on stderr (time, level, name of the process, message, fields). Personal data
// never goes here: fields are strings and numbers the caller has named; base::Redacted does not convert, and tools/lint
// refuses log calls that Reveal(). A call costs a format and a write; do not log per record on hot paths.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace gatehouse::observe {

enum class Level { kDebug, kInfo, kWarning, kError };

struct Field {
  Field(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  Field(std::string_view field_name, const char* text) : name(field_name), value(text) {}
  Field(std::string_view field_name, const std::string& text) : name(field_name), value(text) {}
  Field(std::string_view field_name, int64_t number) : name(field_name), value(std::to_string(number)), numeric(true) {}
  Field(std::string_view field_name, int number) : Field(field_name, static_cast<int64_t>(number)) {}
  std::string name;
  std::string value;
  bool numeric = false;
};

// Name of the process in every line, and the least level that is written; set once at start.
void ConfigureLog(std::string name, Level least);

void Log(Level level, std::string_view message, std::initializer_list<Field> fields = {});

inline void LogInfo(std::string_view message, std::initializer_list<Field> fields = {}) {
  Log(Level::kInfo, message, fields);
}
inline void LogWarning(std::string_view message, std::initializer_list<Field> fields = {}) {
  Log(Level::kWarning, message, fields);
}
inline void LogError(std::string_view message, std::initializer_list<Field> fields = {}) {
  Log(Level::kError, message, fields);
}

}  // namespace gatehouse::observe
