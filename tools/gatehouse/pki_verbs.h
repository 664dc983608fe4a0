// gatehouse pki init: prints what was made and what was kept.
#pragma once

#include "tools/gatehouse/context.h"

namespace CLI {
class App;
}

namespace gatehouse::cli {

void AddPkiVerbs(CLI::App& app, Context& context);

}  // namespace gatehouse::cli
