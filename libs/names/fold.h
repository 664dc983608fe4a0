// Spelling habits taken out of a Latin token, so that one name written by two clerks compares equal: q/k/ck, kh/h,
// ph/f, ou/u, y/i, ya/ia/ja, w/v, sh/sch, dj/j, doubled letters, a silent final h. Two layers: Fold keeps the vowels,
// Skeleton keeps the consonants only and serves scripts that write no short vowels.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::names {

// `token` is a-z and 0-9 (normalize.h). The results hold a-z and 0-9 too; Fold of a letter token is never empty,
// Skeleton may be.
std::string Fold(std::string_view token);
std::string Skeleton(std::string_view token);

}  // namespace gatehouse::names
