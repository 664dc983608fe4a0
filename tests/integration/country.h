// A synthetic State in a folder, made by tools/specimen, and its travellers with what ought to become of them.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/integration/process.h"

namespace gatehouse::integration {

struct Traveller {
  std::string folder;          // mrz.txt and the files of the chip
  std::string fault;           // "none", "revoked_dsc", ...
  std::string overall;         // of passive authentication; empty without a chip
  std::string recommendation;  // clear or refer
};

struct Country {
  std::string folder;
  std::vector<Traveller> travellers;

  std::string trust() const { return folder + "/trust"; }
  std::string untrusted() const { return folder + "/untrusted"; }
  std::string stolen_documents() const { return folder + "/lists/stolen.csv"; }
  std::string wanted_persons() const { return folder + "/lists/persons.xml"; }
  // utopia.cms, issuer.der, forged.cms, unsigned.json
  std::string notice(const std::string& file) const { return folder + "/notices/" + file; }
  // The first traveller with this fault.
  const Traveller& WithFault(const std::string& fault) const;
};

// `specimen make --out FOLDER` with further arguments; the same seed makes the same State.
absl::StatusOr<Country> MakeCountry(const std::string& folder, const Arguments& arguments);

// `specimen soft-chip --out FOLDER` with further arguments: trust/, chip/ and the same document copied, clone/ and
// clone-without-keys/.
absl::Status MakeSoftChip(const std::string& folder, const Arguments& arguments);

}  // namespace gatehouse::integration
