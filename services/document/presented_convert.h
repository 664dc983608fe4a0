// What a caller presents, from the wire to the domain, with every check of a field. What is wrong is INVALID_ARGUMENT
// with the field; a bad document is not wrong, it is what verification finds.
#pragma once

#include "absl/status/statusor.h"
#include "gatehouse/document/v1/document_service.pb.h"
#include "services/document/challenges.h"
#include "services/document/presented.h"

namespace gatehouse::document {

// A chip that says it has more files than any chip holds is a malformed
// request.
inline constexpr int kMaxChipFiles = 32;
inline constexpr size_t kMaxMrzBytes = 4096;

inline constexpr int kMaxAccessOutcomes = 16;
inline constexpr int kMaxSeals = 8;
inline constexpr size_t kMaxChallengeBytes = 64;
inline constexpr size_t kMaxSmallFieldBytes = 4096;

// Views into `input`, which must outlive the result. The origin of a challenge that is named by its id is kNotKnown
// until the challenges were asked.
absl::StatusOr<Presented> FromProto(const v1::DocumentInput& input);

// Asks `challenges` for the one that the presented answer names, and consumes it; `octets`, which must outlive
// `presented`, holds it. Challenges that cannot be asked are no error of the document: the origin stays unknown, and
// the check of the answer open. A replay consumes nothing: it brings along what was issued then, and the report that it
// repeats has the digest of it.
void FindChallenge(const v1::VerifyRequest& request, Challenges& challenges, Presented& presented, std::string& octets);

// The digests of all that was presented, so that a report can be replayed on the same. `challenge` is what the answer
// to Active Authentication is known to be an answer to; empty: it is not known.
void AddDigests(const v1::DocumentInput& input, std::string_view challenge, v1::DocumentReport* report);

}  // namespace gatehouse::document
