// gatehouse-watchlist: the watch-list service as a process of its own.
#include "libs/runtime/run.h"
#include "services/watchlist/module.h"

int main(int argc, char** argv) { return gatehouse::runtime::Run(argc, argv, {gatehouse::watchlist::kModule}); }
