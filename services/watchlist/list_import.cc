#include "services/watchlist/list_import.h"

namespace gatehouse::watchlist {

absl::StatusOr<ImportResult> ImportList(std::string_view format, std::string_view bytes) {
  if (format == "un-xml") return ImportUnXml(bytes);
  if (format == "document-csv") return ImportDocumentCsv(bytes);
  return absl::InvalidArgumentError("format: known are un-xml and document-csv");
}

}  // namespace gatehouse::watchlist
