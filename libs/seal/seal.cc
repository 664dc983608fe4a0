#include "libs/seal/seal.h"

#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/seal/crypto.h"
#include "libs/seal/key_cache.h"

namespace gatehouse::seal {

// wrapped_key is null for an erased subject: the row stays as its tombstone.
const char kSealTablesSql[] = R"(
CREATE TABLE seal_key (
  subject TEXT NOT NULL PRIMARY KEY,
  wrapped_key {{BLOB}}
);
)";

namespace {

constexpr char kVersion = 1;
constexpr char kPackedVersion = 2;
// The row that proves that the master key is the one this store was sealed under. No subject is empty.
constexpr std::string_view kProofSubject = "";

// Rides inside the process only: libs/rpc sends no payload of this name.
constexpr char kWhyUrl[] = "gatehouse.seal/why";
constexpr char kErasedWord[] = "erased";
constexpr char kKeyLostWord[] = "key_lost";

absl::Status WithWhy(absl::Status status, const char* word) {
  status.SetPayload(kWhyUrl, absl::Cord(word));
  return status;
}

bool HasWhy(const absl::Status& status, const char* word) {
  const absl::optional<absl::Cord> why = status.GetPayload(kWhyUrl);
  return why.has_value() && *why == word;
}

// Parts with their lengths, so that no two lists of parts give the same text.
std::string Join(std::string_view purpose, std::initializer_list<std::string_view> parts) {
  std::string text(purpose);
  for (const std::string_view part : parts) absl::StrAppend(&text, "/", part.size(), ":", std::string(part));
  return text;
}

sql::Value Text(std::string_view text) { return std::string(text); }

constexpr char kSelectKey[] = "SELECT wrapped_key FROM seal_key WHERE subject = ?";

class EnvelopeSealer final : public Sealer {
 public:
  explicit EnvelopeSealer(Deps deps)
      : database_(deps.database),
        random_(deps.random),
        service_(deps.service),
        master_key_(std::move(deps.master_key)),
        wrapping_key_(DeriveKey(master_key_.Reveal(), Join("gatehouse/seal/v1/wrap", {service_}))),
        cache_(deps.clock, kMaxCachedKeys, kCachedKeyAge) {}

  // Leaves the proof at the first start, and opens it at every other.
  absl::Status ProveMasterKey() {
    GH_RETURN_IF_ERROR(database_.Write([this](sql::Transaction& transaction) {
      return InsertIfNew(transaction, kProofSubject, Key::Random(random_));
    }));
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                        database_.Query("SELECT wrapped_key FROM seal_key WHERE subject = ?", {Text(kProofSubject)}));
    if (rows.empty() || rows[0].IsNull(0) || !Unwrap(kProofSubject, rows[0].Bytes(0)).ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("the store of ", service_, " was sealed under another master key: give it the key file it had"));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Seal(sql::Transaction& transaction, std::string_view subject, std::string_view context,
                                   std::string_view plaintext) override {
    GH_RETURN_IF_ERROR(MakeKey(transaction, subject));
    return SealContent(transaction, subject, context, {kVersion, plaintext});
  }
  absl::StatusOr<std::string> Seal(sql::Transaction& transaction, std::string_view subject, std::string_view context,
                                   const Packed& packed) override {
    GH_RETURN_IF_ERROR(MakeKey(transaction, subject));
    return SealContent(transaction, subject, context, {kPackedVersion, packed.bytes});
  }
  absl::StatusOr<std::string> SealKnown(sql::Transaction& transaction, std::string_view subject,
                                        std::string_view context, std::string_view plaintext) override {
    return SealContent(transaction, subject, context, {kVersion, plaintext});
  }
  absl::StatusOr<std::string> SealKnown(sql::Transaction& transaction, std::string_view subject,
                                        std::string_view context, const Packed& packed) override {
    return SealContent(transaction, subject, context, {kPackedVersion, packed.bytes});
  }

  absl::StatusOr<std::unique_ptr<NewSubject>> MakeSubject(std::string_view subject) override {
    GH_RETURN_IF_ERROR(CheckBounds(subject, ""));
    const Key key = Key::Random(random_);
    return std::make_unique<FreshSubject>(*this, std::string(subject), key, Wrap(subject, key));
  }

  absl::StatusOr<std::string> Open(std::string_view subject, std::string_view context,
                                   std::string_view sealed) override {
    GH_RETURN_IF_ERROR(CheckBounds(subject, context));
    GH_ASSIGN_OR_RETURN(const Key key, KeyForReading(subject));
    return OpenWith(key, subject, context, sealed);
  }

  absl::StatusOr<std::string> Open(sql::Transaction& transaction, std::string_view subject, std::string_view context,
                                   std::string_view sealed) override {
    GH_RETURN_IF_ERROR(CheckBounds(subject, context));
    // Not put into the cache: the transaction may have made the key, and may yet fail.
    std::optional<Key> key = cache_.Find(subject);
    if (!key.has_value()) {
      GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows, transaction.Query(kSelectKey, {Text(subject)}));
      GH_ASSIGN_OR_RETURN(key, KeyOf(subject, rows));
    }
    return OpenWith(*key, subject, context, sealed);
  }

  std::string LookupHash(std::string_view field, std::string_view value) const override {
    return Hmac(LookupKey(field), value);
  }

  absl::Status Erase(std::string_view subject, const sql::Command& beside) override {
    GH_RETURN_IF_ERROR(CheckBounds(subject, ""));
    const absl::Status erased = database_.Write([subject, &beside](sql::Transaction& transaction) -> absl::Status {
      if (beside) GH_RETURN_IF_ERROR(beside(transaction));
      return transaction.Execute(
          "INSERT INTO seal_key (subject, wrapped_key) VALUES (?, NULL) "
          "ON CONFLICT (subject) DO UPDATE SET wrapped_key = NULL",
          {Text(subject)});
    });
    // After the commit, and also when it failed: then it is not known whether it was committed.
    cache_.Forget(subject);
    return erased;
  }

 private:
  // What is encrypted, and what it is: as it was given, or packed.
  struct Content {
    char version;
    std::string_view bytes;
  };

  class FreshSubject final : public NewSubject {
   public:
    FreshSubject(EnvelopeSealer& sealer, std::string subject, const Key& key, std::string wrapped)
        : sealer_(sealer), subject_(std::move(subject)), key_(key), wrapped_(std::move(wrapped)) {}
    absl::StatusOr<std::string> Seal(std::string_view context, const Packed& packed) override {
      return sealer_.SealWith(key_, subject_, context, {kPackedVersion, packed.bytes});
    }
    absl::Status Store(sql::Transaction& transaction) override {
      return transaction.Execute("INSERT INTO seal_key (subject, wrapped_key) VALUES (?, ?)",
                                 {subject_, sql::BlobView{wrapped_}});
    }

   private:
    EnvelopeSealer& sealer_;
    const std::string subject_;
    const Key key_;
    const std::string wrapped_;
  };

  // A new key is offered first and what the row then holds is used, which is one round trip, and right when two
  // replicas meet a subject.
  absl::Status MakeKey(sql::Transaction& transaction, std::string_view subject) {
    GH_RETURN_IF_ERROR(CheckBounds(subject, ""));
    return InsertIfNew(transaction, subject, Key::Random(random_));
  }

  absl::StatusOr<std::string> SealContent(sql::Transaction& transaction, std::string_view subject,
                                          std::string_view context, Content content) {
    GH_RETURN_IF_ERROR(CheckBounds(subject, context));
    // Never from the cache: whether the subject was erased is asked in the transaction that seals.
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows, transaction.Query(kSelectKey, {Text(subject)}));
    if (!rows.empty() && rows[0].IsNull(0)) {
      return WithWhy(absl::FailedPreconditionError("seal: the subject was erased"), kErasedWord);
    }
    GH_ASSIGN_OR_RETURN(const Key key, KeyOf(subject, rows));
    return SealWith(key, subject, context, content);
  }

  absl::StatusOr<std::string> SealWith(const Key& key, std::string_view subject, std::string_view context,
                                       Content content) {
    GH_RETURN_IF_ERROR(CheckBounds(subject, context));
    if (content.bytes.size() > kMaxPlaintextBytes) return absl::InvalidArgumentError("seal: the value is over 64 MiB");
    return content.version + Encrypt(key, random_, Authenticated(content.version, subject, context), content.bytes);
  }

  static absl::StatusOr<std::string> OpenWith(const Key& key, std::string_view subject, std::string_view context,
                                              std::string_view sealed) {
    if (sealed.empty() || (sealed.front() != kVersion && sealed.front() != kPackedVersion)) {
      return absl::DataLossError("seal: unknown version of envelope");
    }
    std::optional<std::string> content =
        Decrypt(key, Authenticated(sealed.front(), subject, context), sealed.substr(1));
    if (!content.has_value()) return absl::DataLossError("seal: the value does not authenticate");
    if (sealed.front() == kPackedVersion) return Unpack(*content);
    return *std::move(content);
  }

  static absl::Status CheckBounds(std::string_view subject, std::string_view context) {
    if (subject.empty() || subject.size() > kMaxSubjectBytes) {
      return absl::InvalidArgumentError("seal: the subject is empty or over 256 bytes");
    }
    if (context.size() > kMaxContextBytes) return absl::InvalidArgumentError("seal: the context is over 256 bytes");
    return absl::OkStatus();
  }

  // The version too: what was packed is never taken for plain text.
  static std::string Authenticated(char version, std::string_view subject, std::string_view context) {
    return Join(version == kPackedVersion ? "gatehouse/seal/v2/value" : "gatehouse/seal/v1/value", {subject, context});
  }

  // Derived once: fields are constants of the code, so there are few.
  Key LookupKey(std::string_view field) const {
    std::lock_guard lock(lookup_keys_mutex_);
    const auto known = lookup_keys_.find(field);
    if (known != lookup_keys_.end()) return known->second;
    const Key key = DeriveKey(master_key_.Reveal(), Join("gatehouse/seal/v1/lookup", {service_, field}));
    lookup_keys_.emplace(field, key);
    return key;
  }

  std::string Wrap(std::string_view subject, const Key& key) {
    return Encrypt(wrapping_key_, random_, Join("gatehouse/seal/v1/key", {subject}), key.view());
  }

  absl::StatusOr<Key> Unwrap(std::string_view subject, std::string_view wrapped) {
    const std::optional<std::string> bytes = Decrypt(wrapping_key_, Join("gatehouse/seal/v1/key", {subject}), wrapped);
    const std::optional<Key> key = bytes.has_value() ? Key::FromBytes(*bytes) : std::nullopt;
    if (!key.has_value()) {
      return WithWhy(absl::DataLossError("seal: a data key does not authenticate"), kKeyLostWord);
    }
    return *key;
  }

  absl::Status InsertIfNew(sql::Transaction& transaction, std::string_view subject, const Key& key) {
    return transaction.Execute(
        "INSERT INTO seal_key (subject, wrapped_key) VALUES (?, ?) ON CONFLICT (subject) DO NOTHING",
        {Text(subject), sql::Blob{Wrap(subject, key)}});
  }

  absl::StatusOr<Key> KeyOf(std::string_view subject, const std::vector<sql::Row>& rows) {
    if (rows.empty()) return WithWhy(absl::DataLossError("seal: the key of a subject is missing"), kKeyLostWord);
    if (rows[0].IsNull(0)) return WithWhy(absl::NotFoundError("seal: the subject was erased"), kErasedWord);
    return Unwrap(subject, rows[0].Bytes(0));
  }

  absl::StatusOr<Key> KeyForReading(std::string_view subject) {
    if (std::optional<Key> key = cache_.Find(subject); key.has_value()) return *key;
    const uint64_t epoch = cache_.epoch();
    GH_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows, database_.Query(kSelectKey, {Text(subject)}));
    GH_ASSIGN_OR_RETURN(const Key key, KeyOf(subject, rows));
    cache_.Insert(subject, key, epoch);
    return key;
  }

  sql::Database& database_;
  base::Random& random_;
  const std::string service_;
  const MasterKey master_key_;
  const Key wrapping_key_;
  KeyCache cache_;
  mutable std::mutex lookup_keys_mutex_;
  mutable std::map<std::string, Key, std::less<>> lookup_keys_;
};

}  // namespace

bool IsErased(const absl::Status& status) { return HasWhy(status, kErasedWord); }
bool IsKeyLost(const absl::Status& status) { return HasWhy(status, kKeyLostWord); }

absl::StatusOr<std::unique_ptr<Sealer>> Sealer::Make(Deps deps) {
  if (deps.master_key.Reveal().size() != Key::kBytes) {
    return absl::InvalidArgumentError("seal: the master key is not 32 bytes");
  }
  auto sealer = std::make_unique<EnvelopeSealer>(std::move(deps));
  GH_RETURN_IF_ERROR(sealer->ProveMasterKey());
  return sealer;
}

}  // namespace gatehouse::seal
