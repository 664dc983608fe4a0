#include "libs/emrtd/document_signer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/emrtd/limits.h"

namespace gatehouse::emrtd {
namespace {

using pki::SignedData;
using pki::SignerInfo;
using pki::SignerVerdictPtr;

// What no signature covers and no genuine signer gets wrong without its being noticed here.
void NoteWrapping(const SecurityObject& object, const SignerInfo& signer, Findings& findings) {
  const SignedData& data = object.signed_data;
  if (object.trailing_bytes > 0) {
    findings.push_back({Defect::kSecurityObjectTrailingBytes, absl::StrCat(object.trailing_bytes, " bytes follow")});
  }
  if (data.indefinite_length) findings.push_back({Defect::kSecurityObjectIndefiniteLength, "BER, not DER"});
  const bool by_key = !signer.subject_key_identifier.empty();
  const int wanted_version = by_key || object.content_type != SecurityObjectContentType::kData ? 3 : 1;
  if (data.version != wanted_version) {
    findings.push_back({Defect::kSignedDataVersion,
                        absl::StrCat("version ", data.version, ", RFC 5652 section 5.1 wants ", wanted_version)});
  }
  if (signer.version != (by_key ? 3 : 1)) {
    findings.push_back({Defect::kSignerInfoVersion, absl::StrCat("version ", signer.version)});
  }
  if (std::find(data.digests.begin(), data.digests.end(), signer.digest) == data.digests.end()) {
    findings.push_back({Defect::kDigestAlgorithmsIncomplete, "the signer's digest is not among digestAlgorithms"});
  }
  if (!signer.signature_algorithm.digest && signer.signature_algorithm.scheme == pki::SignatureScheme::kEcdsa) {
    findings.push_back({Defect::kSignatureAlgorithmNamesNoDigest, "id-ecPublicKey stands for the signature algorithm"});
  }
}

void NoteContentType(const SecurityObject& object, Findings& findings) {
  if (object.content_type == SecurityObjectContentType::kIcao) return;
  const Defect defect = object.content_type == SecurityObjectContentType::kOther
                            ? Defect::kSecurityObjectUnknownContentType
                            : Defect::kSecurityObjectContentType;
  findings.push_back({defect, "eContentType " + pki::OidText(object.signed_data.content_type)});
}

struct Candidates {
  std::vector<SignerVerdictPtr> named;    // embedded, and the signer identifier names them
  std::vector<SignerVerdictPtr> unnamed;  // embedded only
  std::string malformed;                  // why an embedded one cannot be read
};

Candidates ReadEmbedded(const SignedData& data, const SignerInfo& signer, const pki::TrustStore& trust) {
  Candidates candidates;
  for (const Bytes encoding : data.certificates) {
    absl::StatusOr<SignerVerdictPtr> verdict = trust.Judge(encoding);
    if (!verdict.ok()) {
      candidates.malformed = std::string(verdict.status().message());
    } else if (signer.Names(*(*verdict)->signer)) {
      candidates.named.push_back(*std::move(verdict));
    } else {
      candidates.unnamed.push_back(*std::move(verdict));
    }
  }
  return candidates;
}

// Those the identifier names; without one, the certificate known from elsewhere; without that, the only one embedded.
std::vector<SignerVerdictPtr> ChooseSigner(const SecurityObject& object, const SignerInfo& signer,
                                           const pki::TrustStore& trust, PassiveAuthenticationReport& report) {
  Candidates candidates = ReadEmbedded(object.signed_data, signer, trust);
  if (!candidates.named.empty()) return std::move(candidates.named);
  if (pki::CertificatePtr known = trust.FindSigner(signer)) {
    report.findings.push_back({Defect::kSignerCertificateLookedUp, "not embedded; " + known->subject.text()});
    return {trust.Judge(known)};
  }
  if (!candidates.malformed.empty()) {
    report.findings.push_back({Defect::kSignerCertificateMalformed, candidates.malformed});
    report.sod_signature = SignatureState::kInvalid;
    report.sod_signature_reason = "the signer's certificate cannot be read: " + candidates.malformed;
    return {};
  }
  if (candidates.unnamed.size() == 1) return std::move(candidates.unnamed);
  report.findings.push_back({Defect::kSignerCertificateMissing, "neither embedded nor known from elsewhere"});
  report.sod_signature_reason = "the signer's certificate is not known";
  return {};
}

absl::StatusOr<pki::SignatureForm> VerifyBy(const SignedData& data, const SignerInfo& signer,
                                            const pki::Certificate& certificate) {
  if (!certificate.public_key.ok()) return certificate.public_key.status();
  return pki::VerifySigner(data, signer, *certificate.public_key);
}

// Of a security object whose signature does not verify: was it the content that was changed?
SignatureState DigestState(const SignedData& data, const SignerInfo& signer) {
  if (!signer.has_signed_attributes) return SignatureState::kUndetermined;
  const bool same = pki::Equal(signer.message_digest, pki::ComputeDigest(signer.digest, data.content).bytes());
  return same ? SignatureState::kValid : SignatureState::kInvalid;
}

void NoteForm(pki::SignatureForm form, const SignerInfo& signer, Findings& findings) {
  if (form == pki::SignatureForm::kBareContent) {
    findings.push_back({Defect::kSignedAttributesAbsent, "RFC 5652 section 5.3 demands them for this content type"});
  } else if (!signer.attributes_sorted) {
    findings.push_back({Defect::kSignedAttributesUnsorted, form == pki::SignatureForm::kAttributes
                                                               ? "the signature covers the order as stored"
                                                               : "the signature covers the order DER demands"});
  }
}

void NoteStrength(const pki::Certificate& signer, Findings& findings) {
  if (!signer.public_key.ok()) {
    findings.push_back({Defect::kPublicKeyRefused, std::string(signer.public_key.status().message())});
  } else if (signer.public_key->is_rsa() && signer.public_key->bits() < kMinSoundRsaBits) {
    findings.push_back({Defect::kWeakKey, absl::StrCat("RSA of ", signer.public_key->bits(), " bits")});
  }
  if (signer.signature_algorithm.digest == pki::Digest::kSha1) {
    findings.push_back({Defect::kWeakDigest, "SHA-1 in the signature of the signer's certificate"});
  }
}

}  // namespace

SignerVerdictPtr CheckSecurityObjectSignature(const SecurityObject& object, const pki::TrustStore& trust,
                                              PassiveAuthenticationReport& report) {
  const SignedData& data = object.signed_data;
  if (data.signers.size() != 1) {
    report.findings.push_back({Defect::kSignerCount, absl::StrCat(data.signers.size(), " signers, one must be")});
    report.sod_signature = SignatureState::kInvalid;
    report.sod_signature_reason = "there must be exactly one signer";
    return nullptr;
  }
  const SignerInfo& signer = data.signers.front();
  report.signing_time = signer.signing_time;
  report.signature_algorithm = pki::Describe(signer.signature_algorithm);
  NoteWrapping(object, signer, report.findings);
  NoteContentType(object, report.findings);

  SignerVerdictPtr chosen;
  for (SignerVerdictPtr& verdict : ChooseSigner(object, signer, trust, report)) {
    const absl::StatusOr<pki::SignatureForm> form = VerifyBy(data, signer, *verdict->signer);
    if (chosen != nullptr && !form.ok()) continue;
    chosen = std::move(verdict);
    report.sod_signature = form.ok() ? SignatureState::kValid : SignatureState::kInvalid;
    report.sod_digest = form.ok() ? SignatureState::kValid : DigestState(data, signer);
    report.sod_signature_reason = form.ok() ? "" : std::string(form.status().message());
    if (!form.ok()) continue;
    NoteForm(*form, signer, report.findings);
    if (!signer.Names(*chosen->signer)) {
      report.findings.push_back({Defect::kWrongSignerIdentifier, "it names another than the embedded certificate"});
    } else if (signer.subject_key_identifier.empty() &&
               !pki::Equal(signer.issuer_encoding, chosen->signer->issuer_encoding)) {
      report.findings.push_back({Defect::kSignerIdentifierEncoding, "it writes the issuer's name otherwise"});
    }
    break;
  }
  if (signer.signature_algorithm.digest.value_or(signer.digest) == pki::Digest::kSha1) {
    report.findings.push_back({Defect::kWeakDigest, "SHA-1 in the signature of the security object"});
  }
  if (chosen != nullptr) NoteStrength(*chosen->signer, report.findings);
  return chosen;
}

}  // namespace gatehouse::emrtd
