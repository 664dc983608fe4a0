#include "libs/observe/log.h"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdlib>
#include <mutex>
#include <nlohmann/json.hpp>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace gatehouse::observe {
namespace {

// How many bytes of a single text are kept, tried in this order until the line fits.
constexpr size_t kTextBounds[] = {1024, 256, 64};

// Room for the count of dropped lines.
constexpr size_t kCountBytes = 64;

struct Settings {
  std::mutex mutex;
  std::string process = "gatehouse";
  std::atomic<Level> least = Level::kInfo;
  std::mutex writing;
  int64_t dropped = 0;  // lines, under `writing`
};

Settings& TheSettings() {
  static Settings& settings = *new Settings;  // never destroyed: threads may still log while the process ends
  return settings;
}

const char* Word(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

std::string Cut(std::string_view text, size_t bound_bytes) {
  if (text.size() <= bound_bytes) return std::string(text);
  return std::string(text.substr(0, bound_bytes)) + "...";
}

std::string Render(const nlohmann::ordered_json& head, std::string_view message, std::initializer_list<Field> fields,
                   size_t bound_bytes) {
  nlohmann::ordered_json line = head;
  line["message"] = Cut(message, bound_bytes);
  for (const Field& field : fields) {
    nlohmann::ordered_json& value = line["fields"][Cut(field.name, bound_bytes)];
    if (field.numeric) {
      value = static_cast<int64_t>(std::strtoll(field.value.c_str(), nullptr, 10));
    } else {
      value = Cut(field.value, bound_bytes);
    }
  }
  // A cut may fall inside a character, and a caller may pass bytes: both are replaced, a log line never fails.
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

// A reader of stderr that hangs must not hang who logs: a line that does not go at once is dropped, and how many were
// is said by the next that goes. When stderr is gone there is nobody left to tell.
void WriteOrDrop(Settings& settings, std::string line) {
  std::lock_guard lock(settings.writing);
  pollfd stream{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  // A pipe with room has room for PIPE_BUF bytes, which no line passes.
  if (::poll(&stream, 1, 0) == 0) {
    ++settings.dropped;
    return;
  }
  if (settings.dropped > 0 && line.size() + kCountBytes <= PIPE_BUF) {
    line.insert(line.size() - 2, ",\"lines_dropped_before\":" + std::to_string(settings.dropped));
    settings.dropped = 0;
  }
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

void ConfigureLog(std::string name, Level least) {
  Settings& settings = TheSettings();
  std::lock_guard lock(settings.mutex);
  settings.process = std::move(name);
  settings.least = least;
}

void Log(Level level, std::string_view message, std::initializer_list<Field> fields) {
  Settings& settings = TheSettings();
  if (level < settings.least.load(std::memory_order_relaxed)) return;
  nlohmann::ordered_json head;
  // The system's time, not an injected clock: a log line is about the machine, also when a border day is replayed.
  head["time"] = absl::FormatTime("%Y-%m-%d%ET%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
  head["level"] = Word(level);
  {
    std::lock_guard lock(settings.mutex);
    head["process"] = Cut(settings.process, kTextBounds[2]);
  }
  std::string line;
  for (const size_t bound_bytes : kTextBounds) {
    line = Render(head, message, fields, bound_bytes);
    if (line.size() <= kMaxLogLineBytes) break;
  }
  if (line.size() > kMaxLogLineBytes) line = Render(head, message, {{"fields_dropped", 1}}, kTextBounds[2]);
  WriteOrDrop(settings, line);
}

}  // namespace gatehouse::observe
