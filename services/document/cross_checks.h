// One part of a document against another (TR-03135 section 5.7, Doc 9303-10): the optional details of the chip against
// its zone, the visual zone against the machine-readable one, the passport against a visa. Details tell names of fields
// only.
#pragma once

#include <optional>
#include <vector>

#include "libs/emrtd/passive_authentication.h"
#include "libs/emrtd/tr03135.h"
#include "libs/mrz/parse.h"
#include "services/document/presented.h"

namespace gatehouse::document {

struct CrossCheckInput {
  const emrtd::PassiveAuthenticationReport* chip = nullptr;  // never null; says nothing without has_chip
  bool has_chip = false;
  pki::Bytes data_group_11;                                  // empty when not read
  const std::optional<mrz::ParsedMrz>* chip_zone = nullptr;  // never null: DG1
  pki::Bytes data_group_12;                                  // empty when not read
  const std::optional<mrz::ParsedMrz>* zone = nullptr;     // never null: DG1 when it is authentic, else the printed one
  const std::optional<VisualZone>* visual_zone = nullptr;  // never null
  std::string_view visa_mrz;
  absl::Time check_time;
};

// In this order: data_group_11_against_data_group_1, data_group_12_issue_date, document_number_plausibility,
// visual_zone_comparison, visa_comparison.
std::vector<emrtd::Tr03135Check> CrossChecks(const CrossCheckInput& input);

}  // namespace gatehouse::document
