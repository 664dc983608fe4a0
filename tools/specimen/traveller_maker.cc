#include "tools/specimen/traveller_maker.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/check.h"
#include "tools/specimen/data_groups.h"
#include "tools/specimen/names.h"
#include "tools/specimen/security_object_maker.h"
#include "tools/specimen/seeded_random.h"

namespace gatehouse::specimen {
namespace {

// Without vowels and letters taken for digits, as issuers choose them.
constexpr std::string_view kNumberAlphabet = "0123456789CFGHJKLMNPRTVWX";
constexpr int kSharedFaces = 64;

int AgeYears(absl::CivilDay birth, absl::CivilDay today) { return static_cast<int>((today - birth) / 365); }

absl::CivilDay YearsLater(absl::CivilDay day, int years) {
  return absl::CivilDay(day.year() + years, day.month(), day.day());
}

// A smear: a stretch of one line cannot be read, and the end of the last is torn off.
std::vector<std::string> Smear(SeededRandom& random, std::vector<std::string> lines) {
  std::string& line = lines[random.Below(2)];
  const size_t begin = random.Below(line.size() / 2);
  for (size_t i = begin; i < begin + 9; ++i) line[i] = '?';
  lines.back().resize(lines.back().size() - 1 - random.Below(6));
  return lines;
}

// Another digit in the place after the date of birth.
std::vector<std::string> SpoilCheckDigit(std::vector<std::string> lines, mrz::Format format) {
  const mrz::Layout& layout = *mrz::LayoutOf(format);
  char& digit = lines[layout.birth_date_check / layout.line_size][layout.birth_date_check % layout.line_size];
  digit = digit == '9' ? '0' : static_cast<char>(digit + 1);
  return lines;
}

// A passport has nine characters; every third card a long number, which goes on in the optional data.
std::string MakeNumber(SeededRandom& random, mrz::Format format) {
  if (format == mrz::Format::kTd3) return absl::StrCat("U", random.Text(kNumberAlphabet, 8));
  return absl::StrCat("C", random.Text(kNumberAlphabet, random.Chance(.33) ? 11 : 8));
}

nlohmann::ordered_json Expected(const Traveller& traveller, const std::vector<std::string>& printed, absl::Time at) {
  const FaultRow& row = RowOf(traveller.plan.fault);
  const Fault fault = row.fault;
  const bool chip = fault != Fault::kNoChip;
  const bool known = fault != Fault::kUnknownCsca;
  nlohmann::ordered_json json;
  json["id"] = traveller.plan.number;
  json["desc"] = row.description;
  json["fault"] = row.name;
  json["check_time"] = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", at, absl::UTCTimeZone());
  json["mrz"] = printed;
  json["overall"] = chip ? nlohmann::ordered_json(row.overall) : nlohmann::ordered_json(nullptr);
  json["recommendation"] = row.recommendation;
  if (!chip) return json;
  json["expected"] = {{"sod_signature", "valid"},
                      {"dsc_signature", known ? "valid" : "undetermined"},
                      {"chain", known ? "valid" : "no_trust_anchor"},
                      {"dsc_validity_at_check", fault == Fault::kExpiredDsc ? "expired" : "valid"},
                      {"csca_validity_at_check", "valid"},
                      {"dsc_validity_at_signing", "valid"},
                      {"revocation", fault == Fault::kRevokedDsc ? "revoked"
                                     : known                     ? "good"
                                                                 : "no_crl"},
                      {"dg_hashes",
                       {{"1", fault == Fault::kAlteredDg1 ? "not_identical" : "identical"},
                        {"2", fault == Fault::kAlteredDg2 ? "not_identical" : "identical"}}},
                      {"country_match", "match"},
                      {"overall", row.overall}};
  return json;
}

void AddTexts(Traveller& traveller, const std::vector<std::string>& printed) {
  traveller.files.push_back({"mrz.txt", absl::StrJoin(printed, "\n") + "\n"});
  traveller.files.push_back({"expected.json", traveller.expected.dump(1) + "\n"});
}

}  // namespace

SignerKind TravellerMaker::ChooseSigner(SeededRandom& random, Fault fault) const {
  constexpr SignerKind kGood[] = {SignerKind::kRsa, SignerKind::kRsaPss, SignerKind::kP256, SignerKind::kBrainpool};
  const SignerKind any = random.Pick(kGood);
  switch (fault) {
    case Fault::kRevokedDsc:
      return SignerKind::kRevoked;
    case Fault::kExpiredDsc:
      return SignerKind::kExpired;
    case Fault::kUnknownCsca:
      return SignerKind::kUnknown;
    case Fault::kExpiredDocument:
      return SignerKind::kRsa;  // the oldest, so that a short validity is over
    default:
      return options_.for_load ? SignerKind::kRsa : any;
  }
}

const ListedPerson& TravellerMaker::ChooseListed(SeededRandom& random) const {
  GH_CHECK(!persons_.empty());
  const size_t start = random.Below(persons_.size());
  for (size_t i = 0; i < persons_.size(); ++i) {
    const ListedPerson& person = persons_[(start + i) % persons_.size()];
    if (person.birth_date_kind == BirthDateKind::kExact) return person;
  }
  return persons_[start];
}

TravelDocument TravellerMaker::MakeDocument(SeededRandom& random, const Signer& signer, const Plan& plan) const {
  TravelDocument document;
  document.format = random.Chance(.25) ? mrz::Format::kTd1 : mrz::Format::kTd3;
  document.number = MakeNumber(random, document.format);
  document.holder = MakeHolder(random, Pool::kTravellers, state_.today);
  if (plan.fault == Fault::kListedName) document.holder = ChooseListed(random).holder;
  document.issue_date = signer.first_day + random.Between(0, kSigningDays - 1);
  const bool child = AgeYears(document.holder.birth_date, document.issue_date) < 12;
  const int years = plan.fault == Fault::kExpiredDocument ? 3 : child ? 5 : 10;
  document.expiry_date = YearsLater(document.issue_date, years) - 1;
  return document;
}

std::string TravellerMaker::MakeFace(SeededRandom& random, const Holder& holder) {
  if (!options_.for_load) {
    return MakeDg2(DrawPortrait(random, holder.sex, AgeYears(holder.birth_date, state_.today)), holder.sex);
  }
  const uint64_t face = random.Below(kSharedFaces);
  const auto [at, is_new] = shared_faces_.try_emplace(face);
  if (is_new) {
    SeededRandom face_random(options_.seed, "shared face", face);
    const char sex = face % 2 == 0 ? 'M' : 'F';
    at->second = MakeDg2(DrawPortrait(face_random, sex, static_cast<int>(18 + face)), sex);
  }
  return at->second;
}

Traveller TravellerMaker::Make(const Plan& plan) {
  GH_CHECK(plan.fault != Fault::kSameChipTwice);
  SeededRandom random(options_.seed, "traveller", static_cast<uint64_t>(plan.number));
  const Signer& signer = state_.signers.at(ChooseSigner(random, plan.fault));
  Traveller traveller{.plan = plan, .document = MakeDocument(random, signer, plan)};
  const TravelDocument& document = traveller.document;

  std::vector<std::string> printed = MrzLines(document);
  std::string dg1 = MakeDg1(printed);
  std::string dg2 = MakeFace(random, document.holder);
  const absl::Time issued = absl::FromCivil(document.issue_date, absl::UTCTimeZone());
  const std::string sod = MakeSecurityObject({.data_groups = {{1, dg1}, {2, dg2}},
                                              .lds_version = signer.lds_version,
                                              .signing_time = issued + absl::Minutes(random.Between(7 * 60, 15 * 60)),
                                              .signer_id = signer.signer_id,
                                              .padding = signer.padding},
                                             signer.identity);

  // The chip is signed; what follows happened to it, or to the page, afterwards.
  if (plan.fault == Fault::kAlteredDg1) {
    TravelDocument forged = document;
    forged.holder.birth_date = YearsLater(forged.holder.birth_date, 3);
    printed = MrzLines(forged);
    dg1 = MakeDg1(printed);
  } else if (plan.fault == Fault::kAlteredDg2) {
    dg2 = MakeFace(random, MakeHolder(random, Pool::kTravellers, state_.today));
  } else if (plan.fault == Fault::kWrongCheckDigit) {
    printed = SpoilCheckDigit(printed, document.format);
  } else if (plan.fault == Fault::kPrintedMrzDiffers) {
    TravelDocument other = document;
    other.holder = MakeHolder(random, Pool::kTravellers, state_.today);
    other.number = MakeNumber(random, other.format);
    printed = MrzLines(other);
  } else if (plan.fault == Fault::kUnreadableMrz) {
    printed = Smear(random, printed);
  }

  if (plan.fault != Fault::kNoChip) {
    traveller.files = {{"EF.COM.bin", MakeEfCom(signer.lds_version)},
                       {"EF.SOD.bin", sod},
                       {"EF.DG1.bin", std::move(dg1)},
                       {"EF.DG2.bin", std::move(dg2)}};
  }
  traveller.expected = Expected(traveller, printed, state_.at);
  if (plan.fault != Fault::kNoChip) traveller.expected["signer"] = signer.description;
  AddTexts(traveller, printed);
  return traveller;
}

Traveller TravellerMaker::Repeat(const Plan& plan, const Traveller& earlier) const {
  Traveller traveller{.plan = plan, .document = earlier.document};
  for (const File& file : earlier.files) {
    if (file.path.ends_with(".bin")) traveller.files.push_back(file);
  }
  const auto printed = earlier.expected["mrz"].get<std::vector<std::string>>();
  traveller.expected = Expected(traveller, printed, state_.at);
  traveller.expected["signer"] = earlier.expected["signer"];
  traveller.expected["repeats"] = earlier.plan.number;
  AddTexts(traveller, printed);
  return traveller;
}

}  // namespace gatehouse::specimen
