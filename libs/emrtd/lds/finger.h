// The fingerprints of DG3: finger image records of ISO/IEC 19794-4 of 2005 and 2011 and of ISO/IEC 39794-4. Found, not
// decoded, as in face.h.
#pragma once

#include <vector>

#include "libs/emrtd/lds/biometric_template.h"

namespace gatehouse::emrtd {

struct FingerImage : BiometricImage {
  std::string_view position;    // "right_index", "unknown" (the code 0), ...; empty for a code that is none
  std::string_view impression;  // "live_plain", "live_rolled", ...; empty when not stated
  // Pixels per centimetre or per inch as scanned and as stored, brought to pixels per inch; 0 when not stated.
  int scan_ppi = 0;
  int image_ppi = 0;
  int bit_depth = 0;
  bool raw = false;  // uncompressed pixels, without any header of their own
};

struct DataGroup3 {
  std::vector<BiometricInstance> instances;
  std::vector<FingerImage> fingers;  // of all plain instances; empty in a document that holds none
  FileFindings findings;
};

// At most kMaxBiometricImages fingers. INVALID_ARGUMENT names the field.
absl::StatusOr<DataGroup3> ReadDataGroup3(Bytes file);

// The word for a finger position code of ISO/IEC 19794-4 table 5, which 39794-4 kept.
std::string_view FingerPositionWord(uint32_t code);

}  // namespace gatehouse::emrtd
