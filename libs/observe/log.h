// Structured log: one JSON object a line on stderr, written by one write() so that lines of threads and of processes on
// one pipe never mix:
//   {"time":"2026-03-01T09:30:00.123456Z","level":"info","process":"post","message":"serving","fields":{"port":8443}}
// Personal data never goes here: fields are strings and numbers the caller has named; base::Redacted does not convert,
// and tools/lint refuses log calls that Reveal(). Bytes that are not UTF-8 become U+FFFD; what is too long is cut.
// Thread-safe. A call costs a format and a write; do not log per record on hot paths.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace gatehouse::observe {

// The pipe atomicity of Linux (PIPE_BUF). Values are cut until a line fits; as the last resort its fields are dropped.
inline constexpr size_t kMaxLogLineBytes = 4096;

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
