// Memory that was freed, given back to the machine. The allocator keeps it for the threads that freed it, where no
// other thread finds it: what the network has received is still resident while the handler works on its copy. Worth
// its milliseconds only around work with tens of megabytes.
#pragma once

namespace gatehouse::base {

void ReturnFreedMemory();

}  // namespace gatehouse::base
