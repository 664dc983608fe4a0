// gatehouse audit verify: whether the chain of an audit folder holds. Needs no service.
#pragma once

#include "tools/gatehouse/context.h"

namespace CLI {
class App;
}

namespace gatehouse::cli {

// Of `gatehouse audit`: search; archive and destroy.
void AddAuditSearchVerb(CLI::App& audit, Context& context);
void AddAuditArchiveVerbs(CLI::App& audit, Context& context);

void AddAuditVerbs(CLI::App& app, Context& context);

}  // namespace gatehouse::cli
