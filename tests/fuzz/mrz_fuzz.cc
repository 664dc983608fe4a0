// Any bytes through the reader of machine-readable zones, its accessors, and back through the writer.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "libs/base/check.h"
#include "libs/mrz/dates.h"
#include "libs/mrz/parse.h"
#include "libs/mrz/states.h"
#include "libs/mrz/write.h"

namespace gatehouse::mrz {
namespace {

// What is written from the fields of a flawless zone must read as the same fields.
void CheckRoundTrip(const ParsedMrz& mrz, const base::PartialDate& birth, const base::PartialDate& expiry) {
  const auto text = [](std::string_view view) { return std::string(view); };
  const absl::StatusOr<std::string> written = Write({.format = mrz.format(),
                                                     .document_code = text(mrz.document_code()),
                                                     .issuing_state = text(mrz.issuing_state()),
                                                     .document_number = text(mrz.document_number()),
                                                     .nationality = text(mrz.nationality()),
                                                     .birth_date = birth,
                                                     .sex = mrz.sex(),
                                                     .expiry_date = expiry,
                                                     .primary_identifier = mrz.primary_identifier(),
                                                     .secondary_identifier = mrz.secondary_identifier(),
                                                     .optional_data_1 = text(mrz.optional_data_1()),
                                                     .optional_data_2 = text(mrz.optional_data_2())});
  GH_CHECK(written.ok());
  const ParsedMrz again = Parse(*written);
  GH_CHECK(again.valid());
  GH_CHECK(again.document_number() == mrz.document_number());
  GH_CHECK(again.primary_identifier() == mrz.primary_identifier());
  GH_CHECK(again.secondary_identifier() == mrz.secondary_identifier());
  GH_CHECK(again.optional_data_1() == mrz.optional_data_1());
  GH_CHECK(again.optional_data_2() == mrz.optional_data_2());
}

void Run(std::string_view text) {
  const absl::CivilDay today(2026, 6, 1);
  const ParsedMrz mrz = Parse(text);
  GH_CHECK(mrz.format() != Format::kUnknown || (!mrz.valid() && mrz.text().empty()));
  for (const Defect defect : mrz.defects().List()) GH_CHECK(!DefectName(defect).empty());
  for (int i = 0; i < mrz.line_count(); ++i) GH_CHECK(!mrz.line(i).empty());
  GH_CHECK(mrz.primary_identifier().size() <= kMaxMrzCharacters);
  GH_CHECK(mrz.secondary_identifier().size() <= kMaxMrzCharacters);
  const base::PartialDate birth = ReadBirthDate(mrz.birth_date(), today).date;
  const base::PartialDate expiry = ReadExpiryDate(mrz.expiry_date(), today, birth).date;
  GH_CHECK(base::IsPossible(birth) && base::IsPossible(expiry));
  CertificateCountries(mrz.issuing_state());
  if (mrz.valid() && mrz.defects().empty()) CheckRoundTrip(mrz, birth, expiry);
  (void)Transliterate(text);
}

}  // namespace
}  // namespace gatehouse::mrz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  gatehouse::mrz::Run(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
