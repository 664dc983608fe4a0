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

CertificatePtr FindIssuer(const Certificate& signer, const std::vector<CertificatePtr>& candidates) {
  for (const CertificatePtr& candidate : candidates) {
    if (candidate->subject == signer.issuer && candidate->is_authority.value_or(false) &&
        VerifySignatureBy(*candidate, signer).ok()) {
      return candidate;
    }
  }
  return nullptr;
}

absl::Status JudgeSigner(const SignedData& data, MasterList& list) {
  if (data.signers.size() != 1) return Malformed("signerInfos", "are not exactly one");
  const SignerInfo& info = data.signers.front();
  std::vector<CertificatePtr> embedded;
  for (const Bytes encoding : data.certificates) {
    absl::StatusOr<CertificatePtr> certificate = Certificate::Parse(encoding);
    if (certificate.ok()) embedded.push_back(*std::move(certificate));
  }
  for (const CertificatePtr& certificate : embedded) {
    if (info.Names(*certificate)) list.signer = certificate;
  }
  if (list.signer == nullptr) return absl::UnauthenticatedError("the signer's certificate is not embedded");
  GH_RETURN_IF_ERROR(list.signer->public_key.status());
  GH_RETURN_IF_ERROR(VerifySigner(data, info, *list.signer->public_key).status());
  if (!list.signer->HasExtendedKeyUsage(oid::kMasterListSigning)) {
    return absl::UnauthenticatedError("the signer's certificate is not for signing master lists");
  }
  list.signer_authority = FindIssuer(*list.signer, embedded);
  if (list.signer_authority == nullptr) list.signer_authority = FindIssuer(*list.signer, list.certificates);
  if (list.signer_authority == nullptr) {
    return absl::UnauthenticatedError("no country certificate in the list issued the signer's certificate");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<MasterList> ParseMasterList(Bytes bytes) {
  if (bytes.size() > kMaxMasterListBytes) return Malformed("masterList", "is longer than the limit");
  GH_ASSIGN_OR_RETURN(const SignedData data, ReadSignedData(bytes, {.certificates = kMaxMasterListSignerCertificates}));
  if (!(oid::kMasterList == data.content_type)) return Malformed("eContentType", "is not that of a master list");
  MasterList list;
  GH_RETURN_IF_ERROR(ReadElements(data.content, list));
  list.signer_verdict = JudgeSigner(data, list);
  return list;
}

}  // namespace gatehouse::pki
