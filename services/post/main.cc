// gatehouse-post: every service in one process on SQLite, for a border post that decides alone.
#include "libs/runtime/run.h"
#include "services/post/modules.h"

int main(int argc, char** argv) { return gatehouse::runtime::Run(argc, argv, gatehouse::post::Modules()); }
