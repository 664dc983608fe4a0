#include "services/document/notice_file.h"

#include <algorithm>

#include "libs/base/status_macros.h"
#include "libs/pki/signed_data.h"

namespace gatehouse::document {
namespace {

absl::Status Untrusted(const char* reason) { return absl::UnauthenticatedError(reason); }

bool IsOneOf(const std::vector<pki::CertificatePtr>& issuers, const pki::Certificate& certificate) {
  return std::any_of(issuers.begin(), issuers.end(),
                     [&](const pki::CertificatePtr& issuer) { return issuer->der == certificate.der; });
}

bool IsSignedByOneOf(const std::vector<pki::CertificatePtr>& issuers, const pki::Certificate& certificate,
                     absl::Time at) {
  return std::any_of(issuers.begin(), issuers.end(), [&](const pki::CertificatePtr& issuer) {
    const bool may_certify = issuer->is_authority.value_or(false) && issuer->key_usage &&
                             issuer->key_usage->key_cert_sign && issuer->not_before <= at && at <= issuer->not_after;
    return may_certify && issuer->subject == certificate.issuer && pki::VerifySignatureBy(*issuer, certificate).ok();
  });
}

// The certificate of whoever signed, if it is one whose notices are taken.
absl::StatusOr<pki::CertificatePtr> FindSigner(const pki::SignedData& data,
                                               const std::vector<pki::CertificatePtr>& issuers, absl::Time at) {
  std::vector<pki::CertificatePtr> known = issuers;
  for (const pki::Bytes encoding : data.certificates) {
    if (auto certificate = pki::Certificate::Parse(encoding); certificate.ok()) known.push_back(*certificate);
  }
  for (const pki::CertificatePtr& certificate : known) {
    if (!data.signers.front().Names(*certificate)) continue;
    if (!IsOneOf(issuers, *certificate) && !IsSignedByOneOf(issuers, *certificate, at)) continue;
    if (!certificate->violation.ok() || !certificate->public_key.ok()) continue;
    if (certificate->key_usage && !certificate->key_usage->digital_signature) continue;
    if (at < certificate->not_before || certificate->not_after < at) continue;
    return certificate;
  }
  return Untrusted("notices: signed by none of the known issuers of notices, or their certificate is not valid now");
}

}  // namespace

absl::StatusOr<NoticeBundle> ReadSignedNotices(std::string_view message,
                                               const std::vector<pki::CertificatePtr>& issuers, absl::Time at) {
  if (message.size() > kMaxNoticeFileBytes) return absl::InvalidArgumentError("notices: too large");
  absl::StatusOr<pki::SignedData> data = pki::ReadSignedData(pki::AsBytes(message), {});
  if (!data.ok()) return absl::InvalidArgumentError("notices: not a signed bundle (CMS SignedData, DER)");
  if (data->signers.size() != 1) return Untrusted("notices: exactly one signer is wanted");
  GH_ASSIGN_OR_RETURN(const pki::CertificatePtr signer, FindSigner(*data, issuers, at));
  if (!pki::VerifySigner(*data, data->signers.front(), *signer->public_key).ok()) {
    return Untrusted("notices: the signature does not fit the bundle");
  }
  GH_ASSIGN_OR_RETURN(NoticeBundle bundle, ReadNotices(pki::AsText(data->content)));
  bundle.signer = signer;
  return bundle;
}

}  // namespace gatehouse::document
