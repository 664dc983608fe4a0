#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/sql/connection.h"
#include "libs/sql/sql.h"

namespace gatehouse::sql {
namespace {

template <typename T>
const T& Get(const std::vector<Value>& values, size_t column) {
  GH_CHECK(column < values.size());
  const T* value = std::get_if<T>(&values[column]);
  if (value == nullptr) throw DamagedCell(absl::StrCat("column ", column + 1, " is not of the type that is read"));
  return *value;
}

}  // namespace

absl::StatusOr<std::vector<Row>> WithoutDamage(absl::StatusOr<std::vector<Row>> rows) {
  if (!rows.ok()) return rows;
  for (const Row& row : *rows) {
    if (!row.damage().ok()) return row.damage();
  }
  return rows;
}

bool Row::IsNull(size_t column) const {
  GH_CHECK(column < values_.size());
  return std::holds_alternative<std::monostate>(values_[column]);
}

int64_t Row::Int(size_t column) const { return Get<int64_t>(values_, column); }
double Row::Real(size_t column) const { return Get<double>(values_, column); }
const std::string& Row::Text(size_t column) const { return Get<std::string>(values_, column); }
const std::string& Row::Bytes(size_t column) const { return Get<Blob>(values_, column).bytes; }

std::string_view Row::TextOr(size_t column, std::string_view otherwise) const {
  GH_CHECK(column < values_.size());
  const auto* text = std::get_if<std::string>(&values_[column]);
  return text == nullptr ? otherwise : *text;
}

}  // namespace gatehouse::sql
