// Redacted<T>: a secret or a personal value. It has no printer and no conversion: whoever needs the value says
// Reveal(), which a reader and tools/lint can find. Passing one to a log call does not compile.
#pragma once

#include <utility>

namespace gatehouse::base {

template <typename T>
class Redacted {
 public:
  Redacted() = default;
  explicit Redacted(T value) : value_(std::move(value)) {}
  const T& Reveal() const { return value_; }
  T& Reveal() { return value_; }
  friend bool operator==(const Redacted&, const Redacted&) = default;

 private:
  T value_{};
};

}  // namespace gatehouse::base
