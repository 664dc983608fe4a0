// The ICAO deviation list (Doc 9303-12 section 10.2). The module has IMPLICIT TAGS; lists in the field have explicit
// ones too, so each tagged element is read both ways.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/pki/deviation.h"
#include "libs/pki/signed_data.h"

namespace gatehouse::pki {
namespace {

struct KnownType {
  Oid oid;
  DeviationType type;
};
constexpr std::array<KnownType, 15> kKnownTypes = {{
    {"2.23.136.1.1.7.1", DeviationType::kCertificateOrKey},
    {"2.23.136.1.1.7.1.1", DeviationType::kSignerSignatureWrong},
    {"2.23.136.1.1.7.1.2", DeviationType::kSignerEncoding},
    {"2.23.136.1.1.7.1.3", DeviationType::kAuthorityEncoding},
    {"2.23.136.1.1.7.1.4", DeviationType::kActiveAuthenticationKeyCompromised},
    {"2.23.136.1.1.7.2", DeviationType::kLds},
    {"2.23.136.1.1.7.2.1", DeviationType::kDataGroupMalformed},
    {"2.23.136.1.1.7.2.2", DeviationType::kDataGroupDigestWrong},
    {"2.23.136.1.1.7.2.3", DeviationType::kSecurityObjectSignatureWrong},
    {"2.23.136.1.1.7.2.4", DeviationType::kComInconsistent},
    {"2.23.136.1.1.7.3", DeviationType::kMrz},
    {"2.23.136.1.1.7.3.1", DeviationType::kMrzWrongData},
    {"2.23.136.1.1.7.3.2", DeviationType::kMrzWrongCheckDigit},
    {"2.23.136.1.1.7.4", DeviationType::kChip},
    {"2.23.136.1.1.7.5", DeviationType::kNationalUse},
}};

DeviationType TypeOf(Bytes oid) {
  for (const KnownType& known : kKnownTypes) {
    if (known.oid == oid) return known.type;
  }
  return DeviationType::kUnknown;
}

// The value of a tagged string or OCTET STRING: [n] IMPLICIT, or [n] EXPLICIT around `universal`.
absl::StatusOr<Bytes> TaggedValue(const Tlv& element, uint32_t universal, std::string_view field) {
  if ((element.tag & 0x20) == 0) return element.value;
  GH_ASSIGN_OR_RETURN(const Tlv inner, ReadOnly(element.value, universal, Rules::kBer, field));
  return inner.value;
}

// The elements of a tagged SEQUENCE or SET, in the same two ways.
absl::StatusOr<Bytes> TaggedElements(const Tlv& element, uint32_t universal, std::string_view field) {
  TlvReader reader(element.value, Rules::kBer);
  if (reader.PeekTag() != universal) return element.value;
  GH_ASSIGN_OR_RETURN(const Tlv inner, reader.Next(field));
  // A lone element of that tag is the wrapper; with more after it, it was the first of the elements.
  return reader.at_end() ? inner.value : element.value;
}

absl::Status ReadIssuerAndSerial(Bytes elements, SignerReference& signer) {
  constexpr std::string_view kField = "issuerAndSerialNumber";
  TlvReader parts(elements, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv issuer, parts.Expect(tag::kSequence, kField));
  GH_ASSIGN_OR_RETURN(signer.issuer, DistinguishedName::Parse(issuer.encoding));
  GH_ASSIGN_OR_RETURN(const Tlv serial, parts.Expect(tag::kInteger, kField));
  if (serial.value.empty()) return Malformed(kField, "has an empty serial number");
  signer.serial.assign(serial.value.begin(), serial.value.end());
  return parts.ExpectEnd(kField);
}

absl::Status ReadNumbers(const Tlv& element, std::vector<std::string>& numbers) {
  constexpr std::string_view kField = "documentNumbers";
  GH_ASSIGN_OR_RETURN(const Bytes elements, TaggedElements(element, tag::kSet, kField));
  TlvReader reader(elements, Rules::kBer);
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv number, reader.Next(kField));
    if (number.value.empty() || number.value.size() > kMaxDocumentNumberBytes) {
      return Malformed(kField, "hold one of a size out of bounds");
    }
    if (numbers.size() >= kMaxDocumentNumbers) return Malformed(kField, "are more than the limit");
    numbers.push_back(PlainDocumentNumber(AsText(number.value)));
  }
  // An empty set names no document; it must not read as "any".
  if (numbers.empty()) return Malformed(kField, "are empty");
  std::sort(numbers.begin(), numbers.end());
  return absl::OkStatus();
}

// GeneralizedTime; lists in the field write fractions of a second, which are cut away.
absl::StatusOr<absl::Time> ReadInstant(Tlv element, std::string_view field) {
  const std::string_view text = AsText(element.value);
  const size_t point = text.find_first_of(".,");
  if (point == std::string_view::npos) return ReadTime(element, field);
  const size_t end = text.find_first_not_of("0123456789", point + 1);
  const std::string whole =
      std::string(text.substr(0, point)) + std::string(end == std::string_view::npos ? "" : text.substr(end));
  element.value = AsBytes(whole);
  return ReadTime(element, field);
}

absl::Status ReadPeriod(const Tlv& element, DeviantDocuments& documents) {
  constexpr std::string_view kField = "issuingDate";
  GH_ASSIGN_OR_RETURN(const Bytes elements, TaggedElements(element, tag::kSequence, kField));
  TlvReader reader(elements, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv first, reader.Next(kField));
  GH_ASSIGN_OR_RETURN(const Tlv last, reader.Next(kField));
  GH_RETURN_IF_ERROR(reader.ExpectEnd(kField));
  GH_ASSIGN_OR_RETURN(documents.first_issued, ReadInstant(first, kField));
  GH_ASSIGN_OR_RETURN(documents.last_issued, ReadInstant(last, kField));
  return absl::OkStatus();
}

absl::Status ReadDocumentsPart(const Tlv& part, Digest digest, DeviantDocuments& documents) {
  constexpr uint32_t kConstructed = 0x20;
  switch (part.tag & ~kConstructed) {
    case 0x80: {
      GH_ASSIGN_OR_RETURN(const Bytes type, TaggedValue(part, tag::kPrintableString, "documentType"));
      documents.document_type = PlainDocumentNumber(AsText(type));
      return documents.document_type.empty() ? Malformed("documentType", "is empty") : absl::OkStatus();
    }
    case 0x81: {
      // [1] IssuerAndSerialNumber: SEQUENCE { Name, serial }; the name alone would be one SEQUENCE more.
      GH_ASSIGN_OR_RETURN(const Bytes elements, TaggedElements(part, tag::kSequence, "dscIdentifier"));
      return ReadIssuerAndSerial(elements, documents.signer);
    }
    case 0x82: {
      GH_ASSIGN_OR_RETURN(const Bytes key, TaggedValue(part, tag::kOctetString, "dscIdentifier"));
      documents.signer.subject_key_identifier.assign(key.begin(), key.end());
      return key.empty() ? Malformed("dscIdentifier", "is empty") : absl::OkStatus();
    }
    case 0x83: {
      GH_ASSIGN_OR_RETURN(const Bytes value, TaggedValue(part, tag::kOctetString, "dscIdentifier"));
      documents.signer.digest.assign(value.begin(), value.end());
      documents.signer.digest_algorithm = digest;
      return value.empty() ? Malformed("dscIdentifier", "is empty") : absl::OkStatus();
    }
    case 0x84:
      return ReadPeriod(part, documents);
    case 0x85:
      return ReadNumbers(part, documents.numbers);
    default:
      // A condition that we cannot read could be the one that is not met.
      return Malformed("documents", "have an unknown condition");
  }
}

// CertField, Datagroup and MRZField: a number, or the identifier of an extension.
absl::Status ReadParameters(Bytes explicit_value, DeviationDescription& description) {
  constexpr std::string_view kField = "parameters";
  TlvReader reader(explicit_value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv value, reader.Next(kField));
  if (value.tag == tag::kOid) {
    description.extension = OidText(value.value);
  } else if (value.tag == tag::kInteger) {
    GH_ASSIGN_OR_RETURN(description.parameter, ReadSmallInteger(value, kField));
  }
  const bool of_data_group = description.type == DeviationType::kDataGroupMalformed ||
                             description.type == DeviationType::kDataGroupDigestWrong;
  if (of_data_group && description.parameter) description.data_groups.push_back(*description.parameter);
  return absl::OkStatus();
}

absl::StatusOr<DeviationDescription> ReadDescription(const Tlv& element) {
  constexpr std::string_view kField = "deviationDescription";
  DeviationDescription description;
  TlvReader reader(element.value, Rules::kBer);
  if (reader.PeekTag() == tag::kPrintableString || reader.PeekTag() == tag::kUtf8String) {
    GH_ASSIGN_OR_RETURN(const Tlv text, reader.Next(kField));
    description.text = std::string(AsText(text.value.first(std::min<size_t>(text.value.size(), 2048))));
  }
  GH_ASSIGN_OR_RETURN(const Tlv type, reader.Expect(tag::kOid, kField));
  description.type = TypeOf(type.value);
  description.oid = OidText(type.value);
  GH_ASSIGN_OR_RETURN(const auto parameters, reader.Optional(tag::kContext0, kField));
  if (parameters) GH_RETURN_IF_ERROR(ReadParameters(parameters->value, description));
  GH_RETURN_IF_ERROR(reader.Optional(tag::kContext1, "nationalUse").status());
  GH_RETURN_IF_ERROR(reader.ExpectEnd(kField));
  return description;
}

absl::StatusOr<Deviation> ReadDeviation(const Tlv& element, Digest digest) {
  Deviation deviation;
  TlvReader reader(element.value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv documents, reader.Expect(tag::kSequence, "documents"));
  TlvReader conditions(documents.value, Rules::kBer);
  while (!conditions.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv part, conditions.Next("documents"));
    GH_RETURN_IF_ERROR(ReadDocumentsPart(part, digest, deviation.documents));
  }
  GH_ASSIGN_OR_RETURN(const Tlv set, reader.Expect(tag::kSet, "descriptions"));
  TlvReader descriptions(set.value, Rules::kBer);
  while (!descriptions.at_end()) {
    if (deviation.descriptions.size() >= kMaxDeviationDescriptions) {
      return Malformed("descriptions", "are more than the limit");
    }
    GH_ASSIGN_OR_RETURN(const Tlv part, descriptions.Expect(tag::kSequence, "descriptions"));
    GH_ASSIGN_OR_RETURN(DeviationDescription description, ReadDescription(part));
    deviation.descriptions.push_back(std::move(description));
  }
  GH_RETURN_IF_ERROR(reader.ExpectEnd("deviation"));
  return deviation;
}

absl::Status ReadContent(const SignedData& data, DeviationList& list) {
  GH_ASSIGN_OR_RETURN(const Tlv sequence, ReadOnly(data.content, tag::kSequence, Rules::kBer, "deviationList"));
  TlvReader reader(sequence.value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv version, reader.Expect(tag::kInteger, "deviationList version"));
  GH_ASSIGN_OR_RETURN(list.version, ReadSmallInteger(version, "deviationList version"));
  if (list.version != 0) return Malformed("deviationList version", "is not 0");
  // Of certificate digests; "the same as used in the signature" where it is left out.
  Digest digest = data.signers.empty() ? Digest::kSha256 : data.signers.front().digest;
  GH_ASSIGN_OR_RETURN(const auto algorithm, reader.Optional(tag::kSequence, "digestAlgorithm"));
  if (algorithm) {
    GH_ASSIGN_OR_RETURN(digest, ReadDigestAlgorithm(*algorithm, "digestAlgorithm"));
  }
  GH_ASSIGN_OR_RETURN(const Tlv set, reader.Expect(tag::kSet, "deviations"));
  GH_RETURN_IF_ERROR(reader.ExpectEnd("deviationList"));
  TlvReader elements(set.value, Rules::kBer);
  for (size_t index = 0; !elements.at_end(); ++index) {
    if (index >= kMaxDeviations) return Malformed("deviations", "are more than the limit");
    GH_ASSIGN_OR_RETURN(const Tlv element, elements.Expect(tag::kSequence, "deviation"));
    absl::StatusOr<Deviation> deviation = ReadDeviation(element, digest);
    if (deviation.ok()) {
      list.deviations.push_back(*std::move(deviation));
    } else {
      list.skipped.push_back(absl::StrCat("deviation ", index, " skipped: ", deviation.status().message()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DeviationListPtr> ParseDeviationList(Bytes bytes) {
  if (bytes.size() > kMaxDeviationListBytes) return Malformed("deviationList", "is longer than the limit");
  GH_ASSIGN_OR_RETURN(const SignedData data, ReadSignedData(bytes, {.certificates = kMaxListSignerCertificates}));
  if (!(oid::kDeviationList == data.content_type)) return Malformed("eContentType", "is not that of a deviation list");
  auto list = std::make_shared<DeviationList>();
  list->source = DeviationSource::kDeviationList;
  GH_RETURN_IF_ERROR(ReadContent(data, *list));
  list->signature = JudgeListSignature(data, CertificateRole::kDeviationListSigner, {});
  list->fingerprint = ComputeDigest(Digest::kSha256, bytes);
  return DeviationListPtr(std::move(list));
}

}  // namespace gatehouse::pki
