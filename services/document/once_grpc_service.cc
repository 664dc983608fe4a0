#include "services/document/once_grpc_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/rpc/errors.h"

namespace gatehouse::document {

absl::Status CheckRequestId(const std::string& id) {
  const bool printable = std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (!id.empty() && id.size() <= kMaxRequestIdBytes && printable) return absl::OkStatus();
  return rpc::InvalidField("request_id", "must be 1 to 64 printable characters without blanks");
}

std::string RequestDigest(const OnceDeps& deps, const rpc::Call& call, std::string_view method) {
  return deps.sealer.LookupHash("document.request", absl::StrCat(std::string(method), "\n", call.principal().identity,
                                                                 "\n", call.request_digest()));
}

absl::StatusOr<std::optional<std::string>> AnswerBefore(const OnceDeps& deps, const std::string& id,
                                                        const std::string& digest) {
  GH_ASSIGN_OR_RETURN(std::optional<AnsweredRequest> kept, deps.requests.Find(id));
  if (!kept) return std::nullopt;
  if (kept->digest != digest) return absl::AlreadyExistsError("request_id: it was another request's");
  return std::move(kept->answer);
}

}  // namespace gatehouse::document
