#include "libs/emrtd/lds/card_security.h"

#include "libs/base/status_macros.h"
#include "libs/emrtd/limits.h"
#include "libs/pki/oid.h"

namespace gatehouse::emrtd {
namespace {

using pki::Malformed;

constexpr std::string_view kField = "EF.CardSecurity";
constexpr pki::Oid kSecurityObject = "0.4.0.127.0.7.3.2.1";

// The embedded certificate that the identifier names, or the one known from elsewhere; null when there is neither.
absl::StatusOr<pki::SignerVerdictPtr> FindSigner(const CardSecurity& security, const pki::TrustStore& trust) {
  const pki::SignerInfo& signer = security.signed_data.signers.front();
  for (const Bytes encoding : security.signed_data.certificates) {
    absl::StatusOr<pki::SignerVerdictPtr> verdict = trust.Judge(encoding);
    if (verdict.ok() && signer.Names(*(*verdict)->signer)) return verdict;
  }
  if (const pki::CertificatePtr known = trust.FindSigner(signer)) return trust.Judge(known);
  return absl::NotFoundError("the signer's certificate is not known");
}

absl::Status VerifySignature(const pki::SignedData& data, const pki::SignerInfo& signer,
                             const pki::Certificate& certificate) {
  if (!certificate.public_key.ok()) return certificate.public_key.status();
  GH_ASSIGN_OR_RETURN(const pki::SignatureForm form, pki::VerifySigner(data, signer, *certificate.public_key));
  // The content type is not id-data, so RFC 5652 section 5.3 demands signed attributes; this file never was without.
  if (form != pki::SignatureForm::kBareContent) return absl::OkStatus();
  return absl::UnauthenticatedError("the signed attributes are missing");
}

// The first of the reasons why it is not established, empty when there is none.
std::string WhyNot(const CardSecurityVerdict& verdict, const pki::SignerVerdict& signer) {
  if (verdict.chain != pki::ChainState::kValid) {
    return signer.reason.empty() ? "the signer leads to no trust anchor" : signer.reason;
  }
  if (signer.signature != pki::SignatureState::kValid) return "the signer's certificate is not signed as it must be";
  if (!verdict.signer_valid_at_check) return "the signer's certificate is not valid at the time of checking";
  if (verdict.revocation == pki::RevocationState::kRevoked) return "the signer's certificate is revoked";
  if (verdict.revocation == pki::RevocationState::kUndetermined) return "no CRL in force speaks for the signer";
  return "";
}

}  // namespace

absl::StatusOr<CardSecurity> ReadCardSecurity(Bytes file) {
  if (file.size() > kMaxSecurityObjectBytes) return Malformed(kField, "is longer than the limit");
  CardSecurity security;
  pki::TlvReader reader(file, pki::Rules::kBer);
  GH_ASSIGN_OR_RETURN(const pki::Tlv element, reader.Expect(pki::tag::kSequence, kField));
  if (!reader.at_end()) {
    security.findings.push_back({FileDefect::kTrailingBytes, std::to_string(reader.rest().size()) + " bytes follow"});
  }
  GH_ASSIGN_OR_RETURN(security.signed_data,
                      pki::ReadSignedData(element.encoding, {.certificates = kMaxEmbeddedCertificates}));
  if (!(kSecurityObject == security.signed_data.content_type)) {
    return Malformed(kField, "has the content type " + pki::OidText(security.signed_data.content_type));
  }
  if (security.signed_data.indefinite_length) security.findings.push_back({FileDefect::kNotDer, std::string(kField)});
  GH_ASSIGN_OR_RETURN(security.infos, ReadSecurityInfos(security.signed_data.content, kField));
  return security;
}

CardSecurityVerdict CheckCardSecurity(const CardSecurity& security, const pki::TrustStore& trust,
                                      absl::Time check_time) {
  CardSecurityVerdict verdict;
  if (security.signed_data.signers.size() != 1) {
    verdict.signature = pki::SignatureState::kInvalid;
    verdict.reason = "there must be exactly one signer";
    return verdict;
  }
  const pki::SignerInfo& signer_info = security.signed_data.signers.front();
  verdict.signing_time = signer_info.signing_time;
  const absl::StatusOr<pki::SignerVerdictPtr> signer = FindSigner(security, trust);
  if (!signer.ok()) {
    verdict.reason = std::string(signer.status().message());
    return verdict;
  }
  const pki::Certificate& certificate = *(*signer)->signer;
  verdict.signer = (*signer)->signer;
  const absl::Status form = VerifySignature(security.signed_data, signer_info, certificate);
  verdict.signature = form.ok() ? pki::SignatureState::kValid : pki::SignatureState::kInvalid;
  verdict.chain = (*signer)->chain;
  verdict.signer_valid_at_check = certificate.not_before <= check_time && check_time <= certificate.not_after;
  verdict.revocation = trust.Revocation(certificate, check_time).state;
  verdict.reason = form.ok() ? WhyNot(verdict, **signer) : std::string(form.message());
  verdict.established = verdict.reason.empty();
  return verdict;
}

}  // namespace gatehouse::emrtd
