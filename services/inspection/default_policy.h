// The text of deploy/policy/default.textproto, put into the program by the build.
#pragma once

#include <string_view>

namespace gatehouse::inspection {

extern const std::string_view kDefaultPolicyText;

}  // namespace gatehouse::inspection
