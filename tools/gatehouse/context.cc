#include "tools/gatehouse/context.h"

namespace gatehouse::cli {

void Context::Fail(const absl::Status& status) {
  *err << "gatehouse: " << std::string(status.message()) << "\n";
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kOutOfRange:
      exit_code = kBadUsage;
      break;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      exit_code = kUnreachable;
      break;
    default:
      exit_code = kCheckSaysNo;
  }
}

}  // namespace gatehouse::cli
