// Passive authentication (Doc 9303-11 section 5.1, TR-03135): has the state that the document names signed what the
// chip holds, and has nothing been changed since. Every step is reported apart; `overall` is drawn from them by the
// rules below, and nothing is ever valid by default. A document however hostile gives a report, in bounded time.
//
// Overall, the first that applies:
//   invalid              a signature, the chain, a data group, the country or the signing time is wrong, the signer is
//                        revoked, or there is a fatal finding
//   undetermined         something that had to be known is not: no security object, no signer, no trust anchor, a stale
//                        CRL, no country to compare, no data group read
//   valid_expired_chain  genuine, and signer or authority have expired since the signing
//   valid_with_warning, valid_with_defect, valid     by the gravest finding
// Having no CRL at all does not change `overall`: what that means is the policy of the inspection, and `revocation`
// says it. A stale CRL does: the issuer publishes, and what it says today is not known here.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libs/emrtd/findings.h"
#include "libs/emrtd/security_object.h"
#include "libs/pki/certificate_check.h"
#include "libs/pki/deviation_table.h"
#include "libs/pki/trust_store.h"

namespace gatehouse::emrtd {

// The files as read from the chip, whole. They must outlive the call; the report keeps nothing of them.
struct ChipFiles {
  std::optional<Bytes> com;              // EF.COM
  std::optional<Bytes> security_object;  // EF.SOD
  struct DataGroupFile {
    int number = 0;  // 1..16
    Bytes bytes;
  };
  std::vector<DataGroupFile> data_groups;
};

// The countries (ISO 3166 alpha-2, upper case) in whose certificates documents of an issuing state may be signed:
// "D" gives DE, "GBD" GB, "UNO" UN. Fillers are cut off. Empty: the state is unknown.
using CountriesOfState = std::function<std::span<const std::string_view>(std::string_view issuing_state)>;

struct PassiveAuthenticationInput {
  ChipFiles files;
  const pki::TrustStore* trust = nullptr;  // never null
  CountriesOfState countries;
  // From the printed zone; used where DG1 was not read.
  std::optional<std::string> printed_issuing_state;
  std::optional<std::string> printed_document_code;
  std::optional<std::string> printed_document_number;
  absl::Time check_time;
  // Deviation and defect lists in force; null when there are none.
  const pki::DeviationTable* deviations = nullptr;
};

using pki::RevocationState;
using pki::SignatureState;
enum class ChainState { kValid, kInvalid, kNoTrustAnchor, kUndetermined };
enum class ValidityState { kValid, kExpired, kNotYetValid, kUndetermined };
enum class CountryState { kMatch, kMismatch, kUndetermined };
// TR-03135's words for the integrity of a data group.
enum class DataGroupState {
  kIdentical,
  kNotIdentical,    // also: a file that the security object does not list
  kPresent,         // listed, and the file was not read
  kNotPresent,      // neither listed nor read
  kNonConformance,  // cannot be compared: the file is over the limit, or the list is unreadable
  kAborted,         // cannot be compared: there is no readable security object
};
enum class Overall { kValid, kValidWithDefect, kValidWithWarning, kValidExpiredChain, kUndetermined, kInvalid };

using pki::ToWord;  // of SignatureState and RevocationState
std::string_view ToWord(ChainState state);
std::string_view ToWord(ValidityState state);
std::string_view ToWord(CountryState state);
std::string_view ToWord(DataGroupState state);
std::string_view ToWord(Overall overall);

struct DataGroupResult {
  int number = 0;
  DataGroupState state = DataGroupState::kAborted;
  // kNotIdentical, and a deviation list says that the digest was signed wrong: nobody knows whether the group is whole.
  bool known_deviation = false;
  // Of the file as presented, by the algorithm of the report; empty when none was computed.
  pki::DigestValue digest = {};
};

// A deviation that some list says this document has, with what it changed (deviations.cc has the table). Those of
// active authentication, chip authentication and the zones change nothing here: whoever makes those checks looks them
// up.
struct KnownDeviation {
  pki::DeviationType type = pki::DeviationType::kUnknown;
  std::string oid;
  bool of_defect_list = false;
  std::string list;          // name of its file
  std::string list_version;  // SHA-256 of the list, hexadecimal
  std::optional<int> parameter;
  std::vector<int> data_groups;
  std::string checks;   // that it bears on
  std::string changed;  // "sod_signature invalid to undetermined"; empty when nothing
};

struct PassiveAuthenticationReport {
  Overall overall = Overall::kUndetermined;

  SignatureState sod_signature = SignatureState::kUndetermined;
  SignatureState sod_digest = SignatureState::kUndetermined;  // the signed messageDigest against the content
  SignatureState dsc_signature = SignatureState::kUndetermined;
  ChainState chain = ChainState::kUndetermined;
  // Two readings of "valid" that disagree on old documents (Doc 9303 and TR-03135); both are stated, policy chooses.
  ValidityState dsc_validity_at_check = ValidityState::kUndetermined;
  // A finding about the authority: expired or not yet valid. Where no authority is known nothing of the kind was found
  // and it says valid; that there is no authority is what `chain` says.
  ValidityState csca_validity_at_check = ValidityState::kUndetermined;
  ValidityState dsc_validity_at_signing = ValidityState::kUndetermined;
  RevocationState revocation = RevocationState::kNoCrl;
  CountryState country_match = CountryState::kUndetermined;
  std::vector<DataGroupResult> data_groups;  // by number; those listed, read, or announced by EF.COM
  bool com_compared = false;                 // EF.COM and EF.SOD were both read; discrepancies are findings
  Findings findings;
  std::vector<KnownDeviation> deviations;

  // Evidence.
  std::string sod_signature_reason;  // why it is not valid
  std::string chain_reason;          // why it is not valid
  std::string signature_algorithm;   // of the security object
  std::string digest_algorithm;      // of the data groups
  std::optional<absl::Time> signing_time;
  std::string issuing_state;      // that was compared with the country
  pki::CertificatePtr signer;     // null when none is known
  pki::CertificatePtr authority;  // null when none is known
  pki::CrlPtr crl;                // that decided; null when none
  std::string trust_store_version;
};

PassiveAuthenticationReport PassiveAuthentication(const PassiveAuthenticationInput& input);

bool HasDeviation(const PassiveAuthenticationReport& report, pki::DeviationType type);

}  // namespace gatehouse::emrtd
