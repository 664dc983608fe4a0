// Whom an outgoing call is made for. The peer heeds it when the matrix lets this process act for others.
#pragma once

#include <string>

#include "absl/time/time.h"

namespace gatehouse::rpc {

struct OnBehalf {
  std::string officer;
  std::string purpose;
  std::string call_id;
  absl::Time deadline = absl::InfiniteFuture();  // by this process's clock
};

}  // namespace gatehouse::rpc
