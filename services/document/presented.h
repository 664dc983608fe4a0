// What was presented of one travel document: zones, files of the chip, what a reader and the chip said to each other,
// seals. Views must outlive whatever reads them. Personal data.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/partial_date.h"
#include "libs/emrtd/chip_authenticity.h"
#include "libs/mrz/parse.h"

namespace gatehouse::document {

// One elementary file of the chip, whole.
struct ChipFile {
  // EF.COM, EF.SOD, EF.DG1 .. EF.DG16, EF.CardAccess, EF.CardSecurity, EF.DIR, EF.ATR; others are kept out and named in
  // a check.
  std::string_view name;
  std::string_view content;
};

// Printed outside the machine-readable zone, keyed or read by a scanner. Only what is set is compared; names in UTF-8.
struct VisualZone {
  std::string document_number;
  std::string issuing_state;
  std::string nationality;
  std::string primary_identifier;
  std::string secondary_identifier;
  base::PartialDate birth_date;
  base::PartialDate expiry_date;
  base::PartialDate issue_date;
  mrz::Sex sex = mrz::Sex::kUnspecified;
};

struct Presented {
  std::string_view mrz;  // as printed; empty when it could not be read
  std::vector<ChipFile> chip_files;
  std::vector<emrtd::AccessOutcome> access;
  std::optional<emrtd::ActiveAuthenticationAnswer> active_authentication;
  std::vector<std::string_view> seals;  // decoded barcodes
  std::optional<VisualZone> visual_zone;
  std::string_view visa_mrz;  // of the visa or permit presented with it; empty when none was
};

}  // namespace gatehouse::document
