// How bases and staged editions are shown: a JSON line each, or a table.
#pragma once

#include <vector>

#include "gatehouse/watchlist/v1/watchlist.pb.h"
#include "tools/gatehouse/context.h"

namespace gatehouse::cli {

void PrintBases(Context& context, const std::vector<watchlist::v1::Base>& bases);
void PrintStaged(Context& context, const std::vector<watchlist::v1::StagedImport>& imports);

}  // namespace gatehouse::cli
