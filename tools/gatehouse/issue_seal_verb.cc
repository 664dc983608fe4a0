// gatehouse document issue-seal --key PATH|pkcs11:URI --certificate FILE [--mrz FILE] [--format hex|binary|base64]
// FIELDS
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/seals/canonical_json.h"
#include "libs/emrtd/seals/issue.h"
#include "libs/pki/trust_file.h"
#include "libs/signing/signing_keys.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
namespace seals = emrtd::seals;

constexpr size_t kMaxFieldsBytes = 64 * 1024;

struct IssueOptions {
  std::string key;
  std::string certificate;
  std::string mrz;
  std::string format = "hex";
  std::string fields = "-";
};

absl::StatusOr<absl::CivilDay> ReadDay(const ordered_json& fields, const char* name) {
  const auto found = fields.find(name);
  if (found == fields.end()) return absl::ToCivilDay(absl::Now(), absl::UTCTimeZone());
  absl::CivilDay day;
  if (!found->is_string() || !absl::ParseCivilTime(found->get<std::string>(), &day)) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": is no day like 2026-01-31"));
  }
  return day;
}

// {"passport_number": "UFO001979"} or, as verify-seal prints them, [{"name": "passport_number", "value": "UFO001979"}].
absl::Status ReadFeatures(const ordered_json& features, seals::IssueRequest& request) {
  const auto add = [&](const std::string& name, const ordered_json& value) -> absl::Status {
    if (value.is_string()) {
      request.fields.push_back({name, value.get<std::string>()});
    } else if (value.is_number_unsigned()) {
      request.fields.push_back({name, absl::StrCat(value.get<uint64_t>())});
    } else {
      return absl::InvalidArgumentError(absl::StrCat(name, ": is neither a text nor a number"));
    }
    return absl::OkStatus();
  };
  for (auto at = features.begin(); at != features.end(); ++at) {
    if (features.is_object()) {
      GH_RETURN_IF_ERROR(add(at.key(), *at));
    } else if (at->is_object() && at->contains("name") && at->contains("value") && (*at)["name"].is_string()) {
      GH_RETURN_IF_ERROR(add((*at)["name"], (*at)["value"]));
    } else {
      return absl::InvalidArgumentError("features: want members, or objects with name and value");
    }
  }
  return absl::OkStatus();
}

// The definition by its name, or by its four hexadecimal digits.
absl::StatusOr<uint16_t> ReadDefinition(const ordered_json& fields) {
  if (fields.contains("document_type") && fields["document_type"].is_string()) {
    const std::string name = fields["document_type"];
    const seals::SealDefinition* definition = seals::FindDefinition(std::string_view(name));
    if (definition != nullptr) return definition->reference;
    return absl::InvalidArgumentError("document_type: is not in the tables");
  }
  uint32_t reference = 0;
  if (!fields.contains("feature_definition") || !fields["feature_definition"].is_string() ||
      !absl::SimpleHexAtoi(fields["feature_definition"].get<std::string>(), &reference) || reference > 0xFFFF) {
    return absl::InvalidArgumentError("document_type: is missing, and so is feature_definition");
  }
  return static_cast<uint16_t>(reference);
}

// The zone goes where the definition has one; a visa has two, which their length tells apart.
absl::Status AddZone(const std::string& zone, seals::IssueRequest& request) {
  const seals::SealDefinition* definition = seals::FindDefinition(request.feature_definition);
  if (definition == nullptr) return absl::InvalidArgumentError("document_type: is not in the tables");
  const size_t characters = static_cast<size_t>(
      std::count_if(zone.begin(), zone.end(), [](char c) { return c != '\n' && c != '\r' && c != ' '; }));
  std::string name;
  for (const seals::FeatureDefinition& feature : definition->features) {
    const bool wrong_visa = feature.name == "mrz_mrv_a" && characters != 88;
    if (feature.coding == seals::Coding::kZone && name.empty() && !wrong_visa) name = feature.name;
  }
  if (name.empty()) return absl::InvalidArgumentError("--mrz: the definition has no machine-readable zone");
  request.fields.insert(request.fields.begin(), {name, zone});
  return absl::OkStatus();
}

absl::StatusOr<pki::CertificatePtr> ReadCertificate(const std::string& path) {
  GH_ASSIGN_OR_RETURN(const std::string content, ReadInput(path, kMaxFieldsBytes));
  GH_ASSIGN_OR_RETURN(const auto objects, pki::ReadTrustObjects(pki::AsBytes(content)));
  if (objects.size() != 1) return absl::InvalidArgumentError(absl::StrCat(path, ": want one certificate"));
  return pki::Certificate::Parse(objects.front());
}

absl::StatusOr<std::string> Issue(const IssueOptions& options) {
  GH_ASSIGN_OR_RETURN(const std::string text, ReadInput(options.fields, kMaxFieldsBytes));
  // Read twice: once strictly, once in the order of the text, in which the features are written.
  GH_RETURN_IF_ERROR(seals::ReadStrictJson(text).status());
  const ordered_json fields = ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!fields.is_object()) return absl::InvalidArgumentError("fields: want a JSON object");
  GH_ASSIGN_OR_RETURN(const pki::CertificatePtr certificate, ReadCertificate(options.certificate));
  GH_ASSIGN_OR_RETURN(const std::unique_ptr<pki::SigningKey> key, signing::OpenSigningKey(options.key));
  if (!pki::IsCertificateOf(*certificate, *key)) {
    return absl::InvalidArgumentError("--certificate: it is not that of the key");
  }
  GH_ASSIGN_OR_RETURN(const seals::SignerReference signer, seals::ReferenceTo(*certificate));
  seals::IssueRequest request;
  if (fields.contains("version")) {
    const ordered_json& version = fields["version"];
    request.version = version.is_number_unsigned() ? static_cast<int>(version.get<uint64_t>() & 0xFF) : 0;
  }
  if (fields.contains("issuing_country") && fields["issuing_country"].is_string()) {
    request.issuing_country = fields["issuing_country"];
  }
  request.signer_identifier = signer.identifier;
  request.certificate_reference = signer.certificate_reference;
  GH_ASSIGN_OR_RETURN(request.issue_date, ReadDay(fields, "issue_date"));
  GH_ASSIGN_OR_RETURN(request.signature_date, ReadDay(fields, "signature_date"));
  GH_ASSIGN_OR_RETURN(request.feature_definition, ReadDefinition(fields));
  if (fields.contains("features")) GH_RETURN_IF_ERROR(ReadFeatures(fields["features"], request));
  if (!options.mrz.empty()) {
    GH_ASSIGN_OR_RETURN(const std::string zone, ReadInput(options.mrz, 4096));
    GH_RETURN_IF_ERROR(AddZone(zone, request));
  }
  return seals::IssueVds(request, *key);
}

void IssueSeal(Context& context, const IssueOptions& options) {
  const absl::StatusOr<std::string> seal = Issue(options);
  if (!seal.ok()) return context.Fail(seal.status());
  if (context.json) {
    const ordered_json json{{"kind", "vds"}, {"seal", absl::BytesToHexString(*seal)}, {"size_bytes", seal->size()}};
    *context.out << JsonLine(json) << std::endl;
  } else if (options.format == "binary") {
    *context.out << *seal << std::flush;
  } else {
    *context.out << (options.format == "hex" ? absl::BytesToHexString(*seal) : absl::Base64Escape(*seal)) << std::endl;
  }
}

}  // namespace

void AddIssueSealVerb(CLI::App& document, Context& context) {
  CLI::App* issue = AddVerb(document, "issue-seal", "Mint a visible digital seal, for a visa and others");
  auto options = std::make_shared<IssueOptions>();
  issue->add_option("--key", options->key, "Key file (PEM, DER), or pkcs11: URI with module-path and pin-source")
      ->required();
  issue->add_option("--certificate", options->certificate, "The signer's certificate")->required();
  issue->add_option("--mrz", options->mrz, "Text of the machine-readable zone");
  issue->add_option("--format", options->format, "What is written")->check(CLI::IsMember({"hex", "binary", "base64"}));
  issue->add_option("FIELDS", options->fields,
                    "JSON: document_type, issuing_country, issue_date, signature_date, features; - for input");
  issue->callback([&context, options] { IssueSeal(context, *options); });
}

}  // namespace gatehouse::cli
