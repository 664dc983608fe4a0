#include "libs/runtime/run.h"
#include "services/inspection/module.h"

int main(int argc, char** argv) { return gatehouse::runtime::Run(argc, argv, {gatehouse::inspection::kModule}); }
