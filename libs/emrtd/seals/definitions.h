// What the features of a seal mean: the seal definitions of Doc 9303-13 (visa, emergency travel document) and of BSI
// TR-03137 (German documents), and the messages of the ICAO Datastructure for Barcode, as tables.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace gatehouse::emrtd::seals {

enum class Coding {
  kBytes,       // hexadecimal digits
  kC40,         // text
  kZone,        // a machine-readable zone in C40, fillers restored
  kUtf8,        // text
  kNumber,      // an unsigned number of 1 to 7 bytes
  kDuration,    // days, months, years, one byte each; ISO 8601, "P90D"
  kDate,        // three bytes
  kMaskedDate,  // four bytes
  kDateText,    // YYYYMMDD
  kDatesText,   // two of them around a zero byte, each may be missing: "2025-01-01/2025-12-31"
};

struct FeatureDefinition {
  uint8_t tag;
  std::string_view name;  // snake_case, of the interfaces
  Coding coding;
  bool required = true;
  // Of the value; a zone that does not fill its bytes or any other length is a malformed feature.
  uint16_t min_bytes = 1;
  uint16_t max_bytes = 0xFFFF;
};

struct SealDefinition {
  uint16_t reference;     // feature definition reference and document type category: 0xFB06
  std::string_view name;  // "residence_permit"
  std::span<const FeatureDefinition> features;
};

// nullptr when the definition is not in the tables.
const SealDefinition* FindDefinition(uint16_t reference);
const SealDefinition* FindDefinition(std::string_view name);

// Administrative documents (01C8, TR-03171) name their profile by a number of 16 bytes in the feature of tag 0; the
// profiles known here, by the number in lower-case hexadecimal digits.
inline constexpr uint16_t kAdministrativeDocument = 0x01C8;
inline constexpr uint8_t kProfileTag = 0;
const SealDefinition* FindProfile(std::string_view profile_number);

// The messages of a barcode (ICAO Datastructure for Barcode section 3.3 and the German national ones).
std::span<const FeatureDefinition> BarcodeMessages();
// What a German national document identifier (message 0x86) stands for; empty when unknown.
std::string_view NationalDocument(int identifier);

const FeatureDefinition* FindFeature(std::span<const FeatureDefinition> features, uint8_t tag);

}  // namespace gatehouse::emrtd::seals
