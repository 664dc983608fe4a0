// What passive authentication noticed beside the states of its checks: a closed list, each with what it does to the
// overall verdict. A tolerated defect is always named, never silently repaired.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::emrtd {

enum class Severity {
  kNote,     // conforms, or differs in a way that changes nothing
  kDefect,   // against the standard, known from genuine documents: at best valid_with_defect
  kWarning,  // a genuine document would not look so, an attack might: at best valid_with_warning
  kFatal,    // invalid
};

enum class Defect {
  // EF.SOD
  kSecurityObjectMalformed,
  kSecurityObjectTrailingBytes,
  kSecurityObjectIndefiniteLength,
  kSecurityObjectContentType,
  kSecurityObjectUnknownContentType,
  kSignedDataVersion,
  kSignerInfoVersion,
  kDigestAlgorithmsIncomplete,
  kSignerCount,
  kSignedAttributesAbsent,
  kSignedAttributesUnsorted,
  kSigningTimeAbsent,
  kSigningTimeInFuture,
  kSignatureAlgorithmNamesNoDigest,
  kLdsSecurityObjectMalformed,
  // The signer and its chain
  kWrongSignerIdentifier,
  kSignerIdentifierEncoding,
  kSignerCertificateLookedUp,
  kSignerCertificateMissing,
  kSignerCertificateMalformed,
  kSignerKeyUsageAbsent,
  kIssuerNameDiffers,
  kPublicKeyRefused,
  kPublicKeyOnOtherCurve,
  kWeakKey,
  kWeakDigest,
  kSignerPrivateKeyUsagePeriod,
  kAuthorityPrivateKeyUsagePeriod,
  kAuthorityNotValidAtSigning,
  kDocumentTypeNotListed,
  kCountryWrittenLowerCase,
  kCrlBadlySigned,
  kCrlStale,
  kCrlNotYetInForce,
  kCrlOfAnotherKey,
  kCrlMissing,
  kCrlNotWhole,
  kSignerRevoked,
  kRevocationDateInFuture,
  // EF.COM and data groups
  kComMalformed,
  kComTrailingBytes,
  kComVersion,
  kComVersionDiffers,
  kDataGroupHiddenByCom,
  kDataGroupOnlyInCom,
  kDataGroupNotSigned,
  kDataGroupTooLarge,
  kDataGroupRepeated,
  // Deviation and defect lists
  kDeviationListed,
  kDeviationApplied,
};

// snake_case, the same for ever: "wrong_signer_identifier".
std::string_view ToWord(Defect defect);
Severity SeverityOf(Defect defect);

struct Finding {
  Defect defect;
  std::string evidence;  // for an officer or a laboratory; never personal data
  // A deviation list says that genuine documents have it: it does not bear on the overall verdict.
  bool excused = false;
};
using Findings = std::vector<Finding>;

}  // namespace gatehouse::emrtd
