#include "libs/emrtd/lds/security_infos.h"

#include <algorithm>
#include <array>

#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/data_groups.h"
#include "libs/emrtd/lds/elementary_file.h"
#include "libs/emrtd/lds/security_info_readers.h"

namespace gatehouse::emrtd {
namespace {

using pki::Malformed;
using pki::Rules;
using pki::Tlv;
using pki::TlvReader;
namespace tag = pki::tag;

bool DerLess(Bytes a, Bytes b) { return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end()); }

std::string CipherName(Cipher cipher) {
  static constexpr std::array<std::string_view, 4> kNames = {"3DES-CBC-CBC", "AES-CBC-CMAC-128", "AES-CBC-CMAC-192",
                                                             "AES-CBC-CMAC-256"};
  return std::string(kNames[static_cast<size_t>(cipher)]);
}

std::string AgreementName(KeyAgreement agreement) { return agreement == KeyAgreement::kDh ? "DH" : "ECDH"; }

absl::StatusOr<SecurityInfos> ReadSet(Bytes set, int depth, std::string_view field) {
  SecurityInfos infos;
  TlvReader reader(set, Rules::kBer);
  Bytes previous;
  bool sorted = true;
  for (size_t count = 0; !reader.at_end(); ++count) {
    if (count >= kMaxSecurityInfos) return Malformed(field, "holds more infos than the limit");
    GH_ASSIGN_OR_RETURN(const Tlv element, reader.Expect(tag::kSequence, field));
    sorted = sorted && !DerLess(element.encoding, previous);
    previous = element.encoding;
    GH_RETURN_IF_ERROR(AddSecurityInfo(element, depth, infos));
  }
  if (!sorted) infos.findings.push_back({FileDefect::kSetUnsorted, std::string(field)});
  return infos;
}

}  // namespace

std::string_view ToWord(PaceMapping mapping) {
  return std::array<std::string_view, 3>{"gm", "im", "cam"}[static_cast<size_t>(mapping)];
}
std::string_view ToWord(Cipher cipher) {
  return std::array<std::string_view, 4>{"3des", "aes_128", "aes_192", "aes_256"}[static_cast<size_t>(cipher)];
}

std::string ProtocolName(const PaceInfo& info) {
  static constexpr std::array<const char*, 3> kMappings = {"-GM-", "-IM-", "-CAM-"};
  return "PACE-" + AgreementName(info.agreement) + kMappings[static_cast<size_t>(info.mapping)] +
         CipherName(info.cipher);
}
std::string ProtocolName(const ChipAuthenticationInfo& info) {
  return "CA-" + AgreementName(info.agreement) + "-" + CipherName(info.cipher);
}

absl::StatusOr<DomainParameters> SecurityInfos::DomainParametersOf(const PaceInfo& info) const {
  for (const PaceDomainParameterInfo& given : pace_domain_parameters) {
    // The file's own come first: they may be of a number beyond the standard's.
    const bool same_number = given.parameter_id == info.parameter_id || !given.parameter_id || !info.parameter_id;
    if (same_number && given.agreement == info.agreement && given.mapping == info.mapping) return given.domain;
  }
  const StandardisedParameters* found = info.parameter_id ? FindStandardisedParameters(*info.parameter_id) : nullptr;
  if (found == nullptr || found->agreement != info.agreement) {
    return absl::NotFoundError("PACEInfo: its domain parameters are neither standardised nor in the file");
  }
  return DomainParameters{
      .agreement = found->agreement, .standardised_id = found->id, .group = std::string(found->group)};
}

std::vector<ChipAuthenticationOffer> SecurityInfos::ChipAuthenticationOffers() const {
  const bool only_one_key = chip_authentication_keys.size() == 1;
  std::vector<ChipAuthenticationOffer> offers;
  for (const ChipAuthenticationPublicKeyInfo& key : chip_authentication_keys) {
    const size_t before = offers.size();
    const auto offer = [&](const ChipAuthenticationInfo& info) {
      offers.push_back({.key = &key,
                        .agreement = info.agreement,
                        .cipher = info.cipher,
                        .version = info.version,
                        .key_id = info.key_id ? info.key_id : key.key_id});
    };
    for (const ChipAuthenticationInfo& info : chip_authentication) {
      if (info.agreement == key.agreement && info.key_id == key.key_id) offer(info);
    }
    if (offers.size() > before) continue;
    for (const ChipAuthenticationInfo& info : chip_authentication) {
      if (info.agreement == key.agreement && (!info.key_id || !key.key_id || only_one_key)) offer(info);
    }
    if (offers.size() > before) continue;
    offers.push_back({.key = &key, .agreement = key.agreement, .key_id = key.key_id});
  }
  return offers;
}

absl::Status AddPrivilegedTerminalInfos(const Tlv& set, int depth, SecurityInfos& infos) {
  if (depth > 0) return Malformed("privilegedTerminalInfo", "stands inside another");
  GH_ASSIGN_OR_RETURN(SecurityInfos inner, ReadSet(set.value, depth + 1, "privilegedTerminalInfos"));
  infos.privileged_terminal.push_back(std::move(inner));
  return absl::OkStatus();
}

absl::StatusOr<SecurityInfos> ReadSecurityInfos(Bytes file, std::string_view field) {
  FileFindings findings;
  GH_ASSIGN_OR_RETURN(const Bytes set, OpenFile(file, tag::kSet, kMaxSecurityInfosBytes, field, findings));
  if (!IsDer(file)) findings.push_back({FileDefect::kNotDer, std::string(field)});
  GH_ASSIGN_OR_RETURN(SecurityInfos infos, ReadSet(set, 0, field));
  NoteChipAuthentication(infos);
  infos.findings.insert(infos.findings.begin(), findings.begin(), findings.end());
  return infos;
}

absl::StatusOr<SecurityInfos> ReadCardAccess(Bytes file) { return ReadSecurityInfos(file, "EF.CardAccess"); }

absl::StatusOr<SecurityInfos> ReadDataGroup14(Bytes file) {
  FileFindings findings;
  GH_ASSIGN_OR_RETURN(const Bytes set, OpenFile(file, DataGroupTag(14), kMaxSecurityInfosBytes, "DG14", findings));
  GH_ASSIGN_OR_RETURN(SecurityInfos infos, ReadSecurityInfos(set, "DG14"));
  infos.findings.insert(infos.findings.begin(), findings.begin(), findings.end());
  return infos;
}

}  // namespace gatehouse::emrtd
