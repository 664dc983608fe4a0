#include "tools/specimen/country.h"

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/status_macros.h"
#include "tools/specimen/file.h"
#include "tools/specimen/list_maker.h"
#include "tools/specimen/notice_maker.h"
#include "tools/specimen/seeded_random.h"
#include "tools/specimen/state.h"
#include "tools/specimen/traveller_maker.h"

namespace gatehouse::specimen {
namespace {

constexpr const char* kIndex = "travellers.json";
constexpr const char* kFolders[] = {"trust", "untrusted", "lists", "notices", "travellers"};

absl::Status Clear(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::exists(folder, error) || std::filesystem::is_empty(folder, error)) return absl::OkStatus();
  if (!std::filesystem::exists(folder / kIndex, error)) {
    return absl::FailedPreconditionError(absl::StrCat(folder.string(), " is not empty and holds no ", kIndex));
  }
  // The index goes first: half a State is never taken for a whole one.
  std::filesystem::remove(folder / kIndex, error);
  for (const char* name : kFolders) {
    if (!error) std::filesystem::remove_all(folder / name, error);
  }
  if (error) return absl::UnavailableError(absl::StrCat("cannot clear ", folder.string(), ": ", error.message()));
  return absl::OkStatus();
}

ListedDocument Report(const Traveller& traveller, absl::CivilDay today, size_t serial) {
  const TravelDocument& document = traveller.document;
  return {.number = document.number,
          .issuer = document.issuer,
          .type = document.format == mrz::Format::kTd3 ? "P" : "I",
          .status = "stolen",
          .reported_date = today - 12,
          .record_id = absl::StrFormat("UTO-DOC-%06d", serial)};
}

nlohmann::ordered_json IndexRow(const Traveller& traveller, const std::string& folder) {
  return {{"folder", folder},
          {"fault", traveller.expected["fault"]},
          {"overall", traveller.expected["overall"]},
          {"recommendation", traveller.expected["recommendation"]}};
}

}  // namespace

absl::Status MakeCountry(const CountryOptions& options, const std::filesystem::path& folder) {
  GH_RETURN_IF_ERROR(Clear(folder));
  const SeededCrypto seeded_crypto(options.seed);
  const State state = MakeState(options.seed, options.at);
  GH_RETURN_IF_ERROR(WriteFiles(folder / "trust", state.trust));
  GH_RETURN_IF_ERROR(WriteFiles(folder / "untrusted", state.untrusted));

  std::vector<ListedDocument> documents = MakeListedDocuments(options.seed, options.listed_documents, state.today);
  const std::vector<ListedPerson> persons = MakeListedPersons(options.seed, options.listed_persons, state.today);

  TravellerMaker maker(state, persons, {.seed = options.seed, .for_load = options.for_load});
  std::map<int, Traveller> coming_again;  // travellers whose document somebody will present later
  for (const Plan& plan : options.plans) {
    if (plan.repeats != 0) coming_again.try_emplace(plan.repeats);
  }
  nlohmann::ordered_json index = nlohmann::ordered_json::array();
  const int width = options.plans.size() < 100 ? 2 : 4;
  std::optional<TravelDocument> stolen;  // on the list of stolen documents; the first one where none is
  for (const Plan& plan : options.plans) {
    const Traveller traveller =
        plan.repeats != 0 ? maker.Repeat(plan, coming_again.at(plan.repeats)) : maker.Make(plan);
    if (!stolen) stolen = traveller.document;
    if (plan.fault == Fault::kStolenNumber) {
      stolen = traveller.document;
      documents.push_back(Report(traveller, state.today, documents.size() + 1));
    }
    const std::string name = absl::StrFormat("travellers/%0*d", width, plan.number);
    GH_RETURN_IF_ERROR(WriteFiles(folder / name, traveller.files));
    index.push_back(IndexRow(traveller, name));
    if (const auto kept = coming_again.find(plan.number); kept != coming_again.end()) kept->second = traveller;
  }

  if (stolen) GH_RETURN_IF_ERROR(WriteFiles(folder, MakeNotices(options.seed, options.at, *stolen)));
  return WriteFiles(folder, {{"lists/stolen.csv", DocumentListCsv(documents, state.today)},
                             {"lists/persons.xml", PersonsListXml(persons, state.today)},
                             {kIndex, index.dump(1) + "\n"}});
}

}  // namespace gatehouse::specimen
