#include "libs/emrtd/security_object.h"

#include "libs/base/status_macros.h"
#include "libs/emrtd/limits.h"
#include "libs/pki/oid.h"

namespace gatehouse::emrtd {
namespace {

using pki::Malformed;
using pki::Rules;
using pki::Tlv;
using pki::TlvReader;
namespace oid = pki::oid;
namespace tag = pki::tag;

constexpr uint32_t kSecurityObjectTag = 0x77;

SecurityObjectContentType ContentTypeOf(Bytes identifier) {
  if (oid::kLdsSecurityObject == identifier) return SecurityObjectContentType::kIcao;
  if (oid::kData == identifier) return SecurityObjectContentType::kData;
  if (oid::kLdsSecurityObjectOldIcao == identifier) return SecurityObjectContentType::kOldIcao;
  if (oid::kLdsSecurityObjectOldDutch == identifier) return SecurityObjectContentType::kOldDutch;
  return SecurityObjectContentType::kOther;
}

absl::Status ReadDataGroupDigests(const Tlv& sequence, LdsSecurityObject& lds) {
  constexpr std::string_view kField = "dataGroupHashValues";
  TlvReader elements(sequence.value, Rules::kBer);
  while (!elements.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv element, elements.Expect(tag::kSequence, kField));
    TlvReader parts(element.value, Rules::kBer);
    GH_ASSIGN_OR_RETURN(const Tlv number_element, parts.Expect(tag::kInteger, kField));
    GH_ASSIGN_OR_RETURN(const int number, pki::ReadSmallInteger(number_element, kField));
    GH_ASSIGN_OR_RETURN(const Tlv digest, parts.Expect(tag::kOctetString, kField));
    GH_RETURN_IF_ERROR(parts.ExpectEnd(kField));
    if (number < 1 || number > kMaxDataGroupNumber) return Malformed(kField, "name a data group that cannot be");
    // Two digests for one data group would let a reader choose the one that fits.
    if (lds.Find(number) != nullptr) return Malformed(kField, "name a data group twice");
    if (digest.value.size() != pki::DigestSizeBytes(lds.digest)) {
      return Malformed(kField, "hold a digest of another length than the algorithm's");
    }
    lds.data_groups.push_back({number, digest.value});
  }
  if (lds.data_groups.empty()) return Malformed(kField, "are empty");
  return absl::OkStatus();
}

absl::Status ReadVersionInfo(TlvReader& reader, LdsSecurityObject& lds) {
  constexpr std::string_view kField = "ldsVersionInfo";
  GH_ASSIGN_OR_RETURN(const auto info, reader.Optional(tag::kSequence, kField));
  if (info.has_value() != (lds.version == 1)) return Malformed(kField, "does not go with the version");
  if (!info) return absl::OkStatus();
  TlvReader parts(info->value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv lds_version, parts.Expect(tag::kPrintableString, kField));
  GH_ASSIGN_OR_RETURN(const Tlv unicode_version, parts.Expect(tag::kPrintableString, kField));
  GH_RETURN_IF_ERROR(parts.ExpectEnd(kField));
  lds.lds_version = pki::AsText(lds_version.value);
  lds.unicode_version = pki::AsText(unicode_version.value);
  return absl::OkStatus();
}

absl::StatusOr<LdsSecurityObject> ReadLds(Bytes content) {
  constexpr std::string_view kField = "ldsSecurityObject";
  GH_ASSIGN_OR_RETURN(const Tlv sequence, pki::ReadOnly(content, tag::kSequence, Rules::kBer, kField));
  TlvReader reader(sequence.value, Rules::kBer);
  LdsSecurityObject lds;
  GH_ASSIGN_OR_RETURN(const Tlv version, reader.Expect(tag::kInteger, kField));
  GH_ASSIGN_OR_RETURN(lds.version, pki::ReadSmallInteger(version, kField));
  if (lds.version > 1) return Malformed(kField, "has an unknown version");
  GH_ASSIGN_OR_RETURN(const Tlv algorithm, reader.Expect(tag::kSequence, kField));
  GH_ASSIGN_OR_RETURN(lds.digest, pki::ReadDigestAlgorithm(algorithm, "hashAlgorithm"));
  GH_ASSIGN_OR_RETURN(const Tlv digests, reader.Expect(tag::kSequence, kField));
  GH_RETURN_IF_ERROR(ReadDataGroupDigests(digests, lds));
  GH_RETURN_IF_ERROR(ReadVersionInfo(reader, lds));
  GH_RETURN_IF_ERROR(reader.ExpectEnd(kField));
  return lds;
}

}  // namespace

const LdsSecurityObject::DataGroupDigest* LdsSecurityObject::Find(int number) const {
  for (const DataGroupDigest& data_group : data_groups) {
    if (data_group.number == number) return &data_group;
  }
  return nullptr;
}

absl::StatusOr<SecurityObject> ReadSecurityObject(Bytes file) {
  if (file.size() > kMaxSecurityObjectBytes) return Malformed("EF.SOD", "is longer than the limit");
  SecurityObject object;
  TlvReader reader(file, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv wrapper, reader.Expect(kSecurityObjectTag, "EF.SOD"));
  object.trailing_bytes = reader.rest().size();
  GH_ASSIGN_OR_RETURN(object.signed_data,
                      pki::ReadSignedData(wrapper.value, {.certificates = kMaxEmbeddedCertificates}));
  object.signed_data.indefinite_length |= wrapper.indefinite;
  object.content_type = ContentTypeOf(object.signed_data.content_type);
  object.lds = ReadLds(object.signed_data.content);
  return object;
}

}  // namespace gatehouse::emrtd
