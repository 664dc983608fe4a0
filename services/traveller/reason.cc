#include "services/traveller/reason.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/cord.h"
#include "libs/base/check.h"

namespace gatehouse::traveller {
namespace {

constexpr char kReasonUrl[] = "gatehouse.traveller/reason";

struct Refusal {
  Reason reason;
  absl::StatusCode code;
};

constexpr std::array kRefusals = {
    Refusal{Reason::kPersonNotFound, absl::StatusCode::kNotFound},
    Refusal{Reason::kPersonErased, absl::StatusCode::kFailedPrecondition},
    Refusal{Reason::kSeveralPersons, absl::StatusCode::kFailedPrecondition},
    Refusal{Reason::kIdentityNotSearched, absl::StatusCode::kFailedPrecondition},
    Refusal{Reason::kCrossingNotFound, absl::StatusCode::kNotFound},
    Refusal{Reason::kKeyLost, absl::StatusCode::kDataLoss},
    Refusal{Reason::kRowDamaged, absl::StatusCode::kDataLoss},
    Refusal{Reason::kRequestIdReused, absl::StatusCode::kAlreadyExists},
    Refusal{Reason::kNamedOfficerRequired, absl::StatusCode::kPermissionDenied},
    Refusal{Reason::kTooManyCorrections, absl::StatusCode::kFailedPrecondition},
};

}  // namespace

absl::Status Refuse(Reason reason, std::string_view text) {
  const auto* found = std::find_if(kRefusals.begin(), kRefusals.end(),
                                   [reason](const Refusal& refusal) { return refusal.reason == reason; });
  GH_CHECK(found != kRefusals.end());
  absl::Status status(found->code, std::string(text));
  status.SetPayload(kReasonUrl, absl::Cord(std::string(1, static_cast<char>(reason))));
  return status;
}

std::optional<Reason> ReasonOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kReasonUrl);
  if (!payload.has_value()) return std::nullopt;
  return static_cast<Reason>(std::string(*payload).front());
}

}  // namespace gatehouse::traveller
