// The whole folder of a synthetic State:
//   trust/csca-*.der, utopia.ml, utopia*.crl      what an inspection system imports
//   untrusted/csca-x.der                          what it must not know
//   lists/stolen.csv, persons.xml                 the watchlists
//   notices/utopia.cms, issuer.der, ...           reference specimens and fraud notices (notice_maker.h)
//   travellers/NN/mrz.txt, EF.*.bin, expected.json
//   travellers.json                               the travellers in order: [{folder, fault, overall, recommendation}]
// The same options give the same bytes, keys and signatures included (one build, one OpenSSL, one libjpeg).
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tools/specimen/faults.h"

namespace gatehouse::specimen {

struct CountryOptions {
  uint64_t seed = 1;
  absl::Time at;  // the day the travellers arrive; all periods are relative to it
  std::vector<Plan> plans;
  int listed_documents = 2000;
  int listed_persons = 2000;
  bool for_load = false;  // see TravellerMaker::Options
};

// FAILED_PRECONDITION when `folder` holds something that is not an earlier State; an earlier State is replaced.
absl::Status MakeCountry(const CountryOptions& options, const std::filesystem::path& folder);

}  // namespace gatehouse::specimen
