// Who looked at whom: the leaves about a document, a person, or of an officer, in one or more audit folders (archives
// too).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/audit/audit.h"
#include "libs/audit/lookup_keys.h"

namespace gatehouse::audit {

// What is asked; each that is given must hold.
struct Question {
  std::optional<base::DocumentKey> document;
  std::optional<NamedPerson> name;
  std::string person;   // any id that stands as a subject: a person, an inspection, a crossing
  std::string officer;  // the officer, or the identity of the caller
  absl::Time from = absl::InfinitePast();
  absl::Time to = absl::InfiniteFuture();  // not included
};

struct Found {
  std::string folder;
  Leaf leaf;
};

struct Findings {
  std::vector<Found> found;  // by folder, oldest first
  bool cut = false;          // there are more than `limit`
  int64_t leaves = 0;        // that were read
  // Labels (KeyLabel: the quarter and which key) of leaves about documents or names whose key is not there: what they
  // say was not searched.
  std::vector<std::string> keys_missing;
  // What could not be searched, one sentence each: what Verify says of a folder (no segment, one that is missing or
  // does not read, acknowledged leaves that are gone), segments that were taken away and are in none of the folders,
  // outcomes without their intents. Nothing found is no answer then.
  std::vector<std::string> problems;
  bool complete() const { return !cut && keys_missing.empty() && problems.empty(); }
};

struct SearchOptions {
  std::vector<std::string> folders;
  std::map<std::string, LookupKey> keys;
  size_t limit = 10'000;
  // Told of segments done and to do. May be empty.
  std::function<void(size_t done, size_t total)> progress;
};

// Reads each folder twice: first whether it is whole. NOT_FOUND or UNAVAILABLE when a folder cannot be read.
absl::StatusOr<Findings> Search(const Question& question, const SearchOptions& options);

}  // namespace gatehouse::audit
