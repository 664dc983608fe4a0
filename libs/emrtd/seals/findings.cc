#include "libs/emrtd/seals/findings.h"

#include <array>

namespace gatehouse::emrtd::seals {
namespace {

struct Description {
  Defect defect;
  std::string_view word;
  Severity severity;
};
constexpr std::array kDescriptions = {
    Description{Defect::kReferenceLengthDecimal, "certificate_reference_length_decimal", Severity::kDefect},
    Description{Defect::kReferenceOfVersion3, "certificate_reference_of_version_3", Severity::kDefect},
    Description{Defect::kReferenceNotHexadecimal, "certificate_reference_not_hexadecimal", Severity::kDefect},
    Description{Defect::kIssueDateImpossible, "issue_date_impossible", Severity::kWarning},
    Description{Defect::kSignatureDateImpossible, "signature_date_impossible", Severity::kWarning},
    Description{Defect::kElementsMalformed, "features_malformed", Severity::kWarning},
    Description{Defect::kTrailingBytes, "trailing_bytes", Severity::kWarning},
    Description{Defect::kSignatureMissing, "signature_missing", Severity::kWarning},
    Description{Defect::kSignatureDerEncoded, "signature_der_encoded", Severity::kDefect},
    Description{Defect::kOldIdentifier, "old_barcode_identifier", Severity::kDefect},
    Description{Defect::kBase64Alphabet, "base64_alphabet", Severity::kDefect},
    Description{Defect::kDtcVersion, "dtc_version", Severity::kDefect},
    Description{Defect::kDtcOptionalPart, "dtc_bound_to_another_component", Severity::kNote},
    Description{Defect::kDefinitionUnknown, "feature_definition_unknown", Severity::kNote},
    Description{Defect::kFeatureUnknown, "feature_unknown", Severity::kNote},
    Description{Defect::kFeatureMalformed, "feature_malformed", Severity::kDefect},
    Description{Defect::kFeatureMissing, "feature_missing", Severity::kDefect},
    Description{Defect::kFeatureRepeated, "feature_repeated", Severity::kDefect},
    Description{Defect::kZoneCheckDigits, "mrz_check_digits", Severity::kWarning},
    Description{Defect::kDocumentZoneDiffers, "mrz_differs_from_document", Severity::kFatal},
    Description{Defect::kIssuingStateDiffers, "issuing_state_differs_from_mrz", Severity::kWarning},
    Description{Defect::kSignerCertificateMissing, "signer_certificate_missing", Severity::kNote},
    Description{Defect::kSignerCertificateMalformed, "signer_certificate_malformed", Severity::kWarning},
    Description{Defect::kSignerNotTheReferenced, "signer_not_the_referenced", Severity::kWarning},
    Description{Defect::kSignerPurpose, "signer_purpose", Severity::kFatal},
    Description{Defect::kSignerPurposeNotStated, "signer_purpose_not_stated", Severity::kDefect},
    Description{Defect::kDocumentTypeNotListed, "document_type_not_listed", Severity::kDefect},
    Description{Defect::kSignatureDateInFuture, "signature_date_in_future", Severity::kWarning},
    Description{Defect::kCrlBadlySigned, "crl_badly_signed", Severity::kNote},
    Description{Defect::kCrlStale, "crl_stale", Severity::kNote},
    Description{Defect::kCrlOfAnotherKey, "crl_of_another_key", Severity::kNote},
    Description{Defect::kCrlMissing, "crl_missing", Severity::kNote},
};
static_assert([] {
  for (size_t i = 0; i < kDescriptions.size(); ++i) {
    if (kDescriptions[i].defect != static_cast<Defect>(i)) return false;
  }
  return kDescriptions.size() == static_cast<size_t>(Defect::kCrlMissing) + 1;
}());

}  // namespace

std::string_view ToWord(Defect defect) { return kDescriptions[static_cast<size_t>(defect)].word; }
Severity SeverityOf(Defect defect) { return kDescriptions[static_cast<size_t>(defect)].severity; }

}  // namespace gatehouse::emrtd::seals
