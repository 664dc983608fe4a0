#include "services/document/trust_element.h"

#include <algorithm>
#include <utility>

namespace gatehouse::document {

std::string_view ToWord(TrustElementState state) {
  static constexpr std::string_view kWords[] = {"staged",     "one_approval", "in_use",
                                                "superseded", "removed",      "rejected"};
  return kWords[static_cast<size_t>(state)];
}

std::shared_ptr<const TrustChange> TrustElementFold::PartOf(TrustChange change) const {
  std::erase_if(change.additions, [&](const TrustAddition& one) {
    return one.fingerprint != fingerprint_ && one.replaces != fingerprint_;
  });
  change.additions.shrink_to_fit();
  std::erase_if(change.removals, [&](const TrustRemoval& one) { return one.fingerprint != fingerprint_; });
  return std::make_shared<const TrustChange>(std::move(change));
}

void TrustElementFold::Note(std::string what, const TrustChange& heading) {
  events_.push_back({.what = std::move(what),
                     .change_number = heading.number,
                     .version_number = heading.version_number,
                     .time = heading.time,
                     .by = heading.by,
                     .import_id = heading.import_id,
                     .note = heading.note});
}

void TrustElementFold::Apply(TrustChange change, const TrustLedger& ledger) {
  TrustChange heading = change;
  heading.DropPayload();
  switch (change.cause) {
    case TrustCause::kImport:
    case TrustCause::kRemoval:
    case TrustCause::kPack:
      return TakeIn(PartOf(std::move(change)), heading);
    case TrustCause::kAccept:
      return Accept(heading, ledger);
    case TrustCause::kReject:
      if (parts_.erase(heading.import_id) == 0) return;
      if (heading.import_id == last_import_) left_as_ = TrustElementState::kRejected;
      return Note("rejected", heading);
  }
}

void TrustElementFold::TakeIn(std::shared_ptr<const TrustChange> part, const TrustChange& heading) {
  bool waits = false;
  for (const TrustAddition& addition : part->additions) {
    waits |= addition.pending;
    if (addition.fingerprint != fingerprint_) continue;
    last_ = part;
    last_import_ = heading.import_id;
    source_.reset();
    if (addition.pending) Note("staged", heading);
  }
  for (const TrustRemoval& removal : part->removals) {
    waits |= removal.pending;
    if (removal.pending) Note("removal_staged", heading);
  }
  if (waits) parts_[heading.import_id] = part;
  Use(part, /*pending=*/false, {heading.by.identity}, heading);
}

void TrustElementFold::Accept(const TrustChange& heading, const TrustLedger& ledger) {
  const auto part = parts_.find(heading.import_id);
  if (part == parts_.end() || !ledger.MayAccept(heading.import_id, heading.by).ok()) return;
  Note("accepted", heading);
  const std::vector<std::string> people = ledger.PeopleWith(heading.import_id, heading.by);
  if (people.empty()) return;
  Use(part->second, /*pending=*/true, people, heading);
  parts_.erase(part);
}

void TrustElementFold::Use(std::shared_ptr<const TrustChange> part, bool pending,
                           const std::vector<std::string>& people, const TrustChange& heading) {
  const bool before = used_.Contains(fingerprint_);
  used_.Apply(part, pending, people, heading.time);
  const bool now = used_.Contains(fingerprint_);
  if (now) source_ = used_.SourceOf(fingerprint_);
  if (before == now) return;
  if (now) {
    versions_.push_back({.first = heading.version_number, .last = std::nullopt});
    superseded_by_.clear();
    return Note("used", heading);
  }
  versions_.back().last = heading.version_number - 1;
  const auto successor = std::find_if(part->additions.begin(), part->additions.end(), [&](const TrustAddition& one) {
    return one.pending == pending && one.replaces == fingerprint_;
  });
  const bool superseded = successor != part->additions.end();
  left_as_ = superseded ? TrustElementState::kSuperseded : TrustElementState::kRemoved;
  if (superseded) superseded_by_ = pki::ToText(successor->fingerprint);
  Note(superseded ? "superseded" : "removed", heading);
}

std::optional<TrustElementRecord> TrustElementFold::Record(const TrustLedger& ledger) const {
  if (last_ == nullptr) return std::nullopt;
  const auto addition = std::find_if(last_->additions.begin(), last_->additions.end(),
                                     [&](const TrustAddition& one) { return one.fingerprint == fingerprint_; });
  TrustElementRecord record;
  const pki::Bytes content = pki::AsBytes(addition->content);
  record.entry = EntryOf(addition->role, content, source_ ? *source_ : last_->sources[addition->source]);
  record.details = DetailsOf(addition->role, content);
  record.superseded_by = superseded_by_;
  record.versions = versions_;
  record.events = events_;
  const TrustImport* from = ledger.Find(last_import_);
  if (source_) {
    record.people = source_->accepted_by;
  } else if (from != nullptr) {
    record.people = from->People();
  }
  if (used_.Contains(fingerprint_)) {
    record.state = TrustElementState::kInUse;
  } else if (parts_.contains(last_import_) && from != nullptr) {
    record.state = from->accepted_by.empty() ? TrustElementState::kStaged : TrustElementState::kOneApproval;
  } else {
    record.state = left_as_;
  }
  return record;
}

}  // namespace gatehouse::document
