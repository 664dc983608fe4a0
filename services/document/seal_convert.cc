#include "services/document/seal_convert.h"

#include "libs/rpc/values.h"

namespace gatehouse::document {
namespace {

using emrtd::ToWord;
using emrtd::seals::ToWord;

v1::Overall OverallToProto(emrtd::Overall overall) {
  switch (overall) {
    case emrtd::Overall::kValid:
      return v1::OVERALL_VALID;
    case emrtd::Overall::kValidWithDefect:
      return v1::OVERALL_VALID_WITH_DEFECT;
    case emrtd::Overall::kValidWithWarning:
      return v1::OVERALL_VALID_WITH_WARNING;
    case emrtd::Overall::kValidExpiredChain:
      return v1::OVERALL_VALID_EXPIRED_CHAIN;
    case emrtd::Overall::kInvalid:
      return v1::OVERALL_INVALID;
    case emrtd::Overall::kUndetermined:
      break;
  }
  return v1::OVERALL_UNDETERMINED;
}

}  // namespace

void ToProto(const emrtd::seals::VerifiedSeal& verified, absl::Time check_time, v1::SealReport* out) {
  const auto& [seal, report] = verified;
  out->set_kind(std::string(ToWord(seal.kind)));
  out->set_version(seal.version);
  out->set_overall(OverallToProto(report.overall));
  out->set_signature(std::string(ToWord(report.signature)));
  out->set_chain(std::string(ToWord(report.chain)));
  out->set_revocation(std::string(ToWord(report.revocation)));
  out->set_country_match(std::string(ToWord(report.country_match)));
  out->set_mrz_check(std::string(ToWord(report.zone)));
  out->set_issuing_country(seal.issuing_country);
  out->set_feature_definition(seal.feature_definition);
  out->set_document_type(seal.document_type);
  out->set_issue_date(seal.issue_date.text());
  out->set_signature_date(seal.signature_date.text());
  for (const emrtd::seals::Feature& feature : seal.features) {
    v1::SealReport::Feature* item = out->add_features();
    item->set_tag(feature.tag);
    item->set_name(feature.name);
    item->set_value(feature.value.Reveal());
  }
  out->set_signer(seal.signer.identifier);
  out->set_certificate_reference(seal.signer.certificate_reference);
  out->set_signature_algorithm(report.signature_algorithm);
  out->set_hash(report.hash);
  if (report.signer != nullptr) out->set_signer_certificate(report.signer->subject.text());
  if (report.authority != nullptr) out->set_authority_certificate(report.authority->subject.text());
  out->set_reason(report.reason);
  for (const emrtd::seals::Finding& finding : report.findings) out->add_defects(std::string(ToWord(finding.defect)));
  out->set_trust_version(report.trust_store_version);
  *out->mutable_check_time() = rpc::WriteTime(check_time);
}

}  // namespace gatehouse::document
