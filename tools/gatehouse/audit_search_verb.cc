// gatehouse audit search --dir DIR... [--keys DIR] (--document ISSUER:NUMBER | --person ID | --officer NAME |
//                        --name NAME [--birth-date DATE]) [--from TIME] [--to TIME]
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/audit/search.h"
#include "tools/gatehouse/audit_verbs.h"
#include "tools/gatehouse/progress_bar.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

struct SearchFlags {
  std::vector<std::string> dirs;
  std::string keys;
  std::string document;
  std::string person;
  std::string officer;
  std::string name;
  std::string birth_date;
  std::string from;
  std::string to;
};

std::string TimeText(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone()); }

// A day begins at midnight UTC.
absl::StatusOr<absl::Time> ReadMoment(const std::string& text, const char* flag, absl::Time absent) {
  if (text.empty()) return absent;
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return time;
  if (absl::ParseTime("%Y-%m-%d", text, absl::UTCTimeZone(), &time, &error)) return time;
  return absl::InvalidArgumentError(absl::StrCat(flag, ": neither YYYY-MM-DD nor YYYY-MM-DDThh:mm:ssZ: ", text));
}

absl::StatusOr<audit::Question> ReadQuestion(const SearchFlags& flags) {
  audit::Question question{.person = flags.person, .officer = flags.officer};
  if (!flags.document.empty()) {
    const size_t colon = flags.document.find(':');
    if (colon == std::string::npos)
      return absl::InvalidArgumentError("--document: ISSUER:NUMBER, for example UTO:L898902C3");
    question.document =
        base::DocumentKey{.number = flags.document.substr(colon + 1), .issuer = flags.document.substr(0, colon)};
    if (!base::DocumentText(*question.document).has_value()) {
      return absl::InvalidArgumentError("--document: the number has neither letter nor digit");
    }
  }
  if (!flags.name.empty()) {
    question.name = audit::NamedPerson{.name = flags.name};
    if (!flags.birth_date.empty()) {
      const absl::StatusOr<base::PartialDate> born = base::ParsePartialDate(flags.birth_date);
      if (!born.ok()) return born.status();
      question.name->birth_date = *born;
    }
  }
  if (!question.document && !question.name && question.person.empty() && question.officer.empty()) {
    return absl::InvalidArgumentError("one of --document, --person, --officer, --name is needed");
  }
  const absl::StatusOr<absl::Time> from = ReadMoment(flags.from, "--from", absl::InfinitePast());
  if (!from.ok()) return from.status();
  const absl::StatusOr<absl::Time> to = ReadMoment(flags.to, "--to", absl::InfiniteFuture());
  if (!to.ok()) return to.status();
  question.from = *from;
  question.to = *to;
  return question;
}

const char* KindWord(audit::Kind kind) {
  switch (kind) {
    case audit::Kind::kIntent:
      return "intent";
    case audit::Kind::kOutcome:
      return "outcome";
    case audit::Kind::kRefusal:
      return "refusal";
  }
  return "";
}

std::set<std::string> QuartersOf(const std::vector<std::string>& labels) {
  std::set<std::string> quarters;
  for (const std::string& label : labels) quarters.insert(label.substr(0, label.find('.')));
  return quarters;
}

nlohmann::ordered_json FindingsJson(const audit::Findings& findings) {
  nlohmann::ordered_json found = nlohmann::ordered_json::array();
  for (const audit::Found& each : findings.found) {
    const audit::Leaf& leaf = each.leaf;
    found.push_back({{"time", TimeText(leaf.time)},
                     {"kind", KindWord(leaf.kind)},
                     {"officer", leaf.officer},
                     {"identity", leaf.identity},
                     {"role", leaf.role},
                     {"purpose", leaf.purpose},
                     {"verb", leaf.verb},
                     {"outcome", leaf.outcome},
                     {"count", leaf.count},
                     {"call_id", leaf.call_id},
                     {"subjects", leaf.subjects},
                     {"dir", each.folder}});
  }
  return {{"found", std::move(found)},
          {"complete", findings.complete()},
          {"cut", findings.cut},
          {"leaves", findings.leaves},
          {"quarters_without_key", QuartersOf(findings.keys_missing)},
          {"keys_missing", findings.keys_missing},
          {"problems", findings.problems}};
}

void PrintFindings(Context& context, const audit::Findings& findings) {
  std::ostream& out = *context.out;
  Table table({"time", "kind", "officer", "identity", "purpose", "verb", "outcome", "calls", "call"});
  for (const audit::Found& each : findings.found) {
    const audit::Leaf& leaf = each.leaf;
    table.Add({TimeText(leaf.time), KindWord(leaf.kind), leaf.officer, leaf.identity, leaf.purpose, leaf.verb,
               leaf.outcome, absl::StrCat(leaf.count), leaf.call_id});
  }
  if (table.size() > 0) table.Print(out, context.colour);
  out << findings.found.size() << " found in " << findings.leaves << " leaves\n";
  for (const std::string& problem : findings.problems) out << "not searched: " << problem << "\n";
  if (!findings.keys_missing.empty()) {
    out << "not searched: documents and names under " << absl::StrJoin(findings.keys_missing, ", ")
        << " (quarter and key), whose look-up keys are not there\n";
  }
  if (findings.cut) out << "there are more: ask for a shorter time\n";
}

void SearchAudit(Context& context, const SearchFlags& flags) {
  const absl::StatusOr<audit::Question> question = ReadQuestion(flags);
  if (!question.ok()) return context.Fail(question.status());
  audit::SearchOptions options{.folders = flags.dirs};
  if (question->document.has_value() || question->name.has_value()) {
    absl::StatusOr<std::map<std::string, audit::LookupKey>> keys =
        audit::ReadLookupKeys(flags.keys.empty() ? flags.dirs.front() + "-keys" : flags.keys);
    if (!keys.ok()) return context.Fail(absl::InvalidArgumentError(keys.status().message()));
    options.keys = *std::move(keys);
  }
  absl::StatusOr<audit::Findings> findings;
  {
    ProgressBar bar(context);
    options.progress = [&bar](size_t done, size_t total) { bar.Show("searching", done, total); };
    findings = audit::Search(*question, options);
  }
  // A folder that cannot be read is the wrong folder or the wrong user: bad input, as no service is called.
  if (!findings.ok()) return context.Fail(absl::InvalidArgumentError(findings.status().message()));
  // An answer that is not whole is no answer.
  if (!findings->complete()) context.exit_code = kCheckSaysNo;
  if (context.json) {
    *context.out << JsonLine(FindingsJson(*findings)) << "\n";
  } else {
    PrintFindings(context, *findings);
  }
}

}  // namespace

void AddAuditSearchVerb(CLI::App& audit, Context& context) {
  CLI::App* search = AddVerb(audit, "search", "Who looked at whom: leaves about a document, a person, of an officer");
  auto flags = std::make_shared<SearchFlags>();
  search->add_option("--dir", flags->dirs, "Audit folders, and archives of them; may be given again")->required();
  search->add_option("--keys", flags->keys, "Folder of the look-up keys; else the first --dir and \"-keys\"");
  search->add_option("--document", flags->document, "ISSUER:NUMBER");
  search->add_option("--person", flags->person, "The id of a person, an inspection or a crossing");
  search->add_option("--officer", flags->officer, "An officer, or the identity of a caller");
  search->add_option("--name", flags->name, "Somebody who was looked for by name, as it was written there");
  search->add_option("--birth-date", flags->birth_date, "With --name: YYYY-MM-DD, 00 for what is unknown");
  search->add_option("--from", flags->from, "From this day or time on (UTC)");
  search->add_option("--to", flags->to, "Before this day or time (UTC)");
  search->callback([&context, flags] { SearchAudit(context, *flags); });
}

}  // namespace gatehouse::cli
