// The erasure of a person: the key that everything personal was sealed under is destroyed, the keys by which the person
// was found are taken out, and what stays of the crossings are ids and times. The receipt is kept for good and says
// nothing of the person but an id.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "services/traveller/crossing.h"

namespace gatehouse::traveller {

using ErasureId = base::StrongId<struct ErasureIdTag>;

enum class ErasureReason : uint8_t {
  kRetentionEnded,
  kSubjectRequest,  // the person asked, and the law gives it
  kCourtOrder,
  kUnlawfulRecord,  // it should never have been recorded
};

struct NewErasure {
  Request request;
  PersonId person;
  ErasureReason reason = ErasureReason::kRetentionEnded;
  std::string case_reference;  // of the file that ordered it; 1 to 64 of A-Z a-z 0-9 . / -
  std::string officer;         // who answers for it
};

// The receipt.
struct Erasure {
  ErasureId id;
  PersonId person;
  ErasureReason reason = ErasureReason::kRetentionEnded;
  std::string case_reference;
  std::string officer;
  absl::Time time;
  int crossing_count = 0;  // how much was erased
  int document_count = 0;
};

}  // namespace gatehouse::traveller
