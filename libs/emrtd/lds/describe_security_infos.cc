#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/card_security.h"
#include "libs/emrtd/lds/describe_parts.h"
#include "libs/pki/oid.h"

namespace gatehouse::emrtd {
namespace {

std::string GroupText(const DomainParameters& domain) {
  if (domain.group.empty()) return absl::StrCat("DH of ", domain.prime.size() * 8, " bits, explicit parameters");
  return domain.group + (domain.explicit_parameters ? ", explicit parameters" : "");
}

void AddPace(const SecurityInfos& infos, FieldWriter& fields) {
  for (size_t i = 0; i < infos.pace.size(); ++i) {
    const PaceInfo& info = infos.pace[i];
    const std::string prefix = Numbered("pace", i);
    fields.Add(prefix + "_protocol", ProtocolName(info));
    fields.AddNumber(prefix + "_version", info.version);
    if (info.parameter_id) fields.AddNumber(prefix + "_parameter_id", *info.parameter_id);
    const absl::StatusOr<DomainParameters> domain = infos.DomainParametersOf(info);
    fields.Add(prefix + "_group", domain.ok() ? GroupText(*domain) : std::string(domain.status().message()));
  }
}

void AddChipAuthentication(const SecurityInfos& infos, FieldWriter& fields) {
  for (size_t i = 0; i < infos.chip_authentication.size(); ++i) {
    const ChipAuthenticationInfo& info = infos.chip_authentication[i];
    const std::string prefix = Numbered("chip_authentication", i);
    fields.Add(prefix + "_protocol", ProtocolName(info));
    fields.AddNumber(prefix + "_version", info.version);
    if (info.key_id) fields.AddNumber(prefix + "_key_id", *info.key_id);
  }
  for (size_t i = 0; i < infos.chip_authentication_keys.size(); ++i) {
    const ChipAuthenticationPublicKeyInfo& info = infos.chip_authentication_keys[i];
    const std::string prefix = Numbered("chip_authentication_key", i);
    fields.Add(prefix + "_group", GroupText(info.key.domain));
    if (info.key_id) fields.AddNumber(prefix + "_key_id", *info.key_id);
    fields.Add(prefix, pki::ToHex(info.key.public_key));
  }
}

void AddOthers(const SecurityInfos& infos, FieldWriter& fields) {
  for (size_t i = 0; i < infos.terminal_authentication.size(); ++i) {
    const TerminalAuthenticationInfo& info = infos.terminal_authentication[i];
    fields.AddNumber(Numbered("terminal_authentication", i) + "_version", info.version);
    if (info.ef_cvca) {
      fields.Add(Numbered("terminal_authentication", i) + "_ef_cvca", absl::StrCat(absl::Hex(info.ef_cvca->file_id)));
    }
  }
  for (size_t i = 0; i < infos.active_authentication.size(); ++i) {
    const ActiveAuthenticationInfo& info = infos.active_authentication[i];
    fields.Add(Numbered("active_authentication", i) + "_algorithm",
               info.algorithm ? pki::Describe(*info.algorithm) : pki::OidText(info.signature_algorithm));
  }
  for (size_t i = 0; i < infos.card.size(); ++i) fields.Add(Numbered("card_info", i) + "_url", infos.card[i].url);
  if (!infos.restricted_identification.empty()) {
    fields.AddNumber("restricted_identifications", static_cast<int64_t>(infos.restricted_identification.size()));
  }
  if (!infos.eid_security.empty()) {
    fields.AddNumber("eid_security_objects", static_cast<int64_t>(infos.eid_security.size()));
  }
  if (!infos.privileged_terminal.empty()) {
    fields.AddNumber("privileged_terminal_infos", static_cast<int64_t>(infos.privileged_terminal.size()));
  }
  for (size_t i = 0; i < infos.others.size(); ++i) {
    fields.Add(Numbered("other", i) + "_protocol", pki::OidText(infos.others[i].protocol));
  }
}

void AddInfos(const SecurityInfos& infos, FieldWriter& fields) {
  AddPace(infos, fields);
  AddChipAuthentication(infos, fields);
  AddOthers(infos, fields);
  fields.AddFindings(infos.findings);
}

}  // namespace

absl::Status DescribeDataGroup14(Bytes file, FieldWriter& fields) {
  GH_ASSIGN_OR_RETURN(const SecurityInfos infos, ReadDataGroup14(file));
  AddInfos(infos, fields);
  return absl::OkStatus();
}

absl::Status DescribeCardAccess(Bytes file, FieldWriter& fields) {
  GH_ASSIGN_OR_RETURN(const SecurityInfos infos, ReadCardAccess(file));
  AddInfos(infos, fields);
  return absl::OkStatus();
}

absl::Status DescribeCardSecurity(Bytes file, FieldWriter& fields) {
  GH_ASSIGN_OR_RETURN(const CardSecurity security, ReadCardSecurity(file));
  fields.AddNumber("certificates", static_cast<int64_t>(security.signed_data.certificates.size()));
  for (const pki::SignerInfo& signer : security.signed_data.signers) {
    fields.Add("signer_algorithm", pki::Describe(signer.signature_algorithm));
  }
  AddInfos(security.infos, fields);
  fields.AddFindings(security.findings);
  return absl::OkStatus();
}

}  // namespace gatehouse::emrtd
