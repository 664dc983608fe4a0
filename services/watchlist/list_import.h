// Lists from outside, read into records. A file that cannot be read as a whole (not well-formed, cut off, wrong root,
// over a bound) is INVALID_ARGUMENT and nothing of it is imported; a bad row is reported with its line and the good
// rows around it are kept. Error texts name line and field, never the content.
//   un-xml         the consolidated list of the UN Security Council (sc-sanctions.xsd)
//   document-csv   docs/formats/document-list.md
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/watchlist/record.h"

namespace gatehouse::watchlist {

inline constexpr size_t kMaxListBytes = 256 * 1024 * 1024;
inline constexpr size_t kMaxListRecords = 2'000'000;
inline constexpr size_t kMaxNamesPerRecord = 256;
inline constexpr size_t kMaxFieldBytes = 4096;
inline constexpr int kMaxXmlDepth = 16;

struct ImportIssue {
  int line = 0;  // 1-based line of the file
  std::string field;
  std::string reason;
};

struct ImportResult {
  std::string format;     // "un-xml", "document-csv"
  std::string version;    // what the list calls itself (UN: dateGenerated), else the first 16 digits of sha256
  std::string published;  // YYYY-MM-DD, or empty
  std::string sha256;     // of the file, lower-case hex
  std::vector<ListRecord> records;
  std::vector<DocumentRecord> documents;
  std::vector<ImportIssue> rejected;  // rows left out
  std::vector<ImportIssue> warnings;  // rows kept without the field
  size_t rows = 0;                    // rows seen: records + documents + rejected
};

// What a list of a format is of. Persons may carry documents, and are no list of documents for that.
enum class ListKind : uint8_t { kPersons, kDocuments };
std::string_view ListKindName(ListKind kind);                   // "persons", "documents"
std::optional<ListKind> KindOfFormat(std::string_view format);  // nothing: no format that is known

absl::StatusOr<ImportResult> ImportUnXml(std::string_view bytes);
absl::StatusOr<ImportResult> ImportDocumentCsv(std::string_view bytes);
// By the word of the command line; INVALID_ARGUMENT for an unknown format.
absl::StatusOr<ImportResult> ImportList(std::string_view format, std::string_view bytes);

}  // namespace gatehouse::watchlist
