#include "libs/mrz/states.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "libs/mrz/check_digit.h"

namespace gatehouse::mrz {
namespace {

// A document signed under one country; `second` where a State had, or has, another one.
struct State {
  std::string_view code;
  std::array<std::string_view, 2> countries;
};

// clang-format off
constexpr auto kStates = std::to_array<State>({
    // ISO 3166-1. The authorities of Hong Kong and Macao stand in the published lists under CN.
    {"ABW", {"AW"}}, {"AFG", {"AF"}}, {"AGO", {"AO"}}, {"AIA", {"AI"}}, {"ALA", {"AX"}}, {"ALB", {"AL"}},
    {"AND", {"AD"}}, {"ARE", {"AE"}}, {"ARG", {"AR"}}, {"ARM", {"AM"}}, {"ASM", {"AS"}}, {"ATA", {"AQ"}},
    {"ATF", {"TF"}}, {"ATG", {"AG"}}, {"AUS", {"AU"}}, {"AUT", {"AT"}}, {"AZE", {"AZ"}}, {"BDI", {"BI"}},
    {"BEL", {"BE"}}, {"BEN", {"BJ"}}, {"BES", {"BQ"}}, {"BFA", {"BF"}}, {"BGD", {"BD"}}, {"BGR", {"BG"}},
    {"BHR", {"BH"}}, {"BHS", {"BS"}}, {"BIH", {"BA"}}, {"BLM", {"BL"}}, {"BLR", {"BY"}}, {"BLZ", {"BZ"}},
    {"BMU", {"BM"}}, {"BOL", {"BO"}}, {"BRA", {"BR"}}, {"BRB", {"BB"}}, {"BRN", {"BN"}}, {"BTN", {"BT"}},
    {"BVT", {"BV"}}, {"BWA", {"BW"}}, {"CAF", {"CF"}}, {"CAN", {"CA"}}, {"CCK", {"CC"}}, {"CHE", {"CH"}},
    {"CHL", {"CL"}}, {"CHN", {"CN"}}, {"CIV", {"CI"}}, {"CMR", {"CM"}}, {"COD", {"CD"}}, {"COG", {"CG"}},
    {"COK", {"CK"}}, {"COL", {"CO"}}, {"COM", {"KM"}}, {"CPV", {"CV"}}, {"CRI", {"CR"}}, {"CUB", {"CU"}},
    {"CUW", {"CW"}}, {"CXR", {"CX"}}, {"CYM", {"KY"}}, {"CYP", {"CY"}}, {"CZE", {"CZ"}}, {"DEU", {"DE"}},
    {"DJI", {"DJ"}}, {"DMA", {"DM"}}, {"DNK", {"DK"}}, {"DOM", {"DO"}}, {"DZA", {"DZ"}}, {"ECU", {"EC"}},
    {"EGY", {"EG"}}, {"ERI", {"ER"}}, {"ESH", {"EH"}}, {"ESP", {"ES"}}, {"EST", {"EE"}}, {"ETH", {"ET"}},
    {"FIN", {"FI"}}, {"FJI", {"FJ"}}, {"FLK", {"FK"}}, {"FRA", {"FR"}}, {"FRO", {"FO"}}, {"FSM", {"FM"}},
    {"GAB", {"GA"}}, {"GBR", {"GB"}}, {"GEO", {"GE"}}, {"GGY", {"GG"}}, {"GHA", {"GH"}}, {"GIB", {"GI"}},
    {"GIN", {"GN"}}, {"GLP", {"GP"}}, {"GMB", {"GM"}}, {"GNB", {"GW"}}, {"GNQ", {"GQ"}}, {"GRC", {"GR"}},
    {"GRD", {"GD"}}, {"GRL", {"GL"}}, {"GTM", {"GT"}}, {"GUF", {"GF"}}, {"GUM", {"GU"}}, {"GUY", {"GY"}},
    {"HKG", {"HK", "CN"}}, {"HMD", {"HM"}}, {"HND", {"HN"}}, {"HRV", {"HR"}}, {"HTI", {"HT"}}, {"HUN", {"HU"}},
    {"IDN", {"ID"}}, {"IMN", {"IM"}}, {"IND", {"IN"}}, {"IOT", {"IO"}}, {"IRL", {"IE"}}, {"IRN", {"IR"}},
    {"IRQ", {"IQ"}}, {"ISL", {"IS"}}, {"ISR", {"IL"}}, {"ITA", {"IT"}}, {"JAM", {"JM"}}, {"JEY", {"JE"}},
    {"JOR", {"JO"}}, {"JPN", {"JP"}}, {"KAZ", {"KZ"}}, {"KEN", {"KE"}}, {"KGZ", {"KG"}}, {"KHM", {"KH"}},
    {"KIR", {"KI"}}, {"KNA", {"KN"}}, {"KOR", {"KR"}}, {"KWT", {"KW"}}, {"LAO", {"LA"}}, {"LBN", {"LB"}},
    {"LBR", {"LR"}}, {"LBY", {"LY"}}, {"LCA", {"LC"}}, {"LIE", {"LI"}}, {"LKA", {"LK"}}, {"LSO", {"LS"}},
    {"LTU", {"LT"}}, {"LUX", {"LU"}}, {"LVA", {"LV"}}, {"MAC", {"MO", "CN"}}, {"MAF", {"MF"}}, {"MAR", {"MA"}},
    {"MCO", {"MC"}}, {"MDA", {"MD"}}, {"MDG", {"MG"}}, {"MDV", {"MV"}}, {"MEX", {"MX"}}, {"MHL", {"MH"}},
    {"MKD", {"MK"}}, {"MLI", {"ML"}}, {"MLT", {"MT"}}, {"MMR", {"MM"}}, {"MNE", {"ME"}}, {"MNG", {"MN"}},
    {"MNP", {"MP"}}, {"MOZ", {"MZ"}}, {"MRT", {"MR"}}, {"MSR", {"MS"}}, {"MTQ", {"MQ"}}, {"MUS", {"MU"}},
    {"MWI", {"MW"}}, {"MYS", {"MY"}}, {"MYT", {"YT"}}, {"NAM", {"NA"}}, {"NCL", {"NC"}}, {"NER", {"NE"}},
    {"NFK", {"NF"}}, {"NGA", {"NG"}}, {"NIC", {"NI"}}, {"NIU", {"NU"}}, {"NLD", {"NL"}}, {"NOR", {"NO"}},
    {"NPL", {"NP"}}, {"NRU", {"NR"}}, {"NZL", {"NZ"}}, {"OMN", {"OM"}}, {"PAK", {"PK"}}, {"PAN", {"PA"}},
    {"PCN", {"PN"}}, {"PER", {"PE"}}, {"PHL", {"PH"}}, {"PLW", {"PW"}}, {"PNG", {"PG"}}, {"POL", {"PL"}},
    {"PRI", {"PR"}}, {"PRK", {"KP"}}, {"PRT", {"PT"}}, {"PRY", {"PY"}}, {"PSE", {"PS"}}, {"PYF", {"PF"}},
    {"QAT", {"QA"}}, {"REU", {"RE"}}, {"ROU", {"RO"}}, {"RUS", {"RU"}}, {"RWA", {"RW"}}, {"SAU", {"SA"}},
    {"SDN", {"SD"}}, {"SEN", {"SN"}}, {"SGP", {"SG"}}, {"SGS", {"GS"}}, {"SHN", {"SH"}}, {"SJM", {"SJ"}},
    {"SLB", {"SB"}}, {"SLE", {"SL"}}, {"SLV", {"SV"}}, {"SMR", {"SM"}}, {"SOM", {"SO"}}, {"SPM", {"PM"}},
    {"SRB", {"RS"}}, {"SSD", {"SS"}}, {"STP", {"ST"}}, {"SUR", {"SR"}}, {"SVK", {"SK"}}, {"SVN", {"SI"}},
    {"SWE", {"SE"}}, {"SWZ", {"SZ"}}, {"SXM", {"SX"}}, {"SYC", {"SC"}}, {"SYR", {"SY"}}, {"TCA", {"TC"}},
    {"TCD", {"TD"}}, {"TGO", {"TG"}}, {"THA", {"TH"}}, {"TJK", {"TJ"}}, {"TKL", {"TK"}}, {"TKM", {"TM"}},
    {"TLS", {"TL"}}, {"TON", {"TO"}}, {"TTO", {"TT"}}, {"TUN", {"TN"}}, {"TUR", {"TR"}}, {"TUV", {"TV"}},
    {"TWN", {"TW"}}, {"TZA", {"TZ"}}, {"UGA", {"UG"}}, {"UKR", {"UA"}}, {"UMI", {"UM"}}, {"URY", {"UY"}},
    {"USA", {"US"}}, {"UZB", {"UZ"}}, {"VAT", {"VA"}}, {"VCT", {"VC"}}, {"VEN", {"VE"}}, {"VGB", {"VG"}},
    {"VIR", {"VI"}}, {"VNM", {"VN"}}, {"VUT", {"VU"}}, {"WLF", {"WF"}}, {"WSM", {"WS"}}, {"YEM", {"YE"}},
    {"ZAF", {"ZA"}}, {"ZMB", {"ZM"}}, {"ZWE", {"ZW"}},
    // Doc 9303-3 section 5, part A: what ISO 3166-1 has not. Kosovo signs under KS; XK is the European Union's.
    {"D", {"DE"}}, {"RKS", {"KS", "XK"}},
    {"GBD", {"GB"}}, {"GBN", {"GB"}}, {"GBO", {"GB"}}, {"GBP", {"GB"}}, {"GBS", {"GB"}},
    // Parts B and C. The certificates of the United Nations carried ZZ before UN.
    {"EUE", {"EU"}}, {"UNO", {"UN", "ZZ"}}, {"UNA", {"UN", "ZZ"}}, {"UNK", {"UN", "ZZ"}},
    // Part D: no two-letter code is assigned; the Order of Malta is met under XO.
    {"XBA", {}}, {"XIM", {}}, {"XCC", {}}, {"XCE", {}}, {"XCO", {}}, {"XEC", {}},
    {"XPO", {}}, {"XES", {}}, {"XMP", {}}, {"XDC", {}}, {"XOM", {"XO"}},
    // Part E: persons without a defined nationality. Nobody issues under these codes.
    {"XXA", {}}, {"XXB", {}}, {"XXC", {}}, {"XXX", {}},
    // Parts F to H, and other withdrawn codes of ISO 3166 that documents still carry.
    {"ANT", {"AN", "NL"}}, {"NTZ", {"NT"}}, {"UTO", {"UT"}}, {"IAO", {"IA"}}, {"BUR", {"MM"}}, {"CSK", {}},
    {"BYS", {"BY"}}, {"FXX", {"FR"}},
    {"DDR", {"DE"}}, {"ROM", {"RO"}}, {"SCG", {"RS", "ME"}}, {"SUN", {"RU"}}, {"TMP", {"TL"}}, {"YMD", {"YE"}},
    {"YUG", {"RS"}}, {"ZAR", {"CD"}},
});
// clang-format on

constexpr size_t kRadix = 27;  // a filler or a letter
constexpr size_t kNoIndex = kRadix * kRadix * kRadix;

constexpr size_t IndexOf(std::string_view code) {
  if (code.empty() || code.size() > 3) return kNoIndex;
  size_t index = 0;
  bool ended = false;
  for (size_t i = 0; i < 3; ++i) {
    const char c = i < code.size() ? code[i] : kFiller;
    if (c == kFiller) ended = true;
    if (c != kFiller && (ended || !IsLetter(c))) return kNoIndex;
    index = index * kRadix + (c == kFiller ? 0 : static_cast<size_t>(c - 'A') + 1);
  }
  return index;
}

// In the order of IndexOf().
constexpr auto kStatesByIndex = [] {
  struct Row {
    size_t index = 0;
    const State* state = nullptr;
  };
  std::array<Row, kStates.size()> rows{};
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = {IndexOf(kStates[i].code), &kStates[i]};
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.index < b.index; });
  return rows;
}();

// Every zone is looked up twice, so the answer is one bit.
constexpr auto kKnownStates = [] {
  std::array<uint64_t, kNoIndex / 64 + 1> bits{};
  for (const State& state : kStates) bits[IndexOf(state.code) / 64] |= uint64_t{1} << IndexOf(state.code) % 64;
  return bits;
}();

}  // namespace

bool IsKnownState(std::string_view code) {
  const size_t index = IndexOf(code);
  return (kKnownStates[index / 64] >> index % 64 & 1) != 0;
}

std::span<const std::string_view> CertificateCountries(std::string_view issuing_state) {
  const size_t index = IndexOf(issuing_state);
  const auto row = std::lower_bound(kStatesByIndex.begin(), kStatesByIndex.end(), index,
                                    [](const auto& one, size_t wanted) { return one.index < wanted; });
  if (row == kStatesByIndex.end() || row->index != index) return {};
  const std::array<std::string_view, 2>& countries = row->state->countries;
  const auto written = [](std::string_view country) { return !country.empty(); };
  return std::span(countries).first(static_cast<size_t>(std::count_if(countries.begin(), countries.end(), written)));
}

}  // namespace gatehouse::mrz
