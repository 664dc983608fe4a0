// The visible digital seal (Doc 9303-13, BSI TR-03137): header, features, signature. Magic byte DC, then
//   version byte 02 (version 3) or 03 (version 4)           issuing country, C40, 2 bytes
//   signer identifier and certificate reference, C40        issue date, signature date, 3 bytes each
//   feature definition reference, document type category    features: tag, DER length, value
//   FF, DER length, signature r||s over everything before the FF
// Version 3 has a reference of five characters in 6 bytes with the identifier; version 4 writes identifier and the
// length of the reference in two hexadecimal digits in 4 bytes, then the reference. The field knows two departures: the
// length in decimal digits, and version byte 03 with the reference of version 3. Each is read only where the reading of
// the standard gives no seal and the other does, and is named.
#pragma once

#include "libs/emrtd/seals/seal.h"

namespace gatehouse::emrtd::seals {

inline constexpr uint8_t kVdsMagic = 0xDC;
inline constexpr uint8_t kSignatureTag = 0xFF;
// The largest barcode holds about 3 kB.
inline constexpr size_t kMaxVdsBytes = 16 * 1024;

// INVALID_ARGUMENT names the field: when there is no whole header. What is broken after it is a finding.
absl::StatusOr<Seal> ReadVds(pki::Bytes bytes);

}  // namespace gatehouse::emrtd::seals
