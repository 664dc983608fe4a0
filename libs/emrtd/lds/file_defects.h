// What a file of the chip has wrong and is read all the same: a closed list of defects known from genuine documents.
// Each one is named in the result of the reader that tolerated it; what is not in this list makes the file malformed.
// Whether the file is the one that was signed is passive authentication's question, not this one's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::emrtd {

enum class FileDefect {
  // The encoding of any file
  kNotDer,         // BER where the standard demands DER: indefinite or padded lengths
  kTrailingBytes,  // bytes follow the file's element
  kOuterLength,    // the length of the file's element is wrong; the elements inside fit the file
  // SecurityInfos: EF.CardAccess, EF.CardSecurity, DG14
  kSetUnsorted,                   // a SET OF that is not in the order of DER
  kSecurityInfoMalformed,         // of a known protocol, and its contents cannot be read: kept by its identifier
  kSecurityInfoVersion,           // a version that the protocol does not have, or has no more
  kPaceParameterReserved,         // a number of domain parameters that is reserved for future use
  kPaceParameterAbsent,           // PACEInfo does not say which domain parameters
  kFileReferenceNotAllowed,       // TerminalAuthenticationInfo of version 2 names EF.CVCA
  kChipAuthenticationInfoAbsent,  // a key without the info that says which cipher: 3DES by the standard
  kKeyIdentifierDisagrees,        // info and key of Chip Authentication bear different identifiers, and fit by kind
  // Details: DG11, DG12, DG16
  kTagListAbsent,         // no tag list 5C
  kTagListDisagrees,      // the tag list names other fields than are there
  kTextNotUtf8,           // read as Latin-1
  kTextTooLong,           // cut at the limit
  kDateBinaryCoded,       // binary-coded decimals, as LDS 1.7 has them, where digits stand since
  kDateMalformed,         // of another length, or no date: kept as written
  kFieldOutsideTemplate,  // a field that may repeat stands outside its template A0
  kFieldMalformed,        // a template that cannot be walked: left out
  kFieldUnknown,          // a tag that the file does not have, or has twice
  // Biometric templates and records: DG2, DG3, DG4
  kInstanceCount,          // the group does not hold as many templates as it states
  kBiometricHeaderAbsent,  // a template without the header A1
  kRecordVersion,          // a record of a version that its standard does not have
  kRecordLength,           // a length inside the record that its bytes do not have
  kImageFormatDisagrees,   // the record states another compression than the picture has
  kImageSizeDisagrees,     // the record states other dimensions than the picture has
};

// snake_case, the same for ever: "set_unsorted".
std::string_view ToWord(FileDefect defect);

struct FileFinding {
  FileDefect defect;
  std::string evidence;  // which field; never personal data
};
using FileFindings = std::vector<FileFinding>;

}  // namespace gatehouse::emrtd
