#include "libs/audit/search.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/audit/folder.h"
#include "libs/audit/intents.h"
#include "libs/audit/segment.h"
#include "libs/base/status_macros.h"

namespace gatehouse::audit {
namespace {

class Searcher {
 public:
  // `whole`: the folders of which it is not known yet that something does not read.
  Searcher(const Question& question, const SearchOptions& options, const std::set<std::string>& whole)
      : question_(question), options_(options), whole_(whole) {
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
      if (whole_.contains(folder) && findings_.problems.size() < kMaxProblems) {
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
  const std::set<std::string>& whole_;
  std::set<std::string> documents_;
  std::set<std::string> names_;
  std::set<std::string> labels_;  // of the keys that are here
  std::set<std::string> missing_;
  Intents intents_;
  int64_t without_intent_ = 0;  // that may be meant
  Findings findings_;
};

// What is not in the folders cannot be found in them: adds what Verify says of each, and which segments were taken away
// and are in none of the others. Returns the folders of which Verify says nothing.
absl::StatusOr<std::set<std::string>> CheckFolders(const std::vector<std::string>& folders,
                                                   std::vector<std::string>& problems) {
  std::set<std::string> whole;
  std::set<std::string> ends;
  std::vector<Report> reports;
  for (const std::string& folder : folders) {
    GH_ASSIGN_OR_RETURN(Report report, Verify(folder));
    for (const std::string& problem : report.problems) problems.push_back(absl::StrCat(folder, ": ", problem));
    if (report.problems.empty()) whole.insert(folder);
    if (!report.head.empty()) ends.insert(report.head);
    reports.push_back(std::move(report));
  }
  for (size_t i = 0; i < folders.size(); ++i) {
    const Report& report = reports[i];
    if (report.taken_segments == 0 || ends.contains(report.taken_head)) continue;
    problems.push_back(absl::StrCat(folders[i], ": the first ", report.taken_segments,
                                    report.taken_segments == 1 ? " segment was" : " segments were",
                                    " taken away: search the archive too"));
  }
  return whole;
}

}  // namespace

absl::StatusOr<Findings> Search(const Question& question, const SearchOptions& options) {
  std::vector<std::pair<std::string, std::pair<uint32_t, std::string>>> segments;
  std::vector<std::string> problems;
  GH_ASSIGN_OR_RETURN(const std::set<std::string> whole, CheckFolders(options.folders, problems));
  for (const std::string& folder : options.folders) {
    GH_ASSIGN_OR_RETURN(auto in_folder, ListSegments(folder));
    GH_ASSIGN_OR_RETURN(const std::optional<Taken> taken, ReadTaken(folder));
    // Copies that a cut-short archiving has not removed yet: they are the archive's.
    if (taken.has_value()) in_folder.erase(in_folder.begin(), in_folder.upper_bound(taken->segment));
    for (const auto& segment : in_folder) segments.emplace_back(folder, segment);
  }
  Searcher searcher(question, options, whole);
  size_t done = 0;
  for (const auto& [folder, segment] : segments) {
    if (options.progress) options.progress(done, segments.size());
    searcher.Segment(folder, segment.first, ReadSegment(segment.second));
    ++done;
  }
  Findings findings = std::move(searcher).Finish();
  findings.problems.insert(findings.problems.begin(), problems.begin(), problems.end());
  return findings;
}

}  // namespace gatehouse::audit
