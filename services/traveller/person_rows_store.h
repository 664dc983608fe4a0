// What reading and writing the tables share: the hashes of keys, who is known by them, and values sealed under a
// person.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/seal/seal.h"
#include "libs/sql/sql.h"
#include "services/traveller/ports.h"

namespace gatehouse::traveller {

// What is sealed names its column, so that a blob moved to another one does not open.
inline constexpr char kCrossingContext[] = "crossing.sealed_crossing";
inline constexpr char kCorrectionContext[] = "correction.sealed_correction";
inline constexpr char kDocumentContext[] = "person_document.sealed_document";

using Query = std::function<absl::StatusOr<std::vector<sql::Row>>(std::string_view sql, sql::Params params)>;

// The same hash in every column that holds a document; null for none.
sql::Value DocumentHash(const seal::Sealer& sealer, const std::optional<std::string>& text);
sql::Value IdentityHash(const seal::Sealer& sealer, const std::optional<std::string>& text);
// Keyed, because what it covers can be guessed.
sql::Blob RequestHash(const seal::Sealer& sealer, const Request& request);

absl::StatusOr<KnownPersons> FindKnown(const Query& query, const seal::Sealer& sealer, const PersonKeys& keys);

// Why a sealed value of a person does not open, by the register's reasons.
absl::Status Unopened(const absl::Status& status);
absl::StatusOr<std::string> OpenSealed(seal::Sealer& sealer, const PersonId& person, std::string_view context,
                                       const std::string& sealed);

// The pieces of a WHERE; values go by parameter.
struct WhereClause {
  std::vector<std::string> pieces;
  sql::Params params;
  void Add(std::string piece, sql::Value value);
  // Behind a place of a list that is ordered by these two columns.
  void AddBehind(std::string_view time_column, std::string_view id_column, const std::optional<ListPosition>& behind);
  // The last parameter of the statement.
  void AddLimit(int limit);
  std::string Text() const;
};

}  // namespace gatehouse::traveller
