#include "tools/gatehouse/context.h"

namespace gatehouse::cli {

void Context::Fail(const absl::Status& status) {
  *err << "gatehouse: " << std::string(status.message()) << "\n";
  exit_code = ExitCodeOf(status);
}

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kOutOfRange:
      return kBadUsage;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kUnreachable;
    default:
      return kCheckSaysNo;
  }
}

}  // namespace gatehouse::cli
