// SignedData of the Cryptographic Message Syntax (RFC 5652), as the security object of a chip and the master lists use
// it. Read in place: everything points into the caller's bytes, which must outlive the value. BER wrappers with
// indefinite lengths and split OCTET STRINGs are read (old security objects have them); certificates and signed
// attributes inside are DER.
#pragma once

#include <optional>
#include <vector>

#include "libs/pki/certificate.h"

namespace gatehouse::pki {

inline constexpr size_t kMaxSigners = 16;

struct SignerInfo {
  int version = 0;
  // Either issuer and serial number, or the subject key identifier.
  Bytes issuer_encoding;
  Bytes serial;
  Bytes subject_key_identifier;
  Digest digest = Digest::kSha1;  // digestAlgorithm: of the content, and of the signature that names none
  SignatureAlgorithm signature_algorithm;
  Bytes signature;

  bool has_signed_attributes = false;
  Bytes signed_attributes;        // contents of the SET
  bool attributes_sorted = true;  // the order DER demands of a SET OF
  Bytes content_type;             // attribute contentType, an identifier
  Bytes message_digest;           // attribute messageDigest
  std::optional<absl::Time> signing_time;

  // True when the identifier names this certificate.
  bool Names(const Certificate& certificate) const;
};

struct SignedData {
  int version = 0;
  std::vector<Digest> digests;      // digestAlgorithms, those we know
  Bytes content_type;               // eContentType, an identifier
  Bytes content;                    // eContent: value octets only; of a split OCTET STRING the pieces put together
  std::vector<uint8_t> assembled;   // holds `content` when it was split
  std::vector<Bytes> certificates;  // encodings, not parsed
  std::vector<SignerInfo> signers;
  bool indefinite_length = false;  // some wrapper is BER

  SignedData() = default;
  SignedData(SignedData&&) = default;  // a moved vector keeps its storage, so `content` stays right
  SignedData& operator=(SignedData&&) = default;
};

struct SignedDataLimits {
  size_t certificates = 16;
};

// `content_info` is a whole ContentInfo; nothing may follow it. INVALID_ARGUMENT names the field.
absl::StatusOr<SignedData> ReadSignedData(Bytes content_info, const SignedDataLimits& limits);

// How the bytes under the signature stood.
enum class SignatureForm {
  kAttributes,          // the signed attributes as stored
  kResortedAttributes,  // the signed attributes only after sorting them as DER demands
  kBareContent,         // no signed attributes: the content itself
};

// OK when `key` signed this content: attribute contentType equals eContentType, messageDigest is the digest of the
// content, and the signature fits (RFC 5652 section 5.4). Else the reason.
absl::StatusOr<SignatureForm> VerifySigner(const SignedData& data, const SignerInfo& signer, const PublicKey& key);

}  // namespace gatehouse::pki
