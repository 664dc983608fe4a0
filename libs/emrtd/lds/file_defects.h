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
};

// snake_case, the same for ever: "set_unsorted".
std::string_view ToWord(FileDefect defect);

struct FileFinding {
  FileDefect defect;
  std::string evidence;  // which field; never personal data
};
using FileFindings = std::vector<FileFinding>;

}  // namespace gatehouse::emrtd
