// A snapshot: one base (one list under the name an operator gave it) as imported, ready to be searched. Immutable;
// shared by any number of threads; a new version is built beside it and switched by one pointer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/names/name_index.h"
#include "services/watchlist/list_import.h"
#include "services/watchlist/record.h"

namespace gatehouse::watchlist {

// Names of bases: 1 to 64 of a-z, 0-9, '-', '_', beginning with a letter or digit (they become file names).
absl::Status CheckBaseName(std::string_view base);

// What is stored; everything else of a snapshot is derived from it.
struct SnapshotContent {
  std::string base;
  std::string format;
  std::string version;
  std::string published;  // YYYY-MM-DD, or empty
  std::string sha256;     // of the imported file
  absl::Time imported_at;
  std::vector<ListRecord> records;
  std::vector<DocumentRecord> documents;
  friend bool operator==(const SnapshotContent&, const SnapshotContent&) = default;
};

// The content of a finished import.
SnapshotContent MakeContent(std::string base, ImportResult import, absl::Time imported_at);

// Where a document number stands in a snapshot.
struct DocumentPlace {
  bool in_record = false;  // of a listed person: `row` is in records, `item` in its documents
  uint32_t row = 0;        // else: `row` is in documents
  uint32_t item = 0;
};

// Which record and which of its names the name index calls `name`.
struct NamePlace {
  uint32_t record = 0;
  uint32_t item = 0;
};

class Snapshot {
 public:
  // Entities stay in the content and out of the name index: travellers are compared with persons.
  static std::shared_ptr<const Snapshot> Build(SnapshotContent content);

  const SnapshotContent& content() const { return content_; }
  const names::NameIndex& name_index() const { return names_; }
  bool has_persons() const { return names_.name_count() > 0; }
  bool has_documents() const { return !by_number_.empty(); }
  size_t person_count() const { return person_count_; }
  size_t entity_count() const { return content_.records.size() - person_count_; }

  NamePlace PlaceOfName(uint32_t name) const { return name_places_[name]; }
  const ListedDocument& DocumentAt(const DocumentPlace& place) const;
  // All documents whose canonical number, or confusion key, is this one.
  std::vector<DocumentPlace> FindNumber(const std::string& canonical) const;
  std::vector<DocumentPlace> FindConfused(const std::string& confusion_key) const;

 private:
  Snapshot() = default;
  void AddDocument(const ListedDocument& document, DocumentPlace place);

  SnapshotContent content_;
  names::NameIndex names_;
  std::vector<NamePlace> name_places_;
  std::unordered_multimap<std::string, DocumentPlace> by_number_;
  std::unordered_multimap<std::string, DocumentPlace> by_confusion_;
  size_t person_count_ = 0;
};

}  // namespace gatehouse::watchlist
