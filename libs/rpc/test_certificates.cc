#include "libs/rpc/test_certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>

#include "libs/base/check.h"

namespace gatehouse::rpc {
namespace {

struct Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

std::filesystem::path MakeFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "gatehouse-pki-XXXXXX").string();
  GH_CHECK(mkdtemp(name.data()) != nullptr);
  return name;
}

Key NewKey() {
  Key key(EVP_EC_gen("P-256"));
  GH_CHECK(key != nullptr);
  return key;
}

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  GH_CHECK(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

Certificate NewCertificate(const std::string& name, EVP_PKEY* key, long valid_from_s, long valid_to_s) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  uint64_t serial = 0;
  GH_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), valid_from_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), valid_to_s);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  GH_CHECK(X509_set_pubkey(certificate.get(), key) == 1);
  return certificate;
}

void Write(const std::filesystem::path& file, X509* certificate, EVP_PKEY* key) {
  // Beside, then renamed: whoever watches the file never sees half of it.
  const std::filesystem::path fresh = file.string() + ".new";
  std::FILE* stream = std::fopen(fresh.c_str(), "w");
  GH_CHECK(stream != nullptr);
  if (certificate != nullptr) GH_CHECK(PEM_write_X509(stream, certificate) == 1);
  if (key != nullptr) GH_CHECK(PEM_write_PrivateKey(stream, key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  GH_CHECK(std::fclose(stream) == 0);
  if (key != nullptr) std::filesystem::permissions(fresh, std::filesystem::perms(0600));
  std::filesystem::rename(fresh, file);
}

}  // namespace

struct TestAuthority::Keys {
  Key key;
  Certificate certificate;
};

TestAuthority::TestAuthority() : folder_(MakeFolder()), keys_(std::make_unique<Keys>()) {
  keys_->key = NewKey();
  keys_->certificate = NewCertificate("Test CA", keys_->key.get(), -3'600, 86'400);
  X509* certificate = keys_->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  AddExtension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  AddExtension(certificate, certificate, NID_subject_key_identifier, "hash");
  GH_CHECK(X509_sign(certificate, keys_->key.get(), EVP_sha256()) > 0);
  Write(folder_ / "ca.crt", certificate, nullptr);
}

TestAuthority::~TestAuthority() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

TlsFiles TestAuthority::Issue(const std::string& identity, long valid_from_s, long valid_to_s) {
  return IssueNamed(identity, "URI:gatehouse:" + identity + ",DNS:" + identity + ",DNS:localhost", valid_from_s,
                    valid_to_s);
}

TlsFiles TestAuthority::IssueNamed(const std::string& common_name, const std::string& alternative_names,
                                   long valid_from_s, long valid_to_s) {
  const Key key = NewKey();
  const Certificate certificate = NewCertificate(common_name, key.get(), valid_from_s, valid_to_s);
  X509* issuer = keys_->certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
  if (!alternative_names.empty()) AddExtension(certificate.get(), issuer, NID_subject_alt_name, alternative_names);
  AddExtension(certificate.get(), issuer, NID_ext_key_usage, "serverAuth,clientAuth");
  AddExtension(certificate.get(), issuer, NID_authority_key_identifier, "keyid");
  GH_CHECK(X509_sign(certificate.get(), keys_->key.get(), EVP_sha256()) > 0);
  TlsFiles files{.certificate_file = folder_ / (common_name + ".crt"),
                 .key_file = folder_ / (common_name + ".key"),
                 .ca_file = folder_ / "ca.crt"};
  Write(files.key_file, nullptr, key.get());
  Write(files.certificate_file, certificate.get(), nullptr);
  return files;
}

}  // namespace gatehouse::rpc
