// Zones read and judged per second on one core. Run: build/release/benchmarks/mrz_benchmark
#include <benchmark/benchmark.h>

#include <string_view>

#include "libs/mrz/parse.h"

namespace gatehouse::mrz {
namespace {

// Doc 9303-4 and -5, appendix B.
constexpr std::string_view kTd3 =
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10\n";
constexpr std::string_view kTd1 =
    "I<UTOD231458907<<<<<<<<<<<<<<<\n"
    "7408122F1204159UTO<<<<<<<<<<<6\n"
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<\n";

void Read(benchmark::State& state, std::string_view text) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(text.data());
    const ParsedMrz mrz = Parse(text);
    if (!mrz.valid()) state.SkipWithError("the specimen must be valid");
    benchmark::DoNotOptimize(mrz);
  }
  state.SetItemsProcessed(state.iterations());
}

// With everything a verifier asks for, names as strings too.
void ReadWithNames(benchmark::State& state, std::string_view text) {
  for (auto _ : state) {
    const ParsedMrz mrz = Parse(text);
    benchmark::DoNotOptimize(mrz.primary_identifier());
    benchmark::DoNotOptimize(mrz.secondary_identifier());
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(Read, td3, kTd3);
BENCHMARK_CAPTURE(Read, td1, kTd1);
BENCHMARK_CAPTURE(ReadWithNames, td3, kTd3);

}  // namespace
}  // namespace gatehouse::mrz

BENCHMARK_MAIN();
