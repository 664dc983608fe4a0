#include "libs/pki/master_list.h"

#include "libs/base/status_macros.h"
#include "libs/pki/oid.h"
#include "libs/pki/signed_data.h"

namespace gatehouse::pki {
namespace {

absl::Status ReadElements(Bytes content, MasterList& list) {
  GH_ASSIGN_OR_RETURN(const Tlv sequence, ReadOnly(content, tag::kSequence, Rules::kBer, "masterList"));
  TlvReader reader(sequence.value, Rules::kBer);
  GH_ASSIGN_OR_RETURN(const Tlv version, reader.Expect(tag::kInteger, "masterList version"));
  GH_ASSIGN_OR_RETURN(const int number, ReadSmallInteger(version, "masterList version"));
  if (number != 0) return Malformed("masterList version", "is not 0");
  GH_ASSIGN_OR_RETURN(const Tlv set, reader.Expect(tag::kSet, "certList"));
  TlvReader elements(set.value, Rules::kBer);
  for (size_t index = 0; !elements.at_end(); ++index) {
    if (index >= kMaxMasterListCertificates) return Malformed("certList", "is longer than the limit");
    const absl::StatusOr<Tlv> element = elements.Next("certificate");
    if (!element.ok()) {
      // Where one element ends is unknown, so is where the next begins.
      list.broken.push_back({index, std::string(element.status().message()) + "; the rest is unreadable"});
      return absl::OkStatus();
    }
    absl::StatusOr<CertificatePtr> certificate = Certificate::Parse(element->encoding);
    if (certificate.ok()) {
      list.certificates.push_back(*std::move(certificate));
    } else {
      list.broken.push_back({index, std::string(certificate.status().message())});
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<MasterList> ParseMasterList(Bytes bytes) {
  if (bytes.size() > kMaxMasterListBytes) return Malformed("masterList", "is longer than the limit");
  GH_ASSIGN_OR_RETURN(const SignedData data, ReadSignedData(bytes, {.certificates = kMaxListSignerCertificates}));
  if (!(oid::kMasterList == data.content_type)) return Malformed("eContentType", "is not that of a master list");
  MasterList list;
  GH_RETURN_IF_ERROR(ReadElements(data.content, list));
  list.signature = JudgeListSignature(data, CertificateRole::kMasterListSigner, list.certificates);
  return list;
}

}  // namespace gatehouse::pki
