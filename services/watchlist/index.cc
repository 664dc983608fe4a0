#include "services/watchlist/index.h"

#include "libs/base/check.h"
#include "services/watchlist/document_number.h"

namespace gatehouse::watchlist {
namespace {

using DocumentMap = std::unordered_multimap<std::string, DocumentPlace>;

std::vector<DocumentPlace> FindIn(const DocumentMap& map, const std::string& key) {
  std::vector<DocumentPlace> places;
  const auto [begin, end] = map.equal_range(key);
  for (auto it = begin; it != end; ++it) places.push_back(it->second);
  return places;
}

}  // namespace

absl::Status CheckBaseName(std::string_view base) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  if (base.empty() || base.size() > 64 || base.find_first_not_of(kAllowed) != std::string_view::npos ||
      base[0] == '-' || base[0] == '_') {
    return absl::InvalidArgumentError("base: 1 to 64 of a-z, 0-9, - and _, beginning with a letter or digit");
  }
  return absl::OkStatus();
}

SnapshotContent MakeContent(std::string base, ImportResult import, absl::Time imported_at) {
  SnapshotContent content;
  content.base = std::move(base);
  content.format = std::move(import.format);
  content.version = std::move(import.version);
  content.published = std::move(import.published);
  content.sha256 = std::move(import.sha256);
  content.imported_at = imported_at;
  content.records = std::move(import.records);
  content.documents = std::move(import.documents);
  return content;
}

std::shared_ptr<const Snapshot> Snapshot::Build(SnapshotContent content) {
  const std::shared_ptr<Snapshot> snapshot(new Snapshot);
  snapshot->content_ = std::move(content);
  const SnapshotContent& kept = snapshot->content_;
  for (uint32_t row = 0; row < kept.records.size(); ++row) {
    const ListRecord& record = kept.records[row];
    for (uint32_t item = 0; item < record.documents.size(); ++item) {
      snapshot->AddDocument(record.documents[item], {true, row, item});
    }
    if (record.kind != RecordKind::kPerson) continue;
    ++snapshot->person_count_;
    for (uint32_t item = 0; item < record.names.size(); ++item) {
      snapshot->names_.Add(row, record.names[item].text);
      snapshot->name_places_.push_back({row, item});
    }
  }
  for (uint32_t row = 0; row < kept.documents.size(); ++row) {
    snapshot->AddDocument(kept.documents[row].document, {false, row, 0});
  }
  snapshot->names_.Finish();
  return snapshot;
}

void Snapshot::AddDocument(const ListedDocument& document, DocumentPlace place) {
  const std::string number = CanonicalDocumentNumber(document.number);
  if (number.empty()) return;
  by_number_.emplace(number, place);
  by_confusion_.emplace(ConfusionKey(number), place);
}

const ListedDocument& Snapshot::DocumentAt(const DocumentPlace& place) const {
  if (!place.in_record) return content_.documents[place.row].document;
  return content_.records[place.row].documents[place.item];
}

std::vector<DocumentPlace> Snapshot::FindNumber(const std::string& canonical) const {
  return FindIn(by_number_, canonical);
}

std::vector<DocumentPlace> Snapshot::FindConfused(const std::string& confusion_key) const {
  return FindIn(by_confusion_, confusion_key);
}

}  // namespace gatehouse::watchlist
