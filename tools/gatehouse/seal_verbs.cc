// gatehouse document verify-seal [--trust PATH]... [--at TIME] FILE...
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "libs/emrtd/seals/presented.h"
#include "libs/emrtd/seals/verify_presented.h"
#include "libs/mrz/states.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/local_trust.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/seal_json.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

using nlohmann::ordered_json;
namespace seals = emrtd::seals;

struct VerifyOptions {
  std::vector<std::string> trust;
  std::string at;
  std::vector<std::string> files;
};

// Good enough to leave with 0: the signature is genuine, and its signer is vouched for, by an authority or by whoever
// gave the certificate.
bool IsGood(const seals::SealReport& report) {
  return report.signature == pki::SignatureState::kValid && report.overall != emrtd::Overall::kInvalid &&
         (report.chain == seals::ChainState::kValid || report.chain == seals::ChainState::kSignerGiven);
}

void VerifyFile(Context& context, const std::string& file, const seals::SealInput& input, Table& table) {
  const absl::StatusOr<std::string> presented = ReadInput(file, seals::kMaxPresentedBytes);
  const absl::StatusOr<seals::VerifiedSeal> verified =
      presented.ok() ? seals::VerifyPresented(*presented, input) : presented.status();
  if (!verified.ok()) {
    const int before = context.exit_code;
    context.Fail(absl::Status(verified.status().code(), absl::StrCat(file, ": ", verified.status().message())));
    context.exit_code = std::max(before, context.exit_code);
    if (!context.json) return;
    const ordered_json json{{"input", file},
                            {"overall", "undetermined"},
                            {"signature", "undetermined"},
                            {"chain", "undetermined"},
                            {"error", std::string(verified.status().message())}};
    *context.out << JsonLine(json) << std::endl;
    return;
  }
  const auto& [seal, report] = *verified;
  if (!IsGood(report)) context.exit_code = std::max<int>(context.exit_code, kCheckSaysNo);
  ordered_json json{{"input", file}};
  json.update(ToJson(seal, report));
  if (context.json) {
    *context.out << JsonLine(json) << std::endl;
    return;
  }
  table.Add({file, json["kind"], json["overall"], json["signature"], json["chain"], seal.issuing_country,
             seal.document_type.empty() ? seal.feature_definition : seal.document_type, seal.issue_date.text(),
             report.reason});
}

void VerifySeals(Context& context, const VerifyOptions& options) {
  const absl::StatusOr<absl::Time> check_time = ParseCheckTime(options.at);
  if (!check_time.ok()) return context.Fail(check_time.status());
  const absl::StatusOr<LocalTrust> trust = ReadLocalTrust(context, options.trust);
  if (!trust.ok()) return context.Fail(trust.status());
  const seals::SealInput input{
      .trust = trust->store.get(), .countries = mrz::CertificateCountries, .check_time = *check_time};
  Table table({"seal", "kind", "overall", "signature", "chain", "state", "document", "issued", "reason"});
  for (const std::string& file : options.files) VerifyFile(context, file, input, table);
  if (!context.json) table.Print(*context.out, context.colour);
}

}  // namespace

void AddSealVerbs(CLI::App& document, Context& context) {
  CLI::App* verify = AddVerb(document, "verify-seal", "Verify digital seals and travel credentials, here");
  auto options = std::make_shared<VerifyOptions>();
  verify->add_option("--trust", options->trust, "Certificates, master lists, CRLs, folders of them; a seal's signer")
      ->allow_extra_args(false);
  verify->add_option("--at", options->at, "Time of checking, RFC 3339 or a day; now when left out");
  verify->add_option("FILE", options->files, "Bytes, hexadecimal digits, Base64, JSON or barcode text; - for input")
      ->required();
  verify->callback([&context, options] { VerifySeals(context, *options); });
  AddIssueSealVerb(document, context);
}

}  // namespace gatehouse::cli
