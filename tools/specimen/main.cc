// specimen: makes the synthetic State of Utopia into a folder (country.h says what it holds).
//   specimen make --seed 1 --out DIR [--travellers 40] [--at 2026-11-24T00:00:00Z] [--persons N] [--documents N]
//   specimen make --travellers 2000 --only-rsa --out DIR      one signer, no faults: to measure with
//   specimen chip --fault NAME [--fault NAME]... --out DIR    the same folder, one traveller for each fault
//   specimen faults                                           the names
//   specimen soft-chip --out DIR [--pace gm|im|cam|none] ...  a chip that speaks APDUs, its clone, a terminal
//   specimen serve-chip DIR [--port N]                        such a chip as the card in a virtual reader
// Exit code 0 done, 1 the folder could not be made, 2 bad usage.
#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "tools/specimen/country.h"
#include "tools/specimen/soft_chip_verbs.h"

namespace {

using gatehouse::specimen::CountryOptions;

constexpr int kMaxTravellers = 9999;
constexpr int kMaxRows = 1000000;

struct Arguments {
  uint64_t seed = 1;
  std::string out;
  std::string at;
  int travellers = 40;
  int persons = 2000;
  int documents = 2000;
  bool only_rsa = false;
  std::vector<std::string> faults;
};

void AddCommon(CLI::App* verb, Arguments& arguments) {
  verb->add_option("--seed", arguments.seed, "the same seed makes the same State");
  verb->add_option("--out", arguments.out, "folder to make")->required();
  verb->add_option("--at", arguments.at, "time of arrival, RFC 3339 (default: today 00:00 UTC)");
  verb->add_option("--persons", arguments.persons, "persons on the list")->check(CLI::Range(1, kMaxRows));
  verb->add_option("--documents", arguments.documents, "documents on the list")->check(CLI::Range(0, kMaxRows));
}

absl::Time Midnight(absl::Time time) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  return absl::FromCivil(absl::ToCivilDay(time, utc), utc);
}

bool FillTime(const Arguments& arguments, CountryOptions& options) {
  options.at = Midnight(gatehouse::base::SystemClock().Now());
  std::string error;
  if (arguments.at.empty() || absl::ParseTime(absl::RFC3339_full, arguments.at, &options.at, &error)) return true;
  std::cerr << "specimen: --at: " << error << "\n";
  return false;
}

bool FillFaults(const Arguments& arguments, CountryOptions& options) {
  std::vector<gatehouse::specimen::Fault> faults;
  for (const std::string& name : arguments.faults) {
    const auto fault = gatehouse::specimen::FaultByName(name);
    if (!fault) {
      std::cerr << "specimen: --fault: unknown fault; `specimen faults` lists them\n";
      return false;
    }
    faults.push_back(*fault);
  }
  options.plans = gatehouse::specimen::PlanOf(faults);
  return true;
}

void ListFaults() {
  for (const auto& row : gatehouse::specimen::FaultRows()) std::cout << row.name << "\t" << row.description << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Makes a synthetic State: trust, lists, travellers");
  app.require_subcommand(1);
  CLI::App* make = app.add_subcommand("make", "a State with travellers, most of them without a fault");
  AddCommon(make, arguments);
  make->add_option("--travellers", arguments.travellers, "how many")->check(CLI::Range(1, kMaxTravellers));
  make->add_flag("--only-rsa", arguments.only_rsa, "one RSA-2048 signer, no faults: fast, to measure with");
  CLI::App* chip = app.add_subcommand("chip", "a State with one traveller for each --fault");
  AddCommon(chip, arguments);
  chip->add_option("--fault", arguments.faults, "name of a fault")->required()->expected(1)->take_all();
  CLI::App* faults = app.add_subcommand("faults", "list the names of faults");
  std::function<int()> run_soft_chip_verb;
  gatehouse::specimen::AddSoftChipVerbs(app, run_soft_chip_verb);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (run_soft_chip_verb) return run_soft_chip_verb();
  if (faults->parsed()) {
    ListFaults();
    return 0;
  }

  CountryOptions options{.seed = arguments.seed,
                         .listed_documents = arguments.documents,
                         .listed_persons = arguments.persons,
                         .for_load = arguments.only_rsa};
  if (!FillTime(arguments, options)) return 2;
  if (chip->parsed()) {
    if (!FillFaults(arguments, options)) return 2;
  } else {
    options.plans = arguments.only_rsa ? gatehouse::specimen::PlanOfGood(arguments.travellers)
                                       : gatehouse::specimen::SpreadFaults(arguments.seed, arguments.travellers);
  }
  const absl::Status made = gatehouse::specimen::MakeCountry(options, arguments.out);
  if (!made.ok()) {
    std::cerr << "specimen: " << made.message() << "\n";
    return 1;
  }
  return 0;
}
