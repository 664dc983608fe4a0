#include "libs/base/check.h"
#include "libs/sql/sql.h"

namespace gatehouse::sql {
namespace {

template <typename T>
const T& Get(const std::vector<Value>& values, size_t column) {
  GH_CHECK(column < values.size());
  const T* value = std::get_if<T>(&values[column]);
  GH_CHECK(value != nullptr);
  return *value;
}

}  // namespace

bool Row::IsNull(size_t column) const {
  GH_CHECK(column < values_.size());
  return std::holds_alternative<std::monostate>(values_[column]);
}

int64_t Row::Int(size_t column) const { return Get<int64_t>(values_, column); }
double Row::Real(size_t column) const { return Get<double>(values_, column); }
const std::string& Row::Text(size_t column) const { return Get<std::string>(values_, column); }
const std::string& Row::Bytes(size_t column) const { return Get<Blob>(values_, column).bytes; }

}  // namespace gatehouse::sql
