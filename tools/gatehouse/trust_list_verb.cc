// gatehouse trust list [--version V] | list --local PATH...
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "services/document/trust_convert.h"
#include "tools/gatehouse/local_trust.h"
#include "tools/gatehouse/progress_bar.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/trust_client.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::document::v1;

constexpr size_t kShownHexDigits = 16;

struct ListOptions {
  std::string version;
  bool local = false;
  std::vector<std::string> paths;
};

// "nc-data ERR:CSCA.CDP.14"; empty for what the directory says nothing of.
std::string PkdWords(const pb::TrustEntry& entry) {
  return absl::StrCat(entry.nonconformant() ? "nc-data" : "",
                      entry.nonconformant() && !entry.conformance_code().empty() ? " " : "", entry.conformance_code());
}

class EntryTable {
 public:
  explicit EntryTable(Context& context) : context_(context) {}
  void Add(const pb::TrustEntry& entry) {
    const nlohmann::ordered_json json = ToJson(entry);
    if (context_.json) {
      *context_.out << JsonLine(json) << "\n";
      return;
    }
    table_.Add({entry.kind(), entry.country(), entry.subject().empty() ? entry.issuer() : entry.subject(),
                json.value("not_after", ""), entry.chain(), PkdWords(entry), entry.source(), entry.imported_by(),
                entry.sha256().substr(0, kShownHexDigits)});
  }
  void Print() const {
    if (!context_.json && context_.exit_code == kDone) table_.Print(*context_.out, context_.colour);
  }

 private:
  Context& context_;
  Table table_{{"kind", "country", "subject", "valid until", "chain", "pkd", "source", "imported by", "sha256"}};
};

void List(Context& context, const std::string& version) {
  const auto stub = ConnectTrust(context);
  if (stub == nullptr) return;
  EntryTable table(context);
  pb::ListTrustRequest request;
  request.set_version(version);
  EachTrustPage(context, *stub, &TrustStub::ListTrust, request, [&](const pb::ListTrustResponse& page) {
    for (const pb::TrustEntry& entry : page.entries()) table.Add(entry);
  });
  table.Print();
}

void ListLocal(Context& context, const std::vector<std::string>& paths) {
  const absl::StatusOr<LocalTrust> trust = ReadLocalTrust(context, paths);
  if (!trust.ok()) return context.Fail(trust.status());
  EntryTable table(context);
  const uint32_t size = trust->store->content().size();
  ProgressBar bar(context);
  for (uint32_t i = 0; i < size; ++i) {
    bar.Show("verifying", i, size);
    pb::TrustEntry entry;
    document::ToProto(LocalEntry(*trust, i), &entry);
    entry.clear_import_time();  // nobody imported it
    table.Add(entry);
  }
  table.Print();
}

}  // namespace

void AddTrustListVerb(CLI::App& trust, Context& context) {
  CLI::App* verb = AddVerb(trust, "list", "What the trust store holds, with where it came from");
  const auto options = std::make_shared<ListOptions>();
  CLI::Option* version =
      verb->add_option("--version", options->version, "As it was: a number or a digest of `trust versions`");
  CLI::Option* local =
      verb->add_flag("--local", options->local, "What files hold, without a server")->excludes(version);
  verb->add_option("PATH", options->paths, "Files or folders, with --local")->needs(local);
  verb->callback([&context, options] {
    if (!options->local) return List(context, options->version);
    if (options->paths.empty()) return context.Fail(absl::InvalidArgumentError("trust list: give --local and PATH..."));
    ListLocal(context, options->paths);
  });
}

}  // namespace gatehouse::cli
