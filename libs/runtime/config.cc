#include "libs/runtime/config.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/authz/authz.h"
#include "libs/base/own_file.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/certificate_names.h"
#include "libs/runtime/run.h"
#include "libs/seal/seal.h"

namespace gatehouse::runtime {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::TextFormat;

constexpr size_t kMaxConfigBytes = 1024 * 1024;
constexpr int kMaxThreadsPerModule = 1024;
constexpr int kMaxConcurrentCalls = 1'000'000;
constexpr int kMaxConnections = 100'000;
constexpr int kMaxDeaf_s = 3'600;
constexpr int kMaxMillis = 600'000;
constexpr int kMaxDays = 3'650;
constexpr int kMaxSeenDays = 400;
constexpr int kMaxAbandon_s = 30 * 86'400;

// Keeps the first error, which is the one that explains the others.
class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  explicit FirstError(std::string file) : file_(std::move(file)) {}
  void AddError(int line, google::protobuf::io::ColumnNumber /*column*/, const std::string& message) override {
    if (status_.ok()) status_ = absl::InvalidArgumentError(absl::StrCat(file_, ":", line + 1, ": ", message));
  }
  const absl::Status& status() const { return status_; }

 private:
  const std::string file_;
  absl::Status status_;
};

// Checks values, and says where in the file the wrong one stands.
class Checker {
 public:
  Checker(std::string file, const TextFormat::ParseInfoTree& tree) : file_(std::move(file)), tree_(tree) {}

  // `path` is like server.tls.key_file or peers[1].address; a field that is not in the file has no line.
  absl::Status Error(const std::string& path, std::string_view reason) const {
    const int line = LineOf(path);
    return absl::InvalidArgumentError(absl::StrCat(file_, line > 0 ? absl::StrCat(":", line) : "", ": ", path, " ",
                                                   absl::string_view(reason.data(), reason.size())));
  }

  absl::Status Given(const std::string& path, const std::string& value, std::string_view why) const {
    return value.empty() ? Error(path, absl::StrCat("is missing: ", std::string(why))) : absl::OkStatus();
  }

  absl::Status File(const std::string& path, const std::string& value, std::string_view remedy) const {
    GH_RETURN_IF_ERROR(Given(path, value, remedy));
    std::error_code failed;
    if (std::filesystem::is_regular_file(value, failed)) return absl::OkStatus();
    return Error(path, absl::StrCat("names ", value, ", which is no file: ", std::string(remedy)));
  }

  absl::Status Address(const std::string& path, const std::string& value, bool port_zero) const {
    const size_t colon = value.rfind(':');
    int port = -1;
    const bool numeric =
        colon != std::string::npos && colon > 0 && absl::SimpleAtoi(absl::string_view(value).substr(colon + 1), &port);
    if (numeric && port >= (port_zero ? 0 : 1) && port <= 65'535) return absl::OkStatus();
    return Error(path, "must be host:port");
  }

  absl::Status Range(const std::string& path, int value, int most) const {
    if (value >= 0 && value <= most) return absl::OkStatus();
    return Error(path, absl::StrCat("must be 0 (the default) to ", most));
  }

 private:
  int LineOf(const std::string& path) const {
    const TextFormat::ParseInfoTree* tree = &tree_;
    const Descriptor* message = v1::Config::descriptor();
    int line = 0;
    for (const absl::string_view step : absl::StrSplit(path, '.')) {
      if (tree == nullptr || message == nullptr) break;
      const std::pair<std::string, std::string> part = absl::StrSplit(step, absl::MaxSplits('[', 1));
      const FieldDescriptor* field = message->FindFieldByName(part.first);
      if (field == nullptr) break;
      int index = field->is_repeated() ? 0 : -1;
      if (field->is_repeated()) (void)absl::SimpleAtoi(part.second.substr(0, part.second.size() - 1), &index);
      const TextFormat::ParseLocation location = tree->GetLocation(field, index);
      if (location.line >= 0) line = location.line + 1;
      message = field->message_type();
      tree = message == nullptr ? nullptr : tree->GetTreeForNested(field, index);
    }
    return line;
  }

  const std::string file_;
  const TextFormat::ParseInfoTree& tree_;
};

absl::Status CheckServer(const v1::Server& server, const Checker& check) {
  GH_RETURN_IF_ERROR(check.Address("server.listen", server.listen(), /*port_zero=*/true));
  const std::string remedy = "mTLS is on every listener; `gatehouse pki init` makes development certificates";
  GH_RETURN_IF_ERROR(check.File("server.tls.certificate_file", server.tls().certificate_file(), remedy));
  GH_RETURN_IF_ERROR(check.File("server.tls.key_file", server.tls().key_file(), remedy));
  GH_RETURN_IF_ERROR(check.File("server.tls.ca_file", server.tls().ca_file(), remedy));
  if (!server.metrics_listen().empty()) {
    GH_RETURN_IF_ERROR(check.Address("server.metrics_listen", server.metrics_listen(), /*port_zero=*/true));
  }
  GH_RETURN_IF_ERROR(check.Range("server.max_concurrent_calls", server.max_concurrent_calls(), kMaxConcurrentCalls));
  GH_RETURN_IF_ERROR(check.Range("server.max_concurrent_calls_per_machine", server.max_concurrent_calls_per_machine(),
                                 kMaxConcurrentCalls));
  GH_RETURN_IF_ERROR(check.Range("server.max_concurrent_calls_per_person", server.max_concurrent_calls_per_person(),
                                 kMaxConcurrentCalls));
  GH_RETURN_IF_ERROR(check.Range("server.max_connections", server.max_connections(), kMaxConnections));
  GH_RETURN_IF_ERROR(
      check.Range("server.max_connections_per_address", server.max_connections_per_address(), kMaxConnections));
  GH_RETURN_IF_ERROR(check.Range("server.max_unproven_connections_per_address",
                                 server.max_unproven_connections_per_address(), kMaxConnections));
  GH_RETURN_IF_ERROR(check.Range("server.handshake_timeout_ms", server.handshake_timeout_ms(), kMaxMillis));
  GH_RETURN_IF_ERROR(check.Range("server.deaf_exit_s", server.deaf_exit_s(), kMaxDeaf_s));
  return check.Range("server.drain_timeout_ms", server.drain_timeout_ms(), kMaxMillis);
}

absl::Status CheckStoreFields(const v1::Config& config, const Checker& check) {
  std::set<std::string> seen;
  for (int i = 0; i < config.stores_size(); ++i) {
    const v1::ModuleStore& store = config.stores(i);
    const std::string path = absl::StrCat("stores[", i, "]");
    GH_RETURN_IF_ERROR(check.Given(path + ".service", store.service(), "the service's word"));
    if (!seen.insert(store.service()).second) return check.Error(path + ".service", "is given twice");
    const std::string_view dsn = store.dsn();
    const bool known = (dsn.starts_with("sqlite:") && dsn.size() > 7) || dsn.starts_with("postgresql://") ||
                       dsn.starts_with("postgres://") || dsn.find("host=") != std::string_view::npos;
    if (!known) return check.Error(path + ".dsn", "must be sqlite:PATH or postgresql://...");
  }
  return absl::OkStatus();
}

absl::Status CheckDisk(const v1::Disk& disk, const Checker& check) {
  if (disk.warn_free_bytes() < 0) return check.Error("disk.warn_free_bytes", "must not be negative");
  if (disk.critical_free_bytes() < 0) return check.Error("disk.critical_free_bytes", "must not be negative");
  return absl::OkStatus();
}

absl::Status CheckPeers(const v1::Config& config, const Checker& check) {
  std::set<std::string> seen;
  for (int i = 0; i < config.peers_size(); ++i) {
    const std::string path = absl::StrCat("peers[", i, "]");
    GH_RETURN_IF_ERROR(check.Given(path + ".service", config.peers(i).service(), "the service's word"));
    if (!seen.insert(config.peers(i).service()).second) return check.Error(path + ".service", "is given twice");
    GH_RETURN_IF_ERROR(check.Address(path + ".address", config.peers(i).address(), /*port_zero=*/false));
  }
  return absl::OkStatus();
}

absl::Status CheckKafka(const v1::Kafka& kafka, const Checker& check) {
  if (kafka.brokers().empty()) return absl::OkStatus();
  for (const absl::string_view broker : absl::StrSplit(kafka.brokers(), ',')) {
    GH_RETURN_IF_ERROR(check.Address("kafka.brokers", std::string(broker), /*port_zero=*/false));
  }
  return absl::OkStatus();
}

absl::Status CheckDocument(const v1::Document& document, const Checker& check) {
  if (!document.policy_file().empty()) {
    GH_RETURN_IF_ERROR(
        check.File("document.policy_file", document.policy_file(), "name a policy, or none for the one built in"));
  }
  GH_RETURN_IF_ERROR(check.Range("document.seen_retention_days", document.seen_retention_days(), kMaxSeenDays));
  if (document.report_certificate_file().empty() && document.report_key_file().empty()) return absl::OkStatus();
  constexpr char kBoth[] = "certificate and key together sign reports";
  GH_RETURN_IF_ERROR(check.File("document.report_certificate_file", document.report_certificate_file(), kBoth));
  return check.File("document.report_key_file", document.report_key_file(), kBoth);
}

absl::Status CheckServices(const v1::Config& config, const Checker& check) {
  GH_RETURN_IF_ERROR(CheckDocument(config.document(), check));
  GH_RETURN_IF_ERROR(check.Range("threads_per_module", config.threads_per_module(), kMaxThreadsPerModule));
  if (!config.inspection().policy_file().empty()) {
    GH_RETURN_IF_ERROR(check.File("inspection.policy_file", config.inspection().policy_file(),
                                  "name a policy, or none for the one built in"));
  }
  GH_RETURN_IF_ERROR(check.Range("inspection.deadline_ms", config.inspection().deadline_ms(), kMaxMillis));
  GH_RETURN_IF_ERROR(check.Range("inspection.abandon_after_s", config.inspection().abandon_after_s(), kMaxAbandon_s));
  GH_RETURN_IF_ERROR(check.Range("watchlist.warn_age_days", config.watchlist().warn_age_days(), kMaxDays));
  GH_RETURN_IF_ERROR(check.Range("watchlist.max_age_days", config.watchlist().max_age_days(), kMaxDays));
  GH_RETURN_IF_ERROR(check.Range("watchlist.max_lost_percent", config.watchlist().max_lost_percent(), 100));
  return check.Range("watchlist.max_rejected_percent", config.watchlist().max_rejected_percent(), 100);
}

absl::Status Check(const v1::Config& config, const Checker& check) {
  GH_RETURN_IF_ERROR(check.Given("name", config.name(), "the process's name, in its certificate, audit and logs"));
  GH_RETURN_IF_ERROR(CheckServer(config.server(), check));
  GH_RETURN_IF_ERROR(check.Given("data_dir", config.data_dir(), "the folder for everything the process writes"));
  GH_RETURN_IF_ERROR(CheckStoreFields(config, check));
  GH_RETURN_IF_ERROR(CheckDisk(config.disk(), check));
  GH_RETURN_IF_ERROR(CheckKafka(config.kafka(), check));
  GH_RETURN_IF_ERROR(CheckPeers(config, check));
  GH_RETURN_IF_ERROR(check.File("authorization_file", config.authorization_file(),
                                "an AuthorizationMatrix in text format says who may call what"));
  GH_RETURN_IF_ERROR(check.Given("seal_key_file", config.seal_key_file(), "where the master key is, or shall be made"));
  return CheckServices(config, check);
}

// Its name in the certificate is what its peers and their audit logs know the process by.
absl::Status CheckOwnName(const v1::Config& config, const authz::Matrix& matrix) {
  const std::string& file = config.server().tls().certificate_file();
  GH_ASSIGN_OR_RETURN(const authz::CertificateNames names, rpc::ReadCertificateNames(file));
  const authz::Holder holder = matrix.Identify(names);
  if (holder.principal != nullptr && holder.principal->person) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": is the certificate of ", holder.identity, ", a person, and not of a process"));
  }
  // One that names nobody serves; who calls others must be somebody.
  if (names.uris.empty() && config.peers().empty()) return absl::OkStatus();
  if (!names.uris.empty() && holder.identity == config.name()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(file, ": must name ", std::string(authz::kIdentityUriScheme),
                                                 config.name(), ", as `name` says, and names ",
                                                 names.uris.empty() ? "nobody" : absl::StrJoin(names.uris, ", ")));
}

// SQLite makes a file, and no folder but data_dir itself.
absl::Status CheckStoreFolders(const v1::Config& config) {
  for (const v1::ModuleStore& store : config.stores()) {
    const std::string dsn = StoreDsn(config, store.service());
    if (!IsSqlite(dsn) || dsn == "sqlite::memory:") continue;
    const std::filesystem::path folder = std::filesystem::path(dsn.substr(kSqlitePrefix.size())).parent_path();
    std::error_code failed;
    const bool is_data_dir = folder.lexically_normal() == std::filesystem::path(config.data_dir()).lexically_normal();
    if (is_data_dir || std::filesystem::is_directory(folder, failed)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("stores: the folder ", folder.string(), " of ", store.service(), " does not exist"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadFile(const std::string& file, size_t max_bytes) {
  std::error_code failed;
  if (std::filesystem::is_directory(file, failed)) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": is a folder, a file is wanted"));
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return absl::InvalidArgumentError(absl::StrCat(file, ": cannot be read"));
  std::string text(max_bytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(stream.gcount()));
  if (text.size() > max_bytes) return absl::InvalidArgumentError(absl::StrCat(file, ": over ", max_bytes, " bytes"));
  return text;
}

}  // namespace

absl::StatusOr<v1::Config> ReadConfig(const std::string& file) {
  GH_ASSIGN_OR_RETURN(const std::string text, ReadFile(file, kMaxConfigBytes));
  FirstError error(file);
  TextFormat::ParseInfoTree tree;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(&tree);
  v1::Config config;
  if (!parser.ParseFromString(text, &config)) return error.status();
  GH_RETURN_IF_ERROR(Check(config, Checker(file, tree)));
  return config;
}

std::string StoreDsn(const v1::Config& config, std::string_view service) {
  std::string dsn = absl::StrCat("sqlite:", std::string(service), ".db");
  for (const v1::ModuleStore& store : config.stores()) {
    if (store.service() == service) dsn = store.dsn();
  }
  if (!IsSqlite(dsn)) return dsn;
  const std::string_view path = std::string_view(dsn).substr(kSqlitePrefix.size());
  if (path == ":memory:") return dsn;
  // An absolute path stays what it is.
  return absl::StrCat("sqlite:", (std::filesystem::path(config.data_dir()) / path).string());
}

bool IsSqlite(std::string_view dsn) { return dsn.starts_with(kSqlitePrefix); }

rpc::TlsFiles TlsOf(const v1::Config& config) {
  const v1::Tls& tls = config.server().tls();
  return {.certificate_file = tls.certificate_file(), .key_file = tls.key_file(), .ca_file = tls.ca_file()};
}

absl::Status CheckStores(const v1::Config& config, const std::vector<ModuleEntry>& modules) {
  const auto names = [](const std::vector<ModuleEntry>& entries) {
    return absl::StrJoin(entries, ", ", [](std::string* out, const ModuleEntry& entry) { out->append(entry.name); });
  };
  std::set<std::string, std::less<>> missing;
  for (const ModuleEntry& entry : modules) missing.emplace(entry.name);
  for (const v1::ModuleStore& store : config.stores()) {
    if (missing.erase(store.service()) == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("stores: ", store.service(), " is no service of this program, which has: ", names(modules)));
    }
  }
  if (config.stores().empty() || missing.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("stores: names some and not ", absl::StrJoin(missing, ", "),
                                                 ": name the store of each service, there is no default beside them"));
}

absl::Status CheckConfig(const v1::Config& config, const std::vector<ModuleEntry>& modules) {
  GH_RETURN_IF_ERROR(CheckStores(config, modules));
  GH_RETURN_IF_ERROR(rpc::CheckTlsFiles(TlsOf(config)));
  GH_ASSIGN_OR_RETURN(const auto matrix, authz::MatrixFile::Open(config.authorization_file()));
  GH_RETURN_IF_ERROR(CheckOwnName(config, *matrix));
  GH_RETURN_IF_ERROR(CheckStoreFolders(config));
  GH_RETURN_IF_ERROR(base::CheckOwnFolder(config.data_dir()));
  GH_RETURN_IF_ERROR(base::CheckGivenFolder(std::filesystem::path(config.seal_key_file()).parent_path()));
  if (const absl::Status key = seal::ReadMasterKey(config.seal_key_file()).status();
      !key.ok() && !absl::IsNotFound(key)) {
    return absl::InvalidArgumentError(key.message());
  }
  for (const ModuleEntry& entry : modules) {
    if (entry.check != nullptr) GH_RETURN_IF_ERROR(entry.check(config));
  }
  return absl::OkStatus();
}

}  // namespace gatehouse::runtime
