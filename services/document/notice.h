// Reference specimens and fraud notices: what a genuine document looks like, and what counterfeits, stolen blanks,
// impostors and alterations have in common. A notice is for the eye of the officer: it never decides about a document
// and never about a person. docs/formats/notice.md is how they arrive.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "libs/base/partial_date.h"

namespace gatehouse::document {

enum class NoticeKind { kReferenceSpecimen, kCounterfeit, kStolenBlank, kImpostor, kAlteration };

// "reference_specimen", "counterfeit", "stolen_blank", "impostor", "alteration".
std::string_view ToWord(NoticeKind kind);
std::optional<NoticeKind> NoticeKindOf(std::string_view word);
// A reference specimen shows what is genuine; the others warn.
inline bool IsFraud(NoticeKind kind) { return kind != NoticeKind::kReferenceSpecimen; }

// Document numbers of one length from `first` to `last`, both included, in the order of their characters (0-9, A-Z).
struct NumberRange {
  std::string first;
  std::string last;

  bool Holds(std::string_view number) const {
    return number.size() == first.size() && first <= number && number <= last;
  }
};

// In a pattern for document numbers: any one character, and any one digit.
inline constexpr char kAnyCharacter = '?';
inline constexpr char kAnyDigit = '#';
bool FitsPattern(std::string_view number, std::string_view pattern);

struct NoticeImage {
  std::string format;  // jpeg, png
  std::string content;
};

// One thing to look at.
struct NoticeFeature {
  std::string name;
  std::string place;     // on the document: "data page, lower left"
  std::string expected;  // how it should be, or what gives a forgery away
  NoticeImage image;     // may be empty
};

struct Notice {
  std::string id;  // of its source; unique in a store
  NoticeKind kind = NoticeKind::kReferenceSpecimen;
  std::string issuing_state;  // as in the zone, without fillers
  std::string document_code;  // the first letters: "P" means PD and PO too; empty: every document of the State
  std::string model;
  std::string series;
  // Which numbers are meant; both empty: all.
  std::vector<NumberRange> number_ranges;
  std::vector<std::string> number_patterns;
  // Expiry dates of the documents meant; an empty end is open.
  base::PartialDate expiry_from;
  base::PartialDate expiry_until;
  // Days on which the notice is in force; an empty end is open.
  base::PartialDate valid_from;
  base::PartialDate valid_until;
  std::vector<NoticeFeature> features;
  std::string look_here;  // one sentence: where an officer looks first
  std::string source;     // who says so
};

// Whether `date` may lie between the two, ends included. Unknown parts of any of them leave it open.
bool MayLieBetween(const base::PartialDate& date, const base::PartialDate& from, const base::PartialDate& until);

}  // namespace gatehouse::document
