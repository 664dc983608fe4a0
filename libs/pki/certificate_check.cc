#include "libs/pki/certificate_check.h"

#include <array>

#include "absl/strings/str_cat.h"

namespace gatehouse::pki {
namespace {

template <typename State, size_t kSize>
std::string_view Word(const std::array<std::string_view, kSize>& words, State state) {
  return words[static_cast<size_t>(state)];
}

std::string Day(absl::Time time) { return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone()); }

// With several certificates for the issuer's key, one that is valid at the time; else the first.
const std::vector<CertificatePtr>* ChoosePath(const SignerVerdict& verdict, absl::Time time) {
  for (const auto& path : verdict.paths) {
    if (TimeOf(*path.front(), time) == CertificateTime::kValid) return &path;
  }
  return verdict.paths.empty() ? nullptr : &verdict.paths.front();
}

std::string WhyOutsideItsTime(const Certificate& certificate, CertificateTime time, std::string_view whose) {
  const bool expired = time == CertificateTime::kExpired;
  return absl::StrCat(std::string(whose), expired ? " expired on " : " is not valid before ",
                      Day(expired ? certificate.not_after : certificate.not_before));
}

// The gravest reason and what it makes of the whole.
void DrawOverall(const CertificatePtr& revoked_authority, CertificateCheck& check) {
  const auto say = [&](CertificateOverall overall, std::string reason) {
    check.overall = overall;
    check.reason = std::move(reason);
  };
  const SignerVerdict& verdict = check.verdict;
  const Certificate& certificate = *verdict.signer;
  if (verdict.signature == SignatureState::kInvalid || verdict.chain == ChainState::kInvalid) {
    return say(CertificateOverall::kInvalid, verdict.reason);
  }
  if (check.revocation.state == RevocationState::kRevoked) {
    return say(CertificateOverall::kInvalid,
               absl::StrCat("it is on the revocation list of ", Day(check.revocation.crl->this_update), ", ",
                            DescribeEntry(check.revocation)));
  }
  if (revoked_authority != nullptr) {
    return say(CertificateOverall::kInvalid, "its authority is revoked: " + revoked_authority->subject.text());
  }
  if (check.time == CertificateTime::kNotYetValid) {
    return say(CertificateOverall::kInvalid, WhyOutsideItsTime(certificate, check.time, "it"));
  }
  if (verdict.chain != ChainState::kValid) return say(CertificateOverall::kUndetermined, verdict.reason);
  if (check.issuer_time == CertificateTime::kNotYetValid) {
    return say(CertificateOverall::kInvalid, WhyOutsideItsTime(*check.issuer, check.issuer_time, "its issuer"));
  }
  if (check.revocation.state == RevocationState::kUndetermined) {
    return say(CertificateOverall::kUndetermined, DescribeUndetermined(check.revocation));
  }
  if (check.time == CertificateTime::kExpired) {
    return say(CertificateOverall::kValidExpiredChain, WhyOutsideItsTime(certificate, check.time, "it"));
  }
  if (check.issuer_time == CertificateTime::kExpired) {
    return say(CertificateOverall::kValidExpiredChain,
               WhyOutsideItsTime(*check.issuer, check.issuer_time, "its issuer"));
  }
  say(CertificateOverall::kValid, "");
}

}  // namespace

CertificateTime TimeOf(const Certificate& certificate, absl::Time time) {
  if (time < certificate.not_before) return CertificateTime::kNotYetValid;
  return certificate.not_after < time ? CertificateTime::kExpired : CertificateTime::kValid;
}

CertificateCheck CheckCertificate(const TrustStore& trust, const CertificatePtr& certificate, absl::Time check_time) {
  CertificateCheck check{.role = RoleOf(*certificate)};
  check.verdict = check.role == CertificateRole::kDocumentSigner ? *trust.Judge(certificate)
                                                                 : trust.JudgeAs(check.role, certificate);
  const auto* path = ChoosePath(check.verdict, check_time);
  if (path != nullptr) {
    check.issuer = path->front();
  } else if (check.verdict.signature == SignatureState::kValid) {
    check.issuer = check.verdict.named_authority;
  }
  check.time = TimeOf(*certificate, check_time);
  if (check.issuer != nullptr) check.issuer_time = TimeOf(*check.issuer, check_time);
  check.revocation = trust.Revocation(*certificate, check_time);
  DrawOverall(trust.RevokedAuthority(check.verdict, check_time), check);
  return check;
}

std::string_view ToWord(SignatureState state) {
  return Word(std::array<std::string_view, 3>{"valid", "invalid", "undetermined"}, state);
}
std::string_view ToWord(ChainState state) {
  return Word(std::array<std::string_view, 3>{"valid", "invalid", "no_trust_anchor"}, state);
}
std::string_view ToWord(CertificateTime time) {
  return Word(std::array<std::string_view, 3>{"valid", "expired", "not_yet_valid"}, time);
}
std::string_view ToWord(RevocationState state) {
  return Word(std::array<std::string_view, 4>{"good", "revoked", "no_crl", "undetermined"}, state);
}
std::string_view ToWord(CertificateOverall overall) {
  return Word(std::array<std::string_view, 4>{"valid", "valid_expired_chain", "undetermined", "invalid"}, overall);
}

}  // namespace gatehouse::pki
