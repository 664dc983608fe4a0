#include "services/document/verdict.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/check.h"

namespace gatehouse::document {
namespace {

using emrtd::Tr03135Check;
using State = emrtd::Tr03135State;

bool IsNotDone(const Tr03135Check& check) { return absl::StartsWith(check.detail, absl::string_view("NOT_DONE: ")); }

bool Names(const std::string& pattern, const std::string& id) {
  if (!pattern.empty() && pattern.back() == '*') {
    return id.compare(0, pattern.size() - 1, pattern, 0, pattern.size() - 1) == 0;
  }
  return pattern == id;
}

bool Fits(const JudgementRule& rule, const Tr03135Check& check, State state) {
  // The state first: most checks are successful, and then no rule has its names compared.
  if (std::find(rule.when.begin(), rule.when.end(), state) == rule.when.end()) return false;
  const auto names = [&](const std::string& pattern) { return Names(pattern, check.id); };
  if (std::none_of(rule.checks.begin(), rule.checks.end(), names)) return false;
  if (rule.not_done && !IsNotDone(check)) return false;
  if (rule.deviations.empty()) return true;
  const std::vector<std::string>& found = check.evidence.deviations;
  return std::any_of(found.begin(), found.end(), [&](const std::string& word) {
    return std::find(rule.deviations.begin(), rule.deviations.end(), word) != rule.deviations.end();
  });
}

// The parameters of the policy, before its rules.
void ApplyValidity(const Policy& policy, emrtd::ValidityState at_check, bool valid_at_signing, Judgement& judgement) {
  if (judgement.judged != State::kFailed || at_check != emrtd::ValidityState::kExpired || !valid_at_signing) return;
  if (policy.validity == ValidityReading::kAtCheck) return;
  judgement.policy_rule = "validity";
  const bool then = policy.validity == ValidityReading::kAtSigning;
  judgement.judged = then ? State::kSuccessful : State::kUndetermined;
  judgement.reason = then ? "it was valid when the document was signed (Doc 9303-12)"
                          : "it was valid when the document was signed, and has expired since";
}

void ApplyParameters(const Policy& policy, const Tr03135Check& check, const emrtd::PassiveAuthenticationReport& chip,
                     Judgement& judgement) {
  if (check.id == "document_signer_validity") {
    ApplyValidity(policy, chip.dsc_validity_at_check, chip.dsc_validity_at_signing == emrtd::ValidityState::kValid,
                  judgement);
  } else if (check.id == "country_signer_validity") {
    const auto outside = [](const emrtd::Finding& finding) {
      return finding.defect == emrtd::Defect::kAuthorityNotValidAtSigning;
    };
    const bool valid_then = chip.dsc_validity_at_signing == emrtd::ValidityState::kValid &&
                            std::none_of(chip.findings.begin(), chip.findings.end(), outside);
    ApplyValidity(policy, chip.csca_validity_at_check, valid_then, judgement);
  } else if (check.id == "document_signer_revocation" && check.state == State::kUndetermined &&
             chip.signer != nullptr) {
    const bool stale = chip.revocation == emrtd::RevocationState::kUndetermined;
    judgement.judged = stale ? policy.stale_crl : policy.no_crl;
    judgement.policy_rule = stale ? "stale_crl" : "no_crl";
    judgement.reason = stale ? "the revocation list of the issuing State is out of date"
                             : "no revocation list of the issuing State is loaded";
  } else if (check.id == "chip_cloning" && (IsNotDone(check) || (check.state == State::kUndetermined &&
                                                                 policy.authenticity_not_done == State::kFailed))) {
    // Whoever does not take a proof that was not asked for does not take one that came to nothing.
    judgement.judged = policy.authenticity_not_done;
    judgement.policy_rule = "authenticity_not_done";
    judgement.reason = "the chip has not proved that it is no copy";
  }
}

Judgement JudgeCheck(const Policy& policy, const Tr03135Check& check, const emrtd::PassiveAuthenticationReport* chip) {
  Judgement judgement{.judged = check.state};
  if (chip != nullptr) ApplyParameters(policy, check, *chip, judgement);
  // The proofs of the chip are counted once, by what they say together (TR-03135 section 5.6.4.1).
  if (check.group == emrtd::CheckGroup::kChipAuthenticity && check.id != "chip_cloning") judgement.counts = false;
  for (const JudgementRule& rule : policy.rules) {
    if (!Fits(rule, check, judgement.judged)) continue;
    judgement.policy_rule = rule.name;
    judgement.reason = rule.text;
    if (rule.judged) judgement.judged = *rule.judged;
    if (rule.leave_out) judgement.counts = false;
    break;
  }
  return judgement;
}

// What a group of findings means to an officer.
std::string_view Meaning(const std::string& id) {
  struct Row {
    std::string_view prefix, text;
  };
  static constexpr Row kRows[] = {
      {"mrz_consistency", "the printed machine-readable zone"},
      {"security_object_digest", "the signed list of the chip's data"},
      {"security_object_signature", "the State's signature on the chip"},
      {"document_signer_signature", "the certificate that signed the chip"},
      {"document_signer_validity", "the validity of the signing certificate"},
      {"country_signer_validity", "the validity of the State's certificate"},
      {"document_signer_revocation", "whether the signing certificate was revoked"},
      {"document_signer_trust_status", "the trust in the signing certificate"},
      {"com_against_security_object", "the chip's own table of contents"},
      {"issuing_state_against_document_signer", "the issuing State against the signer"},
      {"data_group_", "the data on the chip"},
      {"chip_cloning", "whether the chip is a copy"},
      {"active_authentication", "the chip's proof that it is the original"},
      {"chip_authentication", "the chip's proof that it is the original"},
      {"pace_chip_authentication_mapping", "the chip's proof that it is the original"},
      {"document_expiry", "the expiry date"},
      {"mrz_dg1_comparison", "the printed zone against the chip"},
      {"seal_", "the digital seal"},
      {"visa_", "the visa against the passport"},
      {"documents_seen_before", "a document like this one was presented before"},
      {"fraud_notice", "a fraud notice"},
  };
  for (const Row& row : kRows) {
    if (absl::StartsWith(id, absl::string_view(row.prefix.data(), row.prefix.size()))) return row.text;
  }
  return id;
}

std::string Explain(const std::vector<Tr03135Check>& checks, const Verdict& verdict, State state,
                    std::string_view opening) {
  constexpr size_t kMaxReasons = 4;
  std::vector<std::string> reasons;
  for (size_t i = 0; i < checks.size(); ++i) {
    const Judgement& judgement = verdict.judgements[i];
    if (!judgement.counts || judgement.judged != state) continue;
    const std::string& why = judgement.reason.empty() ? checks[i].detail : judgement.reason;
    std::string reason(Meaning(checks[i].id));
    if (!why.empty()) absl::StrAppend(&reason, " (", why, ")");
    if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) reasons.push_back(std::move(reason));
  }
  std::string text =
      absl::StrCat(absl::string_view(opening.data(), opening.size()), " ",
                   absl::StrJoin(reasons.begin(), reasons.begin() + std::min(reasons.size(), kMaxReasons), "; "));
  if (reasons.size() > kMaxReasons) absl::StrAppend(&text, "; and ", reasons.size() - kMaxReasons, " more");
  return text + ".";
}

std::string TextOf(const std::vector<Tr03135Check>& checks, const Verdict& verdict, bool has_chip) {
  std::string text;
  switch (verdict.state) {
    case State::kFailed:
      return Explain(checks, verdict, State::kFailed, "Do not rely on this document. Wrong:");
    case State::kAborted:
      return Explain(checks, verdict, State::kAborted, "The checks broke off. Not finished:");
    case State::kSuccessful:
      text = has_chip ? "The document is genuine and unaltered as far as it was checked."
                      : "What was presented is genuine and unaltered as far as it was checked.";
      break;
    case State::kUndetermined:
    case State::kNotSupported:
      text = Explain(checks, verdict, State::kUndetermined, "Not established. Open:");
      break;
  }
  if (!verdict.not_looked_at.empty()) {
    absl::StrAppend(&text, " Not looked at: ", absl::StrJoin(verdict.not_looked_at, ", "), ".");
  }
  return text;
}

}  // namespace

Verdict Judge(const Policy& policy, const std::vector<Tr03135Check>& checks,
              const emrtd::PassiveAuthenticationReport* chip) {
  Verdict verdict{.policy_name = policy.name, .policy_version = policy.version};
  verdict.judgements.reserve(checks.size());
  std::vector<State> counted;
  counted.reserve(checks.size());
  for (const Tr03135Check& check : checks) {
    verdict.judgements.push_back(JudgeCheck(policy, check, chip));
    const Judgement& judgement = verdict.judgements.back();
    if (judgement.counts) {
      counted.push_back(judgement.judged);
    } else if (check.state != State::kNotSupported && check.group != emrtd::CheckGroup::kChipAuthenticity) {
      verdict.not_looked_at.push_back(check.id);
    }
    // Nothing was found, because nobody publishes it: that is not looked at either.
    if (judgement.counts && check.state == State::kUndetermined && judgement.judged == State::kNotSupported) {
      verdict.not_looked_at.push_back(check.id);
    }
  }
  verdict.state = emrtd::Combine(counted);
  for (const State state : {State::kFailed, State::kAborted, State::kUndetermined}) {
    for (size_t i = 0; i < checks.size(); ++i) {
      const Judgement& judgement = verdict.judgements[i];
      if (judgement.counts && judgement.judged == state) verdict.decided_by.push_back(checks[i].id);
    }
  }
  verdict.text = TextOf(checks, verdict, chip != nullptr);
  return verdict;
}

}  // namespace gatehouse::document
