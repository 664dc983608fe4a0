// The travellers of a specimen State (tools/specimen), read into memory before anything is measured.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gatehouse/document/v1/document.pb.h"

namespace gatehouse::load {

inline constexpr int kMaxTravellers = 10'000;  // about 20 kB each with a portrait

// The documents in DIR/travellers/*, in name order, at most `limit` of them. NOT_FOUND when there is none.
absl::StatusOr<std::vector<gatehouse::document::v1::DocumentInput>> ReadTravellers(const std::string& state_folder,
                                                                                   int limit);

}  // namespace gatehouse::load
