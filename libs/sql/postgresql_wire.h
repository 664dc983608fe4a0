// Values to and from libpq: binary parameters, binary result columns, COPY text, SQLSTATE to status.
#pragma once

#include <libpq-fe.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/sql/sql.h"

namespace gatehouse::sql {

struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ResultDeleter>;

// Parameters as libpq takes them. Refers into the Params it was made of.
class WireParams {
 public:
  explicit WireParams(const Params& params);
  int size() const { return static_cast<int>(types_.size()); }
  const Oid* types() const { return types_.data(); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }
  // One character a parameter: statements are prepared once a signature, since a null leaves its type to the server.
  std::string signature() const;

 private:
  void Add(Oid type, const char* bytes, size_t size);

  std::vector<std::array<char, 8>> numbers_;
  std::vector<Oid> types_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

// INTERNAL for a column of a type this interface does not have; RESOURCE_EXHAUSTED above kMaxRows.
absl::StatusOr<std::vector<Row>> DecodeRows(const PGresult* result);

// One line of COPY ... FROM STDIN in text format, appended.
void AppendCopyLine(const Params& row, std::string& out);

// Code and text of a failed result. Texts that might quote a value are left out.
absl::Status StatusOfResult(const PGresult* result);

}  // namespace gatehouse::sql
