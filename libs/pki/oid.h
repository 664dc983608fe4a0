// Object identifiers, written as the standards write them and encoded at compile time. An identifier read from bytes
// stays a span of its value octets and is compared with these.
#pragma once

#include <array>
#include <string>

#include "libs/pki/tlv.h"

namespace gatehouse::pki {

class Oid {
 public:
  constexpr Oid(const char* dotted) {  // an identifier is its dotted text
    uint32_t first = 0;
    for (int arc = 0; *dotted != '\0'; ++arc) {
      uint32_t number = 0;
      while (*dotted >= '0' && *dotted <= '9') number = number * 10 + static_cast<uint32_t>(*dotted++ - '0');
      if (*dotted == '.') ++dotted;
      if (arc == 0) {
        first = number;
      } else {
        Append(arc == 1 ? first * 40 + number : number);
      }
    }
  }
  Bytes bytes() const { return {bytes_.data(), size_}; }
  friend bool operator==(const Oid& oid, Bytes bytes) { return Equal(oid.bytes(), bytes); }

 private:
  constexpr void Append(uint32_t number) {
    int groups = 1;
    while (number >> (7 * groups) != 0 && groups < 5) ++groups;
    for (int i = groups - 1; i >= 0; --i) {
      bytes_[size_++] = static_cast<uint8_t>((number >> (7 * i) & 0x7F) | (i > 0 ? 0x80 : 0));
    }
  }
  std::array<uint8_t, 15> bytes_{};
  uint8_t size_ = 0;
};

// "1.2.840.113549.1.1.11"; for reports only.
std::string OidText(Bytes oid);

namespace oid {
// Digests.
inline constexpr Oid kSha1 = "1.3.14.3.2.26";
inline constexpr Oid kSha256 = "2.16.840.1.101.3.4.2.1";
inline constexpr Oid kSha384 = "2.16.840.1.101.3.4.2.2";
inline constexpr Oid kSha512 = "2.16.840.1.101.3.4.2.3";
inline constexpr Oid kSha224 = "2.16.840.1.101.3.4.2.4";
// Signatures and keys (RFC 8017, RFC 5758, TR-03111).
inline constexpr Oid kRsaEncryption = "1.2.840.113549.1.1.1";
inline constexpr Oid kSha1WithRsa = "1.2.840.113549.1.1.5";
inline constexpr Oid kMgf1 = "1.2.840.113549.1.1.8";
inline constexpr Oid kRsassaPss = "1.2.840.113549.1.1.10";
inline constexpr Oid kSha256WithRsa = "1.2.840.113549.1.1.11";
inline constexpr Oid kSha384WithRsa = "1.2.840.113549.1.1.12";
inline constexpr Oid kSha512WithRsa = "1.2.840.113549.1.1.13";
inline constexpr Oid kSha224WithRsa = "1.2.840.113549.1.1.14";
inline constexpr Oid kEcPublicKey = "1.2.840.10045.2.1";
inline constexpr Oid kPrimeField = "1.2.840.10045.1.1";
inline constexpr Oid kEcdsaWithSha1 = "1.2.840.10045.4.1";
inline constexpr Oid kEcdsaWithSha224 = "1.2.840.10045.4.3.1";
inline constexpr Oid kEcdsaWithSha256 = "1.2.840.10045.4.3.2";
inline constexpr Oid kEcdsaWithSha384 = "1.2.840.10045.4.3.3";
inline constexpr Oid kEcdsaWithSha512 = "1.2.840.10045.4.3.4";
inline constexpr Oid kEcdsaPlainSha1 = "0.4.0.127.0.7.1.1.4.1.1";
inline constexpr Oid kEcdsaPlainSha224 = "0.4.0.127.0.7.1.1.4.1.2";
inline constexpr Oid kEcdsaPlainSha256 = "0.4.0.127.0.7.1.1.4.1.3";
inline constexpr Oid kEcdsaPlainSha384 = "0.4.0.127.0.7.1.1.4.1.4";
inline constexpr Oid kEcdsaPlainSha512 = "0.4.0.127.0.7.1.1.4.1.5";
// Names.
inline constexpr Oid kCommonName = "2.5.4.3";
inline constexpr Oid kCountryName = "2.5.4.6";
// Certificate and CRL extensions (RFC 5280, Doc 9303-12).
inline constexpr Oid kSubjectKeyIdentifier = "2.5.29.14";
inline constexpr Oid kKeyUsage = "2.5.29.15";
inline constexpr Oid kPrivateKeyUsagePeriod = "2.5.29.16";
inline constexpr Oid kSubjectAltName = "2.5.29.17";
inline constexpr Oid kIssuerAltName = "2.5.29.18";
inline constexpr Oid kBasicConstraints = "2.5.29.19";
inline constexpr Oid kCrlNumber = "2.5.29.20";
inline constexpr Oid kCrlReason = "2.5.29.21";
inline constexpr Oid kDeltaCrlIndicator = "2.5.29.27";
inline constexpr Oid kIssuingDistributionPoint = "2.5.29.28";
inline constexpr Oid kCertificateIssuer = "2.5.29.29";
inline constexpr Oid kCrlDistributionPoints = "2.5.29.31";
inline constexpr Oid kCertificatePolicies = "2.5.29.32";
inline constexpr Oid kAuthorityKeyIdentifier = "2.5.29.35";
inline constexpr Oid kExtendedKeyUsage = "2.5.29.37";
inline constexpr Oid kNameChange = "2.23.136.1.1.6.1";
inline constexpr Oid kDocumentTypeList = "2.23.136.1.1.6.2";
// CMS (RFC 5652) and ICAO contents (Doc 9303-10, -12).
inline constexpr Oid kData = "1.2.840.113549.1.7.1";
inline constexpr Oid kSignedData = "1.2.840.113549.1.7.2";
inline constexpr Oid kContentType = "1.2.840.113549.1.9.3";
inline constexpr Oid kMessageDigest = "1.2.840.113549.1.9.4";
inline constexpr Oid kSigningTime = "1.2.840.113549.1.9.5";
inline constexpr Oid kLdsSecurityObject = "2.23.136.1.1.1";
inline constexpr Oid kLdsSecurityObjectOldIcao = "1.3.27.1.1.1";
inline constexpr Oid kLdsSecurityObjectOldDutch = "1.2.528.1.1006.1.20.1";
inline constexpr Oid kMasterList = "2.23.136.1.1.2";
inline constexpr Oid kMasterListSigning = "2.23.136.1.1.3";
inline constexpr Oid kDeviationList = "2.23.136.1.1.7";
inline constexpr Oid kDeviationListSigning = "2.23.136.1.1.8";
// Defect lists (TR-03129-2).
inline constexpr Oid kDefectList = "0.4.0.127.0.7.3.1.5";
inline constexpr Oid kDefectListSigning = "0.4.0.127.0.7.3.11.2.1.2";
}  // namespace oid

}  // namespace gatehouse::pki
