// A small state that seals: a country authority, a signer of seals below it, and a trust store that knows either.
#pragma once

#include <openssl/x509.h>

#include <memory>
#include <string>

#include "libs/emrtd/seals/issue.h"
#include "libs/emrtd/seals/verify.h"
#include "libs/pki/specimen_for_tests.h"

namespace gatehouse::emrtd::seals {

class SealState {
 public:
  explicit SealState(const std::string& kind = "brainpoolP256r1", bool explicit_parameters = false)
      : kind_(kind), authority_key_("prime256v1"), signer_key_(kind, explicit_parameters) {
    using namespace pki::specimen;
    authority.issuer = authority.subject = Name("UT", "CSCA");
    authority.authority = true;
    authority.key_usage = 0x06;
    authority.key_info = authority_key_.info;
    authority.algorithm = DefaultAlgorithm("prime256v1");
    signer = authority;
    signer.subject = Name("UT", "TS");
    signer.serial = 0x5B;
    signer.authority.reset();
    signer.key_usage = 0x80;
    signer.key_info = signer_key_.info;
  }

  // Change these before the certificates are asked for.
  pki::specimen::CertificateRequest authority, signer;

  std::string authority_der() const { return MakeCertificate(authority, authority_key_); }
  std::string signer_der() const {
    if (signer_.empty()) signer_ = MakeCertificate(signer, authority_key_);
    return signer_;
  }
  evp_pkey_st* private_key() const { return signer_key_.pkey(); }
  std::unique_ptr<pki::SigningKey> key() const {
    uint8_t* der = nullptr;
    const int size = i2d_PrivateKey(signer_key_.pkey(), &der);
    auto key = pki::ReadSigningKey({der, static_cast<size_t>(size)});
    OPENSSL_free(der);
    return *std::move(key);
  }

  std::shared_ptr<const pki::TrustStore> Trust(bool with_authority, bool with_signer,
                                               const std::string& crl = "") const {
    pki::TrustStore::Builder builder;
    const auto add = [&](const std::string& certificate) {
      builder.AddCertificate(*pki::Certificate::Parse(pki::AsBytes(certificate)));
    };
    if (with_authority) add(authority_der());
    if (with_signer) add(signer_der());
    if (!crl.empty()) builder.AddCrl(*pki::CertificateRevocationList::Parse(pki::AsBytes(crl)));
    return builder.Build();
  }
  std::string Crl(std::vector<int> serials) const {
    pki::specimen::CrlRequest request;
    request.issuer = authority.subject;
    request.serials = std::move(serials);
    request.algorithm = authority.algorithm;
    return MakeCrl(request, authority_key_);
  }

  static std::span<const std::string_view> Countries(std::string_view state) {
    static constexpr std::string_view kUt[] = {"UT"}, kDe[] = {"DE"};
    if (state == "UTO") return kUt;
    if (state == "D") return kDe;
    return {};
  }
  static SealInput Input(const pki::TrustStore& trust) {
    return {.trust = &trust,
            .countries = Countries,
            .check_time = absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone())};
  }

 private:
  std::string kind_;
  pki::specimen::Key authority_key_, signer_key_;
  mutable std::string signer_;  // an ECDSA signature is another each time
};

}  // namespace gatehouse::emrtd::seals
