#include "libs/emrtd/passive_authentication.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/emrtd/data_group_integrity.h"
#include "libs/emrtd/deviations.h"
#include "libs/emrtd/document_signer.h"
#include "libs/emrtd/issuing_state.h"
#include "libs/emrtd/lds/data_groups.h"
#include "libs/emrtd/limits.h"
#include "libs/emrtd/overall.h"
#include "libs/emrtd/signer_deviations.h"

namespace gatehouse::emrtd {
namespace {

using pki::Certificate;

// Clocks of personalisation systems and ours need not agree to the hour.
constexpr absl::Duration kSigningClockTolerance = absl::Hours(24);

ValidityState ValidityAt(const Certificate& certificate, absl::Time time) {
  if (time < certificate.not_before) return ValidityState::kNotYetValid;
  if (certificate.not_after < time) return ValidityState::kExpired;
  return ValidityState::kValid;
}

bool Within(const pki::Period& period, absl::Time time) {
  return (!period.from || *period.from <= time) && (!period.until || time <= *period.until);
}

std::string Day(absl::Time time) { return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone()); }

ChainState FromPki(pki::ChainState state) {
  switch (state) {
    case pki::ChainState::kValid:
      return ChainState::kValid;
    case pki::ChainState::kInvalid:
      return ChainState::kInvalid;
    case pki::ChainState::kNoTrustAnchor:
      break;
  }
  return ChainState::kNoTrustAnchor;
}

// With several certificates for the authority's key, one that is valid at the time; else the first.
const std::vector<pki::CertificatePtr>* ChoosePath(const pki::SignerVerdict& verdict, absl::Time time) {
  for (const auto& path : verdict.paths) {
    if (ValidityAt(*path.front(), time) == ValidityState::kValid) return &path;
  }
  return verdict.paths.empty() ? nullptr : &verdict.paths.front();
}

// The time of signing: as signed, else the date of issue in a DG12 that is unaltered.
std::optional<absl::Time> TimeOfSigning(const PassiveAuthenticationInput& input,
                                        const PassiveAuthenticationReport& report) {
  if (report.signing_time) return report.signing_time;
  for (const auto& file : input.files.data_groups) {
    if (file.number != 12 || StateOf(report, 12) != DataGroupState::kIdentical) continue;
    const std::optional<base::PartialDate> issued = ReadDateOfIssue(file.bytes);
    if (issued && issued->complete()) return absl::FromCivil(issued->ToCivilDay(), absl::UTCTimeZone());
  }
  return std::nullopt;
}

void CheckSigningTime(const PassiveAuthenticationInput& input, const pki::SignerVerdict& verdict,
                      PassiveAuthenticationReport& report) {
  const Certificate& signer = *verdict.signer;
  const std::optional<absl::Time> signing = TimeOfSigning(input, report);
  if (!signing) {
    report.findings.push_back({Defect::kSigningTimeAbsent, "neither signed nor in DG12"});
    // The signing lies before the check, so a signer that has not expired was not expired then.
    report.dsc_validity_at_signing = report.dsc_validity_at_check == ValidityState::kExpired
                                         ? ValidityState::kUndetermined
                                         : report.dsc_validity_at_check;
    return;
  }
  report.dsc_validity_at_signing = ValidityAt(signer, *signing);
  if (*signing > input.check_time + kSigningClockTolerance) {
    report.findings.push_back({Defect::kSigningTimeInFuture, "signed on " + Day(*signing)});
  }
  if (signer.private_key_usage && !Within(*signer.private_key_usage, *signing)) {
    report.findings.push_back({Defect::kSignerPrivateKeyUsagePeriod, "signed on " + Day(*signing)});
  }
  const auto valid_then = [&](const auto& one) { return ValidityAt(*one.front(), *signing) == ValidityState::kValid; };
  if (!verdict.paths.empty() && std::none_of(verdict.paths.begin(), verdict.paths.end(), valid_then)) {
    report.findings.push_back({Defect::kAuthorityNotValidAtSigning, "signed on " + Day(*signing)});
  }
}

void CheckAuthority(const pki::SignerVerdict& verdict, const std::vector<pki::CertificatePtr>* path,
                    absl::Time check_time, PassiveAuthenticationReport& report) {
  report.authority = path != nullptr ? path->front() : verdict.named_authority;
  if (report.authority == nullptr) {
    report.csca_validity_at_check = ValidityState::kValid;  // nothing was found to be outside its time
    return;
  }
  const Certificate& authority = *report.authority;
  report.csca_validity_at_check = ValidityAt(authority, check_time);
  if (!authority.public_key.ok()) {
    report.findings.push_back({Defect::kPublicKeyRefused, std::string(authority.public_key.status().message())});
  } else if (authority.public_key->is_rsa() && authority.public_key->bits() < kMinSoundRsaBits) {
    report.findings.push_back(
        {Defect::kWeakKey, absl::StrCat("the authority's, RSA of ", authority.public_key->bits(), " bits")});
  }
  if (path != nullptr && !(authority.subject == verdict.signer->issuer)) {
    report.findings.push_back({Defect::kIssuerNameDiffers, "the key is that of " + authority.subject.text()});
  }
  // An authority's key signs signers, so it is the signer's making that must lie in the period.
  if (path != nullptr && authority.private_key_usage &&
      !Within(*authority.private_key_usage, verdict.signer->not_before)) {
    report.findings.push_back({Defect::kAuthorityPrivateKeyUsagePeriod,
                               "the signer's certificate was made on " + Day(verdict.signer->not_before)});
  }
}

// The signer, and above it every certificate that has an issuer: a revoked authority takes its signers along.
Defect WhyUndetermined(const pki::RevocationAnswer& answer, absl::Time check_time) {
  if (!answer.missing_crl.empty()) return Defect::kCrlMissing;
  if (answer.crl_of_another_key) return Defect::kCrlOfAnotherKey;
  return check_time < answer.crl->this_update ? Defect::kCrlNotYetInForce : Defect::kCrlStale;
}

void CheckRevocation(const pki::TrustStore& trust, const pki::SignerVerdict& verdict, absl::Time check_time,
                     PassiveAuthenticationReport& report) {
  const pki::RevocationAnswer answer = trust.Revocation(*verdict.signer, check_time);
  report.revocation = answer.state;
  report.crl = answer.crl;
  if (answer.badly_signed_crl) {
    report.findings.push_back({Defect::kCrlBadlySigned, "a CRL in the issuer's name was not signed by it; not used"});
  }
  if (!answer.partial_crl.empty()) {
    report.findings.push_back({Defect::kCrlNotWhole, "a CRL of the issuer " + answer.partial_crl});
  }
  const std::string entry = answer.entry != nullptr ? "; the signer is " + DescribeEntry(answer) : "";
  if (answer.state == RevocationState::kUndetermined) {
    report.findings.push_back({WhyUndetermined(answer, check_time), DescribeUndetermined(answer) + entry});
  } else if (answer.state == RevocationState::kRevoked) {
    report.findings.push_back({Defect::kSignerRevoked, absl::StrCat("CRL of ", Day(answer.crl->this_update), entry)});
    if (check_time < answer.entry->revoked_at) {
      report.findings.push_back({Defect::kRevocationDateInFuture, Day(answer.entry->revoked_at)});
    }
  }
  if (const pki::CertificatePtr revoked = trust.RevokedAuthority(verdict, check_time)) {
    report.revocation = RevocationState::kRevoked;
    report.chain_reason = "an authority in the chain is revoked: " + revoked->subject.text();
  }
}

void CheckSigner(const PassiveAuthenticationInput& input, const pki::SignerVerdict& verdict,
                 PassiveAuthenticationReport& report) {
  const Certificate& signer = *verdict.signer;
  report.signer = verdict.signer;
  report.dsc_signature = verdict.signature;
  report.chain = FromPki(verdict.chain);
  report.chain_reason = verdict.reason;
  report.dsc_validity_at_check = ValidityAt(signer, input.check_time);
  if (!signer.key_usage)
    report.findings.push_back({Defect::kSignerKeyUsageAbsent, "the signer's certificate has none"});

  const auto* path = ChoosePath(verdict, input.check_time);
  CheckAuthority(verdict, path, input.check_time, report);
  CheckSigningTime(input, verdict, report);
  CheckRevocation(*input.trust, verdict, input.check_time, report);
}

template <typename State, size_t kSize>
std::string_view Word(const std::array<std::string_view, kSize>& words, State state) {
  return words[static_cast<size_t>(state)];
}

}  // namespace

PassiveAuthenticationReport PassiveAuthentication(const PassiveAuthenticationInput& input) {
  GH_CHECK(input.trust != nullptr && input.countries != nullptr);
  PassiveAuthenticationReport report;
  report.trust_store_version = input.trust->version();
  absl::StatusOr<SecurityObject> object = absl::NotFoundError("there is no EF.SOD");
  if (input.files.security_object) object = ReadSecurityObject(*input.files.security_object);

  pki::SignerVerdictPtr verdict;
  if (object.ok()) {
    verdict = CheckSecurityObjectSignature(*object, *input.trust, report);
  } else {
    report.sod_signature_reason = std::string(object.status().message());
    if (input.files.security_object) {
      report.sod_signature = SignatureState::kInvalid;
      report.findings.push_back({Defect::kSecurityObjectMalformed, report.sod_signature_reason});
    }
  }
  CheckDataGroups(input.files, object, report);
  const pki::CertificatePtr named_signer = verdict != nullptr ? verdict->signer : nullptr;
  if (verdict != nullptr) {
    verdict = ApplySignerDeviations(input, *object, std::move(verdict), report);
    CheckSigner(input, *verdict, report);
  }
  CheckIssuingState(input, report);
  ApplyDeviations(input, named_signer, report);
  report.overall = DrawOverall(report);
  return report;
}

std::string_view ToWord(ChainState state) {
  return Word(std::array<std::string_view, 4>{"valid", "invalid", "no_trust_anchor", "undetermined"}, state);
}
std::string_view ToWord(ValidityState state) {
  return Word(std::array<std::string_view, 4>{"valid", "expired", "not_yet_valid", "undetermined"}, state);
}
std::string_view ToWord(CountryState state) {
  return Word(std::array<std::string_view, 3>{"match", "mismatch", "undetermined"}, state);
}
std::string_view ToWord(DataGroupState state) {
  return Word(std::array<std::string_view, 6>{"identical", "not_identical", "present", "not_present", "non_conformance",
                                              "aborted"},
              state);
}
std::string_view ToWord(Overall overall) {
  return Word(std::array<std::string_view, 6>{"valid", "valid_with_defect", "valid_with_warning", "valid_expired_chain",
                                              "undetermined", "invalid"},
              overall);
}

}  // namespace gatehouse::emrtd
