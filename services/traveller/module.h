// The traveller service as a module (libs/runtime/module.h).
#pragma once

#include "libs/runtime/module.h"

namespace gatehouse::traveller {

extern const runtime::ModuleEntry kModule;

}  // namespace gatehouse::traveller
