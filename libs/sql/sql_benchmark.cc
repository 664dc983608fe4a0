// Durable single writes by 64 threads on each driver, beside what the disk gives: raw fdatasync of an appended block,
// measured in the same run before and after each, since the rate of a shared disk moves. A figure is worth its ratio.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/sql/sql.h"
#include "libs/testing/temporary_folder.h"
#include "libs/testing/test_store.h"

namespace gatehouse::sql {
namespace {

constexpr int kThreads = 64;
constexpr auto kRun = std::chrono::seconds(2);
constexpr auto kRawRun = std::chrono::milliseconds(500);

double Seconds(std::chrono::steady_clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

double RawSyncsPerSecond() {
  const testing::TemporaryFolder folder;
  const int fd = open(folder.File("raw").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  GH_CHECK(fd >= 0);
  const std::string block(4096, 'x');
  const auto start = std::chrono::steady_clock::now();
  int count = 0;
  while (std::chrono::steady_clock::now() - start < kRawRun) {
    GH_CHECK(write(fd, block.data(), block.size()) == static_cast<ssize_t>(block.size()) && fdatasync(fd) == 0);
    ++count;
  }
  close(fd);
  return count / Seconds(std::chrono::steady_clock::now() - start);
}

struct Figures {
  double writes_per_second;
  double p50_ms;
  double p99_ms;
};

Figures WriteWithManyThreads(Database& database) {
  const std::string payload(200, 'p');
  std::atomic<bool> stop = false;
  std::vector<std::vector<double>> latencies_ms(kThreads);
  std::vector<std::thread> threads;
  const auto start = std::chrono::steady_clock::now();
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; !stop; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        const std::string id = absl::StrCat(t, ".", i);
        GH_CHECK(
            database
                .Write([&](Transaction& transaction) {
                  return transaction.Execute("INSERT INTO crossing (id, payload) VALUES (?, ?)", {id, Blob{payload}});
                })
                .ok());
        latencies_ms[static_cast<size_t>(t)].push_back(1000 * Seconds(std::chrono::steady_clock::now() - begin));
      }
    });
  }
  std::this_thread::sleep_for(kRun);
  stop = true;
  for (std::thread& thread : threads) thread.join();
  const double elapsed = Seconds(std::chrono::steady_clock::now() - start);
  std::vector<double> all;
  for (const auto& some : latencies_ms) all.insert(all.end(), some.begin(), some.end());
  std::sort(all.begin(), all.end());
  return {static_cast<double>(all.size()) / elapsed, all[all.size() / 2], all[all.size() * 99 / 100]};
}

void DurableWrites(benchmark::State& state, testing::StoreKind kind) {
  const auto store = testing::MakeTestStore(kind);
  if (!store.ok()) {
    state.SkipWithError(store.status().ToString().c_str());
    return;
  }
  for (auto unused : state) {
    (void)unused;
    const auto database = Open({.dsn = (*store)->dsn()});
    GH_CHECK(database.ok());
    GH_CHECK((*database)
                 ->Write([](Transaction& transaction) {
                   (void)transaction.Execute("DROP TABLE IF EXISTS crossing");
                   return transaction.Execute("CREATE TABLE crossing (id TEXT PRIMARY KEY, payload {{BLOB}})");
                 })
                 .ok());
    const double before = RawSyncsPerSecond();
    const Figures figures = WriteWithManyThreads(**database);
    const double raw = (before + RawSyncsPerSecond()) / 2;
    state.counters["writes/s"] = figures.writes_per_second;
    state.counters["p50_ms"] = figures.p50_ms;
    state.counters["p99_ms"] = figures.p99_ms;
    state.counters["raw_fdatasync/s"] = raw;
    state.counters["writes_per_fdatasync"] = figures.writes_per_second / raw;
  }
}

BENCHMARK_CAPTURE(DurableWrites, sqlite, testing::StoreKind::kSqlite)->Iterations(1)->UseRealTime();
BENCHMARK_CAPTURE(DurableWrites, postgresql, testing::StoreKind::kPostgresql)->Iterations(1)->UseRealTime();

}  // namespace
}  // namespace gatehouse::sql

BENCHMARK_MAIN();
