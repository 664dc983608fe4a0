// How a State judges the checks of a document: data, versioned, named in every report. A policy may judge a check more
// mildly for a defect it knows, or leave out what nobody looked at; it can never make good what failed for another
// reason, and what it leaves out the verdict names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/emrtd/tr03135.h"

namespace gatehouse::document {

// Which time decides whether signer and authority were valid, where the readings disagree: an old document whose
// signer has expired since.
enum class ValidityReading {
  kAtSigning,  // Doc 9303-12: they were valid when the document was signed
  kAtCheck,    // TR-03135 section 5.6.4.3.4: they are valid now
  kBoth,       // valid then and expired now is undetermined
};

// A check in one of these states, under these conditions, is judged otherwise. The first rule that fits speaks.
struct JudgementRule {
  std::string name;
  std::vector<std::string> checks;  // ids; "data_group_*" stands for a prefix
  std::vector<emrtd::Tr03135State> when;
  // Only with one of these words: of a defect or deviation in the check's evidence. Empty: always.
  std::vector<std::string> deviations;
  bool not_done = false;                      // only a check that was not made
  std::optional<emrtd::Tr03135State> judged;  // or
  bool leave_out = false;                     // the verdict does not count it, and names it as not looked at
  std::string text;                           // why, for an officer
};

struct Policy {
  std::string name;
  std::string version;
  ValidityReading validity = ValidityReading::kBoth;
  // What an absent and what a stale revocation list mean: undetermined, failed, or, for an absent one, not supported.
  emrtd::Tr03135State no_crl = emrtd::Tr03135State::kUndetermined;
  emrtd::Tr03135State stale_crl = emrtd::Tr03135State::kUndetermined;
  // The document owes active or chip authentication and none was done: undetermined, failed or not supported.
  emrtd::Tr03135State authenticity_not_done = emrtd::Tr03135State::kUndetermined;
  bool trust_reader_challenges = false;
  std::vector<JudgementRule> rules;
};

// INVALID_ARGUMENT for a policy that cannot mean what its author thinks: no name or version, a rule without name,
// check, state, effect or text, a name given twice; and for one that would make good what nobody established: a rule to
// successful, or one that leaves out a failed check, for anything but named deviations, and a missing answer that is
// successful.
absl::Status CheckPolicy(const Policy& policy);

}  // namespace gatehouse::document
