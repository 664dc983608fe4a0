#include "tools/gatehouse/client.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/uuid.h"
#include "libs/rpc/channel.h"

namespace gatehouse::cli {

absl::StatusOr<std::shared_ptr<grpc::Channel>> Dial(const Context& context) {
  const std::filesystem::path folder = context.pki_dir;
  const rpc::TlsFiles files{.certificate_file = folder / (context.identity + ".crt"),
                            .key_file = folder / (context.identity + ".key"),
                            .ca_file = folder / "ca.crt"};
  for (const std::string& file : {files.certificate_file, files.key_file, files.ca_file}) {
    if (!std::filesystem::exists(file)) {
      return absl::InvalidArgumentError(
          absl::StrCat(file,
                       " is missing: name the folder with --pki and the identity with --as, or make them with "
                       "`gatehouse pki init`"));
    }
  }
  return rpc::Connect(context.server, files);
}

std::unique_ptr<grpc::ClientContext> NewCall(const Context& context) {
  auto call = std::make_unique<grpc::ClientContext>();
  call->set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(context.timeout_ms));
  return call;
}

std::string NewRequestId() { return base::NewUuid(base::SystemClock(), base::SystemRandom()); }

absl::Status CallStatus(const Context& context, const grpc::Status& status) {
  absl::Status result = rpc::FromGrpc(status);
  if (result.ok()) return result;
  std::string text(result.message());
  // Every status of a service has a reason; what the way there says has none.
  const std::string reason = rpc::Reason(result);
  if (result.code() == absl::StatusCode::kUnavailable && reason.empty()) {
    text = absl::StrCat("no answer from ", context.server, " (", text,
                        "): is the service running, and is --server right?");
  }
  // The text of these stays in the service: the word is what runbooks and operators go by.
  if (rpc::StaysInside(result.code()) && !reason.empty() && reason != absl::StatusCodeToString(result.code())) {
    absl::StrAppend(&text, ": ", reason);
  }
  for (const rpc::FieldViolation& violation : rpc::Violations(result)) {
    const std::string told = absl::StrCat(violation.field, ": ", violation.description);
    // The message of a single violation is the violation.
    if (!absl::StrContains(text, told)) absl::StrAppend(&text, "; ", told);
  }
  // A request the server refuses as not found is an answer, not a usage error.
  const absl::StatusCode code =
      result.code() == absl::StatusCode::kNotFound ? absl::StatusCode::kFailedPrecondition : result.code();
  return absl::Status(code, text);
}

}  // namespace gatehouse::cli
