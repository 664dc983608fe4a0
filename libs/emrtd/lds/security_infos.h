// SecurityInfos (TR-03110-3 A.1, Doc 9303-11 section 9.2): which protocols the chip offers, with which parameters and
// keys. They stand in EF.CardAccess (readable before any access protocol, signed by nobody), in DG14 (signed through
// EF.SOD) and in EF.CardSecurity (signed itself, card_security.h). What EF.CardAccess says must be compared with the
// signed copy once that can be read. Read in place: the caller's bytes must outlive the value.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/emrtd/lds/domain_parameters.h"
#include "libs/emrtd/lds/file_defects.h"
#include "libs/pki/signature.h"

namespace gatehouse::emrtd {

// Real files have 20 to 800 bytes; those of cards with many keys some kilobytes.
inline constexpr size_t kMaxSecurityInfosBytes = 64 * 1024;
inline constexpr size_t kMaxSecurityInfos = 64;

enum class PaceMapping { kGeneric, kIntegrated, kChipAuthentication };
enum class Cipher { kTripleDes, kAes128, kAes192, kAes256 };
std::string_view ToWord(PaceMapping mapping);  // "gm", "im", "cam"
std::string_view ToWord(Cipher cipher);        // "3des", "aes_128", "aes_192", "aes_256"

// id-PACE with all its parts. The domain parameters are the standardised ones of `parameter_id`, or those of the
// PaceDomainParameterInfo of that identifier.
struct PaceInfo {
  Bytes protocol;  // value octets of the identifier, as MSE:SET AT sends them back
  KeyAgreement agreement = KeyAgreement::kEcdh;
  PaceMapping mapping = PaceMapping::kGeneric;
  Cipher cipher = Cipher::kAes128;
  int version = 0;  // 2; 1 is deprecated
  std::optional<int> parameter_id;
};

struct PaceDomainParameterInfo {
  Bytes protocol;
  KeyAgreement agreement = KeyAgreement::kEcdh;
  PaceMapping mapping = PaceMapping::kGeneric;
  DomainParameters domain;
  std::optional<int> parameter_id;
};

struct ChipAuthenticationInfo {
  Bytes protocol;
  KeyAgreement agreement = KeyAgreement::kEcdh;
  Cipher cipher = Cipher::kTripleDes;
  int version = 0;  // 1, 2, or 3
  std::optional<int> key_id;
};

struct ChipAuthenticationDomainParameterInfo {
  Bytes protocol;
  KeyAgreement agreement = KeyAgreement::kEcdh;
  DomainParameters domain;
  std::optional<int> key_id;
};

struct ChipAuthenticationPublicKeyInfo {
  Bytes protocol;
  KeyAgreement agreement = KeyAgreement::kEcdh;
  AgreementKey key;
  std::optional<int> key_id;
};

struct FileReference {
  int file_id = 0;                   // 0x011C
  std::optional<int> short_file_id;  // 0x1C
};

struct TerminalAuthenticationInfo {
  int version = 0;                       // 1 (passports) or 2
  std::optional<FileReference> ef_cvca;  // where the names of its trust points are; absent: 011C
};

struct ActiveAuthenticationInfo {
  int version = 0;            // 1
  Bytes signature_algorithm;  // value octets of the identifier
  // The same decoded (ecdsa-plain-SHA256 and its kind); absent when we do not know it.
  std::optional<pki::SignatureAlgorithm> algorithm;
};

struct RestrictedIdentificationInfo {
  Bytes protocol;
  int version = 0;
  int key_id = 0;
  bool authorised_only = false;
};

struct CardInfo {
  std::string url;
  std::optional<FileReference> ef_card_info;
};

// Digests of the data groups of an eID application.
struct EidSecurityInfo {
  pki::Digest digest = pki::Digest::kSha256;
  struct DataGroupDigest {
    int number = 0;
    Bytes digest;
  };
  std::vector<DataGroupDigest> data_groups;
  std::string eid_version, unicode_version;  // empty when not stated
};

// Of a protocol not known here, or of a known one with contents that cannot be read (then a finding says so).
struct OtherSecurityInfo {
  Bytes protocol;
  Bytes encoding;  // whole
};

// A key of Chip Authentication with what the chip says about its use.
struct ChipAuthenticationOffer {
  const ChipAuthenticationPublicKeyInfo* key = nullptr;
  KeyAgreement agreement = KeyAgreement::kEcdh;
  Cipher cipher = Cipher::kTripleDes;
  int version = 1;
  std::optional<int> key_id;  // to be sent in MSE:SET
};

struct SecurityInfos {
  // Each in the order of the file.
  std::vector<PaceInfo> pace;
  std::vector<PaceDomainParameterInfo> pace_domain_parameters;
  std::vector<ChipAuthenticationInfo> chip_authentication;
  std::vector<ChipAuthenticationDomainParameterInfo> chip_authentication_domain_parameters;
  std::vector<ChipAuthenticationPublicKeyInfo> chip_authentication_keys;
  std::vector<TerminalAuthenticationInfo> terminal_authentication;
  std::vector<ActiveAuthenticationInfo> active_authentication;
  std::vector<RestrictedIdentificationInfo> restricted_identification;
  std::vector<CardInfo> card;
  std::vector<EidSecurityInfo> eid_security;
  std::vector<SecurityInfos> privileged_terminal;  // those inside each PrivilegedTerminalInfo; never nested again
  std::vector<OtherSecurityInfo> others;
  FileFindings findings;

  // The domain parameters that a PACEInfo means. NOT_FOUND when neither the standard nor the file has the number.
  absl::StatusOr<DomainParameters> DomainParametersOf(const PaceInfo& info) const;
  // One for each key and info that go together: by identifier; where that
  // fails and cannot mislead, by the kind of agreement. A key without any info is for 3DES, version 1 (TR-03110-1
  // section 3.4). Points into this value.
  std::vector<ChipAuthenticationOffer> ChipAuthenticationOffers() const;
};

// "PACE-ECDH-GM-AES-CBC-CMAC-128", as the standard writes it without its "id-".
std::string ProtocolName(const PaceInfo& info);
// "CA-ECDH-3DES-CBC-CBC".
std::string ProtocolName(const ChipAuthenticationInfo& info);

// EF.CardAccess: the bare SET. INVALID_ARGUMENT when the set itself cannot be walked.
absl::StatusOr<SecurityInfos> ReadCardAccess(Bytes file);
// DG14: the SET inside tag 6E.
absl::StatusOr<SecurityInfos> ReadDataGroup14(Bytes file);
// The bare SET of any file; `field` names it in errors and findings.
absl::StatusOr<SecurityInfos> ReadSecurityInfos(Bytes file, std::string_view field);

}  // namespace gatehouse::emrtd
