// What a reader of printed lines most probably misread: the pairs O/0, I/1, B/8, S/5, Z/2 and G/6 of OCR-B, swapped
// where the standard says so and nowhere else. A repair is an offer to the officer, beside what was read and never in
// its place.
//   if (const std::optional<Repair> repair = FindRepair(mrz)) Offer(repair->text, repair->swaps);
//
// A swap is made where
//   - the field takes only letters (document code, States, names) or only digits (dates, check digits): what was read
//     there of the other kind cannot be right; or
//   - letters and digits both may stand (document number, optional data) and a check digit covers the place: any set
//     of at most kMaxChosenSwaps such swaps is tried.
// The second kind is offered only when exactly one set of swaps makes all check digits right. A set that holds a
// smaller right one is no second answer, since it swaps more than anything asks for: G and 6 for example weigh the
// same in every check digit, so no digit ever asks for that swap.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/mrz/parse.h"

namespace gatehouse::mrz {

// The largest zone has 35 places of free choice: with this bound at most 60,000 sets are looked at.
inline constexpr int kMaxChosenSwaps = 4;

struct Swap {
  uint8_t position;  // from 0, over the lines joined
  char from;         // as read
  char to;
};

struct Repair {
  std::string text;         // the lines joined, with the swaps made: Parse() reads it, and it is valid
  std::vector<Swap> swaps;  // by position; never empty
};

// nullopt when nothing need be swapped, when no set of swaps makes the zone valid, or when several do. A repair never
// brings in a defect that the zone as read had not: no unknown State, no day outside the calendar.
std::optional<Repair> FindRepair(const ParsedMrz& read);

}  // namespace gatehouse::mrz
