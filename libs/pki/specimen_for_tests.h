// Certificates, revocation lists and SignedData made byte by byte, so that a test can make them wrong in any place.
// For tests, benchmarks and fuzz seeds only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/pki/digest.h"
#include "libs/pki/oid.h"
#include "libs/pki/signature.h"

struct evp_pkey_st;  // EVP_PKEY of OpenSSL

namespace gatehouse::pki::specimen {

// DER, by hand.
std::string Element(uint8_t tag, std::string_view value);
std::string Sequence(const std::vector<std::string>& parts);
std::string Set(std::vector<std::string> parts);  // sorted as DER demands
std::string ObjectId(const Oid& oid);
std::string Integer(int value);
std::string Octets(std::string_view value);
std::string UtcTime(std::string_view yymmddhhmmssz);  // with four digits of the year: GeneralizedTime
std::string Name(std::string_view country, std::string_view common_name, uint8_t string_tag = 0x13);
std::string DigestAlgorithm(Digest digest);
std::string AlgorithmIdentifier(const SignatureAlgorithm& algorithm);

class Key {
 public:
  // "RSA:2048", or a curve: "prime256v1", "brainpoolP256r1".
  explicit Key(const std::string& kind, bool explicit_parameters = false);
  // SubjectPublicKeyInfo. Replaceable, for keys that lie about themselves.
  std::string info;
  std::string Sign(const SignatureAlgorithm& algorithm, std::string_view data, Digest bare_digest) const;
  std::string Sign(const SignatureAlgorithm& algorithm, std::string_view data) const;
  evp_pkey_st* pkey() const { return pkey_.get(); }
  std::string pem() const;  // the private key

 private:
  std::shared_ptr<evp_pkey_st> pkey_;
};

// The algorithm a key signs with by default: PKCS#1 or ECDSA with SHA-256.
SignatureAlgorithm DefaultAlgorithm(const std::string& kind);

struct CertificateRequest {
  std::string issuer = Name("UT", "CSCA");
  std::string subject = Name("UT", "DS");
  int serial = 1;
  std::string not_before = "210101000000Z";
  std::string not_after = "310101000000Z";
  std::string key_info;
  std::string subject_key_identifier;    // no extension when empty
  std::string authority_key_identifier;  // no extension when empty
  std::optional<bool> authority;         // basicConstraints
  std::optional<uint8_t> key_usage;      // first octet of the bits: 0x80 digitalSignature, 0x06 certificates and CRLs
  std::vector<std::string> further_extensions;
  SignatureAlgorithm algorithm;
};
std::string Extension(const Oid& oid, bool critical, std::string_view value);
std::string MakeCertificate(const CertificateRequest& request, const Key& issuer_key);

struct CrlRequest {
  std::string issuer = Name("UT", "CSCA");
  std::string this_update = "260601000000Z";
  std::string next_update = "270101000000Z";
  std::vector<int> serials;
  std::string revoked_at = "240301000000Z";
  std::string entry_extensions;         // of the first serial: elements; none when empty
  std::vector<std::string> extensions;  // none when empty
  SignatureAlgorithm algorithm;
};
std::string MakeCrl(const CrlRequest& request, const Key& issuer_key);

struct SignedDataRequest {
  std::string content_type = "\x67\x81\x08\x01\x01\x01";  // value octets of the identifier
  std::string content;
  int version = 3;
  std::vector<std::string> certificates;
  std::string signer_identifier;  // encoded
  int signer_version = 1;
  Digest digest = Digest::kSha256;
  SignatureAlgorithm algorithm;
  std::string algorithm_identifier;  // in the place of that of `algorithm` when not empty
  std::optional<std::string> signing_time = "210601000000Z";
  bool with_attributes = true;
  enum class Order { kSorted, kUnsortedAndSignedSo, kUnsortedButSignedSorted } order = Order::kSorted;
  int signers = 1;
};
std::string IssuerAndSerial(std::string_view issuer, int serial);
// A whole ContentInfo.
std::string MakeSignedData(const SignedDataRequest& request, const Key& key);

}  // namespace gatehouse::pki::specimen
