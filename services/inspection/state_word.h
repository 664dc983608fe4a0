// The word under which a state is stored.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/inspection/inspection.h"

namespace gatehouse::inspection {

std::string StateWord(State state);
absl::StatusOr<State> ReadStateWord(std::string_view text);  // DATA_LOSS for another word

}  // namespace gatehouse::inspection
