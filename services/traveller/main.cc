#include "libs/runtime/run.h"
#include "services/traveller/module.h"

int main(int argc, char** argv) { return gatehouse::runtime::Run(argc, argv, {gatehouse::traveller::kModule}); }
