// Whom an inspection is about: the genuine chip says it, else a correctly read printed zone, else what the officer
// keyed, else whatever the document gives: a zone that reads badly, a chip that is not proved. A bad document is a
// finding, and the other checks still need somebody to look for.
#pragma once

#include <optional>
#include <string_view>

#include "absl/time/civil_time.h"
#include "services/inspection/inspection.h"
#include "services/inspection/ports.h"

namespace gatehouse::inspection {

struct ChosenIdentity {
  base::Redacted<base::Identity> identity;
  IdentitySource source = IdentitySource::kNone;
};

// The printed zone as read here, without the document service.
struct LocalReading {
  MrzReading reading;
  base::Redacted<base::Identity> identity;
  bool usable = false;  // fits a format of Doc 9303
};
LocalReading ReadPrintedZone(std::string_view mrz, absl::CivilDay today);

// `findings` and `local` may be null.
ChosenIdentity ChooseIdentity(const DocumentFindings* findings, const LocalReading* local,
                              const std::optional<base::Redacted<base::Identity>>& keyed);

}  // namespace gatehouse::inspection
