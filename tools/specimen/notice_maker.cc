#include "tools/specimen/notice_maker.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tools/specimen/canvas.h"
#include "tools/specimen/cms_maker.h"
#include "tools/specimen/seeded_random.h"

namespace gatehouse::specimen {
namespace {

using nlohmann::ordered_json;

constexpr char kPublisher[] = "Utopia Border Police, document laboratory";
constexpr absl::Duration kYear = absl::Hours(24 * 365);

// A watermark as it shows against the light.
std::string Watermark() {
  Canvas canvas(160, 120);
  canvas.Ellipse(80, 60, 200, 200, {0.95f, 0.94f, 0.88f});
  canvas.Ellipse(80, 60, 40, 40, {0.80f, 0.79f, 0.72f}, 12);
  canvas.Ellipse(80, 60, 22, 22, {0.95f, 0.94f, 0.88f}, 8);
  return EncodeJpeg(canvas.ToPicture(), 80);
}

ordered_json Watermark(const char* expected) {
  return {{"name", "watermark"},
          {"place", "data page, centre"},
          {"expected", expected},
          {"image", {{"format", "jpeg"}, {"content", absl::Base64Escape(Watermark())}}}};
}

std::string CodeOf(const TravelDocument& document) { return document.format == mrz::Format::kTd3 ? "P" : "I"; }

ordered_json Bundle(absl::Time at, const TravelDocument& stolen) {
  const std::string today = absl::FormatTime("%Y-%m-%d", at - absl::Hours(24 * 30), absl::UTCTimeZone());
  // Blanks are stolen by the box: a hundred numbers and more, one of which is in a traveller's hand.
  const std::string box = stolen.number.substr(0, stolen.number.size() - 2);
  const ordered_json box_of_numbers = {{"first", absl::StrCat(box, "00")}, {"last", absl::StrCat(box, "ZZ")}};
  const ordered_json genuine = {
      {"id", "UTO-SPECIMEN-P"},
      {"kind", "reference_specimen"},
      {"issuing_state", "UTO"},
      {"document_code", "P"},
      {"model", "2019"},
      {"features", ordered_json::array({Watermark("two rings, lighter inside, in the paper")})},
      {"look_here", "The watermark is in the paper: two rings against the light."},
      {"source", kPublisher}};
  const ordered_json blanks = {
      {"id", "UTO-BLANKS-1"},
      {"kind", "stolen_blank"},
      {"issuing_state", stolen.issuer},
      {"document_code", CodeOf(stolen)},
      {"number_ranges", ordered_json::array({box_of_numbers})},
      {"valid_from", today},
      {"features", ordered_json::array({Watermark("genuine: the blank is")})},
      {"look_here", "Run a finger over the number: on these blanks it is printed, not punched."},
      {"source", kPublisher}};
  const ordered_json counterfeit = {{"id", "XOM-COUNTERFEIT-4"},
                                    {"kind", "counterfeit"},
                                    {"issuing_state", "XOM"},
                                    {"number_patterns", ordered_json::array({"M0#####"})},
                                    {"look_here", "The thread is printed on the page."},
                                    {"source", kPublisher}};
  return {{"format", "gatehouse-notices"},
          {"version", 1},
          {"publisher", kPublisher},
          {"number", 1},
          {"notices", ordered_json::array({genuine, blanks, counterfeit})}};
}

Identity MakePublisher(uint64_t serial, absl::Time at) {
  const Period period{at - absl::Hours(24 * 60), at + 2 * kYear};
  return Issue({.profile = Profile::kNoticeSigner,
                .common_name = "Notices Utopia",
                .serial = serial,
                .validity = period,
                .private_key_usage = period},
               MakeKeyPair(KeyKind::kP256), nullptr);
}

}  // namespace

std::vector<File> MakeNotices(uint64_t seed, absl::Time at, const TravelDocument& stolen) {
  SeededRandom random(seed, "notices");
  const auto serial = [&] { return random.Below(uint64_t{1} << 62) | (uint64_t{1} << 62); };
  const Identity publisher = MakePublisher(serial(), at), forger = MakePublisher(serial(), at);
  const std::string json = Bundle(at, stolen).dump(1) + "\n";
  const auto sign = [&](const Identity& signer) {
    return SignCms({.content_type = "1.2.840.113549.1.7.1", .content = json, .signing_time = at}, signer);
  };
  return {{"notices/issuer.der", ToDer(*publisher.certificate)},
          {"notices/utopia.cms", sign(publisher)},
          {"notices/forged.cms", sign(forger)},
          {"notices/unsigned.json", json}};
}

}  // namespace gatehouse::specimen
