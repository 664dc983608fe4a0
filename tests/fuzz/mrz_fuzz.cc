// Any bytes through the reader of machine-readable zones, its accessors and its repair, and back through the writer;
// and as a name through transliteration both ways.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "libs/base/check.h"
#include "libs/mrz/dates.h"
#include "libs/mrz/originals.h"
#include "libs/mrz/parse.h"
#include "libs/mrz/repair.h"
#include "libs/mrz/states.h"
#include "libs/mrz/transliterate.h"
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

// Every spelling may stand for the name, and what a zone may stand for is spelled as the zone.
void CheckSpellings(std::string_view name) {
  for (const Language language : {Language::kGeneral, Language::kUkrainian}) {
    if (const absl::StatusOr<TextSet> spellings = Spellings(name, language); spellings.ok()) {
      GH_CHECK(!spellings->texts.empty() && spellings->texts.size() <= kMaxSpellings);
      GH_CHECK(spellings->texts.front() == *Transliterate(name, language));
      for (const std::string& spelling : spellings->texts) {
        GH_CHECK(*MayBeSpelled(name, spelling, /*truncated=*/false, language));
        GH_CHECK(*MayBeSpelled(name, spelling.substr(0, spelling.size() / 2), /*truncated=*/true, language));
      }
    }
    for (const Script script : {Script::kLatin, Script::kCyrillic, Script::kArabic}) {
      const absl::StatusOr<TextSet> originals = Originals(name, script, language);
      if (!originals.ok()) continue;
      for (const std::string& original : originals->texts) {
        // Its UTF-8 may be longer than a name is taken.
        if (original.size() <= kMaxNameBytes) GH_CHECK(*MayBeSpelled(original, name, /*truncated=*/false, language));
      }
    }
  }
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
  if (const std::optional<Repair> repair = FindRepair(mrz)) {
    GH_CHECK(Parse(repair->text).valid() && repair->text != mrz.text() && !repair->swaps.empty());
  }
  CheckSpellings(text);
}

}  // namespace
}  // namespace gatehouse::mrz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  gatehouse::mrz::Run(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
