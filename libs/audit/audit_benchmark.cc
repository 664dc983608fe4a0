// Appending from 1 to 64 threads, beside the bare limit: one write and fdatasync at a time to a file of the same disk.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "libs/audit/audit.h"
#include "libs/base/check.h"

namespace gatehouse::audit {
namespace {

std::string MakeTemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "audit_benchmark_XXXXXX").string();
  GH_CHECK(::mkdtemp(name.data()) != nullptr);
  return name;
}

void BM_RawFdatasync(benchmark::State& state) {
  const std::string folder = MakeTemporaryFolder();
  const int fd = ::open((folder + "/raw").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string record(300, 'x');
  for (auto _ : state) {
    GH_CHECK(::write(fd, record.data(), record.size()) == static_cast<ssize_t>(record.size()));
    GH_CHECK(::fdatasync(fd) == 0);
  }
  state.SetItemsProcessed(state.iterations());
  ::close(fd);
  std::filesystem::remove_all(folder);
}
BENCHMARK(BM_RawFdatasync)->UseRealTime();

void BM_Append(benchmark::State& state) {
  static std::string folder;
  static std::unique_ptr<Log> log;
  if (state.thread_index() == 0) {
    folder = MakeTemporaryFolder();
    log = Open({.folder = folder, .process = "benchmark"}).value();
  }
  const Leaf leaf{.call_id = "0190b7a0-0000-7000-8000-000000000000",
                  .identity = "officer-1",
                  .officer = "officer-1",
                  .role = "officer",
                  .purpose = "border_inspection",
                  .verb = "/gatehouse.inspection.v1.InspectionService/Inspect",
                  .subjects = {"0190b7a0-0000-7000-8000-000000000001", "0190b7a0-0000-7000-8000-000000000002"},
                  .outcome = "OK"};
  for (auto _ : state) GH_CHECK(log->Append(leaf).ok());
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) {
    log.reset();
    std::filesystem::remove_all(folder);
  }
}
BENCHMARK(BM_Append)->Threads(1)->Threads(8)->Threads(64)->UseRealTime();

}  // namespace
}  // namespace gatehouse::audit

BENCHMARK_MAIN();
