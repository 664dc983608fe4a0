#include "libs/emrtd/lds/security_info_readers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/pki/oid.h"

namespace gatehouse::emrtd {
namespace {

using pki::Malformed;
using pki::Rules;
using pki::Tlv;
using pki::TlvReader;
namespace tag = pki::tag;

// Protocols of TR-03110 are named below bsi-de protocols(2) smartcard(2): one octet each for the protocol, its
// variant and its cipher.
constexpr pki::Oid kSmartcard = "0.4.0.127.0.7.2.2";
constexpr pki::Oid kActiveAuthentication = "2.23.136.1.1.5";
enum Protocol : uint8_t {
  kPublicKey = 1,
  kTerminalAuthentication = 2,
  kChipAuthentication = 3,
  kPace = 4,
  kRestrictedIdentification = 5,
  kCardInfo = 6,
  kEidSecurity = 7,
  kPrivilegedTerminal = 8,
};

// What stands after the protocol's identifier.
struct Contents {
  Bytes protocol;
  Bytes variant;  // octets of the identifier after kSmartcard
  TlvReader reader;
};

constexpr int kMaxVersion = 255;

absl::StatusOr<int> ReadNumber(TlvReader& reader, std::string_view field) {
  GH_ASSIGN_OR_RETURN(const Tlv element, reader.Expect(tag::kInteger, field));
  return pki::ReadSmallInteger(element, field);
}

absl::StatusOr<std::optional<int>> ReadOptionalNumber(TlvReader& reader, std::string_view field) {
  if (reader.PeekTag() != tag::kInteger) return std::optional<int>();
  GH_ASSIGN_OR_RETURN(const int number, ReadNumber(reader, field));
  return std::optional<int>(number);
}

// A version outside the protocol's is a finding: the contents are read as those of the nearest.
absl::StatusOr<int> ReadVersion(TlvReader& reader, int lowest, int highest, std::string_view field,
                                FileFindings& findings) {
  GH_ASSIGN_OR_RETURN(const int version, ReadNumber(reader, field));
  if (version > kMaxVersion) return Malformed(field, "has a version out of bounds");
  if (version < lowest || version > highest) {
    findings.push_back({FileDefect::kSecurityInfoVersion, std::string(field) + " " + std::to_string(version)});
  }
  return version;
}

absl::StatusOr<KeyAgreement> ReadAgreement(uint8_t octet, std::string_view field) {
  if (octet == 1) return KeyAgreement::kDh;
  if (octet == 2) return KeyAgreement::kEcdh;
  return Malformed(field, "names no key agreement we know");
}

absl::StatusOr<Cipher> ReadCipher(uint8_t octet, std::string_view field) {
  if (octet < 1 || octet > 4) return Malformed(field, "names no cipher we know");
  return static_cast<Cipher>(octet - 1);
}

struct PaceVariant {
  KeyAgreement agreement;
  PaceMapping mapping;
};
// 1 DH-GM, 2 ECDH-GM, 3 DH-IM, 4 ECDH-IM, 6 ECDH-CAM.
absl::StatusOr<PaceVariant> ReadPaceVariant(uint8_t octet, std::string_view field) {
  switch (octet) {
    case 1:
      return PaceVariant{KeyAgreement::kDh, PaceMapping::kGeneric};
    case 2:
      return PaceVariant{KeyAgreement::kEcdh, PaceMapping::kGeneric};
    case 3:
      return PaceVariant{KeyAgreement::kDh, PaceMapping::kIntegrated};
    case 4:
      return PaceVariant{KeyAgreement::kEcdh, PaceMapping::kIntegrated};
    case 6:
      return PaceVariant{KeyAgreement::kEcdh, PaceMapping::kChipAuthentication};
    default:
      return Malformed(field, "names no mapping we know");
  }
}

absl::Status AddPaceInfo(Contents contents, SecurityInfos& infos) {
  constexpr std::string_view kField = "PACEInfo";
  PaceInfo info{.protocol = contents.protocol};
  GH_ASSIGN_OR_RETURN(const PaceVariant variant, ReadPaceVariant(contents.variant[1], kField));
  info.agreement = variant.agreement;
  info.mapping = variant.mapping;
  GH_ASSIGN_OR_RETURN(info.cipher, ReadCipher(contents.variant[2], kField));
  FileFindings findings;
  GH_ASSIGN_OR_RETURN(info.version, ReadVersion(contents.reader, 2, 2, kField, findings));
  GH_ASSIGN_OR_RETURN(info.parameter_id, ReadOptionalNumber(contents.reader, kField));
  GH_RETURN_IF_ERROR(contents.reader.ExpectEnd(kField));
  if (!info.parameter_id) {
    findings.push_back({FileDefect::kPaceParameterAbsent, std::string(kField)});
  } else if (*info.parameter_id < 32 && FindStandardisedParameters(*info.parameter_id) == nullptr) {
    findings.push_back({FileDefect::kPaceParameterReserved, absl::StrCat("number ", *info.parameter_id)});
  }
  infos.pace.push_back(info);
  infos.findings.insert(infos.findings.end(), findings.begin(), findings.end());
  return absl::OkStatus();
}

absl::Status AddPaceDomainParameterInfo(Contents contents, SecurityInfos& infos) {
  constexpr std::string_view kField = "PACEDomainParameterInfo";
  PaceDomainParameterInfo info{.protocol = contents.protocol};
  GH_ASSIGN_OR_RETURN(const PaceVariant variant, ReadPaceVariant(contents.variant[1], kField));
  info.agreement = variant.agreement;
  info.mapping = variant.mapping;
  GH_ASSIGN_OR_RETURN(const Tlv algorithm, contents.reader.Expect(tag::kSequence, kField));
  GH_ASSIGN_OR_RETURN(info.domain, ReadDomainParameters(algorithm, kField));
  GH_ASSIGN_OR_RETURN(info.parameter_id, ReadOptionalNumber(contents.reader, kField));
  GH_RETURN_IF_ERROR(contents.reader.ExpectEnd(kField));
  if (info.domain.agreement != info.agreement) return Malformed(kField, "has parameters of another kind");
  infos.pace_domain_parameters.push_back(std::move(info));
  return absl::OkStatus();
}

absl::Status AddChipAuthenticationInfo(Contents contents, SecurityInfos& infos) {
  constexpr std::string_view kField = "ChipAuthenticationInfo";
  ChipAuthenticationInfo info{.protocol = contents.protocol};
  GH_ASSIGN_OR_RETURN(info.agreement, ReadAgreement(contents.variant[1], kField));
  GH_ASSIGN_OR_RETURN(info.cipher, ReadCipher(contents.variant[2], kField));
  FileFindings findings;
  GH_ASSIGN_OR_RETURN(info.version, ReadVersion(contents.reader, 1, 3, kField, findings));
  GH_ASSIGN_OR_RETURN(info.key_id, ReadOptionalNumber(contents.reader, kField));
  GH_RETURN_IF_ERROR(contents.reader.ExpectEnd(kField));
  infos.chip_authentication.push_back(info);
  infos.findings.insert(infos.findings.end(), findings.begin(), findings.end());
  return absl::OkStatus();
}

absl::Status AddChipAuthenticationDomainParameterInfo(Contents contents, SecurityInfos& infos) {
  constexpr std::string_view kField = "ChipAuthenticationDomainParameterInfo";
  ChipAuthenticationDomainParameterInfo info{.protocol = contents.protocol};
  GH_ASSIGN_OR_RETURN(info.agreement, ReadAgreement(contents.variant[1], kField));
  GH_ASSIGN_OR_RETURN(const Tlv algorithm, contents.reader.Expect(tag::kSequence, kField));
  GH_ASSIGN_OR_RETURN(info.domain, ReadDomainParameters(algorithm, kField));
  GH_ASSIGN_OR_RETURN(info.key_id, ReadOptionalNumber(contents.reader, kField));
  GH_RETURN_IF_ERROR(contents.reader.ExpectEnd(kField));
  if (info.domain.agreement != info.agreement) return Malformed(kField, "has parameters of another kind");
  infos.chip_authentication_domain_parameters.push_back(std::move(info));
  return absl::OkStatus();
}

absl::Status AddChipAuthenticationPublicKeyInfo(Contents contents, SecurityInfos& infos) {
  constexpr std::string_view kField = "ChipAuthenticationPublicKeyInfo";
  ChipAuthenticationPublicKeyInfo info{.protocol = contents.protocol};
  GH_ASSIGN_OR_RETURN(info.agreement, ReadAgreement(contents.variant[1], kField));
  GH_ASSIGN_OR_RETURN(const Tlv key, contents.reader.Expect(tag::kSequence, kField));
  GH_ASSIGN_OR_RETURN(info.key, ReadAgreementKey(key, kField));
  GH_ASSIGN_OR_RETURN(info.key_id, ReadOptionalNumber(contents.reader, kField));
  GH_RETURN_IF_ERROR(contents.reader.ExpectEnd(kField));
  if (info.key.domain.agreement != info.agreement) return Malformed(kField, "has a key of another kind");
  infos.chip_authentication_keys.push_back(std::move(info));
  return absl::OkStatus();
}

// FileID ::= SEQUENCE { fid OCTET STRING (2), sfid OCTET STRING (1) OPTIONAL }
absl::StatusOr<FileReference> ReadFileReference(Bytes value, std::string_view field) {
  TlvReader reader(value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv file_id, reader.Expect(tag::kOctetString, field));
  GH_ASSIGN_OR_RETURN(const auto short_file_id, reader.Optional(tag::kOctetString, field));
  GH_RETURN_IF_ERROR(reader.ExpectEnd(field));
  if (file_id.value.size() != 2 || (short_file_id && short_file_id->value.size() != 1)) {
    return Malformed(field, "has a file identifier of another length");
  }
  FileReference reference{.file_id = file_id.value[0] << 8 | file_id.value[1]};
  if (short_file_id) reference.short_file_id = short_file_id->value[0];
  return reference;
}

absl::Status AddTerminalAuthenticationInfo(Contents contents, SecurityInfos& infos) {
  constexpr std::string_view kField = "TerminalAuthenticationInfo";
  TerminalAuthenticationInfo info;
  FileFindings findings;
  GH_ASSIGN_OR_RETURN(info.version, ReadVersion(contents.reader, 1, 2, kField, findings));
  GH_ASSIGN_OR_RETURN(const auto file, contents.reader.Optional(tag::kSequence, kField));
  GH_RETURN_IF_ERROR(contents.reader.ExpectEnd(kField));
  if (file) {
    GH_ASSIGN_OR_RETURN(info.ef_cvca, ReadFileReference(file->value, kField));
    if (info.version != 1) findings.push_back({FileDefect::kFileReferenceNotAllowed, std::string(kField)});
  }
  infos.terminal_authentication.push_back(info);
  infos.findings.insert(infos.findings.end(), findings.begin(), findings.end());
  return absl::OkStatus();
}

absl::Status AddRestrictedIdentificationInfo(Contents contents, SecurityInfos& infos) {
  constexpr std::string_view kField = "RestrictedIdentificationInfo";
  RestrictedIdentificationInfo info{.protocol = contents.protocol};
  GH_ASSIGN_OR_RETURN(const Tlv parameters, contents.reader.Expect(tag::kSequence, kField));
  GH_RETURN_IF_ERROR(ReadOptionalNumber(contents.reader, kField).status());  // maxKeyLen
  GH_RETURN_IF_ERROR(contents.reader.ExpectEnd(kField));
  TlvReader reader(parameters.value, Rules::kBer);
  FileFindings findings;
  GH_ASSIGN_OR_RETURN(info.version, ReadVersion(reader, 1, 1, kField, findings));
  GH_ASSIGN_OR_RETURN(info.key_id, ReadNumber(reader, kField));
  GH_ASSIGN_OR_RETURN(const Tlv authorised, reader.Expect(tag::kBoolean, kField));
  GH_ASSIGN_OR_RETURN(info.authorised_only, pki::ReadBoolean(authorised, kField));
  infos.restricted_identification.push_back(info);
  infos.findings.insert(infos.findings.end(), findings.begin(), findings.end());
  return absl::OkStatus();
}

absl::Status AddCardInfo(Contents contents, SecurityInfos& infos) {
  constexpr std::string_view kField = "CardInfo";
  constexpr size_t kMaxUrlBytes = 2048;
  CardInfo info;
  GH_ASSIGN_OR_RETURN(const Tlv url, contents.reader.Expect(tag::kIa5String, kField));
  if (url.value.size() > kMaxUrlBytes) return Malformed(kField, "has a URL beyond the limit");
  info.url = std::string(pki::AsText(url.value));
  GH_ASSIGN_OR_RETURN(const auto optional, contents.reader.Optional(tag::kSequence, kField));
  if (optional) {
    // EF.CardInfo's reference, bare in the first editions and [0] in the later ones, which add more after it.
    TlvReader parts(optional->value, Rules::kBer);
    if (parts.PeekTag() == tag::kOctetString) {
      GH_ASSIGN_OR_RETURN(info.ef_card_info, ReadFileReference(optional->value, kField));
    } else if (parts.PeekTag() == tag::kContext0) {
      GH_ASSIGN_OR_RETURN(const Tlv file, parts.Next(kField));
      GH_ASSIGN_OR_RETURN(info.ef_card_info, ReadFileReference(file.value, kField));
    }
  }
  infos.card.push_back(std::move(info));
  return absl::OkStatus();
}

absl::Status AddEidSecurityInfo(Contents contents, SecurityInfos& infos) {
  constexpr std::string_view kField = "EIDSecurityInfo";
  EidSecurityInfo info;
  GH_ASSIGN_OR_RETURN(const Tlv object, contents.reader.Expect(tag::kSequence, kField));
  GH_ASSIGN_OR_RETURN(const auto versions, contents.reader.Optional(tag::kSequence, kField));
  GH_RETURN_IF_ERROR(contents.reader.ExpectEnd(kField));
  TlvReader reader(object.value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv algorithm, reader.Expect(tag::kSequence, kField));
  GH_ASSIGN_OR_RETURN(info.digest, pki::ReadDigestAlgorithm(algorithm, kField));
  GH_ASSIGN_OR_RETURN(const Tlv list, reader.Expect(tag::kSequence, kField));
  GH_RETURN_IF_ERROR(reader.ExpectEnd(kField));
  TlvReader elements(list.value, Rules::kBer);
  while (!elements.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv element, elements.Expect(tag::kSequence, kField));
    TlvReader parts(element.value, Rules::kBer);
    GH_ASSIGN_OR_RETURN(const int number, ReadNumber(parts, kField));
    GH_ASSIGN_OR_RETURN(const Tlv digest, parts.Expect(tag::kOctetString, kField));
    GH_RETURN_IF_ERROR(parts.ExpectEnd(kField));
    info.data_groups.push_back({number, digest.value});
  }
  if (versions) {
    TlvReader parts(versions->value, Rules::kBer);
    GH_ASSIGN_OR_RETURN(const Tlv eid, parts.Next(kField));
    GH_ASSIGN_OR_RETURN(const Tlv unicode, parts.Next(kField));
    info.eid_version = std::string(pki::AsText(eid.value));
    info.unicode_version = std::string(pki::AsText(unicode.value));
  }
  infos.eid_security.push_back(std::move(info));
  return absl::OkStatus();
}

absl::Status AddActiveAuthenticationInfo(Contents contents, SecurityInfos& infos) {
  constexpr std::string_view kField = "ActiveAuthenticationInfo";
  ActiveAuthenticationInfo info;
  FileFindings findings;
  GH_ASSIGN_OR_RETURN(info.version, ReadVersion(contents.reader, 1, 1, kField, findings));
  GH_ASSIGN_OR_RETURN(const Tlv algorithm, contents.reader.Expect(tag::kOid, kField));
  GH_RETURN_IF_ERROR(contents.reader.ExpectEnd(kField));
  info.signature_algorithm = algorithm.value;
  // The reader of algorithms wants an AlgorithmIdentifier; this one is bare.
  const auto decoded = pki::ReadSignatureAlgorithm(
      {.tag = tag::kSequence, .value = algorithm.encoding, .encoding = algorithm.encoding}, kField);
  if (decoded.ok()) info.algorithm = *decoded;
  infos.active_authentication.push_back(info);
  infos.findings.insert(infos.findings.end(), findings.begin(), findings.end());
  return absl::OkStatus();
}

bool IsKnown(const Contents& contents) {
  return !contents.variant.empty() && contents.variant[0] >= kPublicKey && contents.variant[0] <= kPrivilegedTerminal;
}

// UNIMPLEMENTED: a protocol, or a variant of one, that is not known here.
absl::Status AddKnown(const Contents& contents, int depth, SecurityInfos& infos) {
  if (kActiveAuthentication == contents.protocol) return AddActiveAuthenticationInfo(contents, infos);
  if (!IsKnown(contents)) return absl::UnimplementedError("");
  const size_t depth_of_identifier = contents.variant.size();
  switch (contents.variant[0]) {
    case kPublicKey:
      if (depth_of_identifier == 2 && contents.variant[1] <= 2) {
        return AddChipAuthenticationPublicKeyInfo(contents, infos);
      }
      break;
    case kTerminalAuthentication:
      if (depth_of_identifier == 1) return AddTerminalAuthenticationInfo(contents, infos);
      break;
    case kChipAuthentication:
      if (depth_of_identifier == 3) return AddChipAuthenticationInfo(contents, infos);
      if (depth_of_identifier == 2) return AddChipAuthenticationDomainParameterInfo(contents, infos);
      break;
    case kPace:
      if (depth_of_identifier == 3) return AddPaceInfo(contents, infos);
      if (depth_of_identifier == 2) return AddPaceDomainParameterInfo(contents, infos);
      break;
    case kRestrictedIdentification:
      if (depth_of_identifier == 3) return AddRestrictedIdentificationInfo(contents, infos);
      break;
    case kCardInfo:
      if (depth_of_identifier == 1) return AddCardInfo(contents, infos);
      break;
    case kEidSecurity:
      if (depth_of_identifier == 1) return AddEidSecurityInfo(contents, infos);
      break;
    case kPrivilegedTerminal: {
      if (depth_of_identifier != 1) break;
      TlvReader reader = contents.reader;
      GH_ASSIGN_OR_RETURN(const Tlv set, reader.Expect(tag::kSet, "privilegedTerminalInfos"));
      GH_RETURN_IF_ERROR(reader.ExpectEnd("privilegedTerminalInfos"));
      return AddPrivilegedTerminalInfos(set, depth, infos);
    }
  }
  return absl::UnimplementedError("");
}

}  // namespace

absl::Status AddSecurityInfo(const Tlv& element, int depth, SecurityInfos& infos) {
  TlvReader reader(element.value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv protocol, reader.Expect(tag::kOid, "SecurityInfo protocol"));
  Bytes variant;
  const Bytes prefix = kSmartcard.bytes();
  if (protocol.value.size() > prefix.size() && pki::Equal(protocol.value.first(prefix.size()), prefix)) {
    variant = protocol.value.subspan(prefix.size());
  }
  const absl::Status added = AddKnown({protocol.value, variant, reader}, depth, infos);
  if (added.ok()) return added;
  infos.others.push_back({protocol.value, element.encoding});
  if (!absl::IsUnimplemented(added)) {
    infos.findings.push_back(
        {FileDefect::kSecurityInfoMalformed, absl::StrCat(pki::OidText(protocol.value), ": ", added.message())});
  }
  return absl::OkStatus();
}

void NoteChipAuthentication(SecurityInfos& infos) {
  for (const ChipAuthenticationPublicKeyInfo& key : infos.chip_authentication_keys) {
    const auto same_kind = [&](const ChipAuthenticationInfo& info) { return info.agreement == key.agreement; };
    const auto same_id = [&](const ChipAuthenticationInfo& info) {
      return same_kind(info) && info.key_id == key.key_id;
    };
    const auto& all = infos.chip_authentication;
    if (std::none_of(all.begin(), all.end(), same_kind)) {
      infos.findings.push_back({FileDefect::kChipAuthenticationInfoAbsent, std::string(ToWord(key.agreement))});
    } else if (std::none_of(all.begin(), all.end(), same_id)) {
      infos.findings.push_back({FileDefect::kKeyIdentifierDisagrees, std::string(ToWord(key.agreement))});
    }
  }
}

}  // namespace gatehouse::emrtd
