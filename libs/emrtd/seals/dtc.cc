#include "libs/emrtd/seals/dtc.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/emrtd/lds/data_groups.h"
#include "libs/emrtd/limits.h"

namespace gatehouse::emrtd::seals {
namespace {

using pki::Bytes;
using pki::Malformed;
using pki::Rules;
using pki::Tlv;
using pki::TlvReader;

constexpr uint32_t kFirstFile = 0x80;     // [0] IMPLICIT OCTET STRING: EF.SOD
constexpr uint32_t kSecurityInfo = 0xB6;  // [22] EXPLICIT

absl::Status ReadFiles(Bytes data, Dtc& dtc, bool& component_bound) {
  TlvReader reader(data, Rules::kDer);
  uint32_t last = 0;
  while (!reader.at_end()) {
    GH_ASSIGN_OR_RETURN(const Tlv part, reader.Next("DTCData"));
    // In the order of the tags, so that none stands twice.
    const uint32_t number = part.tag & 0x1F;
    if (last != 0 && number <= (last & 0x1F)) return Malformed("DTCData", "has elements out of order");
    last = part.tag | 0x100;
    if (part.tag >= kSecurityInfo) {
      component_bound = true;
    } else if (part.tag == kFirstFile) {
      dtc.files.security_object = part.value;
    } else if (part.tag > kFirstFile && part.tag <= kFirstFile + kMaxDataGroupNumber) {
      dtc.files.data_groups.push_back({static_cast<int>(number), part.value});
    } else {
      return Malformed("DTCData", "has an element that is no file");
    }
  }
  return absl::OkStatus();
}

// The finer states of passive authentication in the words of a seal.
ChainState ChainOf(emrtd::ChainState chain) {
  switch (chain) {
    case emrtd::ChainState::kValid:
      return ChainState::kValid;
    case emrtd::ChainState::kInvalid:
      return ChainState::kInvalid;
    case emrtd::ChainState::kNoTrustAnchor:
      return ChainState::kNoTrustAnchor;
    case emrtd::ChainState::kUndetermined:
      break;
  }
  return ChainState::kUndetermined;
}

void AddZone(const Dtc& dtc, Seal& seal) {
  for (const auto& file : dtc.files.data_groups) {
    if (file.number != 1) continue;
    auto zone = ReadMachineReadableZone(file.bytes);
    if (!zone.ok()) continue;
    if (const auto issuer = FindIssuer(zone->Reveal())) seal.issuing_country = issuer->issuing_state;
    seal.features.push_back({.tag = 1, .name = "mrz", .coding = Coding::kZone, .value = *std::move(zone)});
  }
}

std::string ReasonOf(const Dtc& dtc, const PassiveAuthenticationReport& chip, const SealReport& report) {
  const bool differs = std::any_of(report.findings.begin(), report.findings.end(), [](const Finding& finding) {
    return finding.defect == Defect::kDocumentZoneDiffers;
  });
  if (differs) return "the zone in the credential is not the one of the document";
  if (!chip.sod_signature_reason.empty()) return chip.sod_signature_reason;
  if (!chip.chain_reason.empty()) return chip.chain_reason;
  const auto changed = [](const DataGroupResult& group) { return group.state == DataGroupState::kNotIdentical; };
  if (std::any_of(chip.data_groups.begin(), chip.data_groups.end(), changed)) return "a data group has been changed";
  if (chip.country_match == CountryState::kMismatch) return "the credential and its signer are of different states";
  if (!dtc.files.security_object) return "there is no security object, and a DTC signer's signature is not checked";
  if (dtc.type != DtcType::kEmrtdBound) return "the signature of the DTC signer is not checked";
  return chip.overall > Overall::kValidWithWarning ? "passive authentication did not succeed" : "";
}

}  // namespace

std::string DtcTypeWord(DtcType type) { return absl::StrCat("dtc_type_", static_cast<int>(type)); }

bool IsDtc(Bytes bytes) {
  TlvReader reader(bytes, Rules::kDer);
  const auto outer = reader.Next("DTCContentInfo");
  if (!outer.ok() || outer->tag != pki::tag::kSequence) return false;
  TlvReader inner(outer->value, Rules::kDer);
  return inner.Expect(pki::tag::kInteger, "version").ok() && inner.PeekTag() == pki::tag::kSequence;
}

absl::StatusOr<Dtc> ReadDtc(Bytes bytes) {
  if (bytes.size() > kMaxDtcBytes) return Malformed("DTCContentInfo", "is longer than the limit");
  GH_ASSIGN_OR_RETURN(const Tlv outer, pki::ReadOnly(bytes, pki::tag::kSequence, Rules::kDer, "DTCContentInfo"));
  TlvReader reader(outer.value, Rules::kDer);
  Dtc dtc;
  GH_ASSIGN_OR_RETURN(const Tlv version, reader.Expect(pki::tag::kInteger, "version"));
  GH_ASSIGN_OR_RETURN(dtc.version, pki::ReadSmallInteger(version, "version"));
  if (dtc.version != 1) dtc.findings.push_back({Defect::kDtcVersion, absl::StrCat(dtc.version)});
  GH_ASSIGN_OR_RETURN(const Tlv data, reader.Expect(pki::tag::kSequence, "DTCData"));
  bool component_bound = !reader.at_end();
  GH_RETURN_IF_ERROR(reader.Optional(pki::tag::kContext0, "dtcTBS").status());
  GH_RETURN_IF_ERROR(reader.Optional(pki::tag::kContext1, "dtcSignerInfo").status());
  GH_RETURN_IF_ERROR(reader.ExpectEnd("DTCContentInfo"));
  GH_RETURN_IF_ERROR(ReadFiles(data.value, dtc, component_bound));
  if (component_bound) {
    dtc.type = dtc.files.security_object ? DtcType::kEmrtdAndComponentBound : DtcType::kComponentBound;
    dtc.findings.push_back({Defect::kDtcOptionalPart, absl::StrCat("type ", static_cast<int>(dtc.type))});
  }
  return dtc;
}

DtcReport VerifyDtc(const Dtc& dtc, const SealInput& input) {
  DtcReport result;
  Seal& seal = result.seal;
  seal.kind = Kind::kDtcVc;
  seal.version = dtc.version;
  seal.document_type = DtcTypeWord(dtc.type);
  seal.findings = dtc.findings;
  AddZone(dtc, seal);

  const PassiveAuthenticationReport chip = PassiveAuthentication(
      {.files = dtc.files, .trust = input.trust, .countries = input.countries, .check_time = input.check_time});
  SealReport& report = result.report;
  report.overall = chip.overall;
  report.signature = chip.sod_signature;
  // The security object signs the digests; what it covers is only then as it was.
  const auto differs = [](const DataGroupResult& group) {
    return group.state == DataGroupState::kNotIdentical || group.state == DataGroupState::kNonConformance;
  };
  if (report.signature == SignatureState::kValid &&
      std::any_of(chip.data_groups.begin(), chip.data_groups.end(), differs)) {
    report.signature = SignatureState::kInvalid;
  }
  report.signer_signature = chip.dsc_signature;
  report.chain = ChainOf(chip.chain);
  report.signer_validity_at_check = chip.dsc_validity_at_check;
  report.signer_validity_at_signing = chip.dsc_validity_at_signing;
  report.authority_validity_at_check = chip.csca_validity_at_check;
  report.revocation = chip.revocation;
  report.country_match = chip.country_match;
  report.signature_algorithm = chip.signature_algorithm;
  report.hash = chip.digest_algorithm;
  report.signer = chip.signer;
  report.authority = chip.authority;
  report.crl = chip.crl;
  report.trust_store_version = chip.trust_store_version;
  report.findings = dtc.findings;
  // A credential beside the document it was made from has the same zone.
  CheckZone(seal, input, report);
  const auto is_fatal = [](const Finding& finding) { return SeverityOf(finding.defect) == Severity::kFatal; };
  if (std::any_of(report.findings.begin(), report.findings.end(), is_fatal)) report.overall = Overall::kInvalid;
  // What the DTC signer covers was not checked, so that nothing is established by the rest alone.
  if (dtc.type != DtcType::kEmrtdBound && report.overall != Overall::kInvalid) report.overall = Overall::kUndetermined;
  report.reason = ReasonOf(dtc, chip, report);
  result.passive_authentication = chip;
  return result;
}

}  // namespace gatehouse::emrtd::seals
