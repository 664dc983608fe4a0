// An immutable index of the names of one list. Search compares the words of a query with every distinct word of the
// list once (a list of 3,000 names has some 4,000 words), then aligns only the names that share a word.
// Complete by construction: every listed name with a word alike (similarity.h) to a word of the query, or to neighbours
// of it written as one, is returned; nothing is cut off before scoring. One exception keeps false alarms down: a Latin
// query meets a name in Arabic or Hebrew script only by equal skeletons of four consonants or more.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/names/alignment.h"
#include "libs/names/normalize.h"
#include "libs/names/similarity.h"

namespace gatehouse::names {

// A queried name, ready to compare.
struct NameQuery {
  static NameQuery FromText(std::string_view utf8);
  static NameQuery FromMrz(std::string_view field);  // mrz_name.h

  // Something a word of a list can be alike to: initials alone are paired with nothing.
  bool searchable() const;

  std::vector<TokenForm> tokens;
  bool truncated = false;
  LeftOut left_out;
};

struct NameCandidate {
  uint32_t name = 0;   // ordinal of Add
  uint32_t owner = 0;  // as given to Add
  NameEvidence evidence;
};

// One line of an explanation: the words of the query, the words of the list, how they were made equal.
struct PairExplanation {
  std::string query_words;
  std::string list_words;
  TokenRule rule = TokenRule::kNone;
};

// Built once by Add ... Finish, then read by any number of threads.
class NameIndex {
 public:
  // `owner` is the caller's key: several names belong to one person. Rarity counts owners, not names.
  // Names without a single token are kept (they keep their ordinal) and never match.
  void Add(uint32_t owner, std::string_view utf8);
  void Finish();

  std::vector<NameCandidate> Search(const NameQuery& query) const;
  // The alignment of the query with each of these listed names, in words. One search serves all of them, so ask for
  // them together.
  std::map<uint32_t, std::vector<PairExplanation>> Explain(const NameQuery& query,
                                                           std::span<const uint32_t> names) const;

  size_t name_count() const { return names_.size(); }
  size_t word_count() const { return words_.size(); }

 private:
  struct Posting {
    uint32_t name = 0;
    uint8_t first = 0;
    uint8_t size = 1;
  };
  struct Word {
    TokenForm form;
    std::vector<Posting> postings;
  };
  struct Gate {  // what the scan over all words reads; beside Word so that it stays in the cache
    uint32_t mask = 0;
    uint8_t length = 0;
    bool unvowelled = false;
    bool joined_only = false;
  };
  struct Name {
    uint32_t owner = 0;
    std::vector<Token> tokens;
    std::vector<WeightedToken> weighted;
  };
  struct Unit {  // of a query: one token, or neighbours written as one
    TokenForm form;
    uint8_t first = 0;
    uint8_t size = 1;
    size_t first_length = 0;  // letters of its first token
  };
  struct Found {
    uint32_t name = 0;
    UnitPair pair;
  };

  void AddWord(const Token& token, Posting posting);
  float Weight(const TokenForm& form) const;
  std::vector<WeightedToken> Weigh(const std::vector<TokenForm>& tokens) const;
  void FindUnit(const Unit& query, std::vector<Found>& found) const;
  std::vector<Found> FindAll(const NameQuery& query) const;

  std::vector<Name> names_;
  std::vector<Word> words_;
  std::vector<Gate> gates_;
  std::unordered_map<std::string, uint32_t> word_by_text_;
  std::unordered_map<std::string, uint32_t> owners_by_fold_;
  std::unordered_map<std::string, uint32_t> last_owner_by_fold_;  // while adding: owners come grouped
  uint32_t owner_count_ = 0;
};

}  // namespace gatehouse::names
