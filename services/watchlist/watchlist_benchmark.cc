// Screening speed on one core over a made-up list of 1,000 persons and 2,000 names.
#include <benchmark/benchmark.h>

#include <random>

#include "services/watchlist/screen.h"

namespace gatehouse::watchlist {
namespace {

// Words from syllables: as many shapes as real names have, no real person.
class NameMaker {
 public:
  std::string Word() {
    static constexpr const char* kSyllables[] = {"ab",  "ka",  "mu",  "ham", "sa", "lim", "ser", "gei",
                                                 "ro",  "dri", "gu",  "ez",  "al", "ti",  "kri", "nov",
                                                 "ski", "han", "yun", "far", "id", "zan"};
    std::string word;
    const size_t count = 2 + random_() % 3;
    for (size_t i = 0; i < count; ++i) word += kSyllables[random_() % std::size(kSyllables)];
    return word;
  }
  std::string Name() {
    // Half of the words come from a small stock, as Muhammad and Ali do.
    if (stock_.empty()) {
      for (int i = 0; i < 200; ++i) stock_.push_back(Word());
    }
    std::string name;
    const size_t count = 2 + random_() % 3;
    for (size_t i = 0; i < count; ++i) {
      if (i > 0) name.push_back(' ');
      name += random_() % 2 == 0 ? stock_[random_() % stock_.size()] : Word();
    }
    return name;
  }

 private:
  std::mt19937 random_{42};
  std::vector<std::string> stock_;
};

struct Fixture {
  Fixture() {
    NameMaker maker;
    SnapshotContent content;
    content.base = "made-up";
    for (int i = 0; i < 1000; ++i) {
      ListRecord record;
      record.record_id = std::to_string(i);
      record.names = {{maker.Name()}, {maker.Name(), NameQuality::kStrong}};
      record.births = {{{1940 + i % 60, 1 + i % 12, 1 + i % 28}}};
      content.records.push_back(std::move(record));
      content.documents.push_back({std::to_string(i), {std::to_string(100'000 + i), "UTO", "P"}});
    }
    snapshot = Snapshot::Build(std::move(content));
    for (int i = 0; i < 500; ++i) {
      Query query;
      query.name = maker.Name();
      query.birth_date = {1950 + i % 50, 1 + i % 12, 1 + i % 28};
      queries.push_back(std::move(query));
    }
  }
  std::shared_ptr<const Snapshot> snapshot;
  std::vector<Query> queries;
};

const Fixture& Shared() {
  static const auto* const fixture = new Fixture;
  return *fixture;
}

void BM_ScreenNameOver2000Names(benchmark::State& state) {
  const Fixture& fixture = Shared();
  const std::vector<Base> bases = {{"made-up", fixture.snapshot}};
  ScreenOptions options;
  options.now = absl::UnixEpoch();
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Screen(fixture.queries[next++ % fixture.queries.size()], bases, options));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_ScreenNameOver2000Names)->Unit(benchmark::kMicrosecond);

void BM_ScreenDocumentNumber(benchmark::State& state) {
  const std::vector<Base> bases = {{"made-up", Shared().snapshot}};
  ScreenOptions options;
  options.now = absl::UnixEpoch();
  Query query;
  query.document = DocumentQuery{"7654321", "UTO", "P"};
  for (auto _ : state) benchmark::DoNotOptimize(Screen(query, bases, options));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_ScreenDocumentNumber);

void BM_BuildSnapshotOf2000Names(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Snapshot::Build(Shared().snapshot->content()));
}
BENCHMARK(BM_BuildSnapshotOf2000Names)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gatehouse::watchlist

BENCHMARK_MAIN();
