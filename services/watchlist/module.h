// The watch-list service as a module: its object graph, and the worker that
// picks up what other replicas imported.
#pragma once

#include "libs/runtime/module.h"

namespace gatehouse::watchlist {

extern const runtime::ModuleEntry kModule;

}  // namespace gatehouse::watchlist
