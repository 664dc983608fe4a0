#include "libs/emrtd/lds/specimen_for_tests.h"

namespace gatehouse::emrtd::lds_specimen {
namespace {

using namespace std::string_literals;

std::string Sized(const std::string& identifier, std::string_view rest) {
  return identifier + Number(identifier.size() + 4 + rest.size(), 4) + std::string(rest);
}
// A record that states its own length first.
std::string Counted(std::string_view contents) { return Number(contents.size() + 4, 4) + std::string(contents); }

// 2021-06-01 12:30:05, device unknown, one quality block of 77.
std::string Capture() {
  return Number(2021, 2) + "\x06\x01\x0C\x1E\x05\x00\x00"s + std::string(5, '\0') + "\x01\x4D\x00\x01\x00\x02"s;
}

std::string Code(int number, uint8_t code) {
  return Tlv(0xA0u + static_cast<uint32_t>(number), Tlv(0x80, std::string(1, static_cast<char>(code))));
}
std::string TaggedTime(uint32_t tag) {
  return Tlv(tag, Tlv(0x80, Number(2021, 2)) + Tlv(0x81, "\x06") + Tlv(0x82, "\x01"));
}
std::string TaggedQuality(uint32_t tag) {
  const std::string algorithm = Tlv(0xA0, Tlv(0x80, "\x01") + Tlv(0x81, "\x02"));
  return Tlv(tag, Tlv(0x30, algorithm + Tlv(0xA1, Tlv(0x80, "\x4D"))));
}
std::string TaggedBlock(uint32_t tag, std::string_view representation) {
  const std::string version = Tlv(0xA0, Tlv(0x80, "\x03") + Tlv(0x81, Number(2019, 2)));
  return Tlv(0xA1, Tlv(tag, version + Tlv(0xA1, Tlv(0x30, representation))));
}

}  // namespace

std::string Number(uint64_t value, int octets) {
  std::string bytes;
  for (int i = octets - 1; i >= 0; --i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

std::string Tlv(uint32_t tag, std::string_view value) {
  std::string bytes = Number(tag, tag > 0xFF ? 2 : 1);
  if (value.size() < 0x80) {
    bytes += Number(value.size(), 1);
  } else {
    const int octets = value.size() > 0xFFFF ? 3 : value.size() > 0xFF ? 2 : 1;
    bytes += Number(0x80u | static_cast<unsigned>(octets), 1) + Number(value.size(), octets);
  }
  return bytes.append(value);
}

std::string MakeJpegStub(size_t bytes) {
  std::string picture = "\xFF\xD8\xFF\xC0\x00\x11\x08\x01\x40\x00\xF0\x03"s;
  for (size_t i = picture.size(); i < bytes; ++i) picture += static_cast<char>(i * 131 >> 3);
  return picture;
}

std::string MakeWsqStub() {
  return "\xFF\xA0\xFF\xA4\x00\x02\xFF\xA2\x00\x11\x00\xFF"s + Number(120, 2) + Number(100, 2) + std::string(9, '\0');
}

std::string MakeFaceRecordOf2005(std::string_view picture) {
  // Two feature points; female, brown eyes, black hair; neutral; full frontal JPEG of 240 by 320, quality 55.
  const std::string face = Number(2, 2) + "\x02\x03\x02"s + std::string(3, '\0') + Number(1, 2) + std::string(6, '\0') +
                           "\x01\xC1"s + Number(80, 2) + Number(100, 2) + Number(0, 2) + "\x01\xC2"s + Number(160, 2) +
                           Number(100, 2) + Number(0, 2) + "\x01\x00"s + Number(240, 2) + Number(320, 2) +
                           "\x01\x02\x00\x00"s + Number(55, 2) + std::string(picture);
  return Sized("FAC\0"s + "010\0"s, Number(1, 2) + Counted(face));
}

std::string MakeFaceRecordOf2011(std::string_view picture) {
  const std::string face = Capture() + Number(1, 2) + "\x01\x05\x07\xB4"s + std::string(3, '\0') + Number(2, 2) +
                           std::string(6, '\0') + "\x01\xC1"s + Number(80, 2) + Number(100, 2) + Number(0, 2) +
                           "\x02\x00"s + Number(240, 2) + Number(320, 2) + std::string(5, '\0') +
                           Number(picture.size(), 4) + std::string(picture);
  return Sized("FAC\0"s + "030\0"s, Number(1, 2) + std::string(3, '\0') + Counted(face));
}

std::string MakeFingerRecordOf2005(std::string_view picture, uint8_t compression) {
  const std::string finger = "\x02\x01\x01\x50\x00"s + Number(100, 2) + Number(120, 2) + "\0"s + std::string(picture);
  const std::string header = Number(0, 2) + Number(31, 2) + "\x01\x02"s + Number(197, 2) + Number(197, 2) +
                             Number(197, 2) + Number(197, 2) + "\x08"s + static_cast<char>(compression) + Number(0, 2);
  const std::string rest = header + Counted(finger);
  return "FIR\0"s + "010\0"s + Number(8 + 6 + rest.size(), 6) + rest;
}

std::string MakeFingerRecordOf2011(std::string_view picture) {
  const std::string finger = Capture() + "\x07\x01\x01"s + Number(500, 2) + Number(500, 2) + Number(500, 2) +
                             Number(500, 2) + "\x08\x02\x08"s + Number(100, 2) + Number(120, 2) +
                             Number(picture.size(), 4) + std::string(picture);
  return Sized("FIR\0"s + "020\0"s, Number(1, 2) + "\x00\x01"s + Counted(finger));
}

std::string MakeIrisRecordOf2005(std::string_view picture) {
  return Sized("IIR\0"s + "010\0"s, Number(0, 2) + "\x01"s + Number(45, 2) + Number(0, 2) + Number(150, 2) +
                                        Number(6, 2) + Number(240, 2) + Number(320, 2) + "\x08\x00"s +
                                        std::string(16, '\0') + "\x02"s + Number(1, 2) + Number(1, 2) + "\x33"s +
                                        Number(0xFFFFFFFF, 4) + Number(picture.size(), 4) + std::string(picture));
}

std::string MakeIrisRecordOf2011(std::string_view picture) {
  const std::string iris = Capture() + Number(1, 2) + "\x01\x01\x0A\x00"s + Number(240, 2) + Number(320, 2) + "\x08"s +
                           std::string(18, '\0') + Number(picture.size(), 4) + std::string(picture);
  return Sized("IIR\0"s + "020\0"s, Number(1, 2) + "\x00\x01"s + Counted(iris));
}

std::string MakeTaggedFace(std::string_view picture) {
  const std::string size = Tlv(0xA7, Tlv(0x80, Number(240, 2)) + Tlv(0x81, Number(320, 2)));
  const std::string flat = Tlv(0xA0, Tlv(0x80, picture) + Tlv(0xA1, Code(0, 2) + size));
  const std::string identity = Tlv(0xA8, Code(0, 3) + Code(1, 7) + Code(2, 4) + Tlv(0x83, Number(180, 2)));
  return TaggedBlock(
      0x65, Tlv(0x80, Number(0, 1)) + Tlv(0xA1, Tlv(0xA0, flat)) + TaggedTime(0xA2) + TaggedQuality(0xA3) + identity);
}

std::string MakeTaggedFinger(std::string_view picture) {
  return TaggedBlock(
      0x64, Code(0, 7) + Code(1, 0) + Code(2, 1) + Tlv(0x83, picture) + TaggedTime(0xA4) + TaggedQuality(0xA6));
}

std::string MakeTaggedIris(std::string_view picture) {
  return TaggedBlock(0x66, Tlv(0x80, "\x02") + Code(1, 1) + Tlv(0x82, "\x08") + Code(3, 4) + Tlv(0x84, "\x01") +
                               Tlv(0x85, "\x01") + Tlv(0x86, "\x02") + Tlv(0xA7, Tlv(0x80, Number(200, 2))) +
                               TaggedTime(0xA8) + Tlv(0x89, picture) + TaggedQuality(0xAB));
}

std::string MakeInstance(std::string_view block, uint8_t subtype, uint32_t block_tag) {
  const std::string header = Tlv(
      0xA1, Tlv(0x80, Number(0x0101, 2)) + Tlv(0x81, "\x08") + Tlv(0x82, std::string(1, static_cast<char>(subtype))) +
                Tlv(0x83, "\x20\x21\x06\x01\x12\x30\x05") + Tlv(0x87, Number(0x0101, 2)) + Tlv(0x88, Number(8, 2)));
  return Tlv(0x7F60, header + Tlv(block_tag, block));
}

std::string MakeBiometricFile(uint32_t tag, const std::vector<std::string>& instances) {
  std::string all = Tlv(0x02, Number(instances.size(), 1));
  for (const std::string& instance : instances) all += instance;
  return Tlv(tag, Tlv(0x7F61, all));
}

std::string MakeDetails(uint32_t tag, const std::vector<Field>& fields) {
  std::string list, elements;
  for (const Field& field : fields) {
    list += Number(field.tag, field.tag > 0xFF ? 2 : 1);
    elements += Tlv(field.tag, field.value);
  }
  return Tlv(tag, Tlv(0x5C, list) + elements);
}

}  // namespace gatehouse::emrtd::lds_specimen
