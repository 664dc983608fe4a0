// Active Authentication (Doc 9303-11 section 6.1): the chip signs a challenge with the private key that belongs to the
// public key in DG15, and so shows that it is not a copy of another chip's files. RSA keys sign by ISO/IEC 9796-2
// scheme 1, where the nonce of the chip is recovered from the signature; EC keys by ECDSA.
//
// The answer proves nothing alone: DG15 (and DG14, which names the digest of ECDSA) must be bound by passive
// authentication, and the challenge must be fresh, random and never used before. Both are the caller's to see to.
// Pure functions; any number of threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/pki/signature.h"

namespace gatehouse::emrtd {

using pki::Bytes;

inline constexpr size_t kActiveAuthenticationChallengeBytes = 8;
inline constexpr int kMaxActiveAuthenticationRsaBits = 4096;

struct ActiveAuthenticationInput {
  Bytes data_group_15;  // the whole file
  std::optional<Bytes> data_group_14;
  // What says the digest of ECDSA when there is no DG14, for example the sheet of a test chip. DG14 has precedence.
  std::optional<pki::Digest> digest;
  Bytes challenge;  // RND.IFD
  Bytes signature;  // the response to INTERNAL AUTHENTICATE, without status word
};

// kUndetermined: what is needed to judge is missing or not understood; the chip has shown nothing.
enum class ActiveAuthenticationState { kValid, kInvalid, kUndetermined };

// Why the state is not kValid; closed.
enum class ActiveAuthenticationReason {
  kNone,
  // kUndetermined
  kDataGroup15Unreadable,
  kPublicKeyRefused,  // unknown or altered curve, point off its curve, RSA out of bounds, another kind of key
  kDataGroup14Unreadable,
  kAlgorithmUnknown,  // ActiveAuthenticationInfo names none of ECDSA
  kChallengeLength,
  // kInvalid
  kSignatureLength,
  kSignatureNotBelowModulus,
  kTrailer,          // neither BC nor a digest and CC
  kDigestUnknown,    // the trailer names a digest that Doc 9303 does not permit
  kHeader,           // not 6A, B.. A, nor that of total recovery
  kDigestDiffers,    // the recovered digest is not that of nonce and challenge
  kChallengeAbsent,  // total recovery: the recovered message does not end in the challenge
  kSignatureDiffers,
};

// What was tolerated or had to be guessed; closed.
enum class ActiveAuthenticationNote {
  kDigestByKeySize,  // no DG14 names it: that which fits the curve
  kDigestByTrial,    // nor that one: another fitted
  kSignatureDer,     // ECDSA as a SEQUENCE of two numbers; Doc 9303 wants them plain
  kSignatureShort,   // RSA: leading zeros left out
  kTotalRecovery,    // header 4A: the whole message was in the signature
  kDataGroupTrailingBytes,
};

struct ActiveAuthentication {
  ActiveAuthenticationState state = ActiveAuthenticationState::kUndetermined;
  ActiveAuthenticationReason reason = ActiveAuthenticationReason::kNone;
  std::string algorithm;  // "RSA-2048 ISO 9796-2", "ECDSA brainpoolP256r1"; empty when the key cannot be read
  std::optional<pki::Digest> digest;
  std::vector<ActiveAuthenticationNote> notes;
  std::string detail;  // for a laboratory; no personal data
};

ActiveAuthentication VerifyActiveAuthentication(const ActiveAuthenticationInput& input);

// snake_case, the same for ever: "valid", "signature_differs", "digest_by_key_size". kNone is "".
std::string_view ToWord(ActiveAuthenticationState state);
std::string_view ToWord(ActiveAuthenticationReason reason);
std::string_view ToWord(ActiveAuthenticationNote note);

}  // namespace gatehouse::emrtd
