// Why the register says no: a closed set, each with the code of its status. It rides inside the status, so that the
// wire can carry it as a word and nobody has to guess from a code: a code says what kind of answer it is, and the same
// kind comes from a dead disk, a programming error and a person who was never here.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"

namespace gatehouse::traveller {

enum class Reason : uint8_t {
  kPersonNotFound,        // NOT_FOUND: nobody is known by what was given. No other reason means that
  kPersonErased,          // FAILED_PRECONDITION: was known, and was erased
  kSeveralPersons,        // FAILED_PRECONDITION: what was given fits more than one
  kIdentityNotSearched,   // FAILED_PRECONDITION: the document is unknown, and half an identity is no key to search by
  kCrossingNotFound,      // NOT_FOUND
  kKeyLost,               // DATA_LOSS: the sealing key of a person is gone, and nobody erased it
  kRowDamaged,            // DATA_LOSS: what is stored does not read
  kRequestIdReused,       // ALREADY_EXISTS: the same request id with other content
  kNamedOfficerRequired,  // PERMISSION_DENIED
  kTooManyCorrections,    // FAILED_PRECONDITION
};

// `text` is for people, and holds nothing personal.
absl::Status Refuse(Reason reason, std::string_view text);

// Nothing when the status does not come from Refuse: then it is the world's (no store, no disk), and may pass.
std::optional<Reason> ReasonOf(const absl::Status& status);

}  // namespace gatehouse::traveller
