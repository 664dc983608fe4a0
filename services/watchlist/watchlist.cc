#include "services/watchlist/watchlist.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"

namespace gatehouse::watchlist {

BaseInfo Describe(const Snapshot& snapshot, absl::Time now, const Ages& ages) {
  const SnapshotContent& content = snapshot.content();
  BaseInfo info{.base = content.base,
                .format = content.format,
                .version = content.version,
                .sha256 = content.sha256,
                .imported_at = content.imported_at,
                .age = now - content.imported_at,
                .records = static_cast<int64_t>(content.records.size() + content.documents.size())};
  info.freshness = info.age > ages.max    ? Freshness::kStale
                   : info.age > ages.warn ? Freshness::kAged
                                          : Freshness::kFresh;
  return info;
}

std::shared_ptr<const Watchlist::Bases_> Watchlist::current() const {
  std::lock_guard lock(mutex_);
  return bases_;
}

void Watchlist::Switch(std::vector<StoredBase> loaded) {
  auto next = std::make_shared<Bases_>(*current());
  for (StoredBase& stored : loaded) {
    Current& entry = (*next)[stored.content.base];
    if (entry.import_number >= stored.import_number) continue;
    entry.imported_by = stored.imported_by;
    entry.rejected = stored.rejected;
    entry.import_number = stored.import_number;
    entry.snapshot = Snapshot::Build(std::move(stored.content));
  }
  std::lock_guard lock(mutex_);
  bases_ = std::move(next);
}

absl::Status Watchlist::Refresh() {
  std::lock_guard import_lock(import_mutex_);
  int64_t newest = 0;
  for (const auto& [name, entry] : *current()) newest = std::max(newest, entry.import_number);
  GH_ASSIGN_OR_RETURN(std::vector<StoredBase> loaded, deps_.store.LoadSince(newest));
  if (!loaded.empty()) Switch(std::move(loaded));
  return absl::OkStatus();
}

absl::StatusOr<ImportOutcome> Watchlist::Import(std::string base, std::string_view format, std::string_view bytes,
                                                std::string_view imported_by) {
  GH_RETURN_IF_ERROR(CheckBaseName(base));
  GH_ASSIGN_OR_RETURN(ImportResult import, ImportList(format, bytes));
  if (import.records.empty() && import.documents.empty() && !import.rejected.empty()) {
    // The base that serves now is worth more than an empty one in its place.
    return absl::InvalidArgumentError(absl::StrCat("file: none of its ", import.rows, " rows can be used; line ",
                                                   import.rejected.front().line, ": ", import.rejected.front().reason));
  }
  ImportOutcome outcome;
  outcome.rejected = std::move(import.rejected);
  StoredBase stored;
  stored.imported_by = std::string(imported_by);
  stored.rejected = static_cast<int64_t>(outcome.rejected.size());
  stored.content = MakeContent(base, std::move(import), deps_.clock.Now());
  GH_RETURN_IF_ERROR(deps_.store.Save(stored));
  // The store numbers imports, so what is served is what was read back from it.
  GH_RETURN_IF_ERROR(Refresh());
  const std::shared_ptr<const Bases_> bases = current();
  outcome.info = Info(bases->at(base));
  return outcome;
}

std::vector<BaseAnswer> Watchlist::Screen(const Query& query, bool all_candidates) const {
  std::vector<Base> bases;
  for (const auto& [name, entry] : *current()) bases.push_back({name, entry.snapshot});
  return watchlist::Screen(query, bases, {.now = deps_.clock.Now(), .max_age = deps_.ages.max, .all = all_candidates});
}

BaseInfo Watchlist::Info(const Current& entry) const {
  BaseInfo info = Describe(*entry.snapshot, deps_.clock.Now(), deps_.ages);
  info.imported_by = entry.imported_by;
  info.rejected = entry.rejected;
  return info;
}

std::vector<BaseInfo> Watchlist::Bases() const {
  std::vector<BaseInfo> infos;
  for (const auto& [name, entry] : *current()) infos.push_back(Info(entry));
  return infos;
}

}  // namespace gatehouse::watchlist
