// The document service as a module: its object graph, and the worker that picks
// up what other replicas imported.
#pragma once

#include "libs/runtime/module.h"

namespace gatehouse::document {

extern const runtime::ModuleEntry kModule;

}  // namespace gatehouse::document
