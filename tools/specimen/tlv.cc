#include "tools/specimen/tlv.h"

#include <openssl/asn1.h>
#include <openssl/objects.h>

#include "libs/base/check.h"

namespace gatehouse::specimen {

std::string BigEndian(uint64_t value, int octets) {
  std::string bytes;
  for (int i = octets - 1; i >= 0; --i) bytes.push_back(static_cast<char>(value >> (8 * i)));
  return bytes;
}

std::string Tlv(uint32_t tag, std::string_view value) {
  std::string bytes = BigEndian(tag, tag > 0xFF ? 2 : 1);
  if (value.size() < 0x80) {
    bytes += BigEndian(value.size(), 1);
  } else {
    const int octets = value.size() > 0xFFFF ? 3 : value.size() > 0xFF ? 2 : 1;
    bytes += BigEndian(0x80u | static_cast<unsigned>(octets), 1) + BigEndian(value.size(), octets);
  }
  return bytes.append(value);
}

std::string DerInteger(uint8_t value) {
  GH_CHECK(value < 0x80);
  return Tlv(0x02, std::string(1, static_cast<char>(value)));
}

std::string DerOid(const char* dotted) {
  ASN1_OBJECT* object = OBJ_txt2obj(dotted, 1);
  GH_CHECK(object != nullptr);
  const std::string content(reinterpret_cast<const char*>(OBJ_get0_data(object)), OBJ_length(object));
  ASN1_OBJECT_free(object);
  return Tlv(0x06, content);
}

}  // namespace gatehouse::specimen
