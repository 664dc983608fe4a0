// What a made traveller is and carries: the plain values the rest of the specimens are made from.
#pragma once

#include <string>

#include "absl/time/civil_time.h"

namespace gatehouse::specimen {

struct Holder {
  std::string surname;      // Latin capitals, blanks, hyphens, apostrophes
  std::string given_names;  // may be empty
  char sex = 'X';           // M, F, X
  absl::CivilDay birth_date;
  std::string nationality = "UTO";
};

enum class Format { kTd1, kTd3 };  // identity card, passport

struct TravelDocument {
  Format format = Format::kTd3;
  std::string number;  // 9 characters of A-Z, 0-9
  std::string issuer = "UTO";
  Holder holder;
  absl::CivilDay issue_date;
  absl::CivilDay expiry_date;
};

}  // namespace gatehouse::specimen
