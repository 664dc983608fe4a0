// Made-up travellers for the tests of this folder.
#pragma once

#include <string>

#include "services/traveller/crossing.h"

namespace gatehouse::traveller {

inline base::Identity AnnaEriksson() {
  return {.name = {.primary = "ERIKSSON", .secondary = "ANNA MARIA"},
          .birth_date = {1974, 8, 12},
          .sex = base::Sex::kFemale,
          .nationality = "UTO",
          .document = {.number = "L898902C3", .issuer = "UTO", .type = "P"},
          .expiry_date = {2032, 4, 15}};
}

inline Passage PassageOf(const base::Identity& identity, absl::Time time = absl::FromUnixSeconds(1767225600)) {
  return {.inspection_id = "0190a8a0-0000-7000-8000-000000000001",
          .direction = Direction::kEntry,
          .post = "NORTH-1",
          .conveyance = "UT123",
          .time = time,
          .outcome = CrossingOutcome::kAdmitted,
          .identity = base::Redacted<base::Identity>(identity),
          .officer = "officer.one"};
}

}  // namespace gatehouse::traveller
