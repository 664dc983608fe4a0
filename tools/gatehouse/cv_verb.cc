// gatehouse document verify-cv [--trust FILE]... [--at DAY] FILE...
#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <memory>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/access/cv_chain.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/local_trust.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

namespace access = emrtd::access;
using access::CvCertificate;
using nlohmann::ordered_json;

struct Options {
  std::vector<std::string> trust, files;
  std::string at;
};

struct Input {
  std::string name;
  std::string content;  // the certificate's views point here
  absl::StatusOr<CvCertificate> certificate = absl::UnknownError("not read");
};

// Files and folders; a path that cannot be read has its line too.
void AddInputs(const std::string& path, std::deque<Input>& inputs) {
  const absl::StatusOr<std::vector<std::string>> files = ListInput(path);
  if (!files.ok()) {
    inputs.push_back({.name = path, .certificate = files.status()});
    return;
  }
  for (const std::string& file : *files) {
    Input& input = inputs.emplace_back(Input{.name = file});
    absl::StatusOr<std::string> content = ReadInput(file, access::kMaxCvCertificateBytes);
    if (content.ok()) {
      input.content = *std::move(content);
      input.certificate = access::ReadCvCertificate(pki::AsBytes(input.content));
    } else {
      input.certificate = content.status();
    }
  }
}

// The certificates from just below a trust point down to `last`, as far as they are there.
std::vector<CvCertificate> ChainTo(const CvCertificate& last, const std::deque<Input>& inputs,
                                   const std::vector<CvCertificate>& anchors) {
  std::vector<CvCertificate> chain = {last};
  while (chain.size() < access::kMaxCvChainLength) {
    const std::string& wanted = chain.back().authority;
    const auto names = [&](const CvCertificate& certificate) { return certificate.holder == wanted; };
    if (std::any_of(anchors.begin(), anchors.end(), names)) break;
    const auto above = std::find_if(inputs.begin(), inputs.end(), [&](const Input& input) {
      return input.certificate.ok() && !input.certificate->self_signed() && names(*input.certificate);
    });
    if (above == inputs.end()) break;
    chain.push_back(*above->certificate);
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

// A self-signed authority says of itself who it is: valid means that it holds its own key, and `chain` whether anybody
// named it as trusted.
bool SignedByItself(const CvCertificate& certificate) {
  const auto key = access::ResolveCvKey(certificate.key, nullptr);
  return key.ok() && access::VerifyCvSignature(*key, certificate.body, certificate.signature).ok();
}

ordered_json Fields(const CvCertificate& certificate) {
  ordered_json json;
  json["authority"] = certificate.authority;
  json["holder"] = certificate.holder;
  json["role"] = ToWord(certificate.authorization.role);
  json["type"] = ToWord(certificate.authorization.type);
  json["rights"] = pki::ToHex(certificate.authorization.rights);
  json["algorithm"] = Describe(certificate.key.algorithm);
  json["domain_parameters"] = certificate.key.has_domain_parameters;
  json["effective"] = absl::FormatCivilTime(certificate.effective);
  json["expiration"] = absl::FormatCivilTime(certificate.expiration);
  return json;
}

ordered_json Judge(const CvCertificate& certificate, const std::deque<Input>& inputs,
                   const std::vector<CvCertificate>& anchors, absl::CivilDay day) {
  ordered_json json = Fields(certificate);
  if (certificate.self_signed()) {
    const bool good = SignedByItself(certificate);
    const bool trusted = std::any_of(anchors.begin(), anchors.end(), [&](const CvCertificate& anchor) {
      return pki::Equal(anchor.encoding, certificate.encoding);
    });
    json["chain"] = !good ? "invalid" : trusted ? "valid" : "undetermined";
    json["reason"] = !good ? "signature" : trusted ? "" : "no_trust_point";
    json["reads_fingerprints"] = certificate.authorization.reads_fingerprints();
    json["reads_irises"] = certificate.authorization.reads_irises();
    return json;
  }
  const std::vector<CvCertificate> chain = ChainTo(certificate, inputs, anchors);
  const access::CvChainResult result = access::VerifyCvChain({.trust_points = anchors, .chain = chain, .day = day});
  json["chain"] = ToWord(result.state);
  json["reason"] = ToWord(result.reason);
  json["reads_fingerprints"] = result.reads_fingerprints;
  json["reads_irises"] = result.reads_irises;
  return json;
}

void VerifyCv(Context& context, const Options& options) {
  const absl::StatusOr<absl::Time> time = ParseCheckTime(options.at);
  if (!time.ok()) return context.Fail(time.status());
  std::deque<Input> trust, inputs;
  for (const std::string& path : options.trust) AddInputs(path, trust);
  for (const std::string& path : options.files) AddInputs(path, inputs);
  std::vector<CvCertificate> anchors;
  for (const Input& input : trust) {
    if (!input.certificate.ok()) {
      *context.err << "gatehouse: " << input.name << ": " << input.certificate.status().message() << "\n";
    } else if (!input.certificate->self_signed() || SignedByItself(*input.certificate)) {
      anchors.push_back(*input.certificate);
    } else {
      *context.err << "gatehouse: " << input.name << ": is not signed by itself as it says\n";
    }
  }
  Table table({"certificate", "chain", "reason", "role", "from", "to", "authority"});
  for (const Input& input : inputs) {
    ordered_json json;
    json["input"] = input.name;
    int exit_code = kDone;
    if (input.certificate.ok()) {
      json.update(Judge(*input.certificate, inputs, anchors, absl::ToCivilDay(*time, absl::UTCTimeZone())));
      if (json["chain"] != "valid") exit_code = kCheckSaysNo;
    } else {
      json["chain"] = "undetermined";
      json["reason"] = "input";
      json["error"] = std::string(input.certificate.status().message());
      exit_code = kBadUsage;
    }
    context.exit_code = std::max(context.exit_code, exit_code);
    if (context.json) {
      *context.out << JsonLine(json) << "\n";
    } else {
      table.Add({json.value("holder", input.name), json["chain"], json["reason"], json.value("role", ""),
                 json.value("effective", ""), json.value("expiration", ""), json.value("authority", "")});
    }
  }
  if (!context.json) table.Print(*context.out, context.colour);
}

}  // namespace

void AddCvVerb(CLI::App& document, Context& context) {
  CLI::App* verb = AddVerb(document, "verify-cv", "Verify CV certificates of terminals, to a country authority");
  auto options = std::make_shared<Options>();
  verb->add_option("--trust", options->trust, "Certificates of authorities that are believed")->allow_extra_args(false);
  verb->add_option("--at", options->at, "Day of checking; today when left out");
  verb->add_option("FILE", options->files, "CV certificates, in any order, and folders of them")->required();
  verb->callback([&context, options] { VerifyCv(context, *options); });
}

}  // namespace gatehouse::cli
