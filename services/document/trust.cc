#include "services/document/trust.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"

namespace gatehouse::document {
namespace {

// Where the content stands in the history is told by the caller.
absl::StatusOr<std::string> Write(const TrustUsed& used, int64_t change_number, int64_t version_number,
                                  const pki::TrustSnapshot* earlier, const pki::ProgressListener& progress = nullptr) {
  pki::TrustContent content = used.Content();
  content.change_number = change_number;
  content.version_number = version_number;
  return pki::WriteTrustSnapshot(std::move(content), pki::JudgeSigners::kAtOnce, earlier, progress);
}

absl::Status CheckText(std::string_view text, const char* field) {
  if (text.size() <= kMaxTrustNoteBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, ": longer than ", kMaxTrustNoteBytes, " bytes"));
}

}  // namespace

Trust::Trust(Deps deps) : deps_(deps), last_asked_(deps.clock) {
  auto state = std::make_shared<State>();
  state->store = pki::TrustStore::Builder().Build();
  state_ = std::move(state);
}

absl::StatusOr<std::shared_ptr<const pki::TrustStore>> Trust::OpenStore(std::string bytes, pki::MissingTrust missing) {
  const auto owner = std::make_shared<const std::string>(std::move(bytes));
  GH_ASSIGN_OR_RETURN(auto snapshot, pki::TrustSnapshot::Open(pki::AsBytes(*owner), owner));
  return pki::TrustStore::Open(std::move(snapshot), std::move(missing));
}

Trust::StatePtr Trust::state() const {
  std::lock_guard lock(mutex_);
  return state_;
}

absl::Status Trust::file_status() const {
  std::lock_guard lock(mutex_);
  return file_status_;
}

TrustSnapshot Trust::snapshot() const {
  const StatePtr now = state();
  return {.store = now->given(), .newest_import = now->ledger.newest_import()};
}

std::vector<TrustImport> Trust::Imports() const { return state()->ledger.imports(); }
std::vector<TrustVersion> Trust::Versions() const { return state()->ledger.versions(); }

void Trust::NoteFile(absl::Status status) {
  std::lock_guard lock(mutex_);
  file_status_ = std::move(status);
}

bool Trust::Prepare(std::string_view bytes) {
  if (deps_.snapshot_file == nullptr) return false;
  const absl::Status prepared = deps_.snapshot_file->Prepare(bytes);
  if (!prepared.ok()) NoteFile(prepared);
  return prepared.ok();
}

absl::StatusOr<std::shared_ptr<const pki::TrustStore>> Trust::Publish() {
  absl::Status status = deps_.snapshot_file->Publish();
  if (status.ok()) {
    auto mapped = deps_.snapshot_file->Load();
    if (mapped.ok()) return pki::TrustStore::Open(*std::move(mapped));
    status = mapped.status();
  }
  NoteFile(status);
  return status;
}

absl::StatusOr<std::shared_ptr<const pki::TrustStore>> Trust::Keep(std::string bytes) {
  if (Prepare(bytes)) {
    auto published = Publish();
    if (published.ok()) return published;
  }
  return OpenStore(std::move(bytes));
}

void Trust::Tell(const std::string& by, const pki::Progress& progress) {
  std::lock_guard lock(mutex_);
  progress_ = {.step = std::string(progress.step), .done = progress.done, .total = progress.total, .by = by};
}

std::optional<TrustProgress> Trust::Progress() const {
  std::lock_guard lock(mutex_);
  return progress_;
}

absl::StatusOr<TrustUsed::Effect> Trust::Fold(const TrustLedger& ledger, std::shared_ptr<const TrustChange> change,
                                              TrustUsed& used) const {
  switch (change->cause) {
    case TrustCause::kImport:
    case TrustCause::kRemoval:
    case TrustCause::kPack: {
      const std::vector<std::string> people = {change->by.identity};
      const absl::Time time = change->time;
      return used.Apply(std::move(change), /*pending=*/false, people, time);
    }
    case TrustCause::kAccept: {
      const std::vector<std::string> people = ledger.PeopleWith(change->import_id, change->by);
      if (people.empty()) return TrustUsed::Effect();
      GH_ASSIGN_OR_RETURN(TrustChange import, deps_.repository.Load(ledger.Find(change->import_id)->change_number));
      return used.Apply(std::make_shared<const TrustChange>(std::move(import)), /*pending=*/true, people, change->time);
    }
    case TrustCause::kReject:
      break;
  }
  return TrustUsed::Effect();
}

absl::StatusOr<std::string> Trust::ApplyAndWrite(const State& before, const std::shared_ptr<TrustChange>& change,
                                                 const pki::ProgressListener& progress) const {
  TrustUsed used(std::shared_ptr<const pki::TrustSnapshot>(before.store, &before.store->content()));
  GH_ASSIGN_OR_RETURN(const TrustUsed::Effect effect, Fold(before.ledger, change, used));
  change->added = effect.added;
  change->removed = effect.removed;
  change->version_number = before.ledger.version_number() + (effect.empty() ? 0 : 1);
  change->trust_version = before.store->version();
  if (effect.empty()) return std::string();
  change->trust_version = pki::TrustVersionOf(used.Content().elements);
  return Write(used, change->number, change->version_number, &before.store->content(), progress);
}

absl::StatusOr<TrustChange> Trust::MakeChange(const TrustActor& actor, const Plan& plan,
                                              const std::vector<TrustFile>& files, const Answer& answer) {
  const std::unique_lock change_lock(change_mutex_, base::CurrentWorkTime().until);
  if (!change_lock.owns_lock()) return absl::DeadlineExceededError(kAnotherChange);
  const absl::Cleanup done = [this] {
    std::lock_guard lock(mutex_);
    progress_.reset();
  };
  const pki::ProgressListener tell = [&](const pki::Progress& progress) { Tell(actor.identity, progress); };
  for (int attempt = 0; attempt < kMaxChangeAttempts; ++attempt) {
    GH_RETURN_IF_ERROR(RefreshLocked());
    const StatePtr before = state();
    if (const absl::Status history = history_status(); !history.ok()) {
      return absl::FailedPreconditionError(absl::StrCat("nothing is built on a damaged trust store, restore it first: ",
                                                        std::string(history.message())));
    }
    GH_ASSIGN_OR_RETURN(TrustChange planned, plan(*before));
    const bool decides = planned.cause == TrustCause::kAccept || planned.cause == TrustCause::kReject;
    if (!decides && planned.additions.empty() && planned.removals.empty() && !planned.pkd_held) return planned;
    planned.number = before->ledger.number() + 1;
    planned.by = actor;
    planned.time = deps_.clock.Now();
    // A pack brings its provenance with it.
    for (pki::TrustSource& source : planned.sources) {
      if (planned.cause == TrustCause::kPack) break;
      source.import_id = planned.import_id;
      source.imported_by = actor.identity;
      source.imported_at = planned.time;
      source.note = planned.note;
    }
    const auto change = std::make_shared<TrustChange>(std::move(planned));
    GH_ASSIGN_OR_RETURN(std::string bytes, ApplyAndWrite(*before, change, tell));
    const bool changes_use = !bytes.empty();
    // Of a whole directory nothing is held twice: not the snapshot while the history is written, and not the payload
    // once it is encoded.
    const bool aside = changes_use && Prepare(bytes);
    if (aside) std::string().swap(bytes);
    Tell(actor.identity, {.step = "storing"});
    TrustLedger after = before->ledger;
    after.Apply(*change);
    const std::optional<AnsweredRequest> answered = answer(*change, after);
    const absl::Status appended = deps_.repository.Append(*change, files, answered ? &*answered : nullptr);
    if (absl::IsAlreadyExists(appended)) continue;
    GH_RETURN_IF_ERROR(appended);
    auto next = std::make_shared<State>(*before);
    if (changes_use) {
      auto kept = aside ? Publish() : OpenStore(std::move(bytes));
      if (!kept.ok()) {  // what was appended counts: made anew from the history
        GH_RETURN_IF_ERROR(RefreshLocked());
        return *change;
      }
      next->store = *std::move(kept);
    }
    next->ledger = std::move(after);
    std::lock_guard lock(mutex_);
    state_ = std::move(next);
    return *change;
  }
  return absl::AbortedError("the trust store was changed by others all the time; try again");
}

absl::StatusOr<std::set<pki::Fingerprint>> Trust::Waiting(const TrustLedger& ledger) const {
  std::set<pki::Fingerprint> waiting;
  for (const TrustImport& import : ledger.imports()) {
    if (import.state != TrustImportState::kPending) continue;
    const absl::StatusOr<TrustChange> change = deps_.repository.Load(import.change_number);
    // What it holds may be imported again; accepted it cannot be.
    if (absl::IsDataLoss(change.status())) continue;
    GH_RETURN_IF_ERROR(change.status());
    for (const TrustAddition& addition : change->additions) {
      if (addition.pending) waiting.insert(addition.fingerprint);
    }
  }
  return waiting;
}

absl::StatusOr<Trust::ImportOutcome> Trust::Import(const std::vector<NamedContent>& files, const std::string& note,
                                                   const TrustActor& actor, const Asked<ImportOutcome>& asked) {
  if (files.empty()) return absl::InvalidArgumentError("files: none given");
  GH_RETURN_IF_ERROR(CheckText(note, "note"));
  ImportOutcome outcome;
  std::vector<TrustFile> evidence;
  for (const NamedContent& file : files) {
    evidence.push_back({.name = file.name,
                        .content = file.content,
                        .sha256 = pki::ToText(pki::FingerprintOf(pki::AsBytes(file.content)))});
  }
  const std::string import_id = base::NewUuid(deps_.clock, deps_.random);
  const Plan plan = [&](const State& now) -> absl::StatusOr<TrustChange> {
    GH_ASSIGN_OR_RETURN(const std::set<pki::Fingerprint> waiting, Waiting(now.ledger));
    TrustPlan made = PlanImport(files, *now.store, waiting, now.ledger.pkd_held(),
                                [&](const pki::Progress& progress) { Tell(actor.identity, progress); });
    outcome.results = std::move(made.results);
    made.change.cause = TrustCause::kImport;
    made.change.import_id = import_id;
    made.change.note = note;
    return std::move(made.change);
  };
  const Answer answer = [&](const TrustChange& change, const TrustLedger&) {
    outcome.import_id = import_id;
    outcome.pending = change.pending;
    outcome.trust_version = change.trust_version;
    return asked.Answered(outcome);
  };
  GH_ASSIGN_OR_RETURN(const TrustChange change, MakeChange(actor, plan, evidence, answer));
  if (change.number == 0) {  // nothing was new, perhaps since another replica was first
    outcome.import_id.clear();
    outcome.pending = 0;
    outcome.trust_version = state()->store->version();
  }
  return outcome;
}

absl::StatusOr<Trust::Decided> Trust::Decide(const TrustActor& actor, const Plan& plan, const std::string& import_id,
                                             const Asked<Decided>& asked) {
  Decided decided;
  const Answer answer = [&](const TrustChange& change, const TrustLedger& after) {
    decided = {*after.Find(import_id), change.trust_version};
    return asked.Answered(decided);
  };
  GH_RETURN_IF_ERROR(MakeChange(actor, plan, {}, answer).status());
  return decided;
}

absl::StatusOr<Trust::Decided> Trust::Accept(const std::string& import_id, const TrustActor& actor,
                                             const Asked<Decided>& asked) {
  const Plan plan = [&](const State& now) -> absl::StatusOr<TrustChange> {
    GH_RETURN_IF_ERROR(now.ledger.MayAccept(import_id, actor));
    TrustChange change;
    change.cause = TrustCause::kAccept;
    change.import_id = import_id;
    return change;
  };
  return Decide(actor, plan, import_id, asked);
}

absl::StatusOr<Trust::Decided> Trust::Reject(const std::string& import_id, const std::string& reason,
                                             const TrustActor& actor, const Asked<Decided>& asked) {
  GH_RETURN_IF_ERROR(CheckText(reason, "reason"));
  const Plan plan = [&](const State& now) -> absl::StatusOr<TrustChange> {
    GH_RETURN_IF_ERROR(now.ledger.MayReject(import_id));
    TrustChange change;
    change.cause = TrustCause::kReject;
    change.import_id = import_id;
    change.note = reason;
    return change;
  };
  return Decide(actor, plan, import_id, asked);
}

absl::StatusOr<Trust::Decided> Trust::Remove(const std::vector<std::string>& sha256, const std::string& reason,
                                             const TrustActor& actor, const Asked<Decided>& asked) {
  if (sha256.empty()) return absl::InvalidArgumentError("sha256: none given");
  if (sha256.size() > kMaxRemovals) return absl::InvalidArgumentError("sha256: more than the limit");
  GH_RETURN_IF_ERROR(CheckText(reason, "reason"));
  const std::string import_id = base::NewUuid(deps_.clock, deps_.random);
  const Plan plan = [&](const State& now) -> absl::StatusOr<TrustChange> {
    TrustChange change;
    change.cause = TrustCause::kRemoval;
    change.import_id = import_id;
    change.note = reason;
    for (const std::string& text : sha256) {
      GH_ASSIGN_OR_RETURN(const pki::Fingerprint fingerprint, pki::ParseFingerprint(text));
      const pki::TrustSnapshot& used = now.store->content();
      const std::optional<uint32_t> held = used.Find(fingerprint);
      if (!held) return absl::NotFoundError(absl::StrCat("sha256: ", text, " is not in use"));
      const pki::TrustRole role = used.element(*held).role;
      const bool is_certificate = pki::IsAuthority(role) || role == pki::TrustRole::kSigner;
      change.removals.push_back({.fingerprint = fingerprint, .pending = !is_certificate});
      change.pending += is_certificate ? 0 : 1;
    }
    return change;
  };
  return Decide(actor, plan, import_id, asked);
}

absl::StatusOr<std::vector<TrustDifference>> Trust::Diff(const std::string& import_id) const {
  const StatePtr now = state();
  const TrustImport* import = now->ledger.Find(import_id);
  if (import == nullptr) return absl::NotFoundError("import_id: no such import");
  GH_ASSIGN_OR_RETURN(const TrustChange change, deps_.repository.Load(import->change_number));
  return DifferencesOf(change, now->store->content());
}

}  // namespace gatehouse::document
