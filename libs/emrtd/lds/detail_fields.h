// Fields of DG11, DG12 and DG16: texts and dates as issuers write them. Internal to libs/emrtd/lds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/base/partial_date.h"
#include "libs/base/redacted.h"
#include "libs/emrtd/lds/file_defects.h"
#include "libs/pki/tlv.h"

namespace gatehouse::emrtd {

using pki::Bytes;

// Real fields have up to some hundred octets; the summary of a person may have some thousand.
inline constexpr size_t kMaxTextBytes = 16 * 1024;
inline constexpr size_t kMaxDetailFields = 64;

using PersonalText = base::Redacted<std::string>;

// UTF-8. Octets that are none are taken as Latin-1, which the first editions had, with a finding. Texts beyond
// kMaxTextBytes are cut there, with a finding.
std::string ReadText(Bytes value, std::string_view field, FileFindings& findings);

// The parts of a text that Doc 9303 separates by one filler: an address, a place of birth.
std::vector<std::string> SplitAtFillers(std::string_view text);

struct DateField {
  std::string written;                    // digits as they stand, of binary-coded decimals too
  std::optional<base::PartialDate> date;  // nothing when it cannot be read
};

// YYYYMMDD as eight digits, or as four octets of binary-coded decimals as LDS 1.7 has them. Unknown parts are 00 or
// fillers. Anything else is kept as written, with a finding.
DateField ReadDate(Bytes value, std::string_view field, FileFindings& findings);

// The elements of a file or template by tag, with the tag list 5C that should come first.
class DetailFields {
 public:
  // Findings: a tag list that is missing, or that names other fields than are there; a field that stands twice.
  // INVALID_ARGUMENT: elements that cannot be walked, or more than kMaxDetailFields.
  static absl::StatusOr<DetailFields> Read(Bytes contents, std::string_view file, FileFindings& findings);

  // The first element with the tag, or nothing; marks it as read.
  std::optional<Bytes> Take(uint32_t tag);
  // All elements of a template A0 with the tag, or, as some issuers write them, the elements beside it.
  std::vector<Bytes> TakeRepeated(uint32_t tag, FileFindings& findings);
  // Tags that nobody has taken.
  std::vector<uint32_t> Untaken() const;

 private:
  struct Field {
    uint32_t tag = 0;
    Bytes value;
    bool taken = false;
  };
  std::string file_;
  std::vector<Field> fields_;
};

}  // namespace gatehouse::emrtd
