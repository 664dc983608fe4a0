#include "libs/names/name_index.h"

#include <algorithm>
#include <cmath>

#include "libs/base/check.h"
#include "libs/names/mrz_name.h"

namespace gatehouse::names {
namespace {

constexpr size_t kMaxJoined = 3;            // neighbours tried as one word
constexpr float kJoinedSimilarity = 0.86F;  // joined words must agree better: they are long
constexpr float kJoinedCredit = 0.98F;      // and count a little less than written alike
constexpr double kMinPopulation = 1000;     // rarity as if the list had at least so many persons
constexpr float kMaxWeight = 7.5F;
constexpr float kWeightPerLetter = 1.75F;  // a word of two letters is common somewhere, however rare on the list
constexpr float kParticleFactor = 0.2F;
constexpr float kSingleLetterWeight = 1.0F;

std::vector<TokenForm> Forms(std::vector<Token> tokens) {
  std::vector<TokenForm> forms;
  forms.reserve(tokens.size());
  for (Token& token : tokens) forms.emplace_back(std::move(token));
  return forms;
}

Token Join(const Token* first, size_t size) {
  Token joined;
  for (size_t i = 0; i < size; ++i) {
    joined.text += first[i].text;
    joined.unvowelled |= first[i].unvowelled;
    joined.prefix = first[i].prefix;
  }
  return joined;
}

std::string WordsOf(const std::vector<Token>& tokens, size_t first, size_t size) {
  std::string words;
  for (size_t i = first; i < first + size; ++i) {
    if (!words.empty()) words.push_back(' ');
    words += tokens[i].text;
  }
  return words;
}

}  // namespace

NameQuery NameQuery::FromText(std::string_view utf8) {
  LeftOut left_out;
  std::vector<Token> tokens = Tokenize(utf8, &left_out);
  return {Forms(std::move(tokens)), false, left_out};
}

NameQuery NameQuery::FromMrz(std::string_view field) {
  MrzName name = ParseMrzName(field);
  return {Forms(std::move(name.tokens)), name.truncated, name.left_out};
}

bool NameQuery::searchable() const {
  return std::any_of(tokens.begin(), tokens.end(), [](const TokenForm& form) { return form.token.text.size() > 1; });
}

void NameIndex::AddWord(const Token& token, Posting posting) {
  const std::string key = (token.unvowelled ? "~" : "") + token.text;
  const auto [found, fresh] = word_by_text_.emplace(key, static_cast<uint32_t>(words_.size()));
  if (fresh) words_.push_back({TokenForm(token), {}});
  words_[found->second].postings.push_back(posting);
}

void NameIndex::Add(uint32_t owner, std::string_view utf8) {
  const auto name = static_cast<uint32_t>(names_.size());
  if (names_.empty() || names_.back().owner != owner) ++owner_count_;
  std::vector<Token> tokens = Tokenize(utf8);
  for (size_t first = 0; first < tokens.size(); ++first) {
    for (size_t size = 1; size <= kMaxJoined && first + size <= tokens.size(); ++size) {
      const Token unit = Join(&tokens[first], size);
      if (unit.text.size() > kMaxTokenChars) break;
      AddWord(unit, {name, static_cast<uint8_t>(first), static_cast<uint8_t>(size)});
    }
    const std::string fold = TokenForm(tokens[first]).fold;
    const auto [last, fresh] = last_owner_by_fold_.emplace(fold, owner);
    if (fresh || last->second != owner) ++owners_by_fold_[fold];
    last->second = owner;
  }
  names_.push_back({owner, std::move(tokens), {}});
}

float NameIndex::Weight(const TokenForm& form) const {
  if (form.token.text.size() == 1) return kSingleLetterWeight;
  const auto found = owners_by_fold_.find(form.fold);
  const double owners = found == owners_by_fold_.end() ? 0 : found->second;
  const double population = std::max<double>(owner_count_, kMinPopulation);
  const float most = std::min(kMaxWeight, kWeightPerLetter * static_cast<float>(form.token.text.size()));
  const auto weight = std::min(most, static_cast<float>(std::log((population + 1) / (owners + 0.5))));
  return IsParticle(form.token.text) ? weight * kParticleFactor : weight;
}

std::vector<WeightedToken> NameIndex::Weigh(const std::vector<TokenForm>& tokens) const {
  std::vector<WeightedToken> weighted;
  weighted.reserve(tokens.size());
  for (const TokenForm& form : tokens) {
    weighted.push_back({Weight(form), form.token.text[0], form.token.text.size() == 1});
  }
  return weighted;
}

void NameIndex::Finish() {
  last_owner_by_fold_.clear();
  for (Name& name : names_) name.weighted = Weigh(Forms(name.tokens));
  gates_.reserve(words_.size());
  for (const Word& word : words_) {
    Gate gate{word.form.consonant_mask, static_cast<uint8_t>(word.form.fold.size()), word.form.token.unvowelled, true};
    for (const Posting& posting : word.postings) gate.joined_only &= posting.size > 1;
    gates_.push_back(gate);
  }
}

void NameIndex::FindUnit(const Unit& query, std::vector<Found>& found) const {
  const auto& [unit, first, size, first_length] = query;
  if (unit.token.text.size() == 1) return;  // initials are paired by Align
  const bool prefix = unit.token.prefix;
  for (size_t i = 0; i < words_.size(); ++i) {
    const Gate& gate = gates_[i];
    const bool same_kind = gate.unvowelled == unit.token.unvowelled;
    const bool strict = size > 1 || gate.joined_only;
    if (same_kind && !prefix && !CanBeAlike(unit.fold.size(), unit.consonant_mask, gate.length, gate.mask, strict)) {
      continue;
    }
    // A Latin query meets the native spelling of a list only where the consonants are many and the same: the list has
    // the Latin spellings too.
    const bool against_native = gate.unvowelled && !unit.token.unvowelled;
    if (against_native && (strict || unit.skeleton.size() < 4 || unit.skeleton != words_[i].form.skeleton)) continue;
    const double minimum = strict ? kJoinedSimilarity : kMinTokenSimilarity;
    const TokenSimilarity alike = CompareTokens(unit, words_[i].form, minimum);
    if (alike.rule == TokenRule::kNone || alike.rule == TokenRule::kInitial) continue;
    for (const Posting& posting : words_[i].postings) {
      auto similarity = static_cast<float>(alike.value);
      if (size > 1 || posting.size > 1) {
        if (similarity < kJoinedSimilarity || alike.rule == TokenRule::kPrefix) continue;
        // Two words against the same two words say nothing that the words alone do not, unless a blank moved.
        const size_t list_first_length = names_[posting.name].tokens[posting.first].text.size();
        if (size == posting.size && list_first_length == first_length) continue;
        similarity *= kJoinedCredit;
      }
      found.push_back({posting.name, {first, size, posting.first, posting.size, similarity, alike.rule}});
    }
  }
}

std::vector<NameIndex::Found> NameIndex::FindAll(const NameQuery& query) const {
  std::vector<Found> found;
  std::vector<Token> tokens;
  for (const TokenForm& form : query.tokens) tokens.push_back(form.token);
  for (size_t first = 0; first < tokens.size(); ++first) {
    for (size_t size = 1; size <= kMaxJoined && first + size <= tokens.size(); ++size) {
      Token unit = Join(&tokens[first], size);
      if (unit.text.size() > kMaxTokenChars) break;
      FindUnit({TokenForm(std::move(unit)), static_cast<uint8_t>(first), static_cast<uint8_t>(size),
                tokens[first].text.size()},
               found);
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.name < b.name; });
  return found;
}

std::vector<NameCandidate> NameIndex::Search(const NameQuery& query) const {
  GH_CHECK(gates_.size() == words_.size());  // Finish() was called
  const std::vector<Found> found = FindAll(query);
  const std::vector<WeightedToken> weighted = Weigh(query.tokens);
  std::vector<NameCandidate> candidates;
  for (size_t begin = 0; begin < found.size();) {
    const uint32_t name = found[begin].name;
    std::vector<UnitPair> possible;
    size_t end = begin;
    for (; end < found.size() && found[end].name == name; ++end) possible.push_back(found[end].pair);
    const Alignment aligned = Align(weighted, query.truncated, names_[name].weighted, std::move(possible));
    candidates.push_back({name, names_[name].owner, aligned.evidence});
    begin = end;
  }
  return candidates;
}

std::map<uint32_t, std::vector<PairExplanation>> NameIndex::Explain(const NameQuery& query,
                                                                    std::span<const uint32_t> names) const {
  std::map<uint32_t, std::vector<UnitPair>> possible;
  for (const uint32_t name : names) possible[name];
  for (const Found& found : FindAll(query)) {
    if (const auto wanted = possible.find(found.name); wanted != possible.end()) wanted->second.push_back(found.pair);
  }
  const auto weights = Weigh(query.tokens);
  std::vector<Token> tokens;
  for (const TokenForm& form : query.tokens) tokens.push_back(form.token);
  std::map<uint32_t, std::vector<PairExplanation>> explained;
  for (auto& [name, pairs] : possible) {
    const Alignment aligned = Align(weights, query.truncated, names_[name].weighted, std::move(pairs));
    std::vector<PairExplanation>& lines = explained[name];
    for (const UnitPair& pair : aligned.pairs) {
      lines.push_back({WordsOf(tokens, pair.query_first, pair.query_size),
                       WordsOf(names_[name].tokens, pair.list_first, pair.list_size), pair.rule});
    }
  }
  return explained;
}

}  // namespace gatehouse::names
