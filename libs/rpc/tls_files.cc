#include "libs/rpc/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/own_file.h"
#include "libs/base/status_macros.h"

namespace gatehouse::rpc {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

absl::Status Invalid(const std::string& file, const char* reason) {
  ERR_clear_error();
  return absl::InvalidArgumentError(absl::StrCat(file, ": ", reason));
}

absl::StatusOr<std::string> ReadBounded(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return Invalid(file, "cannot be read; make certificates with `gatehouse pki init`");
  std::string text(kMaxTlsFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(stream.gcount()));
  if (text.size() > kMaxTlsFileBytes) return Invalid(file, "is over 1 MiB");
  return text;
}

Owned<BIO> Open(const std::string& pem) {
  return Owned<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

Owned<X509> FirstCertificate(const std::string& pem) {
  return Owned<X509>(PEM_read_bio_X509(Open(pem).get(), nullptr, nullptr, nullptr));
}

// A key under a passphrase is no key here: nobody is there to type it.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) { return -1; }

Owned<EVP_PKEY> PrivateKey(const std::string& pem) {
  return Owned<EVP_PKEY>(PEM_read_bio_PrivateKey(Open(pem).get(), nullptr, NoPassphrase, nullptr));
}

// Whether any of the certificates may sign others (RFC 5280 section 4.2.1.9): with none that may, every handshake
// fails.
bool HoldsAuthority(const std::string& pem) {
  const Owned<BIO> bio = Open(pem);
  while (const Owned<X509> certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    if (X509_check_ca(certificate.get()) != 0) return true;
  }
  ERR_clear_error();  // the end of the text is one
  return false;
}

absl::Status Check(const TlsFiles& files, const TlsMaterial& material) {
  const Owned<X509> certificate = FirstCertificate(material.certificate);
  if (certificate == nullptr) return Invalid(files.certificate_file, "holds no PEM certificate");
  const Owned<EVP_PKEY> key = PrivateKey(material.key.Reveal());
  if (key == nullptr) return Invalid(files.key_file, "holds no PEM private key without passphrase");
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return Invalid(files.key_file, "is not the key of the certificate");
  }
  if (X509_cmp_current_time(X509_get0_notBefore(certificate.get())) > 0) {
    return Invalid(files.certificate_file, "is not valid yet; check the clock");
  }
  if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0) {
    return Invalid(files.certificate_file, "has expired; renew it");
  }
  if (FirstCertificate(material.ca) == nullptr) return Invalid(files.ca_file, "holds no PEM certificate");
  if (!HoldsAuthority(material.ca)) {
    return Invalid(files.ca_file,
                   "holds no certificate of an authority (basicConstraints CA): nobody could be trusted");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TlsMaterial> ReadTlsFiles(const TlsFiles& files) {
  TlsMaterial material;
  GH_ASSIGN_OR_RETURN(material.certificate, ReadBounded(files.certificate_file));
  GH_RETURN_IF_ERROR(base::CheckPrivateFile(files.key_file));
  GH_ASSIGN_OR_RETURN(material.key.Reveal(), ReadBounded(files.key_file));
  GH_ASSIGN_OR_RETURN(material.ca, ReadBounded(files.ca_file));
  GH_RETURN_IF_ERROR(Check(files, material));
  return material;
}

absl::Status CheckTlsFiles(const TlsFiles& files) { return ReadTlsFiles(files).status(); }

std::string StampOf(const TlsFiles& files) {
  std::string stamp;
  for (const std::string& file : {files.certificate_file, files.key_file, files.ca_file}) {
    struct stat found {};
    if (stat(file.c_str(), &found) != 0) {
      stamp += "absent;";
      continue;
    }
    absl::StrAppend(&stamp, found.st_dev, ":", found.st_ino, ":", found.st_size, ":", found.st_mtim.tv_sec, ".",
                    found.st_mtim.tv_nsec, ";");
  }
  return stamp;
}

}  // namespace gatehouse::rpc
