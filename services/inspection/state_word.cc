#include "services/inspection/state_word.h"

#include <utility>

#include "libs/base/check.h"

namespace gatehouse::inspection {
namespace {

constexpr std::pair<State, std::string_view> kStateWords[] = {{State::kOpen, "open"},
                                                              {State::kReferred, "referred"},
                                                              {State::kAdmitted, "admitted"},
                                                              {State::kRefused, "refused"},
                                                              {State::kAbandoned, "abandoned"}};

}  // namespace

std::string StateWord(State state) {
  for (const auto& [known, word] : kStateWords) {
    if (known == state) return std::string(word);
  }
  GH_CHECK(false);
}

absl::StatusOr<State> ReadStateWord(std::string_view text) {
  for (const auto& [state, word] : kStateWords) {
    if (word == text) return state;
  }
  return absl::DataLossError("a stored inspection has an unknown state");
}

}  // namespace gatehouse::inspection
