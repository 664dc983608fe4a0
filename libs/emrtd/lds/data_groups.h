// EF.COM and what verification itself reads of data groups (Doc 9303-10 section 4): the machine-readable zone of DG1
// and the date of issue in DG12. Each other data group has its own header here: face.h (DG2), finger.h, iris.h,
// displayed_images.h (DG5 to DG10, DG13), details.h (DG11, DG12, DG16), security_infos.h (DG14),
// active_authentication_key.h (DG15); describe_file.h says of any of them what is in it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/base/partial_date.h"
#include "libs/base/redacted.h"
#include "libs/pki/tlv.h"

namespace gatehouse::emrtd {

using pki::Bytes;

// EF.COM: which data groups the chip says it has. No signature covers it.
struct Com {
  std::string lds_version;       // "0107"
  std::string unicode_version;   // "040000"
  std::vector<int> data_groups;  // numbers, in the order of the file
  size_t trailing_bytes = 0;
};
absl::StatusOr<Com> ReadCom(Bytes file);

// DG1: the characters of the machine-readable zone without line breaks: 88 (TD3), 72 (TD2) or 90 (TD1). Other lengths
// are INVALID_ARGUMENT. Personal data.
absl::StatusOr<base::Redacted<std::string>> ReadMachineReadableZone(Bytes data_group_1);

// What the country agreement needs of a machine-readable zone: document code and issuing state, fillers cut off.
struct IssuerOfZone {
  std::string document_code;  // "P", "ID"
  std::string issuing_state;  // "D", "UTO"
};
// Nothing when the zone is too short or holds something else there.
std::optional<IssuerOfZone> FindIssuer(std::string_view machine_readable_zone);

// DG12: the date of issue (tag 5F26), nothing when it is absent or broken.
std::optional<base::PartialDate> ReadDateOfIssue(Bytes data_group_12);

// The tag in EF.COM and at the start of the file, by number 1..16; 0 for another number.
uint32_t DataGroupTag(int number);

}  // namespace gatehouse::emrtd
