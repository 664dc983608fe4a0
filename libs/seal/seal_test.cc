#include "libs/seal/seal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/seal/crypto.h"
#include "libs/seal/key_cache.h"
#include "libs/sql/migrate.h"
#include "libs/testing/fake_clock.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/servers.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/temporary_folder.h"
#include "libs/testing/test_store.h"

namespace gatehouse::seal {
namespace {

using ::gatehouse::testing::IsOk;
using ::gatehouse::testing::IsOkAndHolds;
using ::gatehouse::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

const sql::Migration kMigrations[] = {{.version = 1, .min_reader = 1, .name = "seal", .sql = kSealTablesSql}};

MasterKey TestKey(char fill = 'k') { return MasterKey(std::string(32, fill)); }

class SealTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override {
    GH_REQUIRE_SERVER(store_, testing::MakeTestStore(GetParam()));
    ASSERT_OK_AND_ASSIGN(database_, sql::Open({.dsn = store_->dsn()}));
    ASSERT_OK(sql::Migrate(*database_, kMigrations));
    sealer_ = MustMake(TestKey());
  }

  std::unique_ptr<Sealer> MustMake(MasterKey key, const std::string& service = "traveller") {
    auto sealer = Sealer::Make({.database = *database_,
                                .random = base::SystemRandom(),
                                .master_key = std::move(key),
                                .service = service,
                                .clock = clock_});
    EXPECT_THAT(sealer, IsOk());
    return *std::move(sealer);
  }

  absl::StatusOr<std::string> Seal(std::string_view subject, std::string_view context, std::string_view plaintext) {
    std::string sealed;
    GH_RETURN_IF_ERROR(database_->Write([&](sql::Transaction& transaction) -> absl::Status {
      GH_ASSIGN_OR_RETURN(sealed, sealer_->Seal(transaction, subject, context, plaintext));
      return absl::OkStatus();
    }));
    return sealed;
  }
  std::string MustSeal(std::string_view subject, std::string_view context, std::string_view plaintext) {
    const absl::StatusOr<std::string> sealed = Seal(subject, context, plaintext);
    EXPECT_THAT(sealed, IsOk());
    return sealed.value_or("");
  }

  testing::FakeClock clock_;
  std::unique_ptr<testing::TestStore> store_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<Sealer> sealer_;
};

TEST_P(SealTest, APackedValueComesBackAndIsNeverTakenForAPlainOne) {
  const std::string text(5000, 'a');
  std::string sealed;
  ASSERT_OK(database_->Write([&](sql::Transaction& transaction) -> absl::Status {
    GH_ASSIGN_OR_RETURN(sealed, sealer_->Seal(transaction, "person-1", "table.column", Pack(text)));
    return absl::OkStatus();
  }));
  EXPECT_LT(sealed.size(), 200u);
  EXPECT_THAT(sealer_->Open("person-1", "table.column", sealed), IsOkAndHolds(text));
  EXPECT_THAT(sealer_->Open("person-1", "table.other", sealed), StatusIs(absl::StatusCode::kDataLoss));
  sealed[0] = 1;
  EXPECT_THAT(sealer_->Open("person-1", "table.column", sealed), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_P(SealTest, ANewSubjectIsSealedBeforeItsTransaction) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<NewSubject> subject, sealer_->MakeSubject("person-1"));
  ASSERT_OK_AND_ASSIGN(const std::string sealed, subject->Seal("table.column", Pack("secret")));
  const absl::Status not_yet = sealer_->Open("person-1", "table.column", sealed).status();
  EXPECT_TRUE(IsKeyLost(not_yet)) << not_yet;
  ASSERT_OK(database_->Write([&](sql::Transaction& transaction) { return subject->Store(transaction); }));
  EXPECT_THAT(sealer_->Open("person-1", "table.column", sealed), IsOkAndHolds("secret"));
  EXPECT_THAT(database_->Write([&](sql::Transaction& transaction) { return subject->Store(transaction); }),
              StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_OK(sealer_->Erase("person-1"));
  EXPECT_TRUE(IsErased(sealer_->Open("person-1", "table.column", sealed).status()));
  EXPECT_THAT(sealer_->MakeSubject(""), StatusIs(absl::StatusCode::kInvalidArgument));
}

INSTANTIATE_TEST_SUITE_P(Stores, SealTest, ::testing::ValuesIn(testing::kAllStoreKinds), testing::StoreKindName);

TEST_P(SealTest, OpensWhatItSealed) {
  for (const std::string& plaintext : {std::string(), std::string("ERIKSSON<<ANNA"), std::string(100'000, '\xff')}) {
    const std::string sealed = MustSeal("person-1", "crossing.identity", plaintext);
    EXPECT_EQ(sealed.size(), 1 + 12 + plaintext.size() + 16);
    EXPECT_THAT(sealer_->Open("person-1", "crossing.identity", sealed), IsOkAndHolds(plaintext));
    EXPECT_TRUE(plaintext.empty() || sealed.find(plaintext) == std::string::npos);
  }
}

TEST_P(SealTest, SealsTheSameValueDifferentlyEachTime) {
  EXPECT_NE(MustSeal("person-1", "c", "value"), MustSeal("person-1", "c", "value"));
}

TEST_P(SealTest, AValueOpensOnlyInItsPlace) {
  const std::string sealed = MustSeal("person-1", "crossing.identity", "value");
  MustSeal("person-2", "crossing.identity", "other");
  EXPECT_THAT(sealer_->Open("person-2", "crossing.identity", sealed), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(sealer_->Open("person-1", "crossing.place", sealed), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(sealer_->Open("person-1", "", sealed), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(sealer_->Open("person-3", "crossing.identity", sealed), StatusIs(absl::StatusCode::kDataLoss));
}

// An erasure is a wish fulfilled, a lost key an accident: whoever asks reads which it was.
TEST_P(SealTest, ALostKeyIsNotAnErasure) {
  const std::string sealed = MustSeal("person-1", "c", "value");
  const auto execute = [&](std::string_view statement) {
    ASSERT_OK(database_->Write([&](sql::Transaction& transaction) { return transaction.Execute(statement); }));
  };
  ASSERT_OK(sealer_->Erase("person-2"));
  const absl::Status erased = sealer_->Open("person-2", "c", sealed).status();
  EXPECT_THAT(erased, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(IsErased(erased));
  EXPECT_FALSE(IsKeyLost(erased));
  EXPECT_TRUE(IsErased(Seal("person-2", "c", "value").status()));

  execute(
      "UPDATE seal_key SET wrapped_key = (SELECT wrapped_key FROM seal_key WHERE subject = '') "
      "WHERE subject = 'person-1'");
  const absl::Status foreign = sealer_->Open("person-1", "c", sealed).status();
  EXPECT_THAT(foreign, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_TRUE(IsKeyLost(foreign));
  EXPECT_TRUE(IsKeyLost(Seal("person-1", "c", "value").status()));

  execute("DELETE FROM seal_key WHERE subject = 'person-1'");
  const absl::Status missing = sealer_->Open("person-1", "c", sealed).status();
  EXPECT_THAT(missing, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_TRUE(IsKeyLost(missing));
  EXPECT_FALSE(IsErased(missing));
  // A damaged value is neither.
  const std::string whole = MustSeal("person-3", "c", "value");
  const absl::Status damaged = sealer_->Open("person-3", "c", whole.substr(1)).status();
  EXPECT_FALSE(IsErased(damaged) || IsKeyLost(damaged));
}

TEST_P(SealTest, AKnownSubjectWhoseKeyIsLostGetsNoNewOne) {
  const std::string sealed = MustSeal("person-1", "c", "value");
  const auto seal_known = [&](std::string_view subject, std::string& made) {
    return database_->Write([&](sql::Transaction& transaction) -> absl::Status {
      GH_ASSIGN_OR_RETURN(made, sealer_->SealKnown(transaction, subject, "c", "more"));
      return absl::OkStatus();
    });
  };
  std::string more;
  ASSERT_OK(seal_known("person-1", more));
  EXPECT_THAT(sealer_->Open("person-1", "c", more), IsOkAndHolds("more"));
  const absl::Status lost = seal_known("person-2", more);
  EXPECT_THAT(lost, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_TRUE(IsKeyLost(lost));
  ASSERT_OK_AND_ASSIGN(const auto rows, database_->Query("SELECT COUNT(*) FROM seal_key WHERE subject = 'person-2'"));
  EXPECT_EQ(rows[0].Int(0), 0);
}

TEST_P(SealTest, AnErasureAndWhatBelongsToItAreOneTransaction) {
  const std::string sealed = MustSeal("person-1", "c", "value");
  EXPECT_THAT(sealer_->Erase("person-1", [](sql::Transaction&) { return absl::AbortedError("not now"); }),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(sealer_->Open("person-1", "c", sealed), IsOkAndHolds("value"));
  ASSERT_OK(sealer_->Erase("person-1", [](sql::Transaction& transaction) {
    return transaction.Execute("DELETE FROM seal_key WHERE subject = 'person-9'");
  }));
  EXPECT_TRUE(IsErased(sealer_->Open("person-1", "c", sealed).status()));
}

TEST_P(SealTest, EveryFlippedBitAndEveryCutIsFound) {
  const std::string sealed = MustSeal("person-1", "c", "short value");
  for (size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    ASSERT_THAT(sealer_->Open("person-1", "c", changed), StatusIs(absl::StatusCode::kDataLoss)) << "bit " << bit;
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    ASSERT_THAT(sealer_->Open("person-1", "c", sealed.substr(0, size)), StatusIs(absl::StatusCode::kDataLoss));
  }
  ASSERT_THAT(sealer_->Open("person-1", "c", sealed + '\0'), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_P(SealTest, AnErasedSubjectIsGoneForGood) {
  const std::string sealed = MustSeal("person-1", "c", "value");
  const std::string neighbour = MustSeal("person-2", "c", "value");
  EXPECT_THAT(sealer_->Open("person-1", "c", sealed), IsOk()) << "so that its key is cached";
  ASSERT_OK(sealer_->Erase("person-1"));
  EXPECT_THAT(sealer_->Open("person-1", "c", sealed), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Seal("person-1", "c", "again"), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(sealer_->Open("person-2", "c", neighbour), IsOk());
  // Again, and for one who was never there.
  EXPECT_THAT(sealer_->Erase("person-1"), IsOk());
  EXPECT_THAT(sealer_->Erase("person-9"), IsOk());
  EXPECT_THAT(Seal("person-9", "c", "value"), StatusIs(absl::StatusCode::kFailedPrecondition));
  // After a restart, too; and the store holds no key of the subject any more.
  sealer_ = MustMake(TestKey());
  EXPECT_THAT(sealer_->Open("person-1", "c", sealed), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Seal("person-1", "c", "again"), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK_AND_ASSIGN(const auto rows,
                       database_->Query("SELECT COUNT(*) FROM seal_key WHERE subject = ? AND wrapped_key IS NOT NULL",
                                        {std::string("person-1")}));
  EXPECT_EQ(rows[0].Int(0), 0);
}

TEST_P(SealTest, AnErasureByAnotherReplicaIsFeltWithinTheCachedAge) {
  const std::string sealed = MustSeal("person-1", "c", "value");
  const auto other = MustMake(TestKey());
  ASSERT_THAT(sealer_->Open("person-1", "c", sealed), IsOk());
  ASSERT_OK(other->Erase("person-1"));
  EXPECT_THAT(Seal("person-1", "c", "more"), StatusIs(absl::StatusCode::kFailedPrecondition)) << "writing: at once";
  clock_.Advance(kCachedKeyAge + absl::Seconds(1));
  EXPECT_THAT(sealer_->Open("person-1", "c", sealed), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(SealTest, ACommandThatRunsTwiceIsAsGoodAsOne) {
  // As the writer may do: the first run is rolled back, with the key it made.
  std::string sealed;
  int runs = 0;
  const auto command = [&](sql::Transaction& transaction) -> absl::Status {
    GH_ASSIGN_OR_RETURN(sealed, sealer_->Seal(transaction, "person-1", "c", "value"));
    GH_ASSIGN_OR_RETURN(const std::string second, sealer_->Seal(transaction, "person-1", "d", "second"));
    return ++runs == 1 ? absl::AbortedError("roll this back") : absl::OkStatus();
  };
  ASSERT_THAT(database_->Write(command), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(sealer_->Open("person-1", "c", sealed), StatusIs(absl::StatusCode::kDataLoss));
  ASSERT_OK(database_->Write(command));
  EXPECT_THAT(sealer_->Open("person-1", "c", sealed), IsOkAndHolds("value"));
}

TEST_P(SealTest, ThreadsThatMeetANewSubjectAgreeOnItsKey) {
  const auto other = MustMake(TestKey());
  std::vector<std::string> sealed(16);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < sealed.size(); ++t) {
    threads.emplace_back([&, t] {
      Sealer& sealer = t % 2 == 0 ? *sealer_ : *other;
      EXPECT_THAT(database_->Write([&](sql::Transaction& transaction) -> absl::Status {
        GH_ASSIGN_OR_RETURN(sealed[t], sealer.Seal(transaction, "person-1", "c", absl::StrCat(t)));
        return absl::OkStatus();
      }),
                  IsOk());
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t t = 0; t < sealed.size(); ++t) {
    EXPECT_THAT(sealer_->Open("person-1", "c", sealed[t]), IsOkAndHolds(absl::StrCat(t)));
  }
}

// Only where replicas share a store.
class SealReplicaTest : public SealTest {};
INSTANTIATE_TEST_SUITE_P(Stores, SealReplicaTest, ::testing::Values(testing::StoreKind::kPostgresql),
                         testing::StoreKindName);

TEST_P(SealReplicaTest, AgreeOnTheKeyOfANewSubject) {
  ASSERT_OK_AND_ASSIGN(const auto other_database, sql::Open({.dsn = store_->dsn()}));
  ASSERT_OK_AND_ASSIGN(const auto other, Sealer::Make({.database = *other_database,
                                                       .random = base::SystemRandom(),
                                                       .master_key = TestKey(),
                                                       .service = "traveller"}));
  for (int person = 0; person < 20; ++person) {
    const std::string subject = absl::StrCat("person-", person);
    const auto seal = [&](sql::Database& database, Sealer& sealer, std::string& sealed) {
      EXPECT_THAT(database.Write([&](sql::Transaction& transaction) -> absl::Status {
        GH_ASSIGN_OR_RETURN(sealed, sealer.Seal(transaction, subject, "c", "value"));
        return absl::OkStatus();
      }),
                  IsOk());
    };
    std::string mine;
    std::string theirs;
    std::thread replica([&] { seal(*other_database, *other, theirs); });
    seal(*database_, *sealer_, mine);
    replica.join();
    EXPECT_THAT(sealer_->Open(subject, "c", theirs), IsOkAndHolds("value"));
    EXPECT_THAT(other->Open(subject, "c", mine), IsOkAndHolds("value"));
  }
}

TEST_P(SealTest, LookupHashesAreStableAndApart) {
  const std::string hash = sealer_->LookupHash("document", "UTO|L898902C3");
  EXPECT_EQ(hash.size(), 32u);
  EXPECT_EQ(sealer_->LookupHash("document", "UTO|L898902C3"), hash);
  EXPECT_EQ(MustMake(TestKey())->LookupHash("document", "UTO|L898902C3"), hash) << "after a restart";
  EXPECT_NE(sealer_->LookupHash("document", "UTO|L898902C4"), hash);
  EXPECT_NE(sealer_->LookupHash("person", "UTO|L898902C3"), hash);
}

TEST_P(SealTest, AnotherMasterKeyOrServiceIsRefused) {
  const Sealer::Deps other_key = {
      .database = *database_, .random = base::SystemRandom(), .master_key = TestKey('x'), .service = "traveller"};
  EXPECT_THAT(Sealer::Make(other_key),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another master key")));
  const Sealer::Deps other_service = {
      .database = *database_, .random = base::SystemRandom(), .master_key = TestKey(), .service = "inspection"};
  EXPECT_THAT(Sealer::Make(other_service), StatusIs(absl::StatusCode::kFailedPrecondition));
  const Sealer::Deps short_key = {.database = *database_,
                                  .random = base::SystemRandom(),
                                  .master_key = MasterKey(std::string(16, 'k')),
                                  .service = "traveller"};
  EXPECT_THAT(Sealer::Make(short_key), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(SealTest, BoundsAreNamed) {
  EXPECT_THAT(Seal("", "c", "v"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("subject")));
  EXPECT_THAT(Seal(std::string(257, 's'), "c", "v"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Seal("s", std::string(257, 'c'), "v"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(sealer_->Open("", "c", "v"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(sealer_->Erase(""), StatusIs(absl::StatusCode::kInvalidArgument)) << "the proof row cannot be erased";
}

// --- The parts ---

TEST(CryptoTest, DerivesAsRfc5869Says) {
  // Appendix A.3: SHA-256, no salt, no info; the first 32 bytes.
  const Key key = DeriveKey(std::string(22, '\x0b'), "");
  EXPECT_EQ(absl::BytesToHexString(std::string(key.view())),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(CryptoTest, AuthenticatesAsRfc4231Says) {
  // Test case 1 has a 20-byte key; HMAC pads with zeros, so the same key with zeros behind it is the same key.
  const Key key = *Key::FromBytes(std::string(20, '\x0b') + std::string(12, '\0'));
  EXPECT_EQ(absl::BytesToHexString(Hmac(key, "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

// Gives the bytes it was made with.
class FixedRandom final : public base::Random {
 public:
  explicit FixedRandom(std::string bytes) : bytes_(std::move(bytes)) {}
  void Fill(uint8_t* data, size_t size) override {
    ASSERT_EQ(size, bytes_.size());
    std::copy(bytes_.begin(), bytes_.end(), data);
  }

 private:
  const std::string bytes_;
};

TEST(CryptoTest, EncryptsAsTheGcmSpecificationSays) {
  // Test case 16 of "The Galois/Counter Mode of Operation" (McGrew, Viega): AES-256, 60 bytes, 20 authenticated.
  const Key key =
      *Key::FromBytes(absl::HexStringToBytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"));
  FixedRandom nonce(absl::HexStringToBytes("cafebabefacedbaddecaf888"));
  const std::string authenticated = absl::HexStringToBytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const std::string plaintext = absl::HexStringToBytes(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
      "b16aedf5aa0de657ba637b39");
  const std::string encrypted = Encrypt(key, nonce, authenticated, plaintext);
  EXPECT_EQ(absl::BytesToHexString(encrypted),
            "cafebabefacedbaddecaf888"
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
            "c5f61e6393ba7a0abcc9f662"
            "76fc6ece0f4e1768cddf8853bb2d551b");
  EXPECT_EQ(Decrypt(key, authenticated, encrypted), plaintext);
}

TEST(KeyCacheTest, IsBoundedByUse) {
  testing::FakeClock clock;
  testing::SeededRandom random(1);
  KeyCache cache(clock, 3, absl::Minutes(1));
  for (const char* subject : {"a", "b", "c"}) cache.Insert(subject, Key::Random(random), cache.epoch());
  EXPECT_TRUE(cache.Find("a").has_value());
  cache.Insert("d", Key::Random(random), cache.epoch());
  EXPECT_EQ(cache.size(), 3u);
  EXPECT_TRUE(cache.Find("a").has_value());
  EXPECT_FALSE(cache.Find("b").has_value()) << "the least recently used";
}

TEST(KeyCacheTest, AKeyReadBeforeAnErasureDoesNotComeBackAfterIt) {
  testing::FakeClock clock;
  testing::SeededRandom random(1);
  KeyCache cache(clock, 3, absl::Minutes(1));
  const uint64_t epoch = cache.epoch();           // a reader asks the store ...
  cache.Forget("a");                              // ... the subject is erased ...
  cache.Insert("a", Key::Random(random), epoch);  // ... and the reader comes late
  EXPECT_FALSE(cache.Find("a").has_value());
}

TEST(KeyCacheTest, AKeyOfAFutureClockIsAskedForAgain) {
  testing::FakeClock clock;
  testing::SeededRandom random(1);
  KeyCache cache(clock, 3, absl::Minutes(1));
  cache.Insert("a", Key::Random(random), cache.epoch());
  clock.Advance(-absl::Hours(1));
  EXPECT_FALSE(cache.Find("a").has_value());
}

TEST(MasterKeyTest, IsMadeOnceAndReadBack) {
  const testing::TemporaryFolder folder;
  const std::string file = folder.File("seal.key");
  EXPECT_THAT(ReadMasterKey(file), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_OK_AND_ASSIGN(const MasterKey key, CreateMasterKey(file, base::SystemRandom()));
  EXPECT_EQ(key.Reveal().size(), 32u);
  ASSERT_OK_AND_ASSIGN(const MasterKey read, ReadMasterKey(file));
  EXPECT_TRUE(read == key);
  EXPECT_THAT(CreateMasterKey(file, base::SystemRandom()), StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_OK_AND_ASSIGN(const MasterKey still, ReadMasterKey(file));
  EXPECT_TRUE(still == key);
  struct stat info;
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(MasterKeyTest, RefusesWhatIsNoKey) {
  const testing::TemporaryFolder folder;
  const std::string file = folder.File("seal.key");
  const auto read = [&](const std::string& text, mode_t mode) {
    std::ofstream(file) << text;
    EXPECT_EQ(::chmod(file.c_str(), mode), 0);
    return ReadMasterKey(file);
  };
  const std::string good(64, 'a');
  EXPECT_THAT(read(good, 0600), IsOk());
  EXPECT_THAT(read(good + "\n", 0400), IsOk());
  ::chmod(file.c_str(), 0600);
  EXPECT_THAT(read(good, 0640), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("chmod 600")));
  for (const std::string& bad : {std::string(), good.substr(1), good + "a", good + "\n\n", std::string(64, 'g')}) {
    const auto key = read(bad, 0600);
    EXPECT_THAT(key, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("64 hex digits")));
    EXPECT_THAT(std::string(key.status().message()), Not(HasSubstr("aaaa"))) << "the key itself is never printed";
  }
}

}  // namespace
}  // namespace gatehouse::seal
