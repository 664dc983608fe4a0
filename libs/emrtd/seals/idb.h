// The ICAO Datastructure for Barcode (IDB, technical report of 2024): the text
//   "RDB1"  a flag letter  Base32 without padding of the payload
// The flag counts from A: 1 for signed, 2 for compressed (zlib, RFC 1950). The payload is a header (issuing country in
// C40; when signed also signature algorithm, certificate reference, creation date), the message group (tag 61), the
// signer's certificate (7E, optional) and the signature (7F): r||s over header and message group as they stand.
#pragma once

#include "absl/time/civil_time.h"
#include "libs/emrtd/seals/seal.h"

namespace gatehouse::emrtd::seals {

// Of the text, and of the payload after decompression.
inline constexpr size_t kMaxBarcodeBytes = 64 * 1024;
inline constexpr size_t kMaxPayloadBytes = 64 * 1024;

// "RDB1", or "NDB1" of the first draft.
bool IsBarcode(std::string_view text);

// INVALID_ARGUMENT names the field.
absl::StatusOr<Seal> ReadIdb(std::string_view barcode);

// Base32 of RFC 4648 without padding, upper case; padding at the end is read past.
std::string WriteBase32(std::string_view bytes);
absl::StatusOr<std::string> ReadBase32(std::string_view text);

}  // namespace gatehouse::emrtd::seals
