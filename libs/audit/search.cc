#include "libs/audit/search.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/audit/folder.h"
#include "libs/audit/intents.h"
#include "libs/audit/segment.h"
#include "libs/base/status_macros.h"

namespace gatehouse::audit {
namespace {

class Searcher {
 public:
  Searcher(const Question& question, const SearchOptions& options) : question_(question), options_(options) {
    for (const auto& [quarter, key] : options.keys) {
      labels_.insert(KeyLabel(key, quarter));
      if (question.document.has_value()) {
        AddWanted(documents_, DocumentSubject(key, quarter, *question.document));
        // Some readers and lists know no issuer.
        base::DocumentKey without_issuer = *question.document;
        without_issuer.issuer.clear();
        AddWanted(documents_, DocumentSubject(key, quarter, without_issuer));
      }
      if (question.name.has_value()) AddWanted(names_, NameSubject(key, quarter, *question.name));
    }
  }

  void Segment(const std::string& folder, uint32_t number, const absl::StatusOr<std::string>& bytes) {
    const auto problem = [&](std::string_view what) {
      if (findings_.problems.size() < kMaxProblems) {
        findings_.problems.push_back(absl::StrCat(folder, ": segment ", number, ": ", std::string(what)));
      }
    };
    if (!bytes.ok()) return problem(std::string(bytes.status().message()));
    absl::StatusOr<SegmentReader> reader = SegmentReader::Make(*bytes);
    if (!reader.ok()) return problem(std::string(reader.status().message()));
    SegmentReader::State state;
    while ((state = reader->Next()) == SegmentReader::State::kLeaf) {
      ++findings_.leaves;
      absl::StatusOr<Leaf> leaf = DecodeLeaf(reader->content());
      if (!leaf.ok() || !reader->matches()) {
        problem(absl::StrCat("leaf ", reader->number(), " is damaged"));
        continue;
      }
      const bool whose_is_known = intents_.Complete(*leaf);
      Consider(folder, *std::move(leaf), whose_is_known);
    }
    if (state == SegmentReader::State::kBroken) problem("cannot be read to its end");
  }

  Findings Finish() && {
    findings_.keys_missing.assign(missing_.begin(), missing_.end());
    if (without_intent_ > 0) {
      findings_.problems.push_back(
          absl::StrCat(without_intent_,
                       " outcomes whose intents are not in these folders (taken away, or damaged): who "
                       "made these calls is not known; search the archive too"));
    }
    return std::move(findings_);
  }

 private:
  static void AddWanted(std::set<std::string>& wanted, const std::optional<std::string>& subject) {
    if (subject.has_value()) wanted.insert(*subject);
  }

  void Consider(const std::string& folder, Leaf leaf, bool whose_is_known) {
    if (leaf.time < question_.from || leaf.time >= question_.to) return;
    const bool by_hash = question_.document.has_value() || question_.name.has_value();
    const auto has = [&](const std::set<std::string>& wanted) {
      return std::any_of(leaf.subjects.begin(), leaf.subjects.end(),
                         [&](const std::string& subject) { return wanted.contains(subject); });
    };
    for (const std::string& subject : leaf.subjects) {
      if (!by_hash) break;
      const std::string label(LabelOfSubject(subject));
      if (!label.empty() && !labels_.contains(label)) missing_.insert(label);
    }
    if (question_.document.has_value() && !has(documents_)) return;
    if (question_.name.has_value() && !has(names_)) return;
    if (!question_.person.empty() && !has({question_.person})) return;
    if (!whose_is_known) ++without_intent_;
    if (!question_.officer.empty() && leaf.officer != question_.officer && leaf.identity != question_.officer) return;
    if (findings_.found.size() >= options_.limit) {
      findings_.cut = true;
      return;
    }
    findings_.found.push_back({.folder = folder, .leaf = std::move(leaf)});
  }

  const Question& question_;
  const SearchOptions& options_;
  std::set<std::string> documents_;
  std::set<std::string> names_;
  std::set<std::string> labels_;  // of the keys that are here
  std::set<std::string> missing_;
  Intents intents_;
  int64_t without_intent_ = 0;  // that may be meant
  Findings findings_;
};

}  // namespace

absl::StatusOr<Findings> Search(const Question& question, const SearchOptions& options) {
  std::vector<std::pair<std::string, std::pair<uint32_t, std::string>>> segments;
  for (const std::string& folder : options.folders) {
    GH_ASSIGN_OR_RETURN(const auto in_folder, ListSegments(folder));
    for (const auto& segment : in_folder) segments.emplace_back(folder, segment);
  }
  Searcher searcher(question, options);
  size_t done = 0;
  for (const auto& [folder, segment] : segments) {
    if (options.progress) options.progress(done, segments.size());
    searcher.Segment(folder, segment.first, ReadSegment(segment.second));
    ++done;
  }
  return std::move(searcher).Finish();
}

}  // namespace gatehouse::audit
