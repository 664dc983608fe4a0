// How likely a queried traveller and a listed person are one: the evidence of name, birth, sex and nationality, each
// as a gain or loss in log odds (Fellegi-Sunter), summed and shown on a scale of 0 to 100.
#pragma once

#include <cstdint>

#include "libs/names/alignment.h"
#include "libs/names/birth_date.h"

namespace gatehouse::names {

enum class Agreement : uint8_t { kUnknown, kAgrees, kDiffers };

struct IdentityEvidence {
  NameEvidence name;
  bool weak_alias = false;  // the list itself calls this name doubtful
  BirthEvidence birth = BirthEvidence::kUnknown;
  Agreement sex = Agreement::kUnknown;
  Agreement nationality = Agreement::kUnknown;
};

// Gain of a birth comparison alone, in log odds; chooses the best of several listed births.
double BirthGain(BirthEvidence birth);

// Sum of all gains, log odds up to a constant.
double IdentityLogOdds(const IdentityEvidence& evidence);

// 0 to 100, two decimals count; monotone in the log odds. What is a hit is the caller's threshold.
double IdentityScore(const IdentityEvidence& evidence);

}  // namespace gatehouse::names
