// What a made traveller is and carries: the plain values the rest of the specimens are made from.
#pragma once

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "libs/mrz/format.h"

namespace gatehouse::specimen {

struct Holder {
  std::string surname;      // Latin capitals with their accents (UTF-8), blanks, hyphens, apostrophes
  std::string given_names;  // may be empty
  char sex = 'X';           // M, F, X
  absl::CivilDay birth_date;
  std::string nationality = "UTO";
};

struct TravelDocument {
  mrz::Format format = mrz::Format::kTd3;  // or kTd1, an identity card
  std::string number;                      // A-Z, 0-9; over 9 characters on a card only
  std::string issuer = "UTO";
  Holder holder;
  absl::CivilDay issue_date;
  absl::CivilDay expiry_date;
};

// The machine-readable zone: two lines of 44 (TD3) or three of 30 (TD1), every check digit right.
std::vector<std::string> MrzLines(const TravelDocument& document);

}  // namespace gatehouse::specimen
