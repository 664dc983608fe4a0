// EF.CardSecurity (TR-03110-3 A.1.2.3): the SecurityInfos that the issuer signed for themselves, as a CMS SignedData of
// content type 0.4.0.127.0.7.3.2.1, by a document signer of the same country authorities as EF.SOD. PACE with Chip
// Authentication Mapping takes its key from here.
#pragma once

#include "libs/emrtd/lds/security_infos.h"
#include "libs/pki/signed_data.h"
#include "libs/pki/trust_store.h"

namespace gatehouse::emrtd {

// Read in place: the caller's bytes must outlive the value. Movable, not copyable.
struct CardSecurity {
  pki::SignedData signed_data;
  SecurityInfos infos;  // worth nothing before CheckCardSecurity says so
  FileFindings findings;
};

// INVALID_ARGUMENT names the field. Another content type is one: its contents are no SecurityInfos.
absl::StatusOr<CardSecurity> ReadCardSecurity(Bytes file);

struct CardSecurityVerdict {
  // Only true when all of this is so: exactly one signer, its signature over the content fits, its certificate leads to
  // an anchor, is valid at the time of checking, and is not revoked, nor of unknown standing by a stale CRL.
  bool established = false;
  pki::SignatureState signature = pki::SignatureState::kUndetermined;
  pki::ChainState chain = pki::ChainState::kNoTrustAnchor;
  pki::RevocationState revocation = pki::RevocationState::kNoCrl;
  bool signer_valid_at_check = false;
  std::string reason;  // why it is not established; empty when it is
  std::optional<absl::Time> signing_time;
  pki::CertificatePtr signer;  // null when none is known
};
CardSecurityVerdict CheckCardSecurity(const CardSecurity& security, const pki::TrustStore& trust,
                                      absl::Time check_time);

}  // namespace gatehouse::emrtd
