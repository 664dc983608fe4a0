#include "tools/specimen/travel_document.h"

#include "absl/strings/str_split.h"
#include "libs/base/check.h"
#include "libs/mrz/write.h"

namespace gatehouse::specimen {
namespace {

base::PartialDate ToDate(absl::CivilDay day) {
  return {static_cast<int>(day.year()), static_cast<int>(day.month()), static_cast<int>(day.day())};
}

mrz::Sex ToSex(char sex) {
  return sex == 'M' ? mrz::Sex::kMale : sex == 'F' ? mrz::Sex::kFemale : mrz::Sex::kUnspecified;
}

}  // namespace

std::vector<std::string> MrzLines(const TravelDocument& document) {
  const Holder& holder = document.holder;
  const auto text = mrz::Write({.format = document.format,
                                .document_code = document.format == mrz::Format::kTd3 ? "P" : "I",
                                .issuing_state = document.issuer,
                                .document_number = document.number,
                                .nationality = holder.nationality,
                                .birth_date = ToDate(holder.birth_date),
                                .sex = ToSex(holder.sex),
                                .expiry_date = ToDate(document.expiry_date),
                                .primary_identifier = holder.surname,
                                .secondary_identifier = holder.given_names});
  GH_CHECK(text.ok());  // every part is of our making
  return absl::StrSplit(*text, '\n');
}

}  // namespace gatehouse::specimen
