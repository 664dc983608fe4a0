// What earlier crossings say about this one. Pure. First level: the same document at two posts at once, a document that
// another person used, an entry after an entry (or exit after exit), and an earlier refusal.
#pragma once

#include <optional>
#include <string>

#include "services/inspection/check.h"
#include "services/inspection/ports.h"

namespace gatehouse::inspection {

// How long after an inspection at one post the same document at another one is suspicious.
inline constexpr absl::Duration kTwoPostsWindow = absl::Minutes(10);

// `seen_elsewhere`: the post where the document was inspected within kTwoPostsWindow.
Check CheckHistory(const History& history, Direction direction, const std::optional<std::string>& seen_elsewhere);

}  // namespace gatehouse::inspection
