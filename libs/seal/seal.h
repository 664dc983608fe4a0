// Sealing: personal columns and blobs are stored under a data key of their record subject (a person, an inspection), so
// that destroying the key is the erasure, in copies and streams too. AES-256-GCM envelopes: version byte, 12-byte
// random nonce, ciphertext, 16-byte tag; the subject and the context (table and column) are authenticated. The data key
// is random, wrapped under a key derived from the master key, and lives in the table seal_key of the service's own
// store. Exact look-up goes by LookupHash: HMAC-SHA-256 under a key derived from the master key per field, so that no
// clear index exists. Keys are backed up apart from data. Bytes, and what erasure does not reach:
// docs/formats/sealed-value.md.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/redacted.h"
#include "libs/seal/packing.h"
#include "libs/sql/sql.h"

namespace gatehouse::seal {

inline constexpr size_t kMaxSubjectBytes = 256;
inline constexpr size_t kMaxContextBytes = 256;
inline constexpr size_t kMaxPlaintextBytes = 64 * 1024 * 1024;
// Opened keys that are kept in memory, and for how long: so soon an erasure by another replica is felt by all.
inline constexpr size_t kMaxCachedKeys = 10'000;
inline constexpr absl::Duration kCachedKeyAge = absl::Minutes(1);

// The table seal_key; a service puts it into its first migration.
extern const char kSealTablesSql[];

// 32 bytes.
using MasterKey = base::Redacted<std::string>;

// Reads the hex file. NOT_FOUND when absent; INVALID_ARGUMENT when it is not 64 hex digits or others may read it;
// UNAVAILABLE when the system refuses.
absl::StatusOr<MasterKey> ReadMasterKey(const std::string& file);
// Makes one, mode 0600, never overwriting (ALREADY_EXISTS); whole and synced before it returns, or absent.
absl::StatusOr<MasterKey> CreateMasterKey(const std::string& file, base::Random& random);

// Why a status of Open, Seal or SealKnown is no: they tell an erasure from a loss, which have nothing in common.
// The subject was erased: its key was destroyed on purpose, and a mark was left.
bool IsErased(const absl::Status& status);
// The subject's data key is missing without that mark, or does not open under the master key. What it sealed may come
// back with a copy of the table seal_key; whoever asks must not take it for an empty answer.
bool IsKeyLost(const absl::Status& status);

// A subject that the store does not know yet: its values are sealed before the transaction that stores them, so that
// the one writer's thread has no more of it than the rows. Belongs to one thread at a time.
class NewSubject {
 public:
  virtual ~NewSubject() = default;
  // INVALID_ARGUMENT for one of the bounds above.
  virtual absl::StatusOr<std::string> Seal(std::string_view context, const Packed& packed) = 0;
  // Once per run of the command that stores the values. ALREADY_EXISTS, then or at the commit, when the subject is
  // known.
  virtual absl::Status Store(sql::Transaction& transaction) = 0;
};

// Thread-safe.
class Sealer {
 public:
  struct Deps {
    sql::Database& database;
    base::Random& random;
    MasterKey master_key;
    std::string service;  // separates the keys of services that share a master key
    base::Clock& clock = base::SystemClock();
  };
  // After the store is migrated. FAILED_PRECONDITION when the store was sealed under another master key (or for another
  // service): looking up by a wrong key would find nobody, in silence.
  static absl::StatusOr<std::unique_ptr<Sealer>> Make(Deps deps);
  virtual ~Sealer() = default;

  // Seals under the subject's key, making the key in the same transaction when the subject is new; a command that runs
  // twice is as good as one. FAILED_PRECONDITION when the subject was erased. INVALID_ARGUMENT for an empty subject or
  // one of the bounds above.
  virtual absl::StatusOr<std::string> Seal(sql::Transaction& transaction, std::string_view subject,
                                           std::string_view context, std::string_view plaintext) = 0;
  // The same for a subject that must have its key already. Where that was lost no new one is made, so that the old one
  // can still be put back: DATA_LOSS, IsKeyLost.
  virtual absl::StatusOr<std::string> SealKnown(sql::Transaction& transaction, std::string_view subject,
                                                std::string_view context, std::string_view plaintext) = 0;
  // The same for a packed value (packing.h); Open gives back what was packed.
  virtual absl::StatusOr<std::string> Seal(sql::Transaction& transaction, std::string_view subject,
                                           std::string_view context, const Packed& packed) = 0;
  virtual absl::StatusOr<std::string> SealKnown(sql::Transaction& transaction, std::string_view subject,
                                                std::string_view context, const Packed& packed) = 0;
  // With a key of its own, which is nowhere until its Store is committed. INVALID_ARGUMENT for one of the bounds above.
  virtual absl::StatusOr<std::unique_ptr<NewSubject>> MakeSubject(std::string_view subject) = 0;
  // NOT_FOUND when the subject was erased. DATA_LOSS when its key is lost (IsKeyLost), or when the value does not
  // authenticate: changed, cut, of another subject or another context.
  virtual absl::StatusOr<std::string> Open(std::string_view subject, std::string_view context,
                                           std::string_view sealed) = 0;
  // The same inside a command of Database::Write, which may ask its own transaction only. Sees keys made earlier in it.
  virtual absl::StatusOr<std::string> Open(sql::Transaction& transaction, std::string_view subject,
                                           std::string_view context, std::string_view sealed) = 0;
  // Keyed hash for exact look-up, 32 bytes; the same for the same field and value as long as the master key is.
  // `value` must be canonical.
  virtual std::string LookupHash(std::string_view field, std::string_view value) const = 0;
  // Destroys the subject's key and leaves a tombstone, so that the subject cannot come back: durable on return. Also
  // for a subject that was never sealed; again is OK. `beside` (may be null) runs first in the same transaction: what
  // else the erasure removes or writes down. Where it fails nothing is erased, and its status is the answer.
  virtual absl::Status Erase(std::string_view subject, const sql::Command& beside) = 0;
  absl::Status Erase(std::string_view subject) { return Erase(subject, nullptr); }
};

}  // namespace gatehouse::seal
