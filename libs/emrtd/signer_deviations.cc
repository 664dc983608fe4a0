#include "libs/emrtd/signer_deviations.h"

#include "libs/emrtd/deviations.h"

namespace gatehouse::emrtd {
namespace {

using pki::SignerVerdictPtr;

void TakeForValid(PassiveAuthenticationReport& report) {
  report.sod_signature = SignatureState::kValid;
  report.sod_digest = SignatureState::kValid;  // it is in what was signed
  report.sod_signature_reason.clear();
  for (Finding& finding : report.findings) finding.excused |= finding.defect == Defect::kPublicKeyRefused;
}

// Null when the certificate is not fit to be one.
SignerVerdictPtr Replacement(const PassiveAuthenticationInput& input, const SecurityObject& object,
                             const pki::Certificate& replaced, Bytes certificate) {
  absl::StatusOr<SignerVerdictPtr> verdict = input.trust->Judge(certificate);
  if (!verdict.ok() || (*verdict)->chain != pki::ChainState::kValid) return nullptr;
  const pki::Certificate& signer = *(*verdict)->signer;
  if (signer.issuer.country() != replaced.issuer.country() || !signer.public_key.ok()) return nullptr;
  const pki::SignedData& data = object.signed_data;
  if (!pki::VerifySigner(data, data.signers.front(), *signer.public_key).ok()) return nullptr;
  return *std::move(verdict);
}

void TryOtherCurves(const SecurityObject& object, const pki::Certificate& signer, PassiveAuthenticationReport& report) {
  const pki::SignedData& data = object.signed_data;
  for (const pki::PublicKey& key : pki::PublicKey::OnOtherCurves(signer.subject_public_key_info)) {
    if (!pki::VerifySigner(data, data.signers.front(), key).ok()) continue;
    TakeForValid(report);
    report.findings.push_back({Defect::kPublicKeyOnOtherCurve, "the signature is of a key on " + key.curve()});
    return;
  }
}

}  // namespace

SignerVerdictPtr ApplySignerDeviations(const PassiveAuthenticationInput& input, const SecurityObject& object,
                                       SignerVerdictPtr verdict, PassiveAuthenticationReport& report) {
  if (input.deviations == nullptr || input.deviations->empty()) return verdict;
  const pki::CertificatePtr signer = verdict->signer;
  for (const pki::DeviationMatch& match : input.deviations->Find(FactsOf(input, signer.get(), report.signing_time))) {
    const pki::DeviationDescription& description = *match.description;
    if (description.type == pki::DeviationType::kSignerReplaced && !description.replacement.empty()) {
      SignerVerdictPtr replacement = Replacement(input, object, *signer, description.replacement);
      if (replacement == nullptr) continue;
      TakeForValid(report);
      return replacement;
    }
    const bool of_key = description.type == pki::DeviationType::kSignerEncoding && description.extension.empty() &&
                        description.parameter == kFieldPublicKey;
    if (of_key && report.sod_signature == SignatureState::kInvalid) TryOtherCurves(object, *signer, report);
  }
  return verdict;
}

}  // namespace gatehouse::emrtd
