#include "libs/emrtd/overall.h"

#include <algorithm>

namespace gatehouse::emrtd {
namespace {

bool HasDataGroup(const PassiveAuthenticationReport& report, DataGroupState state) {
  return std::any_of(report.data_groups.begin(), report.data_groups.end(),
                     [&](const DataGroupResult& result) { return result.state == state; });
}

bool HasFinding(const PassiveAuthenticationReport& report, Severity severity) {
  return std::any_of(report.findings.begin(), report.findings.end(),
                     [&](const Finding& finding) { return SeverityOf(finding.defect) == severity; });
}

bool OutsideItsTime(ValidityState state) {
  return state == ValidityState::kExpired || state == ValidityState::kNotYetValid;
}

bool IsInvalid(const PassiveAuthenticationReport& report) {
  return report.sod_signature == SignatureState::kInvalid || report.dsc_signature == SignatureState::kInvalid ||
         report.chain == ChainState::kInvalid || report.revocation == RevocationState::kRevoked ||
         report.country_match == CountryState::kMismatch || OutsideItsTime(report.dsc_validity_at_signing) ||
         report.dsc_validity_at_check == ValidityState::kNotYetValid ||
         report.csca_validity_at_check == ValidityState::kNotYetValid ||
         HasDataGroup(report, DataGroupState::kNotIdentical) || HasDataGroup(report, DataGroupState::kNonConformance) ||
         HasFinding(report, Severity::kFatal);
}

// Written as what must be there, so that a state nobody thought of is not taken for good.
bool IsEstablished(const PassiveAuthenticationReport& report) {
  return report.sod_signature == SignatureState::kValid && report.dsc_signature == SignatureState::kValid &&
         report.chain == ChainState::kValid &&
         (report.revocation == RevocationState::kGood || report.revocation == RevocationState::kNoCrl) &&
         report.country_match == CountryState::kMatch && report.dsc_validity_at_signing == ValidityState::kValid &&
         HasDataGroup(report, DataGroupState::kIdentical);
}

}  // namespace

Overall DrawOverall(const PassiveAuthenticationReport& report) {
  if (IsInvalid(report)) return Overall::kInvalid;
  if (!IsEstablished(report)) return Overall::kUndetermined;
  if (report.dsc_validity_at_check != ValidityState::kValid || report.csca_validity_at_check != ValidityState::kValid) {
    return Overall::kValidExpiredChain;
  }
  if (HasFinding(report, Severity::kWarning)) return Overall::kValidWithWarning;
  if (HasFinding(report, Severity::kDefect)) return Overall::kValidWithDefect;
  return Overall::kValid;
}

}  // namespace gatehouse::emrtd
