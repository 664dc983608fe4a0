// One traveller who crosses again and again: what the register is asked at each inspection, and what a recording costs,
// with 10, 1,000 and 100,000 crossings behind at the start. Through the store, on SQLite. Flat is what is wanted: a
// border resident of many years waits no longer than a tourist. A recording ends with a sync of the disk, whose rate
// moves; so a crossing is recorded with others in one commit, and its share of the work is what is measured.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/random.h"
#include "libs/base/uuid.h"
#include "libs/testing/temporary_folder.h"
#include "services/traveller/register.h"
#include "services/traveller/schema.h"
#include "services/traveller/store.h"
#include "services/traveller/test_passages.h"

namespace gatehouse::traveller {
namespace {

constexpr int kHistory = 10;            // as inspection asks
constexpr int kCommits = 20;            // few, so that ten crossings stay a short history
constexpr int kCrossingsACommit = 100;  // of group commit

// A store with one person of so many crossings.
class Registered {
 public:
  explicit Registered(int64_t crossings) {
    auto database = sql::Open({.dsn = absl::StrCat("sqlite:", folder_.File("traveller.db"))});
    GH_CHECK(database.ok());
    database_ = *std::move(database);
    GH_CHECK(sql::Migrate(*database_, kMigrations).ok());
    auto sealer = seal::Sealer::Make({.database = *database_,
                                      .random = base::SystemRandom(),
                                      .master_key = seal::MasterKey(std::string(32, 'k')),
                                      .service = "traveller"});
    GH_CHECK(sealer.ok());
    sealer_ = *std::move(sealer);
    outbox_ = std::make_unique<events::Outbox>(*database_);
    store_ = MakeStore({.database = *database_,
                        .outbox = *outbox_,
                        .sealer = *sealer_,
                        .clock = base::SystemClock(),
                        .random = base::SystemRandom(),
                        .wake_relay = [] {},
                        .conditions = *conditions_});
    register_ = std::make_unique<Register>(
        Register::Deps{.store = *store_, .clock = base::SystemClock(), .random = base::SystemRandom()});
    const Passage passage = PassageOf(AnnaEriksson());
    const auto first = register_->Record({.id = "first", .digest = "first"}, passage);
    GH_CHECK(first.ok());
    person_ = first->person;
    while (recorded_ < crossings) Record(static_cast<int>(std::min<int64_t>(1000, crossings - recorded_)));
  }

  // In one commit.
  void Record(int count) {
    const int64_t before = recorded_;
    GH_CHECK(store_
                 ->Write([&](CrossingWriter& writer) -> absl::Status {
                   for (int i = 0; i < count; ++i) {
                     const Passage passage =
                         PassageOf(AnnaEriksson(), absl::FromUnixSeconds(1767225600 + 60 * (before + i)));
                     const Request request{.id = absl::StrCat("r", before + i), .digest = "d"};
                     const auto earlier = writer.FindRequest(request, passage);
                     const auto known = writer.FindPersons(KeysOf(passage.identity.Reveal()));
                     GH_CHECK(earlier.ok() && !earlier->has_value() && known.ok() && known->by_document == person_);
                     const Crossing crossing{.id = CrossingId(base::NewUuid(base::SystemClock(), base::SystemRandom())),
                                             .person = person_,
                                             .passage = passage,
                                             .record_time = passage.time,
                                             .corrected_time = passage.time};
                     if (absl::Status status = writer.AddCrossing(request, crossing); !status.ok()) return status;
                   }
                   return absl::OkStatus();
                 })
                 .ok());
    recorded_ += count;
  }

  Register& crossings() { return *register_; }

 private:
  const gatehouse::testing::TemporaryFolder folder_;
  const std::unique_ptr<observe::Metrics> metrics_ = observe::Metrics::Make();
  const std::unique_ptr<observe::Conditions> conditions_ = observe::Conditions::Make(*metrics_, base::SystemClock());
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<seal::Sealer> sealer_;
  std::unique_ptr<events::Outbox> outbox_;
  std::unique_ptr<CrossingStore> store_;
  std::unique_ptr<Register> register_;
  PersonId person_;
  int64_t recorded_ = 1;
};

void GetTraveller(benchmark::State& state) {
  Registered registered(state.range(0));
  const base::Identity identity = AnnaEriksson();
  for (auto _ : state) {
    const auto found = registered.crossings().Find({.document = identity.document, .identity = identity}, kHistory);
    GH_CHECK(found.ok() && found->person.crossing_count == state.range(0));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(GetTraveller)->Arg(10)->Arg(1'000)->Arg(100'000)->UseRealTime();

void RecordCrossing(benchmark::State& state) {
  Registered registered(state.range(0));
  for (auto _ : state) registered.Record(kCrossingsACommit);
  state.SetItemsProcessed(state.iterations() * kCrossingsACommit);
}
BENCHMARK(RecordCrossing)->Arg(10)->Arg(1'000)->Arg(100'000)->Iterations(kCommits)->UseRealTime();

}  // namespace
}  // namespace gatehouse::traveller

BENCHMARK_MAIN();
