// Checks in the terms of BSI TR-03135, each in one of its five states with the evidence for it, and the part of a check
// report that passive authentication answers (chip_authenticity.h has the rest of the chip). A check that was not
// performed is undetermined with a detail that begins "NOT_DONE: ", and is not_supported only where the document itself
// lacks the feature, which only an authentic EF.SOD can say.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/emrtd/passive_authentication.h"

namespace gatehouse::emrtd {

enum class Tr03135State { kSuccessful, kFailed, kUndetermined, kNotSupported, kAborted };
std::string_view ToWord(Tr03135State state);

// The parts of the guideline that a check belongs to; kHistory is ours.
enum class CheckGroup {
  kOptical,
  kAccess,
  kChipAuthenticity,
  kPassiveAuthentication,
  kCombined,
  kSeal,
  kHistory,
};

// What a check rests on.
struct CertificateReference {
  std::string_view role;  // "document_signer", "country_authority", "seal_signer", "security_signer"
  pki::CertificatePtr certificate;
};
struct ListReference {
  std::string_view kind;  // "crl", "trust_store", "deviation_list", "defect_list", "notices"
  std::string issuer;
  std::string version;
  std::optional<absl::Time> this_update;
  std::optional<absl::Time> next_update;
};
struct Fact {
  std::string name;
  std::string value;  // never personal data
};
struct CheckEvidence {
  std::string_view rule;  // the clause that makes the check; a literal
  std::vector<CertificateReference> certificates;
  std::vector<ListReference> lists;
  std::vector<std::string> deviations;  // that were applied
  std::vector<Fact> facts;
};

struct Tr03135Check {
  std::string id;  // snake_case, for example "security_object_signature", "data_group_2_integrity"
  Tr03135State state = Tr03135State::kUndetermined;
  std::string detail;  // may be empty; never personal data
  CheckGroup group = CheckGroup::kPassiveAuthentication;
  CheckEvidence evidence = {};
};

inline constexpr std::string_view kNotDonePrefix = "NOT_DONE: ";
// A check that was not made, and why.
Tr03135Check NotDone(std::string id, CheckGroup group, std::string_view reason);

// Passive authentication: always the same ids in the same order, but for the data groups, which are those of the
// report. Where no chip was read every one of them says so.
std::vector<Tr03135Check> Tr03135Checks(const PassiveAuthenticationReport& report);

// The guideline's rule over several checks: failed if one failed, aborted if one was, successful only if all are that
// the document supports; none at all is undetermined.
Tr03135State Combine(std::span<const Tr03135State> states);

}  // namespace gatehouse::emrtd
