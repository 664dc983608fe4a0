// The BSI defect list, versions 1 and 2 (TR-03129-2 section 7.1), for the ePassport application.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/pki/deviation.h"
#include "libs/pki/signed_data.h"

namespace gatehouse::pki {
namespace {

enum class Parameter { kNone, kCode, kDataGroups, kCertificate, kSigner, kCountry };

struct KnownDefect {
  Oid oid;
  DeviationType type;
  Parameter parameter = Parameter::kNone;
};
constexpr std::array<KnownDefect, 15> kKnownDefects = {{
    {"0.4.0.127.0.7.3.1.5.1.1", DeviationType::kSignerRevoked, Parameter::kCode},
    {"0.4.0.127.0.7.3.1.5.1.2", DeviationType::kSignerReplaced, Parameter::kCertificate},
    {"0.4.0.127.0.7.3.1.5.1.3", DeviationType::kChipAuthenticationKeyCompromised},
    {"0.4.0.127.0.7.3.1.5.1.4", DeviationType::kActiveAuthenticationKeyCompromised},
    {"0.4.0.127.0.7.3.1.5.1.5", DeviationType::kAuthenticationProtocolFailure, Parameter::kCode},
    {"0.4.0.127.0.7.3.1.5.1.6", DeviationType::kValidityPeriodIncorrect, Parameter::kCode},
    {"0.4.0.127.0.7.3.1.5.2.1", DeviationType::kDataGroupMalformed, Parameter::kDataGroups},
    {"0.4.0.127.0.7.3.1.5.2.2", DeviationType::kSecurityObjectInvalid, Parameter::kCode},
    {"0.4.0.127.0.7.3.1.5.2.3", DeviationType::kComInconsistent},
    {"0.4.0.127.0.7.3.1.5.2.4", DeviationType::kWrongSignerIdentifier, Parameter::kSigner},
    {"0.4.0.127.0.7.3.1.5.2.5", DeviationType::kIssuingCountry, Parameter::kCountry},
    {"0.4.0.127.0.7.3.1.5.4.1", DeviationType::kCardSecurityMalformed},
    {"0.4.0.127.0.7.3.1.5.4.2", DeviationType::kChipSecurityMalformed},
    {"0.4.0.127.0.7.3.1.5.4.3", DeviationType::kPowerDownRequired},
    {"0.4.0.127.0.7.3.1.5.4.4", DeviationType::kSignerMalformed, Parameter::kCode},
}};
constexpr Oid kEidDefects = "0.4.0.127.0.7.3.1.5.3";
constexpr Oid kDocumentDefects = "0.4.0.127.0.7.3.1.5.4";

bool StartsWith(Bytes oid, const Oid& arc) {
  return oid.size() > arc.bytes().size() && arc == oid.first(arc.bytes().size());
}

KnownDefect DefectOf(Bytes oid) {
  for (const KnownDefect& known : kKnownDefects) {
    if (known.oid == oid) return known;
  }
  if (StartsWith(oid, kEidDefects)) return {"", DeviationType::kEidApplication};
  if (StartsWith(oid, kDocumentDefects)) return {"", DeviationType::kUnknownDocument};
  return {"", DeviationType::kUnknown};
}

// SignerIdentifier of RFC 5652: IssuerAndSerialNumber, or [0] the key identifier.
absl::Status ReadSignerIdentifier(const Tlv& element, SignerReference& signer) {
  constexpr std::string_view kField = "signerIdentifier";
  if (element.tag == 0x80) {
    signer.subject_key_identifier.assign(element.value.begin(), element.value.end());
    return absl::OkStatus();
  }
  if (element.tag != tag::kSequence) return Malformed(kField, "is neither issuer and serial nor a key identifier");
  TlvReader parts(element.value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv issuer, parts.Expect(tag::kSequence, kField));
  GH_ASSIGN_OR_RETURN(signer.issuer, DistinguishedName::Parse(issuer.encoding));
  GH_ASSIGN_OR_RETURN(const Tlv serial, parts.Expect(tag::kInteger, kField));
  signer.serial.assign(serial.value.begin(), serial.value.end());
  return parts.ExpectEnd(kField);
}

absl::StatusOr<int> ReadCode(const Tlv& value) {
  Tlv number = value;
  number.tag = tag::kInteger;  // ENUMERATED in the guideline, INTEGER in the field; the same octets
  return ReadSmallInteger(number, "status code");
}

absl::Status ReadDataGroups(const Tlv& set, std::vector<int>& data_groups) {
  TlvReader reader(set.value, Rules::kBer);
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv number, reader.Expect(tag::kInteger, "MalformedDGs"));
    GH_ASSIGN_OR_RETURN(const int value, ReadSmallInteger(number, "MalformedDGs"));
    if (data_groups.size() >= 16) return Malformed("MalformedDGs", "are more than there can be");
    data_groups.push_back(value);
  }
  return absl::OkStatus();
}

absl::Status ReadParameter(const Tlv& value, Parameter parameter, DeviationDescription& description) {
  switch (parameter) {
    case Parameter::kNone:
      return absl::OkStatus();
    case Parameter::kCode: {
      GH_ASSIGN_OR_RETURN(description.parameter, ReadCode(value));
      return absl::OkStatus();
    }
    case Parameter::kDataGroups:
      return ReadDataGroups(value, description.data_groups);
    case Parameter::kCertificate: {
      // OCTET STRING around the certificate; older lists have the certificate itself.
      const Bytes der = value.tag == tag::kOctetString ? value.value : value.encoding;
      if (der.size() > kMaxCertificateBytes) return Malformed("ReplacementCertificate", "is longer than the limit");
      description.replacement.assign(der.begin(), der.end());
      return absl::OkStatus();
    }
    case Parameter::kSigner:
      return ReadSignerIdentifier(value, description.signer);
    case Parameter::kCountry:
      if (value.value.size() > 3) return Malformed("correctedIssuingCountry", "is longer than a code");
      description.country = PlainDocumentNumber(AsText(value.value));
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

// KnownDefect ::= SEQUENCE { type, parameters OPTIONAL }; in version 2 the parameters are [0] and a text may follow.
absl::StatusOr<DeviationDescription> ReadKnownDefect(const Tlv& element) {
  constexpr std::string_view kField = "knownDefect";
  const bool second_version = element.tag == tag::kContext0;
  Bytes contents = element.value;
  if (second_version) {
    TlvReader wrapped(contents, Rules::kBer);
    if (wrapped.PeekTag() == tag::kSequence) {
      GH_ASSIGN_OR_RETURN(const Tlv inner, wrapped.Next(kField));
      contents = inner.value;
    }
  } else if (element.tag != tag::kSequence) {
    return Malformed(kField, "has an unknown version");
  }
  TlvReader reader(contents, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv type, reader.Expect(tag::kOid, kField));
  const KnownDefect known = DefectOf(type.value);
  DeviationDescription description{.type = known.type, .oid = OidText(type.value)};
  if (!second_version) {
    if (reader.at_end()) return description;
    GH_ASSIGN_OR_RETURN(const Tlv value, reader.Next(kField));
    GH_RETURN_IF_ERROR(ReadParameter(value, known.parameter, description));
    return description;
  }
  GH_ASSIGN_OR_RETURN(const auto parameters, reader.Optional(tag::kContext0, kField));
  if (parameters) {
    TlvReader values(parameters->value, Rules::kBer);
    GH_ASSIGN_OR_RETURN(const Tlv value, values.Next(kField));
    GH_RETURN_IF_ERROR(ReadParameter(value, known.parameter, description));
  }
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv text, reader.Next("description"));
    description.text = std::string(AsText(text.value.first(std::min<size_t>(text.value.size(), 2048))));
  }
  return description;
}

absl::StatusOr<Deviation> ReadDefect(const Tlv& element, Digest digest) {
  Deviation defect;
  TlvReader reader(element.value, Rules::kBer);
  while (!reader.at_end() && reader.PeekTag() != tag::kSet) {
    GH_ASSIGN_OR_RETURN(const Tlv part, reader.Next("defect"));
    if (part.tag == tag::kOctetString) {
      defect.documents.signer.digest.assign(part.value.begin(), part.value.end());
      defect.documents.signer.digest_algorithm = digest;
    } else {
      GH_RETURN_IF_ERROR(ReadSignerIdentifier(part, defect.documents.signer));
    }
  }
  if (defect.documents.signer.empty()) return Malformed("defect", "names no document signer");
  GH_ASSIGN_OR_RETURN(const Tlv set, reader.Expect(tag::kSet, "knownDefects"));
  TlvReader elements(set.value, Rules::kBer);
  while (!elements.at_end()) {
    if (defect.descriptions.size() >= kMaxDeviationDescriptions) {
      return Malformed("knownDefects", "are more than the limit");
    }
    GH_ASSIGN_OR_RETURN(const Tlv known, elements.Next("knownDefect"));
    GH_ASSIGN_OR_RETURN(DeviationDescription description, ReadKnownDefect(known));
    defect.descriptions.push_back(std::move(description));
  }
  // A text for people may follow in version 2.
  return defect;
}

absl::Status ReadContent(Bytes content, DeviationList& list) {
  GH_ASSIGN_OR_RETURN(const Tlv sequence, ReadOnly(content, tag::kSequence, Rules::kBer, "defectList"));
  TlvReader reader(sequence.value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv version, reader.Expect(tag::kInteger, "defectList version"));
  GH_ASSIGN_OR_RETURN(list.version, ReadSmallInteger(version, "defectList version"));
  if (list.version > 1) return Malformed("defectList version", "is neither 1 nor 2");
  GH_ASSIGN_OR_RETURN(const Tlv algorithm, reader.Next("hashAlg"));
  std::optional<Digest> digest;
  if (algorithm.tag == tag::kOid) {
    digest = DigestOfOid(algorithm.value);
  } else {
    GH_ASSIGN_OR_RETURN(digest, ReadDigestAlgorithm(algorithm, "hashAlg"));
  }
  if (!digest) return Malformed("hashAlg", "is no digest we accept");
  GH_ASSIGN_OR_RETURN(const Tlv set, reader.Expect(tag::kSet, "defects"));
  GH_RETURN_IF_ERROR(reader.ExpectEnd("defectList"));
  TlvReader elements(set.value, Rules::kBer);
  for (size_t index = 0; !elements.at_end(); ++index) {
    if (index >= kMaxDeviations) return Malformed("defects", "are more than the limit");
    GH_ASSIGN_OR_RETURN(const Tlv element, elements.Expect(tag::kSequence, "defect"));
    absl::StatusOr<Deviation> defect = ReadDefect(element, *digest);
    if (defect.ok()) {
      list.deviations.push_back(*std::move(defect));
    } else {
      list.skipped.push_back(absl::StrCat("defect ", index, " skipped: ", defect.status().message()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DeviationListPtr> ParseDefectList(Bytes bytes) {
  if (bytes.size() > kMaxDeviationListBytes) return Malformed("defectList", "is longer than the limit");
  GH_ASSIGN_OR_RETURN(const SignedData data, ReadSignedData(bytes, {.certificates = kMaxListSignerCertificates}));
  if (!(oid::kDefectList == data.content_type)) return Malformed("eContentType", "is not that of a defect list");
  auto list = std::make_shared<DeviationList>();
  list->source = DeviationSource::kDefectList;
  GH_RETURN_IF_ERROR(ReadContent(data.content, *list));
  list->signature = JudgeListSignature(data, CertificateRole::kDefectListSigner, {});
  list->fingerprint = ComputeDigest(Digest::kSha256, bytes);
  return DeviationListPtr(std::move(list));
}

}  // namespace gatehouse::pki
