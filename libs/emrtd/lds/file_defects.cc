#include "libs/emrtd/lds/file_defects.h"

namespace gatehouse::emrtd {

// A switch without default, so that the compiler names a defect that has no word.
std::string_view ToWord(FileDefect defect) {
  switch (defect) {
    case FileDefect::kNotDer:
      return "not_der";
    case FileDefect::kTrailingBytes:
      return "trailing_bytes";
    case FileDefect::kOuterLength:
      return "outer_length";
    case FileDefect::kSetUnsorted:
      return "set_unsorted";
    case FileDefect::kSecurityInfoMalformed:
      return "security_info_malformed";
    case FileDefect::kSecurityInfoVersion:
      return "security_info_version";
    case FileDefect::kPaceParameterReserved:
      return "pace_parameter_reserved";
    case FileDefect::kPaceParameterAbsent:
      return "pace_parameter_absent";
    case FileDefect::kFileReferenceNotAllowed:
      return "file_reference_not_allowed";
    case FileDefect::kChipAuthenticationInfoAbsent:
      return "chip_authentication_info_absent";
    case FileDefect::kKeyIdentifierDisagrees:
      return "key_identifier_disagrees";
  }
  return "";
}

}  // namespace gatehouse::emrtd
