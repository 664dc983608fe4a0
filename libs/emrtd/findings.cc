#include "libs/emrtd/findings.h"

#include "libs/base/check.h"

namespace gatehouse::emrtd {
namespace {

struct Row {
  Defect defect;
  Severity severity;
  std::string_view word;
};
constexpr Row kRows[] = {
    {Defect::kSecurityObjectMalformed, Severity::kFatal, "security_object_malformed"},
    {Defect::kSecurityObjectTrailingBytes, Severity::kDefect, "security_object_trailing_bytes"},
    // The labels of the field call BER valid: Doc 9303-10 demands DER, and the first issuers did not know.
    {Defect::kSecurityObjectIndefiniteLength, Severity::kNote, "security_object_indefinite_length"},
    {Defect::kSecurityObjectContentType, Severity::kDefect, "security_object_content_type"},
    {Defect::kSecurityObjectUnknownContentType, Severity::kFatal, "security_object_unknown_content_type"},
    {Defect::kSignedDataVersion, Severity::kNote, "signed_data_version"},
    {Defect::kSignerInfoVersion, Severity::kNote, "signer_info_version"},
    {Defect::kDigestAlgorithmsIncomplete, Severity::kNote, "digest_algorithms_incomplete"},
    {Defect::kSignerCount, Severity::kFatal, "signer_count"},
    {Defect::kSignedAttributesAbsent, Severity::kDefect, "signed_attributes_absent"},
    {Defect::kSignedAttributesUnsorted, Severity::kDefect, "signed_attributes_unsorted"},
    {Defect::kSigningTimeAbsent, Severity::kNote, "signing_time_absent"},
    {Defect::kSigningTimeInFuture, Severity::kWarning, "signing_time_in_future"},
    {Defect::kSignatureAlgorithmNamesNoDigest, Severity::kNote, "signature_algorithm_names_no_digest"},
    {Defect::kLdsSecurityObjectMalformed, Severity::kFatal, "lds_security_object_malformed"},
    {Defect::kWrongSignerIdentifier, Severity::kDefect, "wrong_signer_identifier"},
    // Equal names by RFC 5280 section 7.1, unequal bytes; no signature covers the identifier.
    {Defect::kSignerIdentifierEncoding, Severity::kNote, "signer_identifier_encoding"},
    {Defect::kSignerCertificateLookedUp, Severity::kNote, "signer_certificate_looked_up"},
    {Defect::kSignerCertificateMissing, Severity::kNote, "signer_certificate_missing"},
    {Defect::kSignerCertificateMalformed, Severity::kFatal, "signer_certificate_malformed"},
    {Defect::kSignerKeyUsageAbsent, Severity::kDefect, "signer_key_usage_absent"},
    // The key is the authority's and the name one that it does not bear: RFC 5280 section 6.1.3 wants the same.
    {Defect::kIssuerNameDiffers, Severity::kDefect, "issuer_name_differs"},
    {Defect::kPublicKeyRefused, Severity::kFatal, "public_key_refused"},
    // Only where a deviation list says that the certificate misstates its key.
    {Defect::kPublicKeyOnOtherCurve, Severity::kDefect, "public_key_on_other_curve"},
    // Doc 9303-12 section 4.4 never allowed RSA below 2048 bits.
    {Defect::kWeakKey, Severity::kWarning, "weak_key"},
    // Allowed when they were issued; what it shows is for policy to weigh.
    {Defect::kWeakDigest, Severity::kNote, "weak_digest"},
    {Defect::kSignerPrivateKeyUsagePeriod, Severity::kWarning, "signer_private_key_usage_period"},
    {Defect::kAuthorityPrivateKeyUsagePeriod, Severity::kWarning, "authority_private_key_usage_period"},
    {Defect::kAuthorityNotValidAtSigning, Severity::kFatal, "authority_not_valid_at_signing"},
    {Defect::kDocumentTypeNotListed, Severity::kWarning, "document_type_not_listed"},
    {Defect::kCountryWrittenLowerCase, Severity::kNote, "country_written_lower_case"},
    {Defect::kCrlBadlySigned, Severity::kWarning, "crl_badly_signed"},
    {Defect::kCrlStale, Severity::kNote, "crl_stale"},
    {Defect::kCrlNotYetInForce, Severity::kNote, "crl_not_yet_in_force"},
    // In the issuer's name, by a key that has nothing to do with it: it may revoke and never clears.
    {Defect::kCrlOfAnotherKey, Severity::kNote, "crl_of_another_key"},
    {Defect::kCrlMissing, Severity::kNote, "crl_missing"},
    // A delta, an indirect list, or one of limited scope: it may revoke and never clears.
    {Defect::kCrlNotWhole, Severity::kNote, "crl_not_whole"},
    {Defect::kSignerRevoked, Severity::kFatal, "signer_revoked"},
    // Announced: the list is in force and names the signer, so it is revoked.
    {Defect::kRevocationDateInFuture, Severity::kNote, "revocation_date_in_future"},
    {Defect::kComMalformed, Severity::kDefect, "com_malformed"},
    {Defect::kComTrailingBytes, Severity::kDefect, "com_trailing_bytes"},
    {Defect::kComVersion, Severity::kNote, "com_version"},
    {Defect::kComVersionDiffers, Severity::kDefect, "com_version_differs"},
    {Defect::kDataGroupHiddenByCom, Severity::kWarning, "data_group_hidden_by_com"},
    {Defect::kDataGroupOnlyInCom, Severity::kDefect, "data_group_only_in_com"},
    {Defect::kDataGroupNotSigned, Severity::kFatal, "data_group_not_signed"},
    {Defect::kDataGroupTooLarge, Severity::kFatal, "data_group_too_large"},
    {Defect::kDataGroupRepeated, Severity::kFatal, "data_group_repeated"},
    {Defect::kDeviationListed, Severity::kNote, "deviation_listed"},
    {Defect::kDeviationApplied, Severity::kDefect, "deviation_applied"},
};

const Row& Find(Defect defect) {
  for (const Row& row : kRows) {
    if (row.defect == defect) return row;
  }
  GH_CHECK(false);
  return kRows[0];
}

}  // namespace

std::string_view ToWord(Defect defect) { return Find(defect).word; }
Severity SeverityOf(Defect defect) { return Find(defect).severity; }

}  // namespace gatehouse::emrtd
