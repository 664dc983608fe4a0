// A verified seal on the wire.
#pragma once

#include "gatehouse/document/v1/seal.pb.h"
#include "libs/emrtd/seals/verify_presented.h"

namespace gatehouse::document {

void ToProto(const emrtd::seals::VerifiedSeal& verified, absl::Time check_time, v1::SealReport* out);

}  // namespace gatehouse::document
