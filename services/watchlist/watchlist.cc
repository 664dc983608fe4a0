#include "services/watchlist/watchlist.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"

namespace gatehouse::watchlist {

BaseInfo Describe(const SnapshotContent& edition, const std::vector<Word>& words, absl::Time now, const Ages& ages) {
  BaseInfo info{.base = edition.base,
                .format = edition.format,
                .version = edition.version,
                .published = edition.published,
                .sha256 = edition.sha256,
                .imported_at = edition.imported_at,
                .confirmed_at = ConfirmedAt(edition, words),
                .records = static_cast<int64_t>(edition.records.size() + edition.documents.size())};
  for (const Word& word : words) info.confirmed_by.push_back(word.person);
  if (info.confirmed_at.has_value()) info.age = std::max(now - *info.confirmed_at, absl::ZeroDuration());
  const bool unknown = info.confirmed_at.has_value() && IsYetToCome(*info.confirmed_at, now);
  info.freshness = unknown || info.age > ages.max ? Freshness::kStale
                   : info.age > ages.warn         ? Freshness::kAged
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
  GH_RETURN_IF_ERROR(CheckNames("required_document_bases", documents));
  for (const std::string& name : documents) {
    // No format holds both kinds: nobody could ever be cleared.
    if (std::find(persons.begin(), persons.end(), name) == persons.end()) continue;
    return absl::InvalidArgumentError(absl::StrCat("required_document_bases: ", name, " is required for persons"));
  }
  return absl::OkStatus();
}

BaseNeed RequiredBases::Of(const std::string& base) const {
  const auto names = [&base](const std::vector<std::string>& bases) {
    return std::find(bases.begin(), bases.end(), base) != bases.end();
  };
  BaseNeed need{.for_persons = names(persons), .for_documents = names(documents)};
  need.is_unknown = !need.for_persons && !need.for_documents && !(persons.empty() && documents.empty());
  return need;
}

absl::Status Watchlist::Load(const BaseHead& head, Current& entry) const {
  absl::StatusOr<StoredBase> stored = deps_.store.Load(head);
  if (!stored.ok() && IsTransient(stored.status())) {
    // Asked for again with the next round. What is in memory is known not to be the newest.
    entry.fault = absl::StrCat("its newest edition is not loaded: ", stored.status().message());
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
           .accepted_by = stored->accepted_by,
           .rejected = stored->rejected};
  return absl::OkStatus();
}

absl::Status Watchlist::Refresh() {
  const std::unique_lock import_lock(import_mutex_, base::CurrentWorkTime().until);
  if (import_lock.owns_lock()) return RefreshLocked();
  const absl::Status busy = absl::DeadlineExceededError(kAnotherChange);
  DoubtWhenLongUnasked(busy);
  return busy;
}

void Watchlist::DoubtAll(const absl::Status& why, Bases_& bases) {
  for (auto& [name, entry] : bases) {
    if (!entry.fault.empty()) continue;
    entry.fault = absl::StrCat("whether it is the newest edition is not known: ", why.message());
  }
}

// Whether what is in memory is the newest, nobody knows after a while.
void Watchlist::DoubtWhenLongUnasked(const absl::Status& why) {
  const absl::Time now = deps_.clock.Now();
  std::lock_guard lock(mutex_);
  if (heads_known_at_ <= now && now - heads_known_at_ < kMaxUnasked) return;
  auto doubted = std::make_shared<Bases_>(*bases_);
  DoubtAll(why, *doubted);
  bases_ = std::move(doubted);
}

absl::Status Watchlist::RefreshLocked() {
  const absl::StatusOr<BaseHeads> asked = deps_.store.Heads();
  if (!asked.ok()) {
    DoubtWhenLongUnasked(asked.status());
    return asked.status();
  }
  const std::vector<BaseHead>& heads = asked->heads;
  const std::shared_ptr<const Bases_> held = current();
  auto next = std::make_shared<Bases_>();
  absl::Status first_error;
  const absl::Time now = deps_.clock.Now();
  for (const BaseHead& head : heads) {
    Current& entry = (*next)[head.base];
    const auto known = held->find(head.base);
    if (known != held->end()) entry = known->second;
    const bool is_same = known != held->end() && entry.head.import_number == head.import_number &&
                         entry.head.version_id == head.version_id;
    if (is_same && (entry.fault.empty() || now < entry.retry_at)) {
      entry.head.words = head.words;
      entry.head.lost_lately = head.lost_lately;
      continue;
    }
    first_error.Update(Load(head, entry));
  }
  if (!asked->partial.ok()) {
    // What is in memory and stands in no head may be it, and so may any that was never in memory.
    for (const auto& [name, entry] : *held) next->try_emplace(name, entry);
    DoubtAll(asked->partial, *next);
    first_error.Update(asked->partial);
  }
  std::lock_guard lock(mutex_);
  heads_known_at_ = now;
  bases_ = std::move(next);
  return first_error;
}

namespace {

// Words are of the newest edition, which a base with a fault has not in memory.
std::vector<Word> WordsOf(const BaseHead& head, const Snapshot& snapshot) {
  return head.sha256 == snapshot.content().sha256 ? head.words : std::vector<Word>();
}

}  // namespace

std::vector<Base> Watchlist::ToSearch(const Bases_& held) const {
  std::map<std::string, Base> bases;
  for (const auto& [name, entry] : held) {
    bases[name] = {.name = name,
                   .snapshot = entry.snapshot,
                   .confirmed_at = entry.snapshot == nullptr
                                       ? std::nullopt
                                       : ConfirmedAt(entry.snapshot->content(), WordsOf(entry.head, *entry.snapshot)),
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
  const auto entry = held.find(base.name);
  if (base.snapshot != nullptr) {
    info =
        Describe(base.snapshot->content(), WordsOf(entry->second.head, *base.snapshot), deps_.clock.Now(), deps_.ages);
  }
  info.base = base.name;
  info.fault = base.fault;
  info.required_for_persons = base.required_for_persons;
  info.required_for_documents = base.required_for_documents;
  if (entry != held.end()) {
    info.imported_by = entry->second.imported_by;
    info.accepted_by = entry->second.accepted_by;
    info.rejected = entry->second.rejected;
  }
  for (const ListKind kind : {ListKind::kPersons, ListKind::kDocuments}) {
    if (info.fault.empty()) info.fault = LackOf(kind, base);
  }
  if (!info.fault.empty()) info.state = entry == held.end() ? BaseState::kMissing : BaseState::kUnusable;
  return info;
}

std::vector<BaseInfo> Watchlist::Bases() const {
  std::vector<BaseInfo> infos;
  const std::shared_ptr<const Bases_> held = current();
  for (const Base& base : ToSearch(*held)) infos.push_back(Info(base, *held));
  return infos;
}

std::optional<BaseInfo> Watchlist::InfoOf(const std::string& base) const {
  for (const BaseInfo& info : Bases()) {
    if (info.base == base) return info;
  }
  return std::nullopt;
}

}  // namespace gatehouse::watchlist
