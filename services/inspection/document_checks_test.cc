#include "services/inspection/document_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/inspection/identity_choice.h"

namespace gatehouse::inspection {
namespace {

constexpr absl::CivilDay kToday(2026, 11, 24);
const absl::Time kNow = absl::FromUnixSeconds(1795500000);

// Doc 9303-4 appendix A.
constexpr char kZone[] =
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10";

MrzReading Zone(std::vector<std::pair<std::string, std::string>> fields, bool valid = true) {
  MrzReading reading{.valid = valid};
  for (auto& [name, value] : fields) reading.fields.push_back({name, base::Redacted<std::string>(value)});
  return reading;
}

TEST(CheckMrz, OnlyAValidZoneIsSuccessful) {
  EXPECT_EQ(CheckMrz(nullptr).status, CheckStatus::kNotDone);
  MrzReading reading{.valid = true};
  EXPECT_EQ(CheckMrz(&reading).status, CheckStatus::kSuccessful);
  reading = {.valid = false, .defects = {"the check digit of the number is wrong"}};
  EXPECT_EQ(CheckMrz(&reading).status, CheckStatus::kFailed);
  EXPECT_EQ(CheckMrz(&reading).reason, "the check digit of the number is wrong");
  reading = {.valid = false};
  EXPECT_EQ(CheckMrz(&reading).status, CheckStatus::kFailed);
  EXPECT_FALSE(CheckMrz(&reading).reason.empty());
}

TEST(CheckChip, EveryVerdict) {
  const std::pair<ChipVerdict, CheckStatus> table[] = {
      {ChipVerdict::kValid, CheckStatus::kSuccessful},
      {ChipVerdict::kValidWithDefect, CheckStatus::kSuccessful},
      {ChipVerdict::kValidWithWarning, CheckStatus::kSuccessful},
      {ChipVerdict::kValidExpiredChain, CheckStatus::kUndetermined},
      {ChipVerdict::kUndetermined, CheckStatus::kUndetermined},
      {ChipVerdict::kInvalid, CheckStatus::kFailed},
  };
  for (const auto& [verdict, status] : table) {
    const DocumentFindings findings{.chip_read = true,
                                    .chip = verdict,
                                    .chip_summary = "why",
                                    .proof = ChipProof::kProved,
                                    .trust_version = "t7",
                                    .trust_time = kNow - absl::Hours(5)};
    const Check check = CheckChip({.findings = &findings}, true, kNow);
    EXPECT_EQ(check.status, status);
    EXPECT_EQ(check.reason, "why");
    EXPECT_EQ(check.data_version, "t7");
    EXPECT_EQ(check.data_age, absl::Hours(5));
  }
}

TEST(CheckChip, ACopyOfAGenuineChipIsNotGenuine) {
  const std::pair<ChipProof, CheckStatus> table[] = {{ChipProof::kProved, CheckStatus::kSuccessful},
                                                     {ChipProof::kNotOwed, CheckStatus::kSuccessful},
                                                     {ChipProof::kOpen, CheckStatus::kUndetermined},
                                                     {ChipProof::kSuspectedCopy, CheckStatus::kFailed}};
  for (const auto& [proof, status] : table) {
    const DocumentFindings findings{.chip_read = true, .chip = ChipVerdict::kValid, .proof = proof};
    EXPECT_EQ(CheckChip({.findings = &findings}, true, kNow).status, status);
  }
  const DocumentFindings broken_off{.chip_read = true, .chip = ChipVerdict::kValid, .proof_reason = "it broke off"};
  EXPECT_EQ(CheckChip({.findings = &broken_off}, true, kNow).reason,
            "the data are genuine; whether the chip is a copy is open: it broke off");
  const DocumentFindings forged{.chip_read = true, .chip = ChipVerdict::kInvalid, .proof = ChipProof::kProved};
  EXPECT_EQ(CheckChip({.findings = &forged}, true, kNow).status, CheckStatus::kFailed);
}

TEST(CheckChip, NoChipAndNoAnswerAreNeverSuccessful) {
  const DocumentAnswer silent{.missing = "no answer from the document service in time"};
  for (const auto& check :
       {CheckChip(silent, true, kNow), CheckMrzChipMatch(silent, true), CheckRevocation(silent, true, kNow)}) {
    EXPECT_EQ(check.status, CheckStatus::kNotDone) << check.id;
    EXPECT_EQ(check.reason, silent.missing);
  }
  for (const auto& check :
       {CheckChip(silent, false, kNow), CheckMrzChipMatch(silent, false), CheckRevocation(silent, false, kNow)}) {
    EXPECT_EQ(check.status, CheckStatus::kNotSupported) << check.id;
  }
  // Files were given, and nothing in them could be verified; defaults of the findings must not pass either.
  const DocumentFindings empty;
  EXPECT_EQ(CheckChip({.findings = &empty}, true, kNow).status, CheckStatus::kUndetermined);
  EXPECT_EQ(CheckRevocation({.findings = &empty}, true, kNow).status, CheckStatus::kUndetermined);
  EXPECT_EQ(CheckMrzChipMatch({.findings = &empty}, true).status, CheckStatus::kUndetermined);
}

TEST(CheckMrzChipMatch, NamesTheFieldsThatDifferAndNotTheirContent) {
  DocumentFindings findings{
      .printed = Zone({{"document_number", "X1"}, {"name", "SMITH"}, {"expiry_date", "300101"}}),
      .chip_mrz = Zone({{"document_number", "X1"}, {"name", "SMITH"}, {"expiry_date", "300101"}})};
  EXPECT_EQ(CheckMrzChipMatch({.findings = &findings}, true).status, CheckStatus::kSuccessful);
  findings.chip_mrz = Zone({{"document_number", "X2"}, {"name", "SMITH"}, {"expiry_date", "310101"}});
  const Check check = CheckMrzChipMatch({.findings = &findings}, true);
  EXPECT_EQ(check.status, CheckStatus::kFailed);
  EXPECT_EQ(check.reason, "chip and print differ in: document_number, expiry_date");
  findings.chip_mrz = Zone({{"document_number", "X1"}});
  EXPECT_EQ(CheckMrzChipMatch({.findings = &findings}, true).status, CheckStatus::kUndetermined);
  findings.printed.reset();
  EXPECT_EQ(CheckMrzChipMatch({.findings = &findings}, true).status, CheckStatus::kNotDone);
}

TEST(CheckRevocation, MissingListIsNotGoodNews) {
  const std::pair<Revocation, CheckStatus> table[] = {{Revocation::kGood, CheckStatus::kSuccessful},
                                                      {Revocation::kRevoked, CheckStatus::kFailed},
                                                      {Revocation::kNoList, CheckStatus::kUndetermined},
                                                      {Revocation::kUndetermined, CheckStatus::kUndetermined}};
  for (const auto& [revocation, status] : table) {
    const DocumentFindings findings{.chip_read = true, .revocation = revocation};
    const Check check = CheckRevocation({.findings = &findings}, true, kNow);
    EXPECT_EQ(check.status, status);
    EXPECT_FALSE(check.reason.empty());
  }
}

TEST(CheckDocumentVerdict, IsWhatTheDocumentServiceMakesOfEverything) {
  EXPECT_EQ(CheckDocumentVerdict({.missing = "no answer"}).status, CheckStatus::kNotDone);
  DocumentFindings findings;
  EXPECT_EQ(CheckDocumentVerdict({.findings = &findings}).status, CheckStatus::kNotDone) << "a service without one";
  findings.verdict = CheckStatus::kFailed;
  findings.verdict_reason = "do not rely on it (visa_comparison)";
  EXPECT_EQ(CheckDocumentVerdict({.findings = &findings}).status, CheckStatus::kFailed);
  EXPECT_EQ(CheckDocumentVerdict({.findings = &findings}).reason, findings.verdict_reason);
}

TEST(CheckFraudNotices, SaysWhereToLookAndIsNeverGoodNewsByDefault) {
  EXPECT_EQ(CheckFraudNotices({.missing = "no answer"}).status, CheckStatus::kNotDone);
  DocumentFindings findings;
  EXPECT_EQ(CheckFraudNotices({.findings = &findings}).status, CheckStatus::kNotDone);
  findings.notices = CheckStatus::kUndetermined;
  findings.notices_reason = "stolen_blank UTO-1: feel the edge of the page";
  EXPECT_EQ(CheckFraudNotices({.findings = &findings}).status, CheckStatus::kUndetermined);
  EXPECT_EQ(CheckFraudNotices({.findings = &findings}).reason, findings.notices_reason);
}

TEST(CheckDocumentValidity, ValidThroughTheLastDay) {
  const auto status = [](base::PartialDate expiry) {
    return CheckDocumentValidity({.expiry_date = expiry}, kToday).status;
  };
  EXPECT_EQ(status({2026, 11, 24}), CheckStatus::kSuccessful);
  EXPECT_EQ(status({2026, 11, 23}), CheckStatus::kFailed);
  EXPECT_EQ(status({2026, 11, 0}), CheckStatus::kSuccessful);
  EXPECT_EQ(status({2026, 10, 0}), CheckStatus::kFailed);
  EXPECT_EQ(status({2026, 0, 0}), CheckStatus::kSuccessful);
  EXPECT_EQ(status({2025, 0, 0}), CheckStatus::kFailed);
  EXPECT_EQ(status({0, 0, 0}), CheckStatus::kUndetermined);
  EXPECT_EQ(CheckDocumentValidity({.expiry_date = {2026, 11, 23}}, kToday).reason, "the document expired 1 day ago");
}

TEST(ReadPrintedZone, GivesTheIdentityOfTheZone) {
  const LocalReading local = ReadPrintedZone(kZone, kToday);
  ASSERT_TRUE(local.usable);
  EXPECT_TRUE(local.reading.valid);
  const base::Identity& identity = local.identity.Reveal();
  EXPECT_EQ(identity.name.primary, "ERIKSSON");
  EXPECT_EQ(identity.name.secondary, "ANNA MARIA");
  EXPECT_EQ(identity.document.number, "L898902C3");
  EXPECT_EQ(identity.birth_date, (base::PartialDate{1974, 8, 12}));
  EXPECT_EQ(identity.expiry_date, (base::PartialDate{2012, 4, 15}));
  EXPECT_EQ(identity.sex, base::Sex::kFemale);
}

TEST(ReadPrintedZone, NonsenseIsAFinding) {
  const LocalReading local = ReadPrintedZone("not a zone", kToday);
  EXPECT_FALSE(local.usable);
  EXPECT_FALSE(local.reading.valid);
  EXPECT_FALSE(local.reading.defects.empty());
}

base::Redacted<base::Identity> Named(std::string name) {
  return base::Redacted<base::Identity>({.name = {.primary = std::move(name)}});
}

TEST(ChooseIdentity, ChipThenGoodZoneThenKeyedThenBadZone) {
  const auto chosen_name = [](const ChosenIdentity& chosen) { return chosen.identity.Reveal().name.primary; };
  DocumentFindings findings{.chip = ChipVerdict::kValid,
                            .printed = MrzReading{.valid = true},
                            .identity = Named("DOC"),
                            .identity_from_chip = true};
  const LocalReading good{.reading = {.valid = true}, .identity = Named("LOCAL"), .usable = true};
  const LocalReading bad{.identity = Named("LOCAL"), .usable = true};

  EXPECT_EQ(ChooseIdentity(&findings, nullptr, Named("KEYED")).source, IdentitySource::kChip);
  findings.chip = ChipVerdict::kInvalid;  // a forged chip does not overrule the officer
  EXPECT_EQ(ChooseIdentity(&findings, nullptr, Named("KEYED")).source, IdentitySource::kKeyed);
  EXPECT_EQ(ChooseIdentity(&findings, nullptr, {}).source, IdentitySource::kChip);
  findings.identity_from_chip = false;
  EXPECT_EQ(ChooseIdentity(&findings, nullptr, Named("KEYED")).source, IdentitySource::kMrz);
  findings.printed->valid = false;
  EXPECT_EQ(chosen_name(ChooseIdentity(&findings, nullptr, Named("KEYED"))), "KEYED");
  EXPECT_EQ(ChooseIdentity(&findings, nullptr, Named("KEYED")).source, IdentitySource::kKeyed);
  EXPECT_EQ(chosen_name(ChooseIdentity(&findings, nullptr, {})), "DOC");

  EXPECT_EQ(chosen_name(ChooseIdentity(nullptr, &good, Named("KEYED"))), "LOCAL");
  EXPECT_EQ(chosen_name(ChooseIdentity(nullptr, &bad, Named("KEYED"))), "KEYED");
  EXPECT_EQ(chosen_name(ChooseIdentity(nullptr, &bad, {})), "LOCAL");
  EXPECT_EQ(ChooseIdentity(nullptr, nullptr, {}).source, IdentitySource::kNone);
}

}  // namespace
}  // namespace gatehouse::inspection
