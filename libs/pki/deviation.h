// Deviations: what a state, or the reader's own directory, says of documents that were issued in earnest and depart
// from the standard. Two formats say it, the ICAO deviation list (Doc 9303-3 section 7.3, Doc 9303-12 section 10) and
// the BSI defect list (TR-03129-2 section 7); here is what both say, and which documents they say it of.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "libs/pki/signed_list.h"

namespace gatehouse::pki {

inline constexpr size_t kMaxDeviationListBytes = 64 * 1024 * 1024;
inline constexpr size_t kMaxDeviations = 100'000;
inline constexpr size_t kMaxDeviationDescriptions = 64;
inline constexpr size_t kMaxDocumentNumbers = 4'000'000;
inline constexpr size_t kMaxDocumentNumberBytes = 32;

enum class DeviationType {
  kUnknown,  // an identifier that we do not know; said, and without effect
  // Doc 9303-3 section 7.3.5
  kCertificateOrKey,
  kSignerSignatureWrong,
  kSignerEncoding,     // parameter: field of the certificate
  kAuthorityEncoding,  // parameter: field of the certificate
  kActiveAuthenticationKeyCompromised,
  kLds,
  kDataGroupMalformed,    // data groups; 20 is EF.SOD, 21 EF.COM
  kDataGroupDigestWrong,  // data groups
  kSecurityObjectSignatureWrong,
  kComInconsistent,
  kMrz,
  kMrzWrongData,        // parameter: field of the zone
  kMrzWrongCheckDigit,  // parameter: field of the zone
  kChip,
  kNationalUse,
  // TR-03129-2 section 7.3; those that say the same as one above are that one
  kSignerRevoked,   // parameter: status code
  kSignerReplaced,  // certificate
  kChipAuthenticationKeyCompromised,
  kAuthenticationProtocolFailure,  // parameter: which protocols
  kValidityPeriodIncorrect,        // parameter: whose
  kSecurityObjectInvalid,          // parameter: what of it
  kWrongSignerIdentifier,          // signer
  kIssuingCountry,                 // country
  kCardSecurityMalformed,
  kChipSecurityMalformed,
  kPowerDownRequired,
  kSignerMalformed,
  kEidApplication,   // of another application than the passport's
  kUnknownDocument,  // a general defect of unknown meaning: the chip should not be used
};
// "data_group_digest_wrong".
std::string_view ToWord(DeviationType type);

// How a list names a document signer. Whatever is given must hold.
struct SignerReference {
  DistinguishedName issuer;  // with `serial`
  std::vector<uint8_t> serial;
  std::vector<uint8_t> subject_key_identifier;
  std::vector<uint8_t> digest;  // of the certificate
  Digest digest_algorithm = Digest::kSha256;

  bool empty() const { return serial.empty() && subject_key_identifier.empty() && digest.empty(); }
  // False when it names nothing.
  bool Names(const Certificate& certificate) const;
};

struct DeviationDescription {
  DeviationType type = DeviationType::kUnknown;
  std::string oid;                   // dotted
  std::string text;                  // as the list says it; not trusted to be short or plain
  std::optional<int> parameter;      // see DeviationType
  std::vector<int> data_groups;      // kDataGroupMalformed, kDataGroupDigestWrong
  std::string extension;             // dotted; when a certificate's field is an extension
  std::string country;               // kIssuingCountry: the right one
  SignerReference signer;            // kWrongSignerIdentifier: the right one
  std::vector<uint8_t> replacement;  // kSignerReplaced: a certificate, not parsed
};

// Which documents: every condition that is given must hold (Doc 9303-3 section 7.3.6).
struct DeviantDocuments {
  std::string document_type;  // "P", "C", "ID"; without fillers; empty: any
  SignerReference signer;     // empty: any
  std::optional<absl::Time> first_issued;
  std::optional<absl::Time> last_issued;
  // Sorted, without fillers, upper case; a national list has 169,422. Empty: any.
  std::vector<std::string> numbers;

  bool names_nothing() const {
    return document_type.empty() && signer.empty() && !first_issued && !last_issued && numbers.empty();
  }
};

struct Deviation {
  DeviantDocuments documents;
  std::vector<DeviationDescription> descriptions;
};

// Whose word it is: a state's on its own documents, or the reader's directory's on anybody's.
enum class DeviationSource { kDeviationList, kDefectList };

struct DeviationList {
  DeviationSource source = DeviationSource::kDeviationList;
  int version = 0;
  std::vector<Deviation> deviations;
  std::vector<std::string> skipped;  // one sentence for each element that could not be read
  ListSignature signature;
  DigestValue fingerprint;  // SHA-256 of the file; the version of the list for evidence
  size_t document_number_count() const;
};
using DeviationListPtr = std::shared_ptr<const DeviationList>;

// INVALID_ARGUMENT when the bytes are no such list. A broken element is skipped and named. Whoever uses it must look at
// `signature`.
absl::StatusOr<DeviationListPtr> ParseDeviationList(Bytes bytes);
absl::StatusOr<DeviationListPtr> ParseDefectList(Bytes bytes);

// Fillers and blanks cut away, in upper case: how numbers are compared.
std::string PlainDocumentNumber(std::string_view number);

}  // namespace gatehouse::pki
