// gatehouse trust verify --local --trust PATH... CERT...
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "libs/pki/certificate_check.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/local_trust.h"
#include "tools/gatehouse/progress_bar.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

using nlohmann::ordered_json;

std::string Word(std::string_view word) { return std::string(word); }
std::string Instant(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()); }

struct VerifyOptions {
  bool local = false;
  std::vector<std::string> trust;
  std::string at;
  std::vector<std::string> paths;
};

// A certificate to be judged, or why the input holds none.
struct Input {
  std::string name;
  absl::StatusOr<pki::CertificatePtr> certificate = absl::UnknownError("not read");
  bool is_certificate = false;  // by its first bytes
};

// The certificates of one file; with several in it the name says which.
std::vector<Input> ReadCertificates(const std::string& path, const std::string& content) {
  const auto objects = pki::ReadTrustObjects(pki::AsBytes(content));
  if (!objects.ok()) return {{.name = path, .certificate = objects.status()}};
  std::vector<Input> inputs;
  for (const std::vector<uint8_t>& der : *objects) {
    Input input{.name = objects->size() == 1 ? path : absl::StrCat(path, "#", inputs.size() + 1)};
    input.is_certificate = pki::ClassifyTrustFile(der) == pki::TrustFileKind::kCertificate;
    input.certificate = input.is_certificate ? pki::Certificate::Parse(der)
                                             : absl::InvalidArgumentError(path + ": holds no certificate");
    inputs.push_back(std::move(input));
  }
  return inputs;
}

// What is named to be judged: certificates. A list or a folder among them can only be meant as trust.
absl::StatusOr<std::vector<Input>> ReadInputs(Context& context, VerifyOptions& options) {
  std::vector<Input> inputs;
  for (const std::string& path : options.paths) {
    std::error_code error;
    const bool is_folder = std::filesystem::is_directory(path, error);
    const absl::StatusOr<std::string> content = is_folder ? std::string() : ReadInput(path);
    if (!content.ok()) {
      inputs.push_back({.name = path, .certificate = content.status()});
      continue;
    }
    const pki::TrustFileKind kind = pki::ClassifyTrustFile(pki::AsBytes(*content));
    if (is_folder || (kind != pki::TrustFileKind::kCertificate && kind != pki::TrustFileKind::kUnknown)) {
      *context.err << "gatehouse: " << path << ": " << (is_folder ? "a folder" : Word(ToWord(kind)))
                   << " and no certificate, so taken as --trust\n";
      options.trust.push_back(path);
      continue;
    }
    for (Input& input : ReadCertificates(path, *content)) inputs.push_back(std::move(input));
  }
  if (inputs.empty()) return absl::InvalidArgumentError("no certificate is named");
  return inputs;
}

ordered_json IssuerJson(const pki::CertificateCheck& check, const LocalTrust& trust) {
  if (check.issuer == nullptr) return nullptr;
  const pki::Certificate& issuer = *check.issuer;
  const auto source = trust.sources.find(issuer.fingerprint_text());
  return {{"subject", issuer.subject.text()},
          {"country", issuer.subject.country()},
          {"serial", issuer.serial_text()},
          {"sha256", issuer.fingerprint_text()},
          {"source", source == trust.sources.end() ? "" : source->second},
          {"validity", Word(ToWord(check.issuer_time))},
          {"not_before", Instant(issuer.not_before)},
          {"not_after", Instant(issuer.not_after)}};
}

ordered_json PathJson(const pki::CertificateCheck& check) {
  ordered_json path = ordered_json::array();
  for (const auto& one : check.verdict.paths) {
    if (one.front() != check.issuer) continue;
    for (const pki::CertificatePtr& authority : one) path.push_back(authority->fingerprint_text());
    break;
  }
  return path;
}

// Null for a certificate that did not come from the Public Key Directory.
ordered_json PkdJson(const pki::Certificate& certificate, const LocalTrust& trust) {
  const auto mark = trust.pkd_marks.find(certificate.fingerprint_text());
  if (mark == trust.pkd_marks.end()) return nullptr;
  return {{"nonconformant", mark->second.conformance.nonconformant},
          {"conformance_code", mark->second.conformance.code},
          {"conformance_text", mark->second.conformance.text},
          {"version", mark->second.version.value_or(0)}};
}

ordered_json CheckJson(const std::string& name, const pki::CertificateCheck& check, const LocalTrust& trust) {
  const pki::Certificate& certificate = *check.verdict.signer;
  return {{"input", name},
          {"overall", Word(ToWord(check.overall))},
          {"role", Word(ToWord(check.role))},
          {"signature", Word(ToWord(check.verdict.signature))},
          {"chain", Word(ToWord(check.verdict.chain))},
          {"validity", Word(ToWord(check.time))},
          {"revocation", Word(ToWord(check.revocation.state))},
          {"issuer", IssuerJson(check, trust)},
          {"path", PathJson(check)},
          {"issuer_name", certificate.issuer.text()},
          {"subject", certificate.subject.text()},
          {"country", certificate.subject.country()},
          {"serial", certificate.serial_text()},
          {"sha256", certificate.fingerprint_text()},
          {"not_before", Instant(certificate.not_before)},
          {"not_after", Instant(certificate.not_after)},
          {"signature_algorithm", pki::Describe(certificate.signature_algorithm)},
          {"pkd", PkdJson(certificate, trust)},
          {"reason", check.reason}};
}

// A file that is no certificate says nothing about one; a certificate that is broken can be nobody's.
ordered_json UnreadableJson(const Input& input) {
  const std::string reason(input.certificate.status().message());
  return {{"input", input.name},
          {"overall", input.is_certificate ? "invalid" : "undetermined"},
          {"issuer", nullptr},
          {"reason", reason},
          {"error", reason}};
}

void VerifyInput(Context& context, const Input& input, const LocalTrust& trust, absl::Time check_time, Table& table) {
  const auto worse = [&](ExitCode code) { context.exit_code = std::max<int>(context.exit_code, code); };
  ordered_json json;
  if (input.certificate.ok()) {
    const pki::CertificateCheck check = pki::CheckCertificate(*trust.store, *input.certificate, check_time);
    if (check.overall != pki::CertificateOverall::kValid) worse(kCheckSaysNo);
    json = CheckJson(input.name, check, trust);
  } else {
    *context.err << "gatehouse: " << std::string(input.certificate.status().message()) << "\n";
    worse(kBadUsage);
    json = UnreadableJson(input);
  }
  if (context.json) {
    *context.out << JsonLine(json) << "\n";
    return;
  }
  const ordered_json& issuer = json["issuer"];
  table.Add({input.name, json["overall"], json.value("signature", ""), json.value("chain", ""),
             json.value("validity", ""), json.value("revocation", ""), json.value("subject", ""),
             issuer.is_object() ? issuer.value("subject", "") : "", json["reason"]});
}

void Verify(Context& context, VerifyOptions options) {
  if (!options.local) return context.Fail(absl::InvalidArgumentError("trust verify: give --local and --trust"));
  const absl::StatusOr<absl::Time> check_time = ParseCheckTime(options.at);
  if (!check_time.ok()) return context.Fail(check_time.status());
  const absl::StatusOr<std::vector<Input>> inputs = ReadInputs(context, options);
  if (!inputs.ok()) return context.Fail(inputs.status());
  const absl::StatusOr<LocalTrust> trust = ReadLocalTrust(context, options.trust);
  if (!trust.ok()) return context.Fail(trust.status());
  Table table(
      {"certificate", "overall", "signature", "chain", "validity", "revocation", "subject", "issuer", "reason"});
  {
    ProgressBar bar(context);
    for (size_t i = 0; i < inputs->size(); ++i) {
      VerifyInput(context, (*inputs)[i], *trust, *check_time, table);
      bar.Show("verifying", i + 1, inputs->size());
    }
  }
  if (!context.json) table.Print(*context.out, context.colour);
}

}  // namespace

void AddLocalTrustVerbs(CLI::App& trust, Context& context) {
  CLI::App* verify = AddVerb(trust, "verify", "Judge certificates against lists of trust, without a server");
  auto options = std::make_shared<VerifyOptions>();
  verify->add_flag("--local", options->local, "Here, without a server");
  verify->add_option("--trust", options->trust, "Certificates, master lists, revocation lists, folders of them")
      ->allow_extra_args(false);
  verify->add_option("--at", options->at, "Time of checking, RFC 3339 or a day; now when left out");
  verify->add_option("CERT", options->paths, "Certificates, DER or PEM")->required();
  verify->callback([&context, options] { Verify(context, *options); });
}

}  // namespace gatehouse::cli
