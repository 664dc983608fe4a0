// Files of the chip made byte by byte, so that a test can make them wrong in any place. For tests and fuzz seeds only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::emrtd::lds_specimen {

// A tag of one or two octets, a definite length in its shortest form.
std::string Tlv(uint32_t tag, std::string_view value);
std::string Number(uint64_t value, int octets);  // big-endian

// A frame of 240 by 320 in JPEG and as many octets as asked, not decodable.
std::string MakeJpegStub(size_t bytes = 64);
// The start of a WSQ picture of 100 by 120.
std::string MakeWsqStub();

// Records with one picture each.
std::string MakeFaceRecordOf2005(std::string_view picture);
std::string MakeFaceRecordOf2011(std::string_view picture);
std::string MakeFingerRecordOf2005(std::string_view picture, uint8_t compression = 2);
std::string MakeFingerRecordOf2011(std::string_view picture);
std::string MakeIrisRecordOf2005(std::string_view picture);
std::string MakeIrisRecordOf2011(std::string_view picture);
// ISO/IEC 39794, as the contents of a 7F2E.
std::string MakeTaggedFace(std::string_view picture);
std::string MakeTaggedFinger(std::string_view picture);
std::string MakeTaggedIris(std::string_view picture);

// An information template 7F60 with a header for this subtype.
std::string MakeInstance(std::string_view block, uint8_t subtype = 0, uint32_t block_tag = 0x5F2E);
// A whole DG2, DG3 or DG4.
std::string MakeBiometricFile(uint32_t tag, const std::vector<std::string>& instances);

struct Field {
  uint32_t tag;
  std::string value;
};
// DG11 and DG12: the tag list, then the fields.
std::string MakeDetails(uint32_t tag, const std::vector<Field>& fields);

}  // namespace gatehouse::emrtd::lds_specimen
