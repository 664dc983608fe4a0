#include "tools/specimen/certificate_maker.h"

#include <openssl/conf.h>
#include <openssl/x509v3.h>

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "libs/base/check.h"

namespace gatehouse::specimen {
namespace {

template <typename T, void (*Free)(T*)>
struct Deleter {
  void operator()(T* p) const { Free(p); }
};
using Conf = std::unique_ptr<CONF, Deleter<CONF, NCONF_free>>;
using Crl = std::unique_ptr<X509_CRL, Deleter<X509_CRL, X509_CRL_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX, EVP_MD_CTX_free>>;
using Time = std::unique_ptr<ASN1_TIME, Deleter<ASN1_TIME, ASN1_STRING_free>>;
using Integer = std::unique_ptr<ASN1_INTEGER, Deleter<ASN1_INTEGER, ASN1_STRING_free>>;

// The extensions, one section a profile, in the language of openssl.cnf: nearer to the tables of Doc 9303-12 than code.
// documentTypeList (section 7.1.1.1): SEQUENCE {version INTEGER 0, SET OF PrintableString}.
constexpr std::string_view kProfiles = R"(
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
2.5.29.16 = ASN1:SEQUENCE:usage
subjectAltName = email:csca@utopia.example, dirName:location
issuerAltName = email:csca@utopia.example, dirName:location
crlDistributionPoints = URI:https://pki.utopia.example/utopia.crl

[document_signer]
keyUsage = critical, digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
2.5.29.16 = ASN1:SEQUENCE:usage
subjectAltName = email:passports@utopia.example, dirName:location
issuerAltName = email:csca@utopia.example, dirName:location
crlDistributionPoints = URI:https://pki.utopia.example/utopia.crl
2.23.136.1.1.6.2 = ASN1:SEQUENCE:document_types

[master_list_signer]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, 2.23.136.1.1.3
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
2.5.29.16 = ASN1:SEQUENCE:usage
crlDistributionPoints = URI:https://pki.utopia.example/utopia.crl

[notice_signer]
keyUsage = critical, digitalSignature
subjectKeyIdentifier = hash

[revocations]
authorityKeyIdentifier = keyid:always

[location]
L = UTO

[document_types]
version = INTEGER:0
types = SET:document_type_names

[document_type_names]
id = PRINTABLESTRING:ID
p = PRINTABLESTRING:P
)";

std::string GeneralizedTime(absl::Time time) { return absl::FormatTime("%Y%m%d%H%M%SZ", time, absl::UTCTimeZone()); }

Conf Extensions(const Period& usage) {
  const std::string text = absl::StrCat(absl::string_view(kProfiles.data(), kProfiles.size()), "\n[usage]\n",
                                        "not_before = IMPLICIT:0, GENERALIZEDTIME:", GeneralizedTime(usage.begin), "\n",
                                        "not_after = IMPLICIT:1, GENERALIZEDTIME:", GeneralizedTime(usage.end), "\n");
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())),
                                                      BIO_free);
  Conf conf(NCONF_new(nullptr));
  long error_line = 0;
  GH_CHECK(NCONF_load_bio(conf.get(), bio.get(), &error_line) > 0);
  return conf;
}

const char* Section(Profile profile) {
  switch (profile) {
    case Profile::kAuthority:
    case Profile::kLink:
      return "authority";
    case Profile::kDocumentSigner:
      return "document_signer";
    case Profile::kMasterListSigner:
      return "master_list_signer";
    case Profile::kNoticeSigner:
      return "notice_signer";
  }
  GH_CHECK(false);
}

Time ToAsn1(absl::Time time) {
  // UTCTime to 2049, GeneralizedTime after: RFC 5280 section 4.1.2.5.
  Time result(ASN1_TIME_set(nullptr, absl::ToTimeT(time)));
  GH_CHECK(result != nullptr);
  return result;
}

Integer ToAsn1(uint64_t number) {
  Integer result(ASN1_INTEGER_new());
  GH_CHECK(ASN1_INTEGER_set_uint64(result.get(), number) == 1);
  return result;
}

void AddName(X509_NAME* name, const char* field, int type, const std::string& value) {
  GH_CHECK(X509_NAME_add_entry_by_txt(name, field, type, reinterpret_cast<const unsigned char*>(value.data()),
                                      static_cast<int>(value.size()), -1, 0) == 1);
}

void SetSubject(X509* certificate, const CertificateRequest& request) {
  X509_NAME* name = X509_get_subject_name(certificate);
  AddName(name, "C", V_ASN1_PRINTABLESTRING, "UT");
  AddName(name, "O", MBSTRING_UTF8, "Utopia");
  AddName(name, "OU", MBSTRING_UTF8, "Specimen Authority");
  AddName(name, "CN", MBSTRING_UTF8, request.common_name);
}

DigestContext SigningContext(const KeyPair& key, Padding padding) {
  DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* pkey_context = nullptr;
  GH_CHECK(EVP_DigestSignInit(context.get(), &pkey_context, key.digest(), nullptr, key.pkey.get()) == 1);
  SetPadding(pkey_context, key, padding);
  return context;
}

}  // namespace

Identity Issue(const CertificateRequest& request, const KeyPair& key, const Identity* issuer) {
  GH_CHECK(request.serial > 0);
  Identity made{key, std::shared_ptr<X509>(X509_new(), X509_free)};
  X509* certificate = made.certificate.get();
  X509* issuer_certificate = issuer == nullptr ? certificate : issuer->certificate.get();

  GH_CHECK(X509_set_version(certificate, X509_VERSION_3) == 1);
  GH_CHECK(X509_set_serialNumber(certificate, ToAsn1(request.serial).get()) == 1);
  SetSubject(certificate, request);
  GH_CHECK(X509_set_issuer_name(certificate, X509_get_subject_name(issuer_certificate)) == 1);
  GH_CHECK(X509_set1_notBefore(certificate, ToAsn1(request.validity.begin).get()) == 1);
  GH_CHECK(X509_set1_notAfter(certificate, ToAsn1(request.validity.end).get()) == 1);
  GH_CHECK(X509_set_pubkey(certificate, key.pkey.get()) == 1);

  const Conf conf = Extensions(request.private_key_usage);
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer_certificate, certificate, nullptr, nullptr, 0);
  X509V3_set_nconf(&context, conf.get());
  GH_CHECK(X509V3_EXT_add_nconf(conf.get(), &context, Section(request.profile), certificate) == 1);

  const DigestContext signing = SigningContext(issuer == nullptr ? key : issuer->key, request.padding);
  GH_CHECK(X509_sign_ctx(certificate, signing.get()) > 0);
  return made;
}

std::string MakeCrl(const RevocationRequest& request, const Identity& issuer) {
  const Crl crl(X509_CRL_new());
  GH_CHECK(X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) == 1);
  GH_CHECK(X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer.certificate.get())) == 1);
  GH_CHECK(X509_CRL_set1_lastUpdate(crl.get(), ToAsn1(request.validity.begin).get()) == 1);
  GH_CHECK(X509_CRL_set1_nextUpdate(crl.get(), ToAsn1(request.validity.end).get()) == 1);
  for (const uint64_t serial : request.serials) {
    X509_REVOKED* revoked = X509_REVOKED_new();
    GH_CHECK(X509_REVOKED_set_serialNumber(revoked, ToAsn1(serial).get()) == 1);
    GH_CHECK(X509_REVOKED_set_revocationDate(revoked, ToAsn1(request.revoked_at).get()) == 1);
    GH_CHECK(X509_CRL_add0_revoked(crl.get(), revoked) == 1);
  }
  const Conf conf = Extensions(request.validity);
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer.certificate.get(), nullptr, nullptr, crl.get(), 0);
  X509V3_set_nconf(&context, conf.get());
  GH_CHECK(X509V3_EXT_CRL_add_nconf(conf.get(), &context, "revocations", crl.get()) == 1);
  GH_CHECK(X509_CRL_add1_ext_i2d(crl.get(), NID_crl_number, ToAsn1(request.number).get(), 0, 0) == 1);
  GH_CHECK(X509_CRL_sort(crl.get()) == 1);
  const DigestContext signing = SigningContext(issuer.key, Padding::kPkcs1);
  GH_CHECK(X509_CRL_sign_ctx(crl.get(), signing.get()) > 0);

  unsigned char* der = nullptr;
  const int size = i2d_X509_CRL(crl.get(), &der);
  GH_CHECK(size > 0);
  std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

std::string ToDer(const X509& certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(&certificate, &der);
  GH_CHECK(size > 0);
  std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

}  // namespace gatehouse::specimen
