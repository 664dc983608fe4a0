#include "libs/base/freed_memory.h"

#include <malloc.h>

namespace gatehouse::base {

void ReturnFreedMemory() { malloc_trim(0); }

}  // namespace gatehouse::base
