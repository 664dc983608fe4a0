#include "services/document/seen_documents.h"

#include <array>

#include "absl/strings/str_cat.h"

namespace gatehouse::document {
namespace {

using emrtd::Tr03135State;

constexpr char kId[] = "documents_seen_before";

std::string_view Sentence(Likeness likeness) {
  switch (likeness) {
    case Likeness::kOtherSecurityObject:
      return "the same number with another chip content";
    case Likeness::kOtherNumberSameKey:
      return "the same chip key under another number";
    case Likeness::kOtherNumberSameData:
      return "the same portrait file under another number";
    case Likeness::kElsewhere:
      break;
  }
  return "the same document at another post";
}

}  // namespace

std::string_view ToWord(Likeness likeness) {
  static constexpr std::array<std::string_view, 4> kWords = {"same_number_other_security_object",
                                                             "same_chip_key_other_number", "same_data_other_number",
                                                             "same_document_other_post"};
  return kWords[static_cast<size_t>(likeness)];
}

emrtd::Tr03135Check SeenCheck(const absl::StatusOr<std::vector<SeenBefore>>* seen) {
  if (seen == nullptr) {
    return emrtd::NotDone(kId, emrtd::CheckGroup::kHistory, "documents seen before are not kept here");
  }
  if (!seen->ok()) {
    return emrtd::NotDone(kId, emrtd::CheckGroup::kHistory, "the store of documents seen before gave no answer");
  }
  emrtd::Tr03135Check check{
      kId, Tr03135State::kSuccessful, "none like it", emrtd::CheckGroup::kHistory, {.rule = "decision 0007"}};
  if ((*seen)->empty()) return check;
  // A likeness is no proof of anything: never failed.
  check.state = Tr03135State::kUndetermined;
  check.detail.clear();
  for (const SeenBefore& one : **seen) {
    const std::string time = absl::FormatTime("%Y-%m-%d %H:%M", one.time, absl::UTCTimeZone());
    absl::StrAppend(&check.detail, check.detail.empty() ? "" : "; ", std::string(Sentence(one.likeness)), ", last ",
                    time, one.post.empty() ? "" : " at " + one.post, one.by.empty() ? "" : " (said by " + one.by + ")",
                    ", ", one.count, one.count == 1 ? " time" : " times");
    check.evidence.facts.push_back({std::string(ToWord(one.likeness)), time});
  }
  return check;
}

}  // namespace gatehouse::document
