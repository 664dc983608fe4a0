// What is in a file of the chip, for people and for JSON: its fields as names and texts, its pictures, what is wrong
// with it. One entry for every file of the LDS. It says what a file holds, never whether that is true: no signature is
// checked here.
#pragma once

#include <string>
#include <vector>

#include "libs/emrtd/lds/file_defects.h"
#include "libs/emrtd/lds/picture.h"

namespace gatehouse::emrtd {

enum class FileContent {
  kUnderstood,
  kOpaque,     // the file is whole; its contents are of the issuer's own, or encrypted
  kMalformed,  // `reason` says why
  kUnknown,    // neither name nor first tag is one of the LDS
};
std::string_view ToWord(FileContent content);  // "understood", "opaque", "malformed", "unknown"

struct DescribedField {
  std::string name;       // snake_case, the same for ever: "full_name", "pace_1_protocol"
  std::string value;      // UTF-8
  bool personal = false;  // says something about the holder or another person: never to be logged
};

struct DescribedPicture {
  std::string name;  // "face_1", "finger_2", "portrait_1"
  Picture picture;   // points into the file
};

struct FileDescription {
  std::string file;  // "EF.COM", "DG11", "EF.CardAccess"; empty when unknown
  size_t bytes = 0;
  FileContent content = FileContent::kUnknown;
  std::string reason;
  std::vector<DescribedField> fields;  // in the order of the standard
  std::vector<DescribedPicture> pictures;
  FileFindings findings;
};

// `name` is what the file is called where it was found: "EF.DG11.bin", "DG11", "Datagroup11.bin", "EF_SOD.bin",
// "EF.CardAccess". A name that says nothing leaves it to the tag of the one element that is the file. Never fails;
// bounded by the limits of the readers. `bytes` must outlive the value.
FileDescription DescribeFile(std::string_view name, Bytes bytes);

}  // namespace gatehouse::emrtd
