#include "tests/integration/card_reader.h"

#include <dlfcn.h>
#include <link.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/status_macros.h"
#include "libs/testing/child_process.h"
#include "tests/integration/cli.h"
#include "tests/integration/deployment.h"

namespace gatehouse::integration {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr absl::Duration kDownloadPatience = absl::Minutes(5);
constexpr const char* kPidFile = "/run/pcscd/pcscd.pid";

// Where the loader finds the client library of pcscd: Java does not look where the loader does.
absl::StatusOr<std::string> FindClientLibrary() {
  const std::unique_ptr<void, int (*)(void*)> library(dlopen("libpcsclite.so.1", RTLD_LAZY), dlclose);
  link_map* map = nullptr;
  if (library == nullptr || dlinfo(library.get(), RTLD_DI_LINKMAP, &map) != 0) {
    return absl::UnavailableError("JMRTD: the client library of pcscd is not found: libpcsclite.so.1");
  }
  return std::string(map->l_name);
}

absl::StatusOr<std::string> FindDriver() {
  for (const char* folder : {"/usr/lib/pcsc/drivers/serial", "/usr/local/lib/pcsc/drivers/serial"}) {
    const fs::path driver = fs::path(folder) / "libifdvpcd.so";
    if (fs::exists(driver)) return driver.string();
  }
  return absl::UnavailableError("the virtual reader (vsmartcard-vpcd) is not installed");
}

// A daemon that was killed leaves its files behind; the next one clears them away.
bool AnotherDaemonRuns() {
  int pid = 0;
  return std::ifstream(kPidFile) >> pid && pid > 0 && kill(pid, 0) == 0;
}

// Whether the reader shows a card; nothing when it is not listed yet.
std::optional<bool> SeesCard() {
  const absl::StatusOr<Output> output = RunProgram({BinFolder() + "/gatehouse", "document", "readers", "--json"});
  if (!output.ok() || output->exit_code != kDone) return std::nullopt;
  std::istringstream lines(output->out);
  for (std::string line; std::getline(lines, line);) {
    const json reader = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (reader.value("reader", "") == CardReader::kName) return reader.value("card", false);
  }
  return std::nullopt;
}

absl::Status Await(const std::function<bool()>& condition, const std::string& what) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (!condition()) {
    if (absl::Now() > deadline) return absl::UnavailableError(what);
    absl::SleepFor(absl::Milliseconds(50));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<CardReader>> CardReader::Start() {
  const absl::StatusOr<std::string> program = FindProgram("pcscd");
  if (!program.ok() && !fs::exists("/usr/sbin/pcscd")) return absl::UnavailableError("pcscd is not installed");
  GH_ASSIGN_OR_RETURN(const std::string driver, FindDriver());
  if (AnotherDaemonRuns()) return absl::UnavailableError(absl::StrCat("a pcscd runs here already (", kPidFile, ")"));
  auto reader = std::unique_ptr<CardReader>(new CardReader());
  reader->port_ = testing::FreePort();
  const std::string configuration = reader->folder_.File("readers");
  fs::create_directory(configuration);
  std::ofstream(configuration + "/virtual") << "FRIENDLYNAME \"Gatehouse Virtual Reader\"\n"
                                            << "DEVICENAME /dev/null:" << reader->port_ << "\n"
                                            << "LIBPATH " << driver << "\n"
                                            << "CHANNELID " << reader->port_ << "\n";
  const std::string log = reader->folder_.File("pcscd.log");
  GH_ASSIGN_OR_RETURN(
      reader->daemon_,
      Process::Start({program.ok() ? *program : "/usr/sbin/pcscd", "--foreground", "--config", configuration}, log));
  const absl::Status listed =
      Await([&] { return !reader->daemon_->running() || SeesCard().has_value(); }, "pcscd lists no virtual reader");
  if (!listed.ok() || !reader->daemon_->running()) {
    return absl::UnavailableError(absl::StrCat("pcscd: ", testing::LastLine(log)));
  }
  return reader;
}

absl::Status CardReader::Lay(const std::string& chip_folder) {
  if (card_ != nullptr) {
    card_.reset();
    GH_RETURN_IF_ERROR(Await([] { return SeesCard() == false; }, "the card before is still in the reader"));
  }
  GH_ASSIGN_OR_RETURN(
      card_, Process::Start({BinFolder() + "/specimen", "serve-chip", chip_folder, "--port", absl::StrCat(port_)},
                            folder_.File("card.log")));
  return Await([] { return SeesCard() == true; }, "the reader does not see the card");
}

absl::StatusOr<Arguments> JmrtdCommand() {
  const fs::path folder = "build/jmrtd";
  const std::string jars = (folder / "libs").string(), classes = (folder / "classes").string();
  std::error_code error;
  fs::create_directories(folder, error);
  if (!fs::exists(jars)) {
    // Renamed when complete: an interrupted fetch leaves no half.
    const std::string fetched = jars + ".partial";
    fs::remove_all(fetched, error);
    const absl::Status status = testing::RunProcess(
        {.arguments = {"mvn", "--quiet", "--batch-mode", "-Dstyle.color=never", "--file", "tests/jmrtd/pom.xml",
                       "dependency:copy-dependencies", "-DoutputDirectory=" + fs::absolute(fetched).string(),
                       "-DincludeScope=runtime"},
         .output_file = (folder / "maven.log").string()},
        kDownloadPatience);
    if (!status.ok()) {
      return absl::UnavailableError(absl::StrCat("JMRTD: its jars could not be fetched: ", status.message()));
    }
    fs::rename(fetched, jars, error);
    if (error) return absl::UnavailableError(absl::StrCat("JMRTD: ", error.message()));
  }
  const absl::Status compiled = testing::RunProcess(
      {.arguments = {"javac", "-nowarn", "-cp", jars + "/*", "-d", classes, "tests/jmrtd/ReadDocument.java"},
       .output_file = (folder / "javac.log").string()},
      absl::Minutes(2));
  if (!compiled.ok()) return absl::UnavailableError(absl::StrCat("JMRTD: ", compiled.message()));
  GH_ASSIGN_OR_RETURN(const std::string library, FindClientLibrary());
  return Arguments{"java", "-Dsun.security.smartcardio.library=" + library, "-cp", jars + "/*:" + classes,
                   "ReadDocument"};
}

}  // namespace gatehouse::integration
