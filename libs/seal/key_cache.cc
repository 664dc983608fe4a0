#include "libs/seal/key_cache.h"

namespace gatehouse::seal {

std::optional<Key> KeyCache::Find(std::string_view subject) {
  std::lock_guard lock(mutex_);
  const auto found = by_subject_.find(subject);
  if (found == by_subject_.end()) return std::nullopt;
  const Entries::iterator entry = found->second;
  const absl::Duration age = clock_.Now() - entry->read_time;
  // A clock that went back makes ages negative: then the store is asked, too.
  if (age > age_ || age < absl::ZeroDuration()) {
    Remove(entry);
    return std::nullopt;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->key;
}

uint64_t KeyCache::epoch() const {
  std::lock_guard lock(mutex_);
  return epoch_;
}

void KeyCache::Insert(std::string_view subject, const Key& key, uint64_t epoch) {
  std::lock_guard lock(mutex_);
  if (epoch != epoch_) return;
  if (const auto found = by_subject_.find(subject); found != by_subject_.end()) Remove(found->second);
  if (entries_.size() >= bound_) Remove(std::prev(entries_.end()));
  entries_.push_front({.subject = std::string(subject), .key = key, .read_time = clock_.Now()});
  by_subject_[entries_.front().subject] = entries_.begin();
}

void KeyCache::Forget(std::string_view subject) {
  std::lock_guard lock(mutex_);
  ++epoch_;
  if (const auto found = by_subject_.find(subject); found != by_subject_.end()) Remove(found->second);
}

size_t KeyCache::size() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

void KeyCache::Remove(Entries::iterator entry) {
  by_subject_.erase(entry->subject);
  entries_.erase(entry);
}

}  // namespace gatehouse::seal
