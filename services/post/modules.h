// The explicit list of all modules: what a post runs in one process, and whose stores `gatehouse migrate` knows.
#pragma once

#include <vector>

#include "libs/runtime/module.h"

namespace gatehouse::post {

std::vector<runtime::ModuleEntry> Modules();

}  // namespace gatehouse::post
