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
#include "services/document/answered_request.h"
#include "services/document/notice_import.h"
#include "services/document/trust_change.h"

namespace gatehouse::document {

// A file as it was imported: the evidence of a change. Its content lies with the caller.
struct TrustFile {
  std::string name;
  std::string_view content;
  std::string sha256;  // hex
};

// Keeps the history of the trust store. Several processes may share it.
class TrustRepository {
 public:
  virtual ~TrustRepository() = default;
  // Appends the change with its number, keeps the files (a file that is there already, by digest, is left as it was),
  // and publishes it; all or nothing, durable on return. ALREADY_EXISTS: another process has made this number. Takes
  // the payload: what is left is a heading, so that a whole directory is not held twice.
  // ABORTED: `answered`, the request that asked for it (null: none), was answered meanwhile.
  virtual absl::Status Append(TrustChange& change, const std::vector<TrustFile>& files,
                              const AnsweredRequest* answered) = 0;
  // The number of the newest change, kept apart from the changes; 0: none. DATA_LOSS when it cannot be read.
  virtual absl::StatusOr<int64_t> Newest() = 0;
  // Headings, without payload, of all changes after `number`, in order; a row that cannot be read among the others,
  // marked.
  virtual absl::StatusOr<std::vector<TrustChange>> HeadingsSince(int64_t number) = 0;
  // One change whole. NOT_FOUND; DATA_LOSS when it cannot be read.
  virtual absl::StatusOr<TrustChange> Load(int64_t number) = 0;
};

// Keeps the snapshot that verification reads; a cache of what the history says, and may be lost.
class TrustSnapshotFile {
 public:
  virtual ~TrustSnapshotFile() = default;
  // NOT_FOUND when there is none; DATA_LOSS when it is damaged.
  virtual absl::StatusOr<std::shared_ptr<const pki::TrustSnapshot>> Load() = 0;
  // Puts another one beside it, durably, which nobody reads before it is published.
  virtual absl::Status Prepare(std::string_view bytes) = 0;
  // The one that was prepared last replaces it, whole or not at all, durably.
  virtual absl::Status Publish() = 0;
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

// How often a notice fitted a document, and when first and last; nothing of the documents.
struct NoticeCount {
  std::string notice_id;
  int64_t matches = 0;
  absl::Time first;
  absl::Time last;
};

// Keeps notices, their imports and how often they fitted. Several processes may share it.
class NoticeRepository {
 public:
  virtual ~NoticeRepository() = default;
  // Keeps the import with its number, and its notices in the place of those with their ids; all or nothing, durable on
  // return. ALREADY_EXISTS: another process has made this number.
  // ABORTED: `answered`, the request that asked for it (null: none), was answered meanwhile.
  virtual absl::Status Append(const NoticeImport& made, const std::vector<const Notice*>& notices,
                              const AnsweredRequest* answered) = 0;
  // What the store says it holds, kept apart from it. DATA_LOSS when it cannot be read.
  struct Extent {
    int64_t newest_import = 0;  // its number; 0: none
    int64_t notices = 0;
  };
  virtual absl::StatusOr<Extent> Held() = 0;
  // Notices of all imports after `number`, their images without content; one that cannot be read among the others,
  // marked.
  virtual absl::StatusOr<std::vector<KeptNotice>> NoticesSince(int64_t number) = 0;
  // Fills in the content of a notice's images.
  virtual absl::Status LoadImages(Notice& notice) = 0;
  // In order, the newest first.
  virtual absl::StatusOr<std::vector<NoticeImport>> Imports() = 0;
  // Adds to what was counted before; all or nothing, durable on return.
  virtual absl::Status AddCounts(const std::vector<NoticeCount>& counts) = 0;
  // Of the notices that fitted at all; the most matches first.
  virtual absl::StatusOr<std::vector<NoticeCount>> Counts() = 0;
};

}  // namespace gatehouse::document
