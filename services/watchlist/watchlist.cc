#include "services/watchlist/watchlist.h"

#include <set>
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

namespace {

absl::Status CheckNames(std::string_view kind, const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (const std::string& name : names) {
    const absl::string_view field(kind.data(), kind.size());
    if (const absl::Status status = CheckBaseName(name); !status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(field, ": ", status.message()));
    }
    if (!seen.insert(name).second) return absl::InvalidArgumentError(absl::StrCat(field, ": ", name, " stands twice"));
  }
  return absl::OkStatus();
}

// Of the moment, not of the edition.
bool IsTransient(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kAborted:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::Status RequiredBases::Check() const {
  GH_RETURN_IF_ERROR(CheckNames("required_person_bases", persons));
  return CheckNames("required_document_bases", documents);
}

absl::Status Watchlist::Load(const BaseHead& head, Current& entry) const {
  absl::StatusOr<StoredBase> stored = deps_.store.Load(head);
  if (!stored.ok() && IsTransient(stored.status())) {
    // What is in memory goes on, and is asked for again with the next round.
    if (entry.snapshot == nullptr) entry.fault = absl::StrCat("it could not be loaded: ", stored.status().message());
    return stored.status();
  }
  if (!stored.ok()) {
    entry.head = head;
    entry.fault = absl::StrCat("its newest edition cannot be used: ", stored.status().message());
    entry.retry_at = deps_.clock.Now() + kRetryPause;
    return absl::OkStatus();
  }
  entry = {.head = head,
           .snapshot = Snapshot::Build(std::move(stored->content)),
           .imported_by = stored->imported_by,
           .rejected = stored->rejected};
  return absl::OkStatus();
}

absl::Status Watchlist::Refresh() {
  std::lock_guard import_lock(import_mutex_);
  GH_ASSIGN_OR_RETURN(const std::vector<BaseHead> heads, deps_.store.Heads());
  const std::shared_ptr<const Bases_> held = current();
  auto next = std::make_shared<Bases_>();
  absl::Status first_error;
  const absl::Time now = deps_.clock.Now();
  for (const BaseHead& head : heads) {
    Current& entry = (*next)[head.base];
    const auto known = held->find(head.base);
    if (known != held->end()) entry = known->second;
    const bool is_same = known != held->end() && entry.head == head;
    if (is_same && (entry.fault.empty() || now < entry.retry_at)) continue;
    first_error.Update(Load(head, entry));
  }
  std::lock_guard lock(mutex_);
  bases_ = std::move(next);
  return first_error;
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
  // The store numbers imports, so what is served is what was read back from it. The import is durable: what another
  // base lacks is told by that base.
  (void)Refresh();
  for (const BaseInfo& info : Bases()) {
    if (info.base == base) outcome.info = info;
  }
  if (outcome.info.base.empty()) return absl::UnavailableError("the import is stored and cannot be read back now");
  return outcome;
}

std::vector<Base> Watchlist::ToSearch(const Bases_& held) const {
  std::map<std::string, Base> bases;
  for (const auto& [name, entry] : held) {
    bases[name] = {.name = name,
                   .snapshot = entry.snapshot,
                   .fault = entry.fault,
                   .holds_persons = entry.head.holds_persons,
                   .holds_documents = entry.head.holds_documents};
  }
  const auto require = [&bases](const std::string& name) -> Base& {
    const auto [place, added] = bases.try_emplace(name);
    if (added) {
      place->second = {
          .name = name, .fault = "it is required and not loaded", .holds_persons = false, .holds_documents = false};
    }
    return place->second;
  };
  for (const std::string& name : deps_.required.persons) require(name).required_for_persons = true;
  for (const std::string& name : deps_.required.documents) require(name).required_for_documents = true;
  std::vector<Base> ordered;
  ordered.reserve(bases.size());
  for (auto& [name, base] : bases) ordered.push_back(std::move(base));
  return ordered;
}

std::vector<BaseAnswer> Watchlist::Screen(const Query& query, bool all_candidates) const {
  return watchlist::Screen(query, ToSearch(*current()),
                           {.now = deps_.clock.Now(), .max_age = deps_.ages.max, .all = all_candidates});
}

BaseInfo Watchlist::Info(const Base& base, const Bases_& held) const {
  BaseInfo info;
  if (base.snapshot != nullptr) info = Describe(*base.snapshot, deps_.clock.Now(), deps_.ages);
  info.base = base.name;
  info.fault = base.fault;
  info.required_for_persons = base.required_for_persons;
  info.required_for_documents = base.required_for_documents;
  const auto entry = held.find(base.name);
  if (entry != held.end()) {
    info.imported_by = entry->second.imported_by;
    info.rejected = entry->second.rejected;
  }
  if (!base.fault.empty()) info.state = entry == held.end() ? BaseState::kMissing : BaseState::kUnusable;
  return info;
}

std::vector<BaseInfo> Watchlist::Bases() const {
  std::vector<BaseInfo> infos;
  const std::shared_ptr<const Bases_> held = current();
  for (const Base& base : ToSearch(*held)) infos.push_back(Info(base, *held));
  return infos;
}

}  // namespace gatehouse::watchlist
