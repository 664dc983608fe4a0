// The irises of DG4: iris image records of ISO/IEC 19794-6 of 2005 and 2011 and of ISO/IEC 39794-6. Found, not decoded,
// as in face.h.
#pragma once

#include <vector>

#include "libs/emrtd/lds/biometric_template.h"

namespace gatehouse::emrtd {

struct IrisImage : BiometricImage {
  std::string_view eye;  // "right", "left", "undefined"; empty for a code that is none
  int bit_depth = 0;
  bool raw = false;  // uncompressed pixels, without any header of their own
};

struct DataGroup4 {
  std::vector<BiometricInstance> instances;
  std::vector<IrisImage> irises;  // of all plain instances; empty in a document that holds none
  FileFindings findings;
};

// At most kMaxBiometricImages irises. INVALID_ARGUMENT names the field.
absl::StatusOr<DataGroup4> ReadDataGroup4(Bytes file);

// The word for an eye label: 0 undefined, 1 right, 2 left in all three standards.
std::string_view EyeWord(uint32_t code);

}  // namespace gatehouse::emrtd
