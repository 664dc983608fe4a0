#include "libs/names/identity_score.h"

#include <cmath>

namespace gatehouse::names {
namespace {

constexpr double kScale = 0.25;
constexpr double kPrior = -7.2;  // puts one false alarm in a hundred travellers at a score of 50

double NameGain(const NameEvidence& name) {
  return 4.0 * name.query_share + 2.5 * name.list_share + 4.0 * name.query_share * name.list_share + 0.35 * name.weight;
}

double NationalityGain(Agreement nationality) {
  return nationality == Agreement::kAgrees ? 1.2 : nationality == Agreement::kDiffers ? -0.8 : 0;
}

double SexGain(Agreement sex) { return sex == Agreement::kDiffers ? -1.5 : 0; }

}  // namespace

double BirthGain(BirthEvidence birth) {
  switch (birth) {
    case BirthEvidence::kUnknown:
      return 0;
    case BirthEvidence::kFullDate:
      return 5;
    case BirthEvidence::kPlaceholder:
    case BirthEvidence::kYearMonth:
    case BirthEvidence::kSwapped:
    case BirthEvidence::kNearDate:
      return 3.5;
    case BirthEvidence::kYear:
      return 2.5;
    case BirthEvidence::kNearYear:
    case BirthEvidence::kInSpan:
      return 1;
    case BirthEvidence::kSameYearOnly:
      return 0;
    case BirthEvidence::kFewYearsOff:
      return -1.5;
    case BirthEvidence::kContradicts:
      return -3;
  }
  return 0;
}

double IdentityLogOdds(const IdentityEvidence& evidence) {
  return NameGain(evidence.name) + BirthGain(evidence.birth) + SexGain(evidence.sex) +
         NationalityGain(evidence.nationality) + (evidence.weak_alias ? -1.0 : 0.0) + kPrior;
}

double IdentityScore(const IdentityEvidence& evidence) {
  return 100 / (1 + std::exp(-kScale * IdentityLogOdds(evidence)));
}

}  // namespace gatehouse::names
