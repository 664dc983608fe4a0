#include "libs/emrtd/chip_authenticity.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/emrtd/active_authentication.h"
#include "libs/emrtd/data_group_integrity.h"
#include "libs/emrtd/lds/card_security.h"
#include "libs/emrtd/lds/security_infos.h"

namespace gatehouse::emrtd {
namespace {

using State = Tr03135State;

constexpr std::string_view kRuleActive = "Doc 9303-11 section 6.1";
constexpr std::string_view kRuleChip = "Doc 9303-11 section 6.2";
constexpr std::string_view kRuleMapping = "Doc 9303-11 section 4.4.3.5";
constexpr std::string_view kRuleCloning = "TR-03135 section 5.6.3";

Tr03135Check Result(std::string_view id, CheckGroup group, State state, std::string detail, std::string_view rule) {
  return {std::string(id), state, std::move(detail), group, {.rule = rule}};
}

// EF.SOD is authentic: what it lists, the issuer has signed.
bool IsAuthentic(const PassiveAuthenticationReport& passive) {
  return passive.sod_signature == SignatureState::kValid && !passive.data_groups.empty();
}

// The file is the one that a State we trust has signed.
bool IsBound(const PassiveAuthenticationReport& passive, int data_group) {
  return IsAuthentic(passive) && passive.chain == ChainState::kValid &&
         passive.revocation != RevocationState::kRevoked && StateOf(passive, data_group) == DataGroupState::kIdentical;
}

// Whether the document owes a protocol.
enum class Duty { kOwed, kNotOwed, kUnknown };

Duty DutyOf(const PassiveAuthenticationReport& passive, int data_group) {
  if (!IsAuthentic(passive)) return Duty::kUnknown;
  const DataGroupState state = StateOf(passive, data_group);
  if (state == DataGroupState::kNotPresent) return Duty::kNotOwed;
  // A file that EF.SOD does not list is reported as not identical too: it is nobody's duty, and passive authentication
  // fails for it.
  return Duty::kOwed;
}

// The keys of DG14, when it is the one that EF.SOD lists; else nobody knows them.
absl::StatusOr<SecurityInfos> SignedDataGroup14(const ChipAuthenticityInput& input) {
  if (!IsAuthentic(*input.passive) || StateOf(*input.passive, 14) != DataGroupState::kIdentical) {
    return absl::NotFoundError("DG14 is not the signed one");
  }
  return ReadDataGroup14(input.data_group_14);
}

// DG14 is also where the algorithm of active authentication and terminal authentication stand: only a key in it
// promises chip authentication.
Duty ChipAuthenticationDuty(const ChipAuthenticityInput& input) {
  const Duty duty = DutyOf(*input.passive, 14);
  if (duty != Duty::kOwed) return duty;
  const absl::StatusOr<SecurityInfos> infos = SignedDataGroup14(input);
  return infos.ok() && infos->chip_authentication_keys.empty() ? Duty::kNotOwed : Duty::kOwed;
}

// The key the reader names is one of those in the file.
bool IsKeyOf(const SecurityInfos& infos, Bytes key) {
  if (key.empty()) return false;
  return std::any_of(
      infos.chip_authentication_keys.begin(), infos.chip_authentication_keys.end(),
      [&](const ChipAuthenticationPublicKeyInfo& info) { return pki::Equal(info.key.subject_public_key_info, key); });
}

// A success counts when the key it was made with is a signed one.
void JudgeKey(const SecurityInfos* infos, Bytes key, std::string_view file, Tr03135Check& check) {
  if (infos == nullptr || key.empty()) {
    check.state = State::kUndetermined;
    check.detail = infos == nullptr ? absl::StrCat(std::string(file), " cannot be read")
                                    : std::string("the reader did not say with which key");
  } else if (!IsKeyOf(*infos, key)) {
    check.state = State::kFailed;
    check.detail = absl::StrCat("the key it was run with is not in ", std::string(file));
  }
}

const AccessOutcome* Find(const ChipAuthenticityInput& input, AccessProtocol protocol) {
  for (const AccessOutcome& outcome : input.outcomes) {
    if (outcome.protocol == protocol) return &outcome;
  }
  return nullptr;
}

void AddReaderFacts(const AccessOutcome& outcome, Tr03135Check& check) {
  check.evidence.facts.push_back({"reported_by", "reader"});
  if (!outcome.algorithm.empty()) check.evidence.facts.push_back({"algorithm", outcome.algorithm});
}

// How the chip was opened is the reader's word, and proves nothing by itself.
Tr03135Check Access(const ChipAuthenticityInput& input, AccessProtocol protocol, std::string_view rule) {
  const std::string_view id = ToWord(protocol);
  if (const AccessOutcome* outcome = Find(input, protocol); outcome != nullptr) {
    Tr03135Check check = Result(id, CheckGroup::kAccess, outcome->state, outcome->detail, rule);
    AddReaderFacts(*outcome, check);
    return check;
  }
  if (!input.has_chip) return NotDone(std::string(id), CheckGroup::kAccess, "no chip was read");
  if (protocol == AccessProtocol::kTerminalAuthentication && IsAuthentic(*input.passive) &&
      StateOf(*input.passive, 3) == DataGroupState::kNotPresent &&
      StateOf(*input.passive, 4) == DataGroupState::kNotPresent) {
    return Result(id, CheckGroup::kAccess, State::kNotSupported, "EF.SOD lists neither DG3 nor DG4", rule);
  }
  return NotDone(std::string(id), CheckGroup::kAccess, "the reader told no outcome of it");
}

// The answer under the key of DG15, before it is asked whether that key and that challenge mean anything.
void VerifyAnswer(const ChipAuthenticityInput& input, Tr03135Check& check) {
  const ActiveAuthenticationAnswer& answer = *input.active_authentication;
  ActiveAuthenticationInput signed_input{
      .data_group_15 = input.data_group_15, .challenge = answer.challenge, .signature = answer.response};
  // An unsigned DG14 must not choose the digest.
  if (StateOf(*input.passive, 14) == DataGroupState::kIdentical) signed_input.data_group_14 = input.data_group_14;
  const ActiveAuthentication verified = VerifyActiveAuthentication(signed_input);
  if (!verified.algorithm.empty()) check.evidence.facts.push_back({"algorithm", verified.algorithm});
  for (const ActiveAuthenticationNote note : verified.notes) check.evidence.deviations.emplace_back(ToWord(note));
  check.detail = std::string(ToWord(verified.reason));
  if (verified.state == ActiveAuthenticationState::kValid) check.state = State::kSuccessful;
  if (verified.state == ActiveAuthenticationState::kInvalid) check.state = State::kFailed;
}

Tr03135Check CheckActiveAuthentication(const ChipAuthenticityInput& input) {
  const std::string id = "active_authentication";
  Tr03135Check check = Result(id, CheckGroup::kChipAuthenticity, State::kUndetermined, "", kRuleActive);
  const auto undetermined = [&](std::string_view why) {
    check.state = State::kUndetermined;
    check.detail = std::string(why);
    return check;
  };
  if (!input.has_chip) return NotDone(id, CheckGroup::kChipAuthenticity, "no chip was read");
  if (DutyOf(*input.passive, 15) == Duty::kNotOwed) {
    check.state = State::kNotSupported;
    check.detail = "EF.SOD lists no DG15";
    return check;
  }
  if (!input.active_authentication) {
    return NotDone(id, CheckGroup::kChipAuthenticity, "the chip was not asked to sign a challenge");
  }
  if (input.data_group_15.empty()) return undetermined("the chip answered, and its DG15 was not read");
  if (StateOf(*input.passive, 15) != DataGroupState::kIdentical) return undetermined("DG15 is not the signed one");
  if (input.active_authentication->origin == ChallengeOrigin::kNotKnown) {
    return undetermined("the challenge was not issued here, has expired, or was used before");
  }
  check.evidence.facts.push_back(
      {"challenge", input.active_authentication->origin == ChallengeOrigin::kIssued ? "issued here" : "of the reader"});
  VerifyAnswer(input, check);
  if (check.state != State::kSuccessful) return check;
  if (!IsBound(*input.passive, 15)) {
    return undetermined("passive authentication did not bind DG15, so the key may be anybody's");
  }
  if (input.active_authentication->origin == ChallengeOrigin::kReader && !input.trust_reader_challenges) {
    return undetermined("the challenge was made by the reader, and the policy trusts only its own");
  }
  return check;
}

// Chip authentication proves itself to the reader by a secure channel; here it counts when the key it was run with is
// one that the State has signed.
Tr03135Check ChipAuthentication(const ChipAuthenticityInput& input) {
  const std::string_view id = ToWord(AccessProtocol::kChipAuthentication);
  const auto result = [&](State state, std::string detail) {
    return Result(id, CheckGroup::kChipAuthenticity, state, std::move(detail), kRuleChip);
  };
  if (!input.has_chip) return NotDone(std::string(id), CheckGroup::kChipAuthenticity, "no chip was read");
  if (DutyOf(*input.passive, 14) == Duty::kNotOwed) return result(State::kNotSupported, "EF.SOD lists no DG14");
  const AccessOutcome* outcome = Find(input, AccessProtocol::kChipAuthentication);
  const bool is_owed = ChipAuthenticationDuty(input) != Duty::kNotOwed;
  if (!is_owed && (outcome == nullptr || outcome->state != State::kSuccessful)) {
    return result(State::kNotSupported, "DG14 has no key for it");
  }
  if (outcome == nullptr) {
    return NotDone(std::string(id), CheckGroup::kChipAuthenticity, "the reader told no outcome of it");
  }
  Tr03135Check check = result(outcome->state, outcome->detail);
  AddReaderFacts(*outcome, check);
  if (outcome->state == State::kNotSupported) {
    // A reader that cannot do it tells no outcome, or an undetermined one: this is about the chip, which has the key as
    // long as it is the one that was signed.
    const bool is_promised = SignedDataGroup14(input).ok();
    check.state = is_promised ? State::kFailed : State::kUndetermined;
    check.detail = is_promised ? "the signed DG14 has a key for it, and the chip does not do it"
                               : "DG14 is not the signed one, so nobody says what the chip owes";
  }
  if (check.state != State::kSuccessful) return check;
  if (!IsBound(*input.passive, 14)) {
    check.state = State::kUndetermined;
    check.detail = "passive authentication did not bind DG14, so the key may be anybody's";
    return check;
  }
  const absl::StatusOr<SecurityInfos> infos = ReadDataGroup14(input.data_group_14);
  JudgeKey(infos.ok() ? &*infos : nullptr, outcome->chip_public_key, "DG14", check);
  return check;
}

Tr03135Check ChipAuthenticationMapping(const ChipAuthenticityInput& input) {
  const std::string_view id = ToWord(AccessProtocol::kPaceChipAuthenticationMapping);
  const AccessOutcome* outcome = Find(input, AccessProtocol::kPaceChipAuthenticationMapping);
  if (outcome == nullptr) {
    return NotDone(std::string(id), CheckGroup::kChipAuthenticity,
                   input.has_chip ? "the reader told no outcome of it" : "no chip was read");
  }
  Tr03135Check check = Result(id, CheckGroup::kChipAuthenticity, outcome->state, outcome->detail, kRuleMapping);
  AddReaderFacts(*outcome, check);
  if (outcome->state != State::kSuccessful) return check;
  const absl::StatusOr<CardSecurity> security = input.card_security
                                                    ? ReadCardSecurity(*input.card_security)
                                                    : absl::NotFoundError("EF.CardSecurity was not read");
  if (!security.ok()) {
    check.state = State::kUndetermined;
    check.detail = std::string(security.status().message());
    return check;
  }
  const CardSecurityVerdict verdict = CheckCardSecurity(*security, *input.trust, input.check_time);
  if (verdict.signer) check.evidence.certificates.push_back({"security_signer", verdict.signer});
  if (!verdict.established) {
    check.state = verdict.signature == pki::SignatureState::kInvalid ? State::kFailed : State::kUndetermined;
    check.detail = "EF.CardSecurity: " + verdict.reason;
    return check;
  }
  JudgeKey(&security->infos, outcome->chip_public_key, "EF.CardSecurity", check);
  return check;
}

// What the lists in force say of genuine documents of this kind (TR-03135 sections 5.8.2.1.3 to 5.8.2.1.5): keys that
// others hold prove nothing, and a protocol that is known to fail does not accuse the document. Which protocols fail
// the list says by codes we do not interpret, so it excuses any; an excuse never makes anything successful.
void ApplyDeviation(const PassiveAuthenticationReport& passive, pki::DeviationType compromised, Tr03135Check& check) {
  const auto note = [&](pki::DeviationType type) {
    for (const KnownDeviation& deviation : passive.deviations) {
      if (deviation.type != type) continue;
      check.evidence.deviations.push_back(deviation.oid);
      check.evidence.lists.push_back({.kind = deviation.of_defect_list ? "defect_list" : "deviation_list",
                                      .issuer = deviation.list,
                                      .version = deviation.list_version});
    }
  };
  if (check.state == State::kSuccessful && HasDeviation(passive, compromised)) {
    check.state = State::kFailed;
    check.detail = "the private keys of such documents are known to be compromised";
    note(compromised);
  } else if (check.state == State::kFailed &&
             HasDeviation(passive, pki::DeviationType::kAuthenticationProtocolFailure)) {
    check.state = State::kUndetermined;
    absl::StrAppend(&check.detail, "; genuine documents of this kind are known to fail");
    note(pki::DeviationType::kAuthenticationProtocolFailure);
  }
}

// Suspicion of a copy, from the three proofs above.
Tr03135Check Cloning(const ChipAuthenticityInput& input, const std::vector<Tr03135Check>& proofs) {
  constexpr std::string_view kId = "chip_cloning";
  const auto result = [&](State state, std::string detail) {
    return Result(kId, CheckGroup::kChipAuthenticity, state, std::move(detail), kRuleCloning);
  };
  const auto has = [&](State state) {
    return std::any_of(proofs.begin(), proofs.end(), [&](const Tr03135Check& proof) { return proof.state == state; });
  };
  if (!input.has_chip) return NotDone(std::string(kId), CheckGroup::kChipAuthenticity, "no chip was read");
  // One proof that failed is not made good by another that held: a copy may have kept one of two keys.
  if (has(State::kFailed)) {
    return result(State::kFailed, "the chip does not hold the key that the State signed: suspected copy");
  }
  if (has(State::kSuccessful)) return result(State::kSuccessful, "the chip holds the key that the State signed");
  const Duty active = DutyOf(*input.passive, 15);
  const Duty chip = ChipAuthenticationDuty(input);
  if (active == Duty::kNotOwed && chip == Duty::kNotOwed) {
    return result(State::kNotSupported, "the document has no means to tell a copy of its chip");
  }
  if (active == Duty::kUnknown) {
    return result(State::kUndetermined, "EF.SOD is not authentic, so nobody says what the chip owes");
  }
  std::string owed = active == Duty::kOwed ? "active authentication" : "";
  if (chip == Duty::kOwed) absl::StrAppend(&owed, owed.empty() ? "" : " and ", "chip authentication");
  const std::string why = absl::StrCat("the document owes ", owed, " and none has proved the chip");
  // Not done is what nobody tried; what a policy says of that is not said of a chip that was asked.
  if (has(State::kAborted)) return result(State::kAborted, why + ": the chip was asked, and it broke off");
  const auto was_tried = [](const Tr03135Check& proof) {
    return proof.state == State::kUndetermined && proof.detail.rfind(kNotDonePrefix, 0) != 0;
  };
  if (std::any_of(proofs.begin(), proofs.end(), was_tried)) return result(State::kUndetermined, why);
  return NotDone(std::string(kId), CheckGroup::kChipAuthenticity, why);
}

}  // namespace

std::string_view ToWord(AccessProtocol protocol) {
  static constexpr std::array<std::string_view, 5> kWords = {"basic_access_control", "pace",
                                                             "pace_chip_authentication_mapping", "chip_authentication",
                                                             "terminal_authentication"};
  return kWords[static_cast<size_t>(protocol)];
}

std::vector<Tr03135Check> ChipAuthenticityChecks(const ChipAuthenticityInput& input) {
  GH_CHECK(input.passive != nullptr);
  std::vector<Tr03135Check> proofs = {CheckActiveAuthentication(input), ChipAuthentication(input),
                                      ChipAuthenticationMapping(input)};
  ApplyDeviation(*input.passive, pki::DeviationType::kActiveAuthenticationKeyCompromised, proofs[0]);
  ApplyDeviation(*input.passive, pki::DeviationType::kChipAuthenticationKeyCompromised, proofs[1]);
  ApplyDeviation(*input.passive, pki::DeviationType::kChipAuthenticationKeyCompromised, proofs[2]);
  Tr03135Check cloning = Cloning(input, proofs);
  std::vector<Tr03135Check> checks = {
      Access(input, AccessProtocol::kBasicAccessControl, "Doc 9303-11 section 4.3"),
      Access(input, AccessProtocol::kPace, "Doc 9303-11 section 4.4"),
      Access(input, AccessProtocol::kTerminalAuthentication, "Doc 9303-11 section 7.1"),
  };
  std::move(proofs.begin(), proofs.end(), std::back_inserter(checks));
  checks.push_back(std::move(cloning));
  return checks;
}

}  // namespace gatehouse::emrtd
