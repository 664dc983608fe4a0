#include "services/document/notice_file.h"

#include "libs/base/status_macros.h"
#include "libs/pki/signed_data.h"

namespace gatehouse::document {
namespace {

absl::Status Untrusted(const char* reason) { return absl::UnauthenticatedError(reason); }

bool MayCertify(const pki::Certificate& issuer, absl::Time at) {
  return issuer.is_authority.value_or(false) && issuer.key_usage && issuer.key_usage->key_cert_sign &&
         issuer.not_before <= at && at <= issuer.not_after;
}

// The issuer that is `certificate`, or signed it; null: none.
pki::CertificatePtr IssuerOf(const std::vector<pki::CertificatePtr>& issuers, const pki::Certificate& certificate,
                             absl::Time at) {
  for (const pki::CertificatePtr& issuer : issuers) {
    if (issuer->der == certificate.der) return issuer;
  }
  for (const pki::CertificatePtr& issuer : issuers) {
    if (MayCertify(*issuer, at) && issuer->subject == certificate.issuer &&
        pki::VerifySignatureBy(*issuer, certificate).ok()) {
      return issuer;
    }
  }
  return nullptr;
}

struct Signer {
  pki::CertificatePtr certificate;
  pki::CertificatePtr issuer;
};

// Whoever signed, if it is one whose notices are taken.
absl::StatusOr<Signer> FindSigner(const pki::SignedData& data, const std::vector<pki::CertificatePtr>& issuers,
                                  absl::Time at) {
  std::vector<pki::CertificatePtr> known = issuers;
  for (const pki::Bytes encoding : data.certificates) {
    if (auto certificate = pki::Certificate::Parse(encoding); certificate.ok()) known.push_back(*certificate);
  }
  for (const pki::CertificatePtr& certificate : known) {
    if (!data.signers.front().Names(*certificate)) continue;
    const pki::CertificatePtr issuer = IssuerOf(issuers, *certificate, at);
    if (issuer == nullptr) continue;
    if (!certificate->violation.ok() || !certificate->public_key.ok()) continue;
    if (certificate->key_usage && !certificate->key_usage->digital_signature) continue;
    if (at < certificate->not_before || certificate->not_after < at) continue;
    return Signer{certificate, issuer};
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
  GH_ASSIGN_OR_RETURN(const Signer signer, FindSigner(*data, issuers, at));
  if (!pki::VerifySigner(*data, data->signers.front(), *signer.certificate->public_key).ok()) {
    return Untrusted("notices: the signature does not fit the bundle");
  }
  GH_ASSIGN_OR_RETURN(NoticeBundle bundle, ReadNotices(pki::AsText(data->content)));
  bundle.signer = signer.certificate;
  bundle.issuer = signer.issuer;
  return bundle;
}

}  // namespace gatehouse::document
