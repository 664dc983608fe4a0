// A report as a document of its own: JSON (the protobuf mapping, names as in the proto) and XML in the shape of the
// logging scheme of BSI TR-03135 (part 1, section 6.2: one namespace a domain). The schemas of part 3 are not public:
// the structure and the value spellings are the guideline's, the element names are taken from its section titles.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "gatehouse/document/v1/document.pb.h"

namespace gatehouse::document {

std::string RenderJson(const v1::DocumentReport& report);
// Of RenderJson. INVALID_ARGUMENT when it is none, or its evidence refers to what is not in it.
absl::StatusOr<v1::DocumentReport> ReadJson(const std::string& text);
// Unlike in the JSON, what a check rests on stands in each check, as in the guideline.
std::string RenderXml(const v1::DocumentReport& report);

}  // namespace gatehouse::document
