// The whole verdict on one certificate at one time: who issued it, whether that leads to an anchor, its time, its
// revocation. What a desk asks of a certificate that it was sent; passive authentication of a document asks more.
#pragma once

#include <string>
#include <string_view>

#include "libs/pki/trust_store.h"

namespace gatehouse::pki {

enum class CertificateTime { kValid, kExpired, kNotYetValid };
CertificateTime TimeOf(const Certificate& certificate, absl::Time time);

// Worst last. A certificate whose issuer is not known, or whose issuer's revocation list is stale, is undetermined:
// never valid and never invalid. Without any revocation list it may be valid; `revocation` says that there was none.
enum class CertificateOverall { kValid, kValidExpiredChain, kUndetermined, kInvalid };

struct CertificateCheck {
  CertificateRole role = CertificateRole::kDocumentSigner;
  CertificateOverall overall = CertificateOverall::kUndetermined;
  SignerVerdict verdict;
  CertificateTime time = CertificateTime::kValid;
  CertificateTime issuer_time = CertificateTime::kValid;  // of `issuer`; valid when there is none
  RevocationAnswer revocation;
  // The authority whose key made the signature, preferably one that is valid at the time; null when unknown.
  CertificatePtr issuer;
  std::string reason;  // why it is not valid, one sentence; empty when it is
};

// Thread-safe; checks a signature or two.
CertificateCheck CheckCertificate(const TrustStore& trust, const CertificatePtr& certificate, absl::Time check_time);

std::string_view ToWord(SignatureState state);
std::string_view ToWord(ChainState state);
std::string_view ToWord(CertificateTime time);
std::string_view ToWord(RevocationState state);
std::string_view ToWord(CertificateOverall overall);

}  // namespace gatehouse::pki
