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

std::set<std::string> Places(const std::vector<BaseAnswer>& answers) {
  std::set<std::string> places;
  for (const BaseAnswer& answer : answers) places.insert(answer.shown_at);
  return places;
}

std::string Describe(const BaseAnswer& answer) {
  std::vector<std::string> hits;
  for (const BaseAnswer::Hit& hit : answer.hits) {
    hits.push_back(hit.document_status.empty() ? absl::StrCat("record ", hit.record_id)
                                               : absl::StrCat(hit.document_status, ", record ", hit.record_id));
  }
  return absl::StrCat(answer.base, " (", absl::StrJoin(hits, "; "), ")");
}

// Where that was shown, when more than one question was asked.
std::string ForWhat(const BaseAnswer& answer, bool several) {
  return several ? absl::StrCat(" (shown: ", answer.shown_at, ")") : "";
}

std::string WhyMissing(const BaseAnswer& answer) {
  if (answer.status == BaseStatus::kStale && answer.age > absl::ZeroDuration()) {
    return absl::StrCat(answer.base, ": its data is ", absl::ToInt64Hours(answer.age) / 24, " days old");
  }
  return absl::StrCat(answer.base, ": ", answer.reason.empty() ? "no answer" : answer.reason);
}

// Answers to several questions are judged as one: the strongest finding counts, and one that is missing is missing.
Check Judge(std::string_view id, const std::vector<BaseAnswer>& answers, const std::set<std::string>& other_kind) {
  Check check{.id = std::string(id)};
  std::vector<std::string> hits;
  std::vector<std::string> missing;
  bool required_missing = false;
  std::vector<std::string> versions;
  const std::set<std::string> searched = Searched(answers);
  const std::set<std::string> places = Places(answers);
  const bool several = places.size() > 1;
  for (const BaseAnswer& answer : answers) {
    const bool of_another_kind = other_kind.contains(answer.base) && !searched.contains(answer.base);
    if (answer.status == BaseStatus::kNotSearched && of_another_kind) continue;
    std::string version = absl::StrCat(answer.base, " ", answer.version.empty() ? "(none)" : answer.version);
    if (std::find(versions.begin(), versions.end(), version) == versions.end()) versions.push_back(std::move(version));
    if (!answer.version.empty()) {
      check.data_age = std::max(check.data_age.value_or(absl::ZeroDuration()), answer.age);
    }
    const bool answered = answer.status == BaseStatus::kHit || answer.status == BaseStatus::kNoHit;
    if (answer.status == BaseStatus::kHit || !answer.hits.empty()) {
      hits.push_back(absl::StrCat(Describe(answer), ForWhat(answer, several)));
    } else if (!answered) {
      missing.push_back(absl::StrCat(WhyMissing(answer), ForWhat(answer, several)));
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
    if (several) absl::StrAppend(&check.reason, ", asked for each of: ", absl::StrJoin(places, "; "));
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
