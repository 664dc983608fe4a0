#include "libs/emrtd/overall.h"

#include <algorithm>

namespace gatehouse::emrtd {
namespace {

bool HasDataGroup(const PassiveAuthenticationReport& report, DataGroupState state) {
  return std::any_of(report.data_groups.begin(), report.data_groups.end(),
                     [&](const DataGroupResult& result) { return result.state == state; });
}

bool HasFinding(const PassiveAuthenticationReport& report, Severity severity) {
  return std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
    return !finding.excused && SeverityOf(finding.defect) == severity;
  });
}

// One that a deviation list speaks of is neither whole nor known to be altered.
bool HasAlteredDataGroup(const PassiveAuthenticationReport& report, bool known_deviation) {
  return std::any_of(report.data_groups.begin(), report.data_groups.end(), [&](const DataGroupResult& result) {
    return result.state == DataGroupState::kNotIdentical && result.known_deviation == known_deviation;
  });
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
         HasAlteredDataGroup(report, /*known_deviation=*/false) ||
         HasDataGroup(report, DataGroupState::kNonConformance) || HasFinding(report, Severity::kFatal);
}

// Written as what must be there, so that a state nobody thought of is not taken for good.
bool IsEstablished(const PassiveAuthenticationReport& report) {
  return report.sod_signature == SignatureState::kValid && report.dsc_signature == SignatureState::kValid &&
         report.chain == ChainState::kValid &&
         (report.revocation == RevocationState::kGood || report.revocation == RevocationState::kNoCrl) &&
         report.country_match == CountryState::kMatch && report.dsc_validity_at_signing == ValidityState::kValid &&
         HasDataGroup(report, DataGroupState::kIdentical) && !HasAlteredDataGroup(report, /*known_deviation=*/true);
}

}  // namespace

Overall DrawOverall(const PassiveAuthenticationReport& report) {
  if (IsInvalid(report)) return Overall::kInvalid;
  if (!IsEstablished(report)) return Overall::kUndetermined;
  if (report.dsc_validity_at_check == ValidityState::kUndetermined ||
      report.csca_validity_at_check == ValidityState::kUndetermined) {
    return Overall::kUndetermined;
  }
  if (report.dsc_validity_at_check != ValidityState::kValid || report.csca_validity_at_check != ValidityState::kValid) {
    return Overall::kValidExpiredChain;
  }
  if (HasFinding(report, Severity::kWarning)) return Overall::kValidWithWarning;
  if (HasFinding(report, Severity::kDefect)) return Overall::kValidWithDefect;
  return Overall::kValid;
}

}  // namespace gatehouse::emrtd
