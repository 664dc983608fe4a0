// Which documents a call was about, for its audit outcome: as every place names them that was read, so that a search
// for one of the numbers finds the call. Personal; the audit log keeps keyed hashes.
#pragma once

#include <vector>

#include "libs/base/identity.h"
#include "libs/emrtd/seals/seal.h"
#include "libs/mrz/parse.h"
#include "services/document/document.h"

namespace gatehouse::document {

std::vector<base::DocumentKey> ShownDocuments(const mrz::ParsedMrz& zone);
std::vector<base::DocumentKey> ShownDocuments(const emrtd::seals::Seal& seal);
std::vector<base::DocumentKey> ShownDocuments(const Presented& presented, const Report& report);

}  // namespace gatehouse::document
