#include "services/document/trust_ledger.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace gatehouse::document {

std::vector<std::string> TrustImport::People() const {
  std::vector<std::string> people;
  if (by.person) people.push_back(by.identity);
  people.insert(people.end(), accepted_by.begin(), accepted_by.end());
  return people;
}

const TrustImport* TrustLedger::Find(const std::string& import_id) const {
  const auto found = place_.find(import_id);
  return found == place_.end() ? nullptr : &imports_[found->second];
}

absl::Status TrustLedger::MayReject(const std::string& import_id) const {
  const TrustImport* import = Find(import_id);
  if (import == nullptr) return absl::NotFoundError("import_id: no such import");
  if (import->state != TrustImportState::kPending) return absl::FailedPreconditionError("nothing of this import waits");
  return absl::OkStatus();
}

absl::Status TrustLedger::MayAccept(const std::string& import_id, const TrustActor& actor) const {
  if (const absl::Status status = MayReject(import_id); !status.ok()) return status;
  if (!actor.person) return absl::PermissionDeniedError("only a named person accepts trust");
  const TrustImport* import = Find(import_id);
  const std::vector<std::string> people = import->People();
  if (actor.identity == import->by.identity ||
      std::find(people.begin(), people.end(), actor.identity) != people.end()) {
    return absl::PermissionDeniedError("another person must accept: you stand behind this import already");
  }
  return absl::OkStatus();
}

std::vector<std::string> TrustLedger::PeopleWith(const std::string& import_id, const TrustActor& actor) const {
  if (!MayAccept(import_id, actor).ok()) return {};
  std::vector<std::string> people = Find(import_id)->People();
  people.push_back(actor.identity);
  return people.size() >= kPeopleForAnchors ? people : std::vector<std::string>();
}

void TrustLedger::Apply(const TrustChange& heading) {
  GH_CHECK(heading.number > number_);
  number_ = heading.number;
  if (heading.unreadable) return;
  if (heading.pkd_held) pkd_held_ = *heading.pkd_held;
  if (heading.cause == TrustCause::kAccept || heading.cause == TrustCause::kReject) {
    const auto found = place_.find(heading.import_id);
    if (found != place_.end()) {
      TrustImport& import = imports_[found->second];
      if (heading.cause == TrustCause::kReject && import.state == TrustImportState::kPending) {
        import.state = TrustImportState::kRejected;
        import.rejected_by = heading.by.identity;
        import.reject_reason = heading.note;
        import.decided_at = heading.time;
      } else if (heading.cause == TrustCause::kAccept && MayAccept(heading.import_id, heading.by).ok()) {
        const bool enough = !PeopleWith(heading.import_id, heading.by).empty();
        import.accepted_by.push_back(heading.by.identity);
        import.decided_at = heading.time;
        if (enough) import.state = TrustImportState::kAccepted;
      }
    }
  } else {
    place_[heading.import_id] = imports_.size();
    imports_.push_back({.import_id = heading.import_id,
                        .state = heading.pending > 0 ? TrustImportState::kPending : TrustImportState::kAccepted,
                        .kind = heading.cause,
                        .change_number = heading.number,
                        .by = heading.by,
                        .time = heading.time,
                        .note = heading.note,
                        .pending = heading.pending});
    pack_version_ = std::max(pack_version_, heading.pack_version);
  }
  if (heading.version_number > version_number()) {
    if (heading.cause != TrustCause::kRemoval) newest_import_ = std::max(newest_import_, heading.time);
    versions_.push_back({.number = heading.version_number,
                         .trust_version = heading.trust_version,
                         .change_number = heading.number,
                         .time = heading.time,
                         .cause = heading.cause,
                         .import_id = heading.import_id,
                         .by = heading.by.identity,
                         .added = heading.added,
                         .removed = heading.removed});
  }
}

TrustUsed::TrustUsed(std::shared_ptr<const pki::TrustSnapshot> snapshot) {
  std::vector<std::shared_ptr<const pki::TrustSource>> sources;
  for (const pki::TrustSource& source : snapshot->sources()) {
    sources.emplace_back(snapshot, &source);  // lives as long as the snapshot
  }
  for (uint32_t i = 0; i < snapshot->size(); ++i) {
    const pki::TrustElement element = snapshot->element(i);
    used_.emplace_hint(used_.end(), element.fingerprint,
                       Used{element.role, element.content, snapshot, sources[element.source]});
  }
  removed_.insert(snapshot->removed().begin(), snapshot->removed().end());
}

bool TrustUsed::Remove(const pki::Fingerprint& fingerprint) {
  if (used_.erase(fingerprint) == 0) return false;
  removed_.insert(fingerprint);
  return true;
}

namespace {

// What history may not say: an anchor for which two people do not stand.
bool StandsAlone(const TrustAddition& addition, const pki::TrustSource& source) {
  const std::set<std::string> people(source.accepted_by.begin(), source.accepted_by.end());
  return addition.role == pki::TrustRole::kAnchor && people.size() < kPeopleForAnchors;
}

}  // namespace

TrustUsed::Effect TrustUsed::Apply(std::shared_ptr<const TrustChange> change, bool pending,
                                   const std::vector<std::string>& people, absl::Time time) {
  Effect effect;
  std::vector<std::shared_ptr<const pki::TrustSource>> sources;
  for (pki::TrustSource source : change->sources) {
    if (change->cause != TrustCause::kPack) {  // whose people are those of the centre
      source.accepted_by = people;
      source.accepted_at = time;
    }
    sources.push_back(std::make_shared<const pki::TrustSource>(std::move(source)));
  }
  for (const TrustRemoval& removal : change->removals) {
    if (removal.pending == pending) effect.removed += Remove(removal.fingerprint) ? 1 : 0;
  }
  for (const TrustAddition& addition : change->additions) {
    if (addition.pending != pending || StandsAlone(addition, *sources[addition.source])) continue;
    if (addition.replaces) effect.removed += Remove(*addition.replaces) ? 1 : 0;
    Used used{addition.role, pki::AsBytes(addition.content), change, sources[addition.source]};
    const auto [at, is_new] = used_.try_emplace(addition.fingerprint, used);
    // A link becomes an anchor, never the other way.
    const bool rises = !is_new && addition.role < at->second.role;
    if (rises) at->second = std::move(used);
    effect.added += is_new || rises ? 1 : 0;
    removed_.erase(addition.fingerprint);
  }
  return effect;
}

pki::TrustContent TrustUsed::Content() const {
  pki::TrustContent content;
  std::map<const pki::TrustSource*, uint32_t> places;
  for (const auto& [fingerprint, used] : used_) {
    const auto [at, is_new] = places.emplace(used.source.get(), static_cast<uint32_t>(content.sources.size()));
    if (is_new) content.sources.push_back(*used.source);
    content.elements.push_back(
        {.role = used.role, .fingerprint = fingerprint, .content = used.content, .source = at->second});
  }
  content.removed.assign(removed_.begin(), removed_.end());
  return content;
}

}  // namespace gatehouse::document
