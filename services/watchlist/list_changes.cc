// The changes of the lists: import, the second person's word, confirmation.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"
#include "services/watchlist/watchlist.h"

namespace gatehouse::watchlist {
namespace {

constexpr int kAttempts = 3;  // against imports by other replicas
constexpr size_t kMaxReasonBytes = 512;

absl::Status CheckPerson(const Actor& by) {
  if (by.person) return absl::OkStatus();
  return absl::PermissionDeniedError("a machine's word does not count: this needs a person");
}

RequestKey KeyOf(const ChangeRequest& request, const ListChange& change) {
  RequestKey key{.id = request.id, .digest = request.digest};
  if (!key.id.empty() && request.render != nullptr) key.answer = request.render(change);
  return key;
}

// Persons who stand behind it, the importer first.
std::vector<std::string> PeopleOf(const StagedImport& staged) {
  std::vector<std::string> people;
  if (staged.imported_by.person) people.push_back(staged.imported_by.identity);
  people.insert(people.end(), staged.accepted_by.begin(), staged.accepted_by.end());
  return people;
}

absl::Status CheckWaits(const StagedImport& staged) {
  if (staged.state == StagedState::kWaiting) return absl::OkStatus();
  return absl::FailedPreconditionError("it does not wait any more: it was accepted, rejected or superseded");
}

}  // namespace

absl::StatusOr<std::optional<std::string>> Watchlist::FindAnswer(const ChangeRequest& request) const {
  if (request.id.empty()) return std::nullopt;
  return deps_.store.FindAnswer({.id = request.id, .digest = request.digest});
}

BaseInfo Watchlist::InfoOfNew(const StoredBase& stored) const {
  BaseInfo info = Describe(stored.content, {}, deps_.clock.Now(), deps_.ages);
  info.imported_by = stored.imported_by;
  info.accepted_by = stored.accepted_by;
  info.rejected = stored.rejected;
  const BaseNeed need = deps_.required.Of(info.base);
  info.required_for_persons = need.for_persons;
  info.required_for_documents = need.for_documents;
  return info;
}

absl::StatusOr<ListChange> Watchlist::Import(const ImportOrder& order, const ChangeRequest& request) {
  GH_RETURN_IF_ERROR(CheckBaseName(order.base));
  GH_ASSIGN_OR_RETURN(ImportResult import, ImportList(order.format, order.bytes));
  if (import.records.empty() && import.documents.empty() && !import.rejected.empty()) {
    // The base that serves now is worth more than an empty one in its place.
    return absl::InvalidArgumentError(absl::StrCat("file: none of its ", import.rows, " rows can be used; line ",
                                                   import.rejected.front().line, ": ", import.rejected.front().reason));
  }
  const absl::Time now = deps_.clock.Now();
  GH_RETURN_IF_ERROR(GiveDate(order.published, now, import));
  ListChange change;
  change.rejected = std::move(import.rejected);
  const size_t rows = import.rows;
  StoredBase stored{.imported_by = request.by.identity, .rejected = static_cast<int64_t>(change.rejected.size())};
  stored.content = MakeContent(order.base, std::move(import), now);
  absl::Status done;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    done = ImportOnce(order, request, rows, stored, change);
    if (done.code() != absl::StatusCode::kAborted) break;
  }
  GH_RETURN_IF_ERROR(done);
  return change;
}

absl::Status Watchlist::ImportOnce(const ImportOrder& order, const ChangeRequest& request, size_t rows,
                                   StoredBase& stored, ListChange& change) {
  const std::unique_lock lock(import_mutex_, base::CurrentWorkTime().until);
  if (!lock.owns_lock()) return absl::DeadlineExceededError(kAnotherChange);
  // What another replica imported counts, too; that some other base cannot be loaded does not matter here.
  if (const absl::Status fresh = RefreshLocked(); !fresh.ok() && current()->empty()) return fresh;
  const std::shared_ptr<const Bases_> held_bases = current();
  const auto entry = held_bases->find(order.base);
  std::optional<HeldEdition> held;
  int64_t held_number = 0;
  if (entry != held_bases->end()) {
    const BaseHead& head = entry->second.head;
    held_number = head.import_number;
    held = {.version = head.version,
            .published = head.published,
            .sha256 = head.sha256,
            .records = head.records,
            .lost_lately = head.lost_lately};
    if (entry->second.fault.empty()) held->content = &entry->second.snapshot->content();
  } else if (held_bases->size() >= kMaxBases) {
    return absl::ResourceExhaustedError(absl::StrCat("more than ", kMaxBases, " bases"));
  }
  GH_ASSIGN_OR_RETURN(const ImportPlan plan,
                      PlanImport(held, stored.content, static_cast<size_t>(stored.rejected), rows, order.terms,
                                 deps_.review, deps_.required.Of(order.base)));
  if (plan.unchanged) {
    change.result = ChangeResult::kUnchanged;
    change.info = InfoOf(order.base);
    return absl::OkStatus();
  }
  if (plan.reasons.empty()) {
    change.result = ChangeResult::kImported;
    change.info = InfoOfNew(stored);
    stored.lost = plan.lost;
    GH_RETURN_IF_ERROR(deps_.store.Save(stored, held_number, nullptr, KeyOf(request, change)));
    // The import is durable: what another base lacks is told by that base.
    (void)RefreshLocked();
    return absl::OkStatus();
  }
  change.result = ChangeResult::kStaged;
  change.info = InfoOf(order.base);
  change.staged = StagedImport{.id = base::NewUuid(deps_.clock, deps_.random),
                               .base = order.base,
                               .reasons = plan.reasons,
                               .version = stored.content.version,
                               .published = stored.content.published,
                               .sha256 = stored.content.sha256,
                               .records = InfoOfNew(stored).records,
                               .rejected = stored.rejected,
                               .change = plan.change,
                               .held_import_number = held_number,
                               .imported_by = request.by,
                               .imported_at = stored.content.imported_at};
  return deps_.store.Stage(*change.staged, stored.content, KeyOf(request, change));
}

absl::StatusOr<ListChange> Watchlist::Accept(const std::string& staged_id, const ChangeRequest& request) {
  GH_RETURN_IF_ERROR(CheckPerson(request.by));
  const std::unique_lock lock(import_mutex_, base::CurrentWorkTime().until);
  if (!lock.owns_lock()) return absl::DeadlineExceededError(kAnotherChange);
  ListChange change;
  GH_ASSIGN_OR_RETURN(StagedImport staged, deps_.store.FindStaged(staged_id));
  GH_RETURN_IF_ERROR(CheckWaits(staged));
  const std::vector<std::string> people = PeopleOf(staged);
  if (std::find(people.begin(), people.end(), request.by.identity) != people.end()) {
    return absl::PermissionDeniedError("you stand behind it already: another person has to accept it");
  }
  staged.accepted_by.push_back(request.by.identity);
  staged.decided_at = deps_.clock.Now();
  if (people.empty()) {  // a machine imported it, and this is the first of two persons
    change.result = ChangeResult::kStaged;
    change.staged = staged;
    GH_RETURN_IF_ERROR(deps_.store.UpdateStaged(staged, KeyOf(request, change)));
    return change;
  }
  staged.state = StagedState::kAccepted;
  StoredBase stored{.imported_by = staged.imported_by.identity,
                    .accepted_by = absl::StrJoin(staged.accepted_by, ", "),
                    .rejected = staged.rejected};
  GH_ASSIGN_OR_RETURN(stored.content, deps_.store.LoadStaged(staged_id));
  change.result = ChangeResult::kImported;
  change.info = InfoOfNew(stored);
  change.staged = staged;
  const absl::Status saved =
      deps_.store.Save(stored, staged.held_import_number, &*change.staged, KeyOf(request, change));
  if (saved.code() == absl::StatusCode::kAborted) {
    return absl::FailedPreconditionError(
        "the base has another edition by now than this was compared with: import again");
  }
  GH_RETURN_IF_ERROR(saved);
  (void)RefreshLocked();
  return change;
}

absl::StatusOr<ListChange> Watchlist::Reject(const std::string& staged_id, const std::string& reason,
                                             const ChangeRequest& request) {
  GH_RETURN_IF_ERROR(CheckPerson(request.by));
  if (reason.empty() || reason.size() > kMaxReasonBytes) {
    return absl::InvalidArgumentError(absl::StrCat("reason: 1 to ", kMaxReasonBytes, " bytes"));
  }
  const std::unique_lock lock(import_mutex_, base::CurrentWorkTime().until);
  if (!lock.owns_lock()) return absl::DeadlineExceededError(kAnotherChange);
  ListChange change{.result = ChangeResult::kRejected};
  GH_ASSIGN_OR_RETURN(StagedImport staged, deps_.store.FindStaged(staged_id));
  GH_RETURN_IF_ERROR(CheckWaits(staged));
  staged.state = StagedState::kRejected;
  staged.rejected_by = request.by.identity;
  staged.reject_reason = reason;
  staged.decided_at = deps_.clock.Now();
  change.staged = staged;
  GH_RETURN_IF_ERROR(deps_.store.UpdateStaged(staged, KeyOf(request, change)));
  return change;
}

absl::StatusOr<ListChange> Watchlist::Confirm(const std::string& base, const ChangeRequest& request) {
  GH_RETURN_IF_ERROR(CheckPerson(request.by));
  const std::unique_lock lock(import_mutex_, base::CurrentWorkTime().until);
  if (!lock.owns_lock()) return absl::DeadlineExceededError(kAnotherChange);
  GH_RETURN_IF_ERROR(RefreshLocked());
  const std::shared_ptr<const Bases_> held = current();
  const auto entry = held->find(base);
  if (entry == held->end()) return absl::NotFoundError("base: there is none of this name");
  if (!entry->second.fault.empty()) return absl::FailedPreconditionError(absl::StrCat("base: ", entry->second.fault));
  const Word word{.person = request.by.identity, .time = deps_.clock.Now()};
  std::vector<Word> words = entry->second.head.words;
  std::erase_if(words, [&word](const Word& known) { return known.person == word.person; });
  words.push_back(word);
  ListChange change{.result = ChangeResult::kConfirmed, .info = InfoOf(base)};
  const BaseInfo described = Describe(entry->second.snapshot->content(), words, word.time, deps_.ages);
  change.info->confirmed_at = described.confirmed_at;
  change.info->confirmed_by = described.confirmed_by;
  change.info->age = described.age;
  change.info->freshness = described.freshness;
  GH_RETURN_IF_ERROR(deps_.store.AddWord(entry->second.head, word, KeyOf(request, change)));
  (void)RefreshLocked();
  return change;
}

}  // namespace gatehouse::watchlist
