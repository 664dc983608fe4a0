// The checks that the document itself answers: printed zone, chip, one against the other, signer revocation, expiry.
// Pure. The caller adds durations.
#pragma once

#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/inspection/check.h"
#include "services/inspection/ports.h"

namespace gatehouse::inspection {

// Null findings: the document service gave no answer, and `missing` says why.
struct DocumentAnswer {
  const DocumentFindings* findings = nullptr;
  std::string missing;
};

// `printed` is the reading of the zone by whoever could read it; null when none was given.
Check CheckMrz(const MrzReading* printed);
Check CheckChip(const DocumentAnswer& answer, bool chip_given, absl::Time now);
Check CheckMrzChipMatch(const DocumentAnswer& answer, bool chip_given);
Check CheckRevocation(const DocumentAnswer& answer, bool chip_given, absl::Time now);
Check CheckFraudNotices(const DocumentAnswer& answer);
// The document service's answer over all that it looked at, which is more than the checks above: page against zone, a
// visa, seals, how the chip was opened, groups that were not read, the same number before with other data.
Check CheckDocumentVerdict(const DocumentAnswer& answer);

// A document is valid through its expiry date (Doc 9303-3 section 4.8); where the day or the month is unknown, through
// the last possible one.
Check CheckDocumentValidity(const base::Identity& identity, absl::CivilDay today);

}  // namespace gatehouse::inspection
