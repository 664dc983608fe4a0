#include "libs/pki/pkd_held.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/status_macros.h"

namespace gatehouse::pki {
namespace {

absl::Status Damaged() { return Malformed("held versions", "are not collections and numbers"); }

}  // namespace

std::string PkdHeld::text() const {
  std::vector<std::string> words;
  for (const Counter& counter : counters_) {
    const std::string collections = absl::StrJoin(counter.collections, "+", [](std::string* out, PkdCollection one) {
      absl::StrAppend(out, static_cast<int>(one));
    });
    words.push_back(absl::StrCat(collections, "=", counter.version));
  }
  return absl::StrJoin(words, " ");
}

absl::StatusOr<PkdHeld> PkdHeld::Parse(std::string_view text) {
  PkdHeld held;
  const std::string whole(text);
  for (const absl::string_view word : absl::StrSplit(whole, ' ', absl::SkipEmpty())) {
    const std::vector<std::string> sides = absl::StrSplit(word, '=');
    Counter counter;
    if (sides.size() != 2 || !absl::SimpleAtoi(sides[1], &counter.version) || counter.version < 0) return Damaged();
    for (const absl::string_view number : absl::StrSplit(sides[0], '+')) {
      int value = 0;
      if (!absl::SimpleAtoi(number, &value) || value < static_cast<int>(PkdCollection::kSigners) ||
          value > static_cast<int>(PkdCollection::kNonconformant)) {
        return Damaged();
      }
      const auto collection = static_cast<PkdCollection>(value);
      if (held.Find(collection) != nullptr || !counter.collections.insert(collection).second) return Damaged();
    }
    held.counters_.push_back(std::move(counter));
  }
  return held;
}

const PkdHeld::Counter* PkdHeld::Find(PkdCollection collection) const {
  const auto found = std::find_if(counters_.begin(), counters_.end(),
                                  [&](const Counter& one) { return one.collections.contains(collection); });
  return found == counters_.end() ? nullptr : &*found;
}

std::optional<int64_t> PkdHeld::version(PkdCollection collection) const {
  const Counter* const counter = Find(collection);
  return counter == nullptr ? std::nullopt : std::optional(counter->version);
}

std::optional<int64_t> PkdHeld::VersionOf(const PkdVersions& file) const {
  std::optional<int64_t> lowest;
  for (const PkdCollection collection : file.collections) {
    const std::optional<int64_t> held = version(collection);
    if (!held) return std::nullopt;
    lowest = std::min(lowest.value_or(*held), *held);
  }
  return lowest;
}

absl::Status PkdHeld::MayTake(const PkdVersions& file) const {
  if (!file.is_delta) return absl::OkStatus();
  if (file.collections.empty()) {
    return absl::FailedPreconditionError("the delta names no collection, so nobody knows whether it follows");
  }
  for (const PkdCollection collection : file.collections) {
    const std::optional<int64_t> held = version(collection);
    if (!held) {
      return absl::FailedPreconditionError(absl::StrCat("a delta, and no whole file of collection ",
                                                        static_cast<int>(collection), " of the directory before it"));
    }
    GH_RETURN_IF_ERROR(CheckFollows(file, *held));
  }
  return absl::OkStatus();
}

void PkdHeld::Take(const PkdVersions& file) {
  if (file.collections.empty()) return;
  const int64_t last = file.last().value_or(0);
  if (file.is_delta) {
    for (Counter& counter : counters_) {
      const bool is_meant = std::any_of(file.collections.begin(), file.collections.end(),
                                        [&](PkdCollection one) { return counter.collections.contains(one); });
      if (is_meant) counter.version = std::max(counter.version, last);
    }
    return;
  }
  Counter made{.collections = file.collections, .version = last};
  for (Counter& counter : counters_) {
    const size_t taken =
        std::erase_if(counter.collections, [&](PkdCollection one) { return made.collections.contains(one); });
    if (taken > 0) made.version = std::max(made.version, counter.version);
  }
  std::erase_if(counters_, [](const Counter& counter) { return counter.collections.empty(); });
  counters_.push_back(std::move(made));
  std::sort(counters_.begin(), counters_.end(),
            [](const Counter& a, const Counter& b) { return *a.collections.begin() < *b.collections.begin(); });
}

}  // namespace gatehouse::pki
