// The inspection service as a module (libs/runtime/module.h). It calls document, watchlist and traveller.
#pragma once

#include "libs/runtime/module.h"

namespace gatehouse::inspection {

extern const runtime::ModuleEntry kModule;

}  // namespace gatehouse::inspection
