// The text of deploy/policy/document.textproto, put into the program by the build.
#pragma once

#include <string_view>

namespace gatehouse::document {

extern const std::string_view kDefaultPolicyText;

}  // namespace gatehouse::document
