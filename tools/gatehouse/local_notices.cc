#include "tools/gatehouse/local_notices.h"

#include "libs/base/status_macros.h"
#include "libs/pki/trust_material.h"
#include "services/document/notice_file.h"
#include "tools/gatehouse/files.h"

namespace gatehouse::cli {

absl::StatusOr<std::unique_ptr<const LocalNotices>> ReadLocalNotices(Context& context, const std::string& bundle,
                                                                     const std::vector<std::string>& issuers,
                                                                     absl::Time time) {
  std::vector<pki::CertificatePtr> trusted;
  for (const std::string& path : issuers) {
    GH_ASSIGN_OR_RETURN(const std::string content, ReadInput(path));
    GH_ASSIGN_OR_RETURN(const auto certificates, pki::ReadTrustObjects(pki::AsBytes(content)));
    for (const auto& certificate : certificates) {
      GH_ASSIGN_OR_RETURN(pki::CertificatePtr issuer, pki::Certificate::Parse(certificate));
      trusted.push_back(std::move(issuer));
    }
  }
  GH_ASSIGN_OR_RETURN(const std::string content, ReadInput(bundle, document::kMaxNoticeFileBytes));
  GH_ASSIGN_OR_RETURN(document::NoticeBundle read, document::ReadSignedNotices(content, trusted, time));
  for (const document::NoticeRefusal& refusal : read.refused) {
    *context.err << "gatehouse: " << bundle << ": " << refusal.reason << "\n";
  }
  std::vector<document::NoticePtr> notices;
  for (document::Notice& notice : read.notices) {
    notices.push_back(std::make_shared<const document::Notice>(std::move(notice)));
  }
  return std::make_unique<const LocalNotices>(
      std::move(notices), pki::ToHex(pki::ComputeDigest(pki::Digest::kSha256, pki::AsBytes(content)).bytes()));
}

}  // namespace gatehouse::cli
