// What an officer or a reader presents as a seal: the bytes of a barcode, or a text of them, and which form it is.
#pragma once

#include <string_view>

#include "libs/emrtd/seals/seal.h"

namespace gatehouse::emrtd::seals {

// A credential with a portrait and its data groups; seals proper have some kB.
inline constexpr size_t kMaxPresentedBytes = 4 * 1024 * 1024;

// By the first bytes: a VDS (raw, or in hexadecimal digits or Base64, also after the word "VDS"), a VDS-NC (JSON), or a
// barcode of the ICAO data structure ("RDB1"). INVALID_ARGUMENT names the field; a picture of a barcode is
// UNIMPLEMENTED: the reader decodes it. A digital travel credential is not read here: see dtc.h.
absl::StatusOr<Seal> ReadSeal(std::string_view presented);

// The bytes of a text in hexadecimal digits (blanks, colons and line breaks ignored) or in Base64 of either alphabet;
// nothing when it is neither. `presented` itself when it is raw bytes that begin as `magic`.
std::optional<std::string> BytesOf(std::string_view presented, uint8_t magic);

}  // namespace gatehouse::emrtd::seals
