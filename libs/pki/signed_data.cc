#include "libs/pki/signed_data.h"

#include <algorithm>

#include "libs/base/status_macros.h"
#include "libs/pki/oid.h"

namespace gatehouse::pki {
namespace {

bool DerLess(Bytes a, Bytes b) { return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end()); }

// The one value of an attribute's SET.
absl::StatusOr<Tlv> OnlyValue(const Tlv& set, std::string_view field) {
  TlvReader values(set.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv value, values.Next(field));
  GH_RETURN_IF_ERROR(values.ExpectEnd(field));
  return value;
}

absl::Status ReadAttribute(const Tlv& attribute, SignerInfo& signer) {
  TlvReader reader(attribute.value, Rules::kDer);
  GH_ASSIGN_OR_RETURN(const Tlv type, reader.Expect(tag::kOid, "attribute"));
  GH_ASSIGN_OR_RETURN(const Tlv set, reader.Expect(tag::kSet, "attribute"));
  GH_RETURN_IF_ERROR(reader.ExpectEnd("attribute"));
  if (oid::kContentType == type.value) {
    if (!signer.content_type.empty()) return Malformed("contentType", "stands twice");
    GH_ASSIGN_OR_RETURN(const Tlv value, OnlyValue(set, "contentType"));
    if (value.tag != tag::kOid) return Malformed("contentType", "is not an identifier");
    signer.content_type = value.value;
  } else if (oid::kMessageDigest == type.value) {
    if (!signer.message_digest.empty()) return Malformed("messageDigest", "stands twice");
    GH_ASSIGN_OR_RETURN(const Tlv value, OnlyValue(set, "messageDigest"));
    if (value.tag != tag::kOctetString) return Malformed("messageDigest", "is not an OCTET STRING");
    signer.message_digest = value.value;
  } else if (oid::kSigningTime == type.value) {
    if (signer.signing_time) return Malformed("signingTime", "stands twice");
    GH_ASSIGN_OR_RETURN(const Tlv value, OnlyValue(set, "signingTime"));
    GH_ASSIGN_OR_RETURN(signer.signing_time, ReadTime(value, "signingTime"));
  }
  return absl::OkStatus();
}

absl::Status ReadAttributes(Bytes set, SignerInfo& signer) {
  signer.has_signed_attributes = true;
  signer.signed_attributes = set;
  TlvReader reader(set, Rules::kDer);
  Bytes previous;
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv attribute, reader.Expect(tag::kSequence, "signedAttrs"));
    if (DerLess(attribute.encoding, previous)) signer.attributes_sorted = false;
    previous = attribute.encoding;
    GH_RETURN_IF_ERROR(ReadAttribute(attribute, signer));
  }
  return absl::OkStatus();
}

absl::Status ReadSignerIdentifier(TlvReader& reader, SignerInfo& signer) {
  GH_ASSIGN_OR_RETURN(const Tlv identifier, reader.Next("sid"));
  if (identifier.tag == 0x80) {
    signer.subject_key_identifier = identifier.value;
    return absl::OkStatus();
  }
  if (identifier.tag != tag::kSequence) return Malformed("sid", "is neither issuer and serial nor a key identifier");
  TlvReader parts(identifier.value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv issuer, parts.Expect(tag::kSequence, "sid issuer"));
  GH_ASSIGN_OR_RETURN(const Tlv serial, parts.Expect(tag::kInteger, "sid serialNumber"));
  GH_RETURN_IF_ERROR(parts.ExpectEnd("sid"));
  signer.issuer_encoding = issuer.encoding;
  signer.serial = serial.value;
  return absl::OkStatus();
}

absl::StatusOr<SignerInfo> ReadSigner(const Tlv& element) {
  SignerInfo signer;
  TlvReader reader(element.value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv version, reader.Expect(tag::kInteger, "signerInfo version"));
  GH_ASSIGN_OR_RETURN(signer.version, ReadSmallInteger(version, "signerInfo version"));
  GH_RETURN_IF_ERROR(ReadSignerIdentifier(reader, signer));
  GH_ASSIGN_OR_RETURN(const Tlv digest, reader.Expect(tag::kSequence, "digestAlgorithm"));
  GH_ASSIGN_OR_RETURN(signer.digest, ReadDigestAlgorithm(digest, "digestAlgorithm"));
  GH_ASSIGN_OR_RETURN(const auto attributes, reader.Optional(tag::kContext0, "signedAttrs"));
  if (attributes) GH_RETURN_IF_ERROR(ReadAttributes(attributes->value, signer));
  GH_ASSIGN_OR_RETURN(const Tlv algorithm, reader.Expect(tag::kSequence, "signatureAlgorithm"));
  GH_ASSIGN_OR_RETURN(signer.signature_algorithm, ReadSignatureAlgorithm(algorithm, "signatureAlgorithm"));
  GH_ASSIGN_OR_RETURN(const Tlv signature, reader.Expect(tag::kOctetString, "signature"));
  signer.signature = signature.value;
  GH_RETURN_IF_ERROR(reader.Optional(tag::kContext1, "unsignedAttrs").status());
  GH_RETURN_IF_ERROR(reader.ExpectEnd("signerInfo"));
  return signer;
}

// eContent [0] EXPLICIT OCTET STRING, whole or split (X.690 section 8.7.3).
absl::Status ReadContent(const Tlv& explicit_content, SignedData& data) {
  TlvReader reader(explicit_content.value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv octets, reader.Next("eContent"));
  GH_RETURN_IF_ERROR(reader.ExpectEnd("eContent"));
  if (octets.tag == tag::kOctetString) {
    data.content = octets.value;
    return absl::OkStatus();
  }
  if (octets.tag != tag::kConstructedOctetString) return Malformed("eContent", "is not an OCTET STRING");
  data.indefinite_length = true;
  TlvReader pieces(octets.value, Rules::kBer);
  while (!pieces.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv piece, pieces.Expect(tag::kOctetString, "eContent piece"));
    data.assembled.insert(data.assembled.end(), piece.value.begin(), piece.value.end());
  }
  data.content = data.assembled;
  return absl::OkStatus();
}

absl::Status ReadEncapsulatedContent(TlvReader& reader, SignedData& data) {
  GH_ASSIGN_OR_RETURN(const Tlv info, reader.Expect(tag::kSequence, "encapContentInfo"));
  data.indefinite_length |= info.indefinite;
  TlvReader parts(info.value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv type, parts.Expect(tag::kOid, "eContentType"));
  data.content_type = type.value;
  GH_ASSIGN_OR_RETURN(const Tlv content, parts.Expect(tag::kContext0, "eContent"));
  GH_RETURN_IF_ERROR(parts.ExpectEnd("encapContentInfo"));
  return ReadContent(content, data);
}

absl::Status ReadDigests(TlvReader& reader, SignedData& data) {
  constexpr size_t kMaxDigests = 16;
  GH_ASSIGN_OR_RETURN(const Tlv set, reader.Expect(tag::kSet, "digestAlgorithms"));
  TlvReader elements(set.value, Rules::kBer);
  for (size_t i = 0; !elements.at_end(); ++i) {
    if (i >= kMaxDigests) return Malformed("digestAlgorithms", "are more than the limit");
    GH_ASSIGN_OR_RETURN(const Tlv element, elements.Expect(tag::kSequence, "digestAlgorithms"));
    // Unsigned, and only a hint: what we do not know here does no harm unless a signer uses it.
    const absl::StatusOr<Digest> digest = ReadDigestAlgorithm(element, "digestAlgorithms");
    if (digest.ok()) data.digests.push_back(*digest);
  }
  return absl::OkStatus();
}

absl::Status ReadCertificates(TlvReader& reader, const SignedDataLimits& limits, SignedData& data) {
  GH_ASSIGN_OR_RETURN(const auto set, reader.Optional(tag::kContext0, "certificates"));
  if (!set) return absl::OkStatus();
  TlvReader elements(set->value, Rules::kBer);
  while (!elements.at_end()) {
    if (data.certificates.size() >= limits.certificates) return Malformed("certificates", "are more than the limit");
    GH_ASSIGN_OR_RETURN(const Tlv element, elements.Next("certificates"));
    // Attribute certificates and other choices are no business of ours.
    if (element.tag == tag::kSequence) data.certificates.push_back(element.encoding);
  }
  return absl::OkStatus();
}

absl::Status ReadSigners(TlvReader& reader, SignedData& data) {
  GH_ASSIGN_OR_RETURN(const Tlv set, reader.Expect(tag::kSet, "signerInfos"));
  TlvReader elements(set.value, Rules::kBer);
  while (!elements.at_end()) {
    if (data.signers.size() >= kMaxSigners) return Malformed("signerInfos", "are more than the limit");
    GH_ASSIGN_OR_RETURN(const Tlv element, elements.Expect(tag::kSequence, "signerInfo"));
    GH_ASSIGN_OR_RETURN(SignerInfo signer, ReadSigner(element));
    data.signers.push_back(std::move(signer));
  }
  return absl::OkStatus();
}

absl::StatusOr<DigestValue> DigestOfSortedAttributes(const SignerInfo& signer, Digest digest, Bytes set_header) {
  std::vector<Bytes> parts = {set_header};
  TlvReader reader(signer.signed_attributes, Rules::kDer);
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv attribute, reader.Next("signedAttrs"));
    parts.push_back(attribute.encoding);
  }
  std::sort(parts.begin() + 1, parts.end(), DerLess);
  return ComputeDigest(digest, parts);
}

// Tag and length of the SET that the signature covers in the place of the [0] that is stored (RFC 5652 section 5.4).
struct SetHeader {
  uint8_t octets[6];
  size_t size = 0;
  explicit SetHeader(size_t length) {
    octets[size++] = tag::kSet;
    int count = 0;
    while (length >= 0x80 && length >> (8 * count) != 0) ++count;
    octets[size++] = static_cast<uint8_t>(count == 0 ? length : 0x80 | count);
    for (int i = count - 1; i >= 0; --i) octets[size++] = static_cast<uint8_t>(length >> (8 * i));
  }
  Bytes bytes() const { return {octets, size}; }
};

}  // namespace

bool SignerInfo::Names(const Certificate& certificate) const {
  if (!subject_key_identifier.empty()) return Equal(subject_key_identifier, certificate.subject_key_identifier);
  if (!Equal(serial, certificate.serial)) return false;
  if (Equal(issuer_encoding, certificate.issuer_encoding)) return true;
  const absl::StatusOr<DistinguishedName> issuer = DistinguishedName::Parse(issuer_encoding);
  return issuer.ok() && *issuer == certificate.issuer;
}

absl::StatusOr<SignedData> ReadSignedData(Bytes content_info, const SignedDataLimits& limits) {
  SignedData data;
  GH_ASSIGN_OR_RETURN(const Tlv outer, ReadOnly(content_info, tag::kSequence, Rules::kBer, "contentInfo"));
  TlvReader info(outer.value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv type, info.Expect(tag::kOid, "contentType"));
  if (!(oid::kSignedData == type.value)) return Malformed("contentType", "is not signedData");
  GH_ASSIGN_OR_RETURN(const Tlv wrapper, info.Expect(tag::kContext0, "content"));
  GH_RETURN_IF_ERROR(info.ExpectEnd("contentInfo"));
  GH_ASSIGN_OR_RETURN(const Tlv sequence, ReadOnly(wrapper.value, tag::kSequence, Rules::kBer, "signedData"));
  data.indefinite_length = outer.indefinite || wrapper.indefinite || sequence.indefinite;

  TlvReader reader(sequence.value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv version, reader.Expect(tag::kInteger, "signedData version"));
  GH_ASSIGN_OR_RETURN(data.version, ReadSmallInteger(version, "signedData version"));
  GH_RETURN_IF_ERROR(ReadDigests(reader, data));
  GH_RETURN_IF_ERROR(ReadEncapsulatedContent(reader, data));
  GH_RETURN_IF_ERROR(ReadCertificates(reader, limits, data));
  GH_RETURN_IF_ERROR(reader.Optional(tag::kContext1, "crls").status());
  GH_RETURN_IF_ERROR(ReadSigners(reader, data));
  GH_RETURN_IF_ERROR(reader.ExpectEnd("signedData"));
  return data;
}

absl::StatusOr<SignatureForm> VerifySigner(const SignedData& data, const SignerInfo& signer, const PublicKey& key) {
  // The signature algorithm's own digest where it names one, the digestAlgorithm where it is bare; they may differ.
  const Digest digest = signer.signature_algorithm.digest.value_or(signer.digest);
  const auto verify = [&](const DigestValue& value) {
    return key.Verify(signer.signature_algorithm, digest, value, signer.signature);
  };
  if (!signer.has_signed_attributes) {
    GH_RETURN_IF_ERROR(verify(ComputeDigest(digest, data.content)));
    return SignatureForm::kBareContent;
  }
  if (!Equal(signer.content_type, data.content_type)) {
    return Malformed("contentType", "that is signed is not the eContentType");
  }
  if (!Equal(signer.message_digest, ComputeDigest(signer.digest, data.content).bytes())) {
    return absl::UnauthenticatedError("messageDigest is not the digest of the content");
  }
  const SetHeader header(signer.signed_attributes.size());
  const Bytes stored[] = {header.bytes(), signer.signed_attributes};
  const absl::Status as_stored = verify(ComputeDigest(digest, stored));
  if (as_stored.ok()) return SignatureForm::kAttributes;
  if (signer.attributes_sorted) return as_stored;
  GH_ASSIGN_OR_RETURN(const DigestValue sorted, DigestOfSortedAttributes(signer, digest, header.bytes()));
  GH_RETURN_IF_ERROR(verify(sorted));
  return SignatureForm::kResortedAttributes;
}

}  // namespace gatehouse::pki
