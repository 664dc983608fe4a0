// The chip part of a BSI TR-03135 check report: every check of the guideline that a chip's files answer, in its five
// states. A check that this system does not perform is undetermined with a detail that begins "NOT_DONE: ", and is
// not_supported only where the document itself lacks the feature, which only an authentic EF.SOD can say.
#pragma once

#include <string>
#include <vector>

#include "libs/emrtd/passive_authentication.h"

namespace gatehouse::emrtd {

enum class Tr03135State { kSuccessful, kFailed, kUndetermined, kNotSupported, kAborted };
std::string_view ToWord(Tr03135State state);

struct Tr03135Check {
  std::string id;  // snake_case, for example "security_object_signature", "data_group_2_integrity"
  Tr03135State state = Tr03135State::kUndetermined;
  std::string detail;  // may be empty; never personal data
};

// Always the same ids in the same order, but for the data groups, which are those of the report.
std::vector<Tr03135Check> Tr03135Checks(const PassiveAuthenticationReport& report);

// The guideline's rule over several checks: failed if one failed, aborted if one was, successful only if all are that
// the document supports; none at all is undetermined.
Tr03135State Combine(const std::vector<Tr03135Check>& checks);

}  // namespace gatehouse::emrtd
