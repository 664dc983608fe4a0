// The data keys that were opened lately: bounded in number and in age, least recently used first out. Only keys of
// committed rows may go in: a key of a transaction that is rolled back would seal what nobody can open.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/seal/crypto.h"

namespace gatehouse::seal {

// Thread-safe.
class KeyCache {
 public:
  KeyCache(base::Clock& clock, size_t bound, absl::Duration age) : clock_(clock), bound_(bound), age_(age) {}

  std::optional<Key> Find(std::string_view subject);
  // Moves on with every Forget. Read it before reading the store, and give it to Insert: a key that was read before an
  // erasure does not come back after it.
  uint64_t epoch() const;
  void Insert(std::string_view subject, const Key& key, uint64_t epoch);
  void Forget(std::string_view subject);
  size_t size() const;

 private:
  struct Entry {
    std::string subject;
    Key key;
    absl::Time read_time;
  };
  using Entries = std::list<Entry>;  // most recently used first

  void Remove(Entries::iterator entry);

  base::Clock& clock_;
  const size_t bound_;
  const absl::Duration age_;
  mutable std::mutex mutex_;
  uint64_t epoch_ = 0;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_subject_;  // views into entries_
};

}  // namespace gatehouse::seal
