#include "libs/names/alignment.h"

#include <algorithm>

#include "libs/base/check.h"

namespace gatehouse::names {
namespace {

// A cut name field (TD1 above all) leaves out names by rule, so their absence says little.
constexpr float kTruncatedAbsence = 0.15F;
constexpr float kInitialSimilarity = 0.80F;

uint32_t Bits(uint8_t first, uint8_t size) { return ((1U << size) - 1) << first; }

float SumWeight(const std::vector<WeightedToken>& tokens, uint32_t bits) {
  float sum = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (bits >> i & 1U) sum += tokens[i].weight;
  }
  return sum;
}

// Similarity as the share of a word's weight that counts as found: none at the minimum's doorstep, all at 1.
float Credit(float similarity) { return std::max(0.0F, (similarity - 0.5F) / 0.5F); }

struct Used {
  uint32_t query = 0;
  uint32_t listed = 0;
};

void PairInitials(const std::vector<WeightedToken>& query, const std::vector<WeightedToken>& listed, Used& used,
                  std::vector<UnitPair>& pairs) {
  for (size_t q = 0; q < query.size(); ++q) {
    if (used.query >> q & 1U) continue;
    for (size_t l = 0; l < listed.size(); ++l) {
      if (used.listed >> l & 1U) continue;
      if (!query[q].single_letter && !listed[l].single_letter) continue;
      if (query[q].first_letter != listed[l].first_letter) continue;
      pairs.push_back(
          {static_cast<uint8_t>(q), 1, static_cast<uint8_t>(l), 1, kInitialSimilarity, TokenRule::kInitial});
      used.query |= 1U << q;
      used.listed |= 1U << l;
      break;
    }
  }
}

}  // namespace

Alignment Align(const std::vector<WeightedToken>& query, bool truncated, const std::vector<WeightedToken>& listed,
                std::vector<UnitPair> possible) {
  GH_CHECK(query.size() <= kMaxTokens && listed.size() <= kMaxTokens);
  const auto value = [&](const UnitPair& pair) {
    return Credit(pair.similarity) * (SumWeight(query, Bits(pair.query_first, pair.query_size)) +
                                      SumWeight(listed, Bits(pair.list_first, pair.list_size)));
  };
  std::vector<std::pair<float, UnitPair>> ranked;
  ranked.reserve(possible.size());
  for (const UnitPair& pair : possible) ranked.emplace_back(value(pair), pair);
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first > b.first; });

  Alignment result;
  Used used;
  for (const auto& [worth, pair] : ranked) {
    const uint32_t query_bits = Bits(pair.query_first, pair.query_size);
    const uint32_t list_bits = Bits(pair.list_first, pair.list_size);
    if ((used.query & query_bits) != 0 || (used.listed & list_bits) != 0) continue;
    used.query |= query_bits;
    used.listed |= list_bits;
    result.pairs.push_back(pair);
  }
  PairInitials(query, listed, used, result.pairs);
  std::sort(result.pairs.begin(), result.pairs.end(),
            [](const UnitPair& a, const UnitPair& b) { return a.query_first < b.query_first; });

  float query_found = 0;
  float list_found = 0;
  NameEvidence& evidence = result.evidence;
  for (const UnitPair& pair : result.pairs) {
    const float query_weight = SumWeight(query, Bits(pair.query_first, pair.query_size));
    const float list_weight = SumWeight(listed, Bits(pair.list_first, pair.list_size));
    const float credit = Credit(pair.similarity);
    query_found += credit * query_weight;
    list_found += credit * list_weight;
    evidence.weight += credit * std::min(query_weight, list_weight);
    if (list_weight > 1 && pair.rule != TokenRule::kInitial) ++evidence.pairs;
  }
  const float query_all = SumWeight(query, ~0U);
  float list_all = SumWeight(listed, ~0U);
  if (truncated) list_all -= (1 - kTruncatedAbsence) * SumWeight(listed, ~used.listed);
  evidence.query_share = query_all > 0 ? query_found / query_all : 0;
  evidence.list_share = list_all > 0 ? list_found / list_all : 0;
  return result;
}

}  // namespace gatehouse::names
