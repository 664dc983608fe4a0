// The trust store as it was, element by element and version by version.
#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "libs/base/deadline.h"
#include "libs/base/status_macros.h"
#include "services/document/trust.h"

namespace gatehouse::document {
namespace {

// A list that is not one, or whose signer leads to no anchor of the store, was reported at import and tolerates
// nothing.
std::shared_ptr<const pki::DeviationTable> ReadDeviations(const pki::TrustStore& store) {
  auto table = std::make_shared<pki::DeviationTable>();
  const pki::TrustSnapshot& content = store.content();
  for (uint32_t i = 0; i < content.size(); ++i) {
    const pki::TrustElement element = content.element(i);
    const bool by_state = element.role == pki::TrustRole::kDeviationList;
    if (!by_state && element.role != pki::TrustRole::kDefectTable) continue;
    auto list = by_state ? pki::ParseDeviationList(element.content) : pki::ParseDefectList(element.content);
    if (list.ok()) table->Add(content.sources()[element.source].name, *std::move(list), store).IgnoreError();
  }
  return table;
}

}  // namespace

absl::StatusOr<TrustElementRecord> Trust::Element(const std::string& sha256) const {
  GH_ASSIGN_OR_RETURN(const pki::Fingerprint fingerprint, pki::ParseFingerprint(sha256));
  GH_ASSIGN_OR_RETURN(const std::vector<TrustChange> headings, deps_.repository.HeadingsSince(0));
  TrustElementFold fold(fingerprint);
  TrustLedger ledger;
  for (const TrustChange& heading : headings) {
    GH_RETURN_IF_ERROR(base::CheckWorkTime());
    // What became of it in a change that cannot be read is not known, and a part of the answer would pass for all.
    if (heading.unreadable) return absl::DataLossError("a change of the trust store cannot be read");
    const bool decides = heading.cause == TrustCause::kAccept || heading.cause == TrustCause::kReject;
    if (decides) {
      fold.Apply(heading, ledger);
    } else {
      GH_ASSIGN_OR_RETURN(TrustChange whole, deps_.repository.Load(heading.number));
      fold.Apply(std::move(whole), ledger);
    }
    ledger.Apply(heading);
  }
  std::optional<TrustElementRecord> record = fold.Record(ledger);
  if (!record) return absl::NotFoundError("sha256: no such element, now or before");
  const StatePtr now = state();
  if (const auto used = now->store->content().Find(fingerprint)) {
    const TrustEntry entry = EntryOf(now->store->content(), *used);
    record->entry.chain = entry.chain;
    record->entry.chain_reason = entry.chain_reason;
  }
  return *std::move(record);
}

absl::StatusOr<std::shared_ptr<const pki::TrustStore>> Trust::AtVersion(const std::string& version) const {
  const StatePtr now = state();
  if (version.empty()) return now->given();
  if (version == now->store->version()) return now->store;
  int64_t number = 0;
  const bool is_number = version.size() < 19 && absl::SimpleAtoi(version, &number);
  const auto& versions = now->ledger.versions();
  const auto wanted = std::find_if(versions.rbegin(), versions.rend(), [&](const TrustVersion& one) {
    return is_number ? one.number == number : one.trust_version == version;
  });
  if (wanted == versions.rend()) return absl::NotFoundError("version: this store never had it");
  if (wanted->trust_version == now->store->version()) return now->store;
  // One rebuilds, which takes seconds and the memory of a store; the others wait for it as long as they have time.
  const std::unique_lock rebuilding(rebuild_mutex_, base::CurrentWorkTime().until);
  if (!rebuilding.owns_lock()) return absl::DeadlineExceededError("another version is being rebuilt");
  if (rebuilt_ == nullptr || rebuilt_->version() != wanted->trust_version) {
    GH_ASSIGN_OR_RETURN(rebuilt_, Rebuild(*wanted));
  }
  return rebuilt_;
}

absl::StatusOr<std::shared_ptr<const pki::TrustStore>> Trust::Rebuild(const TrustVersion& wanted) const {
  TrustLedger ledger;
  TrustUsed used;
  GH_ASSIGN_OR_RETURN(const std::vector<TrustChange> headings, deps_.repository.HeadingsSince(0));
  for (const TrustChange& heading : headings) {
    if (heading.number > wanted.change_number) break;
    GH_RETURN_IF_ERROR(base::CheckWorkTime());
    if (heading.version_number != ledger.version_number()) {
      GH_ASSIGN_OR_RETURN(TrustChange whole, deps_.repository.Load(heading.number));
      GH_RETURN_IF_ERROR(Fold(ledger, std::make_shared<const TrustChange>(std::move(whole)), used).status());
    }
    ledger.Apply(heading);
  }
  pki::TrustContent content = used.Content();
  if (pki::TrustVersionOf(content.elements) != wanted.trust_version) {
    return absl::DataLossError("the history of the trust store does not give the version it says");
  }
  content.change_number = wanted.change_number;
  content.version_number = wanted.number;
  GH_ASSIGN_OR_RETURN(std::string bytes, pki::WriteTrustSnapshot(std::move(content), pki::JudgeSigners::kWhenAsked));
  return OpenStore(std::move(bytes));
}

std::shared_ptr<const pki::DeviationTable> Trust::DeviationsOf(
    const std::shared_ptr<const pki::TrustStore>& store) const {
  // A replay by an old version does not push out the table of the line.
  Deviations& kept = store == state()->given() ? deviations_ : deviations_of_rebuilt_;
  const std::lock_guard reading(kept.mutex);
  if (kept.store != store) {
    kept.table = ReadDeviations(*store);
    kept.store = store;
  }
  return kept.table;
}

}  // namespace gatehouse::document
