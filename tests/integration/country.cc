#include "tests/integration/country.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "tests/integration/deployment.h"

namespace gatehouse::integration {
namespace {

std::string TextOf(const nlohmann::json& object, const char* key) {
  return object[key].is_string() ? object[key].get<std::string>() : "";
}

}  // namespace

const Traveller& Country::WithFault(const std::string& fault) const {
  const auto found =
      std::find_if(travellers.begin(), travellers.end(), [&](const Traveller& t) { return t.fault == fault; });
  GH_CHECK(found != travellers.end());
  return *found;
}

absl::StatusOr<Country> MakeCountry(const std::string& folder, const Arguments& arguments) {
  Arguments make = {BinFolder() + "/specimen", "make", "--out", folder};
  make.insert(make.end(), arguments.begin(), arguments.end());
  GH_ASSIGN_OR_RETURN(const Output output, RunProgram(make));
  if (output.exit_code != 0) return absl::InternalError(absl::StrCat("specimen: ", output.err));
  Country country{.folder = folder, .travellers = {}};
  std::ifstream file(folder + "/travellers.json");
  for (nlohmann::json& traveller : nlohmann::json::parse(file)) {
    country.travellers.push_back({.folder = absl::StrCat(folder, "/", TextOf(traveller, "folder")),
                                  .fault = TextOf(traveller, "fault"),
                                  .overall = TextOf(traveller, "overall"),
                                  .recommendation = TextOf(traveller, "recommendation")});
  }
  return country;
}

absl::Status MakeSoftChip(const std::string& folder, const Arguments& arguments) {
  Arguments make = {BinFolder() + "/specimen", "soft-chip", "--out", folder};
  make.insert(make.end(), arguments.begin(), arguments.end());
  GH_ASSIGN_OR_RETURN(const Output output, RunProgram(make, absl::Minutes(3)));
  return output.exit_code == 0 ? absl::OkStatus() : absl::InternalError(absl::StrCat("specimen: ", output.err));
}

}  // namespace gatehouse::integration
