#include "services/inspection/identity_choice.h"

#include "libs/mrz/dates.h"
#include "libs/mrz/parse.h"

namespace gatehouse::inspection {
namespace {

base::Sex SexOf(mrz::Sex sex) {
  switch (sex) {
    case mrz::Sex::kUnspecified:
      return base::Sex::kUnspecified;
    case mrz::Sex::kFemale:
      return base::Sex::kFemale;
    case mrz::Sex::kMale:
      return base::Sex::kMale;
    case mrz::Sex::kX:
      return base::Sex::kX;
  }
  return base::Sex::kUnspecified;
}

base::Identity IdentityOf(const mrz::ParsedMrz& zone, absl::CivilDay today) {
  base::Identity identity{
      .name = {.primary = zone.primary_identifier(),
               .secondary = zone.secondary_identifier(),
               .mrz_name = std::string(zone.name())},
      .birth_date = mrz::ReadBirthDate(zone.birth_date(), today).date,
      .sex = SexOf(zone.sex()),
      .nationality = std::string(zone.nationality()),
      .document = {.number = std::string(zone.document_number()),
                   .issuer = std::string(zone.issuing_state()),
                   .type = std::string(zone.document_code())},
  };
  identity.expiry_date = mrz::ReadExpiryDate(zone.expiry_date(), today, identity.birth_date).date;
  return identity;
}

bool IsGenuine(ChipVerdict verdict) {
  return verdict != ChipVerdict::kUndetermined && verdict != ChipVerdict::kInvalid;
}

}  // namespace

LocalReading ReadPrintedZone(std::string_view mrz, absl::CivilDay today) {
  const mrz::ParsedMrz zone = mrz::Parse(mrz);
  LocalReading local{.reading = {.valid = zone.valid()}};
  for (const mrz::Defect defect : zone.defects().List()) {
    local.reading.defects.emplace_back(mrz::Describe(defect).reason);
  }
  local.usable = zone.format() != mrz::Format::kUnknown;
  if (local.usable) {
    local.identity = base::Redacted<base::Identity>(IdentityOf(zone, today));
    local.reading.identity = local.identity;
  }
  return local;
}

ChosenIdentity ChooseIdentity(const DocumentFindings* findings, const LocalReading* local,
                              const std::optional<base::Redacted<base::Identity>>& keyed) {
  const bool known = findings != nullptr && findings->identity.has_value();
  const bool from_chip = known && findings->identity_from_chip;
  const IdentitySource source = from_chip ? IdentitySource::kChip : IdentitySource::kMrz;
  if (from_chip && IsGenuine(findings->chip)) return {*findings->identity, source};
  if (known && !from_chip && findings->printed && findings->printed->valid) return {*findings->identity, source};
  if (local != nullptr && local->usable && local->reading.valid) return {local->identity, IdentitySource::kMrz};
  if (keyed) return {*keyed, IdentitySource::kKeyed};
  if (known) return {*findings->identity, source};
  if (local != nullptr && local->usable) return {local->identity, IdentitySource::kMrz};
  return {};
}

}  // namespace gatehouse::inspection
