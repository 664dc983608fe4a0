// The trust store of the service: its history in the repository, and the immutable snapshot that verification uses,
// switched by one pointer. A replica that shares the repository picks up by Refresh() what another one changed. What
// can make a document valid needs two people (trust_ledger.h).
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/pki/deviation_table.h"
#include "libs/pki/trust_store.h"
#include "services/document/last_asked.h"
#include "services/document/ports.h"
#include "services/document/trust_element.h"
#include "services/document/trust_import.h"
#include "services/document/trust_ledger.h"
#include "services/document/trust_list.h"

namespace gatehouse::document {

inline constexpr size_t kMaxTrustNoteBytes = 1024;
inline constexpr size_t kMaxRemovals = 10'000;
// How often a change is planned anew because another replica was first.
inline constexpr int kMaxChangeAttempts = 8;

struct TrustSnapshot {
  std::shared_ptr<const pki::TrustStore> store;
  absl::Time newest_import = absl::InfinitePast();
};

// Who signs this centre's packs, and whose packs this post takes. Empty: no packs.
struct TrustPackKeys {
  std::string certificate;  // DER
  std::string key;          // PEM
  std::vector<pki::CertificatePtr> signers;
};

// How far the change that is being made has come. Of this process: another replica has its own.
struct TrustProgress {
  std::string step;  // "reading", "verifying", "storing"
  size_t done = 0, total = 0;
  std::string by;
};

// Thread-safe. Changes come one after another; verification goes on meanwhile.
class Trust {
 public:
  struct Deps {
    TrustRepository& repository;
    base::Clock& clock;
    base::Random& random;
    TrustSnapshotFile* snapshot_file = nullptr;  // none: the snapshot is kept in memory
    TrustPackKeys pack_keys = {};
  };
  explicit Trust(Deps deps);

  // Loads what the repository has that this process has not. Called at start and from time to time. A change or an
  // element that cannot be read, a history that does not give the version it says, and one whose end is lost (by its
  // head, by what this process had, or by the snapshot file) stop neither: the rest is used,
  // the store knows what it may lack (pki::MissingTrust) and its answers say so, and no change is made on top of it.
  // While the repository has not answered for kMaxUnasked, or has a change that this process could not take, whether a
  // list or a removal is missing is not known, and the store says that of both until it answers. DEADLINE_EXCEEDED also
  // when a change of this process takes longer than the thread has time.
  absl::Status Refresh();
  // DATA_LOSS with the reason while something of the history in use cannot be read.
  absl::Status history_status() const;

  struct ImportOutcome {
    std::vector<TrustImportResult> results;  // one a file, in their order
    std::string import_id;                   // empty: nothing was new
    int pending = 0;
    std::string trust_version;  // used after it
  };
  // Stages what can be used of the files, and takes into use what needs no second person; durable on return.
  // INVALID_ARGUMENT for no file at all.
  absl::StatusOr<ImportOutcome> Import(const std::vector<NamedContent>& files, const std::string& note,
                                       const TrustActor& actor, const Asked<ImportOutcome>& asked = {});
  struct Decided {
    TrustImport import;
    std::string trust_version;  // used after it
  };
  // Errors as TrustLedger::MayAccept.
  absl::StatusOr<Decided> Accept(const std::string& import_id, const TrustActor& actor,
                                 const Asked<Decided>& asked = {});
  absl::StatusOr<Decided> Reject(const std::string& import_id, const std::string& reason, const TrustActor& actor,
                                 const Asked<Decided>& asked = {});
  // Takes elements out of use: certificates at once; lists, whose absence can make a document valid, when a second
  // person accepts. To take one in again needs two people. NOT_FOUND names an element that is not in use.
  absl::StatusOr<Decided> Remove(const std::vector<std::string>& sha256, const std::string& reason,
                                 const TrustActor& actor, const Asked<Decided>& asked = {});
  // What an import changes or changed. NOT_FOUND.
  absl::StatusOr<std::vector<TrustDifference>> Diff(const std::string& import_id) const;

  struct ExportedPack {
    std::string bytes;
    int64_t version_number = 0;
    std::string trust_version;
  };
  // What is used now, signed. FAILED_PRECONDITION without a key.
  absl::StatusOr<ExportedPack> ExportPack(bool omit_signers) const;
  // Makes what is used here what the pack says. No second person is needed: two accepted each anchor at the centre, and
  // the pack says who; one that does not say so is refused. UNAUTHENTICATED: not of a configured centre, or altered;
  // FAILED_PRECONDITION: not newer than the last one.
  struct ImportedPack {
    TrustChange change;  // without payload
    std::string signer;
  };
  absl::StatusOr<ImportedPack> ImportPack(const std::string& bytes, const TrustActor& actor,
                                          const Asked<ImportedPack>& asked = {});

  // What is being done now; nothing when nobody waits.
  std::optional<TrustProgress> Progress() const;

  // What became of an element, in use or not. NOT_FOUND when the history never had it.
  absl::StatusOr<TrustElementRecord> Element(const std::string& sha256) const;

  std::vector<TrustImport> Imports() const;    // in order
  std::vector<TrustVersion> Versions() const;  // in order

  // Never null.
  TrustSnapshot snapshot() const;
  // The store as it was: `version` is the number or the digest of a version; empty: now, as snapshot() has it.
  // NOT_FOUND. Rebuilds an old one from the history, one at a time, and keeps the last one it rebuilt;
  // DEADLINE_EXCEEDED when its turn does not come within the time of the thread.
  absl::StatusOr<std::shared_ptr<const pki::TrustStore>> AtVersion(const std::string& version) const;

  // The deviation and defect lists in `store`, as far as their signers lead to its anchors; never null. Read once for
  // the store that is used now.
  std::shared_ptr<const pki::DeviationTable> DeviationsOf(const std::shared_ptr<const pki::TrustStore>& store) const;

  // Why the snapshot file could not be written or read, last time; verification then uses memory.
  absl::Status file_status() const;

 private:
  struct State {
    TrustLedger ledger;
    std::shared_ptr<const pki::TrustStore> store;    // as the history gives it
    std::shared_ptr<const pki::TrustStore> doubted;  // what is given out in its place; null: nothing is
    const std::shared_ptr<const pki::TrustStore>& given() const { return doubted == nullptr ? store : doubted; }
  };
  using StatePtr = std::shared_ptr<const State>;
  // What is kept of the request that asked for a change, from the change and the ledger after it; nothing without one.
  using Answer = std::function<std::optional<AnsweredRequest>(const TrustChange&, const TrustLedger& after)>;
  // A change for a state, and the files that are its evidence.
  using Plan = std::function<absl::StatusOr<TrustChange>(const State&)>;

  static constexpr char kAnotherChange[] = "another change of the trust store is being made";

  static absl::StatusOr<std::shared_ptr<const pki::TrustStore>> OpenStore(std::string bytes,
                                                                          pki::MissingTrust missing = {});
  StatePtr state() const;
  absl::Status RefreshLocked();
  // `newer`: that the repository has a change which is not in use is known.
  absl::Status TakeNewer(bool& newer);
  void Believe();
  void Doubt(const absl::Status& why, bool newer);
  absl::Status Take(const TrustUsed& used, const State& before, pki::MissingTrust missing, State& next);
  absl::StatusOr<std::shared_ptr<const pki::TrustStore>> Rebuild(const TrustVersion& wanted) const;
  // Plans, numbers, folds and appends a change, again if another replica was first. The change as it was made; one
  // with nothing in it is not made.
  absl::StatusOr<TrustChange> MakeChange(const TrustActor& actor, const Plan& plan, const std::vector<TrustFile>& files,
                                         const Answer& answer);
  // A change that decides about the import of this id.
  absl::StatusOr<Decided> Decide(const TrustActor& actor, const Plan& plan, const std::string& import_id,
                                 const Asked<Decided>& asked);
  // Folds `change` onto `before` and fills in what was used after it. The bytes of the new snapshot, empty when what is
  // used stays as it was. Other things than the bytes are not held on return.
  absl::StatusOr<std::string> ApplyAndWrite(const State& before, const std::shared_ptr<TrustChange>& change,
                                            const pki::ProgressListener& progress) const;
  // Folds what `change` does after `ledger` into `used`; an acceptance loads what it accepts.
  absl::StatusOr<TrustUsed::Effect> Fold(const TrustLedger& ledger, std::shared_ptr<const TrustChange> change,
                                         TrustUsed& used) const;
  // The bytes of a snapshot, kept where verification reads them: Prepare() and Publish(), or else in memory.
  absl::StatusOr<std::shared_ptr<const pki::TrustStore>> Keep(std::string bytes);
  // True when the bytes lie beside the snapshot file and need not be held.
  bool Prepare(std::string_view bytes);
  // What was prepared last, read back. An error is noted for file_status().
  absl::StatusOr<std::shared_ptr<const pki::TrustStore>> Publish();
  void NoteFile(absl::Status status);
  void Tell(const std::string& by, const pki::Progress& progress);
  StatePtr FromFile(const std::vector<TrustChange>& headings, std::string& lost);
  absl::StatusOr<std::set<pki::Fingerprint>> Waiting(const TrustLedger& ledger) const;

  Deps deps_;
  std::timed_mutex change_mutex_;  // one change or refresh at a time
  mutable std::mutex mutex_;
  StatePtr state_;
  LastAsked last_asked_;
  absl::Status file_status_;
  std::optional<TrustProgress> progress_;

  mutable std::timed_mutex rebuild_mutex_;
  mutable std::shared_ptr<const pki::TrustStore> rebuilt_;  // guarded by rebuild_mutex_

  // Of the store that was asked for last; whoever comes while it is read waits.
  struct Deviations {
    std::mutex mutex;
    std::shared_ptr<const pki::TrustStore> store;
    std::shared_ptr<const pki::DeviationTable> table;
  };
  mutable Deviations deviations_, deviations_of_rebuilt_;
};

}  // namespace gatehouse::document
