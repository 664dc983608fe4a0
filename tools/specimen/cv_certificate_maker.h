// CV certificates (TR-03110-3 annexes C and D) of a synthetic State, for inspection systems: authority, document
// verifier, terminal; right ones and wrong ones.
#pragma once

#include <openssl/evp.h>

#include <string>

#include "absl/time/civil_time.h"

namespace gatehouse::specimen {

// First octet of the rights in 7F4C.
inline constexpr uint8_t kCvAuthority = 0xC0, kCvDomesticVerifier = 0x80, kCvForeignVerifier = 0x40, kCvTerminal = 0x00;
inline constexpr uint8_t kCvReadsFingerprints = 0x01, kCvReadsIrises = 0x02;

struct CvCertificateRequest {
  std::string authority = "UTCVCA00001";
  std::string holder = "UTCVCA00001";
  EVP_PKEY* key = nullptr;                            // of the holder: RSA, or EC with a named curve
  const char* algorithm = "0.4.0.127.0.7.2.2.2.2.3";  // id-TA of the holder's key: ECDSA with SHA-256
  bool domain_parameters = false;                     // of EC keys: an authority has them
  uint8_t rights = kCvAuthority | kCvReadsFingerprints | kCvReadsIrises;
  const char* type = "0.4.0.127.0.7.3.1.2.1";  // inspection system
  absl::CivilDay effective, expiration;
  std::string extensions;  // the content of 65; no such object when empty
};

// How the issuer signs: by the id-TA algorithm of its own key.
struct CvIssuer {
  EVP_PKEY* key = nullptr;
  const char* algorithm = "0.4.0.127.0.7.2.2.2.2.3";
};

std::string MakeCvCertificate(const CvCertificateRequest& request, const CvIssuer& issuer);
// A request for a certificate, signed by its own key; with `outer` signed again by a key the authority knows.
std::string MakeCvRequest(const CvCertificateRequest& request, const CvIssuer* outer);

// The signature of an id-TA algorithm: PKCS #1, PSS, or r and s as long as the order of the curve.
std::string SignAsTerminal(const CvIssuer& issuer, std::string_view message);

}  // namespace gatehouse::specimen
