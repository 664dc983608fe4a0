// What the document service needs from outside, in its own words.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/pki/trust_snapshot.h"
#include "services/document/trust_change.h"

namespace gatehouse::document {

// A file as it was imported: the evidence of a change.
struct TrustFile {
  std::string name;
  std::string content;
  std::string sha256;  // hex
};

// Keeps the history of the trust store. Several processes may share it.
class TrustRepository {
 public:
  virtual ~TrustRepository() = default;
  // Appends the change with its number, keeps the files (a file that is there already, by digest, is left as it was),
  // and publishes it; all or nothing, durable on return. ALREADY_EXISTS: another process has made this number.
  virtual absl::Status Append(const TrustChange& change, const std::vector<TrustFile>& files) = 0;
  // Headings, without payload, of all changes after `number`, in order.
  virtual absl::StatusOr<std::vector<TrustChange>> HeadingsSince(int64_t number) = 0;
  // One change whole. NOT_FOUND.
  virtual absl::StatusOr<TrustChange> Load(int64_t number) = 0;
};

// Keeps the snapshot that verification maps; a cache of what the history says, and may be lost.
class TrustSnapshotFile {
 public:
  virtual ~TrustSnapshotFile() = default;
  // NOT_FOUND when there is none; DATA_LOSS when it is damaged.
  virtual absl::StatusOr<std::shared_ptr<const pki::TrustSnapshot>> Load() = 0;
  // Replaces it whole or not at all, durably.
  virtual absl::Status Save(std::string_view bytes) = 0;
};

// A challenge for active authentication, as issued.
struct Challenge {
  std::string id;
  std::string bytes;
  absl::Time expiry;
};

// Keeps challenges until they are taken or expire. Shared by all replicas; durable on return.
class ChallengeRepository {
 public:
  virtual ~ChallengeRepository() = default;
  // Also forgets those that have expired at `now`.
  virtual absl::Status Save(const Challenge& challenge, absl::Time now) = 0;
  // The bytes, for one caller only, ever.
  virtual absl::StatusOr<std::optional<std::string>> Take(const std::string& id, absl::Time now) = 0;
};

}  // namespace gatehouse::document
