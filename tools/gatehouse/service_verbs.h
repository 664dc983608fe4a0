// The verbs of each service; verbs.cc lists them.
#pragma once

#include "tools/gatehouse/context.h"

namespace CLI {
class App;
}

namespace gatehouse::cli {

void AddDocumentVerbs(CLI::App& app, Context& context);
// Below `gatehouse document`.
void AddMrzVerbs(CLI::App& document, Context& context);
void AddSealVerbs(CLI::App& document, Context& context);
void AddActiveAuthVerb(CLI::App& document, Context& context);
void AddChipVerbs(CLI::App& document, Context& context);
void AddCvVerb(CLI::App& document, Context& context);
void AddIssueSealVerb(CLI::App& document, Context& context);
void AddChipFileVerbs(CLI::App& document, Context& context);
void AddReportVerbs(CLI::App& document, Context& context);
// At the top, and below `gatehouse document`.
void AddTrustVerbs(CLI::App& parent, Context& context);
void AddNoticeVerbs(CLI::App& parent, Context& context);
// --local, --trust, --crl, --policy, --notices, --notice-issuer: how a verb reaches a verdict.
struct VerifierOptions;
void AddVerifierOptions(CLI::App& verb, VerifierOptions& options);
// Below `gatehouse trust`; the first calls no service, the others only without --local.
void AddLocalTrustVerbs(CLI::App& trust, Context& context);
void AddTrustListVerb(CLI::App& trust, Context& context);
void AddTrustShowVerb(CLI::App& trust, Context& context);
void AddWatchlistVerbs(CLI::App& app, Context& context);
// Below `gatehouse watchlist`.
void AddWatchlistScreenVerb(CLI::App& watchlist, Context& context);
void AddWatchlistReviewVerbs(CLI::App& watchlist, Context& context);
void AddInspectionVerbs(CLI::App& app, Context& context);
void AddTravellerVerbs(CLI::App& app, Context& context);
void AddEventVerbs(CLI::App& app, Context& context);
void AddHealthVerb(CLI::App& app, Context& context);
void AddMigrateVerb(CLI::App& app, Context& context);

}  // namespace gatehouse::cli
