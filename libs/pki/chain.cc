#include "libs/pki/chain.h"

#include <algorithm>

#include "libs/pki/oid.h"

namespace gatehouse::pki {
namespace {

// A certificate in its own name, signed by its own key. Link certificates bear one name twice too, but say by their
// key identifiers that another key signed them; that spares the check of a signature which cannot fit.
bool IsSelfSigned(const Certificate& certificate) {
  if (!certificate.self_issued()) return false;
  if (!certificate.authority_key_identifier.empty() &&
      certificate.authority_key_identifier != certificate.subject_key_identifier) {
    return false;
  }
  return VerifySignatureBy(certificate, certificate).ok();
}

bool SameKey(const Certificate& a, const Certificate& b) {
  return Equal(a.subject_public_key_info, b.subject_public_key_info);
}

bool Contains(const std::vector<CertificatePtr>& path, const CertificatePtr& certificate) {
  return std::find(path.begin(), path.end(), certificate) != path.end();
}

}  // namespace

void Authorities::Add(CertificatePtr certificate, bool from_master_list) {
  Authority*& known = by_fingerprint_[certificate->fingerprint_text()];
  if (known == nullptr) {
    all_.push_back({certificate, from_master_list || IsSelfSigned(*certificate)});
    known = &all_.back();
    by_name_[certificate->subject.canonical()].push_back(known);
  }
  known->is_anchor |= from_master_list;
}

std::vector<const Authority*> Authorities::Candidates(const DistinguishedName& name, Bytes key_identifier) const {
  const auto found = by_name_.find(name.canonical());
  if (found == by_name_.end()) return {};
  std::vector<const Authority*> candidates(found->second.begin(), found->second.end());
  std::stable_partition(candidates.begin(), candidates.end(), [&](const Authority* authority) {
    return Equal(authority->certificate->subject_key_identifier, key_identifier);
  });
  return candidates;
}

bool Authorities::Extend(const Authority& authority, std::vector<CertificatePtr>& path) const {
  if (path.size() >= kMaxChainLength || Contains(path, authority.certificate)) return false;
  path.push_back(authority.certificate);
  if (authority.is_anchor) return true;
  const Certificate& link = *authority.certificate;
  for (const Authority* above : Candidates(link.issuer, link.authority_key_identifier)) {
    const Certificate& issuer = *above->certificate;
    // A link never leaves its country.
    if (issuer.subject.country() == link.subject.country() && !WhyNoAuthority(issuer) &&
        !Contains(path, above->certificate) && VerifySignatureBy(issuer, link).ok() && Extend(*above, path)) {
      return true;
    }
  }
  path.pop_back();
  return false;
}

std::optional<std::vector<CertificatePtr>> Authorities::PathToAnchor(const Authority& authority) const {
  std::vector<CertificatePtr> path;
  if (!Extend(authority, path)) return std::nullopt;
  return path;
}

// A violation alone does not unmake an authority: a list or the operator vouches for an anchor byte for byte, and a
// link with one has no valid signature. Real lists hold such certificates.
std::optional<std::string> WhyNoAuthority(const Certificate& certificate) {
  if (!certificate.public_key.ok()) return std::string(certificate.public_key.status().message());
  if (certificate.is_authority.has_value() && !*certificate.is_authority) return "basicConstraints denies cA";
  if (certificate.key_usage && !certificate.key_usage->key_cert_sign) return "keyUsage lacks keyCertSign";
  if (!certificate.is_authority && !certificate.key_usage) {
    return "neither basicConstraints nor keyUsage says that it may issue certificates";
  }
  if (!certificate.unknown_critical_extensions.empty()) {
    return "unknown critical extension " + certificate.unknown_critical_extensions.front();
  }
  return std::nullopt;
}

std::optional<std::string> WhyNoDocumentSigner(const Certificate& certificate) {
  if (!certificate.violation.ok()) return std::string(certificate.violation.message());
  if (certificate.is_authority.value_or(false)) return "it is the certificate of an authority";
  if (certificate.key_usage) {
    if (certificate.key_usage->key_cert_sign) return "its keyUsage is that of an authority";
    if (!certificate.key_usage->digital_signature) return "its keyUsage lacks digitalSignature";
  }
  if (certificate.HasExtendedKeyUsage(oid::kMasterListSigning)) return "it is for signing master lists";
  if (certificate.HasExtendedKeyUsage(oid::kDeviationListSigning)) return "it is for signing deviation lists";
  if (!certificate.unknown_critical_extensions.empty()) {
    return "unknown critical extension " + certificate.unknown_critical_extensions.front();
  }
  return std::nullopt;
}

SignerVerdict JudgeSigner(const CertificatePtr& signer, const Authorities& authorities) {
  SignerVerdict verdict{.signer = signer};
  const Bytes wanted_key = signer->authority_key_identifier;
  std::string unfit;
  std::vector<const Certificate*> failed;  // the same key need not be tried twice
  const auto candidates = authorities.Candidates(signer->issuer, wanted_key);
  for (const Authority* candidate : candidates) {
    const Certificate& issuer = *candidate->certificate;
    const auto same_key = [&](const Certificate* tried) { return SameKey(*tried, issuer); };
    if (std::any_of(failed.begin(), failed.end(), same_key)) continue;
    if (!VerifySignatureBy(issuer, *signer).ok()) {
      failed.push_back(&issuer);
      continue;
    }
    verdict.signature = SignatureState::kValid;
    verdict.named_authority = candidate->certificate;
    if (const auto why = WhyNoAuthority(issuer)) {
      unfit = "the issuing authority may not issue: " + *why;
    } else if (auto path = authorities.PathToAnchor(*candidate)) {
      verdict.paths.push_back(*std::move(path));
    }
  }
  if (!candidates.empty() && verdict.named_authority == nullptr) {
    verdict.named_authority = candidates.front()->certificate;
  }
  const auto why_no_signer = WhyNoDocumentSigner(*signer);
  if (verdict.signature == SignatureState::kValid) {
    verdict.chain = !verdict.paths.empty() ? ChainState::kValid
                    : !unfit.empty()       ? ChainState::kInvalid
                                           : ChainState::kNoTrustAnchor;
    if (verdict.paths.empty()) verdict.reason = unfit.empty() ? "its issuer leads to no trust anchor" : unfit;
  } else if (!candidates.empty() &&
             (wanted_key.empty() || Equal(candidates.front()->certificate->subject_key_identifier, wanted_key))) {
    // The key that the signer names is here, and did not sign it. With another key of the name it would only be
    // unknown: countries keep the name and change the key.
    verdict.signature = SignatureState::kInvalid;
    verdict.chain = ChainState::kInvalid;
    verdict.reason = "the signature is not that of the authority it names";
  } else {
    verdict.reason = candidates.empty() ? "no authority of the issuer's name is known"
                                        : "no authority with the issuer's key is known";
  }
  if (why_no_signer) {
    verdict.chain = ChainState::kInvalid;
    verdict.reason = "not a document signer: " + *why_no_signer;
    verdict.paths.clear();
  }
  return verdict;
}

}  // namespace gatehouse::pki
