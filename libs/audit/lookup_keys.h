// Audit look-up keys: a leaf may say about which document or name a call was, without holding it. The subject is
// HMAC-SHA-256 of it under the key of the quarter (UTC) in which the leaf was written; whoever has the key can ask for
// one document, nobody without it can list any, and once the key is destroyed nobody can ask any more. One key a State
// and quarter: the folder is the same for all processes of a State. docs/formats/audit-lookup-key.md.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/audit/audit.h"
#include "libs/base/random.h"
#include "libs/base/redacted.h"

namespace gatehouse::audit {

using LookupKey = base::Redacted<std::string>;  // 32 bytes

// "2026Q4", in UTC.
std::string QuarterOf(absl::Time time);

// "document:2026Q4.1f3a:" or "name:2026Q4.1f3a:" (the KeyLabel) and 32 hex digits. Nothing for a document without a
// number, or a name without a letter. Letter case, blanks and hyphens do not count, nor does the order of the words of
// a name.
std::optional<std::string> DocumentSubject(const LookupKey& key, std::string_view quarter,
                                           const base::DocumentKey& document);
std::optional<std::string> NameSubject(const LookupKey& key, std::string_view quarter, const NamedPerson& person);
// The quarter and four hex digits of a hash of the key: by which a key that was lost and made anew is told from the
// first.
std::string KeyLabel(const LookupKey& key, std::string_view quarter);
// The label of the key of such a subject; empty for an id.
std::string_view LabelOfSubject(std::string_view subject);

// The keys of a folder, made as they are needed. Thread-safe.
class LookupKeys {
 public:
  // The folder is made with the first key.
  LookupKeys(std::string folder, base::Random& random) : folder_(std::move(folder)), random_(random) {}

  // The subjects of a leaf: its ids, then its documents and names as keyed hashes, each once; a name that has a date of
  // birth also without it, so that who asks for the name alone finds it. UNAVAILABLE when the key
  // of its quarter can be neither read nor made; FAILED_PRECONDITION when others may read the key file.
  absl::StatusOr<std::vector<std::string>> SubjectsOf(const Leaf& leaf);

 private:
  absl::StatusOr<LookupKey> KeyOf(const std::string& quarter);

  const std::string folder_;
  base::Random& random_;
  std::mutex mutex_;
  std::map<std::string, LookupKey> held_;
};

// Every key of a folder, by quarter; empty when the folder is absent.
absl::StatusOr<std::map<std::string, LookupKey>> ReadLookupKeys(const std::string& folder);

// Destroys the keys of quarters that ended at `before` or earlier, and returns which. FAILED_PRECONDITION, and nothing
// is destroyed, when one of them is a link: what it leads to would stay.
absl::StatusOr<std::vector<std::string>> DestroyLookupKeys(const std::string& folder, absl::Time before);

}  // namespace gatehouse::audit
