#include "libs/testing/temporary_kafka.h"

#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <sys/file.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/status_macros.h"
#include "libs/testing/servers.h"

namespace gatehouse::testing {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr absl::Duration kDownloadPatience = absl::Minutes(5);

absl::StatusOr<fs::path> FindRepository() {
  for (fs::path folder = fs::current_path();; folder = folder.parent_path()) {
    if (fs::exists(folder / "tests/kafka/pom.xml")) return folder;
    if (folder == folder.root_path()) break;
  }
  return absl::UnavailableError("Kafka: the working folder is not in the repository (tests/kafka/pom.xml)");
}

// Held while the jars are fetched, so that test binaries that run side by side fetch them once.
class FetchLock {
 public:
  explicit FetchLock(const std::string& file) : fd_(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    flock(fd_, LOCK_EX);
  }
  ~FetchLock() { close(fd_); }

 private:
  const int fd_;
};

absl::StatusOr<std::string> FindOrFetchJars() {
  GH_ASSIGN_OR_RETURN(const fs::path repository, FindRepository());
  const fs::path folder = repository / "build/kafka";
  const fs::path jars = folder / "libs";
  std::error_code error;
  fs::create_directories(folder, error);
  const FetchLock lock((folder / "lock").string());
  if (fs::exists(jars)) return jars.string();
  // Renamed when complete: an interrupted fetch leaves no half.
  const fs::path fetched = folder / "libs.partial";
  fs::remove_all(fetched, error);
  const absl::Status status =
      RunProcess({.arguments = {"mvn", "--quiet", "--batch-mode", "-Dstyle.color=never", "--file",
                                (repository / "tests/kafka/pom.xml").string(), "dependency:copy-dependencies",
                                "-DoutputDirectory=" + fetched.string(), "-DincludeScope=runtime"},
                  .output_file = (folder / "maven.log").string()},
                 kDownloadPatience);
  if (!status.ok()) {
    return absl::UnavailableError(absl::StrCat("Kafka: its jars could not be fetched: ", status.message()));
  }
  fs::rename(fetched, jars, error);
  if (error) return absl::UnavailableError(absl::StrCat("Kafka: ", error.message()));
  return jars.string();
}

// OK when the broker answers a metadata request.
bool Answers(const std::string& address) {
  char reason[256];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", address.c_str(), reason, sizeof(reason));
  rd_kafka_conf_set(conf, "log_level", "0", reason, sizeof(reason));
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
  if (client == nullptr) return false;
  const rd_kafka_metadata_t* metadata = nullptr;
  const bool answered =
      rd_kafka_metadata(client, 0, nullptr, &metadata, 500) == RD_KAFKA_RESP_ERR_NO_ERROR && metadata->broker_cnt > 0;
  if (metadata != nullptr) rd_kafka_metadata_destroy(metadata);
  rd_kafka_destroy(client);
  return answered;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TemporaryKafka>> TemporaryKafka::Start() {
  auto broker = std::unique_ptr<TemporaryKafka>(new TemporaryKafka());
  GH_ASSIGN_OR_RETURN(broker->jars_, FindOrFetchJars());
  GH_RETURN_IF_ERROR(broker->Configure());
  GH_RETURN_IF_ERROR(broker->Restart());
  return broker;
}

TemporaryKafka::~TemporaryKafka() { process_.Stop(SIGTERM, kPatience); }

absl::Status TemporaryKafka::Configure() {
  const std::string broker = absl::StrCat("127.0.0.1:", FreePort());
  const std::string controller = absl::StrCat("127.0.0.1:", FreePort());
  address_ = broker;
  std::ofstream(folder_.File("server.properties"))
      << "process.roles=broker,controller\n"
         "node.id=1\n"
      << "controller.quorum.voters=1@" << controller << "\n"
      << "listeners=PLAINTEXT://" << broker << ",CONTROLLER://" << controller << "\n"
      << "advertised.listeners=PLAINTEXT://" << broker << "\n"
      << "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n"
         "controller.listener.names=CONTROLLER\n"
         "inter.broker.listener.name=PLAINTEXT\n"
      << "log.dirs=" << folder_.File("log") << "\n"
      << "num.partitions=6\n"
         "offsets.topic.num.partitions=1\n"
         "offsets.topic.replication.factor=1\n"
         "transaction.state.log.replication.factor=1\n"
         "transaction.state.log.min.isr=1\n"
         "group.initial.rebalance.delay.ms=0\n"
         // A killed broker may come back at once, not after its old session has expired.
         "broker.session.timeout.ms=2000\n"
         "broker.heartbeat.interval.ms=500\n";
  std::ofstream(folder_.File("log4j.properties")) << "log4j.rootLogger=WARN, C\n"
                                                     "log4j.appender.C=org.apache.log4j.ConsoleAppender\n"
                                                     "log4j.appender.C.layout=org.apache.log4j.SimpleLayout\n";
  // A cluster id is 16 bytes in URL-safe base 64; hex digits as bytes keep it from starting with a dash.
  const std::string cluster = absl::WebSafeBase64Escape(UniqueName().substr(3, 16));
  return RunProcess(Java({"kafka.tools.StorageTool", "format", "-t", cluster, "-c", "server.properties"}), kPatience);
}

absl::Status TemporaryKafka::Restart() {
  process_.Stop(SIGTERM, kPatience);
  GH_ASSIGN_OR_RETURN(process_, ChildProcess::Start(Java({"kafka.Kafka", "server.properties"})));
  const absl::Time deadline = absl::Now() + kPatience;
  while (!Answers(address_)) {
    if (!process_.Running() || absl::Now() > deadline) {
      return absl::UnavailableError(absl::StrCat("Kafka did not start: ", LastLine(folder_.File("kafka.log"))));
    }
    absl::SleepFor(absl::Milliseconds(50));
  }
  return absl::OkStatus();
}

ChildProcess::Options TemporaryKafka::Java(const std::vector<std::string>& arguments) const {
  std::vector<std::string> all = {
      "java", "-Xms128m",  "-Xmx512m", "-XX:TieredStopAtLevel=1", "-Dlog4j.configuration=file:log4j.properties",
      "-cp",  jars_ + "/*"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return {
      .arguments = std::move(all), .output_file = folder_.File("kafka.log"), .working_folder = folder_.path().string()};
}

}  // namespace gatehouse::testing
