// Made-up travellers for the tests of this folder.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
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

// As the service makes one: what is sent again is the same bytes.
inline Request RequestOf(std::string id, const Passage& passage) {
  return {.id = std::move(id),
          .digest = absl::StrCat(passage.identity.Reveal().name.primary, passage.identity.Reveal().document.number,
                                 passage.officer, absl::ToUnixMicros(passage.time), static_cast<int>(passage.outcome))};
}

}  // namespace gatehouse::traveller
