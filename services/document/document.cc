#include "services/document/document.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/emrtd/lds/data_groups.h"
#include "libs/emrtd/limits.h"
#include "libs/mrz/dates.h"
#include "libs/mrz/states.h"
#include "services/document/cross_checks.h"
#include "services/document/notice_check.h"

namespace gatehouse::document {
namespace {

using emrtd::CheckGroup;
using emrtd::Tr03135Check;
using emrtd::Tr03135State;

// The files of the chip by name.
struct SortedFiles {
  emrtd::ChipFiles chip;
  std::optional<pki::Bytes> card_access;
  std::optional<pki::Bytes> card_security;
  int unknown = 0;

  pki::Bytes DataGroup(int number) const {
    for (const auto& file : chip.data_groups) {
      if (file.number == number) return file.bytes;
    }
    return {};
  }
};

SortedFiles SortFiles(const Presented& presented) {
  SortedFiles files;
  for (const ChipFile& file : presented.chip_files) {
    int number = 0;
    const pki::Bytes bytes = pki::AsBytes(file.content);
    if (file.name == "EF.COM") {
      files.chip.com = bytes;
    } else if (file.name == "EF.SOD") {
      files.chip.security_object = bytes;
    } else if (file.name == "EF.CardAccess") {
      files.card_access = bytes;
    } else if (file.name == "EF.CardSecurity") {
      files.card_security = bytes;
    } else if (absl::StartsWith(std::string(file.name), "EF.DG") &&
               absl::SimpleAtoi(std::string(file.name.substr(5)), &number) && number >= 1 &&
               number <= emrtd::kMaxDataGroupNumber) {
      files.chip.data_groups.push_back({.number = number, .bytes = bytes});
    } else if (file.name != "EF.DIR" && file.name != "EF.ATR") {  // which name applications and sizes, nothing to judge
      ++files.unknown;
    }
  }
  return files;
}

bool IsRead(const std::optional<mrz::ParsedMrz>& zone) { return zone && zone->format() != mrz::Format::kUnknown; }

// MRZ consistency: format, alphabet and check digits (TR-03135 "MRZ consistency").
Tr03135Check MrzConsistency(const std::optional<mrz::ParsedMrz>& zone) {
  const auto result = [](Tr03135State state, std::string detail) -> Tr03135Check {
    return {"mrz_consistency", state, std::move(detail), CheckGroup::kOptical, {.rule = "Doc 9303-3 section 4.9"}};
  };
  if (!zone) return result(Tr03135State::kUndetermined, "no machine-readable zone was read");
  if (zone->valid()) return result(Tr03135State::kSuccessful, "all check digits are right");
  std::string why;
  for (const mrz::Defect defect : zone->defects().List()) {
    const mrz::DefectInfo& info = mrz::Describe(defect);
    if (info.invalidates) absl::StrAppend(&why, why.empty() ? "" : "; ", std::string(info.reason));
  }
  return result(Tr03135State::kFailed, why);
}

// A document is valid through its last day.
Tr03135Check Expiry(const Identity& identity, absl::Time check_time) {
  const auto result = [](Tr03135State state, std::string detail) -> Tr03135Check {
    return {"document_expiry", state, std::move(detail), CheckGroup::kCombined, {.rule = "Doc 9303-3 section 4.8"}};
  };
  if (!identity.expiry_date.complete()) return result(Tr03135State::kUndetermined, "no complete expiry date was read");
  const absl::CivilDay today = absl::ToCivilDay(check_time, absl::UTCTimeZone());
  const bool expired = identity.expiry_date.ToCivilDay() < today;
  return result(expired ? Tr03135State::kFailed : Tr03135State::kSuccessful,
                absl::StrCat(expired ? "expired on " : "valid until ", identity.expiry_date.ToString()));
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

// Passive authentication as a whole, so that a fatal finding that no single check stands for is never lost.
Tr03135Check PassiveAuthenticationAsAWhole(const Report& report) {
  Tr03135Check check{"passive_authentication",
                     Tr03135State::kUndetermined,
                     "",
                     CheckGroup::kPassiveAuthentication,
                     {.rule = "Doc 9303-11 section 5.1"}};
  if (!report.has_chip) {
    check.detail = absl::StrCat(std::string(emrtd::kNotDonePrefix), "no chip was read");
    return check;
  }
  for (const emrtd::Finding& finding : report.chip.findings) {
    check.evidence.deviations.emplace_back(emrtd::ToWord(finding.defect));
  }
  for (const emrtd::KnownDeviation& deviation : report.chip.deviations) {
    check.evidence.deviations.push_back(deviation.oid);
    check.evidence.lists.push_back({.kind = deviation.of_defect_list ? "defect_list" : "deviation_list",
                                    .issuer = deviation.list,
                                    .version = deviation.list_version});
  }
  check.detail = std::string(emrtd::ToWord(report.chip.overall));
  if (IsGenuine(report.chip.overall)) check.state = Tr03135State::kSuccessful;
  if (report.chip.overall == emrtd::Overall::kInvalid) {
    check.state = Tr03135State::kFailed;
    if (const std::string why = WhyInvalid(report.chip); !why.empty()) check.detail = why;
  }
  return check;
}

std::string Summary(const Report& report) {
  std::string failed;
  for (const Tr03135Check& check : report.checks) {
    if (check.state == Tr03135State::kFailed && check.id != "passive_authentication") {
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

// The fields of a zone as an identity; centuries are resolved at `check_time`.
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

// The chip speaks for the bearer only when it is genuine; otherwise the printed page does, checked for itself.
Identity ChooseIdentity(const Report& report, absl::Time check_time) {
  if (IsRead(report.chip_mrz) && IsGenuine(report.chip.overall)) {
    return IdentityOf(*report.chip_mrz, IdentitySource::kChip, check_time);
  }
  if (IsRead(report.printed_mrz)) return IdentityOf(*report.printed_mrz, IdentitySource::kPrinted, check_time);
  if (IsRead(report.chip_mrz)) return IdentityOf(*report.chip_mrz, IdentitySource::kChip, check_time);
  return {};
}

void ReadChip(const SortedFiles& files, const Standards& standards, Report& report) {
  if (const pki::Bytes group = files.DataGroup(1); !group.empty()) {
    const auto zone = emrtd::ReadMachineReadableZone(group);
    if (zone.ok()) report.chip_mrz = mrz::Parse(zone->Reveal());
  }
  if (!report.has_chip) return;
  emrtd::PassiveAuthenticationInput input{.files = files.chip,
                                          .trust = &standards.trust,
                                          .countries = mrz::CertificateCountries,
                                          .check_time = standards.check_time,
                                          .deviations = standards.deviations};
  if (IsRead(report.printed_mrz)) {
    input.printed_issuing_state = std::string(report.printed_mrz->issuing_state());
    input.printed_document_code = std::string(report.printed_mrz->document_code());
    input.printed_document_number = std::string(report.printed_mrz->document_number());
  }
  report.chip = emrtd::PassiveAuthentication(input);
  if (const pki::Bytes group = files.DataGroup(2); !group.empty()) {
    const absl::StatusOr<std::vector<emrtd::FaceImage>> faces = emrtd::ReadFaces(group);
    if (faces.ok() && !faces->empty()) report.face = faces->front();
  }
}

std::string Sha256(pki::Bytes bytes) {
  if (bytes.empty()) return "";
  return std::string(pki::AsText(pki::ComputeDigest(pki::Digest::kSha256, bytes).bytes()));
}

// SHA-256 of a data group, by passive authentication where it made one: a portrait is long.
std::string Sha256OfGroup(int number, const SortedFiles& files, const emrtd::PassiveAuthenticationReport& chip) {
  for (const emrtd::DataGroupResult& group : chip.data_groups) {
    if (group.number == number && group.digest.size_bytes > 0 &&
        chip.digest_algorithm == pki::DigestName(pki::Digest::kSha256)) {
      return std::string(pki::AsText(group.digest.bytes()));
    }
  }
  return Sha256(files.DataGroup(number));
}

// What tells this document from others; nothing to tell without a number.
Tr03135Check SeenBeforeCheck(const SortedFiles& files, const Standards& standards, Report& report) {
  if (standards.seen == nullptr || report.identity.document_number.empty()) return SeenCheck(nullptr);
  pki::Bytes key = files.DataGroup(15);
  if (key.empty()) key = files.DataGroup(14);
  absl::StatusOr<std::vector<SeenBefore>> seen = standards.seen->LookUpAndRemember(
      {.number = absl::StrCat(report.identity.issuing_state, "/", report.identity.document_number),
       .security_object = Sha256(files.chip.security_object.value_or(pki::Bytes())),
       .chip_key = Sha256(key),
       .portrait = Sha256OfGroup(2, files, report.chip),
       .post = standards.post,
       .by = standards.caller,
       .time = standards.now});
  Tr03135Check check = SeenCheck(&seen);
  if (seen.ok()) report.seen_before = *std::move(seen);
  return check;
}

NoticeQuery QueryOf(const mrz::ParsedMrz& zone, absl::CivilDay today) {
  const base::PartialDate birth_date = mrz::ReadBirthDate(zone.birth_date(), today).date;
  return {.issuing_state = zone.issuing_state(),
          .document_code = zone.document_code(),
          .document_number = zone.document_number(),
          .expiry_date = mrz::ReadExpiryDate(zone.expiry_date(), today, birth_date).date,
          .day = today};
}

// The document as each of its zones names it; as keyed where no zone was read.
std::vector<NoticeQuery> NoticeQueries(const Report& report, const Presented& presented, absl::CivilDay today) {
  std::vector<NoticeQuery> queries;
  if (IsRead(report.printed_mrz)) queries.push_back(QueryOf(*report.printed_mrz, today));
  if (IsRead(report.chip_mrz)) queries.push_back(QueryOf(*report.chip_mrz, today));
  if (queries.empty() && presented.visual_zone) {
    queries.push_back({.issuing_state = presented.visual_zone->issuing_state,
                       .document_number = presented.visual_zone->document_number,
                       .expiry_date = presented.visual_zone->expiry_date,
                       .day = today});
  }
  return queries;
}

Tr03135Check NoticesCheck(const Presented& presented, const Standards& standards, Report& report) {
  const std::vector<NoticeQuery> queries =
      NoticeQueries(report, presented, absl::ToCivilDay(standards.check_time, absl::UTCTimeZone()));
  NoticeFinding finding = LookUpNotices(standards.notices, standards.notice_version, standards.notice_doubt, queries);
  report.notices = std::move(finding.matches);
  return std::move(finding.check);
}

void AddChecks(std::vector<Tr03135Check> more, std::vector<Tr03135Check>& checks) {
  std::move(more.begin(), more.end(), std::back_inserter(checks));
}

// Of the page itself: no scan of it is judged here.
std::vector<Tr03135Check> OpticalChecks(const Report& report) {
  constexpr std::string_view kWhy = "no scan of the data page is judged";
  return {MrzConsistency(report.printed_mrz), emrtd::NotDone("infrared_readability", CheckGroup::kOptical, kWhy),
          emrtd::NotDone("ocr_b_font", CheckGroup::kOptical, kWhy),
          emrtd::NotDone("spectral_checks", CheckGroup::kOptical, kWhy)};
}

}  // namespace

Report Verify(const Presented& presented, const Standards& standards) {
  Report report;
  const SortedFiles files = SortFiles(presented);
  report.has_chip = files.chip.com || files.chip.security_object || !files.chip.data_groups.empty();
  if (!presented.mrz.empty()) report.printed_mrz = mrz::Parse(presented.mrz);
  ReadChip(files, standards, report);
  report.identity = ChooseIdentity(report, standards.check_time);

  std::vector<Tr03135Check>& checks = report.checks;
  checks.reserve(48);
  AddChecks(emrtd::Tr03135Checks(report.chip), checks);
  AddChecks(emrtd::ChipAuthenticityChecks({.passive = &report.chip,
                                           .trust = &standards.trust,
                                           .check_time = standards.check_time,
                                           .has_chip = report.has_chip,
                                           .data_group_14 = files.DataGroup(14),
                                           .data_group_15 = files.DataGroup(15),
                                           .card_access = files.card_access,
                                           .card_security = files.card_security,
                                           .outcomes = presented.access,
                                           .active_authentication = presented.active_authentication,
                                           .trust_reader_challenges = standards.policy.trust_reader_challenges}),
            checks);
  AddChecks(OpticalChecks(report), checks);
  checks.push_back(PassiveAuthenticationAsAWhole(report));
  checks.push_back(CheckMrzAgainstChip(report.printed_mrz, report.chip_mrz, report.has_chip, report.mrz_comparison));
  checks.push_back(emrtd::NotDone("data_group_2_against_portrait", CheckGroup::kCombined, "faces are not compared"));
  checks.push_back(Expiry(report.identity, standards.check_time));
  // The zone to compare with: the signed one where the chip is genuine.
  const bool chip_speaks = report.identity.source == IdentitySource::kChip;
  const std::optional<mrz::ParsedMrz>& zone = chip_speaks ? report.chip_mrz : report.printed_mrz;
  AddChecks(CrossChecks({.chip = &report.chip,
                         .has_chip = report.has_chip,
                         .data_group_11 = files.DataGroup(11),
                         .chip_zone = &report.chip_mrz,
                         .data_group_12 = files.DataGroup(12),
                         .zone = &zone,
                         .visual_zone = &presented.visual_zone,
                         .visa_mrz = presented.visa_mrz,
                         .check_time = standards.check_time}),
            checks);
  const SealStandards seal_standards{
      .trust = standards.trust, .check_time = standards.check_time, .zone = report.printed_mrz};
  for (const std::string_view seal : presented.seals) {
    report.seals.push_back(VerifyPresentedSeal(seal, seal_standards));
    AddChecks(SealChecks(static_cast<int>(report.seals.size()), report.seals.back(), seal_standards), checks);
  }
  checks.push_back(SeenBeforeCheck(files, standards, report));
  checks.push_back(NoticesCheck(presented, standards, report));
  if (files.unknown > 0) {
    checks.push_back(emrtd::NotDone("unread_files", CheckGroup::kCombined,
                                    absl::StrCat(files.unknown, " further files are not read")));
  }
  report.summary = Summary(report);
  report.verdict = Judge(standards.policy, checks, report.has_chip ? &report.chip : nullptr);
  return report;
}

}  // namespace gatehouse::document
