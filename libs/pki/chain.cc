#include "libs/pki/chain.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/pki/oid.h"

namespace gatehouse::pki {
namespace {

bool SameKey(const Certificate& a, const Certificate& b) {
  return Equal(a.subject_public_key_info, b.subject_public_key_info);
}

// A certificate that names no key may hold an empty one; so nothing is equal to nothing.
bool IsKeyOf(const Certificate& authority, Bytes key_identifier) {
  return !key_identifier.empty() && Equal(authority.subject_key_identifier, key_identifier);
}

bool Contains(const std::vector<CertificatePtr>& path, const CertificatePtr& certificate) {
  return std::find(path.begin(), path.end(), certificate) != path.end();
}

}  // namespace

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

bool NamesAuthority(const Certificate& issued, const Certificate& authority) {
  if (!issued.authority_key_identifier.empty()) return IsKeyOf(authority, issued.authority_key_identifier);
  return !issued.authority_certificate_serial.empty() && Equal(issued.authority_certificate_serial, authority.serial) &&
         issued.authority_certificate_issuer == authority.issuer;
}

void Authorities::Add(CertificatePtr certificate, bool from_master_list) {
  const bool known = by_fingerprint_.contains(certificate->fingerprint_text());
  const bool is_anchor = from_master_list || (!known && IsSelfSigned(*certificate));
  AddAs(std::move(certificate), is_anchor);
}

void Authorities::AddAs(CertificatePtr certificate, bool is_anchor) {
  Authority*& known = by_fingerprint_[certificate->fingerprint_text()];
  if (known == nullptr) {
    all_.push_back({certificate, false});
    known = &all_.back();
    by_name_[certificate->subject.canonical()].push_back(known);
    by_key_identifier_[std::string(AsText(certificate->subject_key_identifier))].push_back(known);
  }
  known->is_anchor |= is_anchor;
}

const Authority* Authorities::Find(const Certificate& certificate) const {
  const auto found = by_fingerprint_.find(certificate.fingerprint_text());
  return found == by_fingerprint_.end() ? nullptr : found->second;
}

std::vector<const Authority*> Authorities::OfName(const DistinguishedName& name) const {
  const auto found = by_name_.find(name.canonical());
  if (found == by_name_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::vector<const Authority*> Authorities::Candidates(const Certificate& issued) const {
  std::vector<const Authority*> candidates = OfName(issued.issuer);
  std::stable_partition(candidates.begin(), candidates.end(),
                        [&](const Authority* authority) { return NamesAuthority(issued, *authority->certificate); });
  return candidates;
}

std::vector<const Authority*> Authorities::Candidates(const CertificateRevocationList& crl) const {
  std::vector<const Authority*> candidates = OfName(crl.issuer);
  std::stable_partition(candidates.begin(), candidates.end(), [&](const Authority* authority) {
    return IsKeyOf(*authority->certificate, crl.authority_key_identifier);
  });
  return candidates;
}

std::vector<const Authority*> Authorities::Renamed(const Certificate& issued) const {
  if (issued.authority_key_identifier.empty()) return {};
  const auto found = by_key_identifier_.find(std::string(AsText(issued.authority_key_identifier)));
  if (found == by_key_identifier_.end()) return {};
  std::vector<const Authority*> renamed;
  for (const Authority* authority : found->second) {
    const DistinguishedName& name = authority->certificate->subject;
    const bool same_country = !name.country().empty() && name.country() == issued.issuer.country();
    if (same_country && !(name == issued.issuer)) renamed.push_back(authority);
  }
  return renamed;
}

// A link in whose issuer the old name stands and in whose subject the new one.
bool Authorities::IsRenaming(const Authority& link) const {
  const Certificate& certificate = *link.certificate;
  if (certificate.self_issued() || certificate.issuer.country() != certificate.subject.country() ||
      WhyNoAuthority(certificate) || !ReachesAnchor(link)) {
    return false;
  }
  const std::vector<const Authority*> signers = Candidates(certificate);
  return std::any_of(signers.begin(), signers.end(), [&](const Authority* signer) {
    return ReachesAnchor(*signer) && VerifySignatureBy(*signer->certificate, certificate).ok();
  });
}

std::vector<DistinguishedName> Authorities::LaterNames(const DistinguishedName& name) const {
  std::vector<DistinguishedName> names = {name};
  const auto add = [&](const DistinguishedName& later) {
    if (std::find(names.begin(), names.end(), later) == names.end()) names.push_back(later);
  };
  for (size_t i = 0; i < names.size() && i < kMaxChainLength; ++i) {
    const DistinguishedName from = names[i];
    for (const Authority& other : all_) {
      const Certificate& certificate = *other.certificate;
      if (certificate.subject == from || certificate.subject.country() != from.country()) continue;
      if (certificate.issuer == from && IsRenaming(other)) add(certificate.subject);
    }
    for (const Authority* own : OfName(from)) {
      const auto same_key = by_key_identifier_.find(std::string(AsText(own->certificate->subject_key_identifier)));
      for (const Authority* other : same_key->second) {
        const Certificate& certificate = *other->certificate;
        if (!(certificate.subject == from) && certificate.subject.country() == from.country() &&
            SameKey(certificate, *own->certificate) && ReachesAnchor(*own) && ReachesAnchor(*other)) {
          add(certificate.subject);
        }
      }
    }
  }
  names.erase(names.begin());
  return names;
}

std::vector<const Authority*> Authorities::WithSuccessors(std::vector<const Authority*> authorities) const {
  const auto add = [&](const Authority& other) {
    const bool known = std::find(authorities.begin(), authorities.end(), &other) != authorities.end();
    if (!known && !WhyNoAuthority(*other.certificate) && ReachesAnchor(other)) authorities.push_back(&other);
  };
  for (size_t i = 0; i < authorities.size(); ++i) {
    const Certificate& from = *authorities[i]->certificate;
    for (const Authority& other : all_) {
      const Certificate& certificate = *other.certificate;
      if (certificate.subject.country() != from.subject.country()) continue;
      if (SameKey(certificate, from) ||
          (certificate.issuer == from.subject && VerifySignatureBy(from, certificate).ok())) {
        add(other);
      }
    }
  }
  return authorities;
}

bool Authorities::Extend(const Authority& authority, std::vector<CertificatePtr>& path) const {
  if (path.size() >= kMaxChainLength || Contains(path, authority.certificate)) return false;
  path.push_back(authority.certificate);
  if (authority.is_anchor) return true;
  const Certificate& link = *authority.certificate;
  for (const Authority* above : Candidates(link)) {
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

namespace {

// What is asked of every certificate that signs and issues nothing.
std::optional<std::string> WhyNoSigner(const Certificate& certificate) {
  if (!certificate.violation.ok()) return std::string(certificate.violation.message());
  if (certificate.is_authority.value_or(false)) return "it is the certificate of an authority";
  if (certificate.key_usage) {
    if (certificate.key_usage->key_cert_sign) return "its keyUsage is that of an authority";
    if (!certificate.key_usage->digital_signature) return "its keyUsage lacks digitalSignature";
  }
  if (!certificate.unknown_critical_extensions.empty()) {
    return "unknown critical extension " + certificate.unknown_critical_extensions.front();
  }
  return std::nullopt;
}

std::optional<std::string> WhyNoListSigner(const Certificate& certificate, const Oid& purpose) {
  if (!certificate.HasExtendedKeyUsage(purpose)) return "its extendedKeyUsage lacks " + OidText(purpose.bytes());
  return WhyNoSigner(certificate);
}

// The authorities whose key made the signature, each with its path; and what they are short of.
struct Issuers {
  CertificatePtr first;
  std::vector<std::vector<CertificatePtr>> paths;
  std::string unfit;  // why one of them may not issue
};

Issuers FindIssuers(const Certificate& certificate, const std::vector<const Authority*>& candidates,
                    const Authorities& authorities) {
  Issuers found;
  std::vector<const Certificate*> failed;  // the same key need not be tried twice
  for (const Authority* candidate : candidates) {
    const Certificate& issuer = *candidate->certificate;
    const auto same_key = [&](const Certificate* tried) { return SameKey(*tried, issuer); };
    if (std::any_of(failed.begin(), failed.end(), same_key)) continue;
    if (!VerifySignatureBy(issuer, certificate).ok()) {
      failed.push_back(&issuer);
      continue;
    }
    if (found.first == nullptr) found.first = candidate->certificate;
    if (const auto why = WhyNoAuthority(issuer)) {
      found.unfit = "the issuing authority may not issue: " + *why;
    } else if (auto path = authorities.PathToAnchor(*candidate)) {
      found.paths.push_back(*std::move(path));
    }
  }
  return found;
}

// Whether `candidates` hold the one key that the certificate says made its signature. With another key of the name the
// issuer is only unknown: countries keep the name and change the key, and a certificate that names no key may be of
// one that we have not seen.
bool HoldsNamedKey(const Certificate& certificate, const std::vector<const Authority*>& candidates) {
  return !candidates.empty() && NamesAuthority(certificate, *candidates.front()->certificate);
}

// An authority vouches for itself when it is an anchor here, whoever signed it; when it is not, its own key still says
// whether it is whole.
void ReadSelf(const Authorities& authorities, SignerVerdict& verdict) {
  const Certificate& self = *verdict.signer;
  const Authority* known = authorities.Find(self);
  if (known != nullptr && known->is_anchor) {
    verdict.chain = ChainState::kValid;
    verdict.reason.clear();
    if (verdict.paths.empty()) verdict.paths.push_back({verdict.signer});
  } else if (self.self_issued() && self.authority_key_identifier == self.subject_key_identifier &&
             verdict.signature == SignatureState::kUndetermined) {
    const bool whole = VerifySignatureBy(self, self).ok();
    verdict.signature = whole ? SignatureState::kValid : SignatureState::kInvalid;
    verdict.chain = whole ? ChainState::kNoTrustAnchor : ChainState::kInvalid;
    verdict.reason = whole ? "it is signed by itself and no trust anchor here" : "its own key did not sign it";
  }
}

}  // namespace

std::optional<std::string> WhyNoDocumentSigner(const Certificate& certificate) {
  if (certificate.HasExtendedKeyUsage(oid::kMasterListSigning)) return "it is for signing master lists";
  if (certificate.HasExtendedKeyUsage(oid::kDeviationListSigning)) return "it is for signing deviation lists";
  if (certificate.HasExtendedKeyUsage(oid::kDefectListSigning)) return "it is for signing defect lists";
  return WhyNoSigner(certificate);
}

std::optional<std::string> WhyNot(CertificateRole role, const Certificate& certificate) {
  switch (role) {
    case CertificateRole::kAuthority:
      return WhyNoAuthority(certificate);
    case CertificateRole::kMasterListSigner:
      return WhyNoListSigner(certificate, oid::kMasterListSigning);
    case CertificateRole::kDeviationListSigner:
      return WhyNoListSigner(certificate, oid::kDeviationListSigning);
    case CertificateRole::kDefectListSigner:
      return WhyNoListSigner(certificate, oid::kDefectListSigning);
    case CertificateRole::kDocumentSigner:
      break;
  }
  return WhyNoDocumentSigner(certificate);
}

SignerVerdict JudgeSigner(const CertificatePtr& signer, const Authorities& authorities, CertificateRole role) {
  SignerVerdict verdict{.signer = signer};
  auto candidates = authorities.Candidates(*signer);
  // Signers of seals bear the name of their issuer. Such a certificate, which may not issue, is not its own issuer.
  std::erase_if(candidates, [&](const Authority* candidate) {
    return Equal(candidate->certificate->der, signer->der) && WhyNoAuthority(*signer);
  });
  Issuers issuers = FindIssuers(*signer, candidates, authorities);
  if (issuers.first == nullptr) issuers = FindIssuers(*signer, authorities.Renamed(*signer), authorities);
  verdict.named_authority = issuers.first;
  // Of several namesakes none is named where the certificate does not say which it means.
  if (verdict.named_authority == nullptr && (candidates.size() == 1 || HoldsNamedKey(*signer, candidates))) {
    verdict.named_authority = candidates.front()->certificate;
  }
  if (issuers.first != nullptr) {
    verdict.signature = SignatureState::kValid;
    verdict.paths = std::move(issuers.paths);
    verdict.chain = !verdict.paths.empty()   ? ChainState::kValid
                    : !issuers.unfit.empty() ? ChainState::kInvalid
                                             : ChainState::kNoTrustAnchor;
    if (verdict.paths.empty()) {
      verdict.reason = issuers.unfit.empty() ? "its issuer leads to no trust anchor" : issuers.unfit;
    }
  } else if (HoldsNamedKey(*signer, candidates)) {
    verdict.signature = SignatureState::kInvalid;
    verdict.chain = ChainState::kInvalid;
    verdict.reason = "the signature is not that of the authority it names";
  } else {
    verdict.reason = candidates.empty() ? "no authority of the issuer's name is known"
                                        : "no authority with the issuer's key is known";
  }
  if (role == CertificateRole::kAuthority) ReadSelf(authorities, verdict);
  if (const auto why = WhyNot(role, *signer)) {
    verdict.chain = ChainState::kInvalid;
    verdict.reason = absl::StrCat("not fit as ", std::string(ToWord(role)), ": ", *why);
    verdict.paths.clear();
  }
  return verdict;
}

CertificateRole RoleOf(const Certificate& certificate) {
  if (certificate.HasExtendedKeyUsage(oid::kMasterListSigning)) return CertificateRole::kMasterListSigner;
  if (certificate.HasExtendedKeyUsage(oid::kDeviationListSigning)) return CertificateRole::kDeviationListSigner;
  const bool issues =
      certificate.is_authority.value_or(false) || (certificate.key_usage && certificate.key_usage->key_cert_sign);
  return issues ? CertificateRole::kAuthority : CertificateRole::kDocumentSigner;
}

std::string_view ToWord(CertificateRole role) {
  static constexpr std::string_view kWords[] = {"document_signer", "master_list_signer", "deviation_list_signer",
                                                "defect_list_signer", "country_authority"};
  return kWords[static_cast<size_t>(role)];
}

bool SaysAuthority(const Certificate& certificate) {
  return certificate.is_authority.value_or(false) || (certificate.key_usage && certificate.key_usage->key_cert_sign);
}

const Authority* SignerOf(const CertificateRevocationList& crl, const Authorities& authorities) {
  for (const Authority* authority : authorities.Candidates(crl)) {
    const Certificate& certificate = *authority->certificate;
    const bool may_sign = !certificate.key_usage || certificate.key_usage->crl_sign;
    if (may_sign && !WhyNoAuthority(certificate) && authorities.ReachesAnchor(*authority) &&
        VerifySignatureBy(certificate, crl).ok()) {
      return authority;
    }
  }
  return nullptr;
}

std::vector<const Authority*> IssuersOf(const Certificate& certificate, const Authorities& authorities) {
  const auto issuers_among = [&](std::vector<const Authority*> candidates) {
    std::erase_if(candidates, [&](const Authority* candidate) {
      return WhyNoAuthority(*candidate->certificate) || !authorities.ReachesAnchor(*candidate) ||
             !VerifySignatureBy(*candidate->certificate, certificate).ok();
    });
    return candidates;
  };
  std::vector<const Authority*> issuers = issuers_among(authorities.Candidates(certificate));
  return issuers.empty() ? issuers_among(authorities.Renamed(certificate)) : issuers;
}

}  // namespace gatehouse::pki
