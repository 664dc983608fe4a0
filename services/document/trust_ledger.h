// The fold of the trust store's history. TrustLedger: which imports wait, who stands behind them, which versions there
// were. TrustUsed: the elements in use. Both are plain values without I/O.
//
// Two people. An element that can make a document valid, or a wrong one tolerated, waits until two persons stand behind
// its import: the importer, if a person, and whoever accepts. The same person twice is one person. The rule is enforced
// where a change is made and again where it is folded, so no way of writing history goes around it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "libs/pki/trust_snapshot.h"
#include "services/document/trust_change.h"

namespace gatehouse::document {

inline constexpr size_t kPeopleForAnchors = 2;

enum class TrustImportState { kPending, kAccepted, kRejected };

struct TrustImport {
  std::string import_id;
  TrustImportState state = TrustImportState::kAccepted;
  TrustCause kind = TrustCause::kImport;  // import, removal, pack
  int64_t change_number = 0;
  TrustActor by;
  absl::Time time;
  std::string note;
  int32_t pending = 0;
  std::vector<std::string> accepted_by;  // without the importer
  std::string rejected_by;
  std::string reject_reason;
  absl::Time decided_at = absl::InfinitePast();

  // Persons who stand behind it, the importer first.
  std::vector<std::string> People() const;
};

struct TrustVersion {
  int64_t number = 0;
  std::string trust_version;
  int64_t change_number = 0;
  absl::Time time;
  TrustCause cause = TrustCause::kImport;
  std::string import_id;
  std::string by;
  int32_t added = 0, removed = 0;
};

class TrustLedger {
 public:
  int64_t number() const { return number_; }
  int64_t version_number() const { return versions_.empty() ? 0 : versions_.back().number; }
  int64_t pack_version() const { return pack_version_; }
  const pki::PkdHeld& pkd_held() const { return pkd_held_; }
  // When something was last taken into use.
  absl::Time newest_import() const { return newest_import_; }
  const std::vector<TrustImport>& imports() const { return imports_; }     // in order
  const std::vector<TrustVersion>& versions() const { return versions_; }  // in order
  // Null when there is none.
  const TrustImport* Find(const std::string& import_id) const;

  // OK when `actor` may accept it now. NOT_FOUND; FAILED_PRECONDITION when nothing waits; PERMISSION_DENIED when the
  // actor is no person or stands behind it already.
  absl::Status MayAccept(const std::string& import_id, const TrustActor& actor) const;
  absl::Status MayReject(const std::string& import_id) const;
  // The people behind the import with this acceptance, if they are enough; else nobody.
  std::vector<std::string> PeopleWith(const std::string& import_id, const TrustActor& actor) const;

  // The next change, by its heading. Of one that cannot be read nothing is known but that it was; one may be missing.
  void Apply(const TrustChange& heading);

 private:
  int64_t number_ = 0;
  int64_t pack_version_ = 0;
  pki::PkdHeld pkd_held_;
  absl::Time newest_import_ = absl::InfinitePast();
  std::vector<TrustImport> imports_;
  std::map<std::string, size_t> place_;
  std::vector<TrustVersion> versions_;
};

// Elements in use, by fingerprint.
class TrustUsed {
 public:
  TrustUsed() = default;
  explicit TrustUsed(std::shared_ptr<const pki::TrustSnapshot> snapshot);

  // Takes the elements of `change` with this state of waiting into use or out of it. `people` stand behind them; an
  // anchor with fewer than two is passed over, whatever the change says.
  struct Effect {
    int32_t added = 0, removed = 0;
    bool empty() const { return added == 0 && removed == 0; }
  };
  Effect Apply(std::shared_ptr<const TrustChange> change, bool pending, const std::vector<std::string>& people,
               absl::Time time);
  bool Contains(const pki::Fingerprint& fingerprint) const { return used_.contains(fingerprint); }
  // Of an element that is in use.
  const pki::TrustSource& SourceOf(const pki::Fingerprint& fingerprint) const { return *used_.at(fingerprint).source; }
  // Points into what this holds.
  pki::TrustContent Content() const;

 private:
  struct Used {
    pki::TrustRole role;
    pki::Bytes content;
    std::shared_ptr<const void> owner;
    std::shared_ptr<const pki::TrustSource> source;
  };
  bool Remove(const pki::Fingerprint& fingerprint);

  std::map<pki::Fingerprint, Used> used_;
  std::set<pki::Fingerprint> removed_;
};

}  // namespace gatehouse::document
