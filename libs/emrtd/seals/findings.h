// What was noticed about a seal beside the states of its checks: a closed list, each with what it does to the overall
// verdict (emrtd::Severity). A tolerated defect is always named.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/emrtd/findings.h"

namespace gatehouse::emrtd::seals {

enum class Defect {
  // The structure
  kReferenceLengthDecimal,   // the length of the certificate reference is written in decimal digits
  kReferenceOfVersion3,      // version byte 03 with the fixed certificate reference of version 3
  kReferenceNotHexadecimal,  // the certificate reference is no serial number
  kIssueDateImpossible,
  kSignatureDateImpossible,
  kElementsMalformed,  // the features cannot be told apart
  kTrailingBytes,      // bytes after the signature, which covers none of them
  kSignatureMissing,
  kSignatureDerEncoded,  // a SEQUENCE in the place of the plain r||s
  kOldIdentifier,        // NDB1, of the draft, in the place of RDB1
  kBase64Alphabet,       // Base64 in the place of the URL-safe alphabet
  kDtcVersion,
  kDtcOptionalPart,  // parts that a travel document bound to an eMRTD must not have
  // The content
  kDefinitionUnknown,
  kFeatureUnknown,
  kFeatureMalformed,
  kFeatureMissing,
  kFeatureRepeated,
  kZoneCheckDigits,      // the machine-readable zone in the seal does not read correctly
  kDocumentZoneDiffers,  // the zone in the seal is not that of the document
  kIssuingStateDiffers,  // the seal's state and that of its machine-readable zone
  // The signer
  kSignerCertificateMissing,
  kSignerCertificateMalformed,
  kSignerNotTheReferenced,  // the certificate in the seal is not the one its header names
  kSignerPurpose,           // extendedKeyUsage names another purpose
  kSignerPurposeNotStated,  // a VDS-NC signer without its extendedKeyUsage
  kDocumentTypeNotListed,
  kSignatureDateInFuture,
  kCrlBadlySigned,
  kCrlStale,
  kCrlOfAnotherKey,
  kCrlMissing,
};

// snake_case, the same for ever.
std::string_view ToWord(Defect defect);
Severity SeverityOf(Defect defect);

struct Finding {
  Defect defect;
  std::string evidence;  // never personal data
};
using Findings = std::vector<Finding>;

}  // namespace gatehouse::emrtd::seals
