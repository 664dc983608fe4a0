#include "services/document/document.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/emrtd/lds/data_groups.h"
#include "libs/emrtd/limits.h"
#include "libs/mrz/dates.h"
#include "libs/mrz/states.h"

namespace gatehouse::document {
namespace {

using emrtd::Tr03135Check;
using emrtd::Tr03135State;

// Sorts the files by name; returns the names nobody knows.
std::vector<std::string> SortFiles(const Presented& presented, emrtd::ChipFiles& files) {
  std::vector<std::string> unknown;
  for (const ChipFile& file : presented.chip_files) {
    int number = 0;
    const pki::Bytes bytes = pki::AsBytes(file.content);
    if (file.name == "EF.COM") {
      files.com = bytes;
    } else if (file.name == "EF.SOD") {
      files.security_object = bytes;
    } else if (absl::StartsWith(std::string(file.name), "EF.DG") &&
               absl::SimpleAtoi(std::string(file.name.substr(5)), &number) && number >= 1 &&
               number <= emrtd::kMaxDataGroupNumber) {
      files.data_groups.push_back({.number = number, .bytes = bytes});
    } else {
      unknown.emplace_back(file.name);
    }
  }
  return unknown;
}

const emrtd::ChipFiles::DataGroupFile* FindGroup(const emrtd::ChipFiles& files, int number) {
  for (const auto& file : files.data_groups) {
    if (file.number == number) return &file;
  }
  return nullptr;
}

// MRZ consistency: format, alphabet and check digits (TR-03135 "MRZ
// consistency").
Tr03135Check MrzConsistency(const std::optional<mrz::ParsedMrz>& zone) {
  if (!zone) return {"mrz_consistency", Tr03135State::kUndetermined, "no machine-readable zone was read"};
  if (zone->valid()) return {"mrz_consistency", Tr03135State::kSuccessful, "all check digits are right"};
  std::string why;
  for (const mrz::Defect defect : zone->defects().List()) {
    const mrz::DefectInfo& info = mrz::Describe(defect);
    if (info.invalidates) absl::StrAppend(&why, why.empty() ? "" : "; ", std::string(info.reason));
  }
  return {"mrz_consistency", Tr03135State::kFailed, why};
}

// The printed zone against DG1, field by field; only the names of fields that
// differ are told.
Tr03135Check MrzAgainstChip(const std::optional<mrz::ParsedMrz>& printed, const std::optional<mrz::ParsedMrz>& chip,
                            bool has_chip) {
  constexpr char kId[] = "mrz_dg1_comparison";
  if (!has_chip) return {kId, Tr03135State::kNotSupported, "the document has no chip, or it was not read"};
  if (!printed) return {kId, Tr03135State::kUndetermined, "no printed machine-readable zone was read"};
  if (!chip) return {kId, Tr03135State::kUndetermined, "DG1 was not read or holds no machine-readable zone"};
  if (printed->format() != mrz::Format::kUnknown && printed->text() == chip->text()) {
    return {kId, Tr03135State::kSuccessful, "the printed zone is the one of the chip"};
  }
  if (printed->format() == mrz::Format::kUnknown) {
    return {kId, Tr03135State::kUndetermined, "the printed zone could not be read, so it was not compared"};
  }
  std::string differing;
  const auto compare = [&](std::string_view a, std::string_view b, const char* field) {
    if (a != b) absl::StrAppend(&differing, differing.empty() ? "" : ", ", field);
  };
  compare(printed->document_code(), chip->document_code(), "document code");
  compare(printed->issuing_state(), chip->issuing_state(), "issuing State");
  compare(printed->document_number(), chip->document_number(), "document number");
  compare(printed->nationality(), chip->nationality(), "nationality");
  compare(printed->birth_date(), chip->birth_date(), "birth date");
  compare(printed->expiry_date(), chip->expiry_date(), "expiry date");
  compare(mrz::SexName(printed->sex()), mrz::SexName(chip->sex()), "sex");
  compare(printed->name(), chip->name(), "name");
  if (differing.empty()) differing = "optional data or a check digit";
  return {kId, Tr03135State::kFailed, absl::StrCat("differs from the chip: ", differing)};
}

Tr03135Check Expiry(const Identity& identity, absl::Time check_time) {
  constexpr char kId[] = "document_expiry";
  if (!identity.expiry_date.complete()) return {kId, Tr03135State::kUndetermined, "no complete expiry date was read"};
  const absl::CivilDay today = absl::ToCivilDay(check_time, absl::UTCTimeZone());
  // A document is valid through its last day.
  if (identity.expiry_date.ToCivilDay() < today) {
    return {kId, Tr03135State::kFailed, absl::StrCat("expired on ", identity.expiry_date.ToString())};
  }
  return {kId, Tr03135State::kSuccessful, absl::StrCat("valid until ", identity.expiry_date.ToString())};
}

bool IsGenuine(emrtd::Overall overall) {
  return overall == emrtd::Overall::kValid || overall == emrtd::Overall::kValidWithDefect ||
         overall == emrtd::Overall::kValidWithWarning || overall == emrtd::Overall::kValidExpiredChain;
}

// What makes a chip invalid although no check of TR-03135 stands for it.
std::string WhyInvalid(const emrtd::PassiveAuthenticationReport& chip) {
  std::vector<std::string> reasons;
  for (const emrtd::Finding& finding : chip.findings) {
    if (emrtd::SeverityOf(finding.defect) != emrtd::Severity::kFatal) continue;
    reasons.push_back(absl::StrCat(std::string(emrtd::ToWord(finding.defect)), ": ", finding.evidence));
  }
  if (chip.dsc_validity_at_signing != emrtd::ValidityState::kValid) {
    reasons.push_back(absl::StrCat("document signer at the time of signing: ",
                                   std::string(emrtd::ToWord(chip.dsc_validity_at_signing))));
  }
  return absl::StrJoin(reasons, "; ");
}

std::string Summary(const Report& report) {
  std::string failed;
  for (const Tr03135Check& check : report.checks) {
    if (check.state == Tr03135State::kFailed) {
      absl::StrAppend(&failed, failed.empty() ? "" : "; ", check.id, ": ", check.detail);
    }
  }
  if (!failed.empty()) return failed;
  if (!report.has_chip) return "no chip was read; only the printed zone was checked";
  if (report.chip.overall == emrtd::Overall::kUndetermined) {
    return absl::StrCat("the chip could not be judged: ",
                        report.chip.chain_reason.empty() ? "information is missing" : report.chip.chain_reason);
  }
  if (report.chip.overall == emrtd::Overall::kInvalid) {
    return absl::StrCat("the chip is not to be trusted: ", WhyInvalid(report.chip));
  }
  return "the chip is genuine and unaltered";
}

}  // namespace

Identity IdentityOf(const mrz::ParsedMrz& zone, IdentitySource source, absl::Time check_time) {
  const absl::CivilDay today = absl::ToCivilDay(check_time, absl::UTCTimeZone());
  Identity identity;
  identity.source = source;
  identity.document_code = zone.document_code();
  identity.document_number = zone.document_number();
  identity.issuing_state = zone.issuing_state();
  identity.nationality = zone.nationality();
  identity.primary_identifier = zone.primary_identifier();
  identity.secondary_identifier = zone.secondary_identifier();
  identity.mrz_name = zone.name();
  identity.birth_date = mrz::ReadBirthDate(zone.birth_date(), today).date;
  identity.expiry_date = mrz::ReadExpiryDate(zone.expiry_date(), today, identity.birth_date).date;
  identity.sex = zone.sex();
  return identity;
}

Report Verify(const Presented& presented, const pki::TrustStore& trust, absl::Time check_time) {
  Report report;
  emrtd::PassiveAuthenticationInput input;
  const std::vector<std::string> unknown_files = SortFiles(presented, input.files);
  report.has_chip = input.files.com || input.files.security_object || !input.files.data_groups.empty();
  if (!presented.mrz.empty()) report.printed_mrz = mrz::Parse(presented.mrz);
  if (const auto* group = FindGroup(input.files, 1); group != nullptr) {
    const auto zone = emrtd::ReadMachineReadableZone(group->bytes);
    if (zone.ok()) report.chip_mrz = mrz::Parse(zone->Reveal());
  }
  if (report.has_chip) {
    input.trust = &trust;
    input.countries = mrz::CertificateCountries;
    input.check_time = check_time;
    if (report.printed_mrz && report.printed_mrz->format() != mrz::Format::kUnknown) {
      input.printed_issuing_state = std::string(report.printed_mrz->issuing_state());
    }
    report.chip = emrtd::PassiveAuthentication(input);
    report.checks = emrtd::Tr03135Checks(report.chip);
    if (const auto* group = FindGroup(input.files, 2); group != nullptr) {
      const absl::StatusOr<std::vector<emrtd::FaceImage>> faces = emrtd::ReadFaces(group->bytes);
      if (faces.ok() && !faces->empty()) report.face = faces->front();
    }
  }
  // The chip speaks for the bearer only when it is genuine; otherwise the
  // printed page does, checked for itself.
  if (report.chip_mrz && report.chip_mrz->format() != mrz::Format::kUnknown && IsGenuine(report.chip.overall)) {
    report.identity = IdentityOf(*report.chip_mrz, IdentitySource::kChip, check_time);
  } else if (report.printed_mrz && report.printed_mrz->format() != mrz::Format::kUnknown) {
    report.identity = IdentityOf(*report.printed_mrz, IdentitySource::kPrinted, check_time);
  } else if (report.chip_mrz && report.chip_mrz->format() != mrz::Format::kUnknown) {
    report.identity = IdentityOf(*report.chip_mrz, IdentitySource::kChip, check_time);
  }
  report.checks.push_back(MrzConsistency(report.printed_mrz));
  report.checks.push_back(MrzAgainstChip(report.printed_mrz, report.chip_mrz, report.has_chip));
  report.checks.push_back(Expiry(report.identity, check_time));
  if (!unknown_files.empty()) {
    report.checks.push_back({"unread_files", Tr03135State::kUndetermined,
                             absl::StrCat("NOT_DONE: ", unknown_files.size(), " further files are not read")});
  }
  report.summary = Summary(report);
  return report;
}

}  // namespace gatehouse::document
