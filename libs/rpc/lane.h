// The lanes of a module: threads apart, so that an import or an operator's listing never stands between a traveller and
// the answer. A method says which is its own (Method::lane).
//   line   somebody stands at the desk, or a gate is closed
//   bulk   imports, exports, batches: long, few at a time, and in no hurry
//   admin  operators, supervisors and auditors
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace gatehouse::rpc {

enum class Lane { kLine, kBulk, kAdmin };
inline constexpr size_t kLanes = 3;

inline std::string_view ToWord(Lane lane) {
  constexpr std::array<std::string_view, kLanes> kWords = {"line", "bulk", "admin"};
  return kWords[static_cast<size_t>(lane)];
}

struct LaneBounds {
  size_t threads;
  size_t queue;  // calls that wait; each holds its request
};

struct LanesBounds {
  LaneBounds line{.threads = 32, .queue = 1024};
  LaneBounds bulk{.threads = 2, .queue = 16};
  LaneBounds admin{.threads = 2, .queue = 64};
};

}  // namespace gatehouse::rpc
