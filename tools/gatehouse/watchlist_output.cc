#include "tools/gatehouse/watchlist_output.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/table.h"

namespace gatehouse::cli {
namespace {

namespace pb = gatehouse::watchlist::v1;

std::string NeededFor(const pb::Base& base) {
  if (base.required_for_persons() && base.required_for_documents()) return "persons, documents";
  if (base.required_for_persons()) return "persons";
  return base.required_for_documents() ? "documents" : "";
}

}  // namespace

void PrintBases(Context& context, const std::vector<pb::Base>& bases) {
  Table table({"base", "state", "required for", "format", "version", "of", "confirmed", "freshness", "records",
               "rejected", "by", "fault"});
  for (const pb::Base& base : bases) {
    const nlohmann::ordered_json item = ToJson(base);
    if (context.json) {
      *context.out << JsonLine(item) << "\n";
      continue;
    }
    const bool is_there = !base.sha256().empty();
    table.Add({base.base(), EnumWord(base, "state"), NeededFor(base), is_there ? EnumWord(base, "format") : "",
               base.data_version(), item.value("version_date", is_there ? "no date" : ""),
               item.value("confirmed_time", is_there ? "never" : ""), base.freshness(),
               is_there ? absl::StrCat(base.records()) : "", is_there ? absl::StrCat(base.rejected()) : "",
               base.imported_by(), base.fault()});
  }
  if (!context.json) table.Print(*context.out, context.colour);
}

void PrintStaged(Context& context, const std::vector<pb::StagedImport>& imports) {
  Table table({"staged", "base", "state", "version", "of", "records", "added", "removed", "rejected", "by",
               "accepted by", "why"});
  for (const pb::StagedImport& staged : imports) {
    const nlohmann::ordered_json item = ToJson(staged);
    if (context.json) {
      *context.out << JsonLine(item) << "\n";
      continue;
    }
    table.Add({staged.staged_id(), staged.base(), EnumWord(staged, "state"), staged.data_version(),
               item.value("version_date", "no date"), absl::StrCat(staged.records()), absl::StrCat(staged.added()),
               absl::StrCat(staged.removed()), absl::StrCat(staged.rejected()), staged.imported_by(),
               absl::StrJoin(staged.accepted_by(), ", "), absl::StrJoin(staged.reasons(), "; ")});
  }
  if (!context.json) table.Print(*context.out, context.colour);
}

}  // namespace gatehouse::cli
