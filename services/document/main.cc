// gatehouse-document: the document service as a process of its own.
#include "libs/runtime/run.h"
#include "services/document/module.h"

int main(int argc, char** argv) { return gatehouse::runtime::Run(argc, argv, {gatehouse::document::kModule}); }
