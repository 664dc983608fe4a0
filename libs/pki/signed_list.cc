#include "libs/pki/signed_list.h"

#include <array>

#include "libs/base/status_macros.h"
#include "libs/pki/chain.h"

namespace gatehouse::pki {
namespace {

std::vector<CertificatePtr> ReadEmbedded(const SignedData& data) {
  std::vector<CertificatePtr> embedded;
  for (const Bytes encoding : data.certificates) {
    // One that cannot be read is no signer; should it be the one that is needed, it will be missed.
    absl::StatusOr<CertificatePtr> certificate = Certificate::Parse(encoding);
    if (certificate.ok()) embedded.push_back(*std::move(certificate));
  }
  return embedded;
}

CertificatePtr FindIssuer(const Certificate& signer, const std::vector<CertificatePtr>& candidates) {
  for (const CertificatePtr& candidate : candidates) {
    if (candidate->subject == signer.issuer && !WhyNoAuthority(*candidate) &&
        VerifySignatureBy(*candidate, signer).ok()) {
      return candidate;
    }
  }
  return nullptr;
}

// Whether this certificate made this signature and is for such lists.
absl::Status VerifyListSigner(const SignedData& data, const SignerInfo& info, CertificateRole role,
                              const Certificate& signer) {
  GH_RETURN_IF_ERROR(signer.public_key.status());
  GH_RETURN_IF_ERROR(VerifySigner(data, info, *signer.public_key).status());
  if (const auto why = WhyNot(role, signer)) {
    return absl::UnauthenticatedError("the signer's certificate is not for such lists: " + *why);
  }
  return absl::OkStatus();
}

ListSignature JudgeOne(const SignedData& data, const SignerInfo& info, CertificateRole role,
                       const std::vector<CertificatePtr>& embedded, const std::vector<CertificatePtr>& listed) {
  ListSignature judged{.signing_time = info.signing_time};
  judged.verdict = absl::UnauthenticatedError("the signer's certificate is not embedded");
  // Two certificates may bear the key identifier that is named.
  for (const CertificatePtr& candidate : embedded) {
    if (judged.signature_fits || !info.Names(*candidate)) continue;
    judged.signer = candidate;
    judged.verdict = VerifyListSigner(data, info, role, *candidate);
    judged.signature_fits = judged.verdict.ok();
  }
  if (!judged.signature_fits) return judged;
  judged.authority = FindIssuer(*judged.signer, embedded);
  if (judged.authority == nullptr) judged.authority = FindIssuer(*judged.signer, listed);
  if (judged.authority == nullptr) {
    judged.verdict = absl::UnauthenticatedError("no country certificate in the list issued the signer's certificate");
  }
  return judged;
}

}  // namespace

ListSignature JudgeListSignature(const SignedData& data, CertificateRole role,
                                 const std::vector<CertificatePtr>& listed) {
  const std::vector<CertificatePtr> embedded = ReadEmbedded(data);
  ListSignature judged;
  judged.verdict = Malformed("signerInfos", "are none");
  for (const SignerInfo& info : data.signers) {
    ListSignature one = JudgeOne(data, info, role, embedded, listed);
    const bool better = judged.signer == nullptr || (one.signature_fits && !judged.signature_fits);
    if (better || one.verdict.ok()) judged = std::move(one);
    if (judged.verdict.ok()) break;
  }
  return judged;
}

std::string_view ToWord(ListSigner signer) {
  static constexpr std::array<std::string_view, 4> kWords = {"absent", "valid", "undetermined", "invalid"};
  return kWords[static_cast<size_t>(signer)];
}

ListSignerVerdict JudgeListSigner(const ListSignature& signature, CertificateRole role, const TrustStore& held) {
  if (!signature.signature_fits) return {ListSigner::kInvalid, nullptr, std::string(signature.verdict.message())};
  const SignerVerdict verdict = held.JudgeAs(role, signature.signer);
  if (verdict.chain == ChainState::kValid) return {ListSigner::kValid, verdict.paths.front().back(), ""};
  if (verdict.chain == ChainState::kInvalid) return {ListSigner::kInvalid, nullptr, verdict.reason};
  // The list brings its own authority along, perhaps a link that leads to an anchor from there.
  if (signature.authority != nullptr) {
    const SignerVerdict above = held.JudgeAs(CertificateRole::kAuthority, signature.authority);
    if (above.chain == ChainState::kValid) return {ListSigner::kValid, above.paths.front().back(), ""};
  }
  return {ListSigner::kUndetermined, nullptr, "the authority of its signer is not trusted here: " + verdict.reason};
}

}  // namespace gatehouse::pki
