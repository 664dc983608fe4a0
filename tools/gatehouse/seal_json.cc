#include "tools/gatehouse/seal_json.h"

#include <string>

namespace gatehouse::cli {
namespace {

using emrtd::ToWord;
using emrtd::seals::ToWord;
using nlohmann::ordered_json;

std::string Word(std::string_view word) { return std::string(word); }

ordered_json Features(const emrtd::seals::Seal& seal) {
  ordered_json features = ordered_json::array();
  for (const emrtd::seals::Feature& feature : seal.features) {
    ordered_json json{{"tag", feature.tag}, {"name", feature.name}};
    if (feature.number) {
      json["value"] = *feature.number;
    } else {
      json["value"] = feature.value.Reveal();
    }
    features.push_back(std::move(json));
  }
  return features;
}

ordered_json Certificate(const pki::CertificatePtr& certificate) {
  if (certificate == nullptr) return nullptr;
  return {{"subject", certificate->subject.text()},
          {"issuer", certificate->issuer.text()},
          {"serial", certificate->serial_text()},
          {"fingerprint", certificate->fingerprint_text()}};
}

}  // namespace

ordered_json ToJson(const emrtd::seals::Seal& seal, const emrtd::seals::SealReport& report) {
  ordered_json defects = ordered_json::array(), findings = ordered_json::array();
  for (const emrtd::seals::Finding& finding : report.findings) {
    defects.push_back(Word(ToWord(finding.defect)));
    findings.push_back({{"defect", Word(ToWord(finding.defect))}, {"evidence", finding.evidence}});
  }
  std::string signer = seal.signer.identifier;
  if (signer.empty() && report.signer != nullptr) signer = report.signer->subject.text();
  return {
      {"kind", Word(ToWord(seal.kind))},
      {"version", seal.version},
      {"overall", Word(ToWord(report.overall))},
      {"signature", Word(ToWord(report.signature))},
      {"chain", Word(ToWord(report.chain))},
      {"revocation", Word(ToWord(report.revocation))},
      {"issuing_country", seal.issuing_country},
      {"feature_definition", seal.feature_definition},
      {"document_type", seal.document_type},
      {"issue_date", seal.issue_date.text()},
      {"signature_date", seal.signature_date.text()},
      {"features", Features(seal)},
      {"signer", signer},
      {"certificate_reference", seal.signer.certificate_reference},
      {"signature_algorithm", report.signature_algorithm},
      {"hash", report.hash},
      {"country_match", Word(ToWord(report.country_match))},
      {"mrz_check", Word(ToWord(report.zone))},
      {"signer_validity_at_check", Word(ToWord(report.signer_validity_at_check))},
      {"signer_validity_at_signing", Word(ToWord(report.signer_validity_at_signing))},
      {"signer_certificate", Certificate(report.signer)},
      {"authority_certificate", Certificate(report.authority)},
      {"reason", report.reason},
      {"defects", std::move(defects)},
      {"findings", std::move(findings)},
      {"trust_version", report.trust_store_version},
  };
}

}  // namespace gatehouse::cli
