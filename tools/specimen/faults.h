// What can be wrong with a specimen traveller, what passive authentication must find, and how the traveller ought to be
// treated. One row a fault: the command line, the makers and the tests read this table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gatehouse::specimen {

enum class Fault {
  kNone,
  kAlteredDg1,         // a younger holder written to the chip and printed; the signature is of the old data
  kAlteredDg2,         // another face on the chip
  kRevokedDsc,         // the document signer is on a fresh CRL
  kUnknownCsca,        // the authority is in no trust store
  kExpiredDocument,    // past its date of expiry, else good
  kExpiredDsc,         // the signer's certificate ended before the document did
  kWrongCheckDigit,    // one printed check digit is wrong; the chip is right
  kPrintedMrzDiffers,  // the printed zone is another person's
  kStolenNumber,       // the number is on the document list
  kListedName,         // the holder is on the persons list
  kSameChipTwice,      // an earlier traveller's document again, byte for byte
  kUnreadableMrz,      // the printed zone is smeared
  kNoChip,             // nothing but the printed zone
};

// Values as the labelled chips have them.
struct FaultRow {
  Fault fault;
  const char* name;
  const char* description;
  const char* overall;         // of passive authentication; "" when there is no chip
  const char* recommendation;  // of the inspection: clear or refer
};

std::span<const FaultRow> FaultRows();
const FaultRow& RowOf(Fault fault);
std::optional<Fault> FaultByName(std::string_view name);

// Who gets which fault.
struct Plan {
  int number = 0;  // from 1
  Fault fault = Fault::kNone;
  int repeats = 0;  // the number of the traveller whose document comes again, for kSameChipTwice
};

// `travellers` with every kind of fault once, at places the seed decides, but never more than one in three with a
// fault.
std::vector<Plan> SpreadFaults(uint64_t seed, int travellers);
// One traveller for every fault, in order; a good one is put before a document that comes twice.
std::vector<Plan> PlanOf(std::span<const Fault> faults);
// `travellers` without a fault.
std::vector<Plan> PlanOfGood(int travellers);

}  // namespace gatehouse::specimen
