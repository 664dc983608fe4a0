// The two files of the card that say how to talk to it and what is on it (ISO/IEC 7816-4, Doc 9303-10 section 3.11):
// EF.DIR with its applications, by which an LDS2 document is recognised, and EF.ATR/INFO with the lengths it takes.
#pragma once

#include <optional>
#include <vector>

#include "libs/emrtd/lds/file_defects.h"
#include "libs/pki/tlv.h"

namespace gatehouse::emrtd {

using pki::Bytes;

inline constexpr size_t kMaxCardFileBytes = 16 * 1024;
inline constexpr size_t kMaxApplications = 32;

struct CardApplication {
  Bytes identifier;   // AID, 4F
  std::string label;  // 50; empty when not stated
};

struct Directory {
  std::vector<CardApplication> applications;
  FileFindings findings;
};
absl::StatusOr<Directory> ReadDirectory(Bytes file);

// "lds1", "travel_records", "visa_records", "additional_biometrics", "eid"; "unknown" for another.
std::string_view ApplicationWord(Bytes identifier);

struct CardInformation {
  // Bytes of a command and of a response in extended length (7F66); absent when not stated.
  std::optional<int> max_command_bytes, max_response_bytes;
  bool extended_length = false;  // third octet of the card capabilities 47
  FileFindings findings;
};
absl::StatusOr<CardInformation> ReadCardInformation(Bytes file);

}  // namespace gatehouse::emrtd
