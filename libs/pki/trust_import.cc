#include "libs/pki/trust_import.h"

#include "libs/base/status_macros.h"

namespace gatehouse::pki {
namespace {

absl::Status ImportMasterList(Bytes der, TrustStore::Builder& builder, TrustImportReport& report) {
  GH_ASSIGN_OR_RETURN(MasterList list, ParseMasterList(der));
  if (!list.signer_verdict.ok()) return absl::UnauthenticatedError(list.signer_verdict.message());
  builder.AddMasterList(list);
  report.accepted += list.certificates.size();
  report.rejected.insert(report.rejected.end(), list.broken.begin(), list.broken.end());
  report.master_list_signer = list.signer;
  return absl::OkStatus();
}

absl::Status ImportObject(Bytes der, TrustStore::Builder& builder, TrustImportReport& report) {
  switch (ClassifyTrustFile(der)) {
    case TrustFileKind::kMasterList:
      return ImportMasterList(der, builder, report);
    case TrustFileKind::kRevocationList: {
      GH_ASSIGN_OR_RETURN(CrlPtr crl, CertificateRevocationList::Parse(der));
      builder.AddCrl(std::move(crl));
      break;
    }
    case TrustFileKind::kCertificate: {
      GH_ASSIGN_OR_RETURN(CertificatePtr certificate, Certificate::Parse(der));
      GH_RETURN_IF_ERROR(certificate->violation);
      builder.AddCertificate(std::move(certificate));
      break;
    }
    case TrustFileKind::kPkdLdif:
      return absl::UnimplementedError("a PKD LDIF is recognised, and not read yet");
    case TrustFileKind::kUnknown:
      return Malformed("trust file", "is no certificate, master list or revocation list");
  }
  ++report.accepted;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TrustImportReport> ImportTrustFile(Bytes file, TrustStore::Builder& builder) {
  TrustImportReport report;
  GH_ASSIGN_OR_RETURN(const auto objects, ReadTrustObjects(file));
  absl::Status first_fault;
  for (size_t index = 0; index < objects.size(); ++index) {
    if (index == 0) report.kind = ClassifyTrustFile(objects[0]);
    const absl::Status imported = ImportObject(objects[index], builder, report);
    if (imported.ok()) continue;
    first_fault.Update(imported);
    report.rejected.push_back({index, std::string(imported.message())});
  }
  if (report.accepted == 0 && !first_fault.ok()) return first_fault;
  return report;
}

}  // namespace gatehouse::pki
