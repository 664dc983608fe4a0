#include "services/watchlist/edition.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "libs/base/partial_date.h"
#include "libs/base/status_macros.h"

namespace gatehouse::watchlist {
namespace {

std::optional<absl::CivilDay> ReadDay(std::string_view published) {
  const absl::StatusOr<base::PartialDate> date = base::ParsePartialDate(published);
  if (!date.ok() || date->year == 0 || date->month == 0 || date->day == 0) return std::nullopt;
  return absl::CivilDay(date->year, date->month, date->day);
}

// The time from which two persons say so: the second newest of the newest word of each.
std::optional<absl::Time> ConfirmedByPeople(const std::vector<Word>& words) {
  std::map<std::string, absl::Time> newest;
  for (const Word& word : words) {
    const auto [place, added] = newest.emplace(word.person, word.time);
    if (!added) place->second = std::max(place->second, word.time);
  }
  if (newest.size() < 2) return std::nullopt;
  std::vector<absl::Time> times;
  for (const auto& [person, time] : newest) times.push_back(time);
  std::sort(times.rbegin(), times.rend());
  return times[1];
}

std::set<std::string> RecordIds(const SnapshotContent& content) {
  std::set<std::string> ids;
  for (const ListRecord& record : content.records) ids.insert(record.record_id);
  for (const DocumentRecord& document : content.documents) ids.insert(document.record_id);
  return ids;
}

int64_t RecordCount(const SnapshotContent& content) {
  return static_cast<int64_t>(content.records.size() + content.documents.size());
}

// By the counts alone while the held edition cannot be read.
EditionChange Compare(const HeldEdition& held, const SnapshotContent& next) {
  if (held.content == nullptr) {
    const int64_t grown = RecordCount(next) - held.records;
    return {.added = std::max<int64_t>(grown, 0), .removed = std::max<int64_t>(-grown, 0)};
  }
  const std::set<std::string> before = RecordIds(*held.content);
  const std::set<std::string> after = RecordIds(next);
  EditionChange change;
  for (const std::string& id : after) change.added += before.contains(id) ? 0 : 1;
  for (const std::string& id : before) change.removed += after.contains(id) ? 0 : 1;
  return change;
}

// Named removals that really are removals are no loss. INVALID_ARGUMENT for any other.
absl::Status CheckRemovals(const std::optional<HeldEdition>& held, const SnapshotContent& next,
                           const std::vector<std::string>& removals) {
  if (removals.empty()) return absl::OkStatus();
  if (removals.size() > kMaxNamedRemovals) {
    return absl::InvalidArgumentError(absl::StrCat("removed_record_ids: more than ", kMaxNamedRemovals));
  }
  if (!held.has_value() || held->content == nullptr) {
    return absl::InvalidArgumentError("removed_record_ids: no edition is held that could lose them");
  }
  const std::set<std::string> before = RecordIds(*held->content);
  const std::set<std::string> after = RecordIds(next);
  std::set<std::string> seen;
  for (const std::string& id : removals) {
    if (!before.contains(id))
      return absl::InvalidArgumentError("removed_record_ids: the edition held has no such record");
    if (after.contains(id)) return absl::InvalidArgumentError("removed_record_ids: the file still has the record");
    if (!seen.insert(id).second) return absl::InvalidArgumentError("removed_record_ids: given twice");
  }
  return absl::OkStatus();
}

// A single one is never many.
bool IsMany(int64_t part, int64_t whole, int percent) { return part > 1 && part * 100 > whole * percent; }

std::string DateOrNone(const std::string& published) { return published.empty() ? "no date" : published; }

// OK also for an older one that is asked for by its name; `older` says so.
absl::Status CheckOrder(const HeldEdition& held, const SnapshotContent& next, const std::string& allowed, bool& older) {
  // Days compare as they are written. Nobody can order an edition without a date.
  older = !held.published.empty() && next.published < held.published;
  if (!older) return absl::OkStatus();
  if (allowed.empty()) {
    if (next.published.empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat("the list carries no date, and the base holds the edition of ", held.published,
                       ": give the owner's date of this one (--published), or ask for it by name (--allow-older ",
                       next.version, ")"));
    }
    return absl::FailedPreconditionError(
        absl::StrCat("the list is of ", next.published, ", and the base holds the newer edition of ", held.published,
                     "; ask for it by name if that is meant (--allow-older ", next.published, ")"));
  }
  if (allowed == next.version || allowed == next.published) return absl::OkStatus();
  return absl::InvalidArgumentError("allow_older: the file is of another version and date");
}

// A list of one kind in the place of another searches nothing of what the base was asked for.
void AddReasonsOfKind(const std::optional<HeldEdition>& held, const SnapshotContent& next, const BaseNeed& need,
                      std::vector<std::string>& reasons) {
  if (!held.has_value() && need.is_unknown) {
    reasons.push_back("a new base of a name that the configuration does not know");
  }
  if (held.has_value() && held->content != nullptr && held->content->format != next.format) {
    reasons.push_back(absl::StrCat("its format is ", next.format, ", and the base holds ", held->content->format));
  }
  for (const ListKind kind : {ListKind::kPersons, ListKind::kDocuments}) {
    if (!(kind == ListKind::kPersons ? need.for_persons : need.for_documents)) continue;
    if (KindOfFormat(next.format) == kind) continue;
    reasons.push_back(absl::StrCat("the configuration requires the base for ", std::string(ListKindName(kind)),
                                   ", and ", next.format, " is of another kind"));
  }
}

void AddReasonsOfLoss(const HeldEdition& held, const SnapshotContent& next, int64_t lost, int percent,
                      std::vector<std::string>& reasons) {
  if (IsMany(lost, held.records, percent) || (held.records > 0 && RecordCount(next) == 0)) {
    reasons.push_back(absl::StrCat("it lacks ", lost, " of the ", held.records, " entries that are held"));
  } else if (lost > 0 && IsMany(lost + held.lost_lately, held.records + held.lost_lately, percent)) {
    reasons.push_back(absl::StrCat("it lacks ", lost, " of the ", held.records, " entries that are held, and ",
                                   held.lost_lately, " others were lost in the last ", absl::ToInt64Hours(kLossWindow),
                                   " hours"));
  }
}

}  // namespace

std::optional<absl::Time> ConfirmedAt(const SnapshotContent& edition, const std::vector<Word>& words) {
  std::optional<absl::Time> confirmed = ConfirmedByPeople(words);
  if (const std::optional<absl::CivilDay> day = ReadDay(edition.published); day.has_value()) {
    const absl::Time end_of_day = absl::FromCivil(*day + 1, absl::UTCTimeZone());
    const absl::Time by_date = std::min(end_of_day, edition.imported_at);
    confirmed = std::max(confirmed.value_or(by_date), by_date);
  }
  return confirmed;
}

absl::Status GiveDate(std::string_view published, absl::Time now, ImportResult& import) {
  if (!published.empty()) {
    if (!ReadDay(published).has_value()) return absl::InvalidArgumentError("published_date: no such day (YYYY-MM-DD)");
    if (!import.published.empty() && import.published != published) {
      return absl::InvalidArgumentError(absl::StrCat("published_date: the list itself says ", import.published));
    }
    import.published = std::string(published);
  }
  if (import.published.empty()) return absl::OkStatus();
  const std::optional<absl::CivilDay> day = ReadDay(import.published);
  if (!day.has_value())
    return absl::InvalidArgumentError("published_date: the list's own date is no day of a calendar");
  if (*day > absl::ToCivilDay(now, absl::UTCTimeZone()) + 1) {
    return absl::InvalidArgumentError(absl::StrCat("published_date: ", import.published, " is yet to come"));
  }
  return absl::OkStatus();
}

absl::StatusOr<ImportPlan> PlanImport(const std::optional<HeldEdition>& held, const SnapshotContent& next,
                                      size_t rejected, size_t rows, const ImportTerms& terms,
                                      const ReviewLimits& limits, const BaseNeed& need) {
  ImportPlan plan;
  plan.change.added = RecordCount(next);
  if (held.has_value()) {
    // A date for an edition that had none is news; another date for one that has is not for one person to say.
    const bool dates_it = held->published.empty() && !next.published.empty();
    if (held->content != nullptr && held->sha256 == next.sha256 && !dates_it) return ImportPlan{.unchanged = true};
    bool older = false;
    GH_RETURN_IF_ERROR(CheckOrder(*held, next, terms.allow_older, older));
    if (older) {
      plan.reasons.push_back(
          absl::StrCat("it goes back in time, from ", held->published, " to ", DateOrNone(next.published)));
    }
    plan.change = Compare(*held, next);
    // As many entries may be other ones. Only the file that was held, of the date it had, says that they are the same.
    const bool is_held = held->sha256 == next.sha256 && (held->published == next.published || dates_it);
    if (held->content == nullptr && !is_held) {
      plan.reasons.push_back("the edition that is held cannot be read and compared");
    }
  }
  GH_RETURN_IF_ERROR(CheckRemovals(held, next, terms.removals));
  AddReasonsOfKind(held, next, need, plan.reasons);
  if (held.has_value()) {
    plan.lost = plan.change.removed - static_cast<int64_t>(terms.removals.size());
    AddReasonsOfLoss(*held, next, plan.lost, limits.lost_percent, plan.reasons);
  }
  if (IsMany(static_cast<int64_t>(rejected), static_cast<int64_t>(rows), limits.rejected_percent)) {
    plan.reasons.push_back(absl::StrCat(rejected, " of its ", rows, " rows cannot be read"));
  }
  return plan;
}

}  // namespace gatehouse::watchlist
