// gatehouse audit verify --dir DIR [--head HEX]
#include "tools/gatehouse/audit_verbs.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "libs/audit/audit.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

struct VerifyOptions {
  std::string dir;
  std::string head;
};

nlohmann::ordered_json ReportJson(const std::string& dir, const audit::Report& report) {
  return {{"dir", dir},
          {"holds", report.problems.empty()},
          {"segments", report.segments},
          {"leaves", report.leaves},
          {"intents_without_outcome", report.intents_without_outcome},
          {"unfinished_tail", report.unfinished_tail},
          {"head", report.head},
          {"problems", report.problems}};
}

void PrintReport(std::ostream& out, const audit::Report& report) {
  for (const std::string& problem : report.problems) out << "problem: " << problem << "\n";
  out << (report.problems.empty() ? "the chain holds: " : "the chain does not hold: ") << report.segments
      << " segments, " << report.leaves << " leaves, " << report.intents_without_outcome << " without outcome"
      << (report.unfinished_tail ? ", one being written" : "") << "\n";
  if (!report.head.empty()) out << "head " << report.head << "\n";
}

void VerifyAuditFolder(Context& context, const VerifyOptions& options) {
  const absl::StatusOr<audit::Report> report = audit::Verify(options.dir, options.head);
  // A folder that cannot be read is the wrong folder or the wrong user: bad input, as no service is called.
  if (!report.ok()) return context.Fail(absl::InvalidArgumentError(report.status().message()));
  if (!report->problems.empty()) context.exit_code = kCheckSaysNo;
  if (context.json) {
    *context.out << JsonLine(ReportJson(options.dir, *report)) << "\n";
  } else {
    PrintReport(*context.out, *report);
  }
}

}  // namespace

void AddAuditVerbs(CLI::App& app, Context& context) {
  CLI::App* audit = AddVerb(app, "audit", "The audit log");
  audit->require_subcommand(1);
  CLI::App* verify = AddVerb(*audit, "verify", "Whether the hash chain of an audit folder holds");
  auto options = std::make_shared<VerifyOptions>();
  verify->add_option("--dir", options->dir, "The audit folder: DATA_DIR/audit")->required();
  verify->add_option("--head", options->head, "A head printed earlier and kept elsewhere: the chain must contain it")
      ->check([](const std::string& text) {
        const bool is_hash = text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
        return is_hash ? std::string() : std::string("64 lower-case hex digits");
      });
  verify->callback([&context, options] { VerifyAuditFolder(context, *options); });
}

}  // namespace gatehouse::cli
