// The State's notices: a signed bundle (docs/formats/notice.md) with a reference specimen and two fraud notices, and
// what looks like it and must not be taken.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "tools/specimen/file.h"
#include "tools/specimen/travel_document.h"

namespace gatehouse::specimen {

//   notices/issuer.der      the certificate of whoever publishes them
//   notices/utopia.cms      the bundle; its notice UTO-BLANKS-1 fits `stolen`
//   notices/forged.cms      the same, signed by somebody else under the same name
//   notices/unsigned.json   the same, signed by nobody
std::vector<File> MakeNotices(uint64_t seed, absl::Time at, const TravelDocument& stolen);

}  // namespace gatehouse::specimen
