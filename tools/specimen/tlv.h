// Tag-length-value, written: the DER of Doc 9303's own structures and the BER-TLV of the chip's files, which share one
// form (definite lengths, shortest form). Certificates and CMS are libcrypto's work, not this.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::specimen {

// `tag` is written in as many octets as it needs: 0x30, 0x5F1F, 0x7F61.
std::string Tlv(uint32_t tag, std::string_view value);

std::string DerInteger(uint8_t value);   // 0..127
std::string DerOid(const char* dotted);  // "2.23.136.1.1.1"
std::string BigEndian(uint64_t value, int octets);

}  // namespace gatehouse::specimen
