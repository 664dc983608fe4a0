#include "libs/base/freed_memory.h"

#include <malloc.h>

#include <cstddef>

// jemalloc's, where the process is linked with it; tests keep the C library's allocator.
extern "C" int mallctl(const char* name, void* old_value, size_t* old_size, void* new_value, size_t new_size)
    __attribute__((weak));

namespace gatehouse::base {

void ReturnFreedMemory() {
  malloc_trim(0);
  if (mallctl == nullptr) return;
  // 4096 stands for all arenas (MALLCTL_ARENAS_ALL).
  mallctl("thread.tcache.flush", nullptr, nullptr, nullptr, 0);
  mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);
}

}  // namespace gatehouse::base
