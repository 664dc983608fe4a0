// One traveller with a document: what the reader at the counter would deliver, and what ought to be found.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "tools/specimen/faults.h"
#include "tools/specimen/file.h"
#include "tools/specimen/list_maker.h"
#include "tools/specimen/state.h"
#include "tools/specimen/travel_document.h"

namespace gatehouse::specimen {

struct Traveller {
  Plan plan;
  TravelDocument document;  // as the State issued it, before any fault
  // mrz.txt, expected.json and the chip's EF.COM.bin, EF.SOD.bin, EF.DG1.bin, EF.DG2.bin.
  std::vector<File> files;
  // The keys and values of the labelled chips, with `fault` and `recommendation` beside them.
  nlohmann::ordered_json expected;
};

class TravellerMaker {
 public:
  struct Options {
    uint64_t seed = 1;
    // Every chip by the one RSA-2048 signer and one of 64 faces: thousands in seconds, to measure with.
    bool for_load = false;
  };

  // Both must outlive the maker. `persons` is where a listed holder comes from.
  TravellerMaker(const State& state, std::span<const ListedPerson> persons, Options options)
      : state_(state), persons_(persons), options_(options) {}

  // `plan.fault` any but kSameChipTwice.
  Traveller Make(const Plan& plan);
  // The same document, presented by traveller `plan.number`.
  Traveller Repeat(const Plan& plan, const Traveller& earlier) const;

 private:
  SignerKind ChooseSigner(SeededRandom& random, Fault fault) const;
  const ListedPerson& ChooseListed(SeededRandom& random) const;
  TravelDocument MakeDocument(SeededRandom& random, const Signer& signer, const Plan& plan) const;
  std::string MakeFace(SeededRandom& random, const Holder& holder);

  const State& state_;
  std::span<const ListedPerson> persons_;
  Options options_;
  std::map<uint64_t, std::string> shared_faces_;  // DG2 by face, for load
};

}  // namespace gatehouse::specimen
