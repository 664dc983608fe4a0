// The notices in force, arranged so that those which fit one document are found without looking at the others: by
// issuing State, then by document number (ranges in a tree of intervals, patterns by the characters before their first
// wildcard). Immutable; used by any number of threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/time/civil_time.h"
#include "services/document/notice.h"

namespace gatehouse::document {

using NoticePtr = std::shared_ptr<const Notice>;

// An issuing State as it is compared: without fillers, and Germany's D (printed) and DEU (met) as one.
std::string StateKey(std::string_view code);

// What a document says of itself: from the printed zone, or from the chip.
struct NoticeQuery {
  std::string_view issuing_state;
  std::string_view document_code;
  std::string_view document_number;  // whole, without fillers
  base::PartialDate expiry_date;
  absl::CivilDay day;  // of checking
};

struct NoticeMatch {
  NoticePtr notice;
  // Why: "issuing_state", and "document_code", "number_range", "number_pattern", "expiry_date" where the notice asks
  // for them and the document has them.
  std::vector<std::string> matched_by;
};

struct NoticeAnswer {
  std::vector<NoticeMatch> matches;  // fraud notices before reference specimens, by id
  // False when the document gave no issuing State or no number to look under: then not finding one says nothing.
  bool complete = false;
};

class NoticeIndex {
 public:
  // `unreadable`: how many more there are that cannot be read.
  explicit NoticeIndex(std::vector<NoticePtr> notices, size_t unreadable = 0);
  NoticeIndex(const NoticeIndex&) = delete;  // the trees hold views into their own strings
  NoticeIndex& operator=(const NoticeIndex&) = delete;

  // What the document leaves open (no code, an unknown part of a date) excludes no notice.
  NoticeAnswer Match(const NoticeQuery& query) const;

  // nullptr for an unknown id.
  NoticePtr Find(std::string_view id) const;
  // By id.
  const std::vector<NoticePtr>& notices() const { return notices_; }
  // While it is not 0, that none fits says nothing.
  size_t unreadable() const { return unreadable_; }

 private:
  struct Interval {
    NumberRange range;
    size_t notice;
    std::string_view last_below;  // the greatest `last` in the subtree whose root this is
  };
  // A notice by one of its patterns.
  struct Pattern {
    std::string_view pattern;
    size_t notice;
  };
  struct State {
    // By length of the number, each sorted by `first`; a balanced tree whose root is the middle.
    std::unordered_map<size_t, std::vector<Interval>> intervals;
    std::unordered_map<std::string, std::vector<Pattern>> patterns;  // by the characters before the first wildcard
    std::vector<size_t> without_number;
  };

  static std::string_view SetLastBelow(std::vector<Interval>& intervals, size_t begin, size_t end);
  static void FindIntervals(const std::vector<Interval>& intervals, size_t begin, size_t end, std::string_view number,
                            std::vector<size_t>& found);

  std::vector<NoticePtr> notices_;
  size_t unreadable_;
  std::unordered_map<std::string, State> states_;
};

}  // namespace gatehouse::document
