// What the trust store takes from its repository, and what it says while the repository says nothing.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"
#include "services/document/trust.h"

namespace gatehouse::document {
namespace {

constexpr absl::Duration kAskTime = absl::Seconds(30);

bool CanBeRead(const pki::TrustElement& element) {
  if (element.role == pki::TrustRole::kCrl) return pki::CertificateRevocationList::Parse(element.content).ok();
  const bool is_certificate = pki::IsAuthority(element.role) || element.role == pki::TrustRole::kSigner;
  return !is_certificate || pki::Certificate::Parse(element.content).ok();
}

// As Write, but what cannot be read is left out; `left_out` says how many elements.
absl::StatusOr<std::string> WriteReadable(const TrustUsed& used, const TrustLedger& ledger,
                                          const pki::TrustSnapshot* earlier, size_t& left_out) {
  pki::TrustContent content = used.Content();
  content.change_number = ledger.number();
  content.version_number = ledger.version_number();
  left_out = std::erase_if(content.elements, [](const pki::TrustElement& one) { return !CanBeRead(one); });
  return pki::WriteTrustSnapshot(std::move(content), pki::JudgeSigners::kAtOnce, earlier);
}

std::string Unreadable(int64_t number) { return absl::StrCat("change ", number, " of its history cannot be read"); }

// What may be missing without the payload of a change that altered what is used. Only a removal takes certificates out,
// at once, and a pack anything; what waits in an import and is lost stays out of use, which makes nothing valid.
void NoteLost(const TrustChange& heading, pki::MissingTrust& missing) {
  missing.lists = Unreadable(heading.number);
  const bool takes_out = heading.cause == TrustCause::kRemoval || heading.cause == TrustCause::kPack;
  if (takes_out && heading.removed > 0) missing.removals = Unreadable(heading.number);
}

// Asked every other second, and small: a store that hangs is not waited for as long as a large change may take.
absl::StatusOr<std::vector<TrustChange>> HeadingsAfter(TrustRepository& repository, int64_t number) {
  const base::WorkTimeScope scope(base::WorkTime::In(kAskTime));
  return repository.HeadingsSince(number);
}

std::string WentBack(int64_t from, int64_t to) {
  return absl::StrCat("its history went to change ", from, " and ends with ", to);
}

absl::StatusOr<int64_t> NewestOf(TrustRepository& repository) {
  const base::WorkTimeScope scope(base::WorkTime::In(kAskTime));
  return repository.Newest();
}

// What the store says of the end of its history, against the last change that is there. Empty: it is whole.
std::string LostEnd(const absl::StatusOr<int64_t>& newest, int64_t last) {
  if (!newest.ok()) return std::string(newest.status().message());
  if (*newest <= last) return "";
  return absl::StrCat("the end of its history is lost, from change ", last + 1, " to ", *newest);
}

}  // namespace

absl::Status Trust::Refresh() {
  const std::unique_lock lock(change_mutex_, base::CurrentWorkTime().until);
  if (lock.owns_lock()) return RefreshLocked();
  const absl::Status busy = absl::DeadlineExceededError(kAnotherChange);
  Doubt(busy, /*newer=*/false);
  return busy;
}

absl::Status Trust::RefreshLocked() {
  bool newer = false;
  const absl::Status taken = TakeNewer(newer);
  if (taken.ok()) {
    Believe();
  } else {
    Doubt(taken, newer);
  }
  return taken;
}

void Trust::Believe() {
  std::lock_guard lock(mutex_);
  last_asked_.Answered();
  if (state_->doubted == nullptr) return;
  auto believed = std::make_shared<State>(*state_);
  believed->doubted = nullptr;
  state_ = std::move(believed);
}

// An anchor that was removed and a signer that was revoked on another replica may be what is not known.
void Trust::Doubt(const absl::Status& why, bool newer) {
  StatePtr before;
  {
    std::lock_guard lock(mutex_);
    if (state_->doubted != nullptr || (!newer && !last_asked_.IsLongAgo())) return;
    before = state_;
  }
  const std::string reason =
      absl::StrCat(newer ? "its newest change is not in use: " : "whether it is the newest is not known: ",
                   std::string(why.message()));
  pki::MissingTrust missing = before->store->missing();
  if (missing.lists.empty()) missing.lists = reason;
  if (missing.removals.empty()) missing.removals = reason;
  auto doubted = pki::TrustStore::Open(
      std::shared_ptr<const pki::TrustSnapshot>(before->store, &before->store->content()), std::move(missing));
  auto next = std::make_shared<State>(*before);
  // It was opened before; if it cannot be again, nothing of it is trusted.
  next->doubted = doubted.ok() ? *std::move(doubted) : pki::TrustStore::Builder().Build();
  std::lock_guard lock(mutex_);
  // A change that was made meanwhile was made with the store's word.
  if (state_ == before) state_ = std::move(next);
}

absl::Status Trust::TakeNewer(bool& newer) {
  StatePtr before = state();
  // The number is read first: what is appended meanwhile is more than it says, and never less.
  const absl::StatusOr<int64_t> newest = NewestOf(deps_.repository);
  if (!newest.ok() && !absl::IsDataLoss(newest.status())) return newest.status();
  const int64_t known = before->ledger.number();
  GH_ASSIGN_OR_RETURN(const std::vector<TrustChange> headings, HeadingsAfter(deps_.repository, known));
  std::string lost = LostEnd(newest, headings.empty() ? known : headings.back().number);
  if (lost.empty() && *newest < known) lost = WentBack(known, *newest);
  if (known == 0 && before->store->missing().empty()) {
    if (const StatePtr kept = FromFile(headings, lost)) before = kept;
  }
  pki::MissingTrust missing = before->store->missing();
  if (!missing.lists.empty() && !missing.removals.empty()) lost.clear();  // nothing less is believed for it
  if (headings.empty() && lost.empty()) return absl::OkStatus();
  newer = true;
  auto next = std::make_shared<State>(*before);
  std::optional<TrustUsed> used;
  const auto fold = [&](std::shared_ptr<const TrustChange> change) {
    if (!used) used = TrustUsed(std::shared_ptr<const pki::TrustSnapshot>(before->store, &before->store->content()));
    return change == nullptr ? absl::OkStatus() : Fold(next->ledger, std::move(change), *used).status();
  };
  for (const TrustChange& heading : headings) {
    if (heading.number <= before->ledger.number()) continue;
    // What a change did that has no heading is not known at all.
    if (heading.unreadable || heading.number > next->ledger.number() + 1) {
      missing.lists = missing.removals = Unreadable(next->ledger.number() + 1);
      GH_RETURN_IF_ERROR(fold(nullptr));
    } else if (heading.version_number != next->ledger.version_number()) {
      // Most changes leave what is used as it was, and their payload where it is.
      absl::StatusOr<TrustChange> whole = deps_.repository.Load(heading.number);
      const absl::Status folded =
          whole.ok() ? fold(std::make_shared<const TrustChange>(*std::move(whole))) : whole.status();
      if (absl::IsDataLoss(folded) || absl::IsNotFound(folded)) {
        NoteLost(heading, missing);
        GH_RETURN_IF_ERROR(fold(nullptr));
      } else {
        GH_RETURN_IF_ERROR(folded);
      }
    }
    next->ledger.Apply(heading);
  }
  if (!lost.empty()) {
    missing.lists = missing.removals = lost;
    GH_RETURN_IF_ERROR(fold(nullptr));
  }
  if (used) GH_RETURN_IF_ERROR(Take(*used, *before, std::move(missing), *next));
  std::lock_guard lock(mutex_);
  state_ = std::move(next);
  return absl::OkStatus();
}

// Makes what was folded the store of `next`. What is not the version that the history says goes by two reasons of
// doubt, and never into the snapshot file, where it would pass for whole.
absl::Status Trust::Take(const TrustUsed& used, const State& before, pki::MissingTrust missing, State& next) {
  const std::string version = pki::TrustVersionOf(used.Content().elements);
  const auto& versions = next.ledger.versions();
  if (missing.empty() && (versions.empty() || version != versions.back().trust_version)) {
    missing.lists = missing.removals = "its history does not give the version it says";
  }
  size_t left_out = 0;
  GH_ASSIGN_OR_RETURN(std::string bytes, WriteReadable(used, next.ledger, &before.store->content(), left_out));
  if (left_out > 0 && missing.lists.empty()) missing.lists = absl::StrCat(left_out, " of its elements cannot be read");
  if (missing.empty()) {
    GH_ASSIGN_OR_RETURN(next.store, Keep(std::move(bytes)));
  } else {
    GH_ASSIGN_OR_RETURN(next.store, OpenStore(std::move(bytes), std::move(missing)));
  }
  return absl::OkStatus();
}

absl::Status Trust::history_status() const {
  const pki::MissingTrust missing = state()->store->missing();
  if (missing.empty()) return absl::OkStatus();
  return absl::DataLossError(missing.lists.empty() ? missing.removals : missing.lists);
}

// The state that the snapshot file holds, when the history knows it; else null. A file of a later change than the
// history has says what was `lost`.
Trust::StatePtr Trust::FromFile(const std::vector<TrustChange>& headings, std::string& lost) {
  if (deps_.snapshot_file == nullptr) return nullptr;
  auto file = deps_.snapshot_file->Load();
  if (!file.ok()) {
    std::lock_guard lock(mutex_);
    file_status_ = absl::IsNotFound(file.status()) ? absl::OkStatus() : file.status();
    return nullptr;
  }
  auto kept = std::make_shared<State>();
  for (const TrustChange& heading : headings) {
    if (heading.number > (*file)->change_number()) break;
    kept->ledger.Apply(heading);
  }
  // It is published when its change is durable, so one that the history has not is one that it has no more.
  const int64_t last = headings.empty() ? 0 : headings.back().number;
  if ((*file)->change_number() > last && lost.empty()) lost = WentBack((*file)->change_number(), last);
  const auto& versions = kept->ledger.versions();
  if (kept->ledger.number() != (*file)->change_number() || versions.empty() ||
      versions.back().trust_version != (*file)->version()) {
    return nullptr;
  }
  auto store = pki::TrustStore::Open(*std::move(file));
  if (!store.ok()) return nullptr;
  kept->store = *std::move(store);
  return kept;
}

}  // namespace gatehouse::document
