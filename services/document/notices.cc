#include "services/document/notices.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"
#include "libs/base/uuid.h"

namespace gatehouse::document {
namespace {

// How often an import is planned anew because another replica was first.
constexpr int kMaxImportAttempts = 8;
constexpr size_t kMaxFileNameBytes = 255;
constexpr char kAnotherImport[] = "another import of notices is being made";

absl::Status CheckText(std::string_view text, size_t limit, const char* field) {
  if (text.size() <= limit) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, ": longer than ", limit, " bytes"));
}

std::string NameOf(const pki::Certificate& certificate) {
  return absl::StrCat(certificate.subject.text(), ", serial ", certificate.serial_text());
}

// Empty: all that the store says it holds were found.
std::string LostOf(const absl::StatusOr<NoticeRepository::Extent>& extent, size_t found) {
  if (!extent.ok()) return std::string(extent.status().message());
  if (extent->notices <= static_cast<int64_t>(found)) return "";
  return absl::StrCat(extent->notices - static_cast<int64_t>(found), " of ", extent->notices, " kept notices are lost");
}

}  // namespace

Notices::Notices(Deps deps)
    : deps_(std::move(deps)),
      held_(std::make_shared<const NoticesHeld>(std::vector<NoticePtr>(), NoticeOrigins(), std::set<std::string>(), 0)),
      last_asked_(deps_.clock) {}

NoticesHeldPtr Notices::held() const {
  std::lock_guard lock(mutex_);
  return held_;
}

absl::Status Notices::damage() const {
  const NoticesHeldPtr now = held();
  if (!now->lost.empty()) return absl::DataLossError(now->lost);
  if (now->unreadable.empty()) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat(now->unreadable.size(), " kept notices cannot be read, the first: ", *now->unreadable.begin()));
}

absl::Status Notices::Refresh() {
  const std::unique_lock lock(change_mutex_, base::CurrentWorkTime().until);
  if (lock.owns_lock()) return RefreshLocked();
  const absl::Status busy = absl::DeadlineExceededError(kAnotherImport);
  Doubt(busy, /*newer=*/false);
  return busy;
}

absl::Status Notices::RefreshLocked() {
  bool newer = false;
  const absl::Status taken = TakeNewer(newer);
  if (taken.ok()) {
    Believe();
  } else {
    Doubt(taken, newer);
  }
  return taken;
}

void Notices::Believe() {
  std::lock_guard lock(mutex_);
  last_asked_.Answered();
  if (held_->doubt.empty()) return;
  auto believed = std::make_shared<NoticesHeld>(*held_);
  believed->doubt.clear();
  held_ = std::move(believed);
}

void Notices::Doubt(const absl::Status& why, bool newer) {
  std::lock_guard lock(mutex_);
  if (!held_->doubt.empty() || (!newer && !last_asked_.IsLongAgo())) return;
  auto doubted = std::make_shared<NoticesHeld>(*held_);
  doubted->doubt =
      absl::StrCat(newer ? "newer notices are not loaded: " : "whether there are newer ones is not known: ",
                   std::string(why.message()));
  held_ = std::move(doubted);
}

absl::Status Notices::TakeNewer(bool& newer) {
  const NoticesHeldPtr before = held();
  // Read first: what is imported after it is loaded again next time, and nothing is missed.
  const absl::StatusOr<NoticeRepository::Extent> extent = deps_.repository.Held();
  if (!extent.ok() && !absl::IsDataLoss(extent.status())) return extent.status();
  const int64_t newest = extent.ok() ? extent->newest_import : before->import_number;
  if (newest == before->import_number && (extent.ok() || !before->lost.empty())) return absl::OkStatus();
  newer = true;
  GH_ASSIGN_OR_RETURN(std::vector<KeptNotice> changed, deps_.repository.NoticesSince(before->import_number));
  std::map<std::string, NoticePtr> notices;
  for (const NoticePtr& notice : before->index->notices()) notices[notice->id] = notice;
  NoticeOrigins origins = before->origins;
  std::set<std::string> unreadable = before->unreadable;
  for (KeptNotice& kept : changed) {
    const std::string id = kept.notice.id;
    if (kept.unreadable) {
      unreadable.insert(id);
      notices.erase(id);
      continue;
    }
    unreadable.erase(id);
    origins[id] = std::move(kept.origin);
    notices[id] = std::make_shared<const Notice>(std::move(kept.notice));
  }
  std::vector<NoticePtr> all;
  all.reserve(notices.size());
  for (auto& [id, notice] : notices) all.push_back(std::move(notice));
  const size_t found = all.size() + unreadable.size();
  auto next = std::make_shared<NoticesHeld>(std::move(all), std::move(origins), std::move(unreadable), newest);
  next->lost = !before->lost.empty() ? before->lost : LostOf(extent, found);
  std::lock_guard lock(mutex_);
  held_ = std::move(next);
  return absl::OkStatus();
}

absl::StatusOr<Notices::ImportOutcome> Notices::Import(const std::string& file_name, const std::string& bundle_bytes,
                                                       const std::string& note, const std::string& imported_by,
                                                       const Asked<ImportOutcome>& asked) {
  GH_RETURN_IF_ERROR(CheckText(file_name, kMaxFileNameBytes, "name"));
  GH_RETURN_IF_ERROR(CheckText(note, kMaxNoticeNoteBytes, "note"));
  if (deps_.issuers.empty()) {
    return absl::FailedPreconditionError("nobody's notices are taken here: document.notice_issuer_files names nobody");
  }
  GH_ASSIGN_OR_RETURN(const NoticeBundle bundle, ReadSignedNotices(bundle_bytes, deps_.issuers, deps_.clock.Now()));
  ImportOutcome outcome{
      .made = {.imported_by = imported_by,
               .note = note,
               .file_name = file_name,
               .sha256 = pki::ToHex(pki::ComputeDigest(pki::Digest::kSha256, pki::AsBytes(bundle_bytes)).bytes()),
               .publisher = bundle.publisher,
               .bundle_number = bundle.number,
               .signer = NameOf(*bundle.signer),
               .issuer = bundle.issuer->subject.text()}};
  NoticeImport& made = outcome.made;
  const std::unique_lock lock(change_mutex_, base::CurrentWorkTime().until);
  if (!lock.owns_lock()) return absl::DeadlineExceededError(kAnotherImport);
  for (int attempt = 0; attempt < kMaxImportAttempts; ++attempt) {
    GH_RETURN_IF_ERROR(RefreshLocked());
    const NoticesHeldPtr before = held();
    if (!before->lost.empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat("nothing is built on damaged notices, restore them first: ", before->lost));
    }
    GH_ASSIGN_OR_RETURN(const std::vector<NoticeImport> imports, deps_.repository.Imports());
    GH_RETURN_IF_ERROR(CheckBundleNumber(imports, made));
    GH_ASSIGN_OR_RETURN(NoticePlan plan, PlanNotices(before->origins, bundle, made));
    outcome.refused = std::move(plan.refused);
    if (plan.taken.empty()) return outcome;
    made.import_id = base::NewUuid(deps_.clock, deps_.random);
    made.time = deps_.clock.Now();
    made.number = before->import_number + 1;
    const std::optional<AnsweredRequest> answered = asked.Answered(outcome);
    const absl::Status appended = deps_.repository.Append(made, plan.taken, answered ? &*answered : nullptr);
    if (absl::IsAlreadyExists(appended)) continue;
    GH_RETURN_IF_ERROR(appended);
    // What is durable is used: a store that cannot be read now is read by the next refresh.
    RefreshLocked().IgnoreError();
    return outcome;
  }
  return absl::AbortedError("notices were imported by others all the time; try again");
}

absl::StatusOr<KeptNotice> Notices::Load(const std::string& id) const {
  const NoticesHeldPtr now = held();
  const NoticePtr notice = now->index->Find(id);
  if (notice == nullptr) return absl::NotFoundError("id: no such notice");
  KeptNotice kept{.notice = *notice, .origin = now->origins.at(id)};
  GH_RETURN_IF_ERROR(deps_.repository.LoadImages(kept.notice));
  return kept;
}

}  // namespace gatehouse::document
