#include "libs/emrtd/data_group_integrity.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "libs/emrtd/lds/data_groups.h"
#include "libs/emrtd/limits.h"

namespace gatehouse::emrtd {
namespace {

// By number.
using Results = std::map<int, DataGroupResult>;

DataGroupResult Compare(Bytes file, int number, const LdsSecurityObject& lds, Findings& findings) {
  if (file.size() > kMaxDataGroupBytes) {
    findings.push_back({Defect::kDataGroupTooLarge, absl::StrCat("DG", number, " has ", file.size(), " bytes")});
    return {number, DataGroupState::kNonConformance};
  }
  // The file as read, tag and length included; never a structure put together again, whose order may differ.
  const pki::DigestValue digest = pki::ComputeDigest(lds.digest, file);
  const auto* listed = lds.Find(number);
  if (listed == nullptr) {
    findings.push_back({Defect::kDataGroupNotSigned, absl::StrCat("DG", number, " is not in EF.SOD")});
    return {.number = number, .state = DataGroupState::kNotIdentical, .digest = digest};
  }
  const bool same = pki::Equal(digest.bytes(), listed->digest);
  return {
      .number = number, .state = same ? DataGroupState::kIdentical : DataGroupState::kNotIdentical, .digest = digest};
}

// A data group that EF.COM keeps silent about is how a copied chip avoids active authentication (Doc 9303-11 section
// 5.1): what must be read and checked is decided by EF.SOD alone.
void CheckCom(Bytes file, const absl::StatusOr<SecurityObject>& object, Results& results, Findings& findings) {
  const absl::StatusOr<Com> com = ReadCom(file);
  if (!com.ok()) {
    findings.push_back({Defect::kComMalformed, std::string(com.status().message())});
    return;
  }
  if (com->trailing_bytes > 0) {
    findings.push_back({Defect::kComTrailingBytes, absl::StrCat(com->trailing_bytes, " bytes follow")});
  }
  if ((com->lds_version != "0107" && com->lds_version != "0108") || com->unicode_version != "040000") {
    findings.push_back({Defect::kComVersion, "neither LDS 1.7 nor 1.8 with Unicode 4.0"});
  }
  if (!object.ok() || !object->lds.ok()) return;
  const LdsSecurityObject& lds = *object->lds;
  if (lds.version == 1 && (lds.lds_version != com->lds_version || lds.unicode_version != com->unicode_version)) {
    findings.push_back({Defect::kComVersionDiffers, "EF.COM and EF.SOD state different versions"});
  }
  for (const int number : com->data_groups) {
    if (lds.Find(number) != nullptr) continue;
    findings.push_back({Defect::kDataGroupOnlyInCom, absl::StrCat("DG", number)});
    results.emplace(number, DataGroupResult{number, DataGroupState::kNotPresent});
  }
  for (const auto& listed : lds.data_groups) {
    const auto& announced = com->data_groups;
    if (std::find(announced.begin(), announced.end(), listed.number) == announced.end()) {
      findings.push_back({Defect::kDataGroupHiddenByCom, absl::StrCat("DG", listed.number)});
    }
  }
}

}  // namespace

void CheckDataGroups(const ChipFiles& files, const absl::StatusOr<SecurityObject>& object,
                     PassiveAuthenticationReport& report) {
  Results results;
  const bool readable = object.ok() && object->lds.ok();
  if (readable) {
    report.digest_algorithm = std::string(pki::DigestName(object->lds->digest));
    for (const auto& listed : object->lds->data_groups) {
      results[listed.number] = {listed.number, DataGroupState::kPresent};
    }
  } else if (object.ok()) {
    report.findings.push_back({Defect::kLdsSecurityObjectMalformed, std::string(object->lds.status().message())});
  }
  std::vector<int> seen;
  for (const auto& file : files.data_groups) {
    if (std::find(seen.begin(), seen.end(), file.number) != seen.end()) {
      report.findings.push_back({Defect::kDataGroupRepeated, absl::StrCat("DG", file.number)});
      continue;
    }
    seen.push_back(file.number);
    const DataGroupState unread = object.ok() ? DataGroupState::kNonConformance : DataGroupState::kAborted;
    results[file.number] = readable ? Compare(file.bytes, file.number, *object->lds, report.findings)
                                    : DataGroupResult{file.number, unread};
  }
  if (files.com) {
    CheckCom(*files.com, object, results, report.findings);
    report.com_compared = readable;
  }
  for (const auto& [number, result] : results) report.data_groups.push_back(result);
}

DataGroupState StateOf(const PassiveAuthenticationReport& report, int number) {
  for (const DataGroupResult& result : report.data_groups) {
    if (result.number == number) return result.state;
  }
  return DataGroupState::kNotPresent;
}

}  // namespace gatehouse::emrtd
