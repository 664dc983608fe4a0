// docs/formats/document-list.md
#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/csv.h"
#include "libs/names/country.h"
#include "services/watchlist/document_number.h"
#include "services/watchlist/list_file.h"
#include "services/watchlist/list_import.h"

namespace gatehouse::watchlist {
namespace {

constexpr std::string_view kColumns[] = {"number", "issuer", "type", "status", "reported_date", "record_id"};
constexpr std::string_view kRequired[] = {"number", "issuer", "status"};

constexpr DocumentStatus kStatuses[] = {DocumentStatus::kStolen, DocumentStatus::kLost, DocumentStatus::kRevoked,
                                        DocumentStatus::kInvalid, DocumentStatus::kStolenBlank};

std::string Stripped(const std::string& text) { return std::string(absl::StripAsciiWhitespace(text)); }

// "# published: 2026-11-30", alone on the first line.
bool ReadDateLine(const std::vector<std::string>& fields, std::string& published) {
  absl::string_view line = fields.empty() ? "" : absl::string_view(fields[0]);
  if (!absl::ConsumePrefix(&line, "#")) return false;
  line = absl::StripAsciiWhitespace(line);
  if (!absl::ConsumePrefix(&line, "published:")) return false;
  published = std::string(absl::StripAsciiWhitespace(line));
  return true;
}

class DocumentReader {
 public:
  explicit DocumentReader(ImportResult& result) : result_(result) {}

  absl::Status ReadHeader(const base::CsvReader& reader) {
    if (!reader.status().ok()) return absl::InvalidArgumentError("header: not readable as CSV");
    width_ = reader.fields().size();
    for (size_t i = 0; i < width_; ++i) {
      const std::string column = absl::AsciiStrToLower(Stripped(reader.fields()[i]));
      if (std::find(std::begin(kColumns), std::end(kColumns), column) == std::end(kColumns)) {
        result_.warnings.push_back({reader.line(), absl::StrCat("column ", i + 1), "unknown column; left out"});
      } else if (!columns_.emplace(column, i).second) {
        return absl::InvalidArgumentError(absl::StrCat("header: column ", column, " stands twice"));
      }
    }
    for (const std::string_view required : kRequired) {
      if (columns_.count(std::string(required)) == 0) {
        return absl::InvalidArgumentError(absl::StrCat("header: no column ", std::string(required)));
      }
    }
    return absl::OkStatus();
  }

  void ReadRow(const base::CsvReader& reader) {
    const auto reject = [&](const std::string& field, const std::string& reason) {
      result_.rejected.push_back({reader.line(), field, reason});
    };
    if (!reader.status().ok()) return reject("row", std::string(reader.status().message()));
    if (reader.fields().size() != width_) return reject("row", "not as many fields as the header");
    DocumentRecord record;
    record.document.number = Field(reader, "number");
    const std::string number = CanonicalDocumentNumber(record.document.number);
    if (number.empty()) return reject("number", "not 1 to 64 letters and digits");
    record.document.issuer = CanonicalIssuer(Field(reader, "issuer"));
    if (record.document.issuer.empty()) return reject("issuer", "no country, organisation or code of three letters");
    if (names::CountryCode(record.document.issuer).empty()) {
      result_.warnings.push_back({reader.line(), "issuer", "unknown code; kept as it is"});
    }
    record.document.type = CanonicalDocumentType(Field(reader, "type"));
    if (record.document.type.empty() && !Field(reader, "type").empty()) {
      result_.warnings.push_back({reader.line(), "type", "unknown; the row matches documents of every type"});
    }
    if (!ReadStatus(Field(reader, "status"), record.status)) {
      return reject("status", "none of stolen, lost, revoked, invalid, stolen_blank");
    }
    if (const std::string reported = Field(reader, "reported_date"); !reported.empty()) {
      const absl::StatusOr<base::PartialDate> date = base::ParsePartialDate(reported);
      if (!date.ok()) return reject("reported_date", std::string(date.status().message()));
      record.reported = *date;
    }
    record.record_id = Field(reader, "record_id");
    if (record.record_id.size() > 64) return reject("record_id", "over 64 bytes");
    if (record.record_id.empty()) {
      record.record_id = absl::StrCat(record.document.issuer, "-", record.document.type, "-", number);
    }
    if (!seen_.insert(record.record_id).second) return reject("record_id", "given twice; the first is kept");
    result_.documents.push_back(std::move(record));
  }

 private:
  std::string Field(const base::CsvReader& reader, const char* column) const {
    const auto found = columns_.find(column);
    return found == columns_.end() ? "" : Stripped(reader.fields()[found->second]);
  }

  static bool ReadStatus(const std::string& text, DocumentStatus& status) {
    for (const DocumentStatus known : kStatuses) {
      if (absl::AsciiStrToLower(text) != DocumentStatusName(known)) continue;
      status = known;
      return true;
    }
    return false;
  }

  ImportResult& result_;
  size_t width_ = 0;
  std::map<std::string, size_t> columns_;
  std::set<std::string> seen_;
};

}  // namespace

absl::StatusOr<ImportResult> ImportDocumentCsv(std::string_view bytes) {
  if (absl::Status status = CheckListBytes(bytes); !status.ok()) return status;
  if (bytes.find('\0') != std::string_view::npos) return absl::InvalidArgumentError("file: holds NUL bytes, not text");
  ImportResult result;
  result.format = "document-csv";
  result.sha256 = Sha256Hex(bytes);
  result.version = result.sha256.substr(0, 16);
  base::CsvReader reader(bytes);
  if (!reader.Next()) return absl::InvalidArgumentError("header: missing");
  if (reader.status().ok() && ReadDateLine(reader.fields(), result.published)) {
    const absl::StatusOr<base::PartialDate> date = base::ParsePartialDate(result.published);
    if (!date.ok() || !date->complete()) return absl::InvalidArgumentError("# published: no day YYYY-MM-DD");
    if (!reader.Next()) return absl::InvalidArgumentError("header: missing");
  }
  DocumentReader documents(result);
  if (absl::Status status = documents.ReadHeader(reader); !status.ok()) return status;
  size_t rejected_before_last = 0;
  while (reader.Next()) {
    if (++result.rows > kMaxListRecords) return absl::InvalidArgumentError("file: over 2,000,000 rows");
    rejected_before_last = result.rejected.size();
    documents.ReadRow(reader);
  }
  // Without its line break a bad last row is where the transfer stopped, and no one knows how many rows are missing.
  if (bytes.back() != '\n' && result.rejected.size() > rejected_before_last) {
    return absl::InvalidArgumentError(
        absl::StrCat("file: cut off in line ", result.rejected.back().line, " (", result.rejected.back().field, ")"));
  }
  return result;
}

}  // namespace gatehouse::watchlist
