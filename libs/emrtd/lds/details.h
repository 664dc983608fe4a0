// The optional details of the holder (DG11), of the document (DG12), and the persons to notify (DG16): Doc 9303-10
// sections 4.7.11, 4.7.12 and 4.7.16. Every field is optional and read by itself: one that is broken does not hide the
// others. Images point into the caller's bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/emrtd/lds/detail_fields.h"
#include "libs/emrtd/lds/picture.h"

namespace gatehouse::emrtd {

// DG11. Texts are UTF-8 in national characters, as the issuer wrote them: in names two fillers separate primary from
// secondary identifier, in places and addresses one separates the parts (SplitAtFillers).
struct PersonalDetails {
  std::optional<PersonalText> full_name;                // 5F0E
  std::vector<PersonalText> other_names;                // A0, 5F0F
  std::optional<PersonalText> personal_number;          // 5F10
  std::optional<base::Redacted<DateField>> birth_date;  // 5F2B, full
  std::optional<PersonalText> place_of_birth;           // 5F11
  std::optional<PersonalText> address;                  // 5F42
  std::optional<PersonalText> telephone;                // 5F12
  std::optional<PersonalText> profession;               // 5F13
  std::optional<PersonalText> title;                    // 5F14
  std::optional<PersonalText> summary;                  // 5F15
  std::optional<Picture> proof_of_citizenship;          // 5F16
  std::optional<PersonalText> other_document_numbers;   // 5F17
  std::optional<PersonalText> custody;                  // 5F18
  std::vector<uint32_t> unknown_tags;
  FileFindings findings;
};
absl::StatusOr<PersonalDetails> ReadDataGroup11(Bytes file);

// DG12.
struct DocumentDetails {
  std::optional<std::string> issuing_authority;       // 5F19
  std::optional<DateField> issue_date;                // 5F26
  std::vector<PersonalText> other_persons;            // A0, 5F1A
  std::optional<PersonalText> endorsements;           // 5F1B
  std::optional<PersonalText> tax_or_exit;            // 5F1C
  std::optional<Picture> front_image;                 // 5F1D
  std::optional<Picture> rear_image;                  // 5F1E
  std::optional<DateField> personalisation_date;      // 5F55, its day
  std::string personalisation_time;                   // 5F55, HHMMSS; empty when absent or broken
  std::optional<std::string> personalisation_device;  // 5F56, serial number
  std::vector<uint32_t> unknown_tags;
  FileFindings findings;
};
absl::StatusOr<DocumentDetails> ReadDataGroup12(Bytes file);

// DG16.
struct PersonToNotify {
  std::optional<DateField> recorded;      // 5F50
  std::optional<PersonalText> name;       // 5F51
  std::optional<PersonalText> telephone;  // 5F52
  std::optional<PersonalText> address;    // 5F53
};
struct DataGroup16 {
  std::vector<PersonToNotify> persons;
  FileFindings findings;
};
absl::StatusOr<DataGroup16> ReadDataGroup16(Bytes file);

}  // namespace gatehouse::emrtd
