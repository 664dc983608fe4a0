#include "tools/specimen/data_groups.h"

#include "absl/strings/str_join.h"
#include "tools/specimen/tlv.h"

namespace gatehouse::specimen {
namespace {

constexpr int kJpegQuality = 84;

std::string Byte(int value) { return BigEndian(static_cast<uint64_t>(value), 1); }

// Point codes of ISO/IEC 14496-2: 12.1 the centre of the left eye, 12.2 of the right.
std::string FeaturePoint(int code, Point at) {
  return Byte(1) + Byte(code) + BigEndian(static_cast<uint64_t>(at.x), 2) + BigEndian(static_cast<uint64_t>(at.y), 2) +
         BigEndian(0, 2);
}

// ISO/IEC 19794-5:2005 section 5: header, one facial record, the image.
std::string FaceRecord(const Portrait& portrait, char sex) {
  const std::string image = EncodeJpeg(portrait.picture, kJpegQuality);
  const std::string points = FeaturePoint(0xC1, portrait.left_eye) + FeaturePoint(0xC2, portrait.right_eye);
  const std::string description = BigEndian(2, 2)  // number of feature points
                                  + Byte(sex == 'M'   ? 1
                                         : sex == 'F' ? 2
                                                      : 0)              // gender
                                  + Byte(0) + Byte(0)                   // eye and hair colour unspecified
                                  + BigEndian(0, 3)                     // no properties marked
                                  + BigEndian(1, 2)                     // neutral expression
                                  + BigEndian(0, 3) + BigEndian(0, 3);  // pose and its uncertainty unknown
  const std::string format = Byte(1)                                    // full frontal
                             + Byte(0)                                  // JPEG
                             + BigEndian(static_cast<uint64_t>(portrait.picture.width), 2)   //
                             + BigEndian(static_cast<uint64_t>(portrait.picture.height), 2)  //
                             + Byte(1)                                                       // RGB, 24 bit
                             + Byte(0) + BigEndian(0, 2) + BigEndian(0, 2);  // source, device, quality unspecified
  const std::string body = description + points + format + image;
  const std::string facial = BigEndian(body.size() + 4, 4) + body;
  const std::string header = std::string("FAC\0", 4) + std::string("010\0", 4);
  return header + BigEndian(header.size() + 6 + facial.size(), 4) + BigEndian(1, 2) + facial;
}

}  // namespace

std::string MakeEfCom(LdsVersion version) {
  return Tlv(0x60, Tlv(0x5F01, version == LdsVersion::k0107 ? "0107" : "0108") + Tlv(0x5F36, "040000") +
                       Tlv(0x5C, "\x61\x75"));
}

std::string MakeDg1(const std::vector<std::string>& mrz_lines) {
  return Tlv(0x61, Tlv(0x5F1F, absl::StrJoin(mrz_lines, "")));
}

std::string MakeDg2(const Portrait& portrait, char sex) {
  const std::string header = Tlv(0xA1, Tlv(0x80, std::string("\x01\x01", 2))          // patron header version
                                           + Tlv(0x81, std::string("\x02", 1))        // facial features
                                           + Tlv(0x87, std::string("\x01\x01", 2))    // format owner: JTC 1/SC 37
                                           + Tlv(0x88, std::string("\x00\x08", 2)));  // format type: 19794-5
  const std::string one = Tlv(0x7F60, header + Tlv(0x5F2E, FaceRecord(portrait, sex)));
  return Tlv(0x75, Tlv(0x7F61, Tlv(0x02, std::string("\x01", 1)) + one));
}

}  // namespace gatehouse::specimen
