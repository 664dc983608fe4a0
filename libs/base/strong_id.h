// StrongId<Tag>: a string that says which thing it names. Made explicitly, read by value(), no way back by accident.
//   using InspectionId = base::StrongId<struct InspectionIdTag>;
#pragma once

#include <compare>
#include <string>
#include <utility>

namespace gatehouse::base {

template <typename Tag>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(std::string value) : value_(std::move(value)) {}
  const std::string& value() const { return value_; }
  bool empty() const { return value_.empty(); }
  friend bool operator==(const StrongId&, const StrongId&) = default;
  friend auto operator<=>(const StrongId&, const StrongId&) = default;

 private:
  std::string value_;
};

}  // namespace gatehouse::base
