#include "services/inspection/list_checks.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace gatehouse::inspection {
namespace {

// A base that says "not searched" to one question and something to the other is not of this kind: a list of names
// holds no stolen documents. One that says it to both questions is a missing answer to both.
std::set<std::string> Searched(const std::vector<BaseAnswer>& answers) {
  std::set<std::string> bases;
  for (const BaseAnswer& answer : answers) {
    if (answer.status != BaseStatus::kNotSearched) bases.insert(answer.base);
  }
  return bases;
}

std::string Describe(const BaseAnswer& answer) {
  std::vector<std::string> hits;
  for (const BaseAnswer::Hit& hit : answer.hits) {
    hits.push_back(hit.document_status.empty() ? absl::StrCat("record ", hit.record_id)
                                               : absl::StrCat(hit.document_status, ", record ", hit.record_id));
  }
  return absl::StrCat(answer.base, " (", absl::StrJoin(hits, "; "), ")");
}

std::string WhyMissing(const BaseAnswer& answer) {
  if (answer.status == BaseStatus::kStale) {
    return absl::StrCat(answer.base, ": its data is ", absl::ToInt64Hours(answer.age) / 24, " days old");
  }
  return absl::StrCat(answer.base, ": ", answer.reason.empty() ? "no answer" : answer.reason);
}

Check Judge(std::string_view id, const std::vector<BaseAnswer>& answers, const std::set<std::string>& other_kind) {
  Check check{.id = std::string(id)};
  std::vector<std::string> hits;
  std::vector<std::string> missing;
  bool required_missing = false;
  std::vector<std::string> versions;
  for (const BaseAnswer& answer : answers) {
    if (answer.status == BaseStatus::kNotSearched && other_kind.contains(answer.base)) continue;
    if (answer.version.empty()) {
      versions.push_back(absl::StrCat(answer.base, " (none)"));
    } else {
      versions.push_back(absl::StrCat(answer.base, " ", answer.version));
      check.data_age = std::max(check.data_age.value_or(absl::ZeroDuration()), answer.age);
    }
    const bool answered = answer.status == BaseStatus::kHit || answer.status == BaseStatus::kNoHit;
    if (answer.status == BaseStatus::kHit || !answer.hits.empty()) {
      hits.push_back(Describe(answer));
    } else if (!answered) {
      missing.push_back(WhyMissing(answer));
      required_missing |= answer.required;
    }
  }
  check.data_version = absl::StrJoin(versions, ", ");
  if (!hits.empty()) {
    check.status = CheckStatus::kFailed;
    check.reason = absl::StrCat("listed in ", absl::StrJoin(hits, ", "));
  } else if (!missing.empty()) {
    check.status = required_missing ? CheckStatus::kNotDone : CheckStatus::kUndetermined;
    check.reason = absl::StrCat("no answer from ", absl::StrJoin(missing, ", "));
  } else if (versions.empty()) {
    check.reason = "no list of this kind is loaded";
  } else {
    check.status = CheckStatus::kSuccessful;
    check.reason =
        versions.size() == 1 ? "not listed" : absl::StrCat("not listed in any of ", versions.size(), " lists");
  }
  return check;
}

}  // namespace

ListChecks CheckLists(const ListAnswers& answers, bool asked_by_document, bool asked_by_name) {
  ListChecks checks{.document_list = Judge(kDocumentList, answers.by_document, Searched(answers.by_name)),
                    .nominal_list = Judge(kNominalList, answers.by_name, Searched(answers.by_document))};
  if (!asked_by_document) {
    checks.document_list = {.id = std::string(kDocumentList), .reason = "no document number is known"};
  }
  if (!asked_by_name) checks.nominal_list = {.id = std::string(kNominalList), .reason = "no name is known"};
  return checks;
}

}  // namespace gatehouse::inspection
