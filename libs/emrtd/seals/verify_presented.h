// What is presented, read and verified in one step: a seal of any form, or a travel credential.
#pragma once

#include "libs/emrtd/seals/verify.h"

namespace gatehouse::emrtd::seals {

struct VerifiedSeal {
  Seal seal;
  SealReport report;
};

// `presented` as ReadSeal() takes it, or the bytes of a DTCContentInfo in any of those texts. INVALID_ARGUMENT when it
// is none of them: then nothing is known of it; UNIMPLEMENTED for the picture of a barcode.
absl::StatusOr<VerifiedSeal> VerifyPresented(std::string_view presented, const SealInput& input);

}  // namespace gatehouse::emrtd::seals
