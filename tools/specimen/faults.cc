#include "tools/specimen/faults.h"

#include <algorithm>
#include <utility>

#include "libs/base/check.h"
#include "tools/specimen/seeded_random.h"

namespace gatehouse::specimen {
namespace {

constexpr FaultRow kRows[] = {
    {Fault::kNone, "none", "nothing wrong", "valid", "clear"},
    {Fault::kAlteredDg1, "altered_dg1", "DG1 altered after signing", "invalid", "refer"},
    {Fault::kAlteredDg2, "altered_dg2", "portrait replaced after signing", "invalid", "refer"},
    {Fault::kRevokedDsc, "revoked_dsc", "DSC revoked on a fresh CRL", "invalid", "refer"},
    {Fault::kUnknownCsca, "unknown_csca", "CSCA not in the trust store", "undetermined", "refer"},
    {Fault::kExpiredDocument, "expired_document", "document past its date of expiry", "valid", "refer"},
    {Fault::kExpiredDsc, "expired_dsc", "DSC expired before the document", "valid_expired_chain", "refer"},
    {Fault::kWrongCheckDigit, "wrong_check_digit", "printed check digit of the birth date is wrong", "valid", "refer"},
    {Fault::kPrintedMrzDiffers, "printed_mrz_differs", "printed MRZ is another person's", "valid", "refer"},
    {Fault::kStolenNumber, "stolen_number", "number on the document list", "valid", "refer"},
    {Fault::kListedName, "listed_name", "holder on the persons list", "valid", "refer"},
    {Fault::kSameChipTwice, "same_chip_twice", "the document of an earlier traveller", "valid", "refer"},
    {Fault::kUnreadableMrz, "unreadable_mrz", "printed MRZ smeared", "valid", "refer"},
    {Fault::kNoChip, "no_chip", "document without a chip", "", "refer"},
};

}  // namespace

std::span<const FaultRow> FaultRows() { return kRows; }

const FaultRow& RowOf(Fault fault) {
  const auto row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const FaultRow& r) { return r.fault == fault; });
  GH_CHECK(row != std::end(kRows));
  return *row;
}

std::optional<Fault> FaultByName(std::string_view name) {
  for (const FaultRow& row : kRows) {
    if (row.name == name) return row.fault;
  }
  return std::nullopt;
}

std::vector<Plan> PlanOfGood(int travellers) {
  std::vector<Plan> plans;
  for (int number = 1; number <= travellers; ++number) plans.push_back({.number = number});
  return plans;
}

std::vector<Plan> SpreadFaults(uint64_t seed, int travellers) {
  SeededRandom random(seed, "faults");
  std::vector<Plan> plans = PlanOfGood(travellers);
  const int faulty = std::min(travellers / 3, static_cast<int>(std::size(kRows)) - 1);
  // One place in every stretch of equal length, so that faults come all along the queue; the first is always good.
  for (int i = 0; i < faulty; ++i) {
    const int begin = 1 + i * (travellers - 1) / faulty;
    const int end = 1 + (i + 1) * (travellers - 1) / faulty;
    plans[static_cast<size_t>(random.Between(begin, end - 1))].fault = kRows[i + 1].fault;
  }
  // Which fault takes which place: exchanged at random.
  std::vector<Plan*> places;
  for (Plan& plan : plans) {
    if (plan.fault != Fault::kNone) places.push_back(&plan);
  }
  for (size_t i = places.size(); i > 1; --i) std::swap(places[i - 1]->fault, places[random.Below(i)]->fault);
  for (Plan& plan : plans) {
    if (plan.fault == Fault::kSameChipTwice) {
      do plan.repeats = static_cast<int>(random.Between(1, plan.number - 1));
      while (plans[static_cast<size_t>(plan.repeats - 1)].fault != Fault::kNone);
    }
  }
  return plans;
}

std::vector<Plan> PlanOf(std::span<const Fault> faults) {
  std::vector<Plan> plans;
  const auto add = [&](Fault fault, int repeats) {
    plans.push_back({static_cast<int>(plans.size()) + 1, fault, repeats});
  };
  for (const Fault fault : faults) {
    if (fault == Fault::kSameChipTwice) {
      add(Fault::kNone, 0);
      add(fault, static_cast<int>(plans.size()));
    } else {
      add(fault, 0);
    }
  }
  return plans;
}

}  // namespace gatehouse::specimen
