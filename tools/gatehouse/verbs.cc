#include "tools/gatehouse/verbs.h"

#include <CLI/CLI.hpp>

#include "tools/gatehouse/audit_verbs.h"
#include "tools/gatehouse/pki_verbs.h"
#include "tools/gatehouse/service_verbs.h"

namespace gatehouse::cli {

CLI::App* AddVerb(CLI::App& parent, const std::string& name, const std::string& description) {
  CLI::App* verb = parent.add_subcommand(name, description);
  verb->fallthrough();
  return verb;
}

void AddVerbs(CLI::App& app, Context& context) {
  AddInspectionVerbs(app, context);
  AddDocumentVerbs(app, context);
  AddTrustVerbs(app, context);
  AddNoticeVerbs(app, context);
  AddWatchlistVerbs(app, context);
  AddTravellerVerbs(app, context);
  AddEventVerbs(app, context);
  AddAuditVerbs(app, context);
  AddPkiVerbs(app, context);
  AddMigrateVerb(app, context);
  AddHealthVerb(app, context);
}

}  // namespace gatehouse::cli
