// GENERAL AUTHENTICATE with its dynamic authentication data (ISO 7816-4 section 11.5.5): data objects inside 7C, one
// step of a protocol each. Both directions, for PACE and Chip Authentication.
#pragma once

#include <optional>

#include "libs/emrtd/access/channel.h"

namespace gatehouse::emrtd::access {

struct DynamicObject {
  uint32_t tag = 0;
  Octets value;
};

struct DynamicData {
  std::vector<DynamicObject> objects;  // in the order sent

  // The value of the first with this tag; nothing when there is none.
  std::optional<Bytes> Find(uint32_t tag) const;
};

// No real exchange has more.
inline constexpr size_t kMaxDynamicObjects = 8;

Octets Encode(const DynamicData& data);
// Exactly one 7C. INVALID_ARGUMENT for anything else.
absl::StatusOr<DynamicData> DecodeDynamicData(Bytes encoded);

// One step. `last` of a chain has CLA without the chaining bit. Expects as much as a short response holds, or more
// when `long_answer`. Errors as SendExpectingSuccess; an answer without data is an empty DynamicData.
struct GeneralAuthenticateStep {
  DynamicData data;
  bool last = false;
  bool long_answer = false;
};
absl::StatusOr<DynamicData> GeneralAuthenticate(Channel& channel, const GeneralAuthenticateStep& step,
                                                std::string_view what);

}  // namespace gatehouse::emrtd::access
