// The visible digital seal for non-constrained environments (VDS-NC, ICAO technical report of 2021, RFC 8785, RFC
// 7518):
//   {"data": {"hdr": {"t": type, "v": version, "is": issuing state}, "msg": {...}},
//    "sig": {"alg": "ES256|ES384|ES512", "cer": certificate, "sigvl": r||s}}
// `cer` and `sigvl` in Base64url; the signature is over the canonical form of `data`. The types in use are icao.test
// (proof of testing) and icao.vacc (vaccination); others are read all the same.
#pragma once

#include "libs/emrtd/seals/seal.h"

namespace gatehouse::emrtd::seals {

inline constexpr size_t kMaxVdsNcBytes = 64 * 1024;

// The members of `msg` become features named by their path ("pid.dob", "ve.0.vd.1.dvc"), all of tag 0.
// INVALID_ARGUMENT names the member.
absl::StatusOr<Seal> ReadVdsNc(std::string_view text);

}  // namespace gatehouse::emrtd::seals
