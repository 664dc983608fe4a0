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
    case FileDefect::kTagListAbsent:
      return "tag_list_absent";
    case FileDefect::kTagListDisagrees:
      return "tag_list_disagrees";
    case FileDefect::kTextNotUtf8:
      return "text_not_utf8";
    case FileDefect::kTextTooLong:
      return "text_too_long";
    case FileDefect::kDateBinaryCoded:
      return "date_binary_coded";
    case FileDefect::kDateMalformed:
      return "date_malformed";
    case FileDefect::kFieldOutsideTemplate:
      return "field_outside_template";
    case FileDefect::kFieldMalformed:
      return "field_malformed";
    case FileDefect::kFieldUnknown:
      return "field_unknown";
    case FileDefect::kInstanceCount:
      return "instance_count";
    case FileDefect::kBiometricHeaderAbsent:
      return "biometric_header_absent";
    case FileDefect::kRecordVersion:
      return "record_version";
    case FileDefect::kRecordLength:
      return "record_length";
    case FileDefect::kImageFormatDisagrees:
      return "image_format_disagrees";
    case FileDefect::kImageSizeDisagrees:
      return "image_size_disagrees";
  }
  return "";
}

}  // namespace gatehouse::emrtd
