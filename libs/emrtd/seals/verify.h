// VerifySeal: has the state that the seal names made it, and has nothing in it been changed since (Doc 9303-13 section
// 3, Doc 9303-12, TR-03135 checks of the digital seal). Every step is reported apart; nothing is ever valid by default.
//
// Overall, the first that applies:
//   invalid              the signature, the chain or the country is wrong, the signer is revoked or was not valid when
//                        it signed, or there is a fatal finding
//   undetermined         something that had to be known is not: no signature, no signer certificate, no trust anchor,
//                        a stale CRL, no country to compare
//   valid_expired_chain  genuine, and the signer or its authority have expired since
//   valid_with_warning, valid_with_defect, valid     by the gravest finding
// A signer certificate given for look-up is none that is trusted: with it the signature can be checked, `chain` says
// signer_given, and `overall` stays undetermined.
#pragma once

#include <optional>
#include <string>

#include "libs/emrtd/passive_authentication.h"
#include "libs/emrtd/seals/seal.h"
#include "libs/pki/trust_store.h"

namespace gatehouse::emrtd::seals {

enum class ChainState {
  kValid,
  kInvalid,
  kNoTrustAnchor,
  kSignerGiven,   // the operator gave the signer's certificate; no authority that is known vouches for it
  kUndetermined,  // there is no signer certificate
};
// "valid", "invalid", "no_trust_anchor", "signer_given", "undetermined".
std::string_view ToWord(ChainState state);

// The zone in the seal. kAbsent: the seal has none, or it is no zone.
enum class ZoneState { kAbsent, kValid, kInvalid };
std::string_view ToWord(ZoneState state);

struct SealInput {
  const pki::TrustStore* trust = nullptr;  // never null
  CountriesOfState countries;
  absl::Time check_time;
  // The zone of the document that the seal is on, lines joined; compared where the seal has a zone.
  std::optional<base::Redacted<std::string>> document_zone;
  std::optional<std::string> document_issuing_state;
  // The document is a passport: a seal that names a passport number is then that of a visa or permit in it, which has a
  // zone and a state of its own, and is not compared.
  bool document_is_passport = false;
};

struct SealReport {
  Overall overall = Overall::kUndetermined;
  SignatureState signature = SignatureState::kUndetermined;
  SignatureState signer_signature = SignatureState::kUndetermined;  // of the signer's certificate
  ChainState chain = ChainState::kUndetermined;
  ValidityState signer_validity_at_check = ValidityState::kUndetermined;
  ValidityState signer_validity_at_signing = ValidityState::kUndetermined;
  ValidityState authority_validity_at_check = ValidityState::kUndetermined;
  RevocationState revocation = RevocationState::kNoCrl;
  CountryState country_match = CountryState::kUndetermined;  // seal, certificate and document
  ZoneState zone = ZoneState::kAbsent;
  bool zone_compared = false;  // with that of the document; a difference is a finding
  Findings findings;           // those of the seal first

  // Evidence.
  std::string reason;               // why it is not valid, the gravest first; empty when it is
  std::string signature_algorithm;  // "ECDSA plain brainpoolP256r1"; empty without a signer
  std::string hash;                 // "SHA-256"
  pki::CertificatePtr signer;       // null when none is known
  pki::CertificatePtr authority;    // null when none is known
  pki::CrlPtr crl;
  std::string trust_store_version;
};

SealReport VerifySeal(const Seal& seal, const SealInput& input);

// By the rules above, from everything else in the report. Internal.
Overall DrawOverall(const SealReport& report);
// The zone in the seal, and against that of the document. Internal.
void CheckZone(const Seal& seal, const SealInput& input, SealReport& report);

}  // namespace gatehouse::emrtd::seals
