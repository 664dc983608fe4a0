// A handler of a writing call: the same request is done once and answered as often as it comes.
#pragma once

#include <functional>
#include <string>

#include "libs/base/clock.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/handle.h"
#include "libs/seal/seal.h"
#include "services/document/answered_request.h"

namespace gatehouse::document {

inline constexpr size_t kMaxRequestIdBytes = 64;

struct OnceDeps {
  RequestRepository& requests;
  const seal::Sealer& sealer;
  base::Clock& clock;
};

// INVALID_ARGUMENT unless 1 to 64 printable characters without blanks.
absl::Status CheckRequestId(const std::string& id);
// Of the bytes as the caller sent them, the method and the caller, under the service's own key.
std::string RequestDigest(const OnceDeps& deps, const rpc::Call& call, std::string_view method);
// The answer that was given before; nothing when there was none. ALREADY_EXISTS when the id was another request's.
absl::StatusOr<std::optional<std::string>> AnswerBefore(const OnceDeps& deps, const std::string& id,
                                                        const std::string& digest);

// `fill` renders the outcome into the empty response; `act` does it, and keeps the request together with what it does.
// An error is not kept: the request may come again.
template <typename Outcome, typename Response>
absl::Status Once(const OnceDeps& deps, rpc::Call& call, std::string_view method, const std::string& request_id,
                  Response& response, const std::function<void(const Outcome&, Response&)>& fill,
                  const std::function<absl::StatusOr<Outcome>(const Asked<Outcome>&)>& act) {
  GH_RETURN_IF_ERROR(CheckRequestId(request_id));
  const auto parse = [&](const std::string& answer) {
    return response.ParseFromString(answer) ? absl::OkStatus() : absl::DataLossError("a kept answer does not read");
  };
  Asked<Outcome> asked{.id = request_id, .digest = RequestDigest(deps, call, method), .time = deps.clock.Now()};
  asked.render = [&](const Outcome& outcome) {
    response.Clear();
    fill(outcome, response);
    return response.SerializeAsString();
  };
  GH_ASSIGN_OR_RETURN(const std::optional<std::string> before, AnswerBefore(deps, request_id, asked.digest));
  if (before) return parse(*before);
  const absl::StatusOr<Outcome> outcome = act(asked);
  if (!outcome.ok()) {
    // The same request may have been answered meanwhile, elsewhere.
    GH_ASSIGN_OR_RETURN(const std::optional<std::string> meanwhile, AnswerBefore(deps, request_id, asked.digest));
    return meanwhile ? parse(*meanwhile) : outcome.status();
  }
  return deps.requests.Keep(*asked.Answered(*outcome));
}

}  // namespace gatehouse::document
