// A text with the signature of a service, as a JSON Web Signature in compact form (RFC 7515): ES256, the certificate of
// the signer inside (x5c), the kind of text in cty. What we write is what we read: a header of any other shape is
// refused, so that nothing in it can lead the reader astray.
//   base64url(header) "." base64url(text) "." base64url(r||s)
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gatehouse::seal {

inline constexpr size_t kMaxSignedTextBytes = 16 * 1024 * 1024;

// A P-256 key and its certificate. Thread-safe.
class TextSigner {
 public:
  // PEM files. NOT_FOUND when one cannot be read; INVALID_ARGUMENT when they do not fit together or the key is of
  // another kind.
  static absl::StatusOr<std::unique_ptr<TextSigner>> Read(const std::string& certificate_file,
                                                          const std::string& key_file);
  virtual ~TextSigner() = default;
  // `kind`: "json" or "xml".
  virtual std::string Sign(std::string_view kind, std::string_view text) const = 0;
};

struct SignedText {
  std::string kind;
  std::string text;
  std::string signer;         // subject of the certificate
  std::string signer_sha256;  // lower-case hexadecimal
};

// `trusted_pem` holds the certificates of the signers that are trusted, themselves and not their authority.
// INVALID_ARGUMENT when the text is none of ours; UNAUTHENTICATED when the signature is wrong, or the signer is not
// trusted or not valid at `time`.
absl::StatusOr<SignedText> VerifySignedText(std::string_view compact, std::string_view trusted_pem, absl::Time time);

}  // namespace gatehouse::seal
