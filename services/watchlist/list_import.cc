#include "services/watchlist/list_import.h"

namespace gatehouse::watchlist {

std::string_view ListKindName(ListKind kind) { return kind == ListKind::kPersons ? "persons" : "documents"; }

std::optional<ListKind> KindOfFormat(std::string_view format) {
  if (format == "un-xml") return ListKind::kPersons;
  if (format == "document-csv") return ListKind::kDocuments;
  return std::nullopt;
}

absl::StatusOr<ImportResult> ImportList(std::string_view format, std::string_view bytes) {
  if (format == "un-xml") return ImportUnXml(bytes);
  if (format == "document-csv") return ImportDocumentCsv(bytes);
  return absl::InvalidArgumentError("format: known are un-xml and document-csv");
}

}  // namespace gatehouse::watchlist
